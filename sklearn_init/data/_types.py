"""Checks of types that must come before scikit-learn's.

NumPy casts dates, durations and records to float64 without a word.
"""

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init._text import shorten, show
from sklearn_init.data._sparse import check_sparse

NUMBERS = "biuf"
"""Kinds of NumPy types that scikit-learn converts or refuses as it should."""

LONGEST = 120
"""Number of characters of NumPy's reason, which may quote a text in full."""

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
        If it holds dates, durations, records, text that is no number, or missing values that are
        not NaN; or if the indices of a sparse matrix lead outside of it.
    TypeError
        If it is an array of objects that are no numbers.
    """
    if X is None:
        raise ValueError(
            "X=None is not allowed: expected an array of shape (n_samples, n_features)."
        )
    return _check(X, "X", IN_NUMBERS)


def check_numbers(y: Any) -> Any:
    """Do the same for the targets of a regression."""
    return _check(y, "y", IN_NUMBERS)


def check_labels(y: Any) -> Any:
    """Do the same for class labels, of which scikit-learn says what objects they may be."""
    return _check(y, "y", AS_TEXT, may_be_objects=True)


def check_classes_argument(classes: Any) -> Any:
    """Do the same for the classes of `partial_fit`."""
    return _check(classes, "classes", AS_TEXT, may_be_objects=True)


def _check(data: Any, name: str, remedy: str, *, may_be_objects: bool = False) -> Any:
    if type(data) is np.ndarray and data.dtype.kind in NUMBERS:
        return data
    if issparse(data):
        data = check_sparse(data, name)
        _check_column(name, data.data, remedy, may_be_objects=may_be_objects)
        return data
    if not hasattr(data, "dtype") and not hasattr(data, "columns"):
        try:
            data = np.asarray(data)
        except ValueError as error:
            raise ValueError(f"{name} has entries of different lengths: {error}") from error
    for where, values in _list_columns(data, name):
        _check_column(where, values, remedy, may_be_objects=may_be_objects)
    return data


def _check_column(where: str, values: Any, remedy: str, *, may_be_objects: bool) -> None:
    """Check values of one type, which errors call `where`."""
    kind = _get_kind(values.dtype)
    if kind in "cmMV":
        reason = "Complex data not supported: " if kind == "c" else ""
        raise ValueError(f"{reason}{where} has the type {show_type(values.dtype)}, {remedy}.")
    if np.ma.is_masked(values):
        raise ValueError(_describe_missing(where, ["masked"]))
    if kind == "O":
        objects = np.asarray(values, dtype=object)
        types = {type(value) for value in objects.flat}
        _check_missing(objects, types, where)
        _check_times(types, where, remedy)
        if not may_be_objects:
            _check_numbers(types, where)
            _check_conversion(objects, where)
    elif kind in "US" and not may_be_objects:
        _check_conversion(np.asarray(values), where)


def show_type(dtype: Any) -> str:
    """Return the name of a type as errors quote it: records may have many fields."""
    return shorten(str(dtype))


def _list_columns(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield what errors call a column of a data frame, and its values; or an array as a whole."""
    if not hasattr(data, "columns"):
        yield name, data
    elif hasattr(data, "iloc"):  # of pandas
        for index, column in enumerate(data.columns):
            yield f"column {show(column)} of {name}", data.iloc[:, index]
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
        raise ValueError(_describe_missing(where, sorted(missing)))


def _describe_missing(where: str, kinds: list[str]) -> str:
    return (
        f"Input {where} contains missing values ({', '.join(kinds)}): drop these rows, or impute "
        "the values."
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


def _check_conversion(values: NDArray, where: str) -> None:
    """Raise an error if text is no number, or a number is too large."""
    try:
        values.astype(np.float64)
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(
            f"{where} holds what is no number ({shorten(str(error), LONGEST)}). Encode categories "
            "first, for example with OneHotEncoder."
        ) from error
