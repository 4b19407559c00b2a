"""What to try: a scheme for the activation, and how far weights and biases are from it."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.diagnostics._findings import DATA, INITIALIZATION
from sklearn_init.diagnostics._rules_of_data import are_inputs_scaled
from sklearn_init.diagnostics._trace import Trace

GLOROT, HE, LECUN, AUTO = "glorot_uniform", "he_uniform", "lecun_normal", "auto"

REMEDIES = {
    "identity": GLOROT,
    "tanh": GLOROT,
    "softsign": GLOROT,
    "hard_tanh": GLOROT,
    "arctan": GLOROT,
    "relu": HE,
    "leaky_relu": HE,
    "selu": LECUN,
}
"""A well-known scheme for the activation; "auto" for all others, and for depth where it fails."""

STDS = {
    GLOROT: lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 0.5,
    HE: lambda fan_in, fan_out: (2 / fan_in) ** 0.5,
}
"""Standard deviations of schemes; that of others is about 1 / sqrt(fan_in)."""

FAR, FAR_WHEN_DEEP = 2.0, 1.15
"""Weights that differ by less than this factor are about right, in one layer and in many."""


def blame_size(trace: Trace, layer: int) -> tuple[str, str]:
    """Return a remedy for units of a layer that are driven too far, and the cause."""
    if layer == 0 and not are_inputs_scaled(trace.inputs[0]):
        return "initialization is not the problem, but the scale of X is", DATA
    biases = describe_biases(trace, layer)
    weights = "" if biases else describe_weights(trace, layer)
    if layer == 0 and not (weights or biases):
        return "weights fit the layer, but X is too large for it: scale X", DATA
    return join(weights, biases, try_scheme(trace, layer)), INITIALIZATION


def blame_depth(trace: Trace, layer: int) -> str:
    """Return a remedy for signals that change their size on the way to a layer, or back."""
    sizes = np.log([compare_weights(trace, index) for index in range(layer + 1)])
    worst = int(np.abs(sizes).argmax())
    are_alike = (sizes * np.sign(sizes[worst]) > np.log(FAR_WHEN_DEEP)).all()
    if are_alike:  # many layers do it, and not the worst one
        weights = describe_weights(trace, int(sizes.argsort()[len(sizes) // 2]), FAR_WHEN_DEEP)
    else:
        weights = describe_weights(trace, worst, FAR_WHEN_DEEP)
        weights += f" in {name_layers([worst], trace.n_layers)}" if weights else ""
    biases = describe_biases(trace, layer)
    if weights or biases:
        return join(weights, biases, try_scheme(trace, layer))
    return f'try weight_init="{AUTO}", which is made for depth, or fewer layers'


def try_scheme(trace: Trace, layer: int) -> str:
    """Say which scheme to try for a layer."""
    return f'try weight_init="{_choose_scheme(_activation(trace, layer))}"'


def compare_weights(trace: Trace, layer: int) -> float:
    """Return how many times as large the weights are as those of the scheme that suits."""
    W = trace.weights[layer]
    std = STDS.get(_choose_scheme(_activation(trace, layer)), lambda n, m: n**-0.5)(*W.shape)
    # no overflow, and no zero, whose logarithm is not finite
    return float(np.clip(_root_mean_square(W) / std, 1e-300, 1e300))


def describe_weights(trace: Trace, layer: int, far: float = FAR) -> str:
    """Say how far weights are from those of the scheme that suits; empty if they are not far."""
    ratio, fan_in = compare_weights(trace, layer), len(trace.weights[layer])
    if 1 / far < ratio < far:
        return ""
    if not trace.weights[layer].any():
        return "weights are 0"
    inputs = "1 input" if fan_in == 1 else f"{fan_in} inputs"
    if ratio > 1:
        return f"weights are {times(ratio)} too large for {inputs}"
    return f"weights are {times(1 / ratio)} too small for {inputs}"


def describe_biases(trace: Trace, layer: int) -> str:
    """Say that biases outweigh all that comes from the inputs of a layer; empty if they do not."""
    b = trace.biases[layer]
    with np.errstate(all="ignore"):
        signal = trace.z[layer] - b
    if not _root_mean_square(b) > max(FAR * _root_mean_square(signal), 1.0):
        return ""
    return f'biases are too large, {b.mean():.2g} on average: try bias_init="zeros"'


def join(*parts: str) -> str:
    """Return the parts that are not empty, as one."""
    return "; ".join(filter(None, parts))


def where(holds: NDArray) -> list[int]:
    """Return the indices where it holds."""
    return np.flatnonzero(holds).tolist()


def times(ratio: float) -> str:
    """Write a factor above 1."""
    if not ratio < 1e5:
        return f"{ratio:.0e}".replace("e+0", "e").replace("e+", "e") + "x"
    return f"{ratio:.1f}x" if ratio < 3 else f"{ratio:.0f}x"


def percent(share: float) -> str:
    """Write a share; "100%" is all of them."""
    return f"{100 * share:.0f}%" if share in (0, 1) else f"{np.clip(100 * share, 1, 99):.0f}%"


def name_layers(layers: list[int], n_layers: int) -> str:
    """Return what layers are called, given sorted indices: hidden layers count from 1."""
    numbers = [layer + 1 for layer in layers]
    if len(numbers) == 1:
        return "output layer" if numbers[0] == n_layers else f"hidden layer {numbers[0]}"
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"hidden layers {numbers[0]} to {numbers[-1]}"
    return f"{len(numbers)} hidden layers, of which the first is number {numbers[0]}"


def _choose_scheme(activation: Activation) -> str:
    return REMEDIES.get(activation.name, AUTO)


def _activation(trace: Trace, layer: int) -> Activation:
    """Return the activation of a hidden layer, or the one before the output layer."""
    if not trace.activations:
        return ACTIVATIONS["identity"]
    return trace.activations[min(layer, len(trace.activations) - 1)]


def _root_mean_square(numbers: NDArray) -> float:
    largest = float(np.abs(numbers).max())
    if not 0 < largest < np.inf:
        return largest
    return largest * float(np.sqrt(np.mean(np.square(numbers / largest))))
