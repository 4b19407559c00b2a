"""What counts as a number in parameters: booleans do not."""

from numbers import Integral, Real

import numpy as np


def is_real(value: object) -> bool:
    """Whether a value is a real number, and no bool."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def is_integer(value: object) -> bool:
    """Whether a value is an integer, and no bool."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
