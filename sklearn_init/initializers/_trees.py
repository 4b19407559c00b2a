"""Units that are the splits, and the leaves, of randomized trees."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import Activation
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._placed import Placed
from sklearn_init.network import Features

FAR = 1e6
"""Where an activation that saturates has all but reached its limits."""

FEWEST_LEAVES = 4
"""Trees of fewer leaves say too little of how features interact."""


class TreeUnits(Placed):
    """Units that are the splits of trees, and leaves in the second layer.

    Randomized trees (scikit-learn's extremely randomized ones) are grown on the training rows. A
    unit of the first hidden layer is a split of feature f at t, with s the feature's standard
    deviation and c half the width of the activation's active range, 1 without one:

    ``w = g * e_f`` and ``b = -g * t``, with ``g = sharpness * c / s``.

    If these units saturate and there is a second hidden layer, its units are leaves. With the
    outputs of the first layer mapped to [-1, 1], a leaf of depth D adds them up along its path,
    with the sign of the branch, and takes off D - 1. The sum is 1 in the leaf and -1 or less
    outside of it as soon as the splits are sharp, and the layer decodes the trees.

    Trees are taken one after another, until the layers are full; of the last one, the splits that
    most rows pass. Where there are fewer splits or leaves than units, the other units are normal.
    The second layer is written together with the first, so give the scheme for both, as
    ``weight_init="tree"`` does. Deeper layers are normal.

    Parameters
    ----------
    sharpness : float, default=2.0
        How steep units are, at least 0: with 1, a saturating unit leaves its active range at one
        standard deviation of its feature from the threshold.
    n_trees : int, default=5
        Number of trees, each of about ``fan_out / n_trees`` splits.
    max_samples : int, default=10_000
        At most so many rows are looked at.

    See Also
    --------
    Hinges : Random directions, with hinges in the data.

    References
    ----------
    .. [1] Lutz, Arlot, Mourtada, Gaïffas. "Sparse tree-based initialization for neural networks".
       ICLR 2023. arXiv:2209.15283.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((7,), activation="tanh", weight_init="tree", random_state=0)
    >>> np.count_nonzero(clf.initialize(X, y).coefs_[0], axis=0)  # one feature per unit
    array([1, 1, 1, 1, 1, 1, 1])
    """

    def __init__(self, sharpness: float = 2.0, n_trees: int = 5, max_samples: int = 10_000):
        self.sharpness = sharpness
        self.n_trees = n_trees
        self.max_samples = max_samples

    def _place(
        self, layer: Layer, network: Network, inputs: Features, y: NDArray, rng: Generator
    ) -> None:
        sharpness = self._number("sharpness", minimum=0)
        n_trees = self._count("n_trees")
        if layer.index > 0:
            return
        following = network.layers[1]
        limits = None if following.is_output else find_limits(layer.activation)
        n_units = layer.fan_out if limits is None else min(layer.fan_out, following.fan_out)
        n_leaves = max(FEWEST_LEAVES, n_units // n_trees + 1)
        shares = compute_shares(network)
        trees = grow(inputs, y, shares, (n_trees, n_leaves), rng)
        splits = collect_splits(trees, layer.fan_out)
        W, b = network.weights[0], network.biases[0]
        n_splits = len(splits.feature)
        slopes = sharpness * _half_width(layer.activation) / _std(inputs, shares)[splits.feature]
        W[:, :n_splits] = 0
        W[splits.feature, np.arange(n_splits)] = slopes
        b[:n_splits] = -slopes * splits.threshold
        if limits is None:
            return
        paths = splits.paths[:, : following.fan_out]
        n_leaves = paths.shape[1]
        steepness = sharpness * _half_width(following.activation)
        scale, center = 2 / (limits[1] - limits[0]), (limits[1] + limits[0]) / 2
        network.weights[1][:, :n_leaves] = 0
        network.weights[1][:n_splits, :n_leaves] = steepness * scale * paths
        network.biases[1][:n_leaves] = steepness * (
            1 - abs(paths).sum(axis=0) - scale * center * paths.sum(axis=0)
        )


@dataclass(frozen=True)
class Splits:
    """Splits of trees, and the leaves they make.

    Attributes
    ----------
    feature, threshold : ndarray of shape (n_splits,)
        Rows at or below the threshold go to the left.
    paths : ndarray of shape (n_splits, n_leaves)
        -1 where the way to a leaf turns left at a split, 1 where it turns right, 0 elsewhere.
    """

    feature: NDArray
    threshold: NDArray
    paths: NDArray


def grow(
    inputs: Features,
    y: NDArray,
    shares: NDArray | None,
    size: tuple[int, int],
    rng: Generator,
) -> list[Any]:
    """Return scikit-learn's trees: so many, with at most so many leaves."""
    from sklearn.ensemble import ExtraTreesRegressor  # imported here: takes 100 ms

    largest = abs(inputs).max()
    if largest > np.finfo(np.float32).max:
        raise ValueError(
            f"TreeUnits: the largest number in X is {largest:.2g}, more than float32 can hold, "
            "which trees are grown in; scale X."
        )
    n_trees, n_leaves = size
    # the variance of the indicators of classes is Gini's impurity: no classifier is needed
    forest = ExtraTreesRegressor(
        n_trees, max_leaf_nodes=n_leaves, random_state=int(rng.integers(2**31))
    )
    forest.fit(inputs, y[:, 0] if y.shape[1] == 1 else y, sample_weight=shares)
    return [estimator.tree_ for estimator in forest.estimators_]


def collect_splits(trees: list[Any], n_units: int) -> Splits:
    """Return at most so many splits of trees, tree by tree."""
    parts = []
    for tree in trees:
        parts.append(_collect_from(tree, n_units))
        n_units -= len(parts[-1].feature)
    n_splits, n_leaves = (sum(part.paths.shape[axis] for part in parts) for axis in (0, 1))
    paths = np.zeros((n_splits, n_leaves))
    row = column = 0
    for part in parts:
        height, width = part.paths.shape
        paths[row : row + height, column : column + width] = part.paths
        row, column = row + height, column + width
    return Splits(
        np.concatenate([part.feature for part in parts]),
        np.concatenate([part.threshold for part in parts]),
        paths,
    )


def _collect_from(tree: Any, n_units: int) -> Splits:
    """Return the splits of a tree that most rows pass, and leaves in the same order.

    A split has more rows than the splits below it, so those that are taken hang together. Their
    children that are not taken are the leaves.
    """
    weights = tree.weighted_n_node_samples
    splits = np.flatnonzero(tree.children_left >= 0)
    splits = splits[np.argsort(-weights[splits], kind="stable")][:n_units]
    way = {0: np.zeros(len(splits))}
    for index, node in enumerate(splits.tolist()):
        path = way.pop(node)
        for children, sign in ((tree.children_left, -1), (tree.children_right, 1)):
            child = int(children[node])
            way[child] = path.copy()
            way[child][index] = sign
    leaves = sorted(way, key=lambda node: -weights[node]) if len(splits) else []
    paths = np.array([way[leaf] for leaf in leaves]).reshape(len(leaves), len(splits)).T
    return Splits(tree.feature[splits], tree.threshold[splits], paths)


def find_limits(activation: Activation) -> tuple[float, float] | None:
    """Return the values far from 0 on both sides, or None if an activation does not saturate."""
    if activation.active_range is None:
        return None
    out = np.empty(4)
    activation.value(np.array([-2 * FAR, -FAR, FAR, 2 * FAR]), out)
    if not np.allclose(out[[0, 2]], out[[1, 3]], rtol=1e-3) or np.isclose(out[0], out[3]):
        return None  # sine has an active range and goes on forever
    return float(out[0]), float(out[3])


def _half_width(activation: Activation) -> float:
    low, high = activation.active_range or (-1.0, 1.0)
    return (high - low) / 2


def _std(inputs: Features, shares: NDArray | None) -> NDArray:
    """Return the standard deviations of columns."""
    n_rows = inputs.shape[0]
    p = np.full(n_rows, 1 / n_rows) if shares is None else shares
    center = p @ inputs
    if issparse(inputs):
        squares = inputs.astype(np.float64).power(2)
        return np.sqrt(np.maximum(p @ squares - center**2, 0))
    return np.sqrt(p @ (inputs - center) ** 2)
