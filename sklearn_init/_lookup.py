"""Looking a name up in a table, with an error that helps."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from sklearn_init._text import show

Row = TypeVar("Row")

OTHER_NAMES = {
    "accuracy": "validation",
    "adagrad": "adam",
    "adamax": "adam",
    "asha": "halving",
    "bagging": "average",
    "bengio": "glorot_uniform",
    "default": "sklearn",
    "delving": "he_normal",
    "ensemble": "average",
    "eye": "identity",
    "dirac": "identity",
    "fixed": "constant",
    "gaussian": "normal",
    "gd": "sgd",
    "glorot": "glorot_uniform",
    "glorot_bengio": "glorot_uniform",
    "he": "he_normal",
    "hyperband": "halving",
    "initnw": "nguyen_widrow",
    "kaiming": "he_normal",
    "l2": "squared_error",
    "least_squares": "squared_error",
    "linear": "identity",
    "logsig": "logistic",
    "ls": "squared_error",
    "mean": "average",
    "mean_squared_error": "squared_error",
    "momentum": "sgd",
    "mse": "squared_error",
    "msra": "he_normal",
    "narrow_normal": "normal_0.01",
    "nw": "nguyen_widrow",
    "poslin": "relu",
    "purelin": "identity",
    "quasi_newton": "lbfgs",
    "race": "halving",
    "rand": "uniform",
    "randn": "normal",
    "random": "normal",
    "random_normal": "normal",
    "random_uniform": "uniform",
    "rectifier": "relu",
    "rmsprop": "adam",
    "score": "validation",
    "sigmoid": "logistic",
    "soft": "average",
    "standard_normal": "normal",
    "swish": "silu",
    "tansig": "tanh",
    "train": "loss",
    "training": "loss",
    "trunc_normal": "truncated_normal",
    "truncnorm": "truncated_normal",
    "vote": "average",
    "xavier": "glorot_uniform",
    "xavier_glorot": "glorot_uniform",
}
"""What other libraries call a row, where neither its beginning nor its spelling is like ours."""

LISTED = {
    "weight_init": "get_initializer_names()",
    "bias_init": "get_initializer_names()",
    "scheme": "get_initializer_names()",
    "scoring": "sklearn.metrics.get_scorer_names()",
}
"""What lists the names for a parameter whose table is too long for an error."""

MAX_CLOSE, MAX_LISTED = 3, 15


def lookup(table: Mapping[str, Row], name: object, parameter: str) -> Row:
    """Return the row called `name`; the error names the parameter, the value, the choices.

    Of a long table, it names those like `name` and what lists the rest.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    close = _find_close(name, table)[:MAX_CLOSE] if isinstance(name, str) else []
    hint = f" Did you mean {_join(close)}?" if close else ""
    if len(table) > MAX_LISTED and parameter in LISTED:
        choices = f"{LISTED[parameter]} lists all."
    else:
        choices = f"Choose one of: {', '.join(map(repr, table))}."
    raise ValueError(f"{parameter}={show(name)} is not known.{hint} {choices}")


def _find_close(name: str, table: Mapping[str, Row]) -> list[str]:
    """Return names that are the same but for their form or library, begin or are spelled alike."""
    name = _normalize(name)
    plain = name.replace("_", "")
    same = [row for row in table if plain and row.replace("_", "") == plain]
    other = [row for row in table if row == OTHER_NAMES.get(name)]
    beginnings = [row for row in table if name and row.startswith(name)]
    close = get_close_matches(name, table, MAX_CLOSE, cutoff=0.6)
    return same or other + [row for row in beginnings if row not in other] or close


def _normalize(name: str) -> str:
    """Return a name in our form: ``"HeNormal"`` and ``"he-normal_"`` as ``"he_normal"``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[-_ .]+", "_", words).strip("_").lower()


def _join(names: list[str]) -> str:
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last
