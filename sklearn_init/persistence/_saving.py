"""Models as files: parameters and fitted state, without pickle and without code."""

import inspect
import os
import re
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from sklearn import config_context

from sklearn_init._version import __version__
from sklearn_init.persistence._attributes import check_has_network
from sklearn_init.persistence._encoding import Keep, Reader, decode, encode
from sklearn_init.persistence._files import blaming, read_file, write_file
from sklearn_init.persistence._fitted_checks import KNOWN, check_fitted
from sklearn_init.persistence._pickling import (
    VERSION,
    pack_state,
    unpack_state,
    warn_about_version,
)

KIND = "model"

ROOM = 100_000
"""Bytes that copies of what is read may take besides four times all arrays."""

SET_REQUEST = re.compile(r"set_(\w+)_request")


def save(estimator: Any, path: str | os.PathLike, check_parameters: Callable[[Any], None]) -> None:
    """Write an estimator to a file.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    path : str or path-like
    check_parameters : callable
        Raises an error if a parameter of the estimator is not allowed.

    Raises
    ------
    ValueError
        Naming the parameter that `fit` would refuse or that is code, or the attribute that no fit
        has made.
    """
    check_path(path)
    cls = type(estimator)
    if not cls.__module__.startswith("sklearn_init."):
        raise ValueError(
            f"{cls.__name__} is a class of your own, which a file without code cannot hold: "
            "pickle the estimator."
        )
    arrays: dict[str, NDArray] = {}

    def keep(array: NDArray) -> str:
        name = f"array{len(arrays)}"
        arrays[name] = array
        return name

    parameters = estimator.get_params(deep=False) | {"checkpoint": None}  # a place of this machine
    header: dict[str, Any] = {
        "class": cls.__name__,
        "parameters": {n: _encode_parameter(estimator, n, v, keep) for n, v in parameters.items()},
        "state": {VERSION: __version__},
        "requests": _read_requests(estimator),
    }
    check_parameters(estimator)
    if "coefs_" in vars(estimator):
        check_has_network(estimator)
        check_fitted(estimator)
        header["state"] |= {n: encode(v, keep) for n, v in _choose_state(estimator).items()}
    try:
        write_file(path, KIND, header, arrays)
    except OSError as error:  # which names a file that the user does not know
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def check_path(path: str | os.PathLike) -> None:
    """Raise an error if a path cannot be that of a file.

    Raises
    ------
    ValueError
        If it is empty, no path at all, or that of a pipe or a device.
    IsADirectoryError, FileNotFoundError
        If it is a folder, or the folder that it names is not there.
    """
    text = os.fsdecode(path)
    if not text or "\0" in text:
        raise ValueError(f"path={path!r} is not allowed: expected the path of a file.")
    folder, name = os.path.split(text)
    if name in ("", os.curdir, os.pardir) or os.path.isdir(text):
        raise IsADirectoryError(
            f"path={path!r} is a folder: add the name of a file, such as "
            f"{os.path.join(text, 'model.npz')!r}."
        )
    if os.path.exists(text) and not os.path.isfile(text):
        raise ValueError(f"path={path!r} is a pipe or a device: give the path of a file.")
    if folder and not os.path.isdir(folder):
        raise FileNotFoundError(
            f"path={path!r}: the folder {folder!r} does not exist. Create it first."
        )


def read_model(
    path: str | os.PathLike, classes: dict[str, Any], check_parameters: Callable[[Any], None]
) -> Any:
    """Return the estimator of a file, of one of some classes by name."""
    contents = read_file(path, KIND)
    with blaming(path):
        header = contents.header
        n_bytes = sum(array.nbytes for array in contents.arrays.values())
        reader = Reader(contents.arrays.__getitem__, ROOM + 4 * n_bytes)
        estimator = _decode_model(header, classes[header["class"]], reader, check_parameters)
        version = header["state"][VERSION]
    warn_about_version(version)
    return estimator


def _decode_model(
    header: dict[str, Any], cls: Any, reader: Reader, check_parameters: Callable[[Any], None]
) -> Any:
    parameters = {name: decode(value, reader) for name, value in header["parameters"].items()}
    estimator = cls(**parameters)
    check_parameters(estimator)
    state = {name: decode(value, reader) for name, value in header["state"].items()}
    if unknown := state.keys() - KNOWN - {VERSION}:
        raise ValueError(f"the attributes {sorted(unknown)} are not known")
    if state.keys() - {VERSION}:
        vars(estimator).update(unpack_state(state))
        check_fitted(estimator)
    _write_requests(estimator, header["requests"])
    return estimator


def _encode_parameter(estimator: Any, name: str, value: Any, keep: Keep) -> Any:
    try:
        return encode(value, keep)
    except ValueError as error:
        default = inspect.signature(type(estimator)).parameters[name].default
        raise ValueError(
            f"{name}: {error}, as a file has to be: est.set_params({name}={default!r}) before "
            "saving, which changes no prediction, or pickle the estimator."
        ) from None


def _choose_state(estimator: Any) -> dict[str, Any]:
    """Return the attributes that a fit has made, as they are packed; schemes of a user's as None.

    What others, or the user, have put there belongs to this process.
    """
    state = {name: value for name, value in pack_state(estimator).items() if name in KNOWN}
    schemes = state["weight_init_"]
    return state | {"weight_init_": [s if isinstance(s, dict) else None for s in schemes]}


def _read_requests(estimator: Any) -> dict[str, dict]:
    """Return which metadata each method requests, if the user has set it."""
    if "_metadata_request" not in vars(estimator):
        return {}
    routing, methods = estimator.get_metadata_routing(), _find_request_methods(estimator)
    return {method: dict(getattr(routing, method).requests) for method in methods}


def _write_requests(estimator: Any, requests: dict[str, dict]) -> None:
    methods = _find_request_methods(estimator)
    for method, request in requests.items():
        if any(type(value) not in (bool, str, type(None)) for value in request.values()):
            raise ValueError(f"the metadata that {method} requests are {request!r}")
        with config_context(enable_metadata_routing=True):
            getattr(estimator, methods[method])(**request)


def _find_request_methods(estimator: Any) -> dict[str, str]:
    """Return the names of the methods that request metadata, and of those that set it."""
    found = map(SET_REQUEST.fullmatch, dir(type(estimator)))
    return {match[1]: match[0] for match in found if match}
