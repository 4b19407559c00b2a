"""From rows back to scikit-learn: the fitted attributes of an estimator."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init.estimators._training import Training
from sklearn_init.network import Layout, Objective
from sklearn_init.restarts import Restarts
from sklearn_init.solvers import Restart

CURVES = ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


def set_fitted(
    estimator: Any, training: Training, kept: Restart, objective: Objective, *, keep_state: bool
) -> None:
    """Write the fitted attributes; `keep_state` keeps what an exact continuation needs."""
    sizes = objective.layout.sizes
    estimator.n_layers_, estimator.n_outputs_ = len(sizes), sizes[-1]
    estimator.out_activation_ = objective.loss.output_name
    estimator.restarts_ = Restarts(training.restarts)
    set_kept(estimator, kept, training, objective.layout)
    if keep_state:
        estimator._training = training
    elif len(training.restarts) > 1:
        estimator._training = training.without_solver_state()
    else:
        estimator._training = None


def set_kept(estimator: Any, kept: Restart, training: Training, layout: Layout) -> None:
    """Write the attributes that belong to one restart."""
    estimator.best_restart_ = kept.index
    estimator.coefs_, estimator.intercepts_ = _copies(layout, kept.result)
    estimator.initial_coefs_, estimator.initial_intercepts_ = _copies(layout, kept.start)
    estimator.loss_, estimator.n_iter_, estimator.t_ = kept.loss, kept.n_iter, kept.n_seen
    for name in CURVES:  # those of an earlier fit with another solver
        estimator.__dict__.pop(name, None)
    if not training.has_curves:
        return
    estimator.loss_curve_ = list(kept.losses)
    estimator.best_loss_ = None if training.has_scores else kept.best_loss
    estimator.validation_scores_ = list(kept.scores) if training.has_scores else None
    best_score = kept.best_score if np.isfinite(kept.best_score) else np.nan
    estimator.best_validation_score_ = best_score if training.has_scores else None


def _copies(layout: Layout, row: NDArray) -> tuple[list[NDArray], list[NDArray]]:
    weights, biases = layout.views(row)
    return [W.copy() for W in weights], [b.copy() for b in biases]
