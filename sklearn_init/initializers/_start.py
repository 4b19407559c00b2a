"""From schemes to rows: the start of every restart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from sklearn_init._random import Streams
from sklearn_init._text import show
from sklearn_init.initializers._base import (
    Initializer,
    adjusts,
    get_max_samples,
    needs_rows,
    sets_all_layers,
)
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, take_rows
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

    def __post_init__(self) -> None:
        for scheme in self.weights:
            if sets_all_layers(scheme) and not all(s == scheme for s in self.weights):
                raise ValueError(
                    f"{self.parameter}: {type(scheme).__name__} sets all layers at once; give it "
                    "as the scheme of the whole network, not of some layers."
                )
        for scheme in filter(None, self.biases):
            if scheme.draws_matrices_only:
                raise ValueError(
                    f"bias_init: {type(scheme).__name__} draws matrices and cannot serve as "
                    'bias_init; use a number, "zeros", "uniform", "compensated" or "he+5".'
                )


class Start:
    """Draws the starts of restarts.

    Parameters
    ----------
    layers : sequence of Layer
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
        layers: Sequence[Layer],
        schemes: Schemes,
        main: RandomState,
        dtype: np.dtype | type,
    ):
        self._layout = Layout((layers[0].fan_in, *(layer.fan_out for layer in layers)))
        self._layers = layers
        self._schemes = schemes
        self._dtype = dtype
        self.streams = Streams(main)
        self._sklearn_default = [_draw_from(main, layer) for layer in layers]

    @property
    def needs_rows(self) -> bool:
        """Whether a scheme looks at the training rows."""
        return any(map(needs_rows, self._given_schemes()))

    def _given_schemes(self) -> list[Initializer]:
        return [*self._schemes.weights, *filter(None, self._schemes.biases)]

    def draw(self, restart: int) -> NDArray:
        """Return the start of a restart, of shape (n_params,), blind to the data."""
        drawn = [self._draw_layer(restart, layer) for layer in self._layers]
        row = self._layout.row([W for W, _ in drawn], [b for _, b in drawn])
        return row.astype(self._dtype, copy=False)

    def _draw_layer(self, restart: int, layer: Layer) -> tuple[NDArray, NDArray]:
        scheme, parameter = self._schemes.weights[layer.index], self._schemes.parameter
        bias_scheme = self._schemes.biases[layer.index]
        is_default = restart == 0 and type(scheme) is Sklearn
        if is_default and bias_scheme is None:
            return self._sklearn_default[layer.index]
        rng = self.streams.generator(restart, layer.index)
        if is_default:
            W, _ = self._sklearn_default[layer.index]
        else:
            W = self._draw(scheme.draw, layer, rng, parameter)
        if bias_scheme is None:
            return W, self._draw(scheme.draw_biases, layer.biases(), rng, parameter)
        return W, self._draw(bias_scheme.draw, layer.biases(), rng, "bias_init")

    def _draw(self, draw: Callable, layer: Layer, rng: Generator, parameter: str) -> NDArray:
        """Call a scheme; errors name the parameter and the layer."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what is drawn is checked
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
        rows: NDArray | None = None,
    ) -> None:
        """Let the schemes that have such a move change a row, in place, from input to output.

        They are shown those of X, y and the weights that `rows` names; None means all.
        """
        if not any(map(adjusts, self._given_schemes())):
            return
        rng = self.streams.generator(restart, len(self._layers))
        rows = self._choose_rows(len(y), sample_weight, rows, rng)
        if rows is not None:
            X, y = X[rows], y[rows]
            sample_weight = None if sample_weight is None else sample_weight[rows]
        X, y = _read_only(X), _read_only(y)
        weights, biases = self._layout.views(row)
        network = Network(tuple(self._layers), tuple(weights), tuple(biases), sample_weight)
        explicit = {
            index: biases[index].copy()
            for index, scheme in enumerate(self._schemes.biases)
            if scheme is not None
        }
        for layer, scheme in zip(self._layers, self._schemes.weights, strict=True):
            if adjusts(scheme) and (layer.index == 0 or not scheme.sets_all_layers):
                self._adjust(scheme, layer, network, X, y, rng, self._schemes.parameter)
            for index, b in explicit.items():  # an explicit bias_init has the last word
                biases[index][...] = b
            bias_scheme = self._schemes.biases[layer.index]
            if bias_scheme is not None and adjusts(bias_scheme):
                self._adjust(bias_scheme, layer.biases(), network, X, y, rng, "bias_init")
                explicit[layer.index] = biases[layer.index].copy()

    def _choose_rows(
        self, n_rows: int, sample_weight: NDArray | None, rows: NDArray | None, rng: Generator
    ) -> NDArray | None:
        """Return the rows that count, but no more than a scheme wants; None means all."""
        if sample_weight is not None and not sample_weight.all():
            rows = np.arange(n_rows) if rows is None else rows
            rows = rows[sample_weight[rows] > 0]
        n_rows = n_rows if rows is None else len(rows)
        seeing = list(filter(needs_rows, self._given_schemes()))
        if not seeing:  # none: what draws without data must draw the same with data
            return np.arange(0)
        wanted = max(get_max_samples(scheme) or n_rows for scheme in seeing)
        if wanted >= n_rows:
            return rows
        chosen = np.sort(rng.permutation(n_rows)[:wanted])
        return chosen if rows is None else rows[chosen]

    def _adjust(
        self,
        scheme: Initializer,
        layer: Layer,
        network: Network,
        X: Features,
        y: NDArray,
        rng: Generator,
        parameter: str,
    ) -> None:
        """Call a scheme's adjust; errors name the parameter and the layer."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what is written is checked
                scheme.adjust(layer, *take_rows(network, X, y, get_max_samples(scheme), rng), rng)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{parameter} for the {layer} failed: {error}") from error
        arrays = zip(network.layers, network.weights, network.biases, strict=True)
        for written, W, b in arrays:  # it may have written into any layer
            check_drawn(W, written, parameter, self._dtype)
            check_drawn(b, written.biases(), parameter, self._dtype)


def _draw_from(main: RandomState, layer: Layer) -> tuple[NDArray, NDArray]:
    """Draw scikit-learn's weights, then its biases, from its stream."""
    W = Sklearn().draw(layer, main)  # type: ignore[arg-type]
    return W, Sklearn().draw_biases(layer.biases(), main)  # type: ignore[arg-type]


def check_drawn(array: ArrayLike, layer: Layer, parameter: str, dtype: np.dtype | type) -> NDArray:
    """Return what a scheme drew as an array of `dtype`, or say which layer it does not fit."""
    try:
        numbers = np.asarray(array)
    except ValueError:  # lists of different lengths
        numbers = np.array(None)
    if array is None:
        problem = "None: the function has to return the array, not to change one in place"
    elif isinstance(array, np.ma.MaskedArray):
        problem = "a masked array"
    elif numbers.dtype.kind not in "biuf":
        is_array = isinstance(array, np.ndarray | list)
        problem = f"an array of type {numbers.dtype}" if is_array else show(array)
    elif numbers.shape != layer.shape:
        is_transposed = numbers.shape == layer.shape[::-1]
        problem = f"shape {numbers.shape}{', which is transposed' if is_transposed else ''}"
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
    """Return a view of data that cannot be written to; scikit-learn wants indices of 32 bits."""
    numbers = (array.data if issparse(array) else array).view()
    numbers.flags.writeable = False
    if not issparse(array):
        return numbers
    fits = max(array.nnz, *array.shape) < 2**31
    index_type = np.int32 if fits else array.indices.dtype
    indices, indptr = (a.astype(index_type, copy=False) for a in (array.indices, array.indptr))
    return type(array)((numbers, indices, indptr), shape=array.shape)
