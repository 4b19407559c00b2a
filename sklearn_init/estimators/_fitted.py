"""From rows back to scikit-learn: the fitted attributes of an estimator."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init._checks import is_integer
from sklearn_init.network import Layout, Objective, make_passes
from sklearn_init.persistence import CURVES, STARTS
from sklearn_init.solvers import Restart
from sklearn_init.training import MAX_ROWS, TINY, Restarts, Training, one_blas_thread


def set_fitted(
    estimator: Any,
    training: Training,
    kept: Sequence[Restart],
    objective: Objective,
    *,
    by_score: bool,
    keep_state: bool,
) -> None:
    """Write the fitted attributes; `keep_state` keeps what an exact continuation needs."""
    sizes = objective.layout.sizes
    estimator.n_layers_, estimator.n_outputs_ = len(sizes), sizes[-1]
    estimator.out_activation_ = objective.loss.output_name
    estimator.restarts_ = Restarts(
        training.restarts,
        by_score=by_score,
        predictions=predict_if_tiny(training, objective),
        stop_reason=training.stop_reason,
    )
    set_kept(estimator, kept, training, objective.layout)
    if keep_state:
        estimator._training = training
    elif len(training.restarts) > 1:
        estimator._training = training.without_solver_state()
    else:
        estimator._training = None


def set_kept(estimator: Any, kept: Sequence[Restart], training: Training, layout: Layout) -> None:
    """Write the attributes of the kept restarts, of which the first one is the best."""
    best = kept[0]
    estimator.best_restart_ = best.index
    estimator.kept_restarts_ = np.array([restart.index for restart in kept])
    estimator.coefs_, estimator.intercepts_ = _copies(layout, best.result)
    for name in STARTS:
        estimator.__dict__.pop(name, None)
    if best.start.size:  # else it was left out of the pickle or file that this comes from
        estimator.initial_coefs_, estimator.initial_intercepts_ = _copies(layout, best.start)
    estimator.loss_, estimator.n_iter_, estimator.t_ = best.loss, best.n_iter, best.n_seen
    for name in (*CURVES, "best_loss_", "best_validation_score_"):
        estimator.__dict__.pop(name, None)  # of an earlier fit with another solver
    if not training.has_curves:
        return
    estimator.loss_curve_ = list(best.losses)
    estimator.best_loss_ = None if training.stops_early else best.best_loss
    is_validated = training.has_scores
    estimator.validation_loss_curve_ = list(best.validation_losses) if is_validated else None
    estimator.validation_scores_ = list(best.scores) if is_validated else None
    best_score = best.best_score if np.isfinite(best.best_score) else np.nan
    estimator.best_validation_score_ = best_score if is_validated else None


def take_restart(estimator: Any, index: int) -> Any:
    """Return a shallow copy of a fitted estimator that has one restart as the kept one."""
    n_restarts = len(estimator.restarts_["loss"])
    if not (is_integer(index) and 0 <= index < n_restarts):
        raise ValueError(
            f"index={index!r} is not allowed: expected an integer from 0 to {n_restarts - 1}."
        )
    taken = copy.copy(estimator)
    training = estimator._training
    if training is None:
        return taken
    restart = training.restarts[index]
    if restart.is_absent:
        raise ValueError(
            f"index={index!r}: the weights of this restart are not here, as pickles and files "
            "hold those that predict, restarts "
            f"{[r.index for r in training.restarts if not r.is_absent]}. Fit with "
            "warm_start=True to keep all."
        )
    if not restart.is_usable:
        raise ValueError(f"index={index!r}: this restart diverged to NaN or infinity.")
    layout = Layout.of(estimator.coefs_)
    if len(restart.result) != layout.n_params:
        raise ValueError(
            f"index={index!r}: coefs_ have the layer sizes {layout.sizes}, but this restart was "
            "fitted with others: fit again."
        )
    set_kept(taken, [restart], training, layout)
    return taken


def get_kept_networks(estimator: Any) -> list[tuple[list[NDArray], list[NDArray]]]:
    """Return weights and biases of the networks whose predictions are averaged.

    Those of the best one are the public attributes, which a user may have changed.
    """
    layout = Layout.of(estimator.coefs_)
    rows = [estimator._training.restarts[index].result for index in estimator.kept_restarts_[1:]]
    if any(len(row) != layout.n_params for row in rows):
        raise ValueError(
            f"coefs_ have the layer sizes {layout.sizes}, but the other networks of the average "
            f"have others: take one network, est.restart({estimator.best_restart_})."
        )
    return [(estimator.coefs_, estimator.intercepts_), *map(layout.views, rows)]


def predict_if_tiny(training: Training, objective: Objective) -> NDArray | None:
    """Return what the networks of several restarts predict for some training rows, if tiny."""
    if len(training.restarts) == 1 or objective.layout.n_params > TINY:
        return None
    assert training.split is not None
    rows = training.split.training
    rows = np.arange(len(objective.y)) if rows is None else rows
    rows = np.ascontiguousarray(rows[:: -(-len(rows) // MAX_ROWS)])
    passes = make_passes(objective, len(rows))
    with one_blas_thread, np.errstate(all="ignore"):
        predictions = [
            np.full((len(rows), objective.layout.sizes[-1]), np.nan)
            if r.is_absent
            else passes.predict(r.result, rows)
            for r in training.restarts
        ]
        return np.stack(predictions).astype(np.float32)


def _copies(layout: Layout, row: NDArray) -> tuple[list[NDArray], list[NDArray]]:
    weights, biases = layout.views(row)
    return [W.copy() for W in weights], [b.copy() for b in biases]
