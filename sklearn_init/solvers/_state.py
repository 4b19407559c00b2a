"""The state of a restart in training: all that is needed to go on exactly where it stopped."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from sklearn_init._random import copy_stream
from sklearn_init.network import Objective
from sklearn_init.scores import Score

DIVERGENCE_FACTOR = 10.0
"""A restart whose loss exceeds its loss at the start by this factor has diverged ..."""

DIVERGENCE_FLOOR = 1e-6
"""... if it is above this, too: a start may be all but perfect."""


@dataclass
class Moments:
    """What a stochastic update rule remembers.

    Attributes
    ----------
    rule : type
        The update rule they belong to.
    arrays : ndarray of shape (n_arrays, n_params)
        Running means of gradients, or of what is made of them.
    n_steps : int
        Number of steps so far.
    rate, rate_init : float
        The present learning rate, and the one it began with.
    """

    rule: type
    arrays: NDArray
    n_steps: int = 0
    rate: float = np.nan
    rate_init: float = np.nan


@dataclass
class Restart:
    """One restart.

    Attributes
    ----------
    index : int
        Which restart it is.
    theta : ndarray of shape (n_params,)
        Weights and biases after the last step.
    start : ndarray of shape (n_params,)
        Those it started with.
    rng : Stream or None
        The main stream, before its next shuffle.
    seed : int
        What its dropout masks depend on, 64 bits.
    order : ndarray of int or None
        The training rows, in the order of the last epoch that shuffled them.
    moments : Moments or None
        What the stochastic update rule remembers.
    n_seen : int
        Number of samples seen by the solver (``t_``).
    patience : int
        Number of epochs in a row that brought no improvement.
    losses : list of float
        Loss after every epoch so far.
    validation_losses, scores : list of float
        Loss and score on the validation rows, if there are any, after every epoch so far.
    best_loss, best_score : float
        The lowest loss; the validation score of the row to predict with.
    best_theta : ndarray of shape (n_params,) or None
        With early stopping, the row that has the best score.
    loss : float
        The last reported loss.
    start_loss : float
        The largest loss it started with: of the first batch (L-BFGS: the objective of all rows),
        or of outputs that are all zero. It is -inf as long as none was measured.
    n_iter : int
        Number of epochs (or L-BFGS iterations) of the last call.
    n_fun : int
        Number of evaluations of the objective by L-BFGS in the last call.
    stopped : bool
        Whether a further call leaves it alone, as it has converged, is not finite, or was ended
        by a watch.
    dropped : bool
        Whether it lost a race, and trains no more.
    message : str
        Why L-BFGS did not converge, or empty.
    interrupted : bool
        Whether the user interrupted it.
    ends_fit : bool
        Whether someone who followed it wants all training to end.
    n_found : int
        Number of epochs of the last call that were found where they had been saved.
    note : str
        What the user is to be warned of, of where it trained; or empty.
    time : float
        Seconds spent in training.
    """

    index: int
    theta: NDArray
    start: NDArray
    rng: Any  # optional, as are the next two; never None where they are used
    seed: int = 0
    order: Any = None
    moments: Any = None
    n_seen: int = 0
    patience: int = 0
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = np.inf
    best_score: float = -np.inf
    best_theta: NDArray | None = None
    loss: float = np.nan
    start_loss: float = -np.inf
    n_iter: int = 0
    n_fun: int = 0
    stopped: bool = False
    dropped: bool = False
    message: str = ""
    interrupted: bool = False
    ends_fit: bool = False
    n_found: int = 0
    note: str = ""
    time: float = 0.0

    def begin_call(self) -> None:
        """Forget what described the last call."""
        self.n_iter, self.n_fun, self.n_found = 0, 0, 0
        self.message = self.note = ""
        self.interrupted = self.ends_fit = False

    def drop(self) -> None:
        """Take it out of a race, and give back the memory that only training needs."""
        self.dropped, self.message = True, ""
        self.moments = self.order = None

    def make_writable(self) -> None:
        """Copy what training writes into, if it is read-only: as joblib sends large arrays."""
        if not self.theta.flags.writeable:
            self.theta = self.theta.copy()
        if self.order is not None and not self.order.flags.writeable:
            self.order = self.order.copy()
        if self.moments is not None and not self.moments.arrays.flags.writeable:
            self.moments.arrays = self.moments.arrays.copy()

    def begin_epoch(self, loss: float) -> None:
        """Note the loss of the first batch, which tells what training started with."""
        if self.n_seen == 0 and np.isfinite(loss):
            self.start_loss = max(self.start_loss, loss)

    def end_epoch(self, loss: float, n_rows: int) -> None:
        """Note the loss of an epoch."""
        self.loss = loss
        self.losses.append(loss)
        self.n_iter += 1
        self.n_seen += n_rows

    def end_judgment(self, loss: float, score: float) -> None:
        """Note loss and score on the validation rows; epochs that nobody judged count as NaN."""
        for curve, value in (self.validation_losses, loss), (self.scores, score):
            curve += [np.nan] * (len(self.losses) - 1 - len(curve))
            curve.append(value)

    def begin_anew(self, theta: NDArray) -> None:
        """Go on from another theta, with a new solver state."""
        self.theta, self.moments = theta, None
        self.best_theta, self.best_score = None, -np.inf
        self.stopped, self.patience = False, 0
        self.best_loss, self.loss = np.inf, np.nan

    def fall_back(self) -> None:
        """Go on from the best row if the last one is not finite."""
        if not np.isfinite(self.theta).all() and self.is_usable:
            self.begin_anew(self.result.copy())

    def without_solver_state(self) -> "Restart":
        """Return weights and curves alone, from which training goes on with a new solver state."""
        return replace(
            self,
            theta=self.result,
            rng=None,
            order=None,
            moments=None,
            patience=0,
            stopped=False,
            best_loss=min(self.losses, default=np.inf),
            best_theta=None,
        )

    def copy(self) -> "Restart":
        """Return a copy that can be trained without changing this one."""
        # start and best_theta are replaced in training, never written into
        return replace(
            self,
            theta=self.theta.copy(),
            order=None if self.order is None else self.order.copy(),
            rng=self.rng and copy_stream(self.rng),
            moments=copy.deepcopy(self.moments),
            losses=list(self.losses),
            validation_losses=list(self.validation_losses),
            scores=list(self.scores),
        )

    @property
    def is_running(self) -> bool:
        """Whether there is more for it to do."""
        return not (self.stopped or self.dropped)

    @property
    def result(self) -> NDArray:
        """The row to predict with: with early stopping the best one, else the last one."""
        return self.theta if self.best_theta is None else self.best_theta

    @property
    def diverged(self) -> bool:
        """Whether loss or weights became non-finite, or the loss grew out of proportion."""
        return self.start_loss > -np.inf and not (
            np.isfinite(self.loss)
            and self.loss <= DIVERGENCE_FACTOR * self.start_loss + DIVERGENCE_FLOOR
            and np.isfinite(self.theta).all()
        )

    @property
    def is_absent(self) -> bool:
        """Whether its row was left out of the pickle or file it comes from."""
        return not self.theta.size

    @property
    def is_usable(self) -> bool:
        """Whether there is a row to predict with, and it is finite."""
        return not self.is_absent and bool(np.isfinite(self.result).all())


@dataclass(frozen=True)
class Validation:
    """What a network is judged by after every epoch, apart from the data it is trained on.

    Attributes
    ----------
    objective : Objective
        On the validation rows.
    score : callable
        ``score(theta, y, prediction, weights)``, higher is better.
    stops : bool
        Whether training stops by the score, and predicts with the row that has the best one, as
        in early stopping. Else the score only tells what training reached.
    """

    objective: Objective
    score: Score
    stops: bool = True


class Watch(Protocol):
    """Looks at a restart in training every few epochs."""

    def choose_chunk(self, longest: int) -> int:
        """Return after how many epochs, at most `longest`, it wants to look again."""
        ...

    def look(self, restart: Restart) -> bool:
        """Look at a restart; return whether its training shall end."""
        ...


class Solver(Protocol):
    """What lowers the objective.

    `prepare` makes of an objective what all restarts share; `train` trains a restart in place.
    `is_exact` tells whether a restart holds all that is needed to go on exactly at any time, or
    else only where `train` returns.
    """

    is_exact: ClassVar[bool]

    def prepare(self, objective: Objective) -> Objective: ...

    def train(
        self,
        restart: Restart,
        objective: Objective,
        validation: Validation | None,
        n_epochs: int,
        stop_requested: Callable[[], bool],
        watches: Sequence[Watch] = (),
    ) -> None: ...
