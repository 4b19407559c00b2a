"""The table of diagnostics: what is measured of each layer of a network that rows go through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.diagnostics._expected import expected_mean_square, measured_mean_square, noise
from sklearn_init.diagnostics._shapes import find_largest_slope, is_homogeneous, is_odd
from sklearn_init.diagnostics._symmetry import (
    ALIKE,
    Form,
    count_distinct_units,
    without_scale,
    without_sign,
)
from sklearn_init.diagnostics._trace import Trace

RANK_TOLERANCE = 1e-6
"""Singular values below this share of the largest one count as zero."""

INSENSITIVE = 0.0708
"""Where the slope is below this share of the largest, a unit is saturated: tanh beyond 2."""

FLAT = 1e-3
"""Where the slope is below this share of the largest, a unit passes nothing on."""


@dataclass(frozen=True)
class Diagnostic:
    """One row of the table.

    Attributes
    ----------
    name : str
        What it is called.
    measure : callable
        ``measure(trace)`` returns one number per layer, of shape (n_layers,); NaN where there is
        nothing to measure, as in the output layer for what belongs to hidden units.
    meaning : str
        What it is.
    unit : str
        What it is measured in: powers of z and delta, a share, units, or "1" for plain numbers.
    """

    name: str
    measure: Callable[[Trace], NDArray]
    meaning: str
    unit: str


def measure(trace: Trace) -> dict[str, NDArray]:
    """Return all diagnostics of a trace, each of shape (n_layers,)."""
    with np.errstate(all="ignore"):
        return {name: row.measure(trace) for name, row in DIAGNOSTICS.items()}


def _per_layer(function: Callable[[NDArray], float], arrays: Sequence[NDArray]) -> NDArray:
    return np.array([function(array) for array in arrays], dtype=float)


def _hidden_only(numbers: Sequence[float]) -> NDArray:
    """Return the numbers of the hidden layers, with NaN for the output layer."""
    return np.array([*numbers, np.nan], dtype=float)


def _distinct_units(trace: Trace, applies: Callable[[Activation], bool], form: Form) -> NDArray:
    """Count distinct units; where it applies, of units brought to a form that hides a symmetry."""
    counts = []
    for layer, activation in enumerate(trace.activations):
        unit = trace.weights[layer], trace.biases[layer], trace.weights[layer + 1]
        unit = form(*unit) if applies(activation) else unit
        counts.append(count_distinct_units(*unit, tolerance=ALIKE))
    return _hidden_only(counts)


def _as_they_are(activation: Activation) -> bool:
    return False


def _rank(a: NDArray) -> float:
    """Return the numerical rank of the differences between rows."""
    largest = np.abs(a).max()
    if not 0 < largest < np.inf:
        return 0.0 if largest == 0 else np.nan
    centered = (a - a.mean(axis=0)) / largest
    # squared singular values: their tolerance is far above rounding errors, and this is faster
    tall = centered if len(a) >= a.shape[1] else centered.T
    squares = np.linalg.eigvalsh(tall.T @ tall)
    # differences that are rounding errors of the numbers themselves are none
    floor = max(RANK_TOLERANCE**2 * squares[-1], (1e-13 * np.linalg.norm(a / largest)) ** 2)
    return float((squares > floor).sum())


def _variance_over_rows(a: NDArray) -> float:
    return float(np.var(a, axis=0).mean())


def _slopes_of_largest(trace: Trace) -> list[NDArray]:
    """Return the size of slopes as shares of the activation's largest one."""
    pairs = zip(trace.slopes, trace.activations, strict=True)
    return [np.abs(slope) / find_largest_slope(activation) for slope, activation in pairs]


def _saturated(trace: Trace) -> NDArray:
    shares = [
        float(np.mean(slope < INSENSITIVE)) if activation.active_range else np.nan
        for slope, activation in zip(_slopes_of_largest(trace), trace.activations, strict=True)
    ]
    return _hidden_only(shares)


def _dead(trace: Trace) -> NDArray:
    return _hidden_only(
        [float(np.mean((s < FLAT).all(axis=0))) for s in _slopes_of_largest(trace)]
    )


def _always_on(trace: Trace) -> NDArray:
    shares = []
    for slope in _slopes_of_largest(trace):
        is_on, is_straight = (slope >= FLAT).all(axis=0), np.ptp(slope, axis=0) < FLAT
        shares.append(float(np.mean(is_on & is_straight)))
    return _hidden_only(shares)


def _gradient_norm(trace: Trace) -> NDArray:
    if trace.gradients is None:
        return np.full(trace.n_layers, np.nan)
    return _per_layer(lambda grad: float(np.linalg.norm(grad)), trace.gradients)


def _gradient_ratio(trace: Trace) -> NDArray:
    return _gradient_norm(trace) / _per_layer(lambda W: float(np.linalg.norm(W)), trace.weights)


def _mean_singular_value(index: int) -> Callable[[Trace], NDArray]:
    """Return a measure of the first or the last singular value of Jacobians, over rows."""
    return lambda trace: _per_layer(
        lambda singular: float(singular[:, index].mean()), trace.singular_values
    )


def _correlation(z: NDArray) -> float:
    """Return the mean cosine of the angle between two rows, over all pairs of them."""
    length = np.linalg.norm(z, axis=1)
    directions = z[length > 0] / length[length > 0, np.newaxis]
    n = len(directions)
    if n < 2:
        return np.nan
    return float((np.square(directions.sum(axis=0)).sum() - n) / (n * (n - 1)))


_ROWS = (
    Diagnostic(
        "distinct_units",
        lambda trace: _distinct_units(trace, _as_they_are, without_scale),
        "units whose incoming weights, bias and outgoing weights differ from those of others",
        "units",
    ),
    Diagnostic(
        "distinct_up_to_sign",
        lambda trace: _distinct_units(trace, is_odd, without_sign),
        "the same, taking mirror images as equal where the activation is odd, as tanh is",
        "units",
    ),
    Diagnostic(
        "distinct_up_to_scale",
        lambda trace: _distinct_units(trace, is_homogeneous, without_scale),
        "the same, taking multiples, incoming and outgoing, as equal where the activation is "
        "homogeneous, as relu is: gradient descent keeps them multiples",
        "units",
    ),
    Diagnostic(
        "rank",
        lambda trace: _per_layer(_rank, [*trace.inputs[1:], trace.z[-1]]),
        "numerical rank of the differences between rows in what leaves the layer",
        "1",
    ),
    Diagnostic(
        "z_mean",
        lambda trace: _per_layer(lambda z: float(z.mean()), trace.z),
        "mean of the pre-activations",
        "z",
    ),
    Diagnostic(
        "z_variance",
        lambda trace: _per_layer(_variance_over_rows, trace.z),
        "variance of the pre-activations over rows, on average over units",
        "z^2",
    ),
    Diagnostic(
        "z_mean_square",
        measured_mean_square,
        "mean square of the pre-activations",
        "z^2",
    ),
    Diagnostic(
        "expected_mean_square",
        expected_mean_square,
        "the same, as mean-field theory expects it of independent weights of mean zero",
        "z^2",
    ),
    Diagnostic(
        "noise",
        noise,
        "standard deviation of ln(z_mean_square / expected_mean_square) by chance",
        "1",
    ),
    Diagnostic(
        "a_mean",
        lambda trace: _hidden_only([float(a.mean()) for a in trace.inputs[1:]]),
        "mean of the activations",
        "z",
    ),
    Diagnostic(
        "a_variance",
        lambda trace: _hidden_only([_variance_over_rows(a) for a in trace.inputs[1:]]),
        "variance of the activations over rows, on average over units",
        "z^2",
    ),
    Diagnostic(
        "saturated",
        _saturated,
        "share of activations that are nearly flat, where the activation is so on both sides",
        "share",
    ),
    Diagnostic(
        "dead",
        _dead,
        "share of units that are flat for every row, so that they pass no gradient",
        "share",
    ),
    Diagnostic(
        "always_on",
        _always_on,
        "share of units with one and the same slope for every row, so that they are linear",
        "share",
    ),
    Diagnostic(
        "delta_mean",
        lambda trace: _per_layer(lambda delta: float(delta.mean()), trace.deltas),
        "mean of the back-propagated signal",
        "delta",
    ),
    Diagnostic(
        "delta_variance",
        lambda trace: _per_layer(lambda delta: float(np.var(delta)), trace.deltas),
        "variance of the back-propagated signal over rows and units",
        "delta^2",
    ),
    Diagnostic(
        "gradient_norm",
        _gradient_norm,
        "length of the gradient of the loss with respect to the weights",
        "z delta",
    ),
    Diagnostic(
        "gradient_ratio",
        _gradient_ratio,
        "the same, divided by the length of the weights",
        "z delta",
    ),
    Diagnostic(
        "jacobian_largest",
        _mean_singular_value(0),
        "largest singular value of the Jacobian of the output's z with respect to the layer's "
        "input",
        "1",
    ),
    Diagnostic(
        "jacobian_smallest",
        _mean_singular_value(-1),
        "smallest singular value of the same",
        "1",
    ),
    Diagnostic(
        "correlation",
        lambda trace: _per_layer(_correlation, trace.z),
        "cosine of the angle between the pre-activations of two rows, on average over pairs",
        "1",
    ),
)

DIAGNOSTICS = {row.name: row for row in _ROWS}
"""The table: what is measured of each layer, by name."""
