"""Training every scheme on every fold: one parallel pass, gathered in any order."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sklearn_init.comparison._folds import Cut, Fold, Scorer, leave_out_exception
from sklearn_init.estimators import resolve_activations, resolve_sizes
from sklearn_init.exceptions import DivergedError, SymmetryWarning
from sklearn_init.network import is_compiled
from sklearn_init.training import StopFlag, Workers, one_blas_thread

COST = 1e12
"""The multiplications workers are told of: enough for each fit to be a task of its own."""

KNOWN: tuple[tuple[type[Warning], str], ...] = (
    (ConvergenceWarning, ""),
    (SymmetryWarning, ""),
    (UserWarning, r"n_restarts=\d+, but all starts are equal"),
)
"""Warnings of fits that say what the record shows."""


@dataclass(frozen=True)
class Cell:
    """A scheme on a fold, to be trained.

    Attributes
    ----------
    index : int
    scheme : int
        The number of the scheme.
    network : InitMLPClassifier or InitMLPRegressor
        Not fitted; all its restarts are trained to the end.
    fold : Fold
    """

    index: int
    scheme: int
    network: Any
    fold: Fold


@dataclass(frozen=True)
class Outcome:
    """What became of a cell.

    Attributes
    ----------
    index, scheme, fold : int
    error : str
        What went wrong; empty if nothing did.
    exception : Exception or None
    arrays : dict
        By name of what `stack` makes of them; empty after an error. Per restart `scores` on the
        test rows, where one that diverged has what `fill_scores` says, `losses`, `n_iter`,
        `diverged` and `loss_curves`; for the whole fit `chosen_scores`, of what the estimator
        predicts with, and `fit_times`, seconds on the wall.
    """

    index: int
    scheme: int
    fold: int
    error: str = ""
    exception: Exception | None = None
    arrays: dict[str, Any] = field(default_factory=dict)

    __getstate__ = leave_out_exception


def run(
    networks: Sequence[Any],
    cuts: Sequence[Cut],
    prepare: Callable[[Cut], Fold],
    seeds: Sequence[int],
    scorer: Scorer,
    n_jobs: int | None,
    tell: Callable[[Outcome], None],
) -> tuple[list[Fold], list[Outcome]]:
    """Train every network on every fold, over joblib's workers.

    Parameters
    ----------
    networks : sequence of InitMLPClassifier or InitMLPRegressor
        One per scheme.
    cuts : sequence of Cut
    prepare : callable
        Makes the fold of a cut.
    seeds : sequence of int
        The random state of all networks, per fold.
    scorer : callable
    n_jobs : int or None
    tell : callable
        Called with every outcome as it comes.

    Returns
    -------
    folds : list of Fold
    outcomes : list of Outcome
        In the order of folds, then networks.
    """
    stop = StopFlag()
    with telling_warnings_once(), Workers(n_jobs, prefer_threads(networks[0])) as workers:
        try:
            folds = in_order(workers.run(prepare, cuts, COST))
            cells = [
                Cell(
                    fold.index * len(networks) + i,
                    i,
                    clone(network).set_params(random_state=seeds[fold.index]),
                    fold,
                )
                for fold in folds
                for i, network in enumerate(networks)
            ]
            outcomes = []
            work = partial(train, scorer=scorer, stop=stop)
            for outcome in workers.run(work, cells, COST):
                tell(outcome)
                outcomes.append(outcome)
        except BaseException:
            stop.request()  # threads would train on
            raise
    return folds, in_order(outcomes)


def in_order(results: Any) -> list[Any]:
    """Return results by their index."""
    return sorted(results, key=lambda result: result.index)


def train(cell: Cell, scorer: Scorer, stop: StopFlag) -> Outcome:
    """Train and score a cell; what goes wrong is part of the outcome."""
    outcome = Outcome(cell.index, cell.scheme, cell.fold.index)
    if cell.fold.error:
        return replace(outcome, error=cell.fold.error, exception=cell.fold.exception)
    with stop, one_blas_thread:
        if stop.is_requested():  # nobody waits for it
            return outcome
        try:
            return _train(cell, scorer, stop, outcome)
        except Exception as error:
            return replace(outcome, error=f"{type(error).__name__}: {error}", exception=error)


def _train(cell: Cell, scorer: Scorer, stop: StopFlag, outcome: Outcome) -> Outcome:
    network, fold, begin, is_lost = cell.network, cell.fold, perf_counter(), False
    network._stop = stop
    try:
        network.fit(fold.X_train, fold.y_train)
    except DivergedError:
        is_lost = True
    time = perf_counter() - begin
    if not is_lost:  # what was found in a checkpoint took time, too
        time = max(time, network.restarts_["time"].sum())
    if stop.is_requested():  # what the fit left is of no use
        return outcome
    n_restarts = network.n_restarts
    arrays = describe_loss(n_restarts) if is_lost else describe_restarts(network, fold, scorer)
    return replace(outcome, arrays={**fill_scores(arrays, fold), "fit_times": time})


def describe_loss(n_restarts: int) -> dict[str, Any]:
    """Return the arrays of an outcome, but for times, if a fit leaves nothing finite."""
    return {
        "scores": np.full(n_restarts, np.nan),
        "chosen_scores": np.nan,
        "losses": np.full(n_restarts, np.inf),
        "n_iter": np.zeros(n_restarts, dtype=int),
        "diverged": np.ones(n_restarts, dtype=bool),
        "loss_curves": np.empty((n_restarts, 0)),
    }


def describe_restarts(network: Any, fold: Fold, scorer: Scorer) -> dict[str, Any]:
    """Return those of a fitted network; scores are NaN where a restart diverged."""
    restarts = network.restarts_
    scores = [
        np.nan if diverged else judge(network.restart(index), fold, scorer)
        for index, diverged in enumerate(restarts["diverged"])
    ]
    diverged = np.isnan(scores)
    return {
        "scores": np.array(scores),
        "chosen_scores": np.nan if diverged.all() else judge(network, fold, scorer),
        "losses": restarts["loss"],
        "n_iter": restarts["n_iter"],
        "diverged": diverged,
        "loss_curves": restarts.loss_curves,
    }


def judge(network: Any, fold: Fold, scorer: Scorer) -> float:
    """Return the score of a network on the test rows; NaN if its predictions are not finite."""
    try:
        score = float(scorer(fold.adapt(network), fold.X_test, fold.y_test))
        if np.isfinite(score):
            return score
        raise ValueError(f"the score on fold {fold.index + 1} is not finite: {score}.")
    except Exception:
        if np.isfinite(network._predict_outputs(fold.X_test)).all():
            raise
        return np.nan


def fill_scores(arrays: dict[str, Any], fold: Fold) -> dict[str, Any]:
    """Return arrays in which what diverged, whose score is NaN, has that of a dummy.

    Where the scorer cannot judge a dummy, as it asks for what only networks have, it is the worst
    score of the other restarts: those of other schemes must not change it.
    """
    scores, chosen, substitute = arrays["scores"], arrays["chosen_scores"], fold.dummy_score
    is_known = np.isfinite(scores)
    if is_known.all() and np.isfinite(chosen):
        return arrays
    if not np.isfinite(substitute):
        if not is_known.any():
            raise ValueError(
                f"all restarts diverged on fold {fold.index + 1}, and scoring cannot judge a "
                "dummy, whose score they would have: lower learning_rate_init, or scale X and y."
            )
        substitute = scores[is_known].min()
    return {
        **arrays,
        "scores": np.where(is_known, scores, substitute),
        "chosen_scores": chosen if np.isfinite(chosen) else substitute,
    }


def prefer_threads(network: Any) -> str | None:
    """Return what joblib should prefer: threads where the compiled engine trains."""
    sizes = resolve_sizes(network.hidden_layer_sizes, "hidden_layer_sizes")
    activations = resolve_activations(network.activation, len(sizes))[:-1]
    return "threads" if is_compiled(activations) else None


@contextmanager
def telling_warnings_once() -> Iterator[None]:
    """Keep back warnings of fits: those that the record shows, and repetitions of others."""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            yield
    finally:  # also after Ctrl-C
        tell_once(caught)


def tell_once(caught: Sequence[warnings.WarningMessage]) -> None:
    """Warn once of each thing that the record does not show."""
    told = set()
    for warning in caught:
        text = str(warning.message)
        # only now, as scikit-learn sets the filters of threads anew
        if any(issubclass(warning.category, c) and re.match(m, text) for c, m in KNOWN):
            continue
        if (warning.category, text) not in told:
            told.add((warning.category, text))
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
