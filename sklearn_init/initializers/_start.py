"""From schemes to rows: the start of every restart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from sklearn_init._random import Streams
from sklearn_init.activations import Activation
from sklearn_init.initializers._base import (
    Initializer,
    adjusts,
    find_max_samples,
    needs_rows,
    sets_all_layers,
)
from sklearn_init.initializers._layer import Layer, make_layers
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._presets import Sklearn
from sklearn_init.losses import Loss
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

    def __post_init__(self) -> None:
        for scheme in self.weights:
            if sets_all_layers(scheme) and not all(s == scheme for s in self.weights):
                raise ValueError(
                    f"{self.parameter}: {type(scheme).__name__} sets all layers at once; give it "
                    "as the scheme of the whole network, not of some layers."
                )


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
    loss : Loss or None
        The loss the network is trained with, if it is known.

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
        loss: Loss | None = None,
    ):
        self._layout = layout
        self._layers = make_layers(layout.fans, activations, loss)
        self._schemes = schemes
        self._dtype = dtype
        self.streams = Streams(main)
        self._sklearn_default = [_Drawn.by(Sklearn(), layer, main) for layer in self._layers]

    @property
    def adjusts(self) -> bool:
        """Whether a scheme has a move that comes after the draws."""
        return any(map(adjusts, self._given_schemes()))

    @property
    def needs_rows(self) -> bool:
        """Whether a scheme looks at the training rows."""
        return any(map(needs_rows, self._given_schemes()))

    def _given_schemes(self) -> list[Initializer]:
        return [*self._schemes.weights, *filter(None, self._schemes.biases)]

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
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{parameter} for the {layer} failed: {error}") from error
        return check_drawn(array, layer, parameter, self._dtype)

    def adjust(
        self,
        restart: int,
        row: NDArray,
        X: Features,
        y: NDArray,
        sample_weight: NDArray | None = None,
    ) -> None:
        """Let the schemes that have such a move change a row, in place, from input to output."""
        weights, biases = self._layout.views(row)
        rng = self.streams.generator(restart, len(self._layers))
        network = Network(tuple(self._layers), tuple(weights), tuple(biases))
        samples = Samples(network, X, y, sample_weight, rng)
        explicit = {
            index: biases[index].copy()
            for index, scheme in enumerate(self._schemes.biases)
            if scheme is not None
        }
        for layer, scheme in zip(self._layers, self._schemes.weights, strict=True):
            if adjusts(scheme) and (layer.index == 0 or not scheme.sets_all_layers):
                self._adjust(scheme, layer, samples, self._schemes.parameter)
            for index, b in explicit.items():  # an explicit bias_init has the last word
                biases[index][...] = b
            bias_scheme = self._schemes.biases[layer.index]
            if bias_scheme is not None and adjusts(bias_scheme):
                self._adjust(bias_scheme, layer.biases(), samples, "bias_init")
                explicit[layer.index] = biases[layer.index].copy()

    def _adjust(
        self, scheme: Initializer, layer: Layer, samples: "Samples", parameter: str
    ) -> None:
        """Call a scheme's adjust; errors name the parameter and the layer."""
        try:
            network, X, y = samples.take(find_max_samples(scheme))
            scheme.adjust(layer, network, X, y, samples.rng)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{parameter} for the {layer} failed: {error}") from error
        arrays = zip(network.layers, network.weights, network.biases, strict=True)
        for written, W, b in arrays:  # it may have written into any layer
            check_drawn(W, written, parameter, self._dtype)
            check_drawn(b, written.biases(), parameter, self._dtype)


class Samples:
    """What schemes are shown: a network and the training rows, of which some want only so many.

    Parameters
    ----------
    network : Network
        The network, without weights of rows.
    X, y, sample_weight
        The training rows; those of weight 0 are not shown.
    rng : Generator
        The generator of the moves that see data; it draws the rows if not all are wanted.
    """

    def __init__(
        self,
        network: Network,
        X: Features,
        y: NDArray,
        sample_weight: NDArray | None,
        rng: Generator,
    ):
        self.rng = rng
        if sample_weight is not None and not sample_weight.all():
            counts = sample_weight > 0
            X, y, sample_weight = X[counts], y[counts], sample_weight[counts]
        weight = None if sample_weight is None else _read_only(sample_weight)
        self._all = replace(network, sample_weight=weight), _read_only(X), _read_only(y)
        self._order: NDArray | None = None
        self._taken: dict[int, tuple[Network, Features, NDArray]] = {}

    def take(self, max_samples: int | None) -> tuple[Network, Features, NDArray]:
        """Return the network, X and y of at most so many rows: the same ones for every layer."""
        network, X, y = self._all
        if max_samples is None or max_samples >= len(y):
            return self._all
        if self._order is None:
            self._order = self.rng.permutation(len(y))
        if max_samples not in self._taken:
            rows, weight = np.sort(self._order[:max_samples]), network.sample_weight
            network = replace(network, sample_weight=None if weight is None else weight[rows])
            self._taken[max_samples] = network, X[rows], y[rows]
        return self._taken[max_samples]


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
