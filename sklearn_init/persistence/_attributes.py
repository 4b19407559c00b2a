"""The fitted attributes that hold a network, and the checks that they make one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sklearn_init._checks import is_integer
from sklearn_init._text import show
from sklearn_init.network import Layout

CURVES = {
    "loss_curve_": "losses",
    "validation_loss_curve_": "validation_losses",
    "validation_scores_": "scores",
}
"""The best restart's curves: the attribute, and the field of `Restart`."""

STARTS = ("initial_coefs_", "initial_intercepts_")
"""What pickles and files hold only where training can go on exactly."""

OF_A_FIT = (
    "coefs_",
    "intercepts_",
    "n_features_in_",
    "n_outputs_",
    "kept_restarts_",
    "out_activation_",
    "_training",
)
"""What predictions and further training of any estimator need."""


def check_has_network(estimator: Any, message: str | None = None) -> None:
    """Raise an error if there is no network, or if somebody has made only a part of it.

    Raises
    ------
    NotFittedError
        With `message`, if that is given, where nothing was fitted at all.
    ValueError
        If `coefs_` and `intercepts_` do not make a network.
    """
    there = vars(estimator)
    if not ("coefs_" in there or "intercepts_" in there):
        check_is_fitted(estimator, **({} if message is None else {"msg": message}))
    check_attributes(estimator, estimator._of_a_fit)
    check_weights(estimator)


def check_attributes(estimator: Any, names: Sequence[str]) -> None:
    """Raise an error if somebody has set or deleted a part of the fitted attributes."""
    missing = [name for name in names if name not in vars(estimator)]
    if any(name.startswith("_") for name in missing):  # no name for users
        raise NotFittedError(
            f"This {type(estimator).__name__} has coefs_ or intercepts_, but not what fit keeps "
            "beside them. To start from given weights W1, W2 and biases b1, b2, use "
            "weight_init=[W1, W2], bias_init=[b1, b2]. To predict with them, call "
            "initialize(X, y) first, and then set coefs_ and intercepts_."
        )
    if missing:
        raise NotFittedError(
            f"This {type(estimator).__name__} lacks the fitted attributes {missing}: fit it again."
        )


def check_weights(estimator: Any) -> None:
    """Raise an error if arrays that the user has set do not make a network."""
    weights, biases = estimator.coefs_, estimator.intercepts_
    are_lists = isinstance(weights, list | tuple) and isinstance(biases, list | tuple)
    if not (are_lists and all(map(_is_array_of_numbers, (*weights, *biases)))):
        raise ValueError(
            "coefs_ and intercepts_ are not what predictions need: set them to lists of NumPy "
            "arrays of real numbers, one array per layer."
        )
    shapes = [array.shape for array in (*weights, *biases)]
    n_inputs, n_outputs = estimator.n_features_in_, estimator.n_outputs_
    hidden = [shape[-1] if shape else 0 for shape in shapes[: len(weights) - 1]]
    expected = Layout((n_inputs, *hidden, n_outputs)).shapes
    if not (is_integer(n_inputs) and is_integer(n_outputs)) or not weights or shapes != expected:
        raise ValueError(
            f"coefs_ and intercepts_ have the shapes {shapes}, which do not make a network for "
            f"n_features_in_={show(n_inputs)} and n_outputs_={show(n_outputs)}."
        )


def _is_array_of_numbers(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
