"""The restarts of a fit and the split they share: begun, continued, or taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._random import Streams, copy_stream, copy_streams, read_state
from sklearn_init._text import show
from sklearn_init.estimators._data import Split, split_rows
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._start import Schemes, Start
from sklearn_init.network import Layout, Objective
from sklearn_init.restarts import one_blas_thread
from sklearn_init.solvers import Restart


@dataclass
class Training:
    """All restarts of an estimator.

    Attributes
    ----------
    restarts : list of Restart
    split : Split or None
        None if only weights and curves were kept, so that order and split start anew.
    main : tuple or None
        The state in which the last call left the main stream of the user.
    has_curves, has_scores, stops_early : bool
        Whether the last call trained in epochs, with validation rows, and stopped by these.
    stop_reason : str
        Why ``n_restarts="auto"`` trained so many; else empty.
    """

    restarts: list[Restart]
    split: Split | None
    main: tuple | None = None
    has_curves: bool = False
    has_scores: bool = False
    stops_early: bool = False
    stop_reason: str = ""

    def wake(self, *, beside_others: bool) -> None:
        """Let restarts that have converged train again.

        A converged restart stays as it is beside others that go on, so that ten epochs and ten
        more equal twenty. But if all have converged, a further call means to go on.
        """
        if not any(r.is_running for r in self.restarts):
            for restart in self.restarts:
                restart.patience = 0
        elif not beside_others:
            return
        for restart in self.restarts:
            restart.fall_back()
            restart.stopped = not np.isfinite(restart.theta).all()

    @property
    def dtype(self) -> np.dtype:
        """The type of the weights."""
        return self.restarts[0].theta.dtype

    @property
    def n_training_rows(self) -> int:
        """Number of rows that are not held out."""
        assert self.split is not None
        rows = self.split.training
        return self.split.n_samples if rows is None else len(rows)

    def without_solver_state(self) -> "Training":
        """Return weights and curves alone: what `restart` needs, but not an exact continuation."""
        light = [restart.without_solver_state() for restart in self.restarts]
        return replace(self, restarts=light, split=None, main=None)


class Starts:
    """The starts of restarts, and the split they share; a main stream is left after the split.

    Parameters
    ----------
    objective : Objective
    layers : sequence of Layer
    schemes : Schemes
    fraction : float or None
        The share of rows held out.
    main : RandomState
    classes : ndarray or None
        The class of every label; None for regressors.
    """

    def __init__(
        self,
        objective: Objective,
        layers: Sequence[Layer],
        schemes: Schemes,
        fraction: float | None,
        main: RandomState,
        classes: NDArray | None,
    ):
        self._start = Start(layers, schemes, main, objective.X.dtype)
        self._n_layers = len(layers)
        self.split = split_rows(objective, fraction, main, classes)
        self._data = objective.X, objective.y, objective.sample_weight, self.split.training
        self._main = copy_stream(main)

    def draw(self, indices: range) -> list[Restart]:
        """Return the restarts of these indices, before their first epoch."""
        with one_blas_thread:  # schemes factorize matrices
            thetas = [self._start.draw(index) for index in indices]
            for index, theta in zip(indices, thetas, strict=True):
                self._start.adjust(index, theta, *self._data)
        streams, seed = copy_streams(self._main, len(indices)), self._start.streams.mask_seed
        return [
            Restart(index, theta, theta.copy(), rng, seed(index, self._n_layers))
            for index, theta, rng in zip(indices, thetas, streams, strict=True)
        ]


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
