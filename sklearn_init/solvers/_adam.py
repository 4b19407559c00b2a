"""Adam's update rule."""

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sklearn_init.solvers._state import Moments


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2014, arXiv:1412.6980), with the bias correction in the step size.

    ``first = beta_1 first + (1 - beta_1) grad``, ``second = beta_2 second + (1 - beta_2) grad^2``,
    ``theta -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) first / (sqrt(second) + epsilon)``.
    """

    learning_rate_init: float
    beta_1: float
    beta_2: float
    epsilon: float

    n_arrays: ClassVar[int] = 2

    def step(self, theta: NDArray, grad: NDArray, moments: Moments, work: NDArray) -> None:
        """Update `theta` and `moments` in place; `grad` and `work` are overwritten."""
        first, second = moments.arrays
        moments.n_steps += 1
        rate = (
            moments.rate
            * sqrt(1 - self.beta_2**moments.n_steps)
            / (1 - self.beta_1**moments.n_steps)
        )
        np.multiply(grad, 1 - self.beta_1, out=work)
        first *= self.beta_1
        first += work
        np.multiply(grad, grad, out=grad)
        grad *= 1 - self.beta_2
        second *= self.beta_2
        second += grad
        np.sqrt(second, out=work)
        work += self.epsilon
        np.multiply(first, -rate, out=grad)
        grad /= work
        theta += grad

    def compiled(self) -> dict:
        """Return what makes the same rule in the compiled engine."""
        return {
            "is_adam": True,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }

    def rate_after(self, rate: float, n_seen: int) -> float:
        """Return the learning rate after an epoch: the step size depends on the steps only."""
        return rate

    def end_patience(self, moments: Moments) -> bool:
        """Return True: training stops when patience ends."""
        return True
