"""What is compared: schemes by name, and the network whose `weight_init` they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_init._text import shorten
from sklearn_init.estimators import InitMLPClassifier, InitMLPRegressor
from sklearn_init.estimators._parameters import resolve_sizes
from sklearn_init.estimators._schemes import resolve_bias_schemes, resolve_weight_schemes

LONGEST = 40
"""Characters of a name that is made from a scheme."""

INSIDE = {
    "best_estimator_": "pass its best_estimator_",
    "regressor": "pass its regressor, whose y is as you give it: scale y beforehand",
    "estimator": "pass its estimator",
}
"""Attributes that may be what can be compared, and what to do then."""


def name_schemes(schemes: object) -> dict[str, Any]:
    """Return schemes by name; those of a list are called what they look like.

    Raises
    ------
    ValueError
        If there are none, or it is neither a dict nor a list.
    """
    if isinstance(schemes, Mapping):
        named = {str(name): scheme for name, scheme in schemes.items()}
        if len(named) < len(schemes):
            raise ValueError(f"schemes={schemes!r}: two names read the same as strings.")
    elif isinstance(schemes, Sequence) and not isinstance(schemes, str):
        named = {}
        for scheme in schemes:
            name = name_once = _name(scheme)
            number = 1
            while name in named:
                number += 1
                name = f"{name_once} ({number})"
            named[name] = scheme
    else:
        raise ValueError(
            f"schemes={schemes!r} is not allowed: expected a list of what weight_init takes, or a "
            "dict of names and schemes."
        )
    if not named:
        raise ValueError(f"schemes={schemes!r} is empty: give one scheme or more.")
    return named


def _name(scheme: Any) -> str:
    """Return a short name of a scheme."""
    if isinstance(scheme, str):
        return scheme
    return shorten(getattr(scheme, "__name__", None) or repr(scheme), LONGEST)


def check_schemes(named: Mapping[str, Any], network: Any) -> None:
    """Raise the error that a fit would: for names that are not known, and for wrong forms."""
    n_layers = len(resolve_sizes(network.hidden_layer_sizes, "hidden_layer_sizes")) + 1
    for name, scheme in named.items():
        resolve_weight_schemes(scheme, n_layers, f"schemes[{name!r}]: weight_init")
    resolve_bias_schemes(network.bias_init, n_layers)


def choose_baseline(baseline: str | None, names: Sequence[str]) -> str:
    """Return the name of the scheme that the others are compared with: by default the first."""
    if baseline is None:
        return names[0]
    if baseline not in names:
        raise ValueError(
            f"baseline={baseline!r} is not known: expected one of the schemes {list(names)}."
        )
    return baseline


def find_network(estimator: Any) -> tuple[Pipeline | None, Any]:
    """Return copies, not fitted, of the steps before the network, if there are any, and of it.

    The steps are the pipeline with nothing in the place of the network.

    Raises
    ------
    TypeError
        If the estimator does not end in a network of this package.
    """
    if not isinstance(_find_last(estimator), InitMLPClassifier | InitMLPRegressor):
        raise TypeError(
            f"estimator is a {type(estimator).__name__}: expected an InitMLPClassifier, an "
            f"InitMLPRegressor, or a Pipeline that ends in one.{_advise(estimator)}"
        )
    if not isinstance(estimator, Pipeline):
        return None, clone(estimator)
    before = last = clone(estimator)
    while isinstance(last.steps[-1][1], Pipeline):
        last = last.steps[-1][1]
    name, network = last.steps[-1]
    last.set_params(**{name: "passthrough"})
    return before, network


def _find_last(estimator: Any) -> Any:
    """Return the last step of a pipeline, also if that is one itself."""
    while isinstance(estimator, Pipeline) and estimator.steps:
        estimator = estimator.steps[-1][1]
    return estimator


def _advise(estimator: Any) -> str:
    """Say which attribute can be compared, if one can."""
    for name, advice in INSIDE.items():
        inside = _find_last(getattr(estimator, name, None))
        if isinstance(inside, InitMLPClassifier | InitMLPRegressor):
            return f" Of a {type(estimator).__name__}, {advice}."
    return ""
