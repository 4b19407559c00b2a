"""Biases that take the mean out of what activations give."""

from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.network import Features
from sklearn_init.theory import compute_mean


class Compensated(Refinement):
    """Weights of another scheme, and biases that cancel the mean of the layer's inputs.

    What leaves a logistic unit has the mean 1/2, not 0: every unit of the next layer sees the same
    large shift, and deep logistic networks do not train. From the second layer on,

    ``b[j] -= E[phi(z)] * sum_i W[i, j]``

    for z ~ N(0, 1) and the activation of the layer before. With logistic units the network then
    equals, exactly, one of units ``tanh(z / 2) / 2``. As `bias_init`, the scheme computes the
    biases for the weights of another one.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the weights. None is ``VarianceScaling("centered")``, whose gain keeps the
        variance of inputs without a mean: 4.80 for logistic.

    See Also
    --------
    sklearn_init.VarianceScaling : Weights of a given gain.
    sklearn_init.theory.compute_mean : The mean that is taken out.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Compensated
    >>> coefs, intercepts = draw((5, 7, 3), Compensated(), "logistic", random_state=0)
    >>> bool(abs(intercepts[1] + coefs[1].sum(axis=0) / 2).max() < 1e-12)
    True
    """

    default_base = VarianceScaling("centered")
    needs_rows = False

    def __init__(self, base: Initializer | None = None):
        self.base = base

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        self._adjust_base(layer, network, X, y, rng)
        if layer.index > 0:
            center = compute_mean(layer.entering)
            network.biases[layer.index][...] -= center * network.weights[layer.index].sum(axis=0)
