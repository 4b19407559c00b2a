"""Parameters that say what the layers of a network are."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sklearn_init._checks import is_integer, is_real
from sklearn_init._text import show
from sklearn_init.activations import ACTIVATIONS, Activation, get_activation
from sklearn_init.initializers import SCHEMES


def find_parameter(value: Any) -> str:
    """Say what to do with a value that was given for the wrong parameter; empty if not known."""
    if isinstance(value, str):
        tables: dict[str, Mapping[str, Any]] = {"activation": ACTIVATIONS, "weight_init": SCHEMES}
        names = [name for name, table in tables.items() if value in table]
        return f"Give {names[0]}={value!r} by name." if names else ""
    n_dimensions = getattr(value, "ndim", 0)
    if n_dimensions > 1:
        return "Data are arguments of fit, fit(X, y), not of the estimator."
    if is_real(value) or n_dimensions == 1 or isinstance(value, list | tuple | range):
        return f"Give hidden_layer_sizes={show(value)} by name."
    return ""


def resolve_sizes(sizes: Any, parameter: str) -> tuple[int, ...]:
    """Return layer sizes as a tuple of int; a single integer is one layer."""
    is_sequence = isinstance(sizes, list | tuple | range) or np.ndim(sizes) == 1
    listed = list(sizes) if is_sequence else [sizes]
    if not all(is_integer(size) and size >= 1 for size in listed):
        is_other = isinstance(sizes, str) or getattr(sizes, "ndim", 0) > 1
        hint = find_parameter(sizes) if is_other else ""
        raise ValueError(
            f"{parameter}={show(sizes)} is not allowed: {parameter} must be > 0, an integer or a "
            f"sequence of integers.{hint and ' '}{hint}"
        )
    return tuple(map(int, listed))


def resolve_activations(activation: Any, n_hidden: int) -> tuple[Activation, ...]:
    """Return one activation per hidden layer, and one more for the output layer.

    Parameters
    ----------
    activation : str, Activation, or list or tuple with one of them per hidden layer
    n_hidden : int
        Number of hidden layers.
    """
    if not isinstance(activation, list | tuple):
        return (_resolve_activation(activation),) * (n_hidden + 1)
    if len(activation) != n_hidden:
        raise ValueError(
            f"activation={show(activation)} has {len(activation)} entries, but the network has "
            f"{n_hidden} hidden layers: give one entry per hidden layer."
        )
    resolved = tuple(map(_resolve_activation, activation))
    return (*resolved, resolved[-1] if resolved else ACTIVATIONS["identity"])


def _resolve_activation(activation: Any) -> Activation:
    try:
        return get_activation(activation)
    except ValueError:
        if isinstance(activation, str) and (meant := find_parameter(activation)):
            raise ValueError(f"activation={activation!r} is not known. {meant}") from None
        if callable(activation):
            raise ValueError(
                f"activation={show(activation)} is not known: training needs the derivative of a "
                "function, too. Give a name, or Activation(value, derivative)."
            ) from None
        raise


def resolve_dropout(dropout: Any, n_hidden: int) -> tuple[float, ...]:
    """Return one rate per hidden layer, or nothing if all are 0.

    Parameters
    ----------
    dropout : number, or list, tuple or array with one per hidden layer
    n_hidden : int
        Number of hidden layers.
    """
    is_sequence = isinstance(dropout, list | tuple) or np.ndim(dropout) == 1
    rates = list(dropout) if is_sequence else [dropout]
    # a fraction below 1 may be 1 as a float
    if not all(is_real(rate) and 0 <= rate < 1 and float(rate) < 1 for rate in rates):
        raise ValueError(
            f"dropout={show(dropout)} is not allowed: expected a number >= 0 and < 1, or a list "
            "of one per hidden layer."
        )
    if not is_sequence:
        rates *= n_hidden
    if len(rates) != n_hidden:
        raise ValueError(
            f"dropout={show(dropout)} has {len(rates)} entries, but the network has {n_hidden} "
            "hidden layers: give one rate per hidden layer."
        )
    return tuple(map(float, rates)) if any(rates) else ()
