"""Checkpoints: restarts are saved now and then, and taken up where a killed fit has left them.

A file holds a restart on its way to the end of a rung. What a race decides depends on nothing but
the restarts at the ends of rungs, so there is nothing else to save, and two processes that do the
same in the same folder write the same.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from sklearn_init._version import __version__
from sklearn_init._warn import warn_user
from sklearn_init.exceptions import InvalidFileError
from sklearn_init.persistence._files import Contents, blaming, read_file, write_file
from sklearn_init.persistence._machine import describe_machine
from sklearn_init.persistence._packing import pack_restart, unpack_restart
from sklearn_init.solvers import Restart, Watch
from sklearn_init.training import Audience

KIND = "checkpoint"

FILE = re.compile(r"restart-(\d+)-until-\d+\.npz")
"""The name of a file, as `Folder.get_path` makes it."""

SET_ASIDE = ".bad"
"""What is added to the name of a file that cannot be read."""

SECONDS_PER_CHUNK = 0.2
"""About how long a restart trains between two looks at the clock."""

SECONDS_PER_WRITE = 1.0
"""The least time between two writes, which training may lose ..."""

N_COSTS = 50
"""... and the least one as a multiple of what the last write took."""


@dataclass(frozen=True)
class Folder:
    """The folder of one fit.

    Attributes
    ----------
    path : str
    rows : ndarray of int or None
        The rows that train; None for all.
    n_rows : int
        Number of rows, with those that do not train.
    is_exact : bool
        Whether a restart can be saved at any time, or else only where its training ends.
    engine : str
        What trains.
    """

    path: str
    rows: NDArray | None
    n_rows: int
    is_exact: bool
    engine: str

    def get_path(self, index: int, n_epochs: int) -> str:
        """Return the path of a restart on its way to an epoch."""
        return os.path.join(self.path, f"restart-{index}-until-{n_epochs}.npz")

    def count_saved(self) -> int:
        """Return how many restarts have a file, on their way to whatever epoch."""
        try:
            names = os.listdir(self.path)
        except OSError:  # of which those who read and write there warn
            return 0
        return len({match[1] for name in names if (match := FILE.fullmatch(name))})

    def save(self, restart: Restart, n_epochs: int, *, durable: bool) -> None:
        """Save a restart; a file that cannot be written is noted."""
        header, arrays = pack_restart(restart, with_start=False)
        header = {"restart": header, "until": n_epochs, "machine": self._describe_machine()}
        path = self.get_path(restart.index, n_epochs)
        try:
            write_file(path, KIND, header, arrays, durable=durable, follow_links=False)
        except OSError as error:
            note(restart, describe_failure("save into", self.path, error))

    def take_up(self, restart: Restart, n_epochs: int) -> None:
        """Bring a restart, in place, to where it was saved, if it was."""
        path = self.get_path(restart.index, n_epochs)
        try:
            contents = read_file(path, KIND)
            with blaming(path):
                saved = self._unpack(contents, restart, n_epochs)
        except FileNotFoundError:
            return
        except InvalidFileError as error:
            if isinstance(error.__cause__, OSError):
                note(restart, describe_failure("read", self.path, error.__cause__))
                return
            note(restart, self._set_aside(path, error))
            return
        vars(restart).update(vars(saved))
        restart.n_found, restart.note = restart.n_iter, self._compare_versions(contents)

    def _set_aside(self, path: str, error: InvalidFileError) -> str:
        """Rename a file that cannot be read; return what the user is to be told."""
        try:
            os.replace(path, path + SET_ASIDE)
        except OSError as failure:
            return describe_failure("set a damaged file aside in", self.path, failure)
        return (
            f"checkpoint: a file cannot be read, and its restart is trained again. {error} It was "
            f"set aside as {path + SET_ASIDE}."
        )

    def _unpack(self, contents: Contents, restart: Restart, n_epochs: int) -> Restart:
        """Return the restart that a file holds, if it can be the one that is asked for."""
        header = contents.header
        if set(header) != {"restart", "until", "machine"} or not (
            isinstance(header["restart"], dict) and isinstance(header["machine"], dict)
        ):
            raise InvalidFileError("its header is not that of a restart.")
        rows = np.arange(self.n_rows) if self.rows is None else self.rows
        saved = unpack_restart(header["restart"], contents.arrays, rows=rows, start=restart.start)
        expected = restart.index, n_epochs, restart.theta.shape, restart.theta.dtype
        found = saved.index, header["until"], saved.theta.shape, saved.theta.dtype
        ended = saved.dropped or saved.interrupted or saved.ends_fit
        if found != expected or saved.n_iter > n_epochs or ended:
            raise InvalidFileError(
                "it holds another restart: index, epoch, shape and type of the weights are "
                f"{found}, not {expected}."
            )
        return saved

    def _compare_versions(self, contents: Contents) -> str:
        """Return what to warn of if something else has written a file."""
        now = {"sklearn_init": __version__, "numpy": np.__version__, **self._describe_machine()}
        then = {**contents.versions, **contents.header["machine"]}
        changed = [
            f"{name} {then.get(name)}, now {now[name]}"
            for name in now
            if then.get(name) != now[name]
        ]
        if not changed:
            return ""
        return (
            f"checkpoint: the restarts resumed from {self.path} were trained with "
            f"{'; '.join(changed)}. The last bits of the result may differ from those of an "
            "uninterrupted fit."
        )

    def _describe_machine(self) -> dict[str, str]:
        return {**describe_machine(), "engine": self.engine}


class TakeUp(Audience):
    """Takes restarts up where they were saved; warns of what was noted where they trained."""

    def __init__(self, folder: Folder):
        self._folder = folder
        self._said: set[str] = set()

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[None]:
        """Bring a restart to where it was saved."""
        self._folder.take_up(restart, n_epochs)
        yield

    def gather(self, restart: Restart) -> bool:
        """Warn once, however many restarts have the same note."""
        if restart.note and restart.note not in self._said:
            self._said.add(restart.note)
            warn_user(restart.note)
        return False


class Save(Audience):
    """Saves restarts.

    It is the last one of an audience: where another one ends the training of a restart, it is
    not asked, and so a further fit trains on from what was saved before.
    """

    def __init__(self, folder: Folder):
        self._folder = folder

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[Watch | None]:
        """Save a restart now and then, and at the end of its training."""
        if not restart.is_running:
            yield None
            return
        watch = _Save(self._folder, restart, n_epochs)
        yield watch
        watch.end(restart)  # not after an interrupt, which may leave it amid an epoch


class _Save(Watch):
    """Saves a restart by the clock: when it looks changes no bits."""

    def __init__(self, folder: Folder, restart: Restart, n_epochs: int):
        self._folder, self._n_epochs = folder, n_epochs
        self._chunk, self._cost = 1, 0.0
        self._looked = self._saved = perf_counter()
        self._epoch_looked = self._epoch_saved = restart.n_iter

    def choose_chunk(self, longest: int) -> int:
        return min(self._chunk, longest)

    def look(self, restart: Restart) -> bool:
        now = perf_counter()
        if now - self._looked < SECONDS_PER_CHUNK / 2:
            self._chunk = max(1, 2 * (restart.n_iter - self._epoch_looked))
        self._looked, self._epoch_looked = now, restart.n_iter
        if self._folder.is_exact and self._is_due():
            self._save(restart)
        return False

    def end(self, restart: Restart) -> None:
        """Save what was reached, but not what another one has ended."""
        is_end = self._folder.is_exact or restart.stopped or restart.n_iter >= self._n_epochs
        if is_end and restart.n_iter == self._epoch_looked > self._epoch_saved:
            self._save(restart)

    def _is_due(self) -> bool:
        return perf_counter() - self._saved >= max(SECONDS_PER_WRITE, N_COSTS * self._cost)

    def _save(self, restart: Restart) -> None:
        begin = perf_counter()
        # a disk takes longer than what holds a moment of training is worth
        self._folder.save(restart, self._n_epochs, durable=self._is_due())
        self._looked = self._saved = perf_counter()
        self._cost, self._epoch_saved = self._saved - begin, restart.n_iter


def note(restart: Restart, text: str) -> None:
    """Leave a note on a restart, in place, unless there is one."""
    restart.note = restart.note or text


def describe_failure(what: str, path: str, error: OSError) -> str:
    """Say that a folder does not serve."""
    return (
        f"checkpoint: cannot {what} {path} ({type(error).__name__}: {error.strerror or error}). "
        "The fit goes on, but a later one may have to train again what is not saved."
    )
