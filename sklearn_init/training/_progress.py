"""What ``verbose=1`` prints: a line per restart or rung, and every few seconds of a long fit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, isfinite
from time import perf_counter

from sklearn_init.solvers import Restart
from sklearn_init.training._callback import Audience
from sklearn_init.training._race import Rung, is_race, rank
from sklearn_init.training._ticker import Ticker
from sklearn_init.training._time_left import Run, Schedule

SECONDS_PER_LINE = 5.0
"""After so many seconds without a line, another one is printed."""


class ProgressPrinter(Audience):
    """Prints what restarts reached, the best one so far, and the time left.

    A thread prints in between, so that a line comes however long an epoch takes, and from
    restarts in other processes, too. It only reads, and changes no bits.

    Parameters
    ----------
    rungs : tuple of Rung
        Those of the race; a single one is no race, and has a line per restart.
    by_score : bool
        Whether the best one has the highest score, rather than the lowest loss.
    in_epochs : bool
        Whether the solver trains in epochs, rather than in iterations of L-BFGS.
    has_scores : bool
        Whether every epoch is evaluated on validation rows.
    in_batches : bool
        Whether another batch of restarts may follow, as with ``n_restarts="auto"``.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self,
        rungs: tuple[Rung, ...],
        *,
        by_score: bool,
        in_epochs: bool = True,
        has_scores: bool = False,
        in_batches: bool = False,
        clock: Callable[[], float] = perf_counter,
    ):
        self._rungs, self._is_race, self._by_score = rungs, is_race(rungs), by_score
        self._in_epochs, self._has_scores, self._in_batches = in_epochs, has_scores, in_batches
        self._unit = "epoch" if in_epochs else "iteration"
        self._clock = clock
        self._schedule, self._best = Schedule(rungs, clock), list[Restart]()
        self._begin = self._printed = clock()
        self._lock = threading.RLock()
        self._ticker = Ticker(self.print_if_due, SECONDS_PER_LINE)

    def __reduce__(self) -> tuple:
        return Audience, ()  # in other processes there is nothing to print

    def __enter__(self) -> "ProgressPrinter":
        self._ticker.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ticker.__exit__(*exception)

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Begin to count; a first rung is that of a new batch of restarts."""
        with self._lock:
            self._schedule.begin_rung(rung, n_restarts, n_workers)
            self._best = [] if self._is_race else self._best

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[Run]:
        """Measure a restart that trains in this process."""
        with self._lock:
            run = self._schedule.begin(restart, n_epochs)
        try:
            yield run
        finally:
            with self._lock:
                self._schedule.end(run)

    def gather(self, restart: Restart) -> bool:
        """Print what a restart reached, if it is no race."""
        with self._lock:
            self._schedule.gather(restart)
            self._best = self._rank([*self._best, restart])[:1]
            if self._rungs[0].n_restarts == 1:
                self._print(f"Iteration {restart.n_iter}, {_describe_result(restart)}")
            elif not self._is_race:
                self._print(
                    f"[restart {restart.index}] Iteration {restart.n_iter}, "
                    f"{_describe_result(restart)}{self._describe_best()}{self._describe_outlook()}"
                )
        return False

    def end_rung(self) -> bool:
        """Print what a rung brought, if it is one of a race."""
        if self._is_race:
            with self._lock:
                n = self._schedule.n_ended
                self._print(
                    f"{self._name_rung()}{n} restart{'s' * (n > 1)} at iteration "
                    f"{self._schedule.rung.n_epochs}{self._describe_best()}"
                    f"{self._describe_outlook()}"
                )
        return False

    def print_if_due(self) -> float:
        """Print how training is if nothing was printed for long; return when to ask again."""
        with self._lock:
            due = self._printed + SECONDS_PER_LINE - self._clock()
            if due > 0:
                return due
            if self._schedule.n_restarts:
                self._print(self._describe_training())
            return SECONDS_PER_LINE

    def _print(self, line: str) -> None:
        print(line, flush=True)  # a file would wait for more
        self._printed = self._clock()

    def _describe_training(self) -> str:
        """Return a line on the restarts that train."""
        runs = list(self._schedule.runs.values())
        if self._schedule.n_restarts == 1 and len(runs) == 1:
            (run,) = runs
            which = "" if self._rungs[0].n_restarts == 1 else f"[restart {run.restart.index}] "
            return f"{self._name_rung()}{which}{self._describe_run(run)}"
        # before L-BFGS ends, a restart knows its objective, but not its loss
        live = [run.restart for run in runs if self._in_epochs]
        best = self._rank([*self._best, *live])[:1]
        done = f"{self._schedule.n_ended} of {self._schedule.n_restarts} restarts done"
        return (
            f"{self._name_rung()}{done}{self._describe_runs(runs)}{self._describe_best(best)}"
            f"{self._describe_outlook()}"
        )

    def _describe_run(self, run: Run) -> str:
        """Return where the only restart is that trains."""
        restart, unit, of = run.restart, self._unit.capitalize(), f"of {run.n_epochs}"
        if not (restart.n_iter and isfinite(restart.loss)):
            seconds = describe_seconds(self._clock() - self._begin)
            return f"{unit} {restart.n_iter + 1} {of} is running, {seconds} so far"
        loss = f"{'training loss' if self._in_epochs else 'objective'} {restart.loss:.4g}"
        is_scored = self._has_scores and restart.scores
        score = f", validation score {restart.scores[-1]:.4g}" if is_scored else ""
        return f"{unit} {restart.n_iter} {of}, {loss}{score}{self._describe_outlook(', ')}"

    def _describe_runs(self, runs: list[Run]) -> str:
        """Return where the restarts are that train, as far as is known."""
        if not self._schedule.is_here:
            n = min(self._schedule.n_workers, self._schedule.n_restarts - self._schedule.n_ended)
            seconds = describe_seconds(self._clock() - self._begin)
            return f", {n} in training in other processes, {seconds} so far"
        if not runs:
            return ""
        epochs = sorted(run.restart.n_iter for run in runs)
        extent = f"{epochs[0]}" if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"
        s = "s" * (epochs[0] < epochs[-1])
        return f", {len(runs)} in training ({self._unit}{s} {extent} of {runs[0].n_epochs})"

    def _name_rung(self) -> str:
        if not self._is_race:
            return ""
        return f"Rung {self._rungs.index(self._schedule.rung) + 1} of {len(self._rungs)}: "

    def _rank(self, restarts: list[Restart]) -> list[Restart]:
        return rank([r for r in restarts if isfinite(r.loss)] or restarts, by_score=self._by_score)

    def _describe_best(self, best: list[Restart] | None = None) -> str:
        best = self._best if best is None else best
        if not best or not isfinite(best[0].loss):
            return ""
        return f"; best so far: restart {best[0].index}, {_describe_result(best[0])}"

    def _describe_outlook(self, separator: str = "; ") -> str:
        """Return the time left, supposing that no restart stops early; empty if not known."""
        seconds = self._schedule.estimate_seconds_left()
        batch = " in this batch" * self._in_batches
        return f"{separator}about {describe_seconds(seconds)} left{batch}" if seconds else ""


def _describe_result(restart: Restart) -> str:
    """Return what a restart reached, in scikit-learn's words."""
    score = f", validation score: {restart.best_score:f}" if restart.best_score > -inf else ""
    return f"loss = {restart.loss:.8f}{score}"


def describe_seconds(seconds: float) -> str:
    """Return a duration with about two digits.

    Examples
    --------
    >>> [describe_seconds(seconds) for seconds in (0.14, 13.2, 99.0, 126.0, 5880.0, 9000.0)]
    ['0.1 s', '13 s', '99 s', '2.1 min', '98 min', '2.5 h']
    """
    number, unit = seconds, "s"
    if seconds >= 100:
        number, unit = (seconds / 60, "min") if seconds < 6000 else (seconds / 3600, "h")
    return f"{number:.{int(number < 10)}f} {unit}"
