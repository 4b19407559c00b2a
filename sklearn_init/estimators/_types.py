"""Checks that must come before scikit-learn's: types that are no numbers, broken sparse matrices.

NumPy casts dates, durations and records to float64 without a word, and code in C follows the
indices of a sparse matrix wherever they lead.
"""

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init._text import shorten

PLAIN_KINDS = "biuf"
"""Kinds of NumPy types that are numbers."""

TIMES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)

MISSING = {"NoneType", "NAType", "NaTType"}
"""Names of the types of None, pandas.NA and pandas.NaT, of which pandas is not imported here."""

IN_NUMBERS = (
    "but must hold numbers: convert the values, for example dates to days since the first one"
)
AS_TEXT = "which class labels cannot have: convert them to text, with y.astype(str)"


def check_features(X: Any) -> Any:
    """Return X, of which a list has become an array.

    Raises
    ------
    ValueError
        If it holds dates, durations, records or missing values of pandas, or if the indices of a
        sparse matrix lead outside of it.
    TypeError
        If it is an array of objects that are no numbers.
    """
    return _check(X, "X", IN_NUMBERS)


def check_numbers(y: Any) -> Any:
    """Do the same for the targets of a regression."""
    return _check(y, "y", IN_NUMBERS)


def check_labels(y: Any) -> Any:
    """Do the same for class labels, of which scikit-learn says what objects they may be."""
    return _check(y, "y", AS_TEXT, may_be_objects=True)


def _check(data: Any, name: str, remedy: str, *, may_be_objects: bool = False) -> Any:
    if type(data) is np.ndarray and data.dtype.kind in PLAIN_KINDS:
        return data
    if issparse(data):
        check_indices(data, name)
        return data
    if not hasattr(data, "dtype") and not hasattr(data, "columns"):
        try:
            data = np.asarray(data)
        except ValueError:  # rows of different lengths, of which scikit-learn says so
            return data
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        raise ValueError(
            f"Input {name} contains missing values (masked): drop these rows, or impute the "
            "values."
        )
    for where, values in _list_columns(data, name):
        kind = _get_kind(values.dtype)
        if kind in "cmMV":
            reason = "Complex data not supported: " if kind == "c" else ""
            raise ValueError(f"{reason}{where} has the type {values.dtype}, {remedy}.")
        if kind == "O":
            objects = np.asarray(values, dtype=object)
            types = {type(value) for value in objects.flat}
            _check_missing(objects, types, where)
            _check_times(types, where, remedy)
            if not may_be_objects:
                _check_numbers(types, where)
        if not may_be_objects and kind in "USO":
            _check_text(values, where)
    return data


def _list_columns(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield what errors call a column of a data frame, and its values; or an array as a whole."""
    if not hasattr(data, "columns"):
        yield name, data
    elif hasattr(data, "iloc"):  # of pandas
        for index, column in enumerate(data.columns):
            yield f"column {column!r} of {name}", data.iloc[:, index]
    else:
        yield name, np.asarray(data)


def _get_kind(dtype: Any) -> str:
    """Return the kind of a type of NumPy or pandas; that of categories is the kind of these."""
    categories = getattr(dtype, "categories", None)
    return getattr(getattr(categories, "dtype", dtype), "kind", "O")


def _check_missing(objects: NDArray, types: set[type], where: str) -> None:
    """Raise an error if one of the objects, which have these types, is a missing value."""
    missing = {kind.__name__ for kind in types} & MISSING
    if float in types and any(isinstance(v, float) and v != v for v in objects.flat):
        missing.add("NaN")
    if missing:
        raise ValueError(
            f"Input {where} contains missing values ({', '.join(sorted(missing))}): drop these "
            "rows, or impute the values."
        )


def _check_times(types: set[type], where: str, remedy: str) -> None:
    """Raise an error if a type is that of a date, a time or a duration."""
    for kind in types:
        if issubclass(kind, TIMES):
            raise ValueError(f"{where} has values of type {kind.__name__}, {remedy}.")


def _check_numbers(types: set[type], where: str) -> None:
    """Raise an error if a type is neither that of numbers nor that of text."""
    for kind in types:
        if issubclass(kind, np.void) or not (
            hasattr(kind, "__float__") or issubclass(kind, str | bytes)
        ):
            raise TypeError(
                f"{where} has values of type {kind.__name__!r}, but an argument must be a string "
                "or a real number."
            )


def _check_text(values: Any, where: str) -> None:
    """Raise an error if text is not that of numbers."""
    try:
        np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{where} holds what is no number ({shorten(f'{error}')}). Encode categories first, "
            "for example with OneHotEncoder."
        ) from error


def check_indices(matrix: Any, name: str) -> None:
    """Raise an error if the index arrays of a sparse matrix lead outside of it.

    Matrices of the formats that have none are converted by SciPy, element by element.
    """
    if matrix.ndim != 2:  # of which scikit-learn says so
        return
    if matrix.format == "coo":
        is_fine = all(
            len(index) == len(matrix.data) and _are_below(index, length)
            for index, length in zip((matrix.row, matrix.col), matrix.shape, strict=True)
        )
    elif matrix.format in ("csr", "csc", "bsr"):
        is_fine = _is_compressed_right(matrix)
    else:
        return
    if not is_fine:
        raise ValueError(
            f"{name} is a sparse matrix of shape {matrix.shape} whose indices or indptr do not "
            "fit its shape or its data. Build it again, for example with scipy.sparse.coo_array."
        )


def _is_compressed_right(matrix: Any) -> bool:
    block = getattr(matrix, "blocksize", (1, 1))
    lengths = [length // size for length, size in zip(matrix.shape, block, strict=True)]
    n_major, n_minor = lengths[::-1] if matrix.format == "csc" else lengths
    indptr = matrix.indptr
    if len(indptr) != n_major + 1 or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        return False
    n_stored = indptr[-1]
    if n_stored > min(len(matrix.indices), len(matrix.data)):
        return False
    return _are_below(matrix.indices[:n_stored], n_minor)


def _are_below(indices: NDArray, length: int) -> bool:
    """Whether integers are at least 0 and below `length`; a negative one is a large unsigned."""
    return not len(indices) or int(indices.view(f"u{indices.itemsize}").max()) < length
