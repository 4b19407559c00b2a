"""Pairs of units, one the mirror image of the other, that carry a signal through an activation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_init.activations import Activation

GRID = np.geomspace(1e-3, 10, 50)
"""Where an activation is tried for ``phi(z) - phi(-z)`` to be linear."""


def subtract_mirrored(activation: Activation, z: ArrayLike) -> NDArray:
    """Return ``phi(z) - phi(-z)``."""
    signed = np.array([z, np.negative(z)], dtype=float)
    values = np.empty_like(signed)
    activation.value(signed.copy(), values)
    return values[0] - values[1]


def measure_pair(activation: Activation) -> float | None:
    """Return d if ``phi(z) - phi(-z) = d z`` for all z, as for relu with d = 1; else None."""
    slope = float(subtract_mirrored(activation, 1.0))
    is_linear = np.allclose(subtract_mirrored(activation, GRID), slope * GRID, rtol=1e-10, atol=0)
    return slope if is_linear else None
