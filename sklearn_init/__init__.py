"""Multilayer perceptrons for scikit-learn whose initialization is a hyperparameter."""

from sklearn_init._show_versions import show_versions
from sklearn_init._version import __version__ as __version__
from sklearn_init.activations import Activation
from sklearn_init.comparison import compare_initializers
from sklearn_init.estimators import InitMLPClassifier, InitMLPRegressor, draw, load
from sklearn_init.exceptions import (
    DivergedError,
    InvalidFileError,
    SymmetryWarning,
    UnhealthyNetworkError,
)
from sklearn_init.initializers import (
    Constant,
    Initializer,
    Layer,
    Network,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    get_initializer_names,
)
from sklearn_init.inspection import diagnose

__all__ = [
    "Activation",
    "Constant",
    "DivergedError",
    "InitMLPClassifier",
    "InitMLPRegressor",
    "Initializer",
    "InvalidFileError",
    "Layer",
    "Network",
    "Normal",
    "Orthogonal",
    "SymmetryWarning",
    "TruncatedNormal",
    "UnhealthyNetworkError",
    "Uniform",
    "VarianceScaling",
    "compare_initializers",
    "diagnose",
    "draw",
    "get_initializer_names",
    "load",
    "show_versions",
]
