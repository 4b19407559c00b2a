"""Training by epochs of batches: the loop that adam and sgd share."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sklearn_init.network import Objective, ReferencePasses
from sklearn_init.solvers._report import Report
from sklearn_init.solvers._state import Restart, Validation


class Judge:
    """Scores rows on the validation rows, a batch at a time."""

    def __init__(self, validation: Validation, batch_size: int):
        rows = validation.objective.rows
        assert rows is not None
        n_batches = -(-len(rows) // batch_size)
        self._passes = ReferencePasses(validation.objective, batch_size)
        self._batches = np.array_split(rows, n_batches)
        self._y, self._weights = validation.objective.targets()
        self._score = validation.score

    def score(self, theta: NDArray) -> float:
        """Return the score, or NaN if a prediction is not finite."""
        prediction = np.concatenate([self._passes.predict(theta, b) for b in self._batches])
        if not np.isfinite(prediction).all():
            return np.nan
        return self._score(self._y, prediction, self._weights)


class UpdateRule(Protocol):
    """A stochastic step and what goes with it; `Adam` and `Sgd` are two."""

    def begin(self, theta: NDArray, moments: object) -> Any: ...

    def step(self, theta: NDArray, grad: NDArray, moments: Any, work: NDArray) -> None: ...

    def end_epoch(self, restart: Restart) -> None: ...

    def is_final(self, restart: Restart) -> bool: ...


@dataclass(frozen=True)
class Stochastic:
    """Epochs of batches, until the loss or the validation score no longer improves.

    Attributes
    ----------
    rule : UpdateRule
    batch_size : int
        The largest number of rows in a batch.
    shuffle : bool
    tol : float
        The least change that counts as an improvement.
    n_iter_no_change : float
        The largest number of epochs in a row without one.
    report : callable
        ``report(restart, text)``, called with what happens in every epoch.
    """

    rule: UpdateRule
    batch_size: int
    shuffle: bool
    tol: float
    n_iter_no_change: float
    report: Report

    def train(
        self,
        restart: Restart,
        objective: Objective,
        validation: Validation | None,
        n_epochs: int,
        stop_requested: Callable[[], bool],
    ) -> None:
        """Train a restart in place for at most `n_epochs` epochs.

        Parameters
        ----------
        restart : Restart
            Continued exactly from where it is.
        objective : Objective
            On the training rows.
        validation : Validation or None
            What early stopping looks at.
        n_epochs : int
        stop_requested : callable
            Asked before every epoch.
        """
        self._prepare(restart, objective, validation)
        batch_size = min(self.batch_size, objective.n_rows)
        passes = ReferencePasses(objective, batch_size)
        judge = None if validation is None else Judge(validation, batch_size)
        work = np.empty((2, len(restart.theta)), restart.theta.dtype)
        while restart.n_iter < n_epochs and not restart.stopped and not stop_requested():
            order = self._next_order(restart, objective)
            restart.loss = self._epoch(restart, passes, order, batch_size, work)
            restart.losses.append(restart.loss)
            restart.n_iter += 1
            restart.n_seen += objective.n_rows
            self.report(restart, f"Iteration {restart.n_iter}, loss = {restart.loss:.8f}")
            if judge is None:
                improved = self._judge_loss(restart)
            else:
                improved = self._judge_score(restart, judge)
            self._end_epoch(restart, improved, early_stopping=judge is not None)

    def _prepare(
        self, restart: Restart, objective: Objective, validation: Validation | None
    ) -> None:
        restart.moments = self.rule.begin(restart.theta, restart.moments)
        if restart.order is None:
            rows = objective.rows
            restart.order = np.arange(objective.n_rows) if rows is None else rows
        if validation is not None and restart.best_theta is None:
            restart.best_theta = restart.theta.copy()
        restart.start_loss = max(restart.start_loss, objective.null_loss())

    def _next_order(self, restart: Restart, objective: Objective) -> NDArray | None:
        """Return the order of the next epoch; None is that of the data, without copies."""
        if not self.shuffle:
            return objective.rows
        assert restart.order is not None
        assert restart.rng is not None
        # the indices that sklearn.utils.shuffle(order) gives, at a tenth of its cost
        restart.order = restart.order[restart.rng.permutation(len(restart.order))]
        return restart.order

    def _epoch(
        self,
        restart: Restart,
        passes: ReferencePasses,
        order: NDArray | None,
        batch_size: int,
        work: NDArray,
    ) -> float:
        """Take a step per batch and return the mean of their losses, before each step."""
        grad, scratch = work
        n_rows = passes.objective.n_rows
        total = 0.0
        for begin in range(0, n_rows, batch_size):
            batch = slice(begin, min(begin + batch_size, n_rows))
            loss = passes.loss_and_grad(
                restart.theta, batch if order is None else order[batch], grad
            )
            if loss is None:
                continue
            total += loss * (batch.stop - batch.start)
            if restart.n_seen == 0 and begin == 0 and isfinite(loss):
                restart.start_loss = max(restart.start_loss, loss)
            self.rule.step(restart.theta, grad, restart.moments, scratch)
        return total / n_rows

    def _judge_loss(self, restart: Restart) -> bool:
        """Keep the lowest loss and return whether it improved by `tol`."""
        improved = restart.loss <= restart.best_loss - self.tol
        restart.best_loss = min(restart.best_loss, restart.loss)
        return improved

    def _judge_score(self, restart: Restart, judge: "Judge") -> bool:
        """Keep the row with the highest validation score; return whether it improved by `tol`."""
        score = judge.score(restart.theta)
        restart.scores.append(score)
        self.report(restart, f"Validation score: {score:f}")
        improved = score >= restart.best_score + self.tol
        if score > restart.best_score:
            restart.best_score = score
            restart.best_theta = restart.theta.copy()
        return improved

    def _end_epoch(self, restart: Restart, improved: bool, early_stopping: bool) -> None:
        """Count epochs without improvement, move the learning rate, stop if it is time."""
        restart.patience = 0 if improved else restart.patience + 1
        self.rule.end_epoch(restart)
        if not isfinite(restart.loss):
            restart.stopped = True
        elif restart.patience > self.n_iter_no_change:
            restart.stopped = self.rule.is_final(restart)
            self._report_plateau(restart, early_stopping)
            if not restart.stopped:
                restart.patience = 0

    def _report_plateau(self, restart: Restart, early_stopping: bool) -> None:
        what = "Validation score" if early_stopping else "Training loss"
        consequence = (
            "Stopping."
            if restart.stopped  # else the schedule has lowered the rate
            else f"Setting learning rate to {restart.moments.rate:f}"
        )
        self.report(
            restart,
            f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} "
            f"consecutive epochs. {consequence}",
        )
