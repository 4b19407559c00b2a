"""A network that begins as the linear model of its loss."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._linear_fit import fit_linear, get_loss, measure_columns
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._pairs import measure_pair, subtract_mirrored
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features

SMALLEST_SCALE = 1e-6
"""Below it, the difference of a pair is lost to rounding in float32."""


class LinearWarmStart(Refinement):
    """A network that predicts, before training, what the best linear model does.

    The linear model of the loss (ridge, logistic or Poisson regression) is fitted to the rows.
    Its coefficient matrix of rank r is a sum of r directions u of the inputs; each is carried
    through all hidden layers by a pair of units that see ``q`` and ``-q``, where q is ``x @ u``,
    shifted and scaled into [-1, 1]. With phi the activation of such a pair,

    ``phi(s * q) - phi(-s * q) = d * q``

    holds exactly, with ``s = 1``, for relu, leaky_relu, identity, gelu, silu and softplus. Other
    activations get the small s of `scale`: the network then equals the linear model but for a
    small error, of the order of ``s**2``, or of s for elu, selu and softsign, whose curvature
    jumps at 0. All other units are as the base draws them; their weights into carriers and outputs
    begin with zero. Training thus goes on from the linear model.

    It has to be the scheme of all layers, and every hidden layer needs 2 r units. r is at most
    the number of outputs; for classes with a softmax, one less.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the other units; None is normal numbers with the gain of the activation.
    alpha : float, default=1.0
        Strength of the L2 penalty of the linear model, as in `sklearn.linear_model.Ridge`; 1 is
        also the penalty of `LogisticRegression`. For losses other than the squared error, less
        than 0.01 counts as 0.01.
    scale : float, default=0.1
        The largest pre-activation of a carrier whose activation is not exact. A smaller one makes
        the error smaller and the weights after it larger, hence training less steady.
    max_samples : int, default=10_000
        The number of training rows looked at, drawn at random if there are more.

    See Also
    --------
    LeastSquaresOutput : The best output layer on top of random hidden units.

    References
    ----------
    .. [1] Balduzzi et al. "The shattered gradients problem". ICML 2017. arXiv:1702.08591. (Pairs
       of relu units that make a network linear at the start.)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import LinearWarmStart
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(20,), weight_init=LinearWarmStart())
    >>> bool(np.allclose(reg.initialize(X, y).predict(X), Ridge().fit(X, y).predict(X)))
    True
    """

    draws_matrices_only = True
    sets_all_layers = True

    def __init__(
        self,
        base: Initializer | None = None,
        alpha: float = 1.0,
        scale: float = 0.1,
        max_samples: int = 10_000,
    ):
        self.base = base
        self.alpha = alpha
        self.scale = scale
        self.max_samples = max_samples

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        *hidden, output = network.layers
        coef, intercept = fit_linear(
            X,
            y,
            network.sample_weight,
            get_loss(self, output),
            self._number("alpha", minimum=0),
        )
        directions, shifts, mixture = _decompose(coef, X)
        self._check_room(hidden, 2 * len(shifts))
        # how to get every q, but for its bias, from what enters a layer
        incoming, bias = directions, -shifts
        for one in hidden:
            self._adjust_base(one, network, X, y, rng)
            size, difference = self._measure(one.activation)
            W, b = network.weights[one.index], network.biases[one.index]
            carriers = slice(2 * len(shifts))
            W[:, carriers] = 0
            W[: len(incoming), carriers] = size * np.hstack([incoming, -incoming])
            b[carriers] = size * np.hstack([bias, -bias])
            incoming = np.vstack([np.eye(len(shifts)), -np.eye(len(shifts))]) / difference
            bias = np.zeros_like(shifts)
        network.weights[output.index][...] = 0
        network.weights[output.index][: len(incoming)] = incoming @ mixture
        network.biases[output.index][...] = intercept + (shifts + bias) @ mixture

    def _check_room(self, hidden: Sequence[Layer], n_carriers: int) -> None:
        for layer in hidden:
            if layer.fan_out < n_carriers:
                raise ValueError(
                    f"LinearWarmStart: the linear model has rank {n_carriers // 2}, so every "
                    f"hidden layer needs at least {n_carriers} units; the {layer} has too few."
                )

    def _measure(self, activation: Activation) -> tuple[float, float]:
        """Return s and d with ``phi(s * q) - phi(-s * q) = d * q``, or nearly so."""
        scale = self._number("scale", minimum=SMALLEST_SCALE)
        slope = measure_pair(activation)
        size = scale if slope is None else 1.0
        difference = float(subtract_mirrored(activation, size))
        if not abs(difference) > SMALLEST_SCALE * size:
            raise ValueError(
                f"LinearWarmStart: activation={activation.name!r} has phi(z) = phi(-z) at "
                f"z={size:g}; no pair of units can carry a linear model."
            )
        return size, difference


def _decompose(coef: NDArray, X: Features) -> tuple[NDArray, NDArray, NDArray]:
    """Return D, h and M such that ``X @ coef = (q + h) @ M`` with ``q = X @ D - h``.

    The columns of q are as many as the rank of `coef`; on the rows of X they have the mean 0 and
    the largest absolute value 1.
    """
    _, std = measure_columns(X, np.full(X.shape[0], 1 / X.shape[0]))
    _, s, Vt = np.linalg.svd(std[:, np.newaxis] * coef, full_matrices=False)
    rank = np.count_nonzero(s > 1e-12 * s[0])
    # where it is full, every output has a direction of its own, however outputs differ in size
    Vt = np.eye(len(s)) if rank == coef.shape[1] else Vt[:rank]
    directions = coef @ Vt.T
    q = X @ directions
    centers = q.mean(axis=0)
    sizes = abs(q - centers).max(axis=0)
    sizes[sizes == 0] = 1  # a single row
    return directions / sizes, centers / sizes, sizes[:, np.newaxis] * Vt
