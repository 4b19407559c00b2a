"""A restart as numbers, arrays and strings, and back: for files and pickles."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._random import Stream
from sklearn_init.exceptions import InvalidFileError
from sklearn_init.solvers import Adam, Moments, Restart, Sgd

RULES: dict[str, Any] = {"adam": Adam, "sgd": Sgd}

OF_A_CALL = ("n_found", "note")
"""Fields that only matter to the call that wrote them."""

SCALARS = {
    f.name: f.type
    for f in fields(Restart)
    if f.type in (int, float, bool, str) and f.name not in OF_A_CALL
}
CURVES = tuple(f.name for f in fields(Restart) if f.type == list[float])
ROWS = ("theta", "start", "best_theta")
"""Fields that are rows of parameters."""

N_KEYS = 624
"""Length of the state of the Mersenne Twister."""

Packed = tuple[dict[str, Any], dict[str, NDArray]]


def pack_restart(restart: Restart, *, with_start: bool = True) -> Packed:
    """Return all that an exact continuation needs as a header for JSON, and arrays.

    Parameters
    ----------
    restart : Restart
    with_start : bool
        Whether the row it started with is among the arrays.

    Returns
    -------
    header : dict
    arrays : dict of ndarray
        The restart's own, not copied. What is None is absent.
    """
    header = {name: kind(getattr(restart, name)) for name, kind in SCALARS.items()}
    arrays = {name: np.array(getattr(restart, name), np.float64) for name in CURVES}
    optional = {name: getattr(restart, name) for name in (*ROWS, "order")}
    if restart.rng is not None:
        header["rng"], optional["rng"] = pack_stream(restart.rng)
    if restart.moments is not None:
        header["moments"], optional["moments"] = _pack_moments(restart.moments)
    if not (with_start and restart.start.size):
        del optional["start"]
    return header, arrays | {name: a for name, a in optional.items() if a is not None}


def unpack_restart(
    header: Mapping[str, Any],
    arrays: Mapping[str, NDArray],
    *,
    rows: NDArray | None,
    start: NDArray | None = None,
) -> Restart:
    """Return the restart that was packed.

    Parameters
    ----------
    header : mapping
    arrays : mapping of ndarray
        Not copied.
    rows : ndarray of int or None
        The rows that train, as compiled code reads where `order` says; None if there must not be
        an order.
    start : ndarray of shape (n_params,) or None
        The row it started with, if it is not among the arrays. If there is none, it is not known
        any more, and has length 0.

    Returns
    -------
    Restart

    Raises
    ------
    InvalidFileError
        If entries are missing or unknown, or of other types, ranges, shapes than they can have.
    """
    _check_names(header, SCALARS, ("rng", "moments"))
    _check_names(arrays, (*CURVES, "theta"), ("start", "best_theta", "order", "rng", "moments"))
    arrays = {"start": arrays["theta"][:0] if start is None else start, **arrays}
    for name, kind in SCALARS.items():
        _check_scalar(name, header[name], kind)
    for name in CURVES:
        _check_array(name, arrays[name], np.float64, (arrays[name].size,))
    theta = arrays["theta"]
    if theta.dtype not in (np.float32, np.float64):
        raise InvalidFileError(f"theta has the type {theta.dtype}, not float32 or float64.")
    for name in ROWS:
        if name in arrays and not (name == "start" and arrays[name].shape == (0,)):
            _check_array(name, arrays[name], theta.dtype, (theta.size,))
    if "order" in arrays:
        _check_order(arrays["order"], rows)
    return Restart(
        **{name: header[name] for name in SCALARS},
        **{name: arrays[name].tolist() for name in CURVES},
        **{name: arrays.get(name) for name in (*ROWS, "order")},  # type: ignore[arg-type]
        rng=unpack_stream(header.get("rng"), arrays.get("rng")),
        moments=_unpack_moments(header.get("moments"), arrays.get("moments"), theta),
    )


def pack_stream(stream: RandomState) -> tuple[list, NDArray]:
    """Return the state of a stream: position and spare number, and the keys."""
    _, keys, position, has_spare, spare = stream.get_state()
    return [int(position), int(has_spare), float(spare)], np.asarray(keys)


def unpack_stream(numbers: Any, keys: NDArray | None) -> Stream | None:
    """Return the stream that was packed, or None if none was."""
    if numbers is None and keys is None:
        return None
    if keys is None or not isinstance(numbers, list) or len(numbers) != 3:
        raise InvalidFileError("a random stream is not complete.")
    for name, value, kind in zip(("rng",) * 3, numbers, (int, int, float), strict=True):
        _check_scalar(name, value, kind)
    _check_array("rng", keys, np.uint32, (N_KEYS,))
    if numbers[0] > N_KEYS or numbers[1] > 1:  # NumPy would read beyond the keys
        raise InvalidFileError(f"a random stream has the position {numbers[:2]}.")
    return Stream(("MT19937", keys.tolist(), *numbers))


def _pack_moments(moments: Moments) -> tuple[dict, NDArray]:
    (name,) = (name for name, rule in RULES.items() if rule is moments.rule)
    numbers = float(moments.rate), float(moments.rate_init)
    header = {"rule": name, "n_steps": int(moments.n_steps), "rates": list(numbers)}
    return header, moments.arrays


def _unpack_moments(header: Any, arrays: NDArray | None, theta: NDArray) -> Moments | None:
    if header is None and arrays is None:
        return None
    if arrays is None or not isinstance(header, dict):
        raise InvalidFileError("the moments are not complete.")
    _check_names(header, ("rule", "n_steps", "rates"))
    name, n_steps, rates = header["rule"], header["n_steps"], header["rates"]
    if not isinstance(name, str) or name not in RULES:
        raise InvalidFileError(f"the update rule {name!r:.60} is not known.")
    _check_scalar("n_steps", n_steps, int)
    if not isinstance(rates, list) or [type(rate) for rate in rates] != [float, float]:
        raise InvalidFileError(f"the learning rates are {rates!r:.60}, not two numbers.")
    _check_array("moments", arrays, theta.dtype, (RULES[name].n_arrays, theta.size))
    return Moments(RULES[name], arrays, n_steps, *rates)


def _check_names(found: Any, expected: Any, optional: Any = ()) -> None:
    missing, unknown = set(expected) - set(found), set(found) - {*expected, *optional}
    if missing or unknown:
        raise InvalidFileError(
            f"a restart lacks {sorted(missing)}, or has {sorted(unknown)}, which is not known."
        )


def _check_scalar(name: str, value: Any, kind: Any) -> None:
    limit = 2**64 if name == "seed" else 2**63
    in_range = kind is not int or (type(value) is int and 0 <= value < limit)
    if type(value) is not kind or not in_range:
        raise InvalidFileError(f"{name} is {value!r:.60}, which it cannot be.")


def _check_array(name: str, array: NDArray, dtype: Any, shape: tuple) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise InvalidFileError(
            f"{name} has type {array.dtype} and shape {array.shape}, not {np.dtype(dtype)} and "
            f"{shape}."
        )


def _check_order(order: NDArray, rows: NDArray | None) -> None:
    """Raise an error if an order is no permutation of the rows that train."""
    if rows is None:
        raise InvalidFileError("a restart has an order of rows, but there are none.")
    _check_array("order", order, np.int64, (len(rows),))
    if not np.array_equal(np.sort(order), np.sort(rows)):
        raise InvalidFileError("order is no permutation of the rows that train.")
