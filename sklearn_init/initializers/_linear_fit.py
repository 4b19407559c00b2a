"""The linear model of a loss: what the output layer can do with given inputs."""

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray
from scipy.sparse import diags, identity, issparse, vstack
from scipy.sparse.linalg import LinearOperator, lsqr

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.losses import SQUARED_ERROR, Loss
from sklearn_init.network import Features, Layout, Objective, make_passes

SMALLEST_ALPHA = 0.01
"""Least penalty where, without one, the best weights can be infinite."""

MAX_ITERATIONS = 500
MAX_LSQR_ITERATIONS = 1000

ROUNDING = 16
"""Spread of a constant column, at most, in units of the last place."""


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
    solved; the other losses are left to L-BFGS.

    Without a penalty, the smallest of the best weights of standardized features are taken, and
    columns that rounding could have made are left out, as are directions in which standardized
    features hardly differ.

    Parameters
    ----------
    X : ndarray or CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_outputs)
    sample_weight : ndarray of shape (n_samples,) or None
    loss : Loss
    alpha : float
        At least 0; but for the squared error, `SMALLEST_ALPHA` at least.

    Returns
    -------
    W : ndarray of shape (n_features, n_outputs)
    b : ndarray of shape (n_outputs,)
    """
    weight = np.ones(len(y))
    if sample_weight is not None and sample_weight.any():
        weight = sample_weight.astype(np.float64)
    share, eps = weight / weight.sum(), float(np.finfo(X.dtype).eps)
    center, std = measure_columns(X, share)
    X, y = X.astype(np.float64), y.astype(np.float64)
    if loss is not SQUARED_ERROR:
        return _minimize(X, y, weight, loss, max(alpha, SMALLEST_ALPHA))
    # the intercept is not penalized, so that centering takes it out
    y_mean, root = share @ y, np.sqrt(weight)[:, np.newaxis]
    targets = root * (y - y_mean)
    norms = std * np.linalg.norm(root)
    norms[std <= ROUNDING * eps * std.max()] = 0
    if issparse(X):
        W = _iterate(X, root, center, targets, norms, alpha)
    elif alpha > 0:
        W = _solve_ridge(root * (X - center), targets, alpha)
    else:
        inverse = _invert(norms)
        rows = root * (X - center) * inverse
        W = inverse[:, np.newaxis] * scipy.linalg.lstsq(rows, targets, cond=np.sqrt(eps))[0]
    return W, y_mean - center @ W


def measure_columns(X: Features, share: NDArray) -> tuple[NDArray, NDArray]:
    """Return mean and standard deviation of every column, in float64.

    The deviation is 0 where it may be nothing but rounding.
    """
    rounding = ROUNDING * float(np.finfo(X.dtype).eps)
    X = X.astype(np.float64, copy=False)
    center = X.T @ share
    if issparse(X):  # the difference of two squares
        squares, rounding = X.multiply(X).T @ share - center**2, max(rounding, 1e-7)
    else:
        squares = share @ (X - center) ** 2
    std = np.sqrt(np.maximum(squares, 0))
    return center, np.where(std > rounding * abs(center), std, 0)


def _invert(numbers: NDArray) -> NDArray:
    """Return 1 / numbers, and 0 for 0."""
    return np.divide(1, numbers, out=np.zeros_like(numbers), where=numbers > 0)


def _solve_ridge(A: NDArray, B: NDArray, alpha: float) -> NDArray:
    """Minimize ``|A @ W - B|^2 + alpha |W|^2``; columns may differ in size by any factor."""
    n_rows, n_columns = A.shape
    if n_columns > n_rows:  # W is made of the rows of A: solve for how
        # large columns first, without which small ones would be lost to rounding
        order = np.argsort(-np.linalg.norm(A, axis=0))
        Q, R, pivots = scipy.linalg.qr(A[:, order].T, mode="economic", pivoting=True)
        W = np.empty((n_columns, B.shape[1]))
        W[order] = Q @ _solve_ridge(R.T, B[pivots], alpha)
        return W
    # as rows, the penalty does not square the condition number
    A = np.vstack([A, np.sqrt(alpha) * np.eye(n_columns)])
    norms = np.linalg.norm(A, axis=0)
    B = np.vstack([B, np.zeros((n_columns, B.shape[1]))])
    return scipy.linalg.lstsq(A / norms, B)[0] / norms[:, np.newaxis]


def _iterate(
    X: Features, root: NDArray, center: NDArray, targets: NDArray, norms: NDArray, alpha: float
) -> NDArray:
    """Do the same for ``A = root * (X - center)``, which would not be sparse, with LSQR."""
    inverse = _invert(np.sqrt(norms**2 + alpha))
    penalty = np.sqrt(alpha) * identity(X.shape[1])
    A = (vstack([diags(root[:, 0]) @ X, penalty]) @ diags(inverse)).tocsr()
    A_T, center = A.T.tocsr(), center * inverse
    one = np.concatenate([root[:, 0], np.zeros(X.shape[1])])
    centered = LinearOperator(
        A.shape,
        matvec=lambda v: A @ v - one * (center @ v),
        rmatvec=lambda u: A_T @ u - center * (one @ u),
    )
    B = np.vstack([targets, np.zeros((X.shape[1], targets.shape[1]))])
    options = {"atol": 1e-12, "btol": 1e-12, "iter_lim": MAX_LSQR_ITERATIONS}
    W = [inverse * lsqr(centered, b, **options)[0] for b in B.T]
    return np.stack(W, axis=1)


def _minimize(
    X: Features, y: NDArray, weight: NDArray, loss: Loss, alpha: float
) -> tuple[NDArray, NDArray]:
    """Minimize the objective with L-BFGS, from the prior on.

    It goes by the weights of inputs that are standardized, but for those which the penalty rules,
    and so needs fewer steps: W is ``V / scale`` and b is ``c - center @ W``. The objective stays
    that of W and b.
    """
    layout = Layout((X.shape[1], y.shape[1]))
    passes = make_passes(Objective(layout, (), loss, alpha, X, y, weight))
    share = weight / weight.sum()
    center, std = measure_columns(X, share)
    std[std <= 1e-7 * abs(center)] = 0
    scale = np.sqrt(std**2 + alpha / weight.sum())[:, np.newaxis]

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
        options={"maxiter": MAX_ITERATIONS, "gtol": 1e-7, "ftol": 1e-13},
    )
    return to_weights(result.x)
