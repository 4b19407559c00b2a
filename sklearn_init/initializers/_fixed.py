"""Initializers whose scale does not depend on the layer."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sklearn_init.initializers._base import Initializer, Layer

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

    Parameters
    ----------
    std : float, default=0.05
        Standard deviation (Keras' default; torch has 1, JAX 0.01).

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
        """Draw an array of shape ``layer.shape``."""
        return rng.normal(0.0, self._number("std", minimum=0), layer.shape)


class Uniform(Initializer):
    """Independent uniform numbers: ``w ~ U(low, high)``.

    Parameters
    ----------
    low, high : float, default=-0.05 and 0.05
        Bounds (Keras' defaults; torch has 0 and 1, JAX 0 and 0.01).

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
        """Draw an array of shape ``layer.shape``."""
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
        """Draw an array of shape ``layer.shape``."""
        return self._number("std", minimum=0) * truncated_normal(layer.shape, rng)


class Constant(Initializer):
    """The same number everywhere, so that all units of a layer are identical for ever.

    Parameters
    ----------
    value : float, default=0.1
        The number.

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
        """Return an array of shape ``layer.shape``."""
        return np.full(layer.shape, self._number("value"))
