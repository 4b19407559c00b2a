"""Symmetry: how many units of a layer are different from one another."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_init.network import Layout

ALIKE = 1e-6
"""Weights that differ by less, as a share of the largest one in the layer, count as equal."""


def count_distinct_units(
    incoming: NDArray, biases: NDArray, outgoing: NDArray, tolerance: float = 0.0
) -> int:
    """Count the distinct units of a hidden layer.

    Two units are identical if their incoming weights, biases and outgoing weights are equal. They
    then compute the same, receive the same gradient, and stay identical under any deterministic
    solver.

    Parameters
    ----------
    incoming : ndarray of shape (fan_in, n_units)
    biases : ndarray of shape (n_units,)
    outgoing : ndarray of shape (n_units, fan_out)
    tolerance : float, default=0.0
        By how much equal numbers may differ, as a share of the largest one in the layer.

    Returns
    -------
    int
        1 if all units are identical, ``n_units`` if all differ.
    """
    n_units = len(biases)
    # random weights differ in the first input already: no need to compare the rest
    first = np.sort(incoming[0])
    if (np.diff(first) > tolerance * np.abs(first).max()).all():
        return n_units
    units = np.hstack([incoming.T, biases[:, np.newaxis], outgoing])
    if tolerance == 0:
        return len(np.unique(units, axis=0))
    return _count_unlike(units, tolerance * np.abs(units).max())


def count_distinct_units_per_layer(
    layout: Layout, theta: NDArray, tolerance: float = 0.0
) -> list[int]:
    """Return `count_distinct_units` of every hidden layer of a row of shape (n_params,)."""
    weights, biases = layout.views(theta)
    return [
        count_distinct_units(weights[layer], biases[layer], weights[layer + 1], tolerance)
        for layer in range(len(weights) - 1)
    ]


Form = Callable[[NDArray, NDArray, NDArray], tuple[NDArray, NDArray, NDArray]]
"""Takes and returns incoming weights, biases and outgoing weights: of units that do the same."""


def without_sign(
    incoming: NDArray, biases: NDArray, outgoing: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Turn the sign of units so that a unit and its mirror image become equal.

    With an odd activation ``v phi(w x + b)`` is ``(-v) phi(-w x - b)``.
    """
    units = np.vstack([incoming, biases])
    largest = units[np.abs(units).argmax(axis=0), np.arange(len(biases))]
    sign = np.where(largest < 0, -1.0, 1.0)
    return incoming * sign, biases * sign, outgoing * sign[:, np.newaxis]


def without_scale(
    incoming: NDArray, biases: NDArray, outgoing: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Scale what enters a unit to length 1, and what leaves it the other way.

    With a positively homogeneous activation ``v phi(w x + b)`` is ``c v phi((w x + b) / c)``.
    """
    length = np.linalg.norm(np.vstack([incoming, biases]), axis=0)
    length[length == 0] = 1.0
    return incoming / length, biases / length, outgoing * length[:, np.newaxis]


def _count_unlike(units: NDArray, tolerance: float) -> int:
    """Count rows, taking as one those that differ by no more than `tolerance` in any entry.

    Equal rows are neighbors in the order of any projection.
    """
    direction = np.random.default_rng(0).standard_normal(units.shape[1])
    ordered = units[np.argsort(units @ direction, kind="stable")]
    return 1 + int((np.abs(np.diff(ordered, axis=0)).max(axis=1) > tolerance).sum())
