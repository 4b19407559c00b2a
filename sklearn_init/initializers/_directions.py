"""Directions in which the rows, or the targets, differ."""

import warnings

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import lsqr
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._placed import Placed
from sklearn_init.network import Features


class KMeansDirections(Placed):
    """Units halfway between two centers of clusters.

    k-means finds centers among the rows that reach the layer, so many that there are about two
    pairs per unit. A unit belongs to a random pair, a and b: its weights are along ``b - a``, its
    hinge is at the midpoint, and the standard deviation of ``z = x @ w + bias`` over the rows is
    the gain. If there are fewer pairs than units, as with few distinct rows, the other units are
    normal.

    Parameters
    ----------
    gain : float or "auto", default="auto"
        Standard deviation of z; ``"auto"`` is the gain of the layer's activation.
    max_samples : int, default=10_000
        At most so many rows are looked at.

    See Also
    --------
    LinearDirections : Directions in which the targets differ.
    Swim : Pairs of rows instead of centers.

    References
    ----------
    .. [1] Denoeux, Lengellé. "Initializing back propagation networks with prototypes". Neural
       Networks 6, 1993.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((7,), weight_init="kmeans", random_state=0).initialize(X, y)
    >>> (X @ clf.coefs_[0]).std(axis=0).round(4)[:3]
    array([1.4142, 1.4142, 1.4142])
    """

    def __init__(self, gain: float | str = "auto", max_samples: int = 10_000):
        self.gain = gain
        self.max_samples = max_samples

    def _place(
        self, layer: Layer, network: Network, inputs: Features, y: NDArray, rng: Generator
    ) -> None:
        n_centers = int(np.ceil((1 + np.sqrt(1 + 16 * layer.fan_out)) / 2))
        shares = compute_shares(network)
        centers = find_centers(inputs, min(n_centers, len(y)), shares, rng)
        if len(centers) < 2:
            return
        a, b = np.triu_indices(len(centers), 1)
        chosen = rng.permutation(len(a))[: layer.fan_out]
        ends = centers[a[chosen]], centers[b[chosen]]
        W = (ends[1] - ends[0]).T
        z = inputs @ W
        center = np.average(z, axis=0, weights=shares)
        std = np.sqrt(np.average((z - center) ** 2, axis=0, weights=shares))
        spreads = std > 0
        W = self._gain(layer) * W[:, spreads] / std[spreads]
        midpoints = (ends[0] + ends[1])[spreads] / 2
        n_placed = W.shape[1]
        network.weights[layer.index][:, :n_placed] = W
        network.biases[layer.index][:n_placed] = -np.einsum("ij,ji->i", midpoints, W)


class LinearDirections(Placed):
    """Random mixtures of the directions in which the targets differ.

    The coefficients of the least squares regression of the targets, or of the indicators of the
    classes, on the rows that reach the layer span the directions of Fisher's discriminant
    analysis. These are made uncorrelated, with the variance 1, as in that analysis. A unit is a
    mixture of them, uniform on the sphere, times the gain, and its hinge goes through a random
    row; the standard deviation of ``z = x @ w + b`` over the rows is the gain.

    With two classes, or one number to predict, there is one direction: all units of the layer are
    parallel.

    Parameters
    ----------
    gain : float or "auto", default="auto"
        Standard deviation of z; ``"auto"`` is the gain of the layer's activation.
    max_samples : int, default=10_000
        At most so many rows are looked at.

    See Also
    --------
    KMeansDirections : Directions in which the rows differ.

    References
    ----------
    .. [1] Masden, Sinha. "Linear discriminant initialization for feed-forward neural networks".
       2020. arXiv:2007.12782.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((7,), weight_init="lda", random_state=0).initialize(X, y)
    >>> int(np.linalg.matrix_rank(clf.coefs_[0]))  # of three classes
    2
    """

    def __init__(self, gain: float | str = "auto", max_samples: int = 10_000):
        self.gain = gain
        self.max_samples = max_samples

    def _place(
        self, layer: Layer, network: Network, inputs: Features, y: NDArray, rng: Generator
    ) -> None:
        shares = compute_shares(network)
        directions = find_directions(inputs, y, shares)
        if not directions.size:
            return
        mix = rng.normal(size=(directions.shape[1], layer.fan_out))
        W = self._gain(layer) * directions @ (mix / np.linalg.norm(mix, axis=0))
        z = inputs @ W
        rows = rng.choice(len(y), size=layer.fan_out, p=shares)
        network.weights[layer.index][...] = W
        network.biases[layer.index][...] = -z[rows, np.arange(layer.fan_out)]


def find_centers(
    inputs: Features, n_centers: int, shares: NDArray | None, rng: Generator
) -> NDArray:
    """Return the distinct centers of clusters."""
    from sklearn.cluster import KMeans  # imported here: takes 60 ms

    seed = int(rng.integers(2**31))
    means = KMeans(n_centers, n_init=1, random_state=seed)
    # one thread, since the sums of several depend on which is first; the warning says that there
    # are fewer distinct rows than centers
    with threadpool_limits(1, "openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        means.fit(inputs, sample_weight=shares)
    return np.unique(means.cluster_centers_, axis=0)


def find_directions(inputs: Features, y: NDArray, shares: NDArray | None) -> NDArray:
    """Return uncorrelated directions of unit variance that the regression of y on rows spans."""
    p = np.full(len(y), 1 / len(y)) if shares is None else shares
    root = np.sqrt(p)[:, np.newaxis]
    targets = root * (y - p @ y)
    coefs = _regress(inputs, targets, p)
    scores = inputs @ coefs
    scores = root * (scores - p @ scores)
    _, sizes, axes = np.linalg.svd(scores, full_matrices=False)
    kept = sizes > 1e-6 * np.linalg.norm(targets)
    return coefs @ (axes[kept].T / sizes[kept])


def _regress(inputs: Features, targets: NDArray, p: NDArray) -> NDArray:
    """Return the coefficients of weighted least squares of least norm, without intercepts."""
    root = np.sqrt(p)
    if not sparse.issparse(inputs):
        centered = root[:, np.newaxis] * (inputs - p @ inputs)
        return np.linalg.lstsq(centered, targets, rcond=None)[0]
    # a column of ones stands for the centering, which would fill a sparse matrix
    scaled = sparse.diags(root) @ inputs
    with_ones = sparse.hstack([scaled, root[:, np.newaxis]], format="csr")
    return np.stack([lsqr(with_ones, t)[0][:-1] for t in targets.T], axis=1)
