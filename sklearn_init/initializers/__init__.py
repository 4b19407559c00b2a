"""Initializers: what writes the first row of a network.

One family is one file, one name is one row of the table in `_table.py`.
"""

from sklearn_init.initializers._auto import Auto
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._best_of_draws import BestOfDraws
from sklearn_init.initializers._compensated import Compensated
from sklearn_init.initializers._critical import Critical, DoublyCritical
from sklearn_init.initializers._degenerate import (
    LayerConstant,
    MirroredPairs,
    RandomBiases,
    TiedColumns,
    ZeroOutput,
)
from sklearn_init.initializers._directions import KMeansDirections, LinearDirections
from sklearn_init.initializers._fixed import (
    Cauchy,
    Constant,
    Normal,
    Rademacher,
    TruncatedNormal,
    Uniform,
)
from sklearn_init.initializers._given import FromFunction as FromFunction
from sklearn_init.initializers._given import Given as Given
from sklearn_init.initializers._hadamard import HadamardSigns, ZeroHadamard
from sklearn_init.initializers._hinges import Hinges
from sklearn_init.initializers._historic import KimRa, Scawi
from sklearn_init.initializers._identity import Identity
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._layer import make_layers as make_layers
from sklearn_init.initializers._layer_scaling import Lsuv, WithinLayer
from sklearn_init.initializers._linear_warm_start import LinearWarmStart
from sklearn_init.initializers._looks_linear import LooksLinear
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._nguyen_widrow import Matlab, NguyenWidrow
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._output import LeastSquaresOutput, OutputPrior
from sklearn_init.initializers._presets import H2O, Sklearn, Torch, UniformWithBiases
from sklearn_init.initializers._principal import PrincipalDirections
from sklearn_init.initializers._quasi_random import QuasiRandom
from sklearn_init.initializers._rai import Rai
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.initializers._sinusoidal import Sinusoidal
from sklearn_init.initializers._siren import Siren
from sklearn_init.initializers._sparse import Sparse
from sklearn_init.initializers._start import Schemes as Schemes
from sklearn_init.initializers._start import Start as Start
from sklearn_init.initializers._swim import Swim
from sklearn_init.initializers._table import SCHEMES, get_initializer_names
from sklearn_init.initializers._trees import TreeUnits

__all__ = [
    "H2O",
    "SCHEMES",
    "Auto",
    "BestOfDraws",
    "Cauchy",
    "Compensated",
    "Constant",
    "Critical",
    "DoublyCritical",
    "HadamardSigns",
    "Hinges",
    "Identity",
    "Initializer",
    "KMeansDirections",
    "KimRa",
    "Layer",
    "LayerConstant",
    "LeastSquaresOutput",
    "LinearDirections",
    "LinearWarmStart",
    "LooksLinear",
    "Lsuv",
    "Matlab",
    "MirroredPairs",
    "Network",
    "NguyenWidrow",
    "Normal",
    "Orthogonal",
    "OutputPrior",
    "PrincipalDirections",
    "QuasiRandom",
    "Rademacher",
    "Rai",
    "RandomBiases",
    "Scawi",
    "Sinusoidal",
    "Siren",
    "Sklearn",
    "Sparse",
    "Swim",
    "TiedColumns",
    "Torch",
    "TreeUnits",
    "TruncatedNormal",
    "Uniform",
    "UniformWithBiases",
    "VarianceScaling",
    "WithinLayer",
    "ZeroHadamard",
    "ZeroOutput",
    "get_initializer_names",
]
