"""The estimators, and what only they need: parameters, data, warnings, files."""

from sklearn_init.estimators._base import BaseInitMLP
from sklearn_init.estimators._draw import draw
from sklearn_init.estimators._fit import Call
from sklearn_init.estimators._fitted import get_kept_networks, set_fitted
from sklearn_init.estimators._layers import (
    resolve_activations,
    resolve_dropout,
    resolve_sizes,
)
from sklearn_init.estimators._loading import load
from sklearn_init.estimators._parameters import (
    Settings,
    check_parameter,
    check_parameters,
    is_stochastic,
    resolve_parameters,
)
from sklearn_init.estimators._schemes import resolve_bias_schemes, resolve_weight_schemes
from sklearn_init.estimators.classifier import InitMLPClassifier
from sklearn_init.estimators.regressor import InitMLPRegressor

__all__ = [
    "BaseInitMLP",
    "Call",
    "InitMLPClassifier",
    "InitMLPRegressor",
    "Settings",
    "check_parameter",
    "check_parameters",
    "draw",
    "get_kept_networks",
    "is_stochastic",
    "load",
    "resolve_activations",
    "resolve_bias_schemes",
    "resolve_dropout",
    "resolve_parameters",
    "resolve_sizes",
    "resolve_weight_schemes",
    "set_fitted",
]
