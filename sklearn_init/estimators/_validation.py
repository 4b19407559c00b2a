"""Validation rows: those the user gives, and the score they are judged by."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.metrics import check_scoring, get_scorer, get_scorer_names

from sklearn_init._checks import is_real
from sklearn_init._lookup import lookup
from sklearn_init._text import show
from sklearn_init.losses import Loss
from sklearn_init.network import Features, Layout, Objective
from sklearn_init.scores import MinusLoss, Score

OF_TRAINING = re.compile(r"\b(X|y|sample_weight)\b")

MakeScore = Callable[[Any, Objective, Score], Score]
"""``make_score(estimator, objective, default)``: the score for the rows of an objective."""


@dataclass(frozen=True)
class ValidationSet:
    """Validation rows as the user gives them."""

    X: Any
    y: Any
    sample_weight: Any = None


def gather_validation_set(X_val: Any, y_val: Any, sample_weight_val: Any) -> ValidationSet | None:
    """Return the arguments of `fit` as one, or None if there are none."""
    if X_val is None and y_val is None and sample_weight_val is None:
        return None
    for name, value in ("X_val", X_val), ("y_val", y_val):
        if value is None:
            raise ValueError(
                f"{name}=None is not allowed, as other arguments of a validation set are given: "
                "fit takes X_val and y_val together, and sample_weight_val with them."
            )
    return ValidationSet(X_val, y_val, sample_weight_val)


def make_validation_objective(estimator: Any, objective: Objective, given: ValidationSet) -> Any:
    """Return the objective on the validation rows of the user, which are checked."""
    known = _count_columns(estimator._decode(objective.y[:1]))
    try:
        n_columns = _count_columns(given.y)
        if n_columns != known:
            raise ValueError(f"y has {n_columns} columns, but those of training are {known}.")
        X, y, weights = estimator._check_validation_set(given, objective)
    except (TypeError, ValueError) as error:
        # they are checked as X, y and sample_weight are, and so called by these names
        text = OF_TRAINING.sub(r"\1_val", f"{error}")
        raise ValueError(text if "_val" in text else f"X_val, y_val: {text}") from error
    if len(y) < 2:
        raise ValueError(f"X_val has {len(y)} row: a score needs two or more.")
    return replace(objective, X=X, y=y, sample_weight=weights, rows=None)


def _count_columns(y: Any) -> int:
    """Return how many targets there are per row: labels in one column could pass for several."""
    shape = np.shape(y)
    return shape[1] if len(shape) == 2 else 1


def resolve_scoring(estimator: Any) -> MakeScore:
    """Return what makes the score of the parameter `scoring`."""
    scoring = estimator.scoring
    if scoring is None:
        return _take_default
    if isinstance(scoring, str) and scoring == "loss":
        return _take_loss
    if isinstance(scoring, str):
        lookup(dict.fromkeys(("loss", *get_scorer_names())), scoring, "scoring")
        return partial(_use_scorer, get_scorer(scoring), scoring)
    if not callable(scoring):
        raise ValueError(
            f"scoring={show(scoring)} is not allowed: expected None, 'loss', the name of a "
            "scorer of scikit-learn or a callable scorer(estimator, X, y)."
        )
    try:  # which knows a metric from a scorer
        return partial(_use_scorer, check_scoring(estimator, scoring=scoring), scoring)
    except ValueError as error:
        raise ValueError(f"scoring={show(scoring)} is not allowed: {error}") from error


def _take_default(estimator: Any, objective: Objective, default: Score) -> Score:
    return default


def _take_loss(estimator: Any, objective: Objective, default: Score) -> Score:
    return MinusLoss(objective.loss)


def _use_scorer(
    scorer: Callable[..., Any], scoring: Any, estimator: Any, objective: Objective, default: Score
) -> Score:
    """Return the score of one of scikit-learn's scorers; `scoring` is what errors call it."""
    y, _ = objective.targets()
    rows = objective.rows
    X = objective.X if rows is None else objective.X[rows]
    labels = estimator._decode(y)
    if issparse(labels):  # not every metric takes them
        labels = labels.toarray()
    stripped, layout, loss = _strip(estimator), objective.layout, objective.loss
    return ScorerOfNetworks(scorer, scoring, stripped, layout, loss, X, labels)


@dataclass(frozen=True)
class ScorerOfNetworks:
    """The score of one of scikit-learn's scorers, which sees a fitted estimator.

    Attributes
    ----------
    scorer : callable
        ``scorer(estimator, X, y)``, with `sample_weight` if there are weights.
    scoring : object
        What errors call it.
    estimator : InitMLPClassifier or InitMLPRegressor
        One that knows classes and features, but has no network yet.
    layout : Layout
    loss : Loss
    X, labels
        The validation rows.
    """

    scorer: Callable[..., Any]
    scoring: Any
    estimator: Any
    layout: Layout
    loss: Loss
    X: Features
    labels: Any

    def __call__(
        self, theta: NDArray, y: NDArray, prediction: NDArray, weights: NDArray | None
    ) -> float:
        """Return the score."""
        fitted = copy.copy(self.estimator)
        vars(fitted).update(describe_network(self.layout, self.loss, theta))
        more = {} if weights is None else {"sample_weight": weights}
        try:
            score = self.scorer(fitted, self.X, self.labels, **more)
        except Exception as error:
            given = " with their sample_weight, which it has to take" if more else ""
            raise ValueError(
                f"scoring={show(self.scoring)} failed on the {len(y)} validation rows{given}: "
                f"{error}"
            ) from error
        if isinstance(score, np.ndarray) and score.ndim == 0:
            score = score.item()
        # a score may be NaN, or the worst, where it is not defined; but none is beyond all others
        if not is_real(score) or score == np.inf:
            raise ValueError(
                f"scoring={show(self.scoring)} returned {show(score)}: expected a finite number."
            )
        return float(score)


def _strip(estimator: Any) -> Any:
    """Return an estimator that knows classes and the number of features, and nothing else.

    Without names of features, as there are none in the rows that it will see.
    """
    stripped = type(estimator)(**estimator.get_params(deep=False))
    for name in ("classes_", "_label_binarizer", "n_features_in_"):
        if hasattr(estimator, name):
            setattr(stripped, name, getattr(estimator, name))
    return stripped


def describe_network(layout: Layout, loss: Loss, theta: NDArray) -> dict[str, Any]:
    """Return the fitted attributes with which an estimator predicts as one network does."""
    weights, biases = layout.views(theta.copy())
    return {
        "coefs_": weights,
        "intercepts_": biases,
        "n_layers_": len(layout.sizes),
        "n_outputs_": layout.sizes[-1],
        "out_activation_": loss.output_name,
        "best_restart_": 0,
        "kept_restarts_": np.array([0]),
        "_training": None,
    }
