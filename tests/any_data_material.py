"""Data of every kind a user may hand over, good and bad, in tables: a name and a function.

Strategies draw the names, so that a failing case is told in words; numbers come from `rng`.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import scipy.sparse


def _scaled(scale):
    return lambda rng, shape: scale * rng.normal(size=shape)


def _columns_of_all_scales(rng, shape):
    return rng.normal(size=shape) * 10.0 ** rng.integers(-300, 300, size=shape[1:])


def _with(value):
    def make(rng, shape):
        numbers = rng.normal(size=shape)
        numbers.flat[numbers.size // 2 :][:1] = value
        return numbers

    return make


SCALES = [1e-310, 1e-300, 1e-160, 1e-40, 1e-3, 1e4, 1e19, 1e39, 1e153, 1e300, 1.7e308]

NUMBERS = {
    "normal": _scaled(1.0),
    "whole": lambda rng, shape: rng.integers(-3, 4, size=shape).astype(float),
    "counts": lambda rng, shape: rng.poisson(1.3, size=shape).astype(float),
    "zeros": lambda rng, shape: np.zeros(shape),
    "ones": lambda rng, shape: np.ones(shape),
    "offset": lambda rng, shape: 1e8 + rng.normal(size=shape),
    "equal rows": lambda rng, shape: np.broadcast_to(rng.normal(size=shape[1:]), shape).copy(),
    "a constant column": lambda rng, shape: rng.normal(size=shape) * (np.arange(shape[-1]) > 0),
    "columns of all scales": _columns_of_all_scales,
    "an outlier": _with(1e200),
    **{f"times {scale}": _scaled(scale) for scale in SCALES},
}
BAD_NUMBERS = {"NaN": _with(np.nan), "infinity": _with(-np.inf)}

DTYPES = [
    "float64", "float32", "float16", "longdouble", "bool", "int8", "uint8", "int16", "int32",
    "int64", "uint64", "object", ">f8", ">f4", ">i4", "<f8",
]  # fmt: skip
ODD_DTYPES = ["complex128", "U", "S", "datetime64[s]"]


def cast(numbers, dtype):
    """Return an array of a type, whose numbers need not fit into it."""
    with np.errstate(all="ignore"):
        if np.dtype(dtype).kind in "iu":
            numbers = np.nan_to_num(numbers).clip(-120, 120)
            numbers = np.abs(numbers) if np.dtype(dtype).kind == "u" else numbers
        return numbers.astype(dtype)


def _unaligned(array):
    raw = np.zeros(array.nbytes + 1, dtype=np.uint8)
    view = raw[1:].view(array.dtype).reshape(array.shape) if array.dtype != object else array
    view[...] = array
    return view


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def _strided(array):
    for axis in range(array.ndim):
        array = np.repeat(array, 2, axis=axis)
    return array[(slice(None, None, 2),) * array.ndim]


def _reversed(array):
    backwards = (slice(None, None, -1),) * array.ndim
    return array[backwards].copy()[backwards]


class Subclass(np.ndarray):
    """An array by another name."""


class OnlyAnArray:
    """Knows how to become an array, and nothing else."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __len__(self):
        return len(self.array)

    def __array__(self, dtype=None, copy=None):
        return self.array if dtype is None else self.array.astype(dtype)


ORDERS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": _strided,
    "reversed": _reversed,
    "unaligned": _unaligned,
    "read-only": _read_only,
    "of swapped bytes": lambda array: array.astype(array.dtype.newbyteorder("S")),
    "list": lambda array: array.tolist(),
    "tuple": lambda array: tuple(map(tuple, array.tolist())) if array.ndim > 1 else tuple(array),
    "subclass": lambda array: array.view(Subclass),
    "only an array": OnlyAnArray,
}


def _frame(array):
    return pd.DataFrame(array, columns=[f"column {i}" for i in range(array.shape[1])])


def _mixed_frame(array):
    frame = _frame(array)
    for name in frame.columns[1::2]:
        frame[name] = frame[name].astype(object)
    return frame


def _make_sparse(make):
    def of(array):
        known = array.dtype.kind in "biuf" and array.dtype.itemsize in (1, 2, 4, 8)
        known = known and array.dtype not in (np.float16, np.dtype(">f2")) and array.dtype.isnative
        return make(array if known else cast(array.real, "float64"))

    return of


def _csr_of_64_bits(array):
    matrix = scipy.sparse.csr_array(array)
    parts = matrix.data, matrix.indices.astype(np.int64), matrix.indptr.astype(np.int64)
    return scipy.sparse.csr_array(parts, shape=matrix.shape)


def _untidy_csr(array):
    """Return a CSR with zeros, repeated and unsorted entries."""
    n, p = array.shape
    columns = np.tile(np.r_[np.arange(p)[::-1], np.arange(p)], n)
    entries = np.concatenate([array[:, ::-1], np.zeros_like(array)], axis=1).ravel()
    parts = entries, columns.astype(np.int32), np.arange(n + 1, dtype=np.int32) * 2 * p
    return scipy.sparse.csr_matrix(parts, shape=(n, p))


def _read_only_csr(array):
    matrix = scipy.sparse.csr_array(array)
    for part in matrix.data, matrix.indices, matrix.indptr:
        part.flags.writeable = False
    return matrix


SPARSE = {
    **{
        f"{name}_{kind}": _make_sparse(getattr(scipy.sparse, f"{name}_{kind}"))
        for name in ["csr", "csc", "coo", "bsr", "dok", "lil", "dia"]
        for kind in ["array", "matrix"]
    },
    "csr of 64 bits": _make_sparse(_csr_of_64_bits),
    "untidy csr": _make_sparse(_untidy_csr),
    "read-only csr": _make_sparse(_read_only_csr),
}
FORMS = {**ORDERS, "DataFrame": _frame, "mixed DataFrame": _mixed_frame, **SPARSE}
ODD_FORMS = {
    "matrix": lambda array: array.view(np.matrix),
    "one dimension": np.ravel,
    "three dimensions": lambda array: array[..., np.newaxis],
    "no rows": lambda array: array[:0],
    "no columns": lambda array: array[:, :0],
    "None": lambda array: None,
    "a number": lambda array: 3.5,
    "text": lambda array: "data",
    "a dict": lambda array: {"X": array.tolist()},
    "rows of several lengths": lambda array: [[1.0], *array.tolist()],
}

KINDS_OF_LABELS = {
    "int": lambda i: i,
    "negative": lambda i: i - 7,
    "text": lambda i: f"class {i}",
    "text of several lengths": lambda i: "é" * (i + 1),
    "bool": lambda i: bool(i % 2),
    "whole floats": lambda i: i - 1.0,
    "large": lambda i: 2**62 + i,
}
BAD_LABELS = {
    "mixed": lambda i: [1, "one", 2.5, "two"][i % 4],
    "tuples": lambda i: (i, -i),
    "bytes": lambda i: b"class %d" % i,
    "None": lambda i: [None, "one"][i % 2],
    "NaN": lambda i: [np.nan, 1.0, 2.0][i % 3],
    "fractions of one": lambda i: i + 0.5,
    "Fraction": lambda i: Fraction(i, 3),
    "dates": lambda i: datetime(2020, 1, i % 28 + 1),
    "beyond 64 bits": lambda i: 10**30 + i,
    "complex": lambda i: i * 1j,
}


def make_array_of_objects(objects):
    """Return an array of one dimension, whatever the objects are."""
    array = np.empty(len(objects), dtype=object)
    array[:] = objects
    return array


def make_labels(kind, index):
    """Return labels of a kind for an array of integers, as an array of one dimension."""
    labels = [(KINDS_OF_LABELS | BAD_LABELS)[kind](int(i)) for i in index]
    if kind in ("int", "negative", "text", "bool", "whole floats", "large", "NaN"):
        return np.array(labels)
    return make_array_of_objects(labels)


LABEL_FORMS = {
    "array": lambda y: y,
    "list": lambda y: y.tolist(),
    "Series": pd.Series,
    "object": lambda y: y.astype(object),
    "column": lambda y: y[:, np.newaxis],
    "read-only": _read_only,
    "reversed": _reversed,
    "categorical": lambda y: pd.Series(pd.Categorical(y)),
    "DataFrame": pd.DataFrame,
    "only an array": OnlyAnArray,
}
MULTI_FORMS = {
    "array": lambda y: y,
    "bool": lambda y: y.astype(bool),
    "F": np.asfortranarray,
    "list": lambda y: y.tolist(),
    "DataFrame": pd.DataFrame,
    "csr": scipy.sparse.csr_matrix,
    "csc": scipy.sparse.csc_array,
    "coo": scipy.sparse.coo_matrix,
    "lil": scipy.sparse.lil_array,
    "dok": scipy.sparse.dok_array,
    "unaligned": _unaligned,
    "float": lambda y: y.astype(float),
    "up to two": lambda y: 2 * y,
    "text": lambda y: y.astype(str),
}

WEIGHTS = {
    "none": lambda rng, n: None,
    "ones": lambda rng, n: np.ones(n),
    "uniform": lambda rng, n: rng.uniform(0.1, 3, size=n),
    "some zero": lambda rng, n: (np.arange(n) % 3 > 0).astype(float),
    "one row": lambda rng, n: (np.arange(n) == n // 2).astype(float),
    "tiny": lambda rng, n: np.full(n, 1e-300),
    "subnormal": lambda rng, n: np.full(n, 5e-324),
    "huge": lambda rng, n: np.full(n, 1e300),
    "all scales": lambda rng, n: 10.0 ** rng.integers(-300, 300, size=n),
    "whole": lambda rng, n: rng.integers(0, 3, size=n),
    "bool": lambda rng, n: np.arange(n) % 2 == 0,
    "float16": lambda rng, n: rng.uniform(size=n).astype(np.float16),
    "longdouble": lambda rng, n: rng.uniform(size=n).astype(np.longdouble),
    "list": lambda rng, n: rng.uniform(size=n).tolist(),
    "Series": lambda rng, n: pd.Series(rng.uniform(size=n)),
    "number": lambda rng, n: 0.5,
    "strided": lambda rng, n: _strided(rng.uniform(size=n)),
    "read-only": lambda rng, n: _read_only(rng.uniform(size=n)),
    "of swapped bytes": lambda rng, n: rng.uniform(size=n).astype(">f8"),
}
BAD_WEIGHTS = {
    "objects": lambda rng, n: rng.uniform(size=n).astype(object),
    "Decimal": lambda rng, n: [Decimal(1)] * n,
    "negative": lambda rng, n: rng.normal(size=n),
    "NaN": lambda rng, n: np.full(n, np.nan),
    "infinite": lambda rng, n: np.full(n, np.inf),
    "too few": lambda rng, n: np.ones(max(n - 1, 0)),
    "too many": lambda rng, n: np.ones(n + 1),
    "column": lambda rng, n: np.ones((n, 1)),
    "text": lambda rng, n: np.full(n, "1"),
    "sparse": lambda rng, n: scipy.sparse.csr_array(np.ones((1, n))),
    "complex": lambda rng, n: np.full(n, 1j),
    "several lengths": lambda rng, n: [[1.0], *([1.0, 2.0] for _ in range(n - 1))],
}
