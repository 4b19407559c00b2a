"""L-BFGS through SciPy: the whole data in every step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from sklearn_init.network import Objective, make_passes
from sklearn_init.solvers._judge import Judge
from sklearn_init.solvers._report import Report
from sklearn_init.solvers._state import Restart, Validation, Watch

CONVERGED, LIMIT, ABNORMAL = 0, 1, 2
"""SciPy's status; the last one says that it found no lower value along a line."""

FINISHED = (CONVERGED, ABNORMAL)

MAX_ITER, MAX_FUN, NO_DESCENT = "max_iter", "max_fun", "no descent"
"""Why a restart did not converge (`Restart.message`)."""


def explain(status: int, has_iterations_left: bool) -> str:
    """Return why SciPy ended before it converged, and nothing if it did or a callback stopped it.

    SciPy's status is the same in all versions; its texts differ.
    """
    if status == LIMIT:
        return MAX_FUN if has_iterations_left else MAX_ITER
    return NO_DESCENT if status == ABNORMAL else ""


@dataclass(frozen=True)
class Lbfgs:
    """Limited-memory BFGS.

    It works in float64 whatever the type of the data: in float32 the line search fails long
    before `tol` is reached.

    Attributes
    ----------
    tol : float
        Training stops when the largest component of the gradient is at most this.
    max_fun : int
        The largest number of evaluations of the objective.
    report : callable
        ``report(restart, text)``, called after every iteration.
    """

    tol: float
    max_fun: int
    report: Report

    is_exact: ClassVar[bool] = False

    def prepare(self, objective: Objective) -> Objective:
        """Return the objective on the rows that count, in float64, once for all restarts."""

        def take(array: Any) -> Any:
            counted = array if objective.rows is None else array[objective.rows]
            return counted.astype(np.float64, copy=False)

        weight = objective.sample_weight
        return replace(
            objective,
            X=take(objective.X),
            y=take(objective.y),
            sample_weight=None if weight is None else take(weight),
            rows=None,
        )

    def train(
        self,
        restart: Restart,
        objective: Objective,
        validation: Validation | None,
        n_epochs: int,
        stop_requested: Callable[[], bool],
        watches: Sequence[Watch] = (),
    ) -> None:
        """Train a restart in place up to `n_epochs` iterations, and judge what it reached.

        What it goes on from are the weights alone: SciPy keeps what it learned of the curvature.
        """
        n_done, n_more = restart.n_iter, n_epochs - restart.n_iter
        max_fun = self.max_fun - restart.n_fun
        if n_more <= 0:
            return
        if max_fun <= 0:  # used up in an earlier part of a race
            restart.message = MAX_FUN
            return
        passes = make_passes(objective)
        if restart.n_iter == 0:  # not in later parts of a race
            restart.start_loss = max(restart.start_loss, objective.null_loss())
        at_start = True

        def loss_and_grad(row: NDArray) -> tuple[float, NDArray]:
            grad = np.empty_like(row)
            loss = passes.objective_and_grad(row, grad)
            restart.n_fun += 1
            nonlocal at_start
            if at_start:
                restart.start_loss = max(restart.start_loss, loss)
            at_start = False
            return loss, grad

        def end_iteration(intermediate_result: scipy.optimize.OptimizeResult) -> None:
            # kept up to date, so that an interrupt loses nothing
            restart.theta[:] = intermediate_result.x
            restart.n_iter += 1
            restart.loss = float(intermediate_result.fun)  # the objective, until training ends
            self.report(restart, f"Iteration {restart.n_iter}, loss = {restart.loss:.8f}")
            restart.stopped = any(watch.look(restart) for watch in watches)
            if restart.stopped or stop_requested():
                raise StopIteration

        try:
            result = scipy.optimize.minimize(
                loss_and_grad,
                restart.theta.astype(np.float64),
                method="L-BFGS-B",
                jac=True,
                callback=end_iteration,
                options={"maxfun": max_fun, "maxiter": n_more, "gtol": self.tol},
            )
            restart.theta[:] = result.x
            restart.n_iter = n_done + min(result.nit, n_more)
            restart.message = explain(result.status, result.nit < n_more)
            restart.stopped |= result.status in FINISHED
        finally:
            restart.loss = passes.loss(restart.theta.astype(np.float64))
            if validation is not None:
                Judge(validation).judge_result(restart)
