"""Symmetry: how many units of a layer are different from one another."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.network import Layout


def count_distinct_units(incoming: NDArray, biases: NDArray, outgoing: NDArray) -> int:
    """Count the distinct units of a hidden layer.

    Two units are identical if their incoming weights, biases and outgoing weights are exactly
    equal. They then compute the same, receive the same gradient, and stay identical under any
    deterministic solver.

    Parameters
    ----------
    incoming : ndarray of shape (fan_in, n_units)
    biases : ndarray of shape (n_units,)
    outgoing : ndarray of shape (n_units, fan_out)

    Returns
    -------
    int
        1 if all units are identical, ``n_units`` if all differ.
    """
    n_units = len(biases)
    # random weights differ in the first input already: no need to compare the rest
    if len(np.unique(incoming[0])) == n_units:
        return n_units
    units = np.hstack([incoming.T, biases[:, np.newaxis], outgoing])
    return len(np.unique(units, axis=0))


def count_distinct_units_per_layer(layout: Layout, theta: NDArray) -> list[int]:
    """Return `count_distinct_units` of every hidden layer of a row of shape (n_params,)."""
    weights, biases = layout.views(theta)
    return [
        count_distinct_units(weights[layer], biases[layer], weights[layer + 1])
        for layer in range(len(weights) - 1)
    ]
