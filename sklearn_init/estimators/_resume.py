"""Going on from a fitted estimator: its restarts, and the checks that they fit the parameters."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._random import Streams, copy_stream, copy_streams, read_state
from sklearn_init._text import show
from sklearn_init.network import Layout, Objective
from sklearn_init.solvers import Restart
from sklearn_init.training import Training, split_rows


def take_up(
    estimator: Any,
    objective: Objective,
    fraction: float | None,
    stops_early: bool,
    main: RandomState,
) -> Training:
    """Return a fitted estimator's training, ready to go on; the estimator is not changed.

    Order and split start anew if the number of samples, `early_stopping` or `validation_fraction`
    changed, or if the estimator was fitted without keeping them.
    """
    training = estimator._training or Training([_restart_of(estimator, main)], None)
    training = replace(training, restarts=[restart.copy() for restart in training.restarts])
    check_network_fits(estimator, objective, training)
    kept = training.restarts[estimator.best_restart_]
    kept.dropped = False  # it goes on, by a user's choice or because all others diverged
    theta = objective.layout.row(estimator.coefs_, estimator.intercepts_)
    if not np.array_equal(theta, kept.result):  # changed by the user
        kept.begin_anew(theta.astype(kept.theta.dtype))
    split = training.split
    if split is None or (split.n_samples, split.fraction, training.stops_early) != (
        len(objective.y),
        fraction,
        stops_early,
    ):
        if kept.rng is None:
            training.main, kept.rng = read_state(main), copy_stream(main)
        rng = kept.rng
        training.split = split_rows(objective, fraction, rng, get_classes(estimator))
        copies = copy_streams(rng, len(training.restarts))
        for restart, copy in zip(training.restarts, copies, strict=True):
            restart.fall_back()
            restart.rng, restart.order = copy, None
            restart.best_theta, restart.best_score = None, -np.inf
            if split is not None:  # other data: what was reached on the old says nothing
                restart.stopped, restart.patience, restart.best_loss = False, 0, np.inf
    return training


def get_classes(estimator: Any) -> NDArray | None:
    """Return the classes of a classifier, and None of a regressor."""
    return getattr(estimator, "classes_", None)


def get_dtype(estimator: Any) -> np.dtype:
    """Return the type in which a fitted estimator goes on; that of `coefs_` a user may change."""
    training = estimator._training
    return np.asarray(estimator.coefs_[0]).dtype if training is None else training.dtype


def check_network_fits(estimator: Any, objective: Objective, training: Training) -> None:
    """Raise an error if the parameters ask for another network than the fitted one."""
    fitted = Layout.of(estimator.coefs_).sizes
    if not all(np.isfinite(array).all() for array in [*estimator.coefs_, *estimator.intercepts_]):
        raise ValueError(
            "coefs_ or intercepts_ are not finite, so that nothing can go on from them."
        )
    if fitted != objective.layout.sizes:
        raise ValueError(
            f"hidden_layer_sizes={show(estimator.hidden_layer_sizes)} with this data makes "
            f"the layer sizes {objective.layout.sizes}, but the fitted network to go on with has "
            f"{fitted}: set warm_start=False, or clone the estimator."
        )
    if estimator.n_restarts not in ("auto", len(training.restarts)):
        raise ValueError(
            f"n_restarts={show(estimator.n_restarts)}, but the fitted estimator to go on with has "
            f"{len(training.restarts)} restarts: set warm_start=False, or clone the estimator."
        )


def _restart_of(estimator: Any, main: RandomState) -> Restart:
    """Return the only restart of an estimator that kept nothing but its public attributes.

    With the same int as `random_state`, its dropout masks depend on the seed they had; as the
    curve of losses goes on, so do the epochs, and no mask comes twice.
    """
    layout = Layout.of(estimator.coefs_)
    losses = list(getattr(estimator, "loss_curve_", []))
    theta = layout.row(estimator.coefs_, estimator.intercepts_).astype(get_dtype(estimator))
    start = theta[:0]  # not known, if the estimator comes from a pickle or file
    if hasattr(estimator, "initial_coefs_"):
        start = layout.row(estimator.initial_coefs_, estimator.initial_intercepts_)
    return Restart(
        0,
        theta=theta,
        start=start,
        rng=None,
        seed=Streams(main).mask_seed(0, len(layout.fans)),
        n_seen=estimator.t_,
        losses=losses,
        scores=list(getattr(estimator, "validation_scores_", None) or []),
        best_loss=min(losses, default=np.inf),
        loss=estimator.loss_,
        start_loss=float(estimator.restarts_.start_loss[0]),
        time=float(estimator.restarts_["time"][0]),
    )
