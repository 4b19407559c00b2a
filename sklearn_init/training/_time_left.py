"""How long training still takes: the epochs that are left, spread over the workers."""

from collections.abc import Callable, Sequence
from heapq import heapreplace
from math import ceil

from sklearn_init.solvers import Restart, Watch
from sklearn_init.training._race import Rung

SECONDS_PER_CHUNK = 0.5
"""About how long a restart trains before its number of epochs is read again."""


def estimate_seconds_left(
    running: Sequence[float],
    n_waiting: int,
    seconds: float,
    later: Sequence[tuple[int, float]],
    n_workers: int,
) -> float:
    """Return the seconds until the last rung ends, if no restart stops early.

    Parameters
    ----------
    running : sequence of float
        The seconds that each running restart needs until the end of the rung.
    n_waiting : int
        Number of restarts that wait for a worker.
    seconds : float
        The seconds that each of these needs until the end of the rung.
    later : sequence of (int, float)
        The number of restarts in each later rung, and the seconds that each of them needs there.
    n_workers : int

    Examples
    --------
    Two workers need 3 s and 1 s for what they train, and two restarts of 4 s wait:

    >>> estimate_seconds_left([3.0, 1.0], 2, 4.0, [], n_workers=2)
    7.0
    """
    n_idle = max(0, n_workers - len(running))
    free_at = sorted([*running, *[0.0] * n_idle])  # a sorted list is a heap
    for _ in range(n_waiting):
        heapreplace(free_at, free_at[0] + seconds)
    return max(free_at) + sum(ceil(n / n_workers) * each for n, each in later)


class Run(Watch):
    """Measures the training of a restart in this process.

    Parameters
    ----------
    restart : Restart
    n_epochs : int
        The epoch until which it trains.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, restart: Restart, n_epochs: int, clock: Callable[[], float]):
        self.restart, self.n_epochs, self._clock = restart, n_epochs, clock
        self._begin = self._looked = clock()
        self._n_found = self._n_iter = restart.n_iter  # those of a checkpoint took no time
        self._chunk = 1

    @property
    def n_trained(self) -> int:
        """Number of epochs trained here when it was last measured."""
        return self._n_iter - self._n_found

    @property
    def seconds(self) -> float:
        """The seconds that these took."""
        return self._looked - self._begin

    def choose_chunk(self, longest: int) -> int:
        """Return about how many epochs half a second has."""
        return min(self._chunk, longest)

    def look(self, restart: Restart) -> bool:
        """Measure; a restart never ends for this."""
        self._looked, self._n_iter = self._clock(), restart.n_iter
        if self.seconds > 0:
            self._chunk = max(1, int(SECONDS_PER_CHUNK * self.n_trained / self.seconds))
        return False

    def estimate_seconds_left(self, seconds_per_epoch: float) -> float:
        """Return the seconds until the end of the rung; an epoch under way counts by the clock."""
        seconds = (self.n_epochs - self._n_iter) * seconds_per_epoch
        return max(0.0, seconds - (self._clock() - self._looked))


class Schedule:
    """Knows which restarts of a rung are done, run and wait, and how fast they train.

    Restarts in other processes are not seen before they are done. Until then they are supposed to
    train as fast as those that are.

    Parameters
    ----------
    rungs : tuple of Rung
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, rungs: tuple[Rung, ...], clock: Callable[[], float]):
        self._rungs, self._clock = rungs, clock
        self.rung, self._epoch = rungs[0], 0
        self.n_restarts = self.n_workers = 0
        self.runs: dict[int, Run] = {}
        self.is_here = False
        self._ended: set[int] = set()
        self._n_stopped, self._begins = 0, list[float]()
        self._n_trained, self._seconds, self._seconds_per_epoch = 0.0, 0.0, 0.0

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Begin to count; a rung that is not later than the last one begins another batch."""
        is_later = self.n_restarts > 0 and rung.n_epochs > self.rung.n_epochs
        self._epoch = self.rung.n_epochs if is_later else 0
        self._seconds_per_epoch = self._measure_seconds_per_epoch()
        self.rung, self.n_restarts, self.n_workers = rung, n_restarts, n_workers
        self.is_here, self.runs, self._ended, self._n_stopped = n_workers == 1, {}, set(), 0
        self._n_trained = self._seconds = 0.0
        self._begins = [self._clock()] * min(n_workers, n_restarts)

    def begin(self, restart: Restart, n_epochs: int) -> Run:
        """Return what measures a restart that begins to train in this process."""
        self.is_here = True
        run = self.runs[restart.index] = Run(restart, n_epochs, self._clock)
        return run

    def end(self, run: Run) -> None:
        """Count a restart that was trained in this process."""
        run.look(run.restart)
        self.runs.pop(run.restart.index, None)
        self._ended.add(run.restart.index)
        self._count(run.n_trained, run.seconds)

    def gather(self, restart: Restart) -> None:
        """Count a restart that is done, wherever it was trained."""
        self._n_stopped += not restart.is_running
        if restart.index in self._ended:
            return
        self._ended.add(restart.index)
        self._count(len(restart.losses) or restart.n_iter, restart.time)
        # the worker that began first is free, and takes the next restart, if one waits
        self._begins = sorted(self._begins)[1:]
        if self.n_restarts - self.n_ended > len(self._begins):
            self._begins.append(self._clock())

    def _count(self, n_epochs: float, seconds: float) -> None:
        self._n_trained += n_epochs
        self._seconds += seconds

    @property
    def n_ended(self) -> int:
        """Number of restarts that are done with the rung."""
        return len(self._ended)

    def estimate_seconds_left(self) -> float:
        """Return the seconds until the end; 0 where nothing is left, or no epoch has ended yet."""
        per_epoch = self._measure_seconds_per_epoch()
        seconds = (self.rung.n_epochs - self._epoch) * per_epoch
        runs = list(self.runs.values())
        running = [run.estimate_seconds_left(per_epoch) for run in runs]
        n_left = self.n_restarts - self.n_ended
        if not self.is_here:
            now = self._clock()
            running = [max(0.0, seconds - (now - begin)) for begin in self._begins]
        n_waiting = max(0, n_left - len(running))
        later = self._list_later_rungs(per_epoch)
        return estimate_seconds_left(running, n_waiting, seconds, later, max(1, self.n_workers))

    def _measure_seconds_per_epoch(self) -> float:
        """Return what an epoch of one restart takes; in a rung without one, that of the last."""
        runs = list(self.runs.values())
        n_trained = self._n_trained + sum(run.n_trained for run in runs)
        if not n_trained:
            return self._seconds_per_epoch
        return (self._seconds + sum(run.seconds for run in runs)) / n_trained

    def _list_later_rungs(self, per_epoch: float) -> list[tuple[int, float]]:
        """Return how many restarts later rungs have, and the seconds that each needs there."""
        n_running, epoch, later = self.n_restarts - self._n_stopped, self.rung.n_epochs, []
        for rung in self._rungs[self._rungs.index(self.rung) + 1 :]:
            later.append((min(rung.n_restarts, n_running), (rung.n_epochs - epoch) * per_epoch))
            epoch = rung.n_epochs
        return later
