"""Initializers: what writes the first row of a network.

One family is one file, one name is one row of the table.
"""

from sklearn_init.initializers._base import (
    Initializer,
    Layer,
    Network,
    make_layers,
    sees_data,
)
from sklearn_init.initializers._fixed import Constant, Normal, TruncatedNormal, Uniform
from sklearn_init.initializers._given import FromFunction, Given
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._presets import Sklearn, Torch
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.initializers._start import Schemes, Start
from sklearn_init.initializers._table import INITIALIZERS, get_initializer_names

__all__ = [
    "INITIALIZERS",
    "Constant",
    "FromFunction",
    "Given",
    "Initializer",
    "Layer",
    "Network",
    "Normal",
    "Orthogonal",
    "Schemes",
    "Sklearn",
    "Start",
    "Torch",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "get_initializer_names",
    "make_layers",
    "sees_data",
]
