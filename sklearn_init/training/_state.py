"""The restarts of a fit and the split they share: begun, continued, or taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._random import copy_stream, copy_streams
from sklearn_init.initializers import Layer, Schemes, Start
from sklearn_init.network import Objective
from sklearn_init.solvers import Restart
from sklearn_init.training._blas import one_blas_thread
from sklearn_init.training._split import Split, split_rows


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
