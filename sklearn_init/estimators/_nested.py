"""Nested parameters, such as ``weight_init__scale``, of objects that a name stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sklearn_init._component import Component
from sklearn_init._text import show
from sklearn_init.estimators._schemes import resolve_scheme


@dataclass(frozen=True)
class Kind:
    """A parameter of an estimator whose names stand for objects with parameters.

    Attributes
    ----------
    resolve : callable
        ``resolve(estimator, value)`` returns the object that a value stands for.
    example : str
        A value with parameters, and these, for errors.
    """

    resolve: Callable[[Any, object], object]
    example: str


def _resolve_scheme(parameter: str, estimator: Any, value: object) -> object:
    return resolve_scheme(value, parameter)


SCHEME_EXAMPLE = "'uniform', which has the parameters low and high"

KINDS: dict[str, Kind] = {
    "weight_init": Kind(partial(_resolve_scheme, "weight_init"), SCHEME_EXAMPLE),
    "bias_init": Kind(partial(_resolve_scheme, "bias_init"), SCHEME_EXAMPLE),
}
"""The parameters whose names stand for objects."""


def name_to_object(estimator: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Return arguments of `set_params` in which names whose parameters are set are objects.

    ``weight_init="he_normal", weight_init__scale=3`` sets a parameter of the object that the name
    stands for. The estimator is not changed.

    Raises
    ------
    ValueError
        If a value has no parameters, or not that one.
    """
    _check_nested(estimator, params)
    resolved = dict(params)
    for parameter, kind in KINDS.items():
        nested = {
            name.removeprefix(f"{parameter}__"): value
            for name, value in params.items()
            if name.startswith(f"{parameter}__")
        }
        if not nested or not hasattr(estimator, parameter):
            continue
        value = params.get(parameter, getattr(estimator, parameter))
        if isinstance(value, Component):
            continue
        component = kind.resolve(estimator, value)
        if not isinstance(component, Component) or not component.get_params():
            several = isinstance(value, Mapping | list | tuple)
            why = "holds a scheme per layer" if several else "has no parameters"
            raise ValueError(
                f"{parameter}__{next(iter(nested))} cannot be set, as {parameter}={show(value)} "
                f"{why}: set {parameter} itself, for example to {kind.example}."
            )
        component.set_params(**nested)  # an error here changes nothing
        resolved = {k: v for k, v in resolved.items() if not k.startswith(f"{parameter}__")}
        resolved[parameter] = component
    return resolved


def _check_nested(estimator: Any, params: dict[str, Any]) -> None:
    """Raise an error if a parameter is to be set of a value that is no object, such as a name."""
    for name in params:
        parameter, has_parts, _ = name.partition("__")
        if not has_parts or parameter in KINDS or not hasattr(estimator, parameter):
            continue
        value = params.get(parameter, getattr(estimator, parameter))
        if not hasattr(value, "set_params"):
            raise ValueError(
                f"{name} cannot be set, as {parameter}={show(value)} has no parameters: set "
                f"{parameter} itself."
            )
