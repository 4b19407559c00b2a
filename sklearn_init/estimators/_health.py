"""A line on how an estimator is, from its weights and its record alone."""

from html import escape
from typing import Any

import numpy as np

from sklearn_init.diagnostics import (
    ALIKE,
    describe_symmetries,
    explain_symmetries,
)
from sklearn_init.estimators._layers import resolve_activations, resolve_dropout
from sklearn_init.estimators._parameters import is_stochastic
from sklearn_init.network import Layout
from sklearn_init.persistence import check_has_network
from sklearn_init.training import Restarts


def describe_health(estimator: Any) -> str:
    """Say in a line how a fitted estimator is, as far as can be told without data.

    It tells of symmetric units, weights that are not finite, restarts that diverged or were
    dropped, and whether training took all epochs. `diagnose` tells more, given rows.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
        A fitted one.

    Examples
    --------
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.estimators._health import describe_health
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(5,), random_state=0)
    >>> describe_health(reg.initialize([[0.0], [1.0]], [0.0, 1.0]))
    'Initialized, not trained. No unit is a copy of another.'
    """
    record = estimator.restarts_
    sentences = [_describe_training(estimator), *_describe_restarts(record)]
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    is_finite = all(np.isfinite(array).all() for array in arrays)
    # beside weights that have diverged, all others look equal
    if is_finite and not record["diverged"][estimator.best_restart_]:
        sentences.append(_describe_units(estimator))
    if not is_finite:
        sentences.append("The weights are not finite: lower learning_rate_init, or scale X and y.")
    return " ".join(sentences)


def describe_in_html(estimator: Any) -> str:
    """Return the same for a notebook.

    Nothing of an estimator that is not fitted, or whose parameters or attributes were changed
    into what makes no network: a notebook shows the rest.
    """
    try:
        check_has_network(estimator)
        return f"<p>{escape(describe_health(estimator))}</p>"
    except (AttributeError, ValueError):
        return ""


def _describe_training(estimator: Any) -> str:
    if estimator.n_iter_ == 0:
        return "Initialized, not trained."
    unit = "epoch" if is_stochastic(estimator.solver) else "iteration"
    counted = f"{estimator.n_iter_} {unit}{'' if estimator.n_iter_ == 1 else 's'}"
    if estimator.n_iter_ >= estimator.max_iter:  # it may have converged in the last one
        return f"Loss {estimator.loss_:.3g} after {counted}, all that max_iter allows."
    return f"Loss {estimator.loss_:.3g} after {counted}."


def _describe_restarts(record: Restarts) -> list[str]:
    """Return a sentence on several restarts, and one on those that diverged."""
    n_restarts, n_diverged = len(record["loss"]), int(record["diverged"].sum())
    n_dropped = int(record["dropped"].sum())
    sentences = []
    finished = record["loss"][~record["dropped"] & ~record["diverged"]]
    if n_restarts > 1 and len(finished) and np.isfinite(finished).all():
        extent = f"{finished.min():.3g} to {finished.max():.3g}"
        dropped = f", {n_dropped} of them dropped by the race" if n_dropped else ""
        sentences.append(f"{n_restarts} restarts{dropped}, with losses of {extent}.")
    if n_diverged:
        whose = f"{n_diverged} of {n_restarts} restarts" if n_restarts > 1 else "Training"
        sentences.append(f"{whose} diverged: lower learning_rate_init, or scale X and y.")
    return sentences


def _describe_units(estimator: Any) -> str:
    layout = Layout.of(estimator.coefs_)
    theta = layout.row(estimator.coefs_, estimator.intercepts_)
    n_hidden = len(layout.fans) - 1
    activations = resolve_activations(estimator.activation, n_hidden)[:-1]
    rates = resolve_dropout(estimator.dropout, n_hidden) or [0.0] * n_hidden
    for symmetry in describe_symmetries(layout, theta, activations, rates, ALIKE).values():
        verdict = f"{symmetry.verdict[0].upper()}{symmetry.verdict[1:]}"
        return f"{'. '.join([verdict, *explain_symmetries([symmetry])])}."
    return "No unit is a copy of another."
