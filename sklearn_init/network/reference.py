"""The reference passes: forward and backward in NumPy, written to be read.

Conventions: a batch has B rows; layer l has weights (fan_in, fan_out) and biases (fan_out,);
``z = a @ weights + biases`` is (B, fan_out), ``a`` of the next layer is ``activation(z)``;
``delta`` is the derivative of the summed loss with respect to ``z``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import Activation
from sklearn_init.dropout import Masks
from sklearn_init.losses import Loss
from sklearn_init.network.objective import Features, Objective

ROWS_IN_CACHE = 2000
"""Predictions for many rows are made for about as many at a time: faster, in less memory."""


class ReferencePasses:
    """Passes of one network over batches of an objective, in buffers made once.

    Parameters
    ----------
    objective : Objective
    batch_size : int
        The largest number of rows in a batch.
    """

    default_batch_size = 2**63 - 1
    """All rows."""

    def __init__(self, objective: Objective, batch_size: int):
        self.objective = objective
        self._alpha = float(objective.alpha)  # a float16 would round the loss
        self._batch_size = batch_size
        X, y, sizes = objective.X, objective.y, objective.layout.sizes
        self._batch_X = None if issparse(X) else np.empty((batch_size, sizes[0]), X.dtype)
        self._batch_y = np.empty((batch_size, sizes[-1]), y.dtype)
        self._z = [np.empty((batch_size, size), X.dtype) for size in sizes[1:]]
        # where the derivative does not need z, its buffer is taken over
        self._a = [
            np.empty_like(z) if activation.needs_z else z
            for z, activation in zip(self._z[:-1], objective.activations, strict=True)
        ]
        self._outputs = [
            np.empty_like(a) if rate else a
            for a, rate in zip(self._a, objective.rates, strict=True)
        ]
        self._slopes = np.empty(batch_size * max(sizes[1:]), X.dtype)
        self._deltas = [np.empty_like(z) for z in self._z]
        self._penalty_grad = np.empty(objective.layout.n_weights, X.dtype)

    def loss_and_grad(
        self, theta: NDArray, rows: NDArray | slice, grad: NDArray, masks: Masks | None = None
    ) -> float | None:
        """Return the reported loss of a batch and write its gradient into `grad`.

        Parameters
        ----------
        theta : ndarray of shape (n_params,)
        rows : ndarray of int or slice
            The rows of the data in the batch.
        grad : ndarray of shape (n_params,)
            Written in place.
        masks : Masks or None
            Which units are left out; None keeps all.

        Returns
        -------
        float or None
            None if the sample weights of the batch sum to zero; `grad` is then left alone.
        """
        X, y, sample_weight, total = self._batch(rows)
        if total == 0:
            return None
        z = self._forward(theta, X, masks)
        prediction = self._deltas[-1][: len(y)]
        self.objective.loss.output(z, prediction)
        losses = self.objective.loss.reported(prediction, y)
        prediction -= y
        self._backward(theta, X, prediction, sample_weight, total, grad, masks)
        return _weighted_sum(losses, sample_weight) / total + self._penalty(theta, total)

    def objective_and_grad(self, theta: NDArray, grad: NDArray) -> float:
        """Return the objective over all rows and write its gradient into `grad`."""
        X, y, sample_weight, total = self._batch(slice(None))
        z = self._forward(theta, X)
        losses = self.objective.loss.objective(z, y)
        prediction = self._deltas[-1][: len(y)]
        self.objective.loss.output(z, prediction)
        prediction -= y
        self._backward(theta, X, prediction, sample_weight, total, grad)
        return _weighted_sum(losses, sample_weight) / total + self._penalty(theta, total)

    def loss(self, theta: NDArray) -> float:
        """Return the reported loss over all rows that count."""
        rows, n_rows = self.objective.rows, self.objective.n_rows
        summed = total = 0.0
        for begin in range(0, n_rows, self._batch_size):
            batch = slice(begin, min(begin + self._batch_size, n_rows))
            X, y, sample_weight, batch_total = self._batch(batch if rows is None else rows[batch])
            prediction = self._deltas[-1][: len(y)]
            self.objective.loss.output(self._forward(theta, X), prediction)
            losses = self.objective.loss.reported(prediction, y)
            summed += _weighted_sum(losses, sample_weight)
            total += batch_total
        return summed / total + self._penalty(theta, total)

    def predict(self, theta: NDArray, rows: NDArray | slice) -> NDArray:
        """Return the predictions for rows of the data, shape (n_rows, n_outputs)."""
        z = self._forward(theta, self._batch(rows)[0])
        prediction = np.empty_like(z)
        self.objective.loss.output(z, prediction)
        return prediction

    def _batch(self, rows: NDArray | slice) -> tuple[Features, NDArray, NDArray | None, float]:
        """Return X, y, sample weights and their sum for some rows; a slice is not copied.

        Unless X is in another memory order than row by row.
        """
        X, y, sample_weight = self.objective.X, self.objective.y, self.objective.sample_weight
        if isinstance(rows, slice):
            X, y = X[rows], y[rows]
            if not issparse(X):  # the order in which a product adds depends on it
                X = np.ascontiguousarray(X)
        else:
            # mode="clip" lets `take` write straight into `out`
            y = np.take(y, rows, axis=0, out=self._batch_y[: len(rows)], mode="clip")
            if self._batch_X is None:
                X = X[rows]
            else:
                X = np.take(X, rows, axis=0, out=self._batch_X[: len(rows)], mode="clip")
        if sample_weight is None:
            return X, y, None, len(y)
        sample_weight = sample_weight[rows]
        return X, y, sample_weight, float(sample_weight.sum())

    def _forward(self, theta: NDArray, X: Features, masks: Masks | None = None) -> NDArray:
        """Return the pre-activations of the output layer; buffers keep all that is computed."""
        n = X.shape[0]
        weights, biases = self.objective.layout.views(theta)
        a = X
        for layer, activation in enumerate(self.objective.activations):
            z = self._z[layer][:n]
            _multiply(a, weights[layer], z)
            z += biases[layer]
            a = z if self._a[layer] is self._z[layer] else self._a[layer][:n]
            activation.value(z, a)
            if masks is not None and masks.rates[layer]:
                masks.apply(layer, a, self._outputs[layer][:n])
                a = self._outputs[layer][:n]
        z = self._z[-1][:n]
        _multiply(a, weights[-1], z)
        z += biases[-1]
        return z

    def _backward(
        self,
        theta: NDArray,
        X: Features,
        delta: NDArray,
        sample_weight: NDArray | None,
        total: float,
        grad: NDArray,
        masks: Masks | None = None,
    ) -> None:
        """Write the gradient into `grad`, given the delta of the output layer."""
        layout, n = self.objective.layout, len(delta)
        weights, _ = layout.views(theta)
        weight_grads, bias_grads = layout.views(grad)
        if sample_weight is not None:
            delta *= sample_weight[:, np.newaxis]
        for layer in reversed(range(len(weights))):
            outputs = self._a if masks is None else self._outputs
            inputs = X if layer == 0 else outputs[layer - 1][:n]
            _multiply(inputs.T, delta, weight_grads[layer])
            np.add.reduce(delta, axis=0, out=bias_grads[layer])
            if layer > 0:
                previous = self._deltas[layer - 1][:n]
                np.matmul(delta, weights[layer].T, out=previous)
                if masks is not None and masks.rates[layer - 1]:
                    masks.apply(layer - 1, previous, previous)
                slope = self._slopes[: previous.size].reshape(previous.shape)
                z, a = self._z[layer - 1][:n], self._a[layer - 1][:n]
                self.objective.activations[layer - 1].derivative(z, a, slope)
                previous *= slope
                delta = previous
        penalized = slice(layout.n_weights)
        np.multiply(theta[penalized], self._alpha, out=self._penalty_grad)
        grad[penalized] += self._penalty_grad
        grad /= total

    def _penalty(self, theta: NDArray, total: float) -> float:
        weights = theta[: self.objective.layout.n_weights]
        return 0.5 * self._alpha * float(np.dot(weights, weights)) / total


def _weighted_sum(losses: NDArray, weights: NDArray | None) -> float:
    return float(losses.sum(dtype=np.float64) if weights is None else weights @ losses)


def _multiply(a: Features, b: NDArray, out: NDArray) -> None:
    if issparse(a):
        out[...] = a @ b
    else:
        np.matmul(a, b, out=out)


def predict(
    weights: Sequence[NDArray],
    biases: Sequence[NDArray],
    activations: Sequence[Activation],
    loss: Loss,
    X: Features,
) -> NDArray:
    """Return a network's predictions for new data, shape (n_samples, n_outputs)."""
    n_samples = X.shape[0]
    out = np.empty((n_samples, len(biases[-1])), np.result_type(X.dtype, weights[0].dtype))
    with np.errstate(over="ignore", invalid="ignore"):  # as the compiled passes
        for begin in range(0, n_samples, ROWS_IN_CACHE):
            rows = slice(begin, begin + ROWS_IN_CACHE)
            a = forward_hidden(weights[:-1], biases[:-1], activations, X[rows])
            z = out[rows]
            if issparse(a):
                z[...] = a @ weights[-1]
            else:
                np.matmul(a, weights[-1], out=z)
            z += biases[-1]
            loss.output(z, z)
    return out


def forward_hidden(
    weights: Sequence[NDArray],
    biases: Sequence[NDArray],
    activations: Sequence[Activation],
    X: Features,
) -> Features:
    """Return what leaves these hidden layers; X itself if there is none."""
    a = X
    for W, b, activation in zip(weights, biases, activations, strict=True):
        z = a @ W
        z += b
        a = np.empty_like(z) if activation.needs_z else z
        activation.value(z, a)
    return a
