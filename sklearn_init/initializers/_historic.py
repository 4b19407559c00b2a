"""Schemes of the 1990s, made for units that saturate."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.utils.extmath import row_norms

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.network import Features

SCAWI_BOUND = 1.3
"""The bound where nothing reaches a layer."""

SCAWI_HIDDEN_MEAN_SQUARE = 0.3
"""The mean square of hidden units in the rule for output layers."""


class Scawi(Initializer):
    """Statistically controlled activation weight initialization: few units begin paralyzed.

    Weights and biases are uniform within a bound that depends on the size of what reaches the
    layer [1]_, measured on the training rows:

    ``bound = 1.3 / sqrt(1 + n * v**2)``

    for n inputs of mean square ``v**2``, so that inputs of any scale will do. The output layer has
    ``v**2 = 0.3``.

    Parameters
    ----------
    max_samples : int or None, default=10_000
        At most that many rows are measured, drawn at random; None measures all.

    See Also
    --------
    sklearn_init.VarianceScaling : Assumes that inputs are standardized.

    Notes
    -----
    The paper has one hidden layer. Here every hidden layer is measured, and so is an output layer
    that the data reach directly.

    References
    ----------
    .. [1] Drago, Ridella. "Statistically controlled activation weight initialization (SCAWI)".
       IEEE Transactions on Neural Networks 3, 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import Scawi
    >>> X, y = np.full((10, 4), 5.0), np.arange(10.0)
    >>> reg = InitMLPRegressor(activation="tanh", weight_init=Scawi(), random_state=0)
    >>> bool(abs(reg.initialize(X, y).coefs_[0]).max() <= 1.3 / np.sqrt(1 + 4 * 25))
    True
    """

    def __init__(self, max_samples: int | None = 10_000):
        self.max_samples = max_samples

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return rng.uniform(-1.0, 1.0, layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.draw(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if layer.is_output and layer.index > 0:
            square = SCAWI_HIDDEN_MEAN_SQUARE * layer.fan_in
        else:
            squares = row_norms(network.inputs(layer, X), squared=True)
            square = np.average(squares, weights=network.sample_weight)
        bound = SCAWI_BOUND / np.sqrt(1 + square)
        network.biases[layer.index][...] *= bound
        if not layer.is_bias:
            network.weights[layer.index][...] *= bound


class KimRa(Initializer):
    """Weights of either sign that are not too small: ``|w| ~ U(1, factor) * sqrt(eta / n)``.

    Small weights train slowly, as gradients pass through them. So the magnitude of weights into a
    unit of n inputs has a lower bound, ``sqrt(eta / n)``, where `eta` is the learning rate [1]_.

    Parameters
    ----------
    eta : float, default=0.1
        The learning rate that the bound is meant for, at least 0.
    factor : float, default=2.0
        The largest magnitude, as a multiple of the smallest; at least 1.

    See Also
    --------
    sklearn_init.VarianceScaling : Uniform weights may be 0; ``distribution="rademacher"`` has one
        magnitude.

    References
    ----------
    .. [1] Kim, Ra. "Weight value initialization for improving training speed in the
       backpropagation network". IJCNN 1991.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import KimRa
    >>> coefs, intercepts = draw((10, 7, 3), KimRa(), "logistic", random_state=0)
    >>> bool(((abs(coefs[0]) >= 0.1) & (abs(coefs[0]) <= 0.2)).all())
    True
    """

    def __init__(self, eta: float = 0.1, factor: float = 2.0):
        self.eta = eta
        self.factor = factor

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        smallest = np.sqrt(self._number("eta", minimum=0) / layer.fan_in)
        multiples = rng.uniform(1.0, self._number("factor", minimum=1), layer.shape)
        signs = 2.0 * rng.integers(2, size=layer.shape) - 1
        return smallest * signs * multiples
