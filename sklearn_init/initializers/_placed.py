"""What schemes have in common that place the units of hidden layers in the data."""

from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.network import Features


class Placed(Initializer):
    """Units of hidden layers placed in view of the rows that reach them.

    A subclass implements `_place`, which leaves alone what it cannot place: such units, and the
    output layer, keep normal weights, for the output of variance 1 / fan_in, and zero biases.
    """

    draws_matrices_only = True

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return VarianceScaling(1.0 if layer.is_output else "auto").draw(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if not layer.is_output:
            self._place(layer, network, network.inputs(layer, X), y, rng)

    def _place(
        self, layer: Layer, network: Network, inputs: Features, y: NDArray, rng: Generator
    ) -> None:
        """Write weights and biases of a hidden layer, in place."""
        raise NotImplementedError
