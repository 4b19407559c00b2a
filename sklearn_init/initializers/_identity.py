"""Matrices that copy inputs to units."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._lookup import lookup
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer

PERIODS = {
    "none": lambda layer: max(layer.shape),
    "inputs": lambda layer: layer.fan_out,
    "both": lambda layer: min(layer.shape),
}
"""Input i is copied to unit j where i and j are equal modulo this number."""


class Identity(Initializer):
    """The identity matrix, times `gain`, plus normal noise.

    ``W[i, j] = gain * (i = j) + N(0, noise**2 / fan_in)``. Layers that are not square leave inputs
    or units over; `wrap` says what becomes of them.

    Of the negative half of its inputs, relu lets nothing pass. And on relu layers wider than the
    features, the identity without noise is a trap [1]_: no more units ever become active than
    there are features, d, so that training without an L2 penalty changes the matrices after the
    first one by matrices of rank d at most.

    Parameters
    ----------
    gain : float or str, default=1.0
        Factor of the copies; ``"auto"`` is the gain of what enters the layer.
    wrap : {"none", "inputs", "both"}, default="none"
        Where a matrix that is not square goes on.

        - ``"none"``: input i is copied to unit i alone; other entries are noise.
        - ``"inputs"``: input i is copied to unit ``i % fan_out``, so that none is lost [2]_.
        - ``"both"``: in wide layers, unit j copies input ``j % fan_in``, too [3]_.
    noise : float, default=0.0
        Standard deviation of the noise, times ``sqrt(fan_in)``.

    See Also
    --------
    ZeroHadamard : Also without chance, but where layers widen, all units take part.
    sklearn_init.Orthogonal : A random matrix that keeps lengths, too.

    References
    ----------
    .. [1] Zhao, Schäfer, Anandkumar. "ZerO initialization". TMLR 2022. arXiv:2110.12661.
    .. [2] Lee, Choi, Kim. "Robust weight initialization for tanh neural networks with fixed point
       analysis". ICLR 2025. arXiv:2410.02242. Their noise is 0.085: ``"identity_noise"``.
    .. [3] Pan et al. "IDInit: a universal and stable initialization method for neural network
       training". ICLR 2025. arXiv:2503.04626. ``"idinit"``, with a noise of 1e-6.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Identity
    >>> coefs, intercepts = draw((2, 5, 1), Identity(wrap="both"))
    >>> coefs[0]
    array([[1., 0., 1., 0., 1.],
           [0., 1., 0., 1., 0.]])
    """

    draws_matrices_only = True

    def __init__(self, gain: float | str = 1.0, wrap: str = "none", noise: float = 0.0):
        self.gain = gain
        self.wrap = wrap
        self.noise = noise

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        period = lookup(PERIODS, self.wrap, "Identity: wrap")(layer)
        inputs, units = np.ogrid[: layer.fan_in, : layer.fan_out]
        copies = self._gain(layer) * ((inputs - units) % period == 0)
        noise = self._number("noise", minimum=0) / np.sqrt(layer.fan_in)
        return copies + rng.normal(0.0, noise, layer.shape)
