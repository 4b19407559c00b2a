"""Sampled sine waves as weights."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


class Sinusoidal(Initializer):
    """Unit i is a sine wave of frequency i over the inputs; nothing is random.

    ``W[j, i - 1] = A * sin(2 * pi * i * (j / n + 1 / m))`` for inputs j = 0, ..., n - 1 and units
    i = 1, ..., m, with A such that the variance of all entries is ``gain**2 / n`` [1]_. Restarts
    are all equal.

    Units are not all different. In a square layer, units i and n - i are equal up to their sign,
    and one unit is zero, two if n is even: 100 units are 49 pairs and 2 zeros, a matrix of rank
    49, and 64 units are 31 pairs and 2 zeros, of rank 31. Where the layer after it is square, too,
    the outgoing weights of a pair have opposite signs as well. With tanh or another odd activation
    and zero biases, its units then never separate in training, and are worth one; random biases,
    relu, or another width of the next layer separate them. Wherever n divides m, units i and
    m - i are equal up to their sign, and where it divides m / 2, some are equal; from 64 to 100
    units, no two are.

    Parameters
    ----------
    gain : float or str, default="auto"
        Square root of ``n`` times the variance; ``"auto"`` is the gain of what enters the layer.
        In the paper, sqrt(2) everywhere.

    See Also
    --------
    ZeroHadamard : Waves of another kind, without chance, too, but orthogonal.
    sklearn_init.VarianceScaling : Independent numbers of this variance.

    References
    ----------
    .. [1] Fernández-Hernández, Mestre, Dolz, Duato, Quintana-Ortí. "Sinusoidal initialization,
       time for a new start". 2025. arXiv:2505.12909.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Sinusoidal
    >>> coefs, intercepts = draw((64, 64, 1), Sinusoidal())
    >>> bool(np.array_equal(coefs[0][:, 0], -coefs[0][:, 62]))
    True
    """

    draws_matrices_only = True

    def __init__(self, gain: float | str = "auto"):
        self.gain = gain

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        n, m = layer.fan_in, layer.fan_out
        inputs, units = np.ogrid[:n, 1 : m + 1]
        waves = _sine_of_turns(units * (inputs * m + n), n * m)
        if not waves.any():
            raise ValueError(
                f"Sinusoidal: all weights of a layer of {n} inputs and {m} units would be zero; "
                "choose another scheme for it."
            )
        return self._gain(layer) / np.sqrt(waves.var(ddof=1) * n) * waves


def _sine_of_turns(turns: NDArray, denominator: int) -> NDArray:
    """Return ``sin(2 * pi * turns / denominator)``, with signs and zeros exact.

    Rounding would make units of noise of those that are zero, and hide that others are equal.
    """
    quarters = 4 * turns % (4 * denominator)  # in units of a quarter turn, times denominator
    quarters = np.where(quarters > 2 * denominator, quarters - 4 * denominator, quarters)
    over = abs(quarters) > denominator
    quarters = np.where(over, 2 * denominator * np.sign(quarters) - quarters, quarters)
    return np.sin(np.pi / 2 * quarters / denominator)
