"""Biases that put the hinges of units into the data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._lookup import lookup
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features


def _simplex(z: NDArray, shares: NDArray | None, n_points: int, rng: Generator) -> NDArray:
    """Mix random rows, other ones for every unit, with weights uniform on the simplex."""
    n_rows, n_units = z.shape
    rows = rng.choice(n_rows, size=(n_points, n_units), p=shares)
    mix = rng.exponential(size=(n_points, n_units))
    mix /= mix.sum(axis=0)
    return (mix * z[rows, np.arange(n_units)]).sum(axis=0)


def _point(z: NDArray, shares: NDArray | None, n_points: int, rng: Generator) -> NDArray:
    return _simplex(z, shares, 1, rng)


def _range(z: NDArray, shares: NDArray | None, n_points: int, rng: Generator) -> NDArray:
    low, high = z.min(axis=0), z.max(axis=0)
    return low + (high - low) * rng.random(z.shape[1])


def _mean(z: NDArray, shares: NDArray | None, n_points: int, rng: Generator) -> NDArray:
    return np.average(z, axis=0, weights=shares)


def _above_mean(z: NDArray, shares: NDArray | None, n_points: int, rng: Generator) -> NDArray:
    center = np.average(z, axis=0, weights=shares)
    std = np.sqrt(np.average((z - center) ** 2, axis=0, weights=shares))
    return center + np.sqrt(3) * std * rng.random(z.shape[1])


@dataclass(frozen=True)
class Placement:
    """Where hinges are put.

    Attributes
    ----------
    locate : callable
        ``locate(z, shares, n_points, rng)`` returns the hinges: for every unit, the value of
        ``z = x @ w`` where it is. `z` is of shape (n_samples, fan_out), `shares` weighs the rows.
    turns : bool
        Whether units with a negative hinge are turned round, so that all biases are negative.
    """

    locate: Callable[[NDArray, NDArray | None, int, Generator], NDArray]
    turns: bool = False


PLACEMENTS = {
    "simplex": Placement(_simplex),
    "uniform": Placement(_range),
    "negative_point": Placement(_point, turns=True),
    "negative_uniform": Placement(_above_mean),
    "mean": Placement(_mean),
}


class Hinges(Refinement):
    """Weights of another scheme, and biases that put every unit's hinge into the data.

    The hinge of a unit is where its ``z = x @ w + b`` is zero: there a relu bends, and a tanh is
    steepest. With zero biases all hinges go through the origin, and no width and no number of
    steps make up for that [1]_ [2]_. Here the biases of hidden layers are

    ``b[j] = -hinge[j]``,

    where the hinge is taken from the values of ``x @ w`` on the rows that reach the layer. As
    `bias_init`, the scheme computes the biases for the weights of another one.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the weights, and the output layer. None is the normal law with the gain of the
        activation.
    placement : str, default="simplex"
        Where a unit's hinge goes through.

        - ``"simplex"``: a random convex combination of `n_points` random rows, uniform on the
          simplex [1]_; ``"he+5"`` is the default of RealMLP [3]_.
        - ``"uniform"``: between the smallest and the largest ``x @ w``.
        - ``"negative_point"``: a random row; the weights of units whose bias would be positive
          change their sign [2]_. Not as `bias_init`.
        - ``"negative_uniform"``: above the mean, by up to sqrt(3) standard deviations. On few
          rows, or binary ones, that may be above them all.
        - ``"mean"``: the mean row.
    n_points : int, default=5
        Number of rows that ``"simplex"`` combines; with 1, hinges go through rows.
    max_samples : int, default=10_000
        At most so many rows are looked at.

    See Also
    --------
    NguyenWidrow : Active regions that cover the range of the data.
    Swim : Weights, too, are taken from pairs of rows.

    References
    ----------
    .. [1] Steinwart. "A sober look at neural network initializations". 2019. arXiv:1903.11482.
    .. [2] Holzmüller, Steinwart. "Training two-layer ReLU networks with gradient descent is
       inconsistent". JMLR 23, 2022. arXiv:2002.04861.
    .. [3] Holzmüller, Grinsztajn, Steinwart. "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data". NeurIPS 2024. arXiv:2407.04491.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.initializers import Hinges
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((20,), bias_init=Hinges(placement="uniform"), random_state=0)
    >>> clf = clf.initialize(X, y)
    >>> z = X @ clf.coefs_[0] + clf.intercepts_[0]
    >>> bool((z.min(axis=0) <= 0).all() and (z.max(axis=0) >= 0).all())
    True
    """

    def __init__(
        self,
        base: Initializer | None = None,
        placement: str = "simplex",
        n_points: int = 5,
        max_samples: int = 10_000,
    ):
        self.base = base
        self.placement = placement
        self.n_points = n_points
        self.max_samples = max_samples

    @property
    def draws_matrices_only(self) -> bool:
        """Whether the placement changes weights, too."""
        return lookup(PLACEMENTS, self.placement, "Hinges: placement").turns

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        lookup(PLACEMENTS, self.placement, "Hinges: placement")
        self._count("n_points")
        return super().draw(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        self._adjust_base(layer, network, X, y, rng)
        if layer.is_output:
            return
        W = network.weights[layer.index]
        placement = PLACEMENTS[self.placement]
        z = network.inputs(layer, X) @ W.astype(np.float64)
        hinges = placement.locate(z, compute_shares(network), self.n_points, rng)
        if placement.turns:
            W *= np.where(hinges < 0, -1, 1).astype(W.dtype)
            hinges = abs(hinges)
        network.biases[layer.index][...] = -hinges
