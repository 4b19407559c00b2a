"""Matrices whose units look at a few inputs only."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer

BIAS_OF_ODD_UNITS = 0.5


class Sparse(Initializer):
    """Every unit has the same number of incoming weights that are not zero.

    Their places are random, and they are ``~ N(0, std**2)``, so the variance of what a unit
    receives from standardized inputs is ``n_nonzero * std**2``, whatever the size of the layer:
    units differ much from one another. Biases are zero, but 0.5 for hidden units that saturate
    around zero, tanh and its like [1]_.

    torch's ``sparse_`` is another scheme: it zeroes a share of the *outgoing* weights of every
    input.

    Parameters
    ----------
    n_nonzero : int, default=15
        Number of incoming weights per unit that are not zero; all of them if there are fewer.
    std : float, default=1.0
        Their standard deviation.

    See Also
    --------
    sklearn_init.Normal : The same law without zeros.
    sklearn_init.VarianceScaling : All inputs, with weights that are smaller the more there are.

    References
    ----------
    .. [1] Martens. "Deep learning via Hessian-free optimization". ICML 2010.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Sparse
    >>> coefs, intercepts = draw((64, 5, 1), Sparse(n_nonzero=3), random_state=0)
    >>> (coefs[0] != 0).sum(axis=0)
    array([3, 3, 3, 3, 3])
    """

    draws_matrices_only = True

    def __init__(self, n_nonzero: int = 15, std: float = 1.0):
        self.n_nonzero = n_nonzero
        self.std = std

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        kept = min(self._count("n_nonzero"), layer.fan_in)
        places = rng.random(layer.shape).argsort(axis=0)[:kept]
        W = np.zeros(layer.shape)
        values = rng.normal(0.0, self._number("std", minimum=0), places.shape)
        np.put_along_axis(W, places, values, axis=0)
        return W

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        is_odd_unit = not layer.is_output and _saturates_around_zero(layer.activation)
        return np.full(layer.shape, BIAS_OF_ODD_UNITS if is_odd_unit else 0.0)


def _saturates_around_zero(activation: Activation) -> bool:
    """Whether units are like tanh: they saturate on both sides, and give 0 for 0."""
    value = np.zeros(1)
    activation.value(np.zeros(1), value)
    return activation.active_range is not None and value[0] == 0
