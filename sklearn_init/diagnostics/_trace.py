"""A trace: all that happens in one network when some rows go through it, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import Activation
from sklearn_init.diagnostics._shapes import value_and_slope
from sklearn_init.losses import Loss
from sklearn_init.network import Features, Layout

MAX_ROWS, MIN_ROWS = 200, 20
"""How many rows a trace looks at: fewer, if the network is large."""

MAX_NUMBERS = 20_000_000
"""About as many numbers a trace may hold."""

MAX_JACOBIANS = 16
"""Jacobians are computed for so many of the rows, which need more work each."""

WORK = 1e9
"""Floating-point operations that the singular values of a layer's Jacobians may take, about."""


@dataclass(frozen=True)
class Trace:
    """What is in one network, for B rows, in float64; the last layer is the output layer.

    Attributes
    ----------
    weights, biases : list of ndarray
    activations : tuple of Activation
        One per hidden layer.
    loss : Loss
    y : ndarray of shape (B, n_outputs) or None
        The targets.
    inputs : list of ndarray of shape (B, fan_in)
        What enters each layer; the first is X, the next are the activations of hidden layers.
    z : list of ndarray of shape (B, fan_out)
        Pre-activations of each layer.
    slopes : list of ndarray of shape (B, fan_out)
        Derivatives of the activations, of hidden layers only.
    rates : tuple of float
        Dropout rates of the hidden layers in training. A trace leaves no unit out.
    """

    weights: list[NDArray]
    biases: list[NDArray]
    activations: tuple[Activation, ...]
    loss: Loss
    y: NDArray | None
    inputs: list[NDArray]
    z: list[NDArray]
    slopes: list[NDArray]
    rates: tuple[float, ...]

    @property
    def n_layers(self) -> int:
        """Number of layers, the output layer among them."""
        return len(self.weights)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.z[0])

    @cached_property
    def prediction(self) -> NDArray:
        """What the network predicts, (B, n_outputs)."""
        out = np.empty_like(self.z[-1])
        with np.errstate(all="ignore"):
            self.loss.output(self.z[-1], out)
        return out

    @cached_property
    def deltas(self) -> list[NDArray]:
        """The back-propagated signal of each layer, (B, fan_out).

        It is the derivative of the summed loss with respect to `z`. Without targets, it is that
        of random directions in the output, of mean 0 and variance 1, always the same ones.
        """
        if self.y is None:
            delta = np.random.default_rng(0).standard_normal(self.z[-1].shape)
        else:
            delta = self.prediction - self.y
        deltas = [delta]
        with np.errstate(all="ignore"):
            for W, slope in zip(self.weights[:0:-1], self.slopes[::-1], strict=True):
                deltas.append((deltas[-1] @ W.T) * slope)
        return deltas[::-1]

    @cached_property
    def gradients(self) -> list[NDArray] | None:
        """Derivatives of the mean loss with respect to the weights; None without targets."""
        if self.y is None:
            return None
        with np.errstate(all="ignore"):
            pairs = zip(self.inputs, self.deltas, strict=True)
            return [a.T @ delta / self.n_rows for a, delta in pairs]

    @cached_property
    def jacobians(self) -> list[NDArray]:
        """Derivatives of the output's `z` with respect to what enters each layer.

        Of shape (n_rows, n_outputs, fan_in), for some rows, chosen evenly; the first is the
        input-output Jacobian.
        """
        n_outputs = self.z[-1].shape[1]
        widest = max(len(W) for W in self.weights)
        affordable = WORK / (6 * widest * n_outputs * min(widest, n_outputs))
        rows = choose_rows(self.n_rows, int(np.clip(affordable, 1, MAX_JACOBIANS)))
        jacobian = np.broadcast_to(self.weights[-1].T, (len(rows), *self.weights[-1].T.shape))
        jacobians = [jacobian]
        with np.errstate(all="ignore"):
            for W, slope in zip(self.weights[-2::-1], self.slopes[::-1], strict=True):
                jacobians.append((jacobians[-1] * slope[rows, np.newaxis]) @ W.T)
        return jacobians[::-1]

    @cached_property
    def singular_values(self) -> list[NDArray]:
        """Those of the Jacobians, (n_rows, min(n_outputs, fan_in)), from the largest on."""
        return [
            np.linalg.svd(jacobian, compute_uv=False)
            if np.isfinite(jacobian).all()
            else np.full((1, min(jacobian.shape[1:])), np.nan)
            for jacobian in self.jacobians
        ]


def choose_rows(n_samples: int, n_rows: int) -> NDArray:
    """Return the indices of at most so many rows, at even distances."""
    return np.linspace(0, n_samples - 1, min(n_samples, n_rows)).round().astype(int)


def choose_n_rows(layout: Layout) -> int:
    """Return how many rows to look at: fewer, if the network is large."""
    affordable = MAX_NUMBERS // (4 * sum(layout.sizes))
    return int(np.clip(affordable, MIN_ROWS, MAX_ROWS))


def trace(
    layout: Layout,
    theta: NDArray,
    activations: Sequence[Activation],
    loss: Loss,
    X: Features,
    y: NDArray | None = None,
    rates: Sequence[float] = (),
) -> Trace:
    """Send some rows through a network, without dropout, and keep all that is computed.

    Parameters
    ----------
    layout : Layout
    theta : ndarray of shape (n_params,)
    activations : sequence of Activation
        One per hidden layer.
    loss : Loss
    X : ndarray or CSR of shape (n_samples, n_features)
        At most 200 rows of it are taken, at even distances; fewer for large networks.
    y : ndarray of shape (n_samples, n_outputs) or None, default=None
        Targets.
    rates : sequence of float, default=()
        Dropout rates of the hidden layers in training; empty for none.

    Returns
    -------
    Trace

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init.activations import ACTIVATIONS
    >>> from sklearn_init.diagnostics import trace
    >>> from sklearn_init.losses import SQUARED_ERROR
    >>> from sklearn_init.network import Layout
    >>> layout, relu = Layout((1, 2, 1)), ACTIVATIONS["relu"]
    >>> theta = np.array([1.0, -1.0, 2.0, 3.0, 0.0, 0.0, 0.5])
    >>> t = trace(layout, theta, [relu], SQUARED_ERROR, np.array([[3.0], [-2.0]]))
    >>> t.z[1].ravel().tolist()  # 2 relu(x) + 3 relu(-x) + 0.5
    [6.5, 6.5]
    """
    rows = choose_rows(X.shape[0], choose_n_rows(layout))
    X = X[rows].toarray() if issparse(X) else X[rows]
    weights, biases = layout.views(np.asarray(theta, dtype=np.float64))
    inputs, z, slopes = [np.asarray(X, dtype=np.float64)], [], []
    with np.errstate(all="ignore"):
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z.append(inputs[-1] @ W + b)
            if layer < len(activations):
                a, slope = value_and_slope(activations[layer], z[-1])
                inputs.append(a)
                slopes.append(slope)
    return Trace(
        weights,
        biases,
        tuple(activations),
        loss,
        None if y is None else np.asarray(y[rows], dtype=np.float64),
        inputs,
        z,
        slopes,
        tuple(rates) or (0.0,) * len(activations),
    )
