"""What is compared: schemes by name, and the network whose `weight_init` they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from sklearn_init._text import shorten, show
from sklearn_init.estimators import (
    InitMLPClassifier,
    InitMLPRegressor,
    resolve_bias_schemes,
    resolve_sizes,
    resolve_weight_schemes,
)

LONGEST = 40
"""Characters of a name that is made from a scheme."""

INSIDE = {"best_estimator_": "pass its best_estimator_", "estimator": "pass its estimator"}
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
            raise ValueError(f"schemes={show(schemes)}: two names read the same as strings.")
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
            f"schemes={show(schemes)} is not allowed: expected a list of what weight_init "
            "takes, or a dict of names and schemes."
        )
    if not named:
        raise ValueError(f"schemes={show(schemes)} is empty: give one scheme or more.")
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
            f"baseline={show(baseline)} is not known: expected one of the schemes {list(names)}."
        )
    return baseline


def find_network(estimator: Any) -> tuple[list[Any], Any]:
    """Return copies, not fitted, of what stands before the network, and of it.

    Returns
    -------
    stages : list of Pipeline or TransformedTargetRegressor
        From the outside in: pipelines of the steps before the last one, which change X, and
        regressors that change y.
    network : InitMLPClassifier or InitMLPRegressor

    Raises
    ------
    TypeError
        If the estimator does not end in a network of this package.
    """
    stages, inner = _walk(estimator)
    if not isinstance(inner, InitMLPClassifier | InitMLPRegressor):
        raise TypeError(_explain(estimator, inner))
    return [clone(stage) for stage in stages], clone(inner)


def _walk(estimator: Any) -> tuple[list[Any], Any]:
    """Return what stands before the last estimator within pipelines and the like, and that."""
    stages: list[Any] = []
    while True:
        if isinstance(estimator, Pipeline) and estimator.steps:
            if len(estimator) > 1:
                stages.append(estimator[:-1])
            estimator = estimator.steps[-1][1]
        elif isinstance(estimator, TransformedTargetRegressor):
            stages.append(estimator)
            estimator = estimator.regressor
        else:
            return stages, estimator


def _explain(estimator: Any, inner: Any) -> str:
    """Say why an estimator cannot be compared, and what can."""
    if isinstance(inner, type):
        return f"estimator is the class {inner.__name__}: give an instance, {inner.__name__}(...)."
    expected = (
        "expected an InitMLPClassifier, an InitMLPRegressor, or a Pipeline or "
        "TransformedTargetRegressor that ends in one"
    )
    for name, advice in INSIDE.items():
        last = _walk(getattr(inner, name, None))[1]
        if isinstance(last, InitMLPClassifier | InitMLPRegressor):
            return (
                f"estimator is a {type(estimator).__name__}: {expected}. Of a "
                f"{type(inner).__name__}, {advice}."
            )
    return f"estimator is a {type(estimator).__name__}: {expected}."
