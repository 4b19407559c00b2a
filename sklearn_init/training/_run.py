"""Training all restarts: a race over workers, gathered rung by rung."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import zip_longest
from time import perf_counter

import numpy as np

from sklearn_init.network import Objective, is_compiled, make_passes
from sklearn_init.solvers import Restart, Solver, Validation
from sklearn_init.training._blas import one_blas_thread
from sklearn_init.training._callback import Audience
from sklearn_init.training._race import Rung, rank
from sklearn_init.training._workers import StopFlag, Workers


class End(Enum):
    """How the training of restarts ended."""

    COMPLETE = "complete"
    STOPPED = "stopped by who followed it"
    INTERRUPTED = "interrupted by the user"


@dataclass(frozen=True)
class Plan:
    """How every restart is trained.

    Attributes
    ----------
    solver : Solver
    objective : Objective
        On the training rows, as the solver has prepared it.
    validation : Validation or None
        What restarts are judged by, apart from the data they train on.
    rungs : tuple of Rung
        Who trains how far. A single one, for all, is no race.
    by_score : bool
        Whether `validation` ranks the restarts, rather than the loss.
    audience : tuple of Audience
        Who follows the training.
    stop : StopFlag or None
        Asks the training to stop from outside, in this process: what it leaves is of no use.
    """

    solver: Solver
    objective: Objective
    validation: Validation | None
    rungs: tuple[Rung, ...]
    by_score: bool = True
    audience: tuple[Audience, ...] = ()
    stop: StopFlag | None = None

    def count_multiplications(self, n_epochs: int) -> float:
        """Return about how many of them a restart needs: forward, backward and for gradients."""
        return 3.0 * self.objective.n_rows * self.objective.layout.n_params * n_epochs


def train_restart(restart: Restart, plan: Plan, n_epochs: int, stop: StopFlag) -> Restart:
    """Train a restart in place; an interrupt leaves it where it is and is noted."""
    with stop, one_blas_thread, np.errstate(all="ignore"):
        if stop.is_requested():  # between two restarts of a task, where nobody waits for it
            return restart
        try:
            _train(restart, plan, n_epochs, stop)
        except KeyboardInterrupt:
            restart.interrupted = True
    return restart


def _train(restart: Restart, plan: Plan, n_epochs: int, stop: StopFlag) -> None:
    """Train a restart in place, before its audience."""
    with ExitStack() as stack:
        watches = [stack.enter_context(each.follow(restart, n_epochs)) for each in plan.audience]
        if not restart.is_running:  # it was found where it had been saved
            return
        restart.make_writable()
        begin = perf_counter()
        try:
            plan.solver.train(
                restart,
                plan.objective,
                plan.validation,
                n_epochs,
                stop.is_requested,
                [watch for watch in watches if watch is not None],
            )
        finally:
            restart.time += perf_counter() - begin


def train_restarts(
    restarts: Sequence[Restart], plan: Plan, n_jobs: int | None
) -> tuple[list[Restart], End]:
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
    end : End
    """
    trained = {restart.index: restart for restart in restarts}
    for restart in restarts:
        restart.begin_call()
        if plan.validation is None:
            restart.best_score = -np.inf
    stop = StopFlag(plan.stop)
    prefer = "threads" if is_compiled(plan.objective.activations) else None
    try:
        with Workers(n_jobs, prefer) as workers:
            end = _race(trained, plan, stop, workers)
    except KeyboardInterrupt:
        end = End.INTERRUPTED
    except BaseException:
        stop.request()  # threads would train on
        raise
    if end is not End.COMPLETE:
        stop.request()
        unknown = [r for r in trained.values() if np.isnan(r.loss) and not r.is_absent]
        measure_starts(unknown, plan.objective)
    return list(trained.values()), end


def _race(trained: dict[int, Restart], plan: Plan, stop: StopFlag, workers: Workers) -> End:
    """Run the rungs, writing into `trained`."""
    begin = 0
    for rung, following in zip_longest(plan.rungs, plan.rungs[1:]):
        running = [restart for restart in trained.values() if restart.is_running]
        for loser in rank(running, by_score=plan.by_score)[rung.n_restarts :]:
            loser.drop()
        todo = [restart for restart in running if restart.is_running]
        if not todo or (following is not None and len(todo) <= following.n_restarts):
            continue  # nobody will be dropped: go on in one go, through which L-BFGS remembers
        work = partial(train_restart, plan=plan, n_epochs=rung.n_epochs, stop=stop)
        cost = plan.count_multiplications(rung.n_epochs - begin)
        begin = rung.n_epochs
        if plan.audience:
            n_workers = workers.count(len(todo), cost)
            for each in plan.audience:
                each.begin_rung(rung, len(todo), n_workers)
        for restart in workers.run(work, todo, cost):
            trained[restart.index] = restart
            if restart.interrupted:
                return End.INTERRUPTED
            if any(each.gather(restart) for each in plan.audience):
                return End.STOPPED
        if any(each.end_rung() for each in plan.audience):
            return End.STOPPED
    return End.COMPLETE


def measure_starts(restarts: Sequence[Restart], objective: Objective) -> None:
    """Write into each restart, which has not finished an epoch, the loss it has."""
    passes = make_passes(objective, min(objective.n_rows, 1000))
    with one_blas_thread, np.errstate(all="ignore"):
        null_loss = objective.null_loss()
        for restart in restarts:
            restart.loss = passes.loss(restart.theta.astype(objective.X.dtype, copy=False))
            restart.start_loss = max(restart.start_loss, null_loss, restart.loss)
