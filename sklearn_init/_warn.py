"""Warnings at the line that called this package."""

import sys
import warnings


def warn_user(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called this package, however deep this is."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def _is_ours(module: str) -> bool:
    return f"{module}.".startswith(("sklearn_init.", "sklearn.callback."))
