"""From outcomes to arrays of schemes, folds and restarts, and from these to columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sklearn_init.comparison._run import Outcome
from sklearn_init.comparison._statistics import (
    Friedman,
    correct_by_holm,
    estimate_mean,
    find_wilcoxon_p,
    rank_schemes,
    subtract,
)

MARGIN = 0.01
"""The share of the way from the dummy's score to the fold's best one that counts as no way."""


def stack(outcomes: Sequence[Outcome], shape: tuple[int, int, int]) -> dict[str, NDArray]:
    """Return what became of restarts as arrays, filled up with NaN where a fit failed.

    Parameters
    ----------
    outcomes : sequence of Outcome
    shape : tuple of int
        (n_schemes, n_folds, n_restarts)

    Returns
    -------
    dict
        Arrays of that shape, or of its first two axes, and `loss_curves` with one more axis.
    """
    curves = [outcome.arrays["loss_curves"] for outcome in outcomes if outcome.arrays]
    n_epochs = max(each.shape[1] for each in curves)
    stacked = {
        "scores": np.full(shape, np.nan),
        "losses": np.full(shape, np.nan),
        "n_iter": np.zeros(shape, dtype=int),
        "diverged": np.zeros(shape, dtype=bool),
        "loss_curves": np.full((*shape, n_epochs), np.nan),
        "chosen_scores": np.full(shape[:2], np.nan),
        "fit_times": np.full(shape[:2], np.nan),
    }
    for outcome in outcomes:
        for name, value in outcome.arrays.items():
            place = stacked[name][outcome.scheme, outcome.fold, ...]
            if name == "loss_curves":
                place = place[:, : value.shape[1]]
            place[...] = value
    return stacked


def find_failed_folds(outcomes: Sequence[Outcome], n_schemes: int) -> dict[int, str]:
    """Return the first error by the index of a fold on which all schemes failed."""
    errors: dict[int, list[str]] = {}
    for outcome in outcomes:
        if outcome.error:
            errors.setdefault(outcome.fold, []).append(outcome.error)
    return {fold: found[0] for fold, found in sorted(errors.items()) if len(found) == n_schemes}


def find_target_losses(losses: NDArray, diverged: NDArray) -> NDArray:
    """Return the loss the median restart of a scheme ends with, per fold.

    Parameters
    ----------
    losses, diverged : ndarray of shape (n_folds, n_restarts)

    Returns
    -------
    ndarray of shape (n_folds,)
        Of an even number the larger one of the two in the middle, so that half of the restarts
        get there; NaN if half of them diverged.
    """
    ordered = np.sort(np.where(diverged | np.isnan(losses), np.inf, losses), axis=1)
    median = ordered[:, ordered.shape[1] // 2]
    return np.where(np.isfinite(median), median, np.nan)


def count_epochs(loss_curves: NDArray, targets: NDArray) -> NDArray:
    """Return after how many epochs the loss was at most the target of its fold; NaN for never.

    Parameters
    ----------
    loss_curves : ndarray of shape (n_schemes, n_folds, n_restarts, n_epochs)
    targets : ndarray of shape (n_folds,)

    Returns
    -------
    ndarray of shape (n_schemes, n_folds, n_restarts)
    """
    if not loss_curves.shape[-1]:  # L-BFGS has no curves
        return np.full(loss_curves.shape[:-1], np.nan)
    there = loss_curves <= targets[:, np.newaxis, np.newaxis]
    return np.where(there.any(axis=-1), there.argmax(axis=-1) + 1.0, np.nan)


def find_failed(
    scores: NDArray, diverged: NDArray, dummy_scores: NDArray, is_error: NDArray
) -> NDArray:
    """Return which restarts diverged, or score no better than a dummy, but for one percent.

    The percent is that of the way from the dummy to the best score of any scheme in the fold:
    where outputs are numbers, a network without hidden units is never quite the dummy.

    Parameters
    ----------
    scores, diverged : ndarray of shape (n_schemes, n_folds, n_restarts)
    dummy_scores : ndarray of shape (n_folds,)
    is_error : ndarray of shape (n_schemes, n_folds)
        Where there is no network at all.
    """
    best = np.where(np.isnan(scores), -np.inf, scores).max(axis=(0, 2))
    limits = dummy_scores + MARGIN * np.maximum(best - dummy_scores, 0)
    return (scores <= limits[:, np.newaxis]) | diverged | is_error[:, :, np.newaxis]


def make_columns(
    arrays: dict[str, NDArray], baseline: int, test_over_train: float, coverage: float
) -> tuple[dict[str, NDArray], Friedman | None]:
    """Return columns with an entry per scheme, and the test of ranks, if there can be one.

    The unit of every interval and test is a fold, and its score the mean over restarts: restarts
    of a fold share its rows, so that counting each would make few data look like many.

    Parameters
    ----------
    arrays : dict
        What `stack` returns, with `failed` and `epochs_to_loss`.
    baseline : int
    test_over_train, coverage : float
    """
    per_fold = arrays["scores"].mean(axis=2)
    differences = subtract(per_fold, per_fold[baseline])
    scores = [estimate_mean(row, test_over_train, coverage) for row in per_fold]
    gains = [estimate_mean(row, test_over_train, coverage) for row in differences]
    is_tested = np.isfinite(per_fold).all(axis=1) & np.isfinite(per_fold[baseline]).all()
    is_tested[baseline] = False
    wilcoxon = [find_wilcoxon_p(row) if np.isfinite(row).all() else 1.0 for row in differences]
    friedman = _rank(per_fold, coverage)
    mean_ranks = np.full(len(per_fold), np.nan)
    if friedman is not None:
        mean_ranks[np.isfinite(per_fold).all(axis=1)] = friedman.mean_ranks
    means = _get(scores, "mean")
    p_values = np.where(is_tested, _get(gains, "p_value"), np.nan)
    columns = {
        "mean_test_score": means,
        "std_test_score": per_fold.std(axis=1),
        "lower": _get(scores, "lower"),
        "upper": _get(scores, "upper"),
        "rank_test_score": stats.rankdata(
            -np.where(np.isnan(means), -np.inf, means), method="min"
        ).astype(int),
        "mean_rank": mean_ranks,
        "mean_chosen_score": arrays["chosen_scores"].mean(axis=1),
        "std_restarts": _pool_restarts(arrays["scores"]),
        "failure_rate": arrays["failed"].mean(axis=(1, 2)),
        "median_epochs": _find_median(arrays["epochs_to_loss"]),
        "mean_fit_time": _mean_of_known(arrays["fit_times"]),
        "difference": _get(gains, "mean"),
        "difference_lower": _get(gains, "lower"),
        "difference_upper": _get(gains, "upper"),
        "p_value": p_values,
        "p_value_holm": correct_by_holm(p_values),
        "p_value_wilcoxon": correct_by_holm(np.where(is_tested, wilcoxon, np.nan)),
    }
    return columns, friedman


def _rank(per_fold: NDArray, coverage: float) -> Friedman | None:
    """Return the test of ranks of the schemes that have scores on all folds."""
    known = per_fold[np.isfinite(per_fold).all(axis=1)]
    return rank_schemes(known, coverage) if min(known.shape) > 1 else None


def _get(estimates: Sequence[Any], name: str) -> NDArray:
    return np.array([getattr(estimate, name) for estimate in estimates])


def _pool_restarts(scores: NDArray) -> NDArray:
    """Return the standard deviation between restarts of the same fold; NaN for one restart."""
    if scores.shape[2] == 1:
        return np.full(len(scores), np.nan)
    return np.sqrt(scores.var(axis=2, ddof=1).mean(axis=1))


def _find_median(epochs: NDArray) -> NDArray:
    """Return the median over folds and restarts; NaN if half of them never get there."""
    medians = np.median(np.where(np.isnan(epochs), np.inf, epochs), axis=(1, 2))
    return np.where(np.isfinite(medians), medians, np.nan)


def _mean_of_known(values: NDArray) -> NDArray:
    known = np.isfinite(values)
    sums = np.where(known, values, 0).sum(axis=1)
    return np.where(known.any(axis=1), sums / np.maximum(known.sum(axis=1), 1), np.nan)
