"""What leaves the process of a fitted estimator: weights, curves, and what continuation needs.

The state of a pickle holds arrays, numbers, strings and plain containers, apart from parameters of
the user. Model files hold the same.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import LabelBinarizer

from sklearn_init._random import Stream, read_state
from sklearn_init._version import __version__
from sklearn_init._warn import warn_user
from sklearn_init.data import ClassBinarizer
from sklearn_init.exceptions import InvalidFileError
from sklearn_init.initializers import Initializer
from sklearn_init.persistence._attributes import CURVES, STARTS, check_attributes, check_weights
from sklearn_init.persistence._encoding import Reader, decode, encode
from sklearn_init.persistence._packing import (
    pack_restart,
    pack_stream,
    unpack_restart,
    unpack_stream,
)
from sklearn_init.solvers import Restart
from sklearn_init.training import Restarts, Split, Training

VERSION = "_sklearn_init_version"
FLAGS = tuple(f.name for f in fields(Training) if f.type in (bool, str))


def pack_state(estimator: Any) -> dict[str, Any]:
    """Return the attributes of an estimator as what pickles and files hold."""
    state = {**vars(estimator), VERSION: __version__}
    training = state.get("_training")
    if training is not None or "restarts_" in state:
        check_attributes(estimator, (*estimator._of_a_fit, "restarts_", "best_restart_"))
        check_weights(estimator)
    if "coefs_" in state and (training is None or training.split is None):
        for name in STARTS:
            state.pop(name, None)
    if "_label_binarizer" in state:
        state["_label_binarizer"] = _pack_labels(state["_label_binarizer"])
    if "weight_init_" in state:
        state["weight_init_"] = [_pack_scheme(scheme) for scheme in state["weight_init_"]]
    if training is not None:
        state["_training"] = _pack_training(training, estimator)
    if "restarts_" in state:
        curves = state["restarts_"]._curves
        best = dict(zip(CURVES, curves[state["best_restart_"]], strict=True))
        # a list is what its attribute holds; True says that it is the record's
        state |= {name: True for name, curve in best.items() if state.get(name) == curve}
        state["restarts_"] = _pack_record(state["restarts_"])
        if training is None or training.split is None:
            state["restarts_"]["_predictions"] = None
    return state


def unpack_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that were packed.

    Raises
    ------
    InvalidFileError
        If a part of them cannot be what was packed.
    """
    state = {name: value for name, value in state.items() if name != VERSION}
    if "_label_binarizer" in state:
        state["_label_binarizer"] = _unpack_labels(**state["_label_binarizer"])
    if "weight_init_" in state:
        state["weight_init_"] = [_unpack_scheme(scheme) for scheme in state["weight_init_"]]
    if "restarts_" in state:
        state["restarts_"] = _unpack_record(state["restarts_"])
        curves = state["restarts_"]._curves
        for name, curve in zip(CURVES, curves[state["best_restart_"]], strict=True):
            if state.get(name) is True:
                state[name] = list(curve)
    if state.get("_training") is not None:
        state["_training"] = _unpack_training(state["_training"], state)
    return state


def warn_about_version(version: object) -> None:
    """Warn if an estimator was written by another version."""
    if version != __version__:
        warn_user(
            f"This estimator was written by sklearn_init {version or 'of an unknown version'} and "
            f"is read by {__version__}: predictions are the same, but training it further may "
            "not be. Save it again with this version to end this warning."
        )


def _pack_labels(binarizer: ClassBinarizer | LabelBinarizer) -> dict[str, Any]:
    several = binarizer.y_type_.startswith("multilabel")
    is_sparse = bool(binarizer.sparse_input_)
    return {"classes": binarizer.classes_, "several": several, "is_sparse": is_sparse}


def _unpack_labels(
    classes: NDArray, several: bool, is_sparse: bool
) -> ClassBinarizer | LabelBinarizer:
    if not several:
        return ClassBinarizer(classes)
    binarizer = LabelBinarizer()  # fitted by hand: rows of all labels would fill the memory
    binarizer.classes_, binarizer.y_type_ = classes, "multilabel-indicator"
    binarizer.sparse_input_ = is_sparse
    return binarizer


def _pack_scheme(scheme: Any) -> Any:
    """Return a scheme of the package as plain data, one of the user as it is."""
    try:
        return encode(scheme, lambda array: array)
    except ValueError:
        return scheme


def _unpack_scheme(scheme: Any) -> Any:
    if scheme is None or isinstance(scheme, Initializer):
        return scheme
    return decode(scheme, Reader(lambda array: array))


def _pack_record(record: Restarts) -> dict[str, Any]:
    """Return a record as plain data, its curves as one array."""
    curves = [curve for curves in record._curves for curve in curves]
    lengths = np.array([len(curve) for curve in curves], np.int64).reshape(-1, len(CURVES))
    packed = {name: value for name, value in vars(record).items() if name != "_curves"}
    return packed | {"curves": np.concatenate(curves), "lengths": lengths}


def _unpack_record(packed: dict[str, Any]) -> Restarts:
    packed = dict(packed)
    curves, lengths = packed.pop("curves"), packed.pop("lengths")
    if lengths.min() < 0 or lengths.sum() != len(curves):
        raise InvalidFileError("the curves of the restarts have other lengths than they say.")
    record = Restarts.__new__(Restarts)
    vars(record).update(packed)
    parts = iter(np.split(curves, np.cumsum(lengths)[:-1]))
    record._curves = [tuple(next(parts).tolist() for _ in row) for row in lengths]
    return record


def _pack_training(training: Training, estimator: Any) -> dict[str, Any]:
    restarts = training.restarts
    if training.split is None:
        restarts = [_lighten(restart, estimator.kept_restarts_) for restart in restarts]
    packed = []
    for restart in restarts:
        header, arrays = pack_restart(restart)
        for name in CURVES.values():  # which are the record's, too
            del arrays[name]
        packed.append({"header": header, "arrays": arrays})
    theta = packed[estimator.best_restart_]["arrays"]["theta"]
    if theta.tobytes() == _get_row(vars(estimator)).tobytes():  # else the user has changed it
        del packed[estimator.best_restart_]["arrays"]["theta"]
    return {
        **{name: getattr(training, name) for name in FLAGS},
        "restarts": packed,
        "split": training.split and dict(vars(training.split)),
        "main": training.main and _pack_main(training.main),
    }


def _lighten(restart: Restart, kept: NDArray) -> Restart:
    """Return a restart without its start, and without its row if it does not predict."""
    nothing = restart.theta[:0]
    if restart.index in kept:
        return replace(restart, start=nothing)
    return replace(restart, start=nothing, theta=nothing, dropped=True)


def _get_row(state: dict[str, Any]) -> NDArray:
    """Return weights and biases as a row, whatever the user made of their shapes."""
    return np.concatenate([np.ravel(a) for a in (*state["coefs_"], *state["intercepts_"])])


def _unpack_training(packed: dict[str, Any], state: dict[str, Any]) -> Training:
    """Return the training; restarts without a row have one of length 0."""
    split = packed["split"] and Split(**packed["split"])
    record = state["restarts_"]
    orders = (part["arrays"].get("order") for part in packed["restarts"])
    order = next((order for order in orders if order is not None), None)
    rows = None if split is None else _check_split(split, order)
    restarts = []
    for index, part in enumerate(packed["restarts"]):
        arrays = dict(zip(CURVES.values(), map(np.array, record._curves[index]), strict=True))
        if index == state["best_restart_"]:
            arrays["theta"] = _get_row(state)
        restart = unpack_restart(part["header"], arrays | part["arrays"], rows=rows)
        if restart.index != index:
            raise InvalidFileError(f"restart {restart.index} has the place of restart {index}.")
        restarts.append(restart)
    main = packed["main"] and read_state(unpack_stream(**packed["main"]))  # type: ignore[arg-type]
    return Training(restarts, split, main, **{name: packed[name] for name in FLAGS})


def _check_split(split: Split, order: NDArray | None) -> NDArray | None:
    """Return the rows that train, or raise an error if a split is not one."""
    n_samples, parts = split.n_samples, (split.training, split.validation)
    if split.training is None and split.validation is None:
        # an order has them all, and tells how many there can be
        return None if order is None or order.shape != (n_samples,) else np.arange(n_samples)
    if any(part is None or part.dtype.kind != "i" or part.ndim != 1 for part in parts):
        raise InvalidFileError("the split has no arrays of rows.")
    rows: NDArray = np.sort(np.concatenate(parts))  # type: ignore[arg-type]
    if rows.shape != (n_samples,) or not np.array_equal(rows, np.arange(n_samples)):
        raise InvalidFileError("the split does not part the rows.")
    return split.training


def _pack_main(state: tuple) -> dict[str, Any]:
    numbers, keys = pack_stream(Stream(state))
    return {"numbers": numbers, "keys": keys}
