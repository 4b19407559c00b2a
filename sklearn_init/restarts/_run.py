"""Training all restarts: a race over workers, gathered rung by rung."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from time import perf_counter

import numpy as np

from sklearn_init.network import Objective, is_compiled, make_passes
from sklearn_init.restarts._blas import one_blas_thread
from sklearn_init.restarts._race import Rung, rank
from sklearn_init.restarts._workers import StopFlag, Workers
from sklearn_init.solvers import Judge, Restart, Solver, Validation


@dataclass(frozen=True)
class Plan:
    """How every restart is trained.

    Attributes
    ----------
    solver : Solver
    objective : Objective
        On the training rows, as the solver has prepared it.
    validation : Validation or None
        What restarts are judged by on rows held out.
    rungs : tuple of Rung
        Who trains how far. A single one, for all, is no race.
    stops_early : bool
        Whether `validation` stops training, too.
    by_score : bool
        Whether `validation` ranks the restarts, rather than the loss.
    """

    solver: Solver
    objective: Objective
    validation: Validation | None
    rungs: tuple[Rung, ...]
    stops_early: bool = True
    by_score: bool = True

    def count_multiplications(self, n_epochs: int) -> float:
        """Return about how many of them a restart needs: forward, backward and for gradients."""
        return 3.0 * self.objective.n_rows * self.objective.layout.n_params * n_epochs


def train_restart(restart: Restart, plan: Plan, n_epochs: int, stop: StopFlag) -> Restart:
    """Train a restart in place; an interrupt leaves it where it is and is noted."""
    begin = perf_counter()
    restart.make_writable()
    stopping = plan.validation if plan.stops_early else None
    with stop, one_blas_thread, np.errstate(all="ignore"):
        if stop.is_requested():  # between two restarts of a task, where nobody waits for it
            return restart
        try:
            plan.solver.train(restart, plan.objective, stopping, n_epochs, stop.is_requested)
        except KeyboardInterrupt:
            restart.interrupted = True
        if plan.validation is not None and not plan.stops_early:
            Judge(plan.validation).judge_result(restart)
    restart.time += perf_counter() - begin
    return restart


def train_restarts(
    restarts: Sequence[Restart], plan: Plan, n_jobs: int | None
) -> tuple[list[Restart], bool]:
    """Train restarts over joblib's workers.

    Parameters
    ----------
    restarts : sequence of Restart
        Those that have stopped, or were dropped, are left alone. Workers in this process change
        them in place.
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
    for restart in restarts:
        restart.begin_call()
    stop = StopFlag()
    prefer = "threads" if is_compiled(plan.objective) else None
    try:
        with Workers(n_jobs, prefer) as workers:
            interrupted = _race(trained, plan, stop, workers)
    except KeyboardInterrupt:
        interrupted = True
    except BaseException:
        stop.request()  # threads would train on
        raise
    if interrupted:
        stop.request()
        measure_starts([r for r in trained.values() if np.isnan(r.loss)], plan.objective)
    return list(trained.values()), interrupted


def _race(trained: dict[int, Restart], plan: Plan, stop: StopFlag, workers: Workers) -> bool:
    """Run the rungs, writing into `trained`; return whether a worker was interrupted."""
    begin = 0
    for rung, following in zip_longest(plan.rungs, plan.rungs[1:]):
        running = [restart for restart in trained.values() if restart.is_running]
        for loser in rank(running, by_score=plan.by_score)[rung.n_restarts :]:
            loser.drop()
        todo = [restart for restart in running if restart.is_running]
        if following is not None and len(todo) <= following.n_restarts:
            continue  # nobody will be dropped: go on in one go, through which L-BFGS remembers
        work = partial(train_restart, plan=plan, n_epochs=rung.n_epochs, stop=stop)
        cost = plan.count_multiplications(rung.n_epochs - begin)
        begin = rung.n_epochs
        for restart in workers.run(work, todo, cost):
            trained[restart.index] = restart
            if restart.interrupted:
                return True
    return False


def measure_starts(restarts: Sequence[Restart], objective: Objective) -> None:
    """Write into each restart, which has not finished an epoch, the loss it has."""
    passes = make_passes(objective, min(objective.n_rows, 1000))
    with one_blas_thread, np.errstate(all="ignore"):
        null_loss = objective.null_loss()
        for restart in restarts:
            restart.loss = passes.loss(restart.theta.astype(objective.X.dtype, copy=False))
            restart.start_loss = max(restart.start_loss, null_loss, restart.loss)
