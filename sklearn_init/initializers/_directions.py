"""Directions in which the rows, or the targets, differ."""

import warnings

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from sklearn_init._text import show
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._linear_fit import fit_linear, measure_columns
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._placed import Placed
from sklearn_init.losses import SQUARED_ERROR
from sklearn_init.network import Features

RIDGE = 1e-4
"""Variance below which a direction of standardized inputs is taken for noise."""

SMALLEST_SHARE = 1e-3
"""Standard deviation, relative to the targets', below which what was learned of them is noise."""


class KMeansDirections(Placed):
    """Units halfway between two centers of clusters.

    k-means finds centers among the rows that reach the layer, so many that there are about two
    pairs per unit. A unit belongs to a random pair, a and b: its weights are along ``b - a``, its
    hinge is at the midpoint, and the standard deviation of ``z = x @ w + bias`` over the rows is
    the gain. If there are fewer pairs than units, as with few distinct rows, the other units are
    normal.

    Parameters
    ----------
    gain : float or str, default="auto"
        Standard deviation of z, more than 0; ``"auto"`` is the gain of what enters the layer.
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
        gain = _get_gain(self, layer)
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
        W = gain * W[:, spreads] / std[spreads]
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

    The regression has a small penalty, 1e-4 of the variance of the inputs, since those of deeper
    layers are nearly dependent, and what tells them apart is noise.

    With two classes, or one number to predict, there is one direction: all units of the layer are
    parallel.

    Parameters
    ----------
    gain : float or str, default="auto"
        Standard deviation of z, more than 0; ``"auto"`` is the gain of what enters the layer.
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
        gain, shares = _get_gain(self, layer), compute_shares(network)
        directions = find_directions(inputs, y, shares, standardize=layer.index == 0)
        if not directions.size:
            return
        mix = rng.normal(size=(directions.shape[1], layer.fan_out))
        W = gain * directions @ (mix / np.linalg.norm(mix, axis=0))
        z = inputs @ W
        rows = rng.choice(len(y), size=layer.fan_out, p=shares)
        network.weights[layer.index][...] = W
        network.biases[layer.index][...] = -z[rows, np.arange(layer.fan_out)]


def _get_gain(scheme: KMeansDirections | LinearDirections, layer: Layer) -> float:
    """Return the gain, which as a standard deviation has to be more than 0."""
    gain = scheme._gain(layer)
    if gain <= 0:
        raise ValueError(f"{type(scheme).__name__}: gain={show(scheme.gain)} must be more than 0.")
    return gain


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
    centers = means.cluster_centers_
    distances = cdist(centers, centers)
    # with few distinct rows, several centers are one, but for rounding
    is_repeated = np.triu(distances <= 1e-6 * distances.max(), 1).any(axis=0)
    return centers[~is_repeated]


def find_directions(
    inputs: Features, y: NDArray, shares: NDArray | None, *, standardize: bool
) -> NDArray:
    """Return uncorrelated directions of unit variance that the regression of y on rows spans.

    Ridge regression, so that noise in inputs that are nearly dependent is not taken for a
    direction; of standardized inputs, or of inputs divided by their mean size.
    """
    p = np.full(len(y), 1 / len(y)) if shares is None else shares
    _, std = measure_columns(inputs, p)
    size = std if standardize else np.full_like(std, np.sqrt(np.mean(std**2)))
    inverse = np.divide(1, size, out=np.zeros_like(size), where=size > 0)
    scaled = inputs @ sparse.diags(inverse) if sparse.issparse(inputs) else inputs * inverse
    coefs = inverse[:, np.newaxis] * fit_linear(scaled, y, p, SQUARED_ERROR, alpha=RIDGE)[0]
    root = np.sqrt(p)[:, np.newaxis]
    scores = inputs @ coefs
    scores = root * (scores - p @ scores)
    _, sizes, axes = np.linalg.svd(scores, full_matrices=False)
    kept = sizes > SMALLEST_SHARE * np.linalg.norm(root * (y - p @ y))
    return coefs @ (axes[kept].T / sizes[kept])
