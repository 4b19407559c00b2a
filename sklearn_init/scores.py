"""Scores of a network on validation rows, which stop training or choose a restart.

A score is a function ``score(theta, y, prediction, weights)`` of the network's row, of arrays of
shape (n_samples, n_outputs), and of the rows' weights; higher is better. Those here look at the
prediction alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import r2_score

from sklearn_init.losses import Loss

Score = Callable[[NDArray, NDArray, NDArray, NDArray | None], float]


def accuracy(theta: NDArray, y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Weighted share of the rows whose labels are all right (binary, multi-label)."""
    return float(np.average(((prediction > 0.5) == y).all(axis=1), weights=weights))


def class_accuracy(
    theta: NDArray, y: NDArray, prediction: NDArray, weights: NDArray | None
) -> float:
    """Weighted share of the rows whose most probable class is the right one."""
    right = prediction.argmax(axis=1) == y.argmax(axis=1)
    return float(np.average(right, weights=weights))


def r2(theta: NDArray, y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Coefficient of determination, the mean over outputs."""
    return float(r2_score(y, prediction, sample_weight=weights))


@dataclass(frozen=True)
class MinusLoss:
    """Minus the mean of a loss."""

    loss: Loss

    def __call__(
        self, theta: NDArray, y: NDArray, prediction: NDArray, weights: NDArray | None
    ) -> float:
        """Return the score."""
        return -mean_loss(self.loss, y, prediction, weights)


def mean_loss(loss: Loss, y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Return the weighted mean of the reported loss, without the penalty."""
    losses = loss.reported(prediction, y)
    return float(np.average(losses.astype(np.float64, copy=False), weights=weights))
