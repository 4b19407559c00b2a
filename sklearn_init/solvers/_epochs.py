"""Epochs of batches in both engines: the unit of work is a restart and a chunk of epochs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from sklearn_init.dropout import Masks
from sklearn_init.network import Objective, Progress, Rule, is_compiled, make_passes
from sklearn_init.solvers._state import Moments, Restart


class UpdateRule(Protocol):
    """A stochastic step and what goes with it; `Adam` and `Sgd` are two."""

    n_arrays: ClassVar[int]

    @property
    def learning_rate_init(self) -> float: ...

    def step(self, theta: NDArray, grad: NDArray, moments: Moments, work: NDArray) -> None: ...

    def compiled(self) -> dict: ...

    def rate_after(self, rate: float, n_seen: int) -> float: ...

    def end_patience(self, moments: Moments) -> bool: ...


@dataclass(frozen=True)
class Plateau:
    """When the loss no longer improves.

    Attributes
    ----------
    tol : float
        The least change that counts as an improvement.
    n_iter_no_change : float
        The largest number of epochs in a row without one.
    """

    tol: float
    n_iter_no_change: float

    def judge(self, restart: Restart) -> None:
        """Keep the lowest loss, and count the epochs in a row that did not improve on it."""
        improved = restart.loss <= restart.best_loss - self.tol
        restart.best_loss = min(restart.best_loss, restart.loss)
        restart.patience = 0 if improved else restart.patience + 1


class Epochs:
    """Epochs of batches on one objective.

    Parameters
    ----------
    objective : Objective
        On the training rows.
    rule : UpdateRule
    batch_size : int
    shuffle : bool
    plateau : Plateau or None
        None if the loss is not what training is judged by.
    """

    longest: int
    """The largest number of epochs in a chunk."""

    def __init__(
        self,
        objective: Objective,
        rule: UpdateRule,
        batch_size: int,
        shuffle: bool,
        plateau: Plateau | None,
    ):
        self._passes: Any = make_passes(objective, batch_size)
        self._objective, self._rule, self._batch_size = objective, rule, batch_size
        self._shuffle, self._plateau = shuffle, plateau


class ReferenceEpochs(Epochs):
    """Epochs on the reference passes."""

    longest = 1

    def run(self, restart: Restart, n_epochs: int, stop: Callable[[], bool]) -> None:
        """Train a restart in place for a chunk of one epoch; nothing is asked in between."""
        order = self._objective.rows
        if self._shuffle:
            restart.rng.shuffle(restart.order)
            order = restart.order
        loss = self._run_epoch(restart, order)
        restart.end_epoch(loss, self._objective.n_rows)
        restart.moments.rate = self._rule.rate_after(restart.moments.rate, restart.n_seen)
        if self._plateau is not None:
            self._plateau.judge(restart)

    def _run_epoch(self, restart: Restart, order: NDArray | None) -> float:
        """Take a step per batch and return the mean of their losses, before each step."""
        grad, scratch = np.empty((2, *restart.theta.shape), restart.theta.dtype)
        objective, total = self._objective, 0.0
        for index, begin in enumerate(range(0, objective.n_rows, self._batch_size)):
            batch = slice(begin, min(begin + self._batch_size, objective.n_rows))
            masks = None
            if objective.has_dropout:
                masks = Masks(objective.dropout, restart.seed, len(restart.losses), index)
            rows = batch if order is None else order[batch]
            loss = self._passes.loss_and_grad(restart.theta, rows, grad, masks)
            if loss is None:
                continue
            total += loss * (batch.stop - batch.start)
            if index == 0:
                restart.begin_epoch(loss)
            self._rule.step(restart.theta, grad, restart.moments, scratch)
        return total / objective.n_rows


class CompiledEpochs(Epochs):
    """The same on the compiled passes, for many epochs at a time."""

    longest = 200

    def run(self, restart: Restart, n_epochs: int, stop: Callable[[], bool]) -> None:
        """Train a restart in place for a chunk of epochs, or until patience is exceeded."""
        moments, plateau, losses = restart.moments, self._plateau, np.empty(n_epochs)
        rates = self._get_rates(restart, n_epochs + 1)
        progress = Progress(moments.n_steps, restart.patience, restart.best_loss, stop)
        try:
            self._passes.run_epochs(
                restart.theta,
                moments.arrays,
                Rule(**self._rule.compiled()),
                progress,
                restart.order if self._shuffle else None,
                restart.rng.bit_generator if self._shuffle else None,
                rates[:-1],
                (restart.seed, len(restart.losses)),
                (plateau.tol, plateau.n_iter_no_change) if plateau else (0.0, np.inf),
                losses,
            )
        finally:  # an interrupt keeps what was done
            moments.n_steps = progress.n_steps
            restart.begin_epoch(progress.first_loss)
            for loss in losses[: progress.n_done].tolist():
                restart.end_epoch(loss, self._objective.n_rows)
            moments.rate = float(rates[progress.n_done])
            if plateau is not None:
                restart.patience, restart.best_loss = int(progress.patience), progress.best_loss

    def _get_rates(self, restart: Restart, n_epochs: int) -> NDArray:
        """Return the learning rate of each of the next epochs."""
        rates, rate = np.empty(n_epochs), restart.moments.rate
        for epoch in range(n_epochs):
            rates[epoch] = rate
            rate = self._rule.rate_after(
                rate, restart.n_seen + (epoch + 1) * self._objective.n_rows
            )
        return rates


def make_epochs(objective: Objective, *parameters: Any) -> ReferenceEpochs | CompiledEpochs:
    """Return epochs on the engine that can serve; the parameters are those of `Epochs`."""
    epochs = CompiledEpochs if is_compiled(objective.activations) else ReferenceEpochs
    return epochs(objective, *parameters)
