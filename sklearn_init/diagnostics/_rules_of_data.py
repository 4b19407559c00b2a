"""Rules that look at the rows: where initialization is not to blame."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.diagnostics._findings import DATA, Finding, Measures
from sklearn_init.diagnostics._trace import Trace

LARGE_INPUT, SMALL_INPUT = 30.0, 0.1
"""Inputs are not scaled if their root mean square is above the first, or if the root mean square
distance of rows from their mean is below the second."""

LARGE_TARGET = 30.0
"""The root mean square of a regression's targets above which these are not scaled."""


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
    """Whether inputs are about as large as schemes expect."""
    spread = np.sqrt(np.var(X, axis=0).sum())
    return bool(np.sqrt(np.mean(np.square(X))) <= LARGE_INPUT and spread >= SMALL_INPUT)


def find_unscaled_inputs(trace: Trace, measures: Measures) -> Finding | None:
    """Find inputs that are far too large or too small."""
    X = trace.inputs[0]
    if are_inputs_scaled(X):
        return None
    stds = np.std(X, axis=0)
    extent = f"{stds.min():.2g} to {stds.max():.2g}" if len(stds) > 1 else f"{stds[0]:.2g}"
    return Finding(
        "unscaled_inputs",
        None,
        f"inputs: the features of X are not scaled: their standard deviation is {extent}, their "
        f"root mean square {np.sqrt(np.mean(np.square(X))):.2g}",
        "initialization is not the problem, which expects about mean 0 and standard deviation 1: "
        "put a StandardScaler before the network",
        DATA,
    )


def find_unscaled_targets(trace: Trace, measures: Measures) -> Finding | None:
    """Find targets that an identity output has to grow to."""
    if trace.y is None or trace.loss.output_name != "identity":
        return None
    if np.sqrt(np.mean(np.square(trace.y))) <= LARGE_TARGET:
        return None
    return Finding(
        "unscaled_targets",
        None,
        f"targets: y is not scaled: its mean is {trace.y.mean():.3g}, its standard deviation "
        f"{trace.y.std():.3g}",
        "initialization is not the problem: scale y, as a TransformedTargetRegressor does",
        DATA,
    )
