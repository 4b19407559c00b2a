"""From schemes to rows: drawing the start of every restart."""

from collections.abc import Sequence

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._random import Streams
from sklearn_init.initializers._base import Initializer, Layer, Network, sees_data
from sklearn_init.initializers._presets import Sklearn
from sklearn_init.network import Features, Layout

Schemes = Sequence[Initializer]
BiasSchemes = Sequence[Initializer | None]


def draw_sklearn_default(layers: Sequence[Layer], main: RandomState) -> list[tuple]:
    """Draw scikit-learn's default start from the main stream: (weights, biases) per layer."""
    preset = Sklearn()
    return [(preset.draw(layer, main), preset.draw(layer.biases(), main)) for layer in layers]  # type: ignore[arg-type]


def draw_row(
    restart: int,
    layout: Layout,
    layers: Sequence[Layer],
    schemes: Schemes,
    bias_schemes: BiasSchemes,
    streams: Streams,
    sklearn_default: Sequence[tuple],
) -> NDArray:
    """Draw the start of a restart, blind to the data.

    Parameters
    ----------
    restart : int
    layout : Layout
    layers : sequence of Layer
    schemes : sequence of Initializer
        One per layer.
    bias_schemes : sequence of Initializer or None
        One per layer; None leaves the biases to the layer's scheme.
    streams : Streams
    sklearn_default : sequence of (weights, biases)
        The draws of the main stream, which the preset ``"sklearn"`` uses in restart 0.

    Returns
    -------
    ndarray of shape (n_params,)
    """
    weights, biases = [], []
    for layer, scheme, bias_scheme in zip(layers, schemes, bias_schemes, strict=True):
        rng = streams.generator(restart, layer.index)
        if restart == 0 and type(scheme) is Sklearn:
            W, b = sklearn_default[layer.index]
        else:
            W = _checked(scheme.draw(layer, rng), layer, "weight_init")
            b = None
        if bias_scheme is not None:
            b = _checked(bias_scheme.draw(layer.biases(), rng), layer.biases(), "bias_init")
        elif b is None:
            b = _checked(scheme.draw_biases(layer.biases(), rng), layer.biases(), "weight_init")
        weights.append(W)
        biases.append(b)
    return layout.row(weights, biases)


def adjust_row(
    row: NDArray,
    restart: int,
    layout: Layout,
    layers: Sequence[Layer],
    schemes: Schemes,
    bias_schemes: BiasSchemes,
    streams: Streams,
    X: Features,
    y: NDArray,
) -> None:
    """Let the schemes that see data change a row, in place, from the input to the output."""
    network = Network(list(layers), *layout.views(row))
    rng = streams.generator(restart, len(layers))
    for layer, scheme, bias_scheme in zip(layers, schemes, bias_schemes, strict=True):
        if not sees_data(scheme):
            continue
        W, b = network.weights[layer.index], network.biases[layer.index]
        explicit_biases = None if bias_scheme is None else b.copy()
        scheme.adjust(layer, network, X, y, rng)
        if explicit_biases is not None:
            b[...] = explicit_biases
        _checked(W, layer, "weight_init")
        _checked(b, layer.biases(), "weight_init")


def _checked(array: object, layer: Layer, parameter: str) -> NDArray:
    """Return a scheme's result as float64, or say which layer it does not fit."""
    try:
        checked = np.array(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{parameter} for the {layer}: expected an array of numbers of shape "
            f"{layer.shape}, got {type(array).__name__}."
        ) from error
    if checked.shape != layer.shape:
        raise ValueError(
            f"{parameter} for the {layer}: expected an array of shape {layer.shape}, got "
            f"shape {checked.shape}."
        )
    if not np.isfinite(checked).all():
        raise ValueError(
            f"{parameter} for the {layer}: expected finite numbers in an array of shape "
            f"{layer.shape}, got NaN or infinity."
        )
    return checked
