"""Multilayer perceptrons for scikit-learn whose initialization is a hyperparameter."""

from sklearn_init._show_versions import show_versions
from sklearn_init.activations import Activation
from sklearn_init.estimators import InitMLPClassifier, InitMLPRegressor, draw
from sklearn_init.exceptions import SymmetryWarning
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

__version__ = "0.1.0.dev0"

__all__ = [
    "Activation",
    "Constant",
    "InitMLPClassifier",
    "InitMLPRegressor",
    "Initializer",
    "Layer",
    "Network",
    "Normal",
    "Orthogonal",
    "SymmetryWarning",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "draw",
    "get_initializer_names",
    "show_versions",
]
