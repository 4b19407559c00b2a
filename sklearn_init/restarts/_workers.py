"""Restarts on joblib's workers: in threads, processes or on other machines, as the user says."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from math import ceil
from typing import Any

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from sklearn_init.solvers import Restart

MAX_FAILURES = 3
"""So many times in a row workers may die without one restart being finished."""

TASK = 2e8
"""The multiplications worth a task: some 20 ms. Joblib itself needs that long for a few tasks."""

Work = Callable[[Restart], Restart]


class StopFlag:
    """Asks the workers that share this process to stop, and waits until they have.

    In another process a copy arrives that is never set: an interrupt loses its restarts.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._n_working = 0
        self._requested = False

    def is_requested(self) -> bool:
        return self._requested

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
    prefer : {"threads", "processes"}
    """

    def __init__(self, n_jobs: int | None, prefer: str):
        if (
            n_jobs is None
        ):  # joblib forgets the number of `parallel_config` if threads are preferred
            n_jobs = effective_n_jobs(None)
        self._options = {"n_jobs": n_jobs, "prefer": prefer}
        self._n_jobs = effective_n_jobs(n_jobs)
        self._parallel: Any = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def _open(self) -> Any:
        """Return the workers, which a further rung takes over."""
        try:
            self._parallel = Parallel(**self._options, return_as="generator_unordered")
        except ValueError:  # a backend such as Ray's that returns all at once
            self._parallel = Parallel(**self._options)
        return self._parallel.__enter__()

    def _close(self) -> None:
        if self._parallel is not None:
            self._parallel.__exit__(None, None, None)
            self._parallel = None

    def run(self, work: Work, restarts: Sequence[Restart], cost: float) -> Iterator[Restart]:
        """Yield what becomes of restarts, in any order.

        The restarts of workers that were killed are begun again from where they were here: `work`
        is done on copies in other processes, and nobody kills a thread.

        Parameters
        ----------
        work : callable
            Trains a restart.
        restarts : sequence of Restart
        cost : float
            How many multiplications a restart needs, about: cheap ones share a task, and if
            all are worth less than two tasks they are run here.

        Raises
        ------
        BrokenProcessPool
            If workers are killed again and again.
        """
        n_tasks = min(ceil(len(restarts) * cost / TASK), len(restarts))
        if self._n_jobs == 1 or n_tasks < 2:
            yield from map(work, restarts)
            return
        todo, n_failures = {restart.index: restart for restart in restarts}, 0
        while todo:
            left = list(todo.values())
            blocks = [left[task::n_tasks] for task in range(min(n_tasks, len(left)))]
            try:
                parallel = self._parallel or self._open()
                for block in parallel([delayed(_run_block)(work, b) for b in blocks]):
                    for restart in block:
                        del todo[restart.index]
                        yield restart
                    n_failures = 0
            except BrokenProcessPool:
                n_failures += 1
                if n_failures == MAX_FAILURES:
                    raise
                self._close()


def _run_block(work: Work, restarts: Sequence[Restart]) -> list[Restart]:
    return list(map(work, restarts))
