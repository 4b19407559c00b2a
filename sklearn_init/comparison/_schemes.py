"""What is compared: schemes by name, and the network whose `weight_init` they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_init.estimators import InitMLPClassifier, InitMLPRegressor

LONGEST = 40
"""Characters of a name that is made from a scheme."""


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
    name = getattr(scheme, "__name__", None) or " ".join(repr(scheme).split())
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


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

    Raises
    ------
    ValueError
        If the estimator does not end in a network of this package.
    """
    steps, last = [], estimator
    while isinstance(last, Pipeline):
        steps += [step for _, step in last.steps[:-1]]
        last = last.steps[-1][1]
    if not isinstance(last, InitMLPClassifier | InitMLPRegressor):
        raise ValueError(
            f"estimator={estimator!r} is not allowed: expected InitMLPClassifier, "
            "InitMLPRegressor, or a Pipeline that ends in one."
        )
    before = Pipeline([(f"step {i}", clone(step)) for i, step in enumerate(steps)])
    return (before if steps else None), clone(last)
