"""Relu networks that start out linear."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._orthogonal import Orthogonal


class LooksLinear(Initializer):
    """Mirrored pairs of units: a relu network that starts out as a product of matrices.

    Hidden units come in pairs with incoming weights u and -u and outgoing weights v and -v [1]_,

    ``W = [[W0, -W0], [-W0, W0]]``,

    in the first layer ``[W0, -W0]``, in the last ``[[W0], [-W0]]``, where W0 is a random
    orthogonal matrix, times `gain`. As ``relu(z) - relu(-z) = z``, the network is linear at its
    start, ``f(x) = x @ W0_1 @ ... @ W0_L``, and training bends it. Hidden layers of one width, at
    least twice the number of features, keep all lengths at any depth; relu layers of independent
    or orthogonal weights do not. All that holds for gelu, silu and softplus as well, and with a
    factor of 1.01 per layer for leaky_relu. With tanh and other odd activations, the two units of
    a pair are worth one, and the network is not linear.

    In a layer of odd width the unit in the middle has no partner. Its incoming weights are a
    random direction of the same length, its outgoing weights zero: it does not bend the network,
    but learns. Biases are zero.

    Parameters
    ----------
    gain : float, default=1.0
        Factor of W0. Pairs keep the size of signals by themselves, so that there is no
        ``"auto"``.

    See Also
    --------
    sklearn_init.Orthogonal : Isometric without activations, but not with relu.

    References
    ----------
    .. [1] Balduzzi et al. "The shattered gradients problem: if resnets are the answer, then what
       is the question?". ICML 2017. arXiv:1702.08591.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import LooksLinear
    >>> coefs, intercepts = draw((3, 6, 1), LooksLinear(), random_state=0)
    >>> x = np.array([1.0, -2.0, 3.0])
    >>> f = np.maximum(x @ coefs[0], 0) @ coefs[1]
    >>> bool(np.allclose(f, x @ coefs[0][:, :3] @ coefs[1][:3]))
    True
    """

    draws_matrices_only = True

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        gain = self._number("gain")
        if layer.is_output:
            return gain * _from_pairs(layer, layer.fan_out, rng)
        n_pairs = layer.fan_out // 2
        if n_pairs == 0:
            raise ValueError("LooksLinear: one unit makes no pair; use 2 hidden units or more.")
        paired = _from_pairs(layer, n_pairs, rng)
        single = _from_pairs(layer, 1, rng)[:, : layer.fan_out % 2]
        return gain * np.hstack([paired, single, -paired])


def _from_pairs(layer: Layer, n_units: int, rng: Generator) -> NDArray:
    """Return weights of that many units that see the difference of the units of each pair."""
    if layer.index == 0:  # features are not paired
        return _orthogonal(layer, layer.fan_in, n_units, rng)
    W = _orthogonal(layer, layer.fan_in // 2, n_units, rng)
    return np.vstack([W, np.zeros((layer.fan_in % 2, n_units)), -W])


def _orthogonal(layer: Layer, fan_in: int, fan_out: int, rng: Generator) -> NDArray:
    return Orthogonal().draw(replace(layer, fan_in=fan_in, fan_out=fan_out), rng)
