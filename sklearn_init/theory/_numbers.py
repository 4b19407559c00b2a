"""Numbers as they come from the user."""

from sklearn_init._checks import is_real


def check_number(name: str, value: float, *, positive: bool = False) -> float:
    """Return a finite number that is at least 0, or above 0, or raise an error naming it."""
    if not is_real(value) or not 0 <= value < float("inf") or (positive and value == 0):
        bound = "> 0" if positive else ">= 0"
        raise ValueError(f"{name}={value!r} is not allowed: expected a number {bound}.")
    return float(value)
