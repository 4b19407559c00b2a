"""Units whose active regions tile the range of the inputs: Nguyen and Widrow's."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.network import Features

ROUNDING = 16
"""Range of a unit that is constant, at most, in units of the last place of the largest bias."""


class NguyenWidrow(Initializer):
    """Units whose active regions together cover the range of the inputs.

    In one dimension every unit is the slope of one piece of the range, and the biases put the
    pieces side by side; in more, directions are random. With R inputs that vary, H units, and
    inputs scaled to [-1, 1], column j and its bias are

    ``w_j = 0.7 * H**(1 / R) * direction_j``,
    ``b_j = 0.7 * H**(1 / R) * linspace(-1, 1, H)[j] * sign(w_j[0])``,

    with directions uniform on the sphere; a single unit has the bias 0. They are for units that
    are sensitive between -1 and 1 and are then stretched to the activation's `active_range`;
    where there is none, they stay as they are. At last, the measured range of each input takes
    the place of [-1, 1], and inputs that do not vary get the weight 0. Deeper hidden layers see
    the range of what reaches them; there, what could be rounding does not count as
    varying. The output layer is ``U(-0.5, 0.5)``, with zero biases.

    Parameters
    ----------
    max_samples : int, default=10_000
        The ranges are measured on at most so many rows.

    See Also
    --------
    Matlab : What MATLAB makes of it, for all activations.
    Hinges : Hinges in the data, in place of regions in their range.

    Notes
    -----
    R's package brnn documents a magnitude of ``0.7 * R**(1 / H)``, with the numbers of inputs and
    units exchanged; FANN's function of that name draws positive weights only.

    References
    ----------
    .. [1] Nguyen, Widrow. "Improving the learning speed of 2-layer neural networks by choosing
       initial values of the adaptive weights". IJCNN 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import NguyenWidrow
    >>> X = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> reg = InitMLPRegressor(hidden_layer_sizes=4, activation="tanh")
    >>> reg = reg.set_params(weight_init=NguyenWidrow()).initialize(X, X[:, 0] ** 2)
    >>> np.sort((-reg.intercepts_[0] / reg.coefs_[0][0]).round(2))  # where units are zero
    array([-1.  , -0.33,  0.33,  1.  ])
    """

    draws_matrices_only = True

    def __init__(self, max_samples: int = 10_000):
        self.max_samples = max_samples

    def _draw_directions(self, layer: Layer, rng: Generator) -> NDArray:
        """Draw columns whose directions are uniform on the sphere."""
        return rng.normal(size=layer.shape)

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        if layer.is_output:
            return rng.uniform(-0.5, 0.5, layer.shape)
        low, high = layer.activation.active_range or (-1.0, 1.0)
        W = self._draw_directions(layer, rng)
        return compute_magnitude(*layer.shape) * (high - low) / 2 * W / np.linalg.norm(W, axis=0)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if layer.is_output:
            return
        low, high = measure_ranges(network.inputs(layer, X))
        ranges, eps = high - low, np.finfo(X.dtype).eps
        # inputs that are constant but for rounding are constant
        varies = ranges > eps * np.maximum(abs(low), abs(high))
        if layer.index > 0:
            # and so are flat units that just touch the data: there, x @ w and b cancel
            rounding = ROUNDING * eps * max(abs(b).max() for b in network.biases[: layer.index])
            varies &= ranges > rounding
        if not varies.any():
            return
        W, b = network.weights[layer.index], network.biases[layer.index]
        W[~varies] = 0
        active = layer.activation.active_range or (-1.0, 1.0)
        W[varies], b[...] = tile(W[varies], low[varies], high[varies], active)


class Matlab(NguyenWidrow):
    """The default of MATLAB's ``feedforwardnet``, its function ``initnw``.

    Hidden layers of saturating units are those of `NguyenWidrow`, but directions are those of
    points uniform in a cube. All other layers, and the output layer, have weights and biases
    ``~ U(-1, 1)``. (MATLAB takes for the range of what reaches a deeper layer all that the
    activation can give; here it is measured.)

    Parameters
    ----------
    max_samples : int, default=10_000
        The ranges are measured on at most so many rows.

    See Also
    --------
    NguyenWidrow : The scheme of the paper.
    Sklearn : The default of scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> clf = InitMLPClassifier((7,), activation="tanh", weight_init="matlab", random_state=0)
    >>> clf = clf.initialize(*load_iris(return_X_y=True))
    >>> bool(abs(clf.coefs_[1]).max() < 1)
    True
    """

    def _draw_directions(self, layer: Layer, rng: Generator) -> NDArray:
        return rng.uniform(-1, 1, layer.shape)

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return super().draw(layer, rng) if _tiles(layer) else rng.uniform(-1, 1, layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return np.zeros(layer.shape) if _tiles(layer) else rng.uniform(-1, 1, layer.shape)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if _tiles(layer):
            super().adjust(layer, network, X, y, rng)


def _tiles(layer: Layer) -> bool:
    return layer.activation.active_range is not None and not layer.is_output


def compute_magnitude(n_inputs: int, n_units: int) -> float:
    """Return the length of weights for inputs in [-1, 1], such that active regions overlap."""
    return 0.7 * n_units ** (1 / n_inputs)


def measure_ranges(inputs: Features) -> tuple[NDArray, NDArray]:
    """Return minimum and maximum of every column, float64."""
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    if issparse(inputs):
        low, high = low.toarray().ravel(), high.toarray().ravel()
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def tile(
    W: NDArray, low: NDArray, high: NDArray, active: tuple[float, float]
) -> tuple[NDArray, NDArray]:
    """Return weights of the given directions, and biases, for inputs of these ranges."""
    n_units = W.shape[1]
    half, center = (active[1] - active[0]) / 2, (active[1] + active[0]) / 2
    directions = W / np.linalg.norm(W, axis=0)
    places = np.linspace(-1, 1, n_units) if n_units > 1 else np.zeros(1)
    scaled = half * compute_magnitude(*W.shape)
    # x in [low, high] becomes slope * x + shift in [-1, 1]
    slope = 2 / (high - low)
    shift = 1 - high * slope
    unscaled = scaled * directions
    biases = scaled * places * np.sign(W[0]) + center + shift @ unscaled
    return slope[:, np.newaxis] * unscaled, biases
