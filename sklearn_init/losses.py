"""Losses: what training lowers, and what it reports.

Every loss is paired with its canonical output activation, so that the derivative with respect
to the output layer's pre-activations ``z`` is ``output(z) - y`` for all of them. Two values go
with that one gradient. The *objective* is its antiderivative: L-BFGS and gradient checks need
it. The *reported* value is scikit-learn's ``loss_``, which takes the mean over outputs of the
squared error and clips probabilities; the rule that stops by ``tol`` sees this one.

Functions return one number per sample; the weighted mean is taken in one place, `network`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, xlogy


@dataclass(frozen=True)
class Loss:
    """One row of the table of losses.

    Attributes
    ----------
    name : str
        What the loss is called.
    output_name : str
        scikit-learn's name of the output activation (``out_activation_``).
    output : callable
        ``output(z, out)`` writes the predictions for pre-activations ``z`` into ``out``.
    reported : callable
        ``reported(prediction, y)``, the reported loss, of shape (n_samples,).
    objective : callable
        ``objective(z, y)``, the antiderivative of the gradient, of shape (n_samples,).
    link : callable
        ``link(mean)`` returns the pre-activations whose prediction is ``mean``.
    """

    name: str
    output_name: str
    output: Callable[[NDArray, NDArray], object]
    reported: Callable[[NDArray, NDArray], NDArray]
    objective: Callable[[NDArray, NDArray], NDArray]
    link: Callable[[NDArray], NDArray]


def _identity(z: NDArray, out: NDArray) -> None:
    out[...] = z


def _half_square(prediction: NDArray, y: NDArray) -> NDArray:
    error = prediction - y
    return 0.5 * np.einsum("ij,ij->i", error, error)


def _half_mean_square(prediction: NDArray, y: NDArray) -> NDArray:
    return _half_square(prediction, y) / y.shape[1]


def _half_poisson_deviance(prediction: NDArray, y: NDArray) -> NDArray:
    # a prediction of 0 is right for y = 0
    ratio = np.divide(y, prediction, out=np.ones_like(prediction), where=y > 0)
    return (xlogy(y, ratio) - y + prediction).sum(axis=1)


def _half_poisson_deviance_of_log(z: NDArray, y: NDArray) -> NDArray:
    return (xlogy(y, y) - y * z - y + np.exp(z)).sum(axis=1)


def _minus_log(probability: NDArray) -> NDArray:
    eps = np.finfo(probability.dtype).eps
    return -np.log(np.clip(probability, eps, 1 - eps))


def _binary_log_loss(prediction: NDArray, y: NDArray) -> NDArray:
    # y is 0 or 1, so this is the probability of what was observed: 1 - p or p
    return _minus_log(np.abs(prediction - (1 - y))).sum(axis=1)


def _binary_log_loss_of_logits(z: NDArray, y: NDArray) -> NDArray:
    return (np.logaddexp(0, z) - y * z).sum(axis=1)


def _softmax(z: NDArray, out: NDArray) -> None:
    np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)


def _log_loss(prediction: NDArray, y: NDArray) -> NDArray:
    return _minus_log(np.einsum("ij,ij->i", y, prediction))


def _log_loss_of_logits(z: NDArray, y: NDArray) -> NDArray:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - np.einsum("ij,ij->i", y, shifted)


def _exp(z: NDArray, out: NDArray) -> None:
    np.exp(z, out=out)


def _logistic(z: NDArray, out: NDArray) -> None:
    expit(z, out=out)


SQUARED_ERROR = Loss(
    "squared_error", "identity", _identity, _half_mean_square, _half_square, np.copy
)
POISSON = Loss(
    "poisson", "exp", _exp, _half_poisson_deviance, _half_poisson_deviance_of_log, np.log
)
BINARY_LOG_LOSS = Loss(
    "binary_log_loss", "logistic", _logistic, _binary_log_loss, _binary_log_loss_of_logits, logit
)
LOG_LOSS = Loss("log_loss", "softmax", _softmax, _log_loss, _log_loss_of_logits, np.log)

LOSSES = {loss.name: loss for loss in (SQUARED_ERROR, POISSON, BINARY_LOG_LOSS, LOG_LOSS)}
LOSS_OF_OUTPUT = {loss.output_name: loss for loss in LOSSES.values()}
REGRESSION_LOSSES = {loss.name: loss for loss in (SQUARED_ERROR, POISSON)}
