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
from sklearn_init.losses import Loss
from sklearn_init.network.objective import Features, Objective


class ReferencePasses:
    """Passes of one network over batches of an objective, in buffers made once.

    Parameters
    ----------
    objective : Objective
    batch_size : int
        The largest number of rows in a batch.
    """

    def __init__(self, objective: Objective, batch_size: int):
        self.objective = objective
        X, y, sizes = objective.X, objective.y, objective.layout.sizes
        self._batch_X = None if issparse(X) else np.empty((batch_size, sizes[0]), X.dtype)
        self._batch_y = np.empty((batch_size, sizes[-1]), y.dtype)
        self._z = [np.empty((batch_size, size), X.dtype) for size in sizes[1:]]
        self._deltas = [np.empty_like(z) for z in self._z]
        self._penalty_grad = np.empty(objective.layout.n_weights, X.dtype)

    def loss_and_grad(self, theta: NDArray, rows: NDArray | slice, grad: NDArray) -> float | None:
        """Return the reported loss of a batch and write its gradient into `grad`.

        Parameters
        ----------
        theta : ndarray of shape (n_params,)
        rows : ndarray of int or slice
            The rows of the data in the batch.
        grad : ndarray of shape (n_params,)
            Written in place.

        Returns
        -------
        float or None
            None if the weights of the batch sum to zero; `grad` is then left alone.
        """
        X, y, weights = self._batch(rows)
        total = len(y) if weights is None else float(weights.sum())
        if total == 0:
            return None
        z = self._forward(theta, X)
        prediction = self._deltas[-1][: len(y)]
        self.objective.loss.output(z, prediction)
        losses = self.objective.loss.reported(prediction, y)
        self._backward(theta, X, y, weights, total, grad)
        return self._mean(losses, weights, total) + self._penalty(theta, total)

    def objective_and_grad(self, theta: NDArray, grad: NDArray) -> float:
        """Return the objective over all rows and write its gradient into `grad`."""
        X, y, weights = self.objective.X, self.objective.y, self.objective.weights
        total = len(y) if weights is None else float(weights.sum())
        z = self._forward(theta, X)
        losses = self.objective.loss.objective(z, y)
        self.objective.loss.output(z, self._deltas[-1][: len(y)])
        self._backward(theta, X, y, weights, total, grad)
        return self._mean(losses, weights, total) + self._penalty(theta, total)

    def loss(self, theta: NDArray) -> float:
        """Return the reported loss over all rows."""
        rows = self.objective.rows
        X, y, weights = self._batch(slice(None) if rows is None else rows)
        total = len(y) if weights is None else float(weights.sum())
        prediction = self._deltas[-1][: len(y)]
        self.objective.loss.output(self._forward(theta, X), prediction)
        losses = self.objective.loss.reported(prediction, y)
        return self._mean(losses, weights, total) + self._penalty(theta, total)

    def predict(self, theta: NDArray, rows: NDArray | slice) -> NDArray:
        """Return the predictions for rows of the data, shape (n_rows, n_outputs)."""
        z = self._forward(theta, self._batch(rows)[0])
        prediction = np.empty_like(z)
        self.objective.loss.output(z, prediction)
        return prediction

    def _batch(self, rows: NDArray | slice) -> tuple[Features, NDArray, NDArray | None]:
        X, y, weights = self.objective.X, self.objective.y, self.objective.weights
        batch_weights = None if weights is None else weights[rows]
        if isinstance(rows, slice):
            return X[rows], y[rows], batch_weights
        # mode="clip" lets `take` write straight into `out`
        batch_y = np.take(y, rows, axis=0, out=self._batch_y[: len(rows)], mode="clip")
        if self._batch_X is None:
            return X[rows], batch_y, batch_weights
        batch_X = np.take(X, rows, axis=0, out=self._batch_X[: len(rows)], mode="clip")
        return batch_X, batch_y, batch_weights

    def _forward(self, theta: NDArray, X: Features) -> NDArray:
        """Return the pre-activations of the output layer; hidden buffers keep ``a``."""
        layers = zip(*self.objective.layout.views(theta), self._z, strict=True)
        a = X
        for weights, biases, buffer in layers:
            z = buffer[: X.shape[0]]
            _multiply(a, weights, z)
            z += biases
            if buffer is not self._z[-1]:
                self.objective.activation.value(z)
            a = z
        return a

    def _backward(
        self,
        theta: NDArray,
        X: Features,
        y: NDArray,
        sample_weights: NDArray | None,
        total: float,
        grad: NDArray,
    ) -> None:
        """Write the gradient into `grad`; the last delta's buffer holds the predictions."""
        layout, n = self.objective.layout, len(y)
        weights, _ = layout.views(theta)
        weight_grads, bias_grads = layout.views(grad)
        delta = self._deltas[-1][:n]
        delta -= y
        if sample_weights is not None:
            delta *= sample_weights[:, np.newaxis]
        for layer in reversed(range(len(weights))):
            inputs = X if layer == 0 else self._z[layer - 1][:n]
            _multiply(inputs.T, delta, weight_grads[layer])
            np.add.reduce(delta, axis=0, out=bias_grads[layer])
            if layer > 0:
                previous = self._deltas[layer - 1][:n]
                np.matmul(delta, weights[layer].T, out=previous)
                self.objective.activation.backpropagate(inputs, previous)
                delta = previous
        penalized = slice(layout.n_weights)
        np.multiply(theta[penalized], self.objective.alpha, out=self._penalty_grad)
        grad[penalized] += self._penalty_grad
        grad /= total

    def _mean(self, losses: NDArray, weights: NDArray | None, total: float) -> float:
        summed = losses.sum(dtype=np.float64) if weights is None else weights @ losses
        return float(summed) / total

    def _penalty(self, theta: NDArray, total: float) -> float:
        weights = theta[: self.objective.layout.n_weights]
        return 0.5 * self.objective.alpha * float(np.dot(weights, weights)) / total


def _multiply(a: Features, b: NDArray, out: NDArray) -> None:
    if issparse(a):
        out[...] = a @ b
    else:
        np.matmul(a, b, out=out)


def predict(
    weights: Sequence[NDArray],
    biases: Sequence[NDArray],
    activation: Activation,
    loss: Loss,
    X: Features,
) -> NDArray:
    """Return a network's predictions for new data, shape (n_samples, n_outputs)."""
    a = X
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        if layer > 0:
            activation.value(a)
        a = a @ W
        a += b
    loss.output(a, a)
    return a
