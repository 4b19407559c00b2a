"""The start of sinusoidal representation networks."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


class Siren(Initializer):
    """The start of a network of sines (SIREN), for the activation ``"sine"``.

    A SIREN [1]_ has units ``sin(w0 * (x @ W + b))``, and the output ``x @ W + b``. Here units are
    ``sin(x @ W + b)``, so the hidden weights and biases are the authors' times `w0`. All are
    uniform, within these bounds for n inputs:

    ============  ====================  ================
    layer         weights               biases
    ============  ====================  ================
    first         ``w0 / n``            ``w0 / sqrt(n)``
    other hidden  ``sqrt(6 / n)``       ``w0 / sqrt(n)``
    output        ``sqrt(6 / n) / w0``  ``1 / sqrt(n)``
    ============  ====================  ================

    Parameters
    ----------
    w0 : float, default=30.0
        The frequency, above 0. The authors' is for fine detail in inputs in [-1, 1]; for tables
        it overfits, and 1 is a start to compare.

    See Also
    --------
    sklearn_init.VarianceScaling : With ``scale="auto"`` weights that keep the variance of
        signals, for sines, too.

    Notes
    -----
    The network is the same function at its start, but it does not train alike: a gradient is
    smaller by the factor `w0` that the weights have taken in, and a step of the same learning rate
    changes the function less.

    References
    ----------
    .. [1] Sitzmann, Martel, Bergman, Lindell, Wetzstein. "Implicit neural representations with
       periodic activation functions". NeurIPS 2020. arXiv:2006.09661.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Siren
    >>> coefs, intercepts = draw((2, 100, 100, 1), Siren(), "sine", random_state=0)
    >>> [float(abs(W).max().round(2)) for W in coefs]
    [14.99, 0.24, 0.01]
    """

    def __init__(self, w0: float = 30.0):
        self.w0 = w0

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        bound = self._bound(layer)
        return rng.uniform(-bound, bound, layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.draw(layer, rng)

    def _bound(self, layer: Layer) -> float:
        w0, n = self._number("w0", minimum=np.finfo(float).tiny), layer.fan_in
        taken_in = 1.0 if layer.is_output else w0
        if layer.is_bias:
            return taken_in / np.sqrt(n)
        if layer.index == 0 and not layer.is_output:
            return taken_in / n
        return taken_in * np.sqrt(6 / n) / w0
