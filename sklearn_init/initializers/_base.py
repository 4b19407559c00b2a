"""What an initializer is: parameters, and moves that get their generator as an argument."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sklearn_init._checks import is_real
from sklearn_init.activations import Activation
from sklearn_init.network import Features, forward_hidden


@dataclass(frozen=True)
class Layer:
    """What an initializer knows of the layer it draws for.

    The package makes one for every weight matrix and hands it to `Initializer.draw`. To try an
    initializer on its own, make one by hand.

    Parameters
    ----------
    fan_in, fan_out : int
        Numbers of inputs and of units.
    index : int
        0 for the first hidden layer, ``n_layers - 1`` for the output layer.
    n_layers : int
        Number of weight matrices of the network.
    activation : Activation
        Activation of the layer's units; for the output layer, of the last hidden layer's.
    is_bias : bool, default=False
        Whether biases are to be drawn.

    See Also
    --------
    Initializer.draw : What takes a layer.
    Network : All layers, with their weights and biases.

    Examples
    --------
    >>> from sklearn_init import Layer
    >>> from sklearn_init.activations import ACTIVATIONS
    >>> layer = Layer(64, 100, 0, 2, ACTIVATIONS["relu"])
    >>> print(layer)
    hidden layer 1 (fan_in=64, fan_out=100)
    >>> layer.is_output
    False
    """

    fan_in: int
    fan_out: int
    index: int
    n_layers: int
    activation: Activation
    is_bias: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array to draw: (fan_in, fan_out) for weights, (fan_out,) for biases."""
        return (self.fan_out,) if self.is_bias else (self.fan_in, self.fan_out)

    @property
    def is_output(self) -> bool:
        """Whether this is the output layer."""
        return self.index == self.n_layers - 1

    def biases(self) -> "Layer":
        """Return the same layer, asking for its biases.

        Only the shape changes. The fans stay those of the weights, as bounds that depend on them
        hold for both.

        Returns
        -------
        Layer
            A copy whose shape is ``(fan_out,)``.

        See Also
        --------
        Initializer.draw_biases : What takes the copy.

        Examples
        --------
        >>> from sklearn_init import Layer
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> layer = Layer(64, 100, 0, 2, ACTIVATIONS["relu"])
        >>> layer.biases().shape, layer.biases().fan_in
        ((100,), 64)
        """
        return replace(self, is_bias=True)

    def __str__(self) -> str:
        name = "output layer" if self.is_output else f"hidden layer {self.index + 1}"
        return f"{name} (fan_in={self.fan_in}, fan_out={self.fan_out})"


@dataclass(frozen=True)
class Network:
    """A network at its start, for initializers that look at the training rows.

    The package hands one to `Initializer.adjust` once all layers were drawn. By then, the layers
    before the one to adjust have been adjusted, where their schemes do so.

    Parameters
    ----------
    layers : sequence of Layer
        The layers, from the first hidden layer to the output.
    weights, biases : sequence of ndarray
        Views, one of each per layer; `Initializer.adjust` writes into them.

    See Also
    --------
    Initializer.adjust : What takes a network.
    Layer : One of the layers.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import Layer, Network
    >>> from sklearn_init.activations import ACTIVATIONS
    >>> layers = [Layer(2, 1, 0, 1, ACTIVATIONS["relu"])]
    >>> network = Network(layers, weights=[np.ones((2, 1))], biases=[np.zeros(1)])
    >>> network.layers[0].is_output
    True
    """

    layers: Sequence[Layer]
    weights: Sequence[NDArray]
    biases: Sequence[NDArray]

    def inputs(self, layer: Layer, X: Features) -> Features:
        """Return what reaches a layer for the rows of X.

        The rows pass through all layers before it, with the weights and biases these have now.

        Parameters
        ----------
        layer : Layer
            One of the layers of the network.
        X : ndarray or CSR of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray or CSR of shape (n_samples, fan_in)
            What the layer's weights are multiplied by. For the first layer that is `X` itself,
            which is not to be changed.

        See Also
        --------
        Initializer.adjust : Where this is of use.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init import Layer, Network
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> relu = ACTIVATIONS["relu"]
        >>> layers = [Layer(2, 3, 0, 2, relu), Layer(3, 1, 1, 2, relu)]
        >>> weights, biases = [np.ones((2, 3)), np.ones((3, 1))], [np.zeros(3), np.zeros(1)]
        >>> network = Network(layers, weights, biases)
        >>> network.inputs(layers[1], np.array([[1.0, 2.0], [-3.0, 0.0]]))
        array([[3., 3., 3.],
               [0., 0., 0.]])
        """
        return forward_hidden(
            self.weights[: layer.index],
            self.biases[: layer.index],
            [before.activation for before in self.layers[: layer.index]],
            X,
        )


class Initializer(BaseEstimator):
    """Base class of all initializers.

    A subclass stores the parameters of its ``__init__`` under their names, as every
    scikit-learn estimator does, and implements `draw`. It holds no seed and no generator: the
    same object may serve several layers and restarts. `get_params`, `set_params`,
    `sklearn.base.clone`, equality, hashing, pickling and ``weight_init__<parameter>`` in a grid
    search then work.

    See Also
    --------
    Layer : What `draw` is told of a layer.
    Network : What `adjust` is told of the network.
    VarianceScaling : An initializer that depends on the size of the layer.
    draw : Draw the weights and biases of a network with an initializer.

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

        Every subclass implements it. It is called before any training row is looked at, with a
        generator that belongs to the layer and the restart.

        Parameters
        ----------
        layer : Layer
            The layer; ``layer.shape`` is the shape to return.
        rng : numpy.random.Generator
            The only source of randomness.

        Returns
        -------
        ndarray of shape ``layer.shape``
            Finite numbers.

        See Also
        --------
        draw_biases : Draw the biases that belong to the scheme.
        adjust : Change a layer in view of the training rows.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init import Initializer, Layer
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> class Eye(Initializer):
        ...     def draw(self, layer, rng):
        ...         return np.eye(*layer.shape)
        >>> layer = Layer(2, 3, 0, 2, ACTIVATIONS["relu"])
        >>> Eye().draw(layer, np.random.default_rng(0))
        array([[1., 0., 0.],
               [0., 1., 0.]])
        """
        raise NotImplementedError(f"{type(self).__name__} must implement draw(layer, rng).")

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        """Draw the biases that belong to the scheme when ``bias_init=None``: zeros.

        A scheme with biases of its own overrides it, as the presets ``"sklearn"`` and
        ``"torch"`` do.

        Parameters
        ----------
        layer : Layer
            The layer, with ``layer.shape == (fan_out,)``.
        rng : numpy.random.Generator
            The generator that has drawn the weights.

        Returns
        -------
        ndarray of shape (fan_out,)
            Finite numbers.

        See Also
        --------
        draw : Draw the weights.
        Layer.biases : Make the layer this one takes.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init import Layer, Normal
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> layer = Layer(64, 3, 0, 2, ACTIVATIONS["relu"])
        >>> Normal().draw_biases(layer.biases(), np.random.default_rng(0))
        array([0., 0., 0.])
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
            The layer to change, one of ``network.layers``; its shape is that of its weights.
        network : Network
            The network as it is now; ``network.inputs(layer, X)`` is what reaches the layer.
        X : ndarray or CSR of shape (n_samples, n_features)
            The training rows, without those held out for early stopping. Not to be changed.
        y : ndarray of shape (n_samples, n_outputs)
            Targets, or an indicator of the labels.
        rng : numpy.random.Generator
            The restart's generator for moves that see data.

        See Also
        --------
        draw : Draw the weights, before any row is looked at.
        Network.inputs : Get what reaches a layer.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init import InitMLPRegressor, Normal
        >>> class UnitVariance(Normal):
        ...     def adjust(self, layer, network, X, y, rng):
        ...         W = network.weights[layer.index]
        ...         W /= np.std(network.inputs(layer, X) @ W)
        >>> X, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50.0)
        >>> reg = InitMLPRegressor(weight_init=UnitVariance(), random_state=0).initialize(X, y)
        >>> float(np.std(X @ reg.coefs_[0]).round(6))
        1.0
        """

    def _number(self, name: str, minimum: float = -np.inf) -> float:
        """Return a parameter that has to be a finite number, or raise an error naming it."""
        value = getattr(self, name)
        if not is_real(value) or not abs(value) <= sys.float_info.max or value < minimum:
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
    if isinstance(value, list | tuple):
        return type(value), tuple(map(_hashable, value))
    return value


def sees_data(initializer: Initializer) -> bool:
    """Whether an initializer has a move that looks at the training rows."""
    return type(initializer).adjust is not Initializer.adjust


def make_layers(fans: Sequence[tuple[int, int]], activations: Sequence[Activation]) -> list[Layer]:
    """Return the layers of a network, given one activation per layer, the output's included."""
    return [
        Layer(fan_in, fan_out, index, len(fans), activations[index])
        for index, (fan_in, fan_out) in enumerate(fans)
    ]
