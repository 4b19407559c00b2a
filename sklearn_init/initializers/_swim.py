"""Units that rise from one row to another: sampling where it matters."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import Activation
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._placed import Placed
from sklearn_init.network import Features


class Swim(Placed):
    """Sampling where it matters: units that rise from one row to another.

    For every unit a pair of rows x1, x2 is drawn, with a probability proportional to
    ``max_k |y2_k - y1_k| / |x2 - x1|``: where the target is steep. With ``d = x2 - x1``,

    ``w = (high - low) * d / |d|**2`` and ``b = low - x1 @ w``,

    so that z is `low` at x1 and `high` at x2. These are -s and s for units that saturate,
    ``s = log(3) / 4`` times half the width of their active range: tanh goes from -1/2 to 1/2,
    logistic from 1/4 to 3/4. For all others they are 0 and 1. Deeper layers do the same with what
    reaches them.

    The N rows make ``N * ceil(H / N)`` candidate pairs for H units, each row in turn with a random
    other one; no two rows are paired twice. Rows that are equal, or all but equal, are no pair. A
    pair serves one unit, where there are enough of them. If no pair differs in y, all are as
    probable.

    Parameters
    ----------
    max_samples : int, default=10_000
        At most so many rows are looked at.

    See Also
    --------
    Hinges : Random weights, with hinges in the data.

    References
    ----------
    .. [1] Bolager, Burak, Datar, Sun, Dietrich. "Sampling weights of deep neural networks".
       NeurIPS 2023. arXiv:2306.16830.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> X = np.array([[0.0], [1.0]])
    >>> reg = InitMLPRegressor(hidden_layer_sizes=1, activation="tanh", weight_init="swim")
    >>> reg = reg.initialize(X, [0, 1])
    >>> np.sort(np.tanh(X @ reg.coefs_[0] + reg.intercepts_[0]), axis=None)
    array([-0.5,  0.5])
    """

    def __init__(self, max_samples: int = 10_000):
        self.max_samples = max_samples

    def _place(
        self, layer: Layer, network: Network, inputs: Features, y: NDArray, rng: Generator
    ) -> None:
        n_rows = len(y)
        if n_rows < 2:
            return
        first, second = draw_pairs(n_rows, layer.fan_out, rng)
        distances = measure_distances(inputs, first, second)
        probabilities = weigh_pairs(distances, y, first, second, compute_shares(network))
        if probabilities is None:
            return
        scarce = bool(np.count_nonzero(probabilities) < layer.fan_out)
        chosen = rng.choice(len(first), layer.fan_out, replace=scarce, p=probabilities)
        x1, x2 = inputs[first[chosen]], inputs[second[chosen]]
        low, high = get_levels(layer.activation)
        W = rise(x1, x2, distances[chosen], high - low)
        at_x1 = x1.multiply(W.T).sum(axis=1) if issparse(x1) else np.einsum("ij,ji->i", x1, W)
        network.weights[layer.index][...] = W
        network.biases[layer.index][...] = low - np.asarray(at_x1).ravel()


def get_levels(activation: Activation) -> tuple[float, float]:
    """Return what z is to be at the first and at the second row of a pair."""
    if activation.active_range is None:
        return 0.0, 1.0
    low, high = activation.active_range
    s = np.log(3) / 4 * (high - low) / 2
    return -s, s


def draw_pairs(n_rows: int, n_units: int, rng: Generator) -> tuple[NDArray, NDArray]:
    """Return different pairs of rows, as few times all rows as are enough for the units."""
    # the rows stand in a circle, in random order; one is paired with those 1, 2, ... places on
    order = rng.permutation(n_rows)
    n_steps = min(-(-n_units // n_rows), n_rows // 2)
    first = np.tile(order, n_steps)
    second = np.concatenate([np.roll(order, -step) for step in range(1, n_steps + 1)])
    n_pairs = n_rows * (n_rows - 1) // 2  # half the circle away, pairs would come twice
    return first[:n_pairs], second[:n_pairs]


def measure_distances(inputs: Features, first: NDArray, second: NDArray) -> NDArray:
    """Return the distances of pairs of rows; 0 where they are small beside the largest one.

    Rounding, or noise that tells copies of a row apart, would make the steepest units.
    """
    difference = inputs[second] - inputs[first]
    if issparse(difference):
        squares = np.asarray(difference.multiply(difference).sum(axis=1)).ravel()
    else:
        squares = np.einsum("ij,ij->i", difference, difference)
    distances = np.sqrt(squares.astype(np.float64))
    distances[distances <= np.sqrt(np.finfo(inputs.dtype).eps) * distances.max()] = 0
    return distances


def weigh_pairs(
    distances: NDArray, y: NDArray, first: NDArray, second: NDArray, shares: NDArray | None
) -> NDArray | None:
    """Return the probabilities of pairs, or None if there is no pair."""
    weights = (distances > 0).astype(np.float64)
    if shares is not None:
        weights *= shares[first] * shares[second]
    slopes = np.zeros_like(distances)
    steps = abs(y[second] - y[first]).max(axis=1)
    np.divide(steps, distances, out=slopes, where=weights > 0)
    if slopes.any():
        weights *= slopes / slopes.max()
    total = weights.sum()
    return weights / total if total > 0 else None


def rise(x1: Features, x2: Features, distances: NDArray, height: float) -> NDArray:
    """Return weights with which z rises by `height` from each row of x1 to that of x2."""
    difference = x2 - x1
    dense = difference.toarray() if issparse(difference) else difference
    return height * dense.T / distances**2
