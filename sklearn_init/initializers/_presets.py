"""Presets: weights and biases as another library draws them by default."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.losses import REGRESSION_LOSSES


class _UniformPreset(Initializer):
    """Weights and biases that are uniform within one bound."""

    def _bound(self, layer: Layer) -> float:
        raise NotImplementedError

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        bound = self._bound(layer)
        return rng.uniform(-bound, bound, layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.draw(layer, rng)


class Sklearn(_UniformPreset):
    """The default of scikit-learn: weights and biases ``~ U(-bound, bound)``.

    ``bound = sqrt(6 / (fan_in + fan_out))``, and ``sqrt(2 / (fan_in + fan_out))`` with logistic
    hidden units; the output layer is treated like a hidden one. The first restart takes its
    numbers from the stream scikit-learn takes them from, and so equals `MLPClassifier`'s start
    bit for bit.

    See Also
    --------
    Torch : The default of torch.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> coefs, intercepts = draw((4, 2, 1), "sklearn", random_state=0)
    >>> bool(abs(coefs[0]).max() <= 1 and abs(intercepts[0]).max() <= 1)
    True
    """

    def _bound(self, layer: Layer) -> float:
        return np.sqrt(layer.activation.sklearn_factor / (layer.fan_in + layer.fan_out))


class Torch(_UniformPreset):
    """The default of torch's ``nn.Linear``: weights and biases ``~ U(-bound, bound)``.

    ``bound = 1 / sqrt(fan_in)``, so the variance is ``1 / (3 * fan_in)``, a sixth of He's.

    See Also
    --------
    Sklearn : The default of scikit-learn.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> coefs, intercepts = draw((4, 2, 1), "torch", random_state=0)
    >>> bool(abs(coefs[0]).max() <= 0.5)
    True
    """

    def _bound(self, layer: Layer) -> float:
        return 1 / np.sqrt(layer.fan_in)


class UniformWithBiases(_UniformPreset):
    """Weights and biases of all layers ``~ U(-bound, bound)``.

    That was the custom before variance scaling: R's nnet has the bound 0.7, for standardized
    inputs, and Weka 0.05.

    Parameters
    ----------
    bound : float, default=0.05
        The bound, at least 0.

    See Also
    --------
    sklearn_init.Uniform : The same with biases of zero.
    Sklearn : A bound that depends on the layer.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import UniformWithBiases
    >>> coefs, intercepts = draw((4, 2, 1), UniformWithBiases(bound=0.7), random_state=0)
    >>> bool(abs(coefs[0]).max() <= 0.7 and 0 < abs(intercepts[0]).max() <= 0.7)
    True
    """

    def __init__(self, bound: float = 0.05):
        self.bound = bound

    def _bound(self, layer: Layer) -> float:
        return self._number("bound", minimum=0)


class H2O(Initializer):
    """The default of H2O's deep learning: Glorot's bound, and positive biases for relu.

    Weights are ``~ U(-bound, bound)`` with ``bound = sqrt(6 / (fan_in + fan_out))``, four times
    that in the output layer of a classifier. Biases are 0.5 in the first hidden layer and 1 in
    the later ones, so that most units are active; 0 for activations that saturate on both sides,
    such as tanh, and in the output layer.

    See Also
    --------
    sklearn_init.VarianceScaling : With ``mode="fan_avg"``, the same weights without the factor.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> coefs, intercepts = draw((4, 2, 3, 1), "h2o", random_state=0)
    >>> intercepts
    [array([0.5, 0.5]), array([1., 1., 1.]), array([0.])]
    """

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        if layer.is_bias:
            return self.draw_biases(layer, rng)
        classifies = layer.loss is not None and layer.loss.name not in REGRESSION_LOSSES
        factor = 4.0 if layer.is_output and classifies else 1.0
        bound = factor * np.sqrt(6 / (layer.fan_in + layer.fan_out))
        return rng.uniform(-bound, bound, layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        if layer.is_output or layer.activation.active_range is not None:
            return np.zeros(layer.shape)
        return np.full(layer.shape, 0.5 if layer.index == 0 else 1.0)
