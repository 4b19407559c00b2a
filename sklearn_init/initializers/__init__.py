"""Initializers: what writes the first row of a network.

One family is one file, one name is one row of the table in `_table.py`.
"""

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._compensated import Compensated
from sklearn_init.initializers._fixed import Constant, Normal, TruncatedNormal, Uniform
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._presets import Sklearn, Torch
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.initializers._table import SCHEMES, get_initializer_names

__all__ = [
    "SCHEMES",
    "Compensated",
    "Constant",
    "Initializer",
    "Layer",
    "Network",
    "Normal",
    "Orthogonal",
    "Sklearn",
    "Torch",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "get_initializer_names",
]
