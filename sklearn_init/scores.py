"""Scores of a prediction on validation rows, for early stopping: higher is better."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import r2_score


def classify(prediction: NDArray) -> NDArray:
    """Decide on labels.

    Parameters
    ----------
    prediction : ndarray of shape (n_samples, n_outputs)
        Probabilities: of the positive class (one output) or of each label or class.

    Returns
    -------
    ndarray of bool, shape (n_samples, n_outputs)
        Which probabilities exceed 1/2.
    """
    return prediction > 0.5


def accuracy(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Weighted share of the rows whose labels are all right (binary, multi-label)."""
    return float(np.average((classify(prediction) == y).all(axis=1), weights=weights))


def class_accuracy(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Weighted share of the rows whose most probable class is the right one."""
    right = prediction.argmax(axis=1) == y.argmax(axis=1)
    return float(np.average(right, weights=weights))


def r2(y: NDArray, prediction: NDArray, weights: NDArray | None) -> float:
    """Coefficient of determination, the mean over outputs."""
    return float(r2_score(y, prediction, sample_weight=weights))
