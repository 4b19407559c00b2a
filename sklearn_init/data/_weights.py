"""Weights of rows: sample weights, and those of their classes."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from sklearn_init._text import show
from sklearn_init.data._types import show_type


def read_weights(sample_weight: ArrayLike | None, shape: tuple[int, ...]) -> NDArray | None:
    """Return sample weights as an array of numbers, or None; errors say which shape to expect."""
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight)
    except ValueError as error:  # lists of different lengths
        raise ValueError(
            f"sample_weight has entries of different lengths, expected shape {shape}."
        ) from error
    if weights.dtype.kind not in "biuf":
        raise ValueError(f"sample_weight must hold numbers, not {show_type(weights.dtype)}.")
    if np.ma.is_masked(sample_weight):
        raise ValueError("sample_weight has masked values: give them a number, or drop the rows.")
    return np.full(shape, weights) if weights.ndim == 0 else weights


def check_sample_weight(
    sample_weight: ArrayLike | None, n_samples: int, dtype: np.dtype
) -> NDArray | None:
    """Return sample weights of shape (n_samples,), or None.

    Raises
    ------
    ValueError
        If the shape is wrong, a weight is negative or not finite, or all are zero.
    """
    weights = read_weights(sample_weight, (n_samples,))
    if weights is None:
        return None
    if weights.ndim != 1:
        raise ValueError(
            "Sample weights must be 1D array or scalar: sample_weight has shape "
            f"{weights.shape}, expected ({n_samples},)."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        weights = check_array(weights, ensure_2d=False, dtype=dtype, input_name="sample_weight")
    if len(weights) != n_samples:
        raise ValueError(f"sample_weight has shape {weights.shape}, expected ({n_samples},).")
    if weights.min() < 0:
        raise ValueError(f"sample_weight has the negative value {weights.min()}.")
    check_total_weight(weights, "sample_weight")
    return weights


def check_total_weight(weights: NDArray, parameter: str) -> None:
    """Raise an error if the weights sum to zero or to more than their type can hold."""
    with np.errstate(over="ignore"):
        total = weights.sum()
    if total < np.finfo(weights.dtype).tiny:
        raise ValueError(
            f"{parameter} must contain at least one non-zero number: all weights are zero, or "
            "nearly so."
        )
    if not np.isfinite(total):
        raise ValueError(f"{parameter} is too large: the weights sum to {total}.")


def compute_class_weight_per_row(class_weight: object, y: NDArray, dtype: np.dtype) -> NDArray:
    """Return the weight of each row's class, of shape (n_samples,).

    Raises
    ------
    ValueError
        Naming `class_weight`, if it is not allowed or does not fit the labels.
    """
    if isinstance(class_weight, list) and not class_weight:
        raise ValueError("class_weight=[] is not allowed: expected a dict per label.")
    try:
        with np.errstate(over="ignore"):
            weights = compute_sample_weight(class_weight, y).astype(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"class_weight={show(class_weight)} is not allowed: {error}") from error
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError(
            f"class_weight={show(class_weight)} is not allowed: expected weights >= 0."
        )
    return weights


def fix_class_weight(class_weight: Any, y: Any) -> Any:
    """Return a `class_weight` that gives other rows the weights that it gives those of `y`.

    It names every class of `y`: the other rows may lack those that a dict names.
    """
    dense = y.toarray() if issparse(y) else y
    columns = dense.reshape(len(dense), -1).T
    asked = class_weight if isinstance(class_weight, list) else [class_weight] * len(columns)
    fixed = []
    for labels, weight in zip(columns, asked, strict=True):
        classes = np.unique(labels)
        weights = compute_class_weight(weight, classes=classes, y=labels)
        fixed.append(dict(zip(classes.tolist(), weights.tolist(), strict=True)))
    return fixed if dense.ndim == 2 else fixed[0]


def apply_class_weight(
    class_weight: object, y: Any, weights: NDArray | None, dtype: np.dtype
) -> NDArray:
    """Return the weights of the rows times those of their classes."""
    dense = y.toarray() if issparse(y) else y
    class_weights = compute_class_weight_per_row(class_weight, dense, dtype)
    with np.errstate(over="ignore"):
        combined = class_weights if weights is None else weights * class_weights
    check_total_weight(combined, "class_weight times sample_weight")
    return combined
