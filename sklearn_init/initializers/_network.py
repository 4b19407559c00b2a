"""The network at its start, for initializers that look at the training rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._layer import Layer
from sklearn_init.network import Features, forward_hidden


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
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows that `Initializer.adjust` is given; None weighs all alike.

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
    sample_weight: NDArray | None = None
    _passed: list["_Passed"] = field(default_factory=list, init=False, repr=False, compare=False)
    _taken: dict[tuple, tuple] = field(default_factory=dict, init=False, repr=False, compare=False)

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
            What the layer's weights are multiplied by, not to be changed. For the first layer
            that is `X` itself.

        See Also
        --------
        sklearn_init.Initializer.adjust : Where this is of use.

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
        before = layer.index
        passed = self._passed[0] if self._passed else None
        if passed is None or not passed.holds_for(self, X) or passed.n_layers > before:
            passed = _Passed(X, (), (), X)
        begin = passed.n_layers
        result = forward_hidden(
            self.weights[begin:before],
            self.biases[begin:before],
            [between.activation for between in self.layers[begin:before]],
            passed.result,
        )
        if before > begin:
            result.flags.writeable = False
            copies = [
                [a.copy() for a in arrays[:before]] for arrays in (self.weights, self.biases)
            ]
            self._passed[:] = [_Passed(X, tuple(copies[0]), tuple(copies[1]), result)]
        return result


@dataclass(frozen=True)
class _Passed:
    """What left the first layers of a network the last time: the next layer goes on from there."""

    X: Features
    weights: tuple[NDArray, ...]
    biases: tuple[NDArray, ...]
    result: Features

    @property
    def n_layers(self) -> int:
        return len(self.weights)

    def holds_for(self, network: Network, X: Features) -> bool:
        """Whether rows and layers are still the same."""
        pairs = chain(
            zip(self.weights, network.weights, strict=False),
            zip(self.biases, network.biases, strict=False),
        )
        return self.X is X and all(np.array_equal(then, now) for then, now in pairs)


def compute_shares(network: Network) -> NDArray | None:
    """Return the weights of the rows such that they sum to 1, or None if all weigh alike."""
    weight = network.sample_weight
    if weight is None or not weight.sum() > 0:
        return None
    return np.asarray(weight, np.float64) / np.sum(weight, dtype=np.float64)


def take_rows(
    network: Network, X: Features, y: NDArray, max_samples: int | None, rng: Generator
) -> tuple[Network, Features, NDArray]:
    """Return network, X and y with at most so many rows: for all layers the same ones."""
    if max_samples is None or max_samples >= len(y):
        return network, X, y
    key = id(y), max_samples
    if key not in network._taken:
        rows, weight = np.sort(rng.permutation(len(y))[:max_samples]), network.sample_weight
        of_rows = replace(network, sample_weight=None if weight is None else weight[rows])
        network._taken[key] = y, (of_rows, X[rows], y[rows])  # with y, whose id is the key
    return network._taken[key][1]
