"""What the KeyboardInterrupt says that a fit raises after Ctrl-C."""

import os
from typing import Any

from sklearn_init.estimators._parameters import is_stochastic
from sklearn_init.solvers import Restart

UNCHANGED = "interrupted: the estimator is as it was before this call"


def describe_interrupt(estimator: Any, best: Restart, *, partial: bool) -> str:
    """Say which weights the estimator keeps, and how training goes on from there.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    best : Restart
        The best one of those that are kept.
    partial : bool
        Whether `partial_fit` was interrupted, rather than `fit`.
    """
    unit = "epoch" if is_stochastic(estimator.solver) else "iteration"
    which = "" if estimator.n_restarts == 1 else f"of restart {best.index}, "
    when = f"after {unit} {best.n_iter}" if best.n_iter else f"before the end of the first {unit}"
    return (
        f"interrupted: the best weights so far are kept ({which}{when}); "
        f"{_describe_continuation(estimator, partial=partial)}"
    )


def _describe_continuation(estimator: Any, *, partial: bool) -> str:
    if partial:
        return "run partial_fit again to go on"
    if estimator.warm_start:
        return "run fit again to go on from them"
    if estimator.checkpoint is not None and estimator.random_state is not None:
        return (
            f"run fit again to resume from the checkpoint in {os.fspath(estimator.checkpoint)!r}"
        )
    return "run fit again with warm_start=True to go on from them"
