"""Presets: weights and biases as another library draws them by default."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


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
