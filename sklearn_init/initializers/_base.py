"""What an initializer is: parameters, and moves that get their generator as an argument."""

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._checks import is_integer
from sklearn_init._component import Component
from sklearn_init._lookup import lookup
from sklearn_init._text import show
from sklearn_init.activations import Activation
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.network import Features
from sklearn_init.theory import compute_gain

GAINS: dict[str, tuple[str, float, Callable[[Layer], Activation]]] = {
    "auto": ("forward", 1.0, lambda layer: layer.entering),
    "centered": ("centered", 1.0, lambda layer: layer.entering),
    "backward": ("backward", 1.0, lambda layer: layer.activation),
    "small_signals": ("backward", 1e-12, lambda layer: layer.entering),
}
"""What can be given for a number that is a gain: kind, variance, and whose gain it is."""


class Initializer(Component):
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
    >>> class Signs(Initializer):
    ...     def __init__(self, scale=1.0):
    ...         self.scale = scale
    ...
    ...     def draw(self, layer, rng):
    ...         signs = rng.integers(2, size=layer.shape) * 2 - 1
    ...         return self.scale * signs / np.sqrt(layer.fan_in)
    >>> coefs, intercepts = draw((4, 3, 2), Signs(scale=2.0), random_state=0)
    >>> np.abs(coefs[0])[0]
    array([1., 1., 1.])
    """

    needs_rows: ClassVar[bool] = True
    sets_all_layers: ClassVar[bool] = False

    @property
    def draws_matrices_only(self) -> bool:
        """Whether the scheme cannot be a `bias_init`."""
        return False

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        """Draw the weights of a layer, or biases where the scheme is a `bias_init`.

        Every subclass implements it. It is called before any training row is looked at, with a
        generator that belongs to the layer and the restart. A class with the attribute
        ``draws_matrices_only = True`` is never asked for biases: it is refused as `bias_init`.

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
        sklearn_init.Layer.biases : Make the layer this one takes.

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
        As a `bias_init`, the scheme gets a layer with ``is_bias=True`` once the weights of that
        layer are final, and writes into the biases only.

        Three attributes of a class tell more. With ``needs_rows = False`` it looks at the network
        alone, so that it can be drawn without data. With ``sets_all_layers = True`` it has to be
        the scheme of all layers, and is called once, with the first one. If it has a parameter
        `max_samples`, it is given at most so many rows, drawn at random, the same ones for every
        layer.

        Parameters
        ----------
        layer : Layer
            The layer to change, one of ``network.layers``; its shape is that of its weights.
        network : Network
            The network as it is now; ``network.inputs(layer, X)`` is what reaches the layer.
        X : ndarray or CSR of shape (n_samples, n_features)
            The training rows, without those held out for early stopping. Not to be changed.
            Their weights are ``network.sample_weight``.
        y : ndarray of shape (n_samples, n_outputs)
            Targets, or an indicator of the labels.
        rng : numpy.random.Generator
            The restart's generator for moves that see data.

        See Also
        --------
        draw : Draw the weights, before any row is looked at.
        sklearn_init.Network.inputs : Get what reaches a layer.

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

    def _gain(self, layer: Layer, name: str = "gain") -> float:
        """Return a parameter that is a number or a word of `GAINS`, which makes it a gain."""
        value = getattr(self, name)
        if not isinstance(value, str):
            return self._number(name)
        kind, variance, get = lookup(GAINS, value, f"{type(self).__name__}: {name}")
        return compute_gain(get(layer), kind, variance)


def adjusts(initializer: Initializer) -> bool:
    """Whether an initializer has a move that comes after the draw."""
    return type(initializer).adjust is not Initializer.adjust


def needs_rows(initializer: Initializer) -> bool:
    """Whether an initializer, or one it is made of, looks at the training rows."""
    return any(adjusts(part) and part.needs_rows for part in _parts(initializer))


def sets_all_layers(initializer: Initializer) -> bool:
    """Whether an initializer, or one it is made of, sets all layers at once."""
    return any(part.sets_all_layers for part in _parts(initializer))


def get_max_samples(initializer: Initializer) -> int | None:
    """Return the largest number of rows an initializer wants to see; None means all."""
    wanted = getattr(initializer, "max_samples", None)
    if wanted is None or (is_integer(wanted) and wanted >= 1):
        return wanted
    raise ValueError(
        f"{type(initializer).__name__}: max_samples={show(wanted)} must be None or an "
        "integer >= 1."
    )


def _parts(initializer: Initializer) -> Iterator[Initializer]:
    """Yield the initializer and those among its parameters, from outside to inside."""
    yield initializer
    for value in initializer.get_params(deep=False).values():
        if isinstance(value, Initializer):
            yield from _parts(value)
