"""Activations: what a hidden unit does to its input, value and derivative side by side."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit


@dataclass(frozen=True)
class Activation:
    """One row of the table of activations.

    Attributes
    ----------
    name : str
        The name users give.
    value : callable
        ``value(z)`` replaces the pre-activations ``z`` by ``phi(z)``, in place.
    backpropagate : callable
        ``backpropagate(a, delta)`` multiplies ``delta`` by ``phi'(z)``, in place, where
        ``a = phi(z)``; ``a`` is overwritten.
    sklearn_factor : float
        scikit-learn draws weights below ``sqrt(sklearn_factor / (fan_in + fan_out))``.
    """

    name: str
    value: Callable[[NDArray], object]
    backpropagate: Callable[[NDArray, NDArray], object]
    sklearn_factor: float = 6.0


def _identity(z: NDArray) -> None:
    pass


def _identity_backpropagate(a: NDArray, delta: NDArray) -> None:
    pass


def _logistic(z: NDArray) -> None:
    expit(z, out=z)


def _logistic_backpropagate(a: NDArray, delta: NDArray) -> None:
    # phi' = a (1 - a)
    delta *= a
    np.subtract(1, a, out=a)
    delta *= a


def _tanh(z: NDArray) -> None:
    np.tanh(z, out=z)


def _tanh_backpropagate(a: NDArray, delta: NDArray) -> None:
    # phi' = 1 - a^2
    np.multiply(a, a, out=a)
    np.subtract(1, a, out=a)
    delta *= a


def _relu(z: NDArray) -> None:
    np.maximum(z, 0, out=z)


def _relu_backpropagate(a: NDArray, delta: NDArray) -> None:
    # phi'(0) = 0, as in scikit-learn; the comparison writes 0 and 1 (a mask is 6x slower)
    np.greater(a, 0, out=a)
    delta *= a


ACTIVATIONS = {
    row.name: row
    for row in (
        Activation("identity", _identity, _identity_backpropagate),
        Activation("logistic", _logistic, _logistic_backpropagate, sklearn_factor=2.0),
        Activation("tanh", _tanh, _tanh_backpropagate),
        Activation("relu", _relu, _relu_backpropagate),
    )
}
