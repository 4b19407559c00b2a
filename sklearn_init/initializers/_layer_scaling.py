"""Layers scaled so that pre-activations have a given size on the training rows."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._text import show
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features

ROUNDING = 16
"""Spread of a constant pre-activation, at most, in units of the last place of its terms."""


class Lsuv(Refinement):
    """Layers scaled, one after the other, to pre-activations of standard deviation 1.

    Layer by layer, the output layer included, weights and biases are divided by the standard
    deviation of ``z = a @ W + b`` over all rows and units, where `a` is what the scaled layers
    before it give (layer-sequential unit variance). The paper repeats the division until the
    deviation is near 1; as `z` is linear in W and b, one is exact but for rounding. A layer whose
    pre-activations are all the same is left as it was drawn.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the weights. None is ``Orthogonal()``, whose biases are zero, as in the paper.
    std : float, default=1.0
        The standard deviation; more than 0.
    max_samples : int, default=10_000
        The number of training rows looked at, drawn at random if there are more.

    See Also
    --------
    WithinLayer : Every unit scaled on its own.
    sklearn_init.VarianceScaling : Scales that theory gives, without a look at the rows.

    Notes
    -----
    With a `bias_init` of its own, the biases are put back after the division; the deviation is
    then exact if they are the same for all units of a layer.

    References
    ----------
    .. [1] Mishkin, Matas. "All you need is a good init". ICLR 2016. arXiv:1511.06422.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import Lsuv
    >>> X, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50.0)
    >>> reg = InitMLPRegressor(weight_init=Lsuv(), random_state=0).initialize(X, y)
    >>> float(np.std(X @ reg.coefs_[0]).round(6))
    1.0
    """

    default_base = Orthogonal()
    draws_matrices_only = True

    def __init__(
        self, base: Initializer | None = None, std: float = 1.0, max_samples: int = 10_000
    ):
        self.base = base
        self.std = std
        self.max_samples = max_samples

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if self._number("std") <= 0:
            raise ValueError(f"Lsuv: std={show(self.std)} must be more than 0.")
        self._adjust_base(layer, network, X, y, rng)
        W, b = network.weights[layer.index], network.biases[layer.index]
        z, smallest = _preactivations(network.inputs(layer, X), W)
        means, stds = _moments(z, compute_shares(network))
        means += b
        std = np.sqrt(np.mean(stds**2) + np.var(means))  # over rows within units, and over units
        if std > smallest.max():
            W *= self.std / std
            b *= self.std / std


class WithinLayer(Refinement):
    """Every unit scaled and shifted to a pre-activation of mean `beta` and variance 1.

    Layer by layer, the output layer included, for unit j with weights ``W[:, j]`` whose
    ``a @ W[:, j]`` has the mean ``mean[j]`` and the standard deviation ``std[j]`` over the rows,

    ``W[:, j] /= std[j]``  and  ``b[j] = beta - mean[j] / std[j]``.

    Only the directions of the base's weights remain [1]_. With normal numbers as the base this is
    also the start of weight normalization [2]_, whose scale and direction are one matrix here. A
    unit that is constant over the rows is left as it was drawn.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the weights; None is normal numbers.
    center : bool, default=True
        Whether to shift, too. If not, the base's biases are divided as the weights are, so that
        the hinges of units stay where they are.
    beta : float, default=0.0
        The mean of every unit; without `center`, it is of no use.
    max_samples : int, default=10_000
        The number of training rows looked at, drawn at random if there are more.

    See Also
    --------
    Lsuv : One factor per layer.
    PrincipalDirections : A base whose directions come from the rows.

    Notes
    -----
    As `bias_init`, it shifts and leaves the scale to the scheme of the weights:
    ``b = beta - mean``.

    References
    ----------
    .. [1] Krähenbühl, Doersch, Donahue, Darrell. "Data-dependent initializations of convolutional
       neural networks". ICLR 2016. arXiv:1511.06856.
    .. [2] Salimans, Kingma. "Weight normalization". NeurIPS 2016. arXiv:1602.07868.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import WithinLayer
    >>> X, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50.0)
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(3,), weight_init=WithinLayer())
    >>> reg = reg.initialize(X, y)
    >>> z = X @ reg.coefs_[0] + reg.intercepts_[0]
    >>> np.abs(z.mean(axis=0)).round(6), z.std(axis=0).round(6)
    (array([0., 0., 0.]), array([1., 1., 1.]))
    """

    def __init__(
        self,
        base: Initializer | None = None,
        center: bool = True,
        beta: float = 0.0,
        max_samples: int = 10_000,
    ):
        self.base = base
        self.center = center
        self.beta = beta
        self.max_samples = max_samples

    @property
    def draws_matrices_only(self) -> bool:
        """Whether there are no biases to center."""
        return not self.center

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        if not isinstance(self.center, bool | np.bool_):
            raise ValueError(f"WithinLayer: center={show(self.center)} must be True or False.")
        return super().draw(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        beta = self._number("beta")
        self._adjust_base(layer, network, X, y, rng)
        W, b = network.weights[layer.index], network.biases[layer.index]
        z, smallest = _preactivations(network.inputs(layer, X), W)
        means, stds = _moments(z, compute_shares(network))
        varies = stds > smallest
        scales = np.divide(1.0, stds, out=np.ones_like(stds), where=varies)
        if layer.is_bias:
            scales[:] = 1
        else:
            W *= scales
        b[...] = np.where(varies & self.center, beta - means * scales, b * scales)


def _preactivations(inputs: Features, W: NDArray) -> tuple[NDArray, NDArray]:
    """Return ``inputs @ W`` in float64, and what rounding can make of a unit that is constant."""
    squares = inputs.multiply(inputs) if hasattr(inputs, "multiply") else np.square(inputs)
    longest = np.sqrt(squares.sum(axis=1, dtype=np.float64).max())
    # |a| |w| bounds the sum of |a_i w_i|, whose rounding errors do not cancel as the terms may
    ulp = np.finfo(inputs.dtype).eps * longest * np.linalg.norm(W, axis=0)
    return inputs @ W.astype(np.float64), ROUNDING * ulp


def _moments(z: NDArray, shares: NDArray | None) -> tuple[NDArray, NDArray]:
    """Return mean and standard deviation of every column."""
    means = np.average(z, axis=0, weights=shares)
    return means, np.sqrt(np.average(np.square(z - means), axis=0, weights=shares))
