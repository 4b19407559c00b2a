"""NumPy's way with floating-point errors, made the same whatever `numpy.seterr` says."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def with_default_errors(
    function: Callable[Parameters, Result],
) -> Callable[Parameters, Result]:
    """Return a function that runs with NumPy's defaults: an underflow, for one, is no error.

    Exponential functions underflow where a network is sure of itself, so that code under
    ``np.seterr(all="raise")`` could not train or predict.
    """

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            return function(*args, **kwargs)

    return run
