"""What a comparison prints while it trains."""

import os
import sys
from contextlib import nullcontext
from time import perf_counter
from typing import Any, TextIO

from sklearn_init._text import shorten
from sklearn_init.comparison._run import Outcome
from sklearn_init.training import Ticker, describe_seconds

SECONDS_PER_LINE = 5.0
"""A comparison that lasts longer prints a line, and another one every time as long again."""


class ComparisonProgress:
    """Counts outcomes and prints how far a comparison is; a context manager.

    Parameters
    ----------
    names : list of str
        Of the schemes.
    n_folds, n_restarts : int
    verbose : bool, int or None
        None prints a line to stderr now and then; else whether to print a line per outcome.
    checkpoint : str, path-like or None
        The folder where fits are saved.
    """

    def __init__(
        self,
        names: list[str],
        n_folds: int,
        n_restarts: int,
        verbose: bool | int | None,
        checkpoint: Any,
    ):
        self._checkpoint = checkpoint
        self._names, self._n_folds, self._n_restarts = names, n_folds, n_restarts
        self._verbose, self._total, self._n_done = verbose, len(names) * n_folds, 0
        self._begin = perf_counter()
        is_timed = verbose is None
        self._ticker = Ticker(self._print, SECONDS_PER_LINE) if is_timed else nullcontext()

    def __enter__(self) -> "ComparisonProgress":
        self._ticker.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self._ticker.__exit__(kind, *exception)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            # that of a fit speaks of its weights, which nobody gets
            raise KeyboardInterrupt(self.describe_interrupt()) from None

    def tell(self, outcome: Outcome) -> None:
        """Count an outcome, and print it if that is asked for."""
        self._n_done += 1
        if self._verbose:
            result = shorten(outcome.error) or f"score {outcome.arrays['scores'].mean():.4f}"
            name = " ".join(self._names[outcome.scheme].split())
            outlook = self._describe_outlook()
            print_line(
                f"[{self._n_done}/{self._total}] {name}, fold {outcome.fold + 1} of "
                f"{self._n_folds}: {result}{f'; {outlook}' if outlook else ''}",
                sys.stdout,
            )

    def describe(self) -> str:
        """Return how many fits there are, how many are done, and the time left."""
        schemes = f"{len(self._names)} scheme{'s' * (len(self._names) != 1)}"
        folds = f"{self._n_folds} fold{'s' * (self._n_folds != 1)}"
        outlook = self._describe_outlook()
        return (
            f"compare_initializers: {self._n_done} of {self._total} fits done ({schemes} x "
            f"{folds}, {self._n_restarts} restarts each){f', {outlook}' if outlook else ''}"
        )

    def describe_interrupt(self) -> str:
        """Say how far an interrupted comparison was, and how to resume it."""
        begin = f"interrupted after {self._n_done} of {self._total} fits: "
        if self._checkpoint is None:
            return f"{begin}nothing is kept, as there is no checkpoint=... to resume from"
        folder = repr(os.fspath(self._checkpoint))
        return f"{begin}run the same comparison again to resume from the checkpoint in {folder}"

    def _describe_outlook(self) -> str:
        """Return the time left, if any fit tells how long one takes."""
        n_left = self._total - self._n_done
        if not (self._n_done and n_left):
            return ""
        seconds = (perf_counter() - self._begin) / self._n_done * n_left
        return f"about {describe_seconds(seconds)} left"

    def _print(self) -> float:
        print_line(self.describe(), sys.stderr)
        return SECONDS_PER_LINE


def print_line(text: str, stream: TextIO) -> None:
    """Print a line; what the stream cannot encode is escaped, as it must not end a comparison."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
