"""Adam's update rule."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sklearn_init.solvers._state import Restart


@dataclass
class AdamMoments:
    """Running means of the gradient and of its square, and the number of steps."""

    first: NDArray
    second: NDArray
    n_steps: int = 0


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

    def begin(self, theta: NDArray, moments: object) -> AdamMoments:
        """Return the moments to go on with: those given, if they are Adam's, or new ones."""
        if isinstance(moments, AdamMoments):
            return moments
        return AdamMoments(np.zeros_like(theta), np.zeros_like(theta))

    def step(self, theta: NDArray, grad: NDArray, moments: AdamMoments, work: NDArray) -> None:
        """Update `theta` and `moments` in place; `grad` and `work` are overwritten."""
        first, second = moments.first, moments.second
        moments.n_steps += 1
        rate = (
            self.learning_rate_init
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

    def end_epoch(self, restart: Restart) -> None:
        """Do nothing: the step size depends on the number of steps only."""

    def is_final(self, restart: Restart) -> bool:
        """Return True: training stops when patience ends."""
        return True
