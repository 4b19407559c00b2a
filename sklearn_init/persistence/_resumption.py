"""One line that says what a fit resumes from a checkpoint."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sklearn_init.persistence._checkpoint import Folder
from sklearn_init.solvers import Restart
from sklearn_init.training import Audience, Rung


class TellResumption(Audience):
    """Prints to stderr, once, how much of a fit was found in its folder.

    It comes after what brings restarts to where they were saved.

    Parameters
    ----------
    folder : Folder
    checkpoint : str
        The parameter, which names the folder to the user.
    n_restarts : int or None
        The number of restarts of the fit; None if it is not known.
    in_epochs : bool
        Whether the solver trains in epochs, rather than in iterations of L-BFGS.
    """

    def __init__(
        self, folder: Folder, checkpoint: str, n_restarts: int | None, *, in_epochs: bool
    ):
        self._folder, self._checkpoint, self._n_restarts = folder, checkpoint, n_restarts
        self._unit = "epoch" if in_epochs else "iteration"
        self._has_begun = self._is_only = False

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Say how many of several restarts were saved; of a single one, `follow` knows more."""
        if self._has_begun:
            return
        self._has_begun, self._is_only = True, n_restarts == 1
        n_saved = self._folder.count_saved()
        if n_saved and not self._is_only:
            of = "" if self._n_restarts is None else f" of {self._n_restarts}"
            self._tell(f"{n_saved}{of} restarts")

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[None]:
        """Say where a single restart, which trains in this process, goes on."""
        if self._is_only and restart.n_found:
            self._is_only = False
            has_ended = not restart.is_running or restart.n_iter >= n_epochs
            self._tell(f"at {self._unit} {restart.n_iter}", ", where it had ended" * has_ended)
        yield

    def _tell(self, what: str, end: str = "") -> None:
        text = f"sklearn_init: resumed {what} from the checkpoint in {self._checkpoint!r}{end}"
        print(text, file=sys.stderr, flush=True)
