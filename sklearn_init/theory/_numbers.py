"""Numbers as they come from the user."""

import math
import sys

from sklearn_init._checks import is_real

LARGEST_STD = 1e150
"""Its square, and the square times a variance that is looked at, can be computed."""


def check_number(
    name: str, value: float, *, positive: bool = False, most: float = sys.float_info.max
) -> float:
    """Return a finite number that is at least 0, or above 0, or raise an error naming it."""
    number = _to_float(value)
    if not 0 <= number <= most or (positive and number == 0):
        bound = "> 0" if positive else ">= 0"
        if most < sys.float_info.max:
            bound += f" and <= {most:g}"
        raise ValueError(f"{name}={value!r} is not allowed: expected a number {bound}.")
    return number


def _to_float(value: object) -> float:
    """Return a real number as a float, and NaN for what is none."""
    if not is_real(value):
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:  # an integer of hundreds of digits
        return math.inf


def check_std(name: str, value: float) -> float:
    """Return a standard deviation, or raise an error naming it."""
    return check_number(name, value, most=LARGEST_STD)
