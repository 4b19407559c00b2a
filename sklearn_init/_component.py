"""What initializers, losses, update rules and restart strategies have in common."""

import numpy as np
from sklearn.base import BaseEstimator

from sklearn_init._checks import is_integer, is_real
from sklearn_init._text import show


class Component(BaseEstimator):
    """An object that is a parameter of an estimator, and has parameters of its own.

    A subclass stores the arguments of its ``__init__`` under their names and checks them where
    they are used. `get_params`, `set_params`, `sklearn.base.clone`, equality, hashing, pickling
    and ``<parameter>__<name>`` in a grid search then work.
    """

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def _key(self) -> tuple:
        return tuple(sorted((k, _hashable(v)) for k, v in self.get_params(deep=False).items()))

    def _number(self, name: str, minimum: float = -np.inf) -> float:
        """Return a parameter that has to be a finite number, or raise an error naming it."""
        value = getattr(self, name)
        if not is_real(value) or not np.isfinite(float(value)) or value < minimum:
            bound = "" if minimum == -np.inf else f" >= {minimum}"
            raise ValueError(
                f"{type(self).__name__}: {name}={show(value)} must be a finite number{bound}."
            )
        return float(value)

    def _count(self, name: str) -> int:
        """Return a parameter that has to be an integer >= 1, or raise an error naming it."""
        value = getattr(self, name)
        if not is_integer(value) or value < 1:
            raise ValueError(
                f"{type(self).__name__}: {name}={show(value)} must be an integer >= 1."
            )
        return int(value)


def _hashable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, list | tuple):
        return type(value), tuple(map(_hashable, value))
    return value
