"""The restarts of a fit and the split they share: begun, continued, or taken up again."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import RandomState

from sklearn_init._random import Streams, copy_stream
from sklearn_init.estimators._data import Split, split_rows
from sklearn_init.estimators._schemes import Schemes
from sklearn_init.initializers import (
    adjust_row,
    draw_row,
    draw_sklearn_default,
    make_layers,
    sees_data,
)
from sklearn_init.losses import BINARY_LOG_LOSS
from sklearn_init.network import Layout, Objective
from sklearn_init.solvers import Restart


@dataclass
class Training:
    """All restarts of an estimator.

    Attributes
    ----------
    restarts : list of Restart
    split : Split or None
        None if only weights and curves were kept, so that order and split start anew.
    main : RandomState or None
        Where the last call left the main stream of the user.
    """

    restarts: list[Restart]
    split: Split | None
    main: RandomState | None = None

    def wake(self, *, even_if_some_train: bool) -> None:
        """Let restarts that have converged train again.

        A converged restart stays as it is beside others that go on, so that ten epochs and ten
        more equal twenty. But if all have converged, a further call means to go on.
        """
        if all(r.stopped for r in self.restarts):
            for restart in self.restarts:
                restart.patience = 0
        elif not even_if_some_train:
            return
        for restart in self.restarts:
            restart.stopped = not np.isfinite(restart.theta).all()

    def without_solver_state(self) -> "Training":
        """Return weights and curves alone: what `restart` needs, but not an exact continuation."""
        light = [
            replace(r, theta=r.result, best_theta=None, rng=None, order=None, moments=None)
            for r in self.restarts
        ]
        return Training(light, None)


@dataclass(frozen=True)
class Holdout:
    """How rows are held out for early stopping; ``fraction=None`` holds none out.

    Like scikit-learn's, the split is stratified if there are two classes, and only then.
    """

    fraction: float | None
    stratify: bool

    @classmethod
    def choose(cls, estimator: Any, objective: Objective, early_stopping: bool) -> "Holdout":
        """Return how the rows of this objective are held out."""
        is_binary = objective.loss is BINARY_LOG_LOSS and objective.layout.sizes[-1] == 1
        return cls(estimator.validation_fraction if early_stopping else None, is_binary)

    def split(self, objective: Objective, main: RandomState) -> Split:
        """Draw the split from the main stream."""
        n_samples = len(objective.y)
        if self.fraction is None:
            return Split(n_samples)
        # the names that scikit-learn's error gives the two classes
        stratify = np.where(objective.y[:, 0] > 0, "True", "False") if self.stratify else None
        return split_rows(n_samples, self.fraction, stratify, objective.weights, main)


def draw_start(
    objective: Objective,
    schemes: Schemes,
    holdout: Holdout,
    main: RandomState,
    n_restarts: int,
) -> Training:
    """Draw the start of every restart and the split; `main` is left after the split."""
    layout = objective.layout
    layers = make_layers(layout.fans, objective.activation)
    streams = Streams(main)
    sklearn_default = draw_sklearn_default(layers, main)
    rows = [
        draw_row(r, layout, layers, schemes.weights, schemes.biases, streams, sklearn_default)
        for r in range(n_restarts)
    ]
    split = holdout.split(objective, main)
    if any(map(sees_data, schemes.weights)):
        X, y = objective.X, objective.y
        if split.training is not None:
            X, y = X[split.training], y[split.training]
        for r, row in enumerate(rows):
            adjust_row(row, r, layout, layers, schemes.weights, schemes.biases, streams, X, y)
    restarts = []
    for r, row in enumerate(rows):
        theta = row.astype(objective.X.dtype)
        restarts.append(Restart(r, theta, theta.copy(), copy_stream(main)))
    return Training(restarts, split, copy_stream(main))


def take_up(estimator: Any, objective: Objective, holdout: Holdout, main: RandomState) -> Training:
    """Return a fitted estimator's training, ready to go on; the estimator is not changed.

    Order and split start anew if the number of samples or `early_stopping` changed, or if the
    estimator was fitted without keeping them.
    """
    training = estimator._training or Training([_restart_of(estimator)], None)
    training = replace(training, restarts=[restart.copy() for restart in training.restarts])
    check_network_fits(estimator, objective, training)
    kept = training.restarts[estimator.best_restart_]
    theta = objective.layout.row(estimator.coefs_, estimator.intercepts_)
    if not np.array_equal(theta, kept.result):  # changed by the user
        kept.theta = theta
    split = training.split
    early_stopping = holdout.fraction is not None
    if (
        split is None
        or split.n_samples != len(objective.y)
        or (split.validation is not None) != early_stopping
    ):
        if kept.rng is None:
            training.main, kept.rng = copy_stream(main), copy_stream(main)
        rng = kept.rng
        training.split = holdout.split(objective, rng)
        for restart in training.restarts:
            restart.rng, restart.order = copy_stream(rng), None
            restart.best_theta, restart.best_score = None, -np.inf
    return training


def check_network_fits(estimator: Any, objective: Objective, training: Training) -> None:
    """Raise an error if the parameters ask for another network than the fitted one."""
    fitted = Layout.of(estimator.coefs_).sizes
    if fitted != objective.layout.sizes:
        raise ValueError(
            f"hidden_layer_sizes={estimator.hidden_layer_sizes!r} with this data makes the layer "
            f"sizes {objective.layout.sizes}, but the fitted network to go on with has {fitted}: "
            "set warm_start=False, or clone the estimator."
        )
    if estimator.n_restarts != len(training.restarts):
        raise ValueError(
            f"n_restarts={estimator.n_restarts!r}, but the fitted estimator to go on with has "
            f"{len(training.restarts)} restarts: set warm_start=False, or clone the estimator."
        )


def _restart_of(estimator: Any) -> Restart:
    """Return the only restart of an estimator that kept nothing but its public attributes."""
    layout = Layout.of(estimator.coefs_)
    losses = list(getattr(estimator, "loss_curve_", []))
    return Restart(
        0,
        theta=layout.row(estimator.coefs_, estimator.intercepts_),
        start=layout.row(estimator.initial_coefs_, estimator.initial_intercepts_),
        rng=None,
        n_seen=estimator.t_,
        losses=losses,
        scores=list(getattr(estimator, "validation_scores_", None) or []),
        best_loss=min(losses, default=np.inf),
        loss=estimator.loss_,
        time=float(estimator.restarts_["time"][0]),
    )
