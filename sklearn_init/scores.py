"""Scores of a prediction on validation rows, for early stopping: higher is better."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import r2_score

Score = Callable[[NDArray, NDArray, NDArray | None], float]
"""``score(y, prediction, sample_weight)`` for arrays of shape (n_samples, n_outputs)."""


def accuracy(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Weighted share of the rows whose labels are all right (binary, multi-label)."""
    return float(np.average(((prediction > 0.5) == y).all(axis=1), weights=weights))


def class_accuracy(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Weighted share of the rows whose most probable class is the right one."""
    right = prediction.argmax(axis=1) == y.argmax(axis=1)
    return float(np.average(right, weights=weights))


def r2(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Coefficient of determination, the mean over outputs."""
    return float(r2_score(y, prediction, sample_weight=weights))
