"""Stochastic gradient descent's update rule and its three schedules."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_init.solvers._state import Restart

SMALLEST_RATE = 1e-6
"""Below this the adaptive schedule stops training instead of dividing the rate again."""


@dataclass
class SgdMoments:
    """The velocity, the present learning rate, and the one it began with."""

    velocity: NDArray
    rate: float = np.nan
    rate_init: float = np.nan


@dataclass(frozen=True)
class Schedule:
    """How the learning rate moves.

    Attributes
    ----------
    end_epoch : callable
        ``end_epoch(sgd, restart)``, called after every epoch.
    is_final : callable
        ``is_final(sgd, restart)``, called when patience ends: whether training stops there.
    """

    end_epoch: Callable[["Sgd", Restart], None]
    is_final: Callable[["Sgd", Restart], bool]


def _keep(sgd: "Sgd", restart: Restart) -> None:
    pass


def _stop(sgd: "Sgd", restart: Restart) -> bool:
    return True


def _scale_inversely(sgd: "Sgd", restart: Restart) -> None:
    restart.moments.rate = sgd.learning_rate_init / (restart.n_seen + 1) ** sgd.power_t


def _divide_or_stop(sgd: "Sgd", restart: Restart) -> bool:
    if restart.moments.rate <= SMALLEST_RATE:
        return True
    restart.moments.rate /= 5
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

    def begin(self, theta: NDArray, moments: object) -> SgdMoments:
        """Return the moments to go on with; a new `learning_rate_init` takes effect."""
        if not isinstance(moments, SgdMoments):
            moments = SgdMoments(np.zeros_like(theta))
        if moments.rate_init != self.learning_rate_init:
            moments.rate = moments.rate_init = float(self.learning_rate_init)
        return moments

    def step(self, theta: NDArray, grad: NDArray, moments: SgdMoments, work: NDArray) -> None:
        """Update `theta` and `moments` in place; `grad` and `work` are overwritten."""
        velocity = moments.velocity
        grad *= moments.rate
        velocity *= self.momentum
        velocity -= grad
        if self.nesterovs_momentum:
            np.multiply(velocity, self.momentum, out=work)
            work -= grad
            theta += work
        else:
            theta += velocity

    def end_epoch(self, restart: Restart) -> None:
        """Let the schedule move the learning rate."""
        self.schedule.end_epoch(self, restart)

    def is_final(self, restart: Restart) -> bool:
        """Whether training stops now that patience has ended."""
        return self.schedule.is_final(self, restart)
