"""`diagnose`: send rows through the networks of an estimator, measure, and judge."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.data import apply_class_weight
from sklearn_init.diagnostics import (
    DIAGNOSTICS,
    Finding,
    Outcome,
    Trace,
    choose_rows,
    find_faults,
    judge_training,
    measure,
    trace,
)
from sklearn_init.estimators import (
    get_kept_networks,
    is_stochastic,
    resolve_activations,
    resolve_dropout,
)
from sklearn_init.inspection._diagnosis import Diagnosis
from sklearn_init.inspection._network import check_rows, enter_pipeline, make_objective
from sklearn_init.losses import LOSS_OF_OUTPUT
from sklearn_init.network import Features, Layout, Objective, make_passes
from sklearn_init.training import one_blas_thread

FEW_EPOCHS = 10
"""Fewer say nothing about what can be learned."""

MAX_JUDGED = 10_000
"""At most so many rows tell whether a network has learned."""


@with_default_errors
def diagnose(estimator: Any, X: Any, y: ArrayLike | None = None) -> Diagnosis:
    """Find out why a network does or does not learn.

    Some rows go through every kept network, without dropout, and back; what happens on the way is
    measured layer by layer, and judged. A finding says what is wrong, with numbers, what is to
    blame (initialization, data or training), and what to do. A trained network is compared with
    its start: what was healthy there, initialization is not to blame for.

    Parameters
    ----------
    estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
        After `initialize`, `fit` or `partial_fit`; or a fitted pipeline that ends in one, whose
        other steps transform `X`. After `initialize`, the kept network is that of restart 0.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows like those that train, two at least. At most 200 of them are looked at, chosen at
        even distances.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets. Without them there are no gradients (NaN), and the back-propagated signal
        is that of random directions in the output.

    Returns
    -------
    Diagnosis
        With `findings`, `is_healthy`, and an array of shape (n_restarts, n_layers) per measure;
        ``print`` shows all in a table and sentences.

    Raises
    ------
    NotFittedError
        If the estimator has no network yet.
    TypeError
        If it is not one of this package.
    ValueError
        If X or y do not fit the network, or X has one row only.

    See Also
    --------
    sklearn_init.SymmetryWarning : What `fit` says without being asked.
    sklearn_init.theory.predict_variances : What theory expects of the variance of signals.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.preprocessing import scale
    >>> from sklearn_init import InitMLPClassifier, Normal
    >>> from sklearn_init.inspection import diagnose
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = InitMLPClassifier(
    ...     (50,), activation="tanh", weight_init=Normal(1.0), bias_init=0.0, random_state=0
    ... )
    >>> diagnosis = diagnose(clf.initialize(scale(X), y), scale(X), y)
    >>> print(diagnosis.findings[0])  # doctest: +NORMALIZE_WHITESPACE
    hidden layer 1: 77% of tanh units are saturated, so that they pass no gradient; weights are 8x
    too large for 64 inputs; try weight_init="glorot_uniform".
    """
    estimator, X, y = enter_pipeline(estimator, X, y)
    X, targets = check_rows(estimator, X, y)
    is_trained = estimator.n_iter_ > 0
    objective = _make_objective(estimator, X, y, targets) if is_trained else None
    losses = np.full((len(estimator.kept_restarts_), 2), np.nan)
    with one_blas_thread:  # faster: matrices are small
        traces, findings = [], []
        for position, (weights, biases) in enumerate(get_kept_networks(estimator)):
            traced = _trace(estimator, weights, biases, X, targets)
            measures = measure(traced)
            faults = find_faults(traced, measures)
            if is_trained:
                start_faults = _find_faults_of_start(estimator, position, X, targets)
                if objective is not None:
                    losses[position] = _compare_with_constant(objective, weights, biases)
                outcome = _describe_outcome(estimator, position, *losses[position].tolist())
                faults = judge_training(faults, start_faults, outcome)
            traces.append(measures)
            findings.append(faults)
    return Diagnosis(
        {name: np.stack([measures[name] for measures in traces]) for name in DIAGNOSTICS},
        merge_findings(findings, estimator.kept_restarts_),
        restarts=estimator.kept_restarts_.copy(),
        sizes=Layout.of(estimator.coefs_).sizes,
        n_rows=traced.n_rows,
        is_trained=is_trained,
        losses=losses,
    )


def merge_findings(findings: Sequence[Sequence[Finding]], restarts: NDArray) -> list[Finding]:
    """Return one finding per name, that of the first restart that has it, and all that do."""
    merged: dict[str, Finding] = {}
    for restart, found in zip(restarts.tolist(), findings, strict=True):
        for finding in found:
            first = merged.get(finding.name, finding)
            merged[finding.name] = replace(first, restarts=(*first.restarts, restart))
    return list(merged.values())


def _trace(
    estimator: Any,
    weights: Sequence[NDArray],
    biases: Sequence[NDArray],
    X: Features,
    targets: NDArray | None,
) -> Trace:
    layout = Layout.of(weights)
    n_hidden = len(weights) - 1
    return trace(
        layout,
        layout.row(weights, biases),
        resolve_activations(estimator.activation, n_hidden)[:-1],
        LOSS_OF_OUTPUT[estimator.out_activation_],
        X,
        targets,
        resolve_dropout(estimator.dropout, n_hidden),
    )


def _find_faults_of_start(
    estimator: Any, position: int, X: Features, targets: NDArray | None
) -> list[Finding] | None:
    """Return what is wrong with the start of a kept network; None if a file has left it out."""
    if position == 0:
        if not hasattr(estimator, "initial_coefs_"):
            return None
        weights, biases = estimator.initial_coefs_, estimator.initial_intercepts_
    else:
        start = estimator._training.restarts[estimator.kept_restarts_[position]].start
        if not start.size:
            return None
        weights, biases = Layout.of(estimator.coefs_).views(start)
    traced = _trace(estimator, weights, biases, X, targets)
    return find_faults(traced, measure(traced))


def _make_objective(
    estimator: Any, X: Features, y: ArrayLike | None, targets: NDArray | None
) -> Objective | None:
    """Return the loss on the rows with class weights and without a penalty; None without y."""
    if targets is None:
        return None
    rows, weights = choose_rows(X.shape[0], MAX_JUDGED), None
    if getattr(estimator, "class_weight", None) is not None:
        labels = y if issparse(y) else np.asarray(y)
        weights = apply_class_weight(estimator.class_weight, labels, None, targets.dtype)[rows]
    return make_objective(estimator, X[rows], targets[rows], sample_weight=weights)


def _compare_with_constant(
    objective: Objective, weights: Sequence[NDArray], biases: Sequence[NDArray]
) -> tuple[float, float]:
    """Return the losses of a network and of the best constant, the weighted mean."""
    y, sample_weight = objective.targets()
    mean = np.average(y.astype(np.float64), axis=0, weights=sample_weight)
    constant = np.broadcast_to(mean, y.shape).copy()
    reported = objective.loss.reported(constant, y)
    theta = objective.layout.row(weights, biases).astype(y.dtype)
    with np.errstate(all="ignore"):  # of networks that diverged
        loss = make_passes(objective).loss(theta)
    return float(loss), float(np.average(reported, weights=sample_weight))


def _describe_outcome(estimator: Any, position: int, loss: float, constant_loss: float) -> Outcome:
    index, record = estimator.kept_restarts_[position], estimator.restarts_
    in_epochs = is_stochastic(estimator.solver)
    rate = f"learning_rate_init={estimator.learning_rate_init!r}"
    return Outcome(
        loss,
        constant_loss,
        last_loss=float(record["loss"][index]),
        start_loss=float(record.start_loss[index]),
        diverged=bool(record["diverged"][index]),
        has_just_begun=in_epochs and np.isfinite(record.loss_curves[index]).sum() < FEW_EPOCHS,
        step=rate if in_epochs else "the scale of X and y",
        penalty=f"alpha={estimator.alpha!r}",
        others=f"max_iter={estimator.max_iter!r}",
    )
