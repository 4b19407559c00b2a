"""What ``verbose=1`` prints: one line per restart, or per rung of a race."""

from math import inf
from time import perf_counter

from sklearn_init.restarts._audience import Audience
from sklearn_init.restarts._race import Rung, is_race, rank
from sklearn_init.solvers import Restart


class Report(Audience):
    """Prints what restarts reached, the best one so far, and the time left.

    Parameters
    ----------
    rungs : tuple of Rung
        Those of the race; a single one is no race, and has a line per restart.
    by_score : bool
        Whether the best one has the highest score, rather than the lowest loss.
    """

    def __init__(self, rungs: tuple[Rung, ...], *, by_score: bool):
        self._rungs, self._is_race, self._by_score = rungs, is_race(rungs), by_score
        self._begin, self._n_epochs_done = perf_counter(), 0
        self._best: Restart | None = None
        self._rung, self._n_restarts, self._n_gathered, self._epoch = rungs[0], 0, 0, 0

    def __reduce__(self) -> tuple:
        return Audience, ()  # in other processes there is nothing to print

    def begin_rung(self, rung: Rung, n_restarts: int) -> None:
        """Begin to count; a first rung is that of a new batch of restarts."""
        if rung.n_epochs <= self._rung.n_epochs:
            self._begin, self._n_epochs_done, self._epoch = perf_counter(), 0, 0
        else:
            self._epoch = self._rung.n_epochs
        self._best = None if self._is_race else self._best
        self._rung, self._n_restarts, self._n_gathered = rung, n_restarts, 0

    def gather(self, restart: Restart) -> bool:
        """Print what a restart reached, if it is no race."""
        self._n_gathered += 1
        n_found = max(0, restart.n_found - self._epoch)  # by a checkpoint, in no time
        self._n_epochs_done += self._rung.n_epochs - self._epoch - n_found
        known = [restart] if self._best is None else [self._best, restart]
        self._best = rank(known, by_score=self._by_score)[0]
        if self._rungs[0].n_restarts == 1:
            print(_describe(restart))
        elif not self._is_race:
            print(f"[restart {restart.index}] {_describe(restart)}{self._describe_outlook()}")
        return False

    def end_rung(self) -> bool:
        """Print what a rung brought, if it is one of a race."""
        if self._is_race:
            number = self._rungs.index(self._rung) + 1
            print(
                f"Rung {number} of {len(self._rungs)}: {self._n_gathered} "
                f"restart{'s' * (self._n_gathered > 1)} at iteration {self._rung.n_epochs}"
                f"{self._describe_outlook()}"
            )
        return False

    def _describe_outlook(self) -> str:
        """Tell the best restart so far and the time left, supposing that none stops early."""
        assert self._best is not None
        n_left = (self._n_restarts - self._n_gathered) * (self._rung.n_epochs - self._epoch)
        epoch = self._rung.n_epochs
        for rung in self._rungs[self._rungs.index(self._rung) + 1 :]:
            n_left += min(rung.n_restarts, self._n_restarts) * (rung.n_epochs - epoch)
            epoch = rung.n_epochs
        best = f"; best so far: restart {self._best.index}, {_describe_result(self._best)}"
        if not (n_left and self._n_epochs_done):
            return best
        seconds = (perf_counter() - self._begin) / self._n_epochs_done * n_left
        return f"{best}; about {_describe_time(seconds)} left"


def _describe(restart: Restart) -> str:
    """Return what a restart reached, in scikit-learn's words."""
    return f"Iteration {restart.n_iter}, {_describe_result(restart)}"


def _describe_result(restart: Restart) -> str:
    score = f", validation score: {restart.best_score:f}" if restart.best_score > -inf else ""
    return f"loss = {restart.loss:.8f}{score}"


def _describe_time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
