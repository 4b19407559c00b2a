"""The protocol of what follows the training of restarts: printing, saving, callbacks."""

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn_init.solvers import Restart, Watch
from sklearn_init.training._race import Rung


class Audience:
    """Follow the training of restarts; subclasses override the methods they need.

    `follow` is called where a restart trains, perhaps in another process. All other methods are
    called where the user called `fit`. An audience is a context manager: it is entered before the
    first restart trains, and left after the last one, also when an error is raised.
    """

    def __enter__(self) -> "Audience":
        return self

    def __exit__(self, *exception: object) -> None:
        """Learn that no restart trains any more."""

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Learn that restarts begin to train, on so many workers, until the end of a rung."""

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[Watch | None]:
        """Follow the training of a restart until an epoch, and yield what looks at it in between.

        This may change the restart in place before its training begins.
        """
        yield None

    def gather(self, restart: Restart) -> bool:
        """Learn that a restart reached the end of the rung; return whether the fit shall end."""
        return False

    def end_rung(self) -> bool:
        """Learn that all restarts reached it; return whether the fit shall end."""
        return False
