"""From schemes to rows: the start of every restart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from sklearn_init._random import Streams
from sklearn_init.activations import Activation
from sklearn_init.initializers._base import Initializer, Layer, Network, make_layers, sees_data
from sklearn_init.initializers._presets import Sklearn
from sklearn_init.network import Features, Layout


@dataclass(frozen=True)
class Schemes:
    """One scheme per layer for the weights, and one for the biases.

    A bias scheme that is None leaves the biases to the scheme of the weights. `parameter` is what
    errors call the schemes of the weights.
    """

    weights: Sequence[Initializer]
    biases: Sequence[Initializer | None]
    parameter: str = "weight_init"


class _Drawn(Initializer):
    """What another initializer has drawn for a layer."""

    def __init__(self, weights: NDArray, drawn_biases: NDArray):
        self.weights = weights
        self.drawn_biases = drawn_biases

    @classmethod
    def by(cls, scheme: Initializer, layer: Layer, main: RandomState) -> "_Drawn":
        """Draw weights, then biases, from a stream that Generator's `uniform` has in common."""
        W = scheme.draw(layer, main)  # type: ignore[arg-type]
        return cls(W, scheme.draw_biases(layer.biases(), main))  # type: ignore[arg-type]

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return self.weights

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.drawn_biases


class Start:
    """Draws the starts of restarts.

    Parameters
    ----------
    layout : Layout
    activations : sequence of Activation
        One per layer, the output layer's included.
    schemes : Schemes
    main : RandomState
        The main stream, which scikit-learn's default start is drawn from, even if no scheme asks
        for it.
    dtype : dtype
        Type of the rows; draws are float64 and then cast.

    Attributes
    ----------
    streams : Streams
        What all but scikit-learn's default start is drawn from.
    """

    def __init__(
        self,
        layout: Layout,
        activations: Sequence[Activation],
        schemes: Schemes,
        main: RandomState,
        dtype: np.dtype | type,
    ):
        self._layout = layout
        self._layers = make_layers(layout.fans, activations)
        self._schemes = schemes
        self._dtype = dtype
        self.streams = Streams(main)
        self._sklearn_default = [_Drawn.by(Sklearn(), layer, main) for layer in self._layers]

    @property
    def sees_data(self) -> bool:
        """Whether a scheme looks at the training rows."""
        return any(map(sees_data, self._schemes.weights))

    def draw(self, restart: int) -> NDArray:
        """Return the start of a restart, of shape (n_params,), blind to the data."""
        drawn = [self._draw_layer(restart, layer) for layer in self._layers]
        return self._layout.row([W for W, _ in drawn], [b for _, b in drawn])

    def _draw_layer(self, restart: int, layer: Layer) -> tuple[NDArray, NDArray]:
        scheme = self._schemes.weights[layer.index]
        bias_scheme = self._schemes.biases[layer.index]
        if restart == 0 and type(scheme) is Sklearn:
            scheme = self._sklearn_default[layer.index]
        draws = bias_scheme is not None or not isinstance(scheme, _Drawn)
        rng = self.streams.generator(restart, layer.index) if draws else None
        W = self._draw(scheme.draw, layer, rng, self._schemes.parameter)
        if bias_scheme is None:
            return W, self._draw(scheme.draw_biases, layer.biases(), rng, self._schemes.parameter)
        return W, self._draw(bias_scheme.draw, layer.biases(), rng, "bias_init")

    def _draw(
        self, draw: Callable, layer: Layer, rng: Generator | None, parameter: str
    ) -> NDArray:
        """Call a scheme; errors name the parameter and the layer."""
        try:
            array = draw(layer, rng)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{parameter} for the {layer} failed: {error}") from error
        return check_drawn(array, layer, parameter, self._dtype)

    def adjust(self, restart: int, row: NDArray, X: Features, y: NDArray) -> None:
        """Let the schemes that see data change a row, in place, from the input to the output."""
        X, y = _read_only(X), _read_only(y)
        weights, biases = self._layout.views(row)
        network = Network(tuple(self._layers), tuple(weights), tuple(biases))
        rng = self.streams.generator(restart, len(self._layers))
        explicit = {
            index: biases[index].copy()
            for index, scheme in enumerate(self._schemes.biases)
            if scheme is not None
        }
        for layer, scheme in zip(self._layers, self._schemes.weights, strict=True):
            if sees_data(scheme):
                self._adjust_layer(scheme, layer, network, X, y, rng)
            for index, b in explicit.items():  # an explicit bias_init has the last word
                biases[index][...] = b

    def _adjust_layer(
        self,
        scheme: Initializer,
        layer: Layer,
        network: Network,
        X: Features,
        y: NDArray,
        rng: Generator,
    ) -> None:
        parameter = self._schemes.parameter
        try:
            scheme.adjust(layer, network, X, y, rng)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{parameter} for the {layer} failed: {error}") from error
        arrays = zip(network.layers, network.weights, network.biases, strict=True)
        for written, W, b in arrays:  # it may have written into any layer
            check_drawn(W, written, parameter, self._dtype)
            check_drawn(b, written.biases(), parameter, self._dtype)


def check_drawn(array: ArrayLike, layer: Layer, parameter: str, dtype: np.dtype | type) -> NDArray:
    """Return what a scheme drew as an array of `dtype`, or say which layer it does not fit."""
    try:
        numbers = np.asarray(array)
    except ValueError:  # lists of different lengths
        numbers = np.array(None)
    if numbers.dtype.kind not in "biuf":
        problem = f"an array of type {numbers.dtype}"
    elif numbers.shape != layer.shape:
        problem = f"shape {numbers.shape}"
    else:
        with np.errstate(over="ignore"):
            cast = numbers.astype(dtype, copy=False)
        if np.isfinite(cast).all():
            return cast
        problem = f"NaN or numbers that {cast.dtype} cannot hold"
    raise ValueError(
        f"{parameter} for the {layer}: expected an array of finite numbers of shape "
        f"{layer.shape}, got {problem}."
    )


def _read_only(array: Features) -> Features:
    """Return a view of data that cannot be written to."""
    numbers = (array.data if issparse(array) else array).view()
    numbers.flags.writeable = False
    if not issparse(array):
        return numbers
    return type(array)((numbers, array.indices, array.indptr), shape=array.shape)
