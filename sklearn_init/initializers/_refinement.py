"""Schemes that begin with what another scheme draws."""

from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._text import show
from sklearn_init.initializers._base import Initializer, adjusts, get_max_samples
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, take_rows
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.network import Features


class Refinement(Initializer):
    """A scheme on top of another one, its parameter `base`.

    A subclass has the parameter `base` and changes in `adjust`, after `_adjust_base`, what the
    base has drawn. As a `bias_init` it begins with zeros instead.
    """

    default_base: ClassVar[Initializer] = VarianceScaling("auto")
    base: Initializer | None

    def _get_base(self) -> Initializer:
        """Return the base; None stands for `default_base`."""
        if self.base is None:
            return self.default_base
        if not isinstance(self.base, Initializer):
            raise ValueError(
                f"{type(self).__name__}: base={show(self.base)} must be None or an Initializer, "
                "such as VarianceScaling(scale=2.0)."
            )
        return self.base

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return np.zeros(layer.shape) if layer.is_bias else self._get_base().draw(layer, rng)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self._get_base().draw_biases(layer, rng)

    def _adjust_base(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        """Let the base look at the rows, if it does so."""
        base = self._get_base()
        if layer.is_bias or not adjusts(base) or (base.sets_all_layers and layer.index > 0):
            return
        base.adjust(layer, *take_rows(network, X, y, get_max_samples(base), rng), rng)
