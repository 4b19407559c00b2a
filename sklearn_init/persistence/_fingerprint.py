"""What tells one fit from another: a hash of parameters, data and starts.

The folder of a checkpoint has it as its name. It is the same in another process and on another
day, so that nothing in it may depend on addresses, on times or on the order of a set.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from numbers import Integral, Real
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.network import Features, Objective
from sklearn_init.persistence._packing import pack_restart
from sklearn_init.solvers import Restart
from sklearn_init.training import Plan, Training

LENGTH = 32
"""Number of hex digits."""

ELSEWHERE = {"weight_init", "bias_init", "random_state", "class_weight", "warm_start"}
"""Parameters that only matter through the starts or the weights of the rows."""

WITHOUT_EFFECT = {"n_jobs", "verbose", "checkpoint"}

FORGOTTEN = {"n_iter", "n_fun", "message", "interrupted", "ends_fit", "time"}
"""What a restart forgets at the beginning of a fit, and its seconds."""

GRID = np.concatenate([np.linspace(-9, 9, 721), [-1e3, -60, -1e-3, 1e-3, 60, 1e3]])
"""Where an activation of the user is measured."""


def compute_fingerprint(estimator: Any, training: Training, plan: Plan) -> str:
    """Return hex digits that differ if what is trained does.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    training : Training
        The restarts before they are trained.
    plan : Plan
    """
    hasher = sha256()
    for name, value in _list_facts(estimator, training, plan):
        if isinstance(value, np.ndarray):
            hasher.update(json.dumps([name, value.dtype.str, value.shape]).encode())
            hasher.update(np.ascontiguousarray(value).data)
        else:
            hasher.update(json.dumps([name, value]).encode())
    return hasher.hexdigest()[:LENGTH]


def _list_facts(estimator: Any, training: Training, plan: Plan) -> Iterator[tuple[str, Any]]:
    """Yield all that tells a fit from another: arrays, and what JSON can hold."""
    yield "class", _name(type(estimator))
    # a subclass may have fewer parameters than what trains
    ours = (cls for cls in type(estimator).__mro__ if cls.__module__.startswith("sklearn_init."))
    names = {*inspect.signature(next(ours)).parameters, *estimator.get_params(deep=False)}
    for name in sorted(names - ELSEWHERE - WITHOUT_EFFECT):
        yield name, describe(getattr(estimator, name))
    yield "classes", describe(getattr(estimator, "classes_", None))
    yield from _list_data("training", plan.objective)
    assert training.split is not None
    yield "training rows", _or_none(training.split.training)
    if plan.validation is not None:
        yield from _list_data("validation", plan.validation.objective)
        yield "stops", plan.validation.stops
    for restart in training.restarts:
        yield from _list_state(restart)


def _list_data(name: str, objective: Objective) -> Iterator[tuple[str, Any]]:
    yield f"{name} loss", objective.loss.name
    yield from _list_features(f"{name} X", objective.X)
    yield f"{name} y", objective.y
    yield f"{name} weights", _or_none(objective.sample_weight)
    yield f"{name} rows", _or_none(objective.rows)


def _list_features(name: str, X: Features) -> Iterator[tuple[str, Any]]:
    if not issparse(X):
        yield name, X
        return
    yield f"{name} shape", list(X.shape)
    for part in "data", "indices", "indptr":
        yield f"{name} {part}", getattr(X, part)


def _list_state(restart: Restart) -> Iterator[tuple[str, Any]]:
    header, arrays = pack_restart(restart, with_start=False)
    yield "restart", {name: header[name] for name in sorted(header) if name not in FORGOTTEN}
    yield from sorted(arrays.items())


def _or_none(array: NDArray | None) -> Any:
    return "none" if array is None else array


# ---- values of parameters ----

Seen = dict[int, tuple[str, Any]]
"""What was described, by identity, with its number: what comes again is that. It is held here,
lest something later has its identity."""


def describe(value: Any, seen: Seen | None = None) -> Any:
    """Return what JSON can hold and what is the same for the same value in another process.

    Raises
    ------
    ValueError
        If the value cannot be told from others.
    """
    seen = {} if seen is None else seen
    for kinds, write in KINDS:
        if isinstance(value, kinds):
            return write(value, seen)
    if again := _recall(value, seen):
        return again
    methods = [part for cls in type(value).__mro__ for part in vars(cls).values()]
    code = [part.__code__ for part in methods if isinstance(part, FunctionType)]
    try:
        parts = value.__reduce_ex__(4)  # what a pickle would hold
    except Exception as error:
        raise ValueError(
            f"checkpoint cannot tell {value!r:.99} from others of its kind ({error}), and so not "
            "find its fits again: give the estimator something else, or checkpoint=None."
        ) from error
    parts = [list(part) if isinstance(part, Iterator) else part for part in parts]
    return [_name(type(value)), describe(code, seen), describe(parts, seen)]


def _recall(value: Any, seen: Seen) -> str | None:
    """Return the number of a value that comes again; give one to a value that is new."""
    if id(value) in seen:
        return seen[id(value)][0]
    seen[id(value)] = f"#{len(seen)}", value
    return None


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _write_number(value: Any, seen: Seen) -> Any:
    """Return a number so that 1, 1.0 and NumPy's are the same one."""
    if isinstance(value, Integral):
        return int(value)
    number = float(value)
    return int(number) if number.is_integer() else number


def _write_array(value: NDArray, seen: Seen) -> Any:
    if value.dtype.kind not in "biufc":
        return describe(value.tolist(), seen)
    digest = sha256(np.ascontiguousarray(value).data).hexdigest()
    return [value.dtype.str, list(value.shape), digest]


def _write_sequence(value: Any, seen: Seen) -> list:
    return [describe(part, seen) for part in value]


def _write_unordered(value: Any, seen: Seen) -> list:
    return sorted((describe(part, seen) for part in value), key=json.dumps)


def _write_dict(value: dict, seen: Seen) -> Any:
    if again := _recall(value, seen):
        return again
    return [[describe(key, seen), describe(value[key], seen)] for key in sorted(value, key=str)]


def _write_activation(value: Activation, seen: Seen) -> Any:
    """Return the name of an activation, or what one of the user does."""
    if ACTIVATIONS.get(value.name) == value:
        return value.name
    a, slope = np.empty_like(GRID), np.empty_like(GRID)
    with np.errstate(all="ignore"):
        value.value(GRID.copy(), a)
        value.derivative(GRID.copy(), a.copy(), slope)
    return describe(np.stack([a, slope]))


def _write_function(value: FunctionType, seen: Seen) -> Any:
    """Return the code of a function, what it holds, and the numbers and texts that it names.

    What a library's function holds is not the user's.
    """
    if again := _recall(value, seen):
        return again
    named = {name: value.__globals__.get(name) for name in value.__code__.co_names}
    plain = {name: part for name, part in named.items() if isinstance(part, Real | str)}
    parts: list[Any] = [value.__defaults__, value.__kwdefaults__, plain]
    if getattr(sys.modules.get(value.__module__), value.__name__, None) is not value:
        cells = (cell for cell in value.__closure__ or () if cell != CellType())
        parts += [cell.cell_contents for cell in cells]
    return [_name(value), describe(value.__code__, seen), describe(parts, seen)]


def _write_code(value: CodeType, seen: Seen) -> Any:
    # what it does: not where it stands
    return [value.co_code.hex(), list(value.co_names), describe(value.co_consts, seen)]


KINDS: tuple[tuple[Any, Callable[[Any, Seen], Any]], ...] = (
    ((bool, np.bool_), lambda value, seen: bool(value)),
    (Real, _write_number),
    ((str, type(None)), lambda value, seen: value if value is None else str(value)),
    (np.ndarray, _write_array),
    ((list, tuple, range), _write_sequence),
    ((set, frozenset), _write_unordered),
    (dict, _write_dict),
    (Activation, _write_activation),
    (ModuleType, lambda value, seen: value.__name__),
    ((type, BuiltinFunctionType), lambda value, seen: _name(value)),
    (FunctionType, _write_function),
    (CodeType, _write_code),
    (MethodType, lambda value, seen: describe([value.__func__, value.__self__], seen)),
)
"""How values of a kind are described; the first that fits."""
