"""Rules that look at the rows: where initialization is not to blame."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.diagnostics._findings import DATA, Finding, Measures
from sklearn_init.diagnostics._trace import Trace

LARGE_INPUT, SMALL_INPUT = 30.0, 0.1
"""Inputs are not scaled if their root mean square is above the first, or if the root mean square
distance of rows from their mean is below the second."""

LARGE_TARGET, SMALL_TARGET = 30.0, 0.1
"""A regression's targets are not scaled if their root mean square is above the first, or if their
standard deviation is below the second."""

FAR_FROM_ZERO = 10.0
"""Nor is anything whose mean is that many standard deviations from zero."""


def find_constant_inputs(trace: Trace, measures: Measures) -> Finding | None:
    """Find rows that are all equal."""
    if np.ptp(trace.inputs[0], axis=0).any():
        return None
    return Finding(
        "constant_inputs",
        None,
        f"inputs: all {trace.n_rows} rows of X are equal, so that no network can tell them apart",
        "initialization is not the problem: look at how X is made",
        DATA,
    )


def are_inputs_scaled(X: NDArray) -> bool:
    """Whether inputs are about as large as schemes expect, and most features not far from zero."""
    means, stds = X.mean(axis=0), X.std(axis=0)
    is_centered = np.mean(np.abs(means) > FAR_FROM_ZERO * stds, where=stds > 0) <= 0.5
    size, spread = np.sqrt(np.mean(np.square(X))), np.sqrt(np.sum(stds**2))
    return bool(size <= LARGE_INPUT and spread >= SMALL_INPUT and is_centered)


def find_unscaled_inputs(trace: Trace, measures: Measures) -> Finding | None:
    """Find inputs that are far too large or too small, or far from zero."""
    X = trace.inputs[0]
    if are_inputs_scaled(X):
        return None
    stds = np.std(X, axis=0)
    extent = f"{stds.min():.2g} to {stds.max():.2g}" if len(stds) > 1 else f"{stds[0]:.2g}"
    return Finding(
        "unscaled_inputs",
        None,
        f"inputs: the features of X are not scaled: their mean is {X.mean():.2g}, their standard "
        f"deviation {extent}, their root mean square {np.sqrt(np.mean(np.square(X))):.2g}",
        "initialization is not the problem, which expects about mean 0 and standard deviation 1: "
        "put a StandardScaler before the network",
        DATA,
    )


def find_unscaled_targets(trace: Trace, measures: Measures) -> Finding | None:
    """Find targets that an identity output has to grow to, or that hardly differ for it."""
    if trace.y is None or trace.loss.output_name != "identity":
        return None
    means, stds = trace.y.mean(axis=0), trace.y.std(axis=0)
    is_small = (stds > 0) & ((stds < SMALL_TARGET) | (np.abs(means) > FAR_FROM_ZERO * stds))
    if np.sqrt(np.mean(np.square(trace.y))) <= LARGE_TARGET and not is_small.any():
        return None
    return Finding(
        "unscaled_targets",
        None,
        f"targets: y is not scaled: its mean is {trace.y.mean():.3g}, its standard deviation "
        f"{trace.y.std():.3g}",
        "initialization is not the problem: scale y, as a TransformedTargetRegressor does",
        DATA,
    )
