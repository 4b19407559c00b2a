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
    arrays = incoming, biases, outgoing
    limit = tolerance * float(np.max([np.abs(a).max() for a in arrays])) if tolerance else 0.0
    # random weights differ in the first input already: no need to compare the rest
    if (np.diff(np.sort(incoming[0])) > limit).all():
        return n_units
    units = np.hstack([incoming.T, biases[:, np.newaxis], outgoing])
    return _count_unlike(units, limit) if tolerance else len(np.unique(units, axis=0))


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
    """Scale units, all that enters and leaves them, to length 1.

    With a positively homogeneous activation, the gradient of (c w, c b, c v) is c times that of
    (w, b, v): gradient descent, with momentum and penalty too, and L-BFGS keep such units
    multiples of each other, and adam does not. Units that do the same but for a scale that cancels
    out, (c w, c b, v / c), move apart by themselves, and remain different here.
    """
    units = np.vstack([incoming, biases, outgoing.T])
    largest = np.abs(units).max(axis=0)
    largest[largest == 0] = 1.0
    units = units / largest  # squares neither overflow nor vanish
    length = np.linalg.norm(units, axis=0)
    units /= np.where(length == 0, 1.0, length)
    n_inputs = len(incoming)
    return units[:n_inputs], units[n_inputs], units[n_inputs + 1 :].T


def _count_unlike(units: NDArray, tolerance: float) -> int:
    """Count rows, taking as one those that differ by no more than `tolerance` in any entry.

    Equal rows are neighbors in the order of any projection.
    """
    direction = np.random.default_rng(0).standard_normal(units.shape[1])
    ordered = units[np.argsort(units @ direction, kind="stable")]
    return 1 + int((np.abs(np.diff(ordered, axis=0)).max(axis=1) > tolerance).sum())
