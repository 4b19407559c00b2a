"""Training all restarts: spread them over workers, gather them, keep the best."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from sklearn_init.network import Objective, is_compiled, make_passes
from sklearn_init.restarts._blas import one_blas_thread
from sklearn_init.solvers import Restart, Solver, Validation


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


@dataclass(frozen=True)
class Plan:
    """How every restart is trained.

    Attributes
    ----------
    solver : Solver
    objective : Objective
        On the training rows.
    validation : Validation or None
        What early stopping looks at.
    n_epochs : int
        The largest number of epochs.
    """

    solver: Solver
    objective: Objective
    validation: Validation | None
    n_epochs: int


def train_restart(restart: Restart, plan: Plan, stop: StopFlag) -> Restart:
    """Train a restart in place; an interrupt leaves it where it is and is noted."""
    begin = perf_counter()
    restart.make_writable()
    with stop, one_blas_thread, np.errstate(all="ignore"):
        try:
            plan.solver.train(
                restart, plan.objective, plan.validation, plan.n_epochs, stop.is_requested
            )
        except KeyboardInterrupt:
            restart.interrupted = True
    restart.time += perf_counter() - begin
    return restart


def train_restarts(
    restarts: Sequence[Restart], plan: Plan, n_jobs: int | None
) -> tuple[list[Restart], bool]:
    """Train restarts over joblib's workers.

    Parameters
    ----------
    restarts : sequence of Restart
        Those that have stopped are left alone. Workers in this process change them in place.
    plan : Plan
    n_jobs : int or None
        As in scikit-learn. A user's ``joblib.parallel_config`` wins.

    Returns
    -------
    restarts : list of Restart
        As trained, in the order given.
    interrupted : bool
        Whether the user interrupted the training.
    """
    trained = {restart.index: restart for restart in restarts}
    todo = [restart for restart in restarts if not restart.stopped]
    for restart in restarts:
        restart.begin_call()
    stop = StopFlag()
    interrupted = False
    try:
        prepared = replace(plan, objective=plan.solver.prepare(plan.objective))
        for restart in _spread(todo, prepared, stop, n_jobs):
            trained[restart.index] = restart
            interrupted = interrupted or restart.interrupted
            if restart.interrupted:
                break
    except KeyboardInterrupt:
        interrupted = True
    if interrupted:
        stop.request()
        measure_starts([r for r in trained.values() if np.isnan(r.loss)], plan.objective)
    return list(trained.values()), interrupted


def _spread(
    todo: Sequence[Restart], plan: Plan, stop: StopFlag, n_jobs: int | None
) -> Iterable[Restart]:
    """Yield restarts as they are trained, in any order."""
    if n_jobs is None:  # joblib forgets the number of `parallel_config` where it prefers threads
        n_jobs = effective_n_jobs(None)
    if len(todo) < 2 or effective_n_jobs(n_jobs) == 1:
        # an epoch may cost less than joblib's preparations
        return (train_restart(restart, plan, stop) for restart in todo)
    parallel = Parallel(
        n_jobs=n_jobs,
        prefer="threads" if is_compiled(plan.objective) else "processes",
        return_as="generator_unordered",
    )
    return parallel(delayed(train_restart)(restart, plan, stop) for restart in todo)


def measure_starts(restarts: Sequence[Restart], objective: Objective) -> None:
    """Write into each restart, which has not finished an epoch, the loss it has."""
    passes = make_passes(objective, min(objective.n_rows, 1000))
    with one_blas_thread, np.errstate(all="ignore"):
        null_loss = objective.null_loss()
        for restart in restarts:
            restart.loss = passes.loss(restart.theta)
            restart.start_loss = max(restart.start_loss, null_loss, restart.loss)


def select_best(restarts: Sequence[Restart]) -> Restart | None:
    """Return the restart to keep, or None if none has finite weights.

    Restarts that diverged come last; then the highest validation score wins where there is one,
    then the lowest loss, then the lowest index.
    """
    usable = [restart for restart in restarts if restart.is_usable]
    return min(
        usable,
        key=lambda r: (r.diverged, -r.best_score, np.nan_to_num(r.loss, nan=np.inf), r.index),
        default=None,
    )
