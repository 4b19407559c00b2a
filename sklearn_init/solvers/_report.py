"""What training prints."""

from collections.abc import Callable

from sklearn_init.solvers._state import Restart

Report = Callable[[Restart, str], None]


def report_nothing(restart: Restart, text: str) -> None:
    """Print nothing."""


def report(restart: Restart, text: str) -> None:
    """Print what happens, in scikit-learn's words."""
    print(text)


def report_with_index(restart: Restart, text: str) -> None:
    """Print what happens and to which restart."""
    print(f"[restart {restart.index}] {text}")
