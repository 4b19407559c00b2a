"""The network's estimator, alone or within pipelines and searches, and the rows that reach it."""

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from sklearn_init.estimators import BaseInitMLP, Call, resolve_activations
from sklearn_init.losses import LOSS_OF_OUTPUT
from sklearn_init.network import Features, Layout, Objective
from sklearn_init.persistence import check_has_network

NO_NETWORK = "This %(name)s has no network yet: call fit, partial_fit or initialize."


def find_network(estimator: Any) -> Any:
    """Return the fitted or initialized network's estimator, also within pipelines and searches."""
    network = estimator
    while (inner := _find_inner(network)) is not None:
        network = inner
    if not isinstance(network, BaseInitMLP):
        name = type(estimator).__name__
        if network is not estimator:
            name += f" that ends in a {type(network).__name__}"
        if isinstance(network, type):
            raise TypeError(
                f"estimator is the class {network.__name__}: give a fitted instance, "
                f"{network.__name__}(...).fit(X, y)."
            )
        raise TypeError(
            f"estimator is a {name}: expected an InitMLPClassifier, an InitMLPRegressor, a fitted "
            "Pipeline or TransformedTargetRegressor that ends in one, or a search with "
            "best_estimator_ (fit, with refit=True)."
        )
    check_has_network(network, NO_NETWORK)
    return network


def enter_pipeline(estimator: Any, X: Any, y: Any) -> tuple[BaseInitMLP, Any, Any]:
    """Return the network's estimator, and the features and targets that reach it."""
    network = find_network(estimator)
    while estimator is not network:
        if isinstance(estimator, Pipeline) and len(estimator) > 1:
            X = estimator[:-1].transform(X)
        if isinstance(estimator, TransformedTargetRegressor) and y is not None:
            rows = np.asarray(y)
            transformed = estimator.transformer_.transform(rows.reshape(len(rows), -1))
            y = transformed[:, 0] if rows.ndim == 1 else transformed
        estimator = _find_inner(estimator)
    return network, X, y


def _find_inner(estimator: Any) -> Any:
    """Return what an estimator ends in: a last step, a regressor, the winner of a search."""
    if isinstance(estimator, Pipeline):
        return estimator[-1] if len(estimator) else None
    if isinstance(estimator, TransformedTargetRegressor):
        return getattr(estimator, "regressor_", None)
    return getattr(estimator, "best_estimator_", None)


def check_rows(
    estimator: BaseInitMLP, X: Any, y: ArrayLike | None
) -> tuple[Features, NDArray | None]:
    """Return X as an array or CSR, and the targets as the network has them."""
    targets = None
    if y is None:
        X = estimator._validate_features(X)
    else:
        unweighted = copy.copy(estimator)
        unweighted.class_weight = None
        X, targets, _ = unweighted._check_data(X, y, None, Call(0, resume=True, partial=True))
    if X.shape[0] < 2:
        raise ValueError("X has 1 row: give two at least, so that they can be told apart.")
    return X, targets


def make_objective(
    network: Any,
    X: Features,
    targets: NDArray,
    alpha: float = 0.0,
    sample_weight: NDArray | None = None,
) -> Objective:
    """Return the objective of a network on some rows, without dropout."""
    layout = Layout.of(network.coefs_)
    return Objective(
        layout,
        resolve_activations(network.activation, len(layout.fans) - 1)[:-1],
        LOSS_OF_OUTPUT[network.out_activation_],
        alpha,
        X,
        np.ascontiguousarray(targets),
        sample_weight,
    )
