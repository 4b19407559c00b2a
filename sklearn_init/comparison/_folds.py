"""The folds: rows as they reach the network, and what a dummy scores on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import Pipeline

from sklearn_init.restarts import one_blas_thread

Scorer = Callable[[Any, Any, Any], float]


@dataclass(frozen=True)
class Cut:
    """Which rows of the data train and which test in a fold."""

    index: int
    training: NDArray
    test: NDArray


@dataclass(frozen=True)
class Fold:
    """Rows of a fold as they reach the network.

    Attributes
    ----------
    index : int
    X_train, y_train, X_test, y_test : array-like
    dummy_score : float
        That of `DummyClassifier` or `DummyRegressor`; NaN if the score cannot judge it.
    """

    index: int
    X_train: Any
    y_train: Any
    X_test: Any
    y_test: Any
    dummy_score: float


def prepare_fold(
    cut: Cut, X: Any, y: Any, before: Pipeline | None, network: Any, scorer: Scorer
) -> Fold:
    """Return a fold's rows, after the steps before the network, fitted on those that train."""
    X_train, X_test = take(X, cut.training), take(X, cut.test)
    y_train, y_test = take(y, cut.training), take(y, cut.test)
    with one_blas_thread:
        if before is not None:
            steps = clone(before)
            X_train = steps.fit_transform(X_train, y_train)
            X_test = steps.transform(X_test)
        dummy = DummyClassifier() if is_classifier(network) else DummyRegressor()
        try:
            dummy_score = float(scorer(dummy.fit(X_train, y_train), X_test, y_test))
        except Exception:  # a score of what only networks have
            dummy_score = np.nan
    return Fold(cut.index, X_train, y_train, X_test, y_test, dummy_score)


def take(rows: Any, indices: NDArray) -> Any:
    """Return some rows of an array, sparse matrix, data frame or list."""
    if hasattr(rows, "iloc"):
        return rows.iloc[indices]
    if hasattr(rows, "shape"):
        return rows[indices]
    return [rows[index] for index in indices]
