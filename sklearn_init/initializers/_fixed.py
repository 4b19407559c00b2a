"""Initializers whose scale does not depend on the layer."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer

TRUNCATION = 2.0
"""Where truncated normals are cut, in standard deviations of the uncut normal."""

TRUNCATED_STD = 0.87962566103423978
"""Standard deviation of a unit normal cut at +-2."""


def truncated_normal(shape: tuple[int, ...], rng: Generator) -> NDArray:
    """Draw from the unit normal cut at +-2, by inversion of its distribution function."""
    quantiles = rng.uniform(ndtr(-TRUNCATION), ndtr(TRUNCATION), shape)
    return np.clip(ndtri(quantiles), -TRUNCATION, TRUNCATION)


class Normal(Initializer):
    """Independent normal numbers: ``w ~ N(0, std**2)``.

    The scale is the same for layers of any size: on average over the draws, the mean square of
    what leaves a layer, before biases and activation, is ``fan_in * std**2`` times that of what
    enters it. `VarianceScaling` makes up for the size.

    Parameters
    ----------
    std : float, default=0.05
        Standard deviation (Keras' default; torch has 1, JAX 0.01).

    See Also
    --------
    TruncatedNormal : The same without outliers.
    VarianceScaling : Numbers whose variance depends on the size of the layer.

    Examples
    --------
    >>> from sklearn_init import Normal, draw
    >>> coefs, intercepts = draw((300, 200, 2), Normal(std=0.1), random_state=0)
    >>> float(coefs[0].std().round(3))
    0.1
    """

    def __init__(self, std: float = 0.05):
        self.std = std

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return rng.normal(0.0, self._number("std", minimum=0), layer.shape)


class Uniform(Initializer):
    """Independent uniform numbers: ``w ~ U(low, high)``.

    The variance is ``(high - low)**2 / 12`` for layers of any size. As `bias_init`, the scheme
    makes units distinct whose weights are equal.

    Parameters
    ----------
    low, high : float, default=-0.05 and 0.05
        Bounds (Keras' defaults; torch has 0 and 1, JAX 0 and 0.01).

    See Also
    --------
    Normal : Normal numbers instead.
    VarianceScaling : Numbers whose variance depends on the size of the layer.

    Examples
    --------
    >>> from sklearn_init import Uniform, draw
    >>> coefs, intercepts = draw((300, 200, 2), Uniform(low=-0.7, high=0.7), random_state=0)
    >>> bool(abs(coefs[0]).max() <= 0.7)
    True
    """

    def __init__(self, low: float = -0.05, high: float = 0.05):
        self.low = low
        self.high = high

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        low = self._number("low")
        return rng.uniform(low, self._number("high", minimum=low), layer.shape)


class TruncatedNormal(Initializer):
    """Independent normal numbers, cut at two standard deviations.

    The standard deviation that results is ``0.8796 * std``: as in Keras and in JAX, `std` is
    that of the normal before the cut. (torch cuts at -2 and 2 whatever `std` is.)

    Parameters
    ----------
    std : float, default=0.05
        Standard deviation of the normal before the cut.

    See Also
    --------
    Normal : The same without the cut.
    VarianceScaling : Truncated normals, among others, whose variance depends on the layer.

    Examples
    --------
    >>> from sklearn_init import TruncatedNormal, draw
    >>> coefs, intercepts = draw((300, 200, 2), TruncatedNormal(std=0.1), random_state=0)
    >>> bool(abs(coefs[0]).max() <= 0.2), float(coefs[0].std().round(3))
    (True, 0.088)
    """

    def __init__(self, std: float = 0.05):
        self.std = std

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return self._number("std", minimum=0) * truncated_normal(layer.shape, rng)


class Rademacher(Initializer):
    """Signs at random, times a number: ``w = magnitude`` or ``-magnitude``, each with chance 1/2.

    All weights have the same magnitude: of all laws of this variance, it is the one with the
    lightest tails.

    Parameters
    ----------
    magnitude : float, default=0.05
        The absolute value of all numbers, at least 0.

    See Also
    --------
    sklearn_init.VarianceScaling : With ``distribution="rademacher"``, a magnitude that depends on
        the layer.
    Cauchy : Numbers with the heaviest tails.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Rademacher
    >>> coefs, intercepts = draw((300, 200, 2), Rademacher(magnitude=0.1), random_state=0)
    >>> np.unique(coefs[0])
    array([-0.1,  0.1])
    """

    def __init__(self, magnitude: float = 0.05):
        self.magnitude = magnitude

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return self._number("magnitude", minimum=0) * (2.0 * rng.integers(2, size=layer.shape) - 1)


class Cauchy(Initializer):
    """Independent Cauchy numbers: tails so heavy that neither mean nor variance exist.

    A few weights dominate every unit. For comparison only: it shows whether the tails of a law
    matter.

    Parameters
    ----------
    scale : float, default=0.01
        Half of the numbers are between ``-scale`` and ``scale``; at least 0.

    See Also
    --------
    sklearn_init.VarianceScaling : With ``distribution="student_t"``, heavy tails of a given
        variance.
    Rademacher : Numbers with no tails.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Cauchy
    >>> coefs, intercepts = draw((300, 200, 2), Cauchy(), random_state=0)
    >>> float((abs(coefs[0]) < 0.01).mean().round(2)), bool(abs(coefs[0]).max() > 10)
    (0.5, True)
    """

    def __init__(self, scale: float = 0.01):
        self.scale = scale

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return self._number("scale", minimum=0) * rng.standard_cauchy(layer.shape)


class Constant(Initializer):
    """The same number everywhere.

    As `bias_init`, zeros or a small constant are usual. As `weight_init` for the whole network,
    it makes all units of a hidden layer identical, unless random biases make them distinct.
    Training does not change that, but for rounding errors that may grow over many epochs.

    Parameters
    ----------
    value : float, default=0.1
        The number.

    See Also
    --------
    Uniform : Random numbers within bounds.
    SymmetryWarning : What a fit gives where units are identical.

    Examples
    --------
    >>> from sklearn_init import Constant, draw
    >>> coefs, intercepts = draw((2, 3, 1), Constant(value=0.5))
    >>> coefs[0]
    array([[0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5]])
    """

    def __init__(self, value: float = 0.1):
        self.value = value

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return np.full(layer.shape, self._number("value"))
