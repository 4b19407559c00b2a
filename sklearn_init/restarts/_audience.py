"""Who follows the training of restarts: what prints it, what saves it, callbacks."""

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn_init.restarts._race import Rung
from sklearn_init.solvers import Restart, Watch


class Audience:
    """Follows the training of restarts. This one only waits; others override what they need.

    `follow` is called where a restart trains, perhaps in another process, and all else where the
    user called `fit`. It is entered as a context manager before the first restart trains and left
    after the last one, also when an error is raised.
    """

    def __enter__(self) -> "Audience":
        return self

    def __exit__(self, *exception: object) -> None:
        """Hear that no restart trains any more."""

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Hear that `n_restarts` restarts begin to train, on workers, until the end of a rung."""

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[Watch | None]:
        """Follow the training of a restart until an epoch; what is yielded looks on.

        It may change the restart in place before its training begins.
        """
        yield None

    def gather(self, restart: Restart) -> bool:
        """Hear that a restart reached the end of the rung; return whether all shall end."""
        return False

    def end_rung(self) -> bool:
        """Hear that all restarts did; return whether all shall end."""
        return False
