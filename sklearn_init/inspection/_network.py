"""The network's estimator, alone or at the end of a pipeline."""

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_init.estimators._base import BaseInitMLP


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
