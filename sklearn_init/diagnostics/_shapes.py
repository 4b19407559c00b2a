"""What an activation is like, found by looking at it, so that any of the user's will do."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation

GRID = np.concatenate([-np.geomspace(8, 1e-3, 80), np.geomspace(1e-3, 8, 80)])
"""Where it is looked at."""

RTOL = 1e-9
"""Values that differ by less, relatively, are taken to be equal."""


def value_and_slope(activation: Activation, z: NDArray) -> tuple[NDArray, NDArray]:
    """Return ``phi(z)`` and ``phi'(z)``; `z` is not changed."""
    a, slope = np.empty_like(z), np.empty_like(z)
    activation.value(z.copy(), a)
    activation.derivative(z, a, slope)
    return a, slope


def find_largest_slope(activation: Activation) -> float:
    """Return the largest size of the slope where pre-activations usually are, up to 8."""
    return float(np.abs(value_and_slope(activation, GRID)[1]).max())


def is_odd(activation: Activation) -> bool:
    """Whether ``phi(-z) = -phi(z)``, so that a unit and its mirror image do the same."""
    return _are_equal(_value(activation, -GRID), -_value(activation, GRID))


def is_homogeneous(activation: Activation) -> bool:
    """Whether ``phi(c z) = c phi(z)`` for c > 0, so that the size of a unit has no effect."""
    return _are_equal(_value(activation, 3 * GRID), 3 * _value(activation, GRID))


def is_linear(activation: Activation) -> bool:
    """Whether it makes a linear network."""
    return is_odd(activation) and is_homogeneous(activation)


def _value(activation: Activation, z: NDArray) -> NDArray:
    return value_and_slope(activation, z)[0]


def _are_equal(a: NDArray, b: NDArray) -> bool:
    return bool(np.allclose(a, b, rtol=RTOL, atol=0.0))
