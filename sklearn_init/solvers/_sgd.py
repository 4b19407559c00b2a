"""Stochastic gradient descent's update rule and its three schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sklearn_init.solvers._state import Moments

SMALLEST_RATE = 1e-6
"""Below this the adaptive schedule stops training instead of dividing the rate again."""


@dataclass(frozen=True)
class Schedule:
    """How the learning rate moves.

    Attributes
    ----------
    rate_after : callable
        ``rate_after(sgd, rate, n_seen)``, the rate after an epoch.
    end_patience : callable
        ``end_patience(moments)``, called when patience ends: whether training stops there. If
        not, it lowers the rate.
    """

    rate_after: Callable[["Sgd", float, int], float]
    end_patience: Callable[[Moments], bool]


def _keep(sgd: "Sgd", rate: float, n_seen: int) -> float:
    return rate


def _stop(moments: Moments) -> bool:
    return True


def _scale_inversely(sgd: "Sgd", rate: float, n_seen: int) -> float:
    return float(sgd.learning_rate_init / np.power(n_seen + 1.0, sgd.power_t))


def _divide_or_stop(moments: Moments) -> bool:
    if moments.rate <= SMALLEST_RATE:
        return True
    moments.rate /= 5
    return False


SCHEDULES = {
    "constant": Schedule(_keep, _stop),
    "invscaling": Schedule(_scale_inversely, _stop),
    "adaptive": Schedule(_keep, _divide_or_stop),
}


@dataclass(frozen=True)
class Sgd:
    """Gradient descent with momentum.

    ``velocity = momentum velocity - rate grad``; then ``theta += velocity``, or with Nesterov's
    momentum ``theta += momentum velocity - rate grad``.
    """

    learning_rate_init: float
    schedule: Schedule
    momentum: float
    nesterovs_momentum: bool
    power_t: float

    n_arrays: ClassVar[int] = 1

    def step(self, theta: NDArray, grad: NDArray, moments: Moments, work: NDArray) -> None:
        """Update `theta` and `moments` in place; `grad` and `work` are overwritten."""
        (velocity,) = moments.arrays
        moments.n_steps += 1
        grad *= moments.rate
        velocity *= self.momentum
        velocity -= grad
        if self.nesterovs_momentum:
            np.multiply(velocity, self.momentum, out=work)
            work -= grad
            theta += work
        else:
            theta += velocity

    def compiled(self) -> dict:
        """Return what makes the same rule in the compiled engine."""
        return {
            "is_adam": False,
            "momentum": self.momentum,
            "nesterovs_momentum": self.nesterovs_momentum,
        }

    def rate_after(self, rate: float, n_seen: int) -> float:
        """Return the learning rate after an epoch."""
        return self.schedule.rate_after(self, rate, n_seen)

    def end_patience(self, moments: Moments) -> bool:
        """Return whether training stops now that patience has ended."""
        return self.schedule.end_patience(moments)
