"""Symmetry: how many units of a layer are different from one another."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.diagnostics._shapes import is_odd, value_and_slope

ALIKE = 1e-6
"""Weights that differ by less, as a share of the largest one in the layer, count as equal."""

ROUNDED = 1e-12
"""The same at a start, where wide layers may have units that are nearly equal by chance."""


def count_distinct_units(
    incoming: NDArray, biases: NDArray, outgoing: NDArray, tolerance: float = 0.0
) -> int:
    """Count the distinct units of a hidden layer.

    Two units are identical if their incoming weights, biases and outgoing weights are equal. They
    then compute the same and receive the same gradient, so that in exact arithmetic no solver
    makes them different. In floating point the order of a sum may differ from unit to unit, and
    such differences may grow over many epochs.

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
    limit = 0.0
    if tolerance:
        limit = tolerance * float(np.max([np.abs(a).max() for a in (incoming, biases, outgoing)]))
    # random weights differ in the first input already: no need to compare the rest
    if are_unlike(incoming[0], limit):
        return len(biases)
    units = np.hstack([incoming.T, biases[:, np.newaxis], outgoing])
    return _count_unlike(units, limit) if tolerance else len(np.unique(units, axis=0))


def count_distinct_units_up_to_sign(
    incoming: NDArray,
    biases: NDArray,
    outgoing: NDArray,
    activation: Activation,
    tolerance: float,
) -> tuple[int, int]:
    """Return the number of distinct units, and that of units that are no mirror images either.

    Mirror images are units whose weights and biases have the opposite sign. If the activation is
    odd they compute the same and receive gradients of the opposite sign, so that training parts
    them as little as copies. For other activations both numbers are the same.

    Parameters
    ----------
    incoming, biases, outgoing, tolerance
        As of `count_distinct_units`.
    activation : Activation
        Of the layer.
    """
    n_distinct = count_distinct_units(incoming, biases, outgoing, tolerance)
    if not is_odd(activation):
        return n_distinct, n_distinct
    unsigned = without_sign(incoming, biases, outgoing)
    return n_distinct, min(n_distinct, count_distinct_units(*unsigned, tolerance))


def explain_zero_gradients(
    incoming: NDArray, biases: NDArray, outgoing: NDArray, activation: Activation
) -> str:
    """Say why incoming weights of zero have no gradient for any data; empty if they have one.

    Their gradient is zero if the slopes are, or as long as the outgoing weights are; these stay
    zero if the outputs are zero. So nothing changes, whatever dropout leaves out.
    """
    if incoming.any():
        return ""
    outputs, slopes = value_and_slope(activation, biases)
    if not (outputs.any() or outgoing.any()):
        return "all weights into and out of it are zero and so are its outputs"
    return "" if slopes.any() else "all weights into it are zero and so are its slopes"


def are_unlike(numbers: NDArray, limit: float) -> bool:
    """Whether any two numbers differ by more than a limit."""
    return bool((np.diff(np.sort(numbers)) > limit).all())


Form = Callable[[NDArray, NDArray, NDArray], tuple[NDArray, NDArray, NDArray]]
"""Takes and returns incoming weights, biases and outgoing weights: of units that do the same."""


def without_sign(
    incoming: NDArray, biases: NDArray, outgoing: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Turn the sign of units so that a unit and its mirror image become equal.

    With an odd activation ``v phi(w x + b)`` is ``(-v) phi(-w x - b)``.
    """
    # a projection tells the signs apart where the largest weights are ties but for rounding, and
    # where only the outgoing weights are not zero
    sign = np.where(_project(np.vstack([incoming, biases, outgoing.T]).T) < 0, -1.0, 1.0)
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
    ordered = units[np.argsort(_project(units), kind="stable")]
    return 1 + int((np.abs(np.diff(ordered, axis=0)).max(axis=1) > tolerance).sum())


def _project(units: NDArray) -> NDArray:
    """Return the coordinate of every row along one direction, which no structure is aligned to."""
    return units @ np.random.default_rng(0).standard_normal(units.shape[1])
