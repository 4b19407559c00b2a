"""Rules that look at signals through depth: vanishing, exploding, not to be told apart."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.diagnostics._findings import Finding, Measures
from sklearn_init.diagnostics._remedies import blame_depth, name_layers, times, try_scheme, where
from sklearn_init.diagnostics._trace import Trace

LOST, GROWN = 1e-6, 1e3
"""The variance of signals, as a share of that of the inputs, at which they vanish and explode."""

STEEP = 1e6
"""By how much squared back-propagated signals may grow or shrink between hidden layers."""


def find_vanishing(trace: Trace, measures: Measures) -> Finding | None:
    """Find hidden layers in which rows can hardly be told apart."""
    variances = measures["z_variance"][:-1] / np.var(trace.inputs[0], axis=0).mean()
    layers = where(variances < LOST)
    if not layers:
        return None
    last = layers[-1]
    size = np.sqrt(variances[last])
    verdict = (
        f"{name_layers(layers, trace.n_layers)}: signals vanish: what differs between rows has "
        f"shrunk to {size:.1g} times that in the inputs{_per_layer(size, last + 1)}"
    )
    return Finding("vanishing", layers[0], verdict, blame_depth(trace, last))


def find_exploding(trace: Trace, measures: Measures) -> Finding | None:
    """Find hidden layers in which signals are far larger than in the inputs."""
    of_inputs, squares = np.mean(np.square(trace.inputs[0])), measures["z_mean_square"][:-1]
    # beside tiny inputs, biases are large but do no harm
    layers = where(squares > GROWN * max(of_inputs, 1.0))
    if not layers:
        return None
    last = layers[-1]
    verdict = (
        f"{name_layers(layers, trace.n_layers)}: signals explode: their root mean square is "
        f"{np.sqrt(squares[last]):.2g}, and that of the inputs {np.sqrt(of_inputs):.2g}"
        f"{_per_layer(np.sqrt(squares[last] / of_inputs), last + 1)}"
    )
    return Finding("exploding", layers[0], verdict, blame_depth(trace, last))


def find_vanishing_gradient(trace: Trace, measures: Measures) -> Finding | None:
    """Find back-propagated signals that do not reach the first layer."""
    ratio, n_steps = _growth_backward(trace), len(trace.activations) - 1
    if not ratio < 1 / STEEP:
        return None
    size = np.sqrt(ratio)
    verdict = (
        f"hidden layer 1: gradients vanish: a signal sent back has shrunk to {size:.1g} times "
        f"what it was in hidden layer {n_steps + 1}{_per_layer(size, n_steps)}"
    )
    return Finding("vanishing_gradient", 0, verdict, blame_depth(trace, n_steps))


def find_exploding_gradient(trace: Trace, measures: Measures) -> Finding | None:
    """Find back-propagated signals that grow layer by layer."""
    ratio, n_steps = _growth_backward(trace), len(trace.activations) - 1
    if not ratio > STEEP:
        return None
    size = np.sqrt(ratio)
    verdict = (
        f"hidden layer 1: gradients explode: a signal sent back is {times(size)} as large as in "
        f"hidden layer {n_steps + 1}{_per_layer(size, n_steps)}"
    )
    return Finding("exploding_gradient", 0, verdict, blame_depth(trace, n_steps))


def find_collapsed(trace: Trace, measures: Measures) -> Finding | None:
    """Find hidden layers that leave one direction of many."""
    widths = np.array([len(b) for b in trace.biases[:-1]])
    layers = where((measures["rank"][:-1] <= 1) & (np.minimum.accumulate(widths) >= 3))
    X = trace.inputs[0]
    if not layers or min(X.shape) < 3 or np.linalg.matrix_rank(X - X.mean(axis=0)) < 3:
        return None
    verdict = (
        f"{name_layers(layers, trace.n_layers)}: all rows lie on a line in what leaves the layer, "
        f"though it has {widths[layers[0]]} units"
    )
    return Finding("collapsed", layers[0], verdict, try_scheme(trace, layers[0]))


def _growth_backward(trace: Trace) -> float:
    """Return by how much squares of signals grow from the last hidden layer back to the first.

    They are of random directions, and do not come from the output layer: where that is zero, or
    pairs of units cancel each other, nothing comes back before the first step, and yet it learns.
    """
    if len(trace.activations) < 2:
        return 1.0
    delta = np.random.default_rng(0).standard_normal(trace.z[-2].shape) * trace.slopes[-1]
    last = _square(delta)
    for W, slope in zip(trace.weights[-2:0:-1], trace.slopes[-2::-1], strict=True):
        delta = (delta @ W.T) * slope
    return _square(delta) / last if last > 0 else 1.0


def _square(delta: NDArray) -> float:
    return float(np.square(delta).sum())


def _per_layer(size: float, n_layers: int) -> str:
    """Say what a factor is per layer, if it is that of several."""
    return f", {size ** (1 / n_layers):.2g} times per layer" if n_layers > 1 else ""
