"""Which rows train and which are held out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from sklearn_init._text import shorten
from sklearn_init.losses import BINARY_LOG_LOSS
from sklearn_init.network import Objective

LONGEST = 300
"""Number of characters of scikit-learn's error, which quotes the classes."""


@dataclass(frozen=True)
class Split:
    """Which rows train and which are held out.

    If none are held out, `fraction` and both index arrays are None.
    """

    n_samples: int
    fraction: float | None = None
    training: NDArray | None = None
    validation: NDArray | None = None


def split_rows(
    objective: Objective, fraction: float | None, main: RandomState, classes: NDArray | None
) -> Split:
    """Hold rows out, the same ones that scikit-learn's MLP holds out for early stopping.

    Like scikit-learn's, the split is stratified if there are two classes, and only then.

    Parameters
    ----------
    objective : Objective
        On all rows.
    fraction : float or None
        The share of rows to hold out; None for none.
    main : RandomState
        Drawn from.
    classes : ndarray or None
        The class of every label, which errors name; None for regressors.
    """
    n_samples, weights = len(objective.y), objective.sample_weight
    if fraction is None:
        return Split(n_samples)
    if fraction == 0:
        raise ValueError(
            f"validation_fraction={fraction!r} leaves no row for early_stopping=True or "
            "restart_criterion='validation'."
        )
    stratify = None
    if objective.loss is BINARY_LOG_LOSS and objective.y.shape[1] == 1:
        assert classes is not None
        stratify = classes[(objective.y[:, 0] > 0).astype(int)]
    try:
        training, validation = train_test_split(
            np.arange(n_samples), random_state=main, test_size=fraction, stratify=stratify
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={fraction!r} cannot split these {n_samples} rows: "
            f"{shorten(str(error), LONGEST)}"
        ) from error
    if len(validation) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            f"({fraction!r}) or the size of your dataset ({n_samples} samples)."
        )
    for rows, what in (training, "training"), (validation, "validation"):
        if weights is not None and weights[rows].sum() == 0:
            raise ValueError(
                f"sample_weight is zero on all {len(rows)} {what} rows of the split; change "
                "random_state or validation_fraction."
            )
    return Split(n_samples, fraction, training, validation)


def find_absent_classes(objective: Objective, split: Split, classes: NDArray) -> list[Any]:
    """Return the classes that have rows, but none among those that train."""
    if split.training is None:
        return []
    has_rows, trains = objective.y.any(axis=0), objective.y[split.training].any(axis=0)
    if objective.y.shape[1] == 1:  # of two classes, the first is where y is 0
        has_rows = np.append(~objective.y.all(axis=0), has_rows)
        trains = np.append(~objective.y[split.training].all(axis=0), trains)
    return classes[has_rows & ~trains].tolist()
