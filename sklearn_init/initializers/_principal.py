"""Units that look along the principal directions of their inputs."""

import numpy as np
import scipy.linalg
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features


class PrincipalDirections(Refinement):
    """Hidden units that look along the principal directions of their inputs.

    Unit j of a hidden layer gets the direction of the j-th greatest variance of what enters the
    layer, as long as there is one: with n inputs and N distinct rows at most ``min(n, N - 1)`` are
    found. Further units, the output layer and all biases are as the base drew them, and so are the
    lengths and the signs: of ``v`` and ``-v``, a unit gets the one nearer to what was drawn.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the weights; None is normal numbers.
    max_samples : int, default=2_000
        The number of training rows looked at, drawn at random if there are more. Time grows with
        its square where inputs are many.

    See Also
    --------
    WithinLayer : Scales units in view of the rows; with this base it is ``"within_layer_pca"``.

    References
    ----------
    .. [1] Krähenbühl, Doersch, Donahue, Darrell. "Data-dependent initializations of convolutional
       neural networks". ICLR 2016. arXiv:1511.06856.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import PrincipalDirections
    >>> X, y = np.array([[0.0, 0.0], [9.0, 0.1], [0.0, 1.0]]), np.arange(3.0)
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(2,), weight_init=PrincipalDirections())
    >>> W = reg.initialize(X, y).coefs_[0]
    >>> np.abs(W / np.linalg.norm(W, axis=0)).round(1)
    array([[1., 0.],
           [0., 1.]])
    """

    draws_matrices_only = True

    def __init__(self, base: Initializer | None = None, max_samples: int = 2_000):
        self.base = base
        self.max_samples = max_samples

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        self._adjust_base(layer, network, X, y, rng)
        if layer.is_output:
            return
        directions = find_principal_directions(
            network.inputs(layer, X), layer.fan_out, compute_shares(network)
        )
        drawn = network.weights[layer.index][:, : directions.shape[1]]
        lengths = np.linalg.norm(drawn, axis=0)
        drawn[...] = np.copysign(lengths, (drawn * directions).sum(axis=0)) * directions


def find_principal_directions(
    X: Features, n_directions: int, shares: NDArray | None = None
) -> NDArray:
    """Return the directions of greatest variance, as columns of length 1 in falling order.

    There are at most `n_directions`, and not more than the centered rows have dimensions. The
    smaller of the products ``X.T @ X`` and ``X @ X.T`` is decomposed: rows of many sparse features
    stay sparse.
    """
    shares = np.full(X.shape[0], 1 / X.shape[0]) if shares is None else shares
    X = X.astype(np.float64)
    center = X.T @ shares
    eps = np.finfo(np.float64).eps
    rounding = eps * (center @ center)
    if not issparse(X):  # before products are taken: they cancel where means are large
        X, center = X - center, np.zeros_like(center)
    root = np.sqrt(shares)
    rows = X.multiply(root[:, np.newaxis]).tocsr() if issparse(X) else X * root[:, np.newaxis]
    few_features = X.shape[1] <= X.shape[0]
    product = rows.T @ rows if few_features else rows @ rows.T
    product = product.toarray() if issparse(product) else product
    tolerance = len(product) * eps * (np.trace(product) + rounding)
    if few_features:
        product -= np.outer(center, center)
    else:  # of rows - outer(root, center)
        along = rows @ center
        product -= np.outer(root, along) + np.outer(along, root)
        product += center @ center * np.outer(root, root)
    first = max(len(product) - n_directions, 0)
    variances, vectors = scipy.linalg.eigh(product, subset_by_index=(first, len(product) - 1))
    vectors = vectors[:, variances > tolerance][:, ::-1]
    if few_features:
        return vectors
    directions = rows.T @ vectors - np.outer(center, root @ vectors)
    return directions / np.linalg.norm(directions, axis=0)
