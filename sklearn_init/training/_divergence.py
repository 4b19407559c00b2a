"""What to do about divergence: it depends on the start, the data and the learning rate."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.losses import REGRESSION_LOSSES
from sklearn_init.network import Objective
from sklearn_init.solvers import Restart

LARGE_WEIGHTS = 5.0
"""Weights are named if they are larger by this factor than sqrt(2 / fan_in), which suits relu."""

LARGE_DATA = 30.0
"""Root mean squares of X, y and biases above this are named."""

N_ROWS = 1000
"""So many rows are looked at."""


def describe_remedy(
    restarts: Sequence[Restart], objective: Objective, learning_rate: float | None
) -> str:
    """Say what to do about divergence: first about what is far from usual.

    Parameters
    ----------
    restarts : sequence of Restart
        Their starts are looked at.
    objective : Objective
        On all rows.
    learning_rate : float or None
        The first one; None with L-BFGS.
    """
    remedies = [*_describe_data(objective), *_describe_start(restarts, objective)]
    if remedies:
        return ", and ".join(remedies)
    if learning_rate is not None:
        return f"lower learning_rate_init={learning_rate!r}"
    return "scale X and y, or start from smaller weights with weight_init"


def _describe_data(objective: Objective) -> list[str]:
    X = objective.X[:N_ROWS]
    sizes = {"X": _root_mean_square(X.data if issparse(X) else X)}
    if objective.loss.name in REGRESSION_LOSSES:  # labels have no scale
        sizes["y"] = _root_mean_square(objective.y[:N_ROWS])
    return [
        f"scale {name}, whose root mean square is {size:.2g}"
        for name, size in sizes.items()
        if size > LARGE_DATA
    ]


def _describe_start(restarts: Sequence[Restart], objective: Objective) -> list[str]:
    """Name the layer whose weights are too large by most, and that of large biases."""
    starts = [restart.start for restart in restarts if restart.diverged and restart.start.size]
    if not starts:
        return []
    weights, biases = objective.layout.views(starts[0])
    ratios = [_root_mean_square(W) / np.sqrt(2 / len(W)) for W in weights]
    sizes = [_root_mean_square(b) for b in biases]
    worst, largest = int(np.argmax(ratios)), int(np.argmax(sizes))
    remedies = []
    if ratios[worst] > LARGE_WEIGHTS:
        remedies.append(
            f"start from smaller weights (weight_init), as those of "
            f"{_name_layer(worst, len(weights))} are {ratios[worst]:.3g} times too large for its "
            f"{len(weights[worst])} inputs"
        )
    if sizes[largest] > LARGE_DATA:
        remedies.append(
            f"start from smaller biases (bias_init), as the root mean square of those of "
            f"{_name_layer(largest, len(weights))} is {sizes[largest]:.2g}"
        )
    return remedies


def _name_layer(index: int, n_layers: int) -> str:
    return f"hidden layer {index + 1}" if index < n_layers - 1 else "the output layer"


def _root_mean_square(numbers: NDArray) -> float:
    largest = float(np.abs(numbers).max(initial=0))
    if not 0 < largest < np.inf:
        return largest
    with np.errstate(under="ignore"):  # squares of shares of the largest do not overflow
        return largest * float(np.sqrt(np.mean(np.square(numbers / largest))))
