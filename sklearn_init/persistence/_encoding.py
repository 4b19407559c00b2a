"""Values of parameters and attributes as JSON and arrays, and back, without any code.

A JSON list is a list; a JSON object says in ``"form"`` which row of `FORMS` reads it. What stands
for a choice is looked up in the package's own tables: no name from a file is ever imported.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init import initializers
from sklearn_init._random import Stream
from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.initializers import Given
from sklearn_init.persistence._packing import pack_stream, unpack_stream

Keep = Callable[[NDArray], Any]
"""Takes an array, and returns what stands for it."""

PLAIN = (type(None), bool, int, float, str)

LONGEST_RANGE = 10_000
"""The longest range that is written: a few bytes must not stand for any number of items."""

BYTES_OF_STREAM = 5_000
"""About what a random state takes, of which a few bytes of a file may ask for another one."""

INITIALIZERS = {
    cls.__name__: cls
    for cls in (*vars(initializers).values(), Given)
    if inspect.isclass(cls) and issubclass(cls, initializers.Initializer)
    if cls is not initializers.Initializer  # which draws nothing
}
"""The package's own, by name."""


class Reader:
    """What decoding needs: the arrays of a file, and a limit for what it makes of them.

    Parameters
    ----------
    fetch : callable
        Takes what stands for an array, and returns the array.
    n_bytes : float, default=inf
        What copies of arrays and random states may take: a file may name the same one many times.
    """

    def __init__(self, fetch: Callable[[Any], NDArray], n_bytes: float = inf):
        self.fetch, self._left = fetch, n_bytes

    def spend(self, n_bytes: int) -> None:
        """Raise an error if so many bytes more are too many."""
        self._left -= n_bytes
        if self._left < 0:
            raise ValueError("what the header asks for is many times larger than the file")


@dataclass(frozen=True)
class Form:
    """How values of a kind are written.

    Attributes
    ----------
    fits : callable
        ``fits(value)``, whether a value is of the kind.
    write : callable
        ``write(value, keep)`` returns a dict for JSON.
    read : callable
        ``read(written, reader)`` returns the value.
    """

    fits: Callable[[Any], bool]
    write: Callable[[Any, Keep], dict]
    read: Callable[[dict, Reader], Any]


def encode(value: Any, keep: Keep) -> Any:
    """Return a value as what JSON can hold; arrays are given to `keep`.

    Raises
    ------
    ValueError
        If it cannot be written without code.
    """
    if type(value) in PLAIN:
        return value
    if type(value) is list:
        return [encode(item, keep) for item in value]
    for name, form in FORMS.items():
        if form.fits(value):
            return {"form": name, **form.write(value, keep)}
    raise ValueError(f"{value!r:.60} cannot be written without code")


def decode(written: Any, reader: Reader) -> Any:
    """Return the value that was encoded."""
    if type(written) in PLAIN:
        return written
    if type(written) is list:
        return [decode(item, reader) for item in written]
    return FORMS[written["form"]].read(written, reader)


def _read_items(written: dict, reader: Reader) -> list:
    """Return items that are listed one by one; those of a range, say, are not."""
    if type(written["items"]) is not list:
        raise ValueError("items are not a list")
    return decode(written["items"], reader)


def _write_dict(value: dict, keep: Keep) -> dict:
    return {"items": [[encode(part, keep) for part in item] for item in value.items()]}


def _read_dict(written: dict, reader: Reader) -> dict:
    return dict(_read_items(written, reader))


def _write_objects(value: NDArray, keep: Keep) -> dict:
    return {"shape": list(value.shape), "items": [encode(item, keep) for item in value.flat]}


def _read_objects(written: dict, reader: Reader) -> NDArray:
    items = _read_items(written, reader)
    array = np.empty(len(items), object)
    array[:] = items
    return array.reshape(written["shape"])


def _read_range(start: int, stop: int, step: int) -> range:
    found = range(start, stop, step)
    if len(found) > LONGEST_RANGE:
        raise ValueError(f"{found} is longer than any that is written")
    return found


def _write_initializer(value: Any, keep: Keep) -> dict:
    parameters = value.get_params(deep=False)
    return {
        "class": type(value).__name__,
        "parameters": {name: encode(p, keep) for name, p in parameters.items()},
    }


def _read_scalar(written: dict, reader: Reader) -> Any:
    array = reader.fetch(written["array"])
    reader.spend(array.nbytes)
    return array[()]


def _read_initializer(written: dict, reader: Reader) -> Any:
    parameters = {name: decode(p, reader) for name, p in written["parameters"].items()}
    return INITIALIZERS[written["class"]](**parameters)


def _write_stream(value: RandomState, keep: Keep) -> dict:
    numbers, keys = pack_stream(value)
    return {"numbers": numbers, "keys": keep(keys)}


def _read_stream(written: dict, reader: Reader) -> RandomState:
    reader.spend(BYTES_OF_STREAM)
    stream = unpack_stream(written["numbers"], reader.fetch(written["keys"]))
    copied = RandomState()
    copied.set_state(stream.get_state())  # type: ignore[union-attr]
    return copied


def _is_mersenne_twister(value: Any) -> bool:
    if type(value) not in (RandomState, Stream):
        return False
    return value.get_state(legacy=False)["bit_generator"] == "MT19937"


def _is_array(value: Any) -> bool:
    return type(value) in (np.ndarray, np.memmap)


FORMS = {
    "tuple": Form(
        lambda v: type(v) is tuple,
        lambda v, keep: {"items": encode(list(v), keep)},
        lambda w, reader: tuple(_read_items(w, reader)),
    ),
    "dict": Form(lambda v: type(v) is dict, _write_dict, _read_dict),
    "range": Form(
        lambda v: type(v) is range and len(v) <= LONGEST_RANGE,
        lambda v, keep: {"range": [v.start, v.stop, v.step]},
        lambda w, reader: _read_range(*w["range"]),
    ),
    "array": Form(
        lambda v: _is_array(v) and v.dtype.kind in "biufcSUmM",
        lambda v, keep: {"array": keep(v)},
        lambda w, reader: reader.fetch(w["array"]),
    ),
    "objects": Form(lambda v: _is_array(v) and v.dtype == object, _write_objects, _read_objects),
    "scalar": Form(
        lambda v: isinstance(v, np.generic) and v.dtype.kind in "biufcSUmM",
        lambda v, keep: {"array": keep(np.array(v))},
        _read_scalar,
    ),
    "initializer": Form(
        lambda v: INITIALIZERS.get(type(v).__name__) is type(v),
        _write_initializer,
        _read_initializer,
    ),
    "activation": Form(
        lambda v: isinstance(v, Activation) and ACTIVATIONS.get(v.name) == v,
        lambda v, keep: {"name": v.name},
        lambda w, reader: ACTIVATIONS[w["name"]],
    ),
    "random_state": Form(_is_mersenne_twister, _write_stream, _read_stream),
}
