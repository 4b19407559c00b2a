"""Who follows a fit."""

from typing import Any

from sklearn_init.estimators._fitted import set_fitted
from sklearn_init.persistence import follow_with_checkpoint
from sklearn_init.training import Audience, Callbacks, FitTask, Plan, ProgressPrinter, Training


def make_audience(
    estimator: Any,
    training: Training,
    plan: Plan,
    task: FitTask | None,
    checkpoint: Any,
    *,
    in_batches: bool,
) -> tuple[Audience, ...]:
    """Return who follows a fit, in the order in which they are told.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    training : Training
        The restarts before they are trained.
    plan : Plan
        What is to be done.
    task : FitTask or None
        What callbacks know of the fit; None if there are none.
    checkpoint : str, path-like or None
        Where restarts are saved.
    in_batches : bool
        Whether another batch of restarts may follow.
    """
    first, last = follow_with_checkpoint(checkpoint, estimator, training, plan)
    audience: list[Audience] = []
    if estimator.verbose == 1:
        printer = ProgressPrinter(
            plan.rungs,
            by_score=plan.by_score,
            in_epochs=training.has_curves,
            has_scores=plan.validation is not None,
            in_batches=in_batches,
        )
        audience.append(printer)
    if task is not None:
        audience.append(Callbacks(task, training, plan.objective, set_fitted))
    return (*first, *audience, *last)
