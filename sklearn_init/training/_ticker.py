"""A thread that calls a function now and then."""

import threading
from collections.abc import Callable


class Ticker:
    """Calls a function now and then from a thread of its own; a context manager.

    Parameters
    ----------
    tick : callable
        Takes nothing, and returns the seconds until it is called again.
    seconds : float
        The seconds until it is called first.
    """

    def __init__(self, tick: Callable[[], float], seconds: float):
        self._tick, self._seconds = tick, seconds
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Ticker":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        seconds = self._seconds
        while not self._closed.wait(seconds):
            seconds = self._tick()
