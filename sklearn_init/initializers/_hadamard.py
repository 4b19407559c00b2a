"""Matrices cut from those of Hadamard: entries of one size, rows that are orthogonal."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


def hadamard(rows: NDArray, columns: NDArray) -> NDArray:
    """Return these rows and columns of Sylvester's matrix, of entries +1 and -1.

    Entry (i, j) is -1 where i and j have an odd number of binary digits 1 in common. The whole
    matrix would take gigabytes for layers of ten thousand units.
    """
    parity = rows[:, np.newaxis] & columns
    for shift in (32, 16, 8, 4, 2, 1):
        parity ^= parity >> shift
    return 1.0 - 2.0 * (parity & 1)


def next_power_of_two(size: int) -> int:
    """Return the smallest power of two that is not below `size`."""
    return 1 << (size - 1).bit_length()


class ZeroHadamard(Initializer):
    """ZerO: the identity where layers narrow, a part of a Hadamard matrix where they widen.

    With n inputs and m units, ``W = eye(n, m)`` if m <= n, and else ``W = H[:n, :m] / sqrt(p)``,
    where H is Sylvester's matrix of order p, the power of two that follows m [1]_. Nothing is
    random: restarts are all equal.

    The rows of W are orthonormal if m is a power of two. If not, they are cut short: each has the
    squared norm ``m / p``, which may be little more than 1/2, and products of two rows are as
    large as ``(p - m) / p``. From 64 to 100 units, that is 0.781 and up to 0.219.

    See Also
    --------
    HadamardSigns : Random parts, with random signs.
    Identity : What keeps the updates of wide relu layers at the rank of the features.

    References
    ----------
    .. [1] Zhao, Schäfer, Anandkumar. "ZerO initialization: initializing neural networks with only
       zeros and ones". TMLR 2022. arXiv:2110.12661.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import ZeroHadamard
    >>> coefs, intercepts = draw((2, 3, 1), ZeroHadamard())
    >>> coefs[0]
    array([[ 0.5,  0.5,  0.5],
           [ 0.5, -0.5,  0.5]])
    """

    draws_matrices_only = True

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        if layer.fan_out <= layer.fan_in:
            return np.eye(layer.fan_in, layer.fan_out)
        order = next_power_of_two(layer.fan_out)
        return hadamard(np.arange(layer.fan_in), np.arange(layer.fan_out)) / np.sqrt(order)


class HadamardSigns(Initializer):
    """Random rows and columns of a Hadamard matrix, with random signs, times `gain`.

    Every entry is plus or minus ``gain / sqrt(k)``, where k is the larger of fan_in and fan_out.
    The rows and columns are drawn, without replacement, from those of Sylvester's matrix of order
    p, the power of two that follows k; each then gets a sign of its own. A cheap relative of a
    random orthogonal matrix, with the same variance.

    If k is a power of two, ``W.T @ W = gain**2 * I`` for ``fan_in >= fan_out``, and
    ``W @ W.T = gain**2 * I`` for ``fan_in <= fan_out``, exactly. If it is not, the diagonals are
    the same, but the vectors are cut short: two of them have a product of up to
    ``gain**2 * (p - k) / k``, that is ``0.28 * gain**2`` for k = 100.

    Parameters
    ----------
    gain : float or str, default="auto"
        Factor; ``"auto"`` is the gain of what enters the layer.

    See Also
    --------
    sklearn_init.Orthogonal : A matrix that is orthogonal at any size.
    ZeroHadamard : The first rows and columns, with no signs.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import HadamardSigns
    >>> coefs, intercepts = draw((3, 8, 1), HadamardSigns(gain=2.0), random_state=0)
    >>> bool(np.allclose(coefs[0] @ coefs[0].T, 4 * np.eye(3)))
    True
    """

    draws_matrices_only = True

    def __init__(self, gain: float | str = "auto"):
        self.gain = gain

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        larger = max(layer.shape)
        order = next_power_of_two(larger)
        chosen = [rng.choice(order, size, replace=False) for size in layer.shape]
        signs = [2.0 * rng.integers(2, size=size) - 1 for size in layer.shape]
        W = hadamard(*chosen) * signs[0][:, np.newaxis] * signs[1]
        return self._gain(layer) / np.sqrt(larger) * W
