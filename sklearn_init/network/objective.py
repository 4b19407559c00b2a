"""The objective: a network's shape and loss together with the data it is measured on."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.losses import Loss
from sklearn_init.network.layout import Layout

Features: TypeAlias = Any
"""An ndarray or a CSR matrix or array of shape (n_samples, n_features)."""

ROWS_AT_A_TIME = 1000
"""So many rows are looked at together where all of them would take the memory of the data."""


@dataclass(frozen=True)
class Objective:
    """Mean loss over rows of the data, plus half of ``alpha`` times the squared weights.

    Attributes
    ----------
    layout, activations, loss
        The network, with one activation per hidden layer.
    alpha : float
        Strength of the L2 penalty, which is divided by the total weight of a batch.
    X : ndarray or CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_outputs)
        Targets, or an indicator of the labels, in the type of `X`.
    sample_weight : ndarray of shape (n_samples,) or None
    rows : ndarray of int or None
        The rows of the data that count; None means all. The split for early stopping gives
        two objectives that share `X`.
    dropout : tuple of float
        The share of units that training leaves out, per hidden layer; empty for none.
    """

    layout: Layout
    activations: tuple[Activation, ...]
    loss: Loss
    alpha: float
    X: Features
    y: NDArray
    sample_weight: NDArray | None = None
    rows: NDArray | None = None
    dropout: tuple[float, ...] = ()

    @property
    def rates(self) -> tuple[float, ...]:
        """The dropout rate of every hidden layer."""
        return self.dropout or (0.0,) * len(self.activations)

    @property
    def has_dropout(self) -> bool:
        """Whether training leaves units out."""
        return any(self.dropout)

    @property
    def n_rows(self) -> int:
        """Number of rows that count."""
        return len(self.y) if self.rows is None else len(self.rows)

    def targets(self) -> tuple[NDArray, NDArray | None]:
        """Return `y` and the sample weights of the rows that count."""
        if self.rows is None:
            return self.y, self.sample_weight
        weight = self.sample_weight
        return self.y[self.rows], None if weight is None else weight[self.rows]

    def null_loss(self) -> float:
        """Return the reported loss of a network whose outputs are all zero before activation."""
        prediction = np.zeros((1, self.y.shape[1]), dtype=self.y.dtype)
        self.loss.output(prediction, prediction)
        loss = self._mean_loss_of(prediction)
        return np.inf if np.isnan(loss) else loss  # infinite on rows of weight zero

    def constant_loss(self) -> float:
        """Return the lowest reported loss of a prediction that is the same for all rows."""
        y, weight = self.targets()
        return self._mean_loss_of(np.average(y, axis=0, weights=weight)[np.newaxis])

    def _mean_loss_of(self, prediction: NDArray) -> float:
        """Return the reported loss of a prediction of shape (1, n_outputs) for all rows."""
        rows = slice(None) if self.rows is None else self.rows
        losses = np.empty(self.n_rows, self.y.dtype)
        for begin in range(0, self.n_rows, ROWS_AT_A_TIME):
            block = slice(begin, begin + ROWS_AT_A_TIME)
            y = self.y[block if self.rows is None else self.rows[block]]
            losses[block] = self.loss.reported(np.broadcast_to(prediction, y.shape), y)
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        return float(np.average(losses, weights=weight))
