"""What an initializer is: parameters, and moves that get their generator as an argument."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sklearn_init.activations import Activation
from sklearn_init.network import Features


@dataclass(frozen=True)
class Layer:
    """What an initializer knows of the layer it draws for.

    Attributes
    ----------
    fan_in, fan_out : int
        Numbers of inputs and of units.
    index : int
        0 for the first hidden layer, ``n_layers - 1`` for the output layer.
    n_layers : int
        Number of weight matrices of the network.
    activation : Activation
        The hidden units' activation; for the output layer, that of the layer before it.
    shape : tuple of int
        Shape of the array to draw: ``(fan_in, fan_out)`` for weights, ``(fan_out,)`` for biases.
    """

    fan_in: int
    fan_out: int
    index: int
    n_layers: int
    activation: Activation
    shape: tuple[int, ...]

    @property
    def is_output(self) -> bool:
        """Whether this is the output layer."""
        return self.index == self.n_layers - 1

    def biases(self) -> "Layer":
        """Return the same layer, asking for its biases."""
        return replace(self, shape=(self.fan_out,))

    def __str__(self) -> str:
        name = "output layer" if self.is_output else f"hidden layer {self.index + 1}"
        return f"{name} (fan_in={self.fan_in}, fan_out={self.fan_out})"


@dataclass(frozen=True)
class Network:
    """A network at its start, for initializers that look at the training rows.

    Attributes
    ----------
    layers : list of Layer
    weights, biases : list of ndarray
        Views; `Initializer.adjust` writes into them.
    """

    layers: list[Layer]
    weights: list[NDArray]
    biases: list[NDArray]

    def inputs(self, layer: Layer, X: Features) -> Features:
        """Return what reaches a layer for the rows of X, shape (n_samples, fan_in)."""
        a = X
        for index in range(layer.index):
            a = a @ self.weights[index] + self.biases[index]
            self.layers[index].activation.value(a)
        return a


class Initializer(BaseEstimator):
    """Base class of all initializers.

    A subclass stores the parameters of its ``__init__`` under their names, as every
    scikit-learn estimator does, and implements `draw`. It holds no seed and no generator: the
    same object may serve several layers and restarts. `get_params`, `set_params`,
    `sklearn.base.clone`, equality, hashing, pickling and ``weight_init__<parameter>`` in a grid
    search then work.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import Initializer, draw
    >>> class Rademacher(Initializer):
    ...     def __init__(self, scale=1.0):
    ...         self.scale = scale
    ...
    ...     def draw(self, layer, rng):
    ...         signs = rng.integers(2, size=layer.shape) * 2 - 1
    ...         return self.scale * signs / np.sqrt(layer.fan_in)
    >>> coefs, intercepts = draw((4, 3, 2), Rademacher(scale=2.0), random_state=0)
    >>> np.abs(coefs[0])[0]
    array([1., 1., 1.])
    """

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        """Draw the weights of a layer, or biases where the scheme is a `bias_init`.

        Parameters
        ----------
        layer : Layer
            The layer; ``layer.shape`` is the shape to return.
        rng : numpy.random.Generator
            The only source of randomness.

        Returns
        -------
        ndarray of shape ``layer.shape``
        """
        raise NotImplementedError(f"{type(self).__name__} must implement draw(layer, rng).")

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        """Draw the biases that belong to the scheme when ``bias_init=None``: zeros.

        Parameters
        ----------
        layer : Layer
            The layer, with ``layer.shape == (fan_out,)``.
        rng : numpy.random.Generator
            The generator that has drawn the weights.

        Returns
        -------
        ndarray of shape (fan_out,)
        """
        return np.zeros(layer.shape)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        """Change a layer in view of the training rows; by default, do nothing.

        Called once for every layer the scheme was chosen for, from the input to the output,
        after all layers were drawn. It writes into ``network.weights[layer.index]`` and
        ``network.biases[layer.index]``; biases that an explicit `bias_init` drew are put back.

        Parameters
        ----------
        layer : Layer
        network : Network
            ``network.inputs(layer, X)`` is what reaches the layer.
        X : ndarray or CSR of shape (n_samples, n_features)
            The training rows, without those held out for early stopping. Not to be changed.
        y : ndarray of shape (n_samples, n_outputs)
            Targets, or an indicator of the labels.
        rng : numpy.random.Generator
            The restart's generator for moves that see data.
        """

    def _number(self, name: str, minimum: float = -np.inf) -> float:
        """Return a parameter that has to be a finite number, or raise an error naming it."""
        value = getattr(self, name)
        is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        if not is_number or not np.isfinite(value) or value < minimum:
            bound = "" if minimum == -np.inf else f" >= {minimum}"
            raise ValueError(
                f"{type(self).__name__}: {name}={value!r} must be a finite number{bound}."
            )
        return float(value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def _key(self) -> tuple:
        return tuple(sorted((k, _hashable(v)) for k, v in self.get_params(deep=False).items()))


def _hashable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return value


def sees_data(initializer: Initializer) -> bool:
    """Whether an initializer has a move that looks at the training rows."""
    return type(initializer).adjust is not Initializer.adjust


def make_layers(fans: Sequence[tuple[int, int]], activation: Activation) -> list[Layer]:
    """Return the layers of a network."""
    return [
        Layer(fan_in, fan_out, index, len(fans), activation, (fan_in, fan_out))
        for index, (fan_in, fan_out) in enumerate(fans)
    ]
