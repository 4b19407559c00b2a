"""Data at the door: sample weights, the split for early stopping, random states."""

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_random_state


@dataclass(frozen=True)
class Split:
    """Which rows train and which are held out; None and None without early stopping."""

    n_samples: int
    training: NDArray | None = None
    validation: NDArray | None = None


def split_rows(
    n_samples: int,
    validation_fraction: float,
    stratify: NDArray | None,
    weights: NDArray | None,
    main: RandomState,
) -> Split:
    """Hold rows out for early stopping, the same ones that scikit-learn's MLP holds out."""
    if validation_fraction == 0:
        raise ValueError(
            f"validation_fraction={validation_fraction!r} leaves no row for early_stopping=True."
        )
    training, validation = train_test_split(
        np.arange(n_samples),
        random_state=main,
        test_size=validation_fraction,
        stratify=stratify,
    )
    if len(validation) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            f"({validation_fraction!r}) or the size of your dataset ({n_samples} samples)."
        )
    for rows, what in (training, "training"), (validation, "validation"):
        if weights is not None and weights[rows].sum() == 0:
            raise ValueError(
                f"sample_weight is zero on all {len(rows)} {what} rows that early stopping split "
                "off; change random_state or validation_fraction."
            )
    return Split(n_samples, training, validation)


def check_sample_weight(
    sample_weight: ArrayLike | None, n_samples: int, dtype: np.dtype
) -> NDArray | None:
    """Return sample weights of shape (n_samples,), or None.

    Raises
    ------
    ValueError
        If the shape is wrong, a weight is negative or not finite, or all are zero.
    """
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight)
    if weights.ndim == 0:
        weights = np.full(n_samples, sample_weight)
    if weights.ndim != 1:
        raise ValueError(
            "Sample weights must be 1D array or scalar: sample_weight has shape "
            f"{weights.shape}, expected ({n_samples},)."
        )
    weights = check_array(weights, ensure_2d=False, dtype=dtype, input_name="sample_weight")
    if len(weights) != n_samples:
        raise ValueError(f"sample_weight has shape {weights.shape}, expected ({n_samples},).")
    if weights.min() < 0:
        raise ValueError(f"sample_weight has the negative value {weights.min()}.")
    check_total_weight(weights)
    return weights


def check_total_weight(weights: NDArray | None) -> None:
    """Raise an error if all weights are zero."""
    if weights is not None and weights.sum() == 0:
        raise ValueError(
            "sample_weight must contain at least one non-zero number: all weights are zero."
        )


def check_main_stream(random_state: object) -> RandomState:
    """Return the main stream of a `random_state`."""
    try:
        return check_random_state(random_state)
    except ValueError as error:
        raise ValueError(
            f"random_state={random_state!r} is not allowed: expected None, an integer from 0 to "
            "2**32 - 1 or a numpy.random.RandomState."
        ) from error


def is_in_sync(stream: RandomState, other: RandomState | None) -> bool:
    """Whether two streams are at the same point."""
    if other is None:
        return False
    (kind, key, *rest), (other_kind, other_key, *other_rest) = (
        stream.get_state(),
        other.get_state(),
    )
    return kind == other_kind and rest == other_rest and bool(np.array_equal(key, other_key))
