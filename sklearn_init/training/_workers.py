"""Restarts on joblib's workers: in threads, processes or on other machines, as the user says."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from math import ceil
from typing import Any

from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

MAX_FAILURES = 3
"""So many times in a row workers may die without one restart being finished."""

TASK = 2e8
"""The multiplications worth a task: some 20 ms. Joblib itself needs that long for a few tasks."""

Work = Callable[[Any], Any]
"""What is done with restarts, or whatever else has an `index`."""


class StopFlag:
    """Asks the workers that share this process to stop, and waits until they have.

    In another process a copy arrives that is never set: an interrupt loses its restarts.

    Parameters
    ----------
    parent : StopFlag or None, default=None
        The flag of who asks for this work among other: its request holds here, too.
    """

    def __init__(self, parent: "StopFlag | None" = None) -> None:
        self._parent = parent
        self._condition = threading.Condition()
        self._n_working = 0
        self._requested = False

    def is_requested(self) -> bool:
        return self._requested or (self._parent is not None and self._parent.is_requested())

    def request(self) -> None:
        """Ask all workers to stop and return when none is at work."""
        self._requested = True
        with self._condition:
            self._condition.wait_for(lambda: self._n_working == 0)

    def __enter__(self) -> None:
        with self._condition:
            self._n_working += 1

    def __exit__(self, *exception: object) -> None:
        with self._condition:
            self._n_working -= 1
            self._condition.notify_all()

    def __reduce__(self) -> tuple:
        return StopFlag, ()


class Workers:
    """Joblib's workers for the rungs of a race; a context manager.

    Parameters
    ----------
    n_jobs : int or None
        As in scikit-learn. A user's ``joblib.parallel_config`` wins.
    prefer : {"threads"} or None
        None leaves it to joblib, which prefers processes.
    """

    def __init__(self, n_jobs: int | None, prefer: str | None):
        if n_jobs is None:  # joblib forgets what the user configured where threads are preferred
            _, n_jobs = get_active_backend()
        self._n_jobs, self._prefer = n_jobs, prefer
        self._parallel: Any = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def _open(self) -> int:
        """Start the workers, which a further rung takes over; return how many there are."""
        if self._n_jobs == 1:
            return 1
        if self._parallel is None:
            options = {"n_jobs": self._n_jobs, "prefer": self._prefer}
            try:
                parallel = Parallel(**options, return_as="generator_unordered")
            except ValueError:  # a backend such as Ray's that returns all at once
                parallel = Parallel(**options)
            self._parallel = parallel.__enter__()
        # asked now, as Ray counts only after the start
        backend, _ = get_active_backend(self._prefer)
        return backend.effective_n_jobs(self._n_jobs)

    def _close(self) -> None:
        parallel, self._parallel = self._parallel, None
        if parallel is not None:
            parallel.__exit__(None, None, None)

    def count(self, n_restarts: int, cost: float) -> int:
        """Return on how many workers `run` trains so many restarts; 1 is this thread alone."""
        n_tasks = count_tasks(n_restarts, cost)
        return 1 if n_tasks < 2 else min(n_tasks, self._open())

    def run(self, work: Work, restarts: Sequence[Any], cost: float) -> Iterator[Any]:
        """Yield what becomes of restarts, in any order.

        The restarts of workers that were killed are begun again from where they were here: `work`
        is done on copies in other processes, and nobody kills a thread. (Dask begins them again
        by itself; other backends do not tell.)

        Parameters
        ----------
        work : callable
            Trains a restart.
        restarts : sequence of Restart, or of cells or folds of a comparison
        cost : float
            How many multiplications a restart needs, about: cheap ones share a task, and if
            all are worth less than two tasks they are run here.

        Raises
        ------
        BrokenProcessPool
            If workers are killed again and again.
        """
        n_tasks = count_tasks(len(restarts), cost)
        n_workers = 1 if n_tasks < 2 else self._open()
        if n_workers == 1:
            yield from map(work, restarts)
            return
        todo, n_failures = {restart.index: restart for restart in restarts}, 0
        while todo:
            left = list(todo.values())
            try:
                for restart in self._run_tasks(work, [left[i::n_tasks] for i in range(n_tasks)]):
                    del todo[restart.index]
                    n_failures = 0
                    yield restart
            except BrokenProcessPool as error:
                self._close()
                n_failures += 1
                if n_failures == MAX_FAILURES:
                    raise BrokenProcessPool(_explain(list(todo), n_workers)) from error
                self._open()

    def _run_tasks(self, work: Work, blocks: Sequence[Sequence[Any]]) -> Iterator[Any]:
        """Yield what becomes of blocks of restarts, each a task."""
        tasks = [delayed(_run_block)(work, block) for block in blocks if block]
        results = _generate(self._parallel, tasks)
        try:
            for block in results:
                yield from block
        except GeneratorExit:
            # after an interrupt; if it were closed, joblib would warn of results that are lost
            with suppress(KeyboardInterrupt):
                results.throw(KeyboardInterrupt)
            raise


def count_tasks(n_restarts: int, cost: float) -> int:
    """Return into how many tasks restarts of a cost are divided."""
    return min(ceil(n_restarts * cost / TASK), n_restarts)


def _run_block(work: Work, restarts: Sequence[Any]) -> list[Any]:
    return list(map(work, restarts))


def _generate(parallel: Any, tasks: Sequence[Any]) -> Generator[list[Any], None, None]:
    """Yield what joblib returns, which is a list or a generator."""
    yield from parallel(tasks)


def _explain(indices: list[int], n_workers: int) -> str:
    """Say what to do about workers that die."""
    return (
        f"worker processes died {MAX_FAILURES} times in a row, before any of the restarts "
        f"{indices} was trained. If memory ran out, lower n_jobs={n_workers}; with n_jobs=1 "
        "restarts are trained one by one in this process"
    )
