"""Weights of which one per unit is positive: the random asymmetric initialization."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.network import Features

MEAN = 2 / 3
"""Mean of Beta(2, 1); its mean square is 1/2."""

STD = np.sqrt(1 + 2 / np.pi * MEAN**2) - np.sqrt(2 / np.pi) * MEAN
"""The positive root of s^2 / 2 + sqrt(2 / pi) * MEAN * s + 1/2 = 1: 0.6007."""


class Rai(Initializer):
    r"""The random asymmetric initialization: one positive number per unit.

    Deep and narrow relu networks are often dead from the start: all units of some layer give 0
    for all rows, and the network is constant. What enters a layer after the first is not
    negative, so one weight that is positive and not small keeps most units alive. Of the n
    weights and the bias of a unit, all are ``N(0, s^2 / n)`` but one, drawn at random, which is
    Beta(2, 1), with the mean 2/3. As ``relu(s g + B)^2 <= (s relu(g) + B)^2`` for B >= 0, the mean
    square of what leaves a layer grows by at most

    .. math:: s^2 / 2 + \sqrt{2 / \pi}\; E[B]\, s + E[B^2] = 1,

    which makes s = 0.6007. The output layer has this law, too. The first hidden layer, whose
    inputs may be negative, is He's, with zero biases.

    See Also
    --------
    sklearn_init.VarianceScaling : Laws that are symmetric around 0, ``"he_normal"`` among them.

    References
    ----------
    .. [1] Lu, Shin, Su, Karniadakis. "Dying ReLU and initialization: theory and numerical
       examples". Communications in Computational Physics 28, 2020. arXiv:1903.06733.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> coefs, intercepts = draw((1, 3, 3, 3, 1), "rai", random_state=0)
    >>> bool((coefs[1].max(axis=0) > 0).all())
    True
    """

    draws_matrices_only = True
    needs_rows = False

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        if layer.index == 0:
            return VarianceScaling(2.0).draw(layer, rng)
        return _draw_symmetric(layer, rng)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return np.zeros(layer.shape) if layer.index == 0 else _draw_symmetric(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if layer.index == 0:
            return
        units = np.arange(layer.fan_out)
        place = rng.integers(layer.fan_in + 1, size=layer.fan_out)
        positive = rng.beta(2, 1, layer.fan_out)
        is_weight = place < layer.fan_in
        W, b = network.weights[layer.index], network.biases[layer.index]
        W[place[is_weight], units[is_weight]] = positive[is_weight]
        b[~is_weight] = positive[~is_weight]


def _draw_symmetric(layer: Layer, rng: Generator) -> NDArray:
    return rng.normal(0.0, STD / np.sqrt(layer.fan_in), layer.shape)
