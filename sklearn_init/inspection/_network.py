"""The network's estimator, alone or at the end of a pipeline, and the rows that reach it."""

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_init.estimators._base import BaseInitMLP
from sklearn_init.estimators._fit import Call
from sklearn_init.estimators._parameters import DTYPES
from sklearn_init.network import Features


def find_network(estimator: Any) -> Any:
    """Return the fitted or initialized network's estimator; of a pipeline, its last step."""
    is_pipeline = isinstance(estimator, Pipeline) and len(estimator) > 0
    network = estimator[-1] if is_pipeline else estimator
    if not isinstance(network, BaseInitMLP):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}: expected an InitMLPClassifier, an "
            "InitMLPRegressor, or a fitted Pipeline that ends in one."
        )
    check_is_fitted(network)
    return network


def enter_pipeline(estimator: Any, X: Any) -> tuple[BaseInitMLP, Any]:
    """Return the network's estimator and what reaches it."""
    network = find_network(estimator)
    if network is estimator or len(estimator) == 1:
        return network, X
    return network, estimator[:-1].transform(X)


def check_rows(
    estimator: BaseInitMLP, X: Any, y: ArrayLike | None
) -> tuple[Features, NDArray | None]:
    """Return X as an array or CSR, and the targets as the network has them."""
    targets = None
    if y is None:
        with np.errstate(over="ignore", invalid="ignore"):  # sums of the check for NaN
            X = validate_data(estimator, X, accept_sparse="csr", dtype=DTYPES[None], reset=False)
    else:
        unweighted = copy.copy(estimator)
        unweighted.class_weight = None
        X, targets, _ = unweighted._check_data(X, y, None, Call(0, resume=True, partial=True))
    if X.shape[0] < 2:
        raise ValueError("X has 1 row: give two at least, so that they can be told apart.")
    return X, targets
