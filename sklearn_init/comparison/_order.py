"""Whether folds differ as those of sorted rows do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sklearn_init.comparison._folds import Fold
from sklearn_init.comparison._text import is_in_points

CHANCE = 1e-4
"""Folds of shuffled rows differ by as much in so few comparisons."""

LEAST = 0.05
"""Shares that differ by less are not worth a sentence."""


def differ_as_sorted_rows(scores: NDArray, folds: Sequence[Fold], metric: str) -> bool:
    """Whether folds differ by more than chance explains.

    It compares targets: shares of labels by the chi-squared test, means of numbers by analysis of
    variance. Scores that are shares of rows, such as accuracy, are compared with binomial ones.

    Parameters
    ----------
    scores : ndarray of shape (n_schemes, n_folds)
        Of the schemes that have learned.
    folds : sequence of Fold
    metric : str
    """
    targets = [np.asarray(fold.y_test) for fold in folds]
    return len(folds) > 1 and (
        _have_other_targets(targets) or _have_other_scores(scores, targets, metric)
    )


def _have_other_targets(targets: Sequence[NDArray]) -> bool:
    """Whether labels or numbers of one column differ between folds."""
    if any(y.ndim != 1 for y in targets):
        return False
    values, index = np.unique(np.concatenate(targets), return_inverse=True)
    if len(values) < 2:
        return False
    if targets[0].dtype.kind == "f":
        is_tested = all(len(y) > 1 and np.ptp(y) > 0 for y in targets)
        return is_tested and bool(stats.f_oneway(*targets).pvalue < CHANCE)
    fold = np.repeat(np.arange(len(targets)), [len(y) for y in targets])
    counts = np.zeros((len(values), len(targets)))
    np.add.at(counts, (index, fold), 1)
    return bool(stats.chi2_contingency(counts).pvalue < CHANCE)


def _have_other_scores(scores: NDArray, targets: Sequence[NDArray], metric: str) -> bool:
    """Whether scores that are shares of rows differ between folds."""
    if not (len(scores) and is_in_points(metric)):
        return False
    n_rows = np.array([len(y) for y in targets])
    found = scores.mean(axis=0)
    expected = float(np.average(found, weights=n_rows))
    if not 0 < expected < 1 or np.ptp(found) < LEAST:
        return False
    statistic = (n_rows * (found - expected) ** 2).sum() / (expected * (1 - expected))
    return bool(stats.chi2.sf(statistic, len(targets) - 1) < CHANCE)
