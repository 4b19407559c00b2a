"""The linear model of a loss: what the output layer can do with given inputs."""

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.losses import SQUARED_ERROR, Loss
from sklearn_init.network import Features, Layout, Objective, make_passes

SMALLEST_ALPHA = 0.01
"""Least penalty where, without one, the best weights can be infinite."""

MAX_ITERATIONS = 100


def get_loss(scheme: Initializer, layer: Layer) -> Loss:
    """Return the loss the network is trained with, or raise an error by the scheme's name."""
    if layer.loss is None:
        raise ValueError(
            f"{type(scheme).__name__} needs to know the loss: make the layers with one, such as "
            'Layer(..., loss=LOSSES["log_loss"]).'
        )
    return layer.loss


def find_prior(loss: Loss, y: NDArray, sample_weight: NDArray | None) -> NDArray:
    """Return the pre-activations whose prediction is the mean of the targets.

    Where that is infinite, a mean of 0 or 1, it is moved by half a row.
    """
    mean = np.average(y, axis=0, weights=sample_weight).astype(np.float64)
    half = 0.5 / len(y)
    with np.errstate(divide="ignore"):
        prior = loss.link(mean)
    return np.where(np.isfinite(prior), prior, loss.link(np.clip(mean, half, 1 - half)))


def fit_linear(
    X: Features, y: NDArray, sample_weight: NDArray | None, loss: Loss, alpha: float
) -> tuple[NDArray, NDArray]:
    """Return weights and biases of the linear model with the lowest objective, in float64.

    The objective is that of a network without hidden layers: mean loss over rows, plus half of
    `alpha` times the squared weights, divided by the total weight of the rows. Least squares is
    solved; the other losses, and sparse rows, are left to L-BFGS.

    Parameters
    ----------
    X : ndarray or CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_outputs)
    sample_weight : ndarray of shape (n_samples,) or None
    loss : Loss
    alpha : float
        At least 0; where it is not solved, `SMALLEST_ALPHA` at least.

    Returns
    -------
    W : ndarray of shape (n_features, n_outputs)
    b : ndarray of shape (n_outputs,)
    """
    weight = np.ones(len(y))
    if sample_weight is not None and sample_weight.any():
        weight = sample_weight.astype(np.float64)
    y = y.astype(np.float64)
    if loss is SQUARED_ERROR and not issparse(X):
        return _solve(X, y, weight, alpha)
    return _minimize(X.astype(np.float64), y, weight, loss, max(alpha, SMALLEST_ALPHA))


def _solve(X: NDArray, y: NDArray, weight: NDArray, alpha: float) -> tuple[NDArray, NDArray]:
    """Solve ridge regression; the intercept is not penalized, so that centering takes it out."""
    X_mean, y_mean = (np.average(a, axis=0, weights=weight) for a in (X.astype(np.float64), y))
    root = np.sqrt(weight)[:, np.newaxis]
    rows, targets = root * (X - X_mean), root * (y - y_mean)
    if alpha > 0:  # as rows, the penalty does not square the condition number
        rows = np.vstack([rows, np.sqrt(alpha) * np.eye(X.shape[1])])
        targets = np.vstack([targets, np.zeros((X.shape[1], y.shape[1]))])
    # where inputs are dependent but for rounding, the smallest of the best weights
    W = scipy.linalg.lstsq(rows, targets, cond=np.sqrt(np.finfo(X.dtype).eps))[0]
    return W, y_mean - X_mean @ W


def _minimize(
    X: Features, y: NDArray, weight: NDArray, loss: Loss, alpha: float
) -> tuple[NDArray, NDArray]:
    """Minimize the objective with L-BFGS, from the prior on.

    It goes by the weights of standardized inputs, with which it needs fewer steps: W is
    ``V / scale`` and b is ``c - center @ W``. The objective stays that of W and b.
    """
    layout = Layout((X.shape[1], y.shape[1]))
    passes = make_passes(Objective(layout, (), loss, alpha, X, y, weight))
    share = weight / weight.sum()
    center = X.T @ share
    squares = X.multiply(X).T @ share - center**2 if issparse(X) else share @ (X - center) ** 2
    constant = squares <= 1e-14 * center**2
    scale = np.sqrt(np.where(constant, 1.0, squares))[:, np.newaxis]

    def to_weights(row: NDArray) -> tuple[NDArray, NDArray]:
        (V,), (c,) = layout.views(row)
        W = V / scale
        return W, c - center @ W

    def loss_and_grad(row: NDArray) -> tuple[float, NDArray]:
        W, b = to_weights(row)
        grad = np.empty_like(row)
        value = passes.objective_and_grad(layout.row([W], [b]), grad)
        (grad_W,), (grad_b,) = layout.views(grad)
        grad_W -= np.outer(center, grad_b)
        grad_W /= scale
        return value, grad

    result = scipy.optimize.minimize(
        loss_and_grad,
        layout.row([np.zeros(layout.fans[0])], [find_prior(loss, y, weight)]),
        method="L-BFGS-B",
        jac=True,
        options={"maxiter": MAX_ITERATIONS, "gtol": 1e-6, "ftol": 1e-12},
    )
    return to_weights(result.x)
