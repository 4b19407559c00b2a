"""Training by epochs of batches: the loop that adam and sgd share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

import numpy as np

from sklearn_init.network import Objective
from sklearn_init.solvers._epochs import Plateau, UpdateRule, make_epochs
from sklearn_init.solvers._judge import Judge
from sklearn_init.solvers._report import Report, report_nothing
from sklearn_init.solvers._state import Moments, Restart, Validation, Watch


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

    is_exact: ClassVar[bool] = True

    def prepare(self, objective: Objective) -> Objective:
        """Return the objective as it is."""
        return objective

    def train(
        self,
        restart: Restart,
        objective: Objective,
        validation: Validation | None,
        n_epochs: int,
        stop_requested: Callable[[], bool],
        watches: Sequence[Watch] = (),
    ) -> None:
        """Train a restart in place for at most `n_epochs` epochs.

        Parameters
        ----------
        restart : Restart
            Continued exactly from where it is.
        objective : Objective
            On the training rows.
        validation : Validation or None
            What it is judged by after every epoch.
        n_epochs : int
        stop_requested : callable
            Asked before every epoch.
        watches : sequence of Watch
            Who looks at it in between; the first to say so ends its training.
        """
        self._prepare(restart, objective, validation)
        batch_size = min(self.batch_size, objective.n_rows)
        judge = None if validation is None else Judge(validation, batch_size)
        by_score = validation is not None and validation.stops
        if judge is not None and restart.n_iter == 0 and isfinite(restart.best_score):
            judge.judge_result(restart)  # rows or score may be others than in the last call
        plateau = None if by_score else Plateau(self.tol, self.n_iter_no_change)
        epochs = make_epochs(objective, self.rule, batch_size, self.shuffle, plateau)
        # a chunk is one epoch where someone looks at every epoch
        watched = judge is not None or self.report is not report_nothing
        longest = 1 if watched else epochs.longest
        while restart.n_iter < n_epochs and not restart.stopped and not stop_requested():
            n_chunk = min(n_epochs - restart.n_iter, longest)
            n_chunk = min([n_chunk, *(watch.choose_chunk(n_chunk) for watch in watches)])
            epochs.run(restart, n_chunk, stop_requested)
            self.report(restart, f"Iteration {restart.n_iter}, loss = {restart.loss:.8f}")
            if judge is not None:
                self._judge(restart, judge, by_score)
            self._end_chunk(restart, by_score)
            if any(watch.look(restart) for watch in watches):
                restart.stopped = True

    def _prepare(
        self, restart: Restart, objective: Objective, validation: Validation | None
    ) -> None:
        moments, rule = restart.moments, self.rule
        if moments is None or moments.rule is not type(rule):
            arrays = np.zeros((rule.n_arrays, len(restart.theta)), restart.theta.dtype)
            moments = restart.moments = Moments(type(rule), arrays)
        if moments.rate_init != rule.learning_rate_init:
            moments.rate = moments.rate_init = float(rule.learning_rate_init)
        if restart.order is None:
            rows = np.arange(objective.n_rows) if objective.rows is None else objective.rows
            restart.order = rows.astype(np.int64)  # a copy, since it is shuffled in place
        if validation is not None and validation.stops and restart.best_theta is None:
            restart.best_theta = restart.theta.copy()
        if restart.n_iter == 0:  # not in later parts of a race
            restart.start_loss = max(restart.start_loss, objective.null_loss())

    def _judge(self, restart: Restart, judge: Judge, by_score: bool) -> None:
        """Note loss and score on the validation rows.

        With early stopping, keep the row with the highest score, and count the epochs without one.
        """
        loss, score = judge.measure(restart.theta)
        restart.end_judgment(loss, score)
        self.report(restart, f"Validation score: {score:f}")
        if not by_score:
            restart.best_score = score if isfinite(score) else -np.inf
            return
        restart.patience = 0 if score >= restart.best_score + self.tol else restart.patience + 1
        if score > restart.best_score:
            restart.best_score = score
            restart.best_theta = restart.theta.copy()

    def _end_chunk(self, restart: Restart, by_score: bool) -> None:
        """Stop, or let the schedule lower the learning rate, if it is time."""
        if not isfinite(restart.loss):
            restart.stopped = True
        elif restart.patience > self.n_iter_no_change:
            restart.stopped = self.rule.end_patience(restart.moments)
            self._report_plateau(restart, by_score)
            if not restart.stopped:
                restart.patience = 0

    def _report_plateau(self, restart: Restart, by_score: bool) -> None:
        what = "Validation score" if by_score else "Training loss"
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
