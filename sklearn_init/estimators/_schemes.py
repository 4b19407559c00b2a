"""Convert `weight_init` and `bias_init`, in all their forms, to one object per layer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from sklearn_init._checks import is_real
from sklearn_init._lookup import lookup
from sklearn_init._text import show
from sklearn_init.initializers import (
    SCHEMES,
    Auto,
    Constant,
    FromFunction,
    Given,
    Initializer,
    Layer,
    Schemes,
    Sklearn,
)

FORMS = (
    "a name, an Initializer, a callable, a dict with the keys 'hidden' and 'output', or a list "
    "with one entry per layer"
)


def resolve_schemes(estimator: Any, n_layers: int) -> Schemes:
    """Return the schemes of an estimator's `weight_init` and `bias_init`."""
    return Schemes(
        resolve_weight_schemes(estimator.weight_init, n_layers),
        resolve_bias_schemes(estimator.bias_init, n_layers),
    )


def resolve_scheme(scheme: object, parameter: str) -> object:
    """Return the initializer that a name or a number stands for; other values as they are."""
    scheme = _constant_if_number(scheme)
    return _resolve(scheme, parameter) if isinstance(scheme, str) else scheme


def choose_schemes(schemes: Schemes, layers: Sequence[Layer]) -> Schemes:
    """Put what "auto" chooses for a layer in its place."""
    chosen = [
        clone(scheme.choose(layer)) if isinstance(scheme, Auto) else scheme
        for scheme, layer in zip(schemes.weights, layers, strict=True)
    ]
    return replace(schemes, weights=chosen)


def resolve_weight_schemes(
    weight_init: object, n_layers: int, parameter: str = "weight_init"
) -> list[Initializer]:
    """Return one initializer per weight matrix.

    Parameters
    ----------
    weight_init : str, Initializer, callable, dict, list or tuple
        In a list, an entry may also be an array, or None for ``"sklearn"``.
    n_layers : int
        Number of weight matrices, the output's included.
    parameter : str
        What errors call it.

    Returns
    -------
    list of Initializer

    Raises
    ------
    ValueError
        If the form, a name or the number of entries is wrong.
    """
    entries = _entries(weight_init, n_layers, parameter)
    return [Sklearn() if e is None else _resolve(e, parameter) for e in entries]


def resolve_bias_schemes(bias_init: object, n_layers: int) -> list[Initializer | None]:
    """Return one initializer per bias vector; None where the layer's scheme has its say.

    Takes the forms of `weight_init`, and numbers.
    """
    if bias_init is None:
        return [None] * n_layers
    entries = _entries(_constant_if_number(bias_init), n_layers, "bias_init")
    return [None if e is None else _resolve(_constant_if_number(e), "bias_init") for e in entries]


def _entries(value: object, n_layers: int, parameter: str) -> list:
    """Spread the forms that hold for the network over its layers."""
    if isinstance(value, Mapping):
        if set(value) != {"hidden", "output"}:
            raise ValueError(
                f"{parameter}={show(value)}: a dict needs exactly the keys 'hidden' and 'output'."
            )
        return [value["hidden"]] * (n_layers - 1) + [value["output"]]
    if isinstance(value, list | tuple):
        if len(value) != n_layers:
            raise ValueError(
                f"{parameter} has {len(value)} entries, but the network has {n_layers} layers "
                "with weights (the output layer included): give one entry per layer."
            )
        return list(value)
    if value is None or (hasattr(value, "__array__") and np.ndim(value) > 0):  # type: ignore[arg-type]
        raise ValueError(
            f"{parameter}={show(value)} is not allowed: expected {FORMS} (arrays are entries "
            "of that list)."
        )
    return [value] * n_layers


def _resolve(entry: object, parameter: str) -> Initializer:
    """Turn a form that holds for one layer into an initializer."""
    if isinstance(entry, Initializer):
        return entry
    if isinstance(entry, str):
        # a clone: who changes the parameters of `weight_init_` must not change the table
        return clone(lookup(SCHEMES, entry, parameter).initializer)
    if isinstance(entry, type):
        raise ValueError(
            f"{parameter}={entry.__name__} is a class: give an instance, {entry.__name__}(...)."
        )
    if callable(entry):
        return FromFunction(entry)
    if is_real(entry):
        raise ValueError(
            f"{parameter}={show(entry)} is a number: give a scheme, such as Normal(std={entry}) "
            "for random weights of this size."
        )
    if hasattr(entry, "__array__") or isinstance(entry, list | tuple):
        return Given(entry)  # type: ignore[arg-type]
    raise ValueError(f"{parameter}={show(entry)} is not allowed: expected {FORMS}.")


def _constant_if_number(value: object) -> object:
    return Constant(value) if is_real(value) else value  # type: ignore[arg-type]
