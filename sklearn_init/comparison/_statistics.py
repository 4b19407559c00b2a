"""Tests and intervals for scores of cross-validation: arrays in, numbers out.

The folds of a cross-validation share training rows, so that their scores vary together and the
usual t test sees too many differences; the corrected one allows for it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

FEW = 4
"""From fewer equal values, nothing is said of how they vary."""

ROUNDING = 1e-12
"""Values that differ by less, as a share of the largest one, are equal."""


@dataclass(frozen=True)
class Estimate:
    """A mean over folds, with its interval and the test of whether it is zero.

    Attributes
    ----------
    mean : float
    lower, upper : float
        The interval; NaN for a single fold, or for two or three of equal values.
    p_value : float
        Two-sided; NaN for a single fold, or for two or three of equal values other than zero.
    """

    mean: float
    lower: float
    upper: float
    p_value: float


def estimate_mean(values: ArrayLike, test_over_train: float, coverage: float = 0.95) -> Estimate:
    """Return the mean over folds by the corrected resampled t test of Nadeau and Bengio.

    ::

        t = mean / sqrt((1 / n + n_test / n_train) s^2),    n - 1 degrees of freedom

    where s^2 is the variance of the n values [1]_. With repeated cross-validation, n counts the
    folds of all repetitions [2]_, and the second term keeps many of them from pretending to be
    many data sets: it does not become smaller.

    Parameters
    ----------
    values : array-like of shape (n,)
        One score, or difference of scores, per fold.
    test_over_train : float
        The number of test rows over that of training rows.
    coverage : float, default=0.95
        The probability of the interval.

    Returns
    -------
    Estimate
        Where all values are equal, but for rounding, the interval is a point, and the p value 1 if
        they are zero and 0 if not. Two or three that are equal have neither (NaN): shares of few
        test rows are whole numbers of rows, which two folds have in common by chance in about a
        tenth of all comparisons, without a variance of zero. Only zeros have a p value then,
        which is 1 whatever the variance is.

    References
    ----------
    .. [1] Nadeau and Bengio. "Inference for the generalization error". Machine Learning 52, 2003.
    .. [2] Bouckaert and Frank. "Evaluating the replicability of significance tests for comparing
       learning algorithms". PAKDD 2004.

    Examples
    --------
    >>> estimate = estimate_mean([0.01, 0.03, 0.02, 0.02, 0.02], test_over_train=1 / 4)
    >>> round(estimate.p_value, 3)
    0.014
    """
    values = np.asarray(values, dtype=np.float64)
    n, mean = len(values), float(values.mean())
    if n < 2:
        return Estimate(mean, np.nan, np.nan, np.nan)
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        known = n >= FEW
        end = mean if known else np.nan
        return Estimate(mean, end, end, float(mean == 0) if known or mean == 0 else np.nan)
    error = float(np.sqrt((1 / n + test_over_train) * values.var(ddof=1)))
    half = float(special.stdtrit(n - 1, (1 + coverage) / 2)) * error
    p_value = 2 * special.stdtr(n - 1, -abs(mean) / error)
    return Estimate(mean, mean - half, mean + half, float(p_value))


def subtract(a: NDArray, b: NDArray) -> NDArray:
    """Return the differences of scores, 0 where they are rounding errors of means."""
    with np.errstate(invalid="ignore"):  # of schemes that could not be trained
        differences = a - b
        is_rounding = np.abs(differences) <= ROUNDING * np.maximum(np.abs(a), np.abs(b))
    return np.where(is_rounding, 0.0, differences)


def find_wilcoxon_p(differences: ArrayLike) -> float:
    """Return the two-sided p value of Wilcoxon's signed-rank test.

    It is exact for any number of differences and with ties: the sum of the ranks of positive
    differences is compared with its law if each sign came up by chance. Differences of zero are
    left out, and if all are, the p value is 1. From n differences it cannot be below
    ``2 ** (1 - n)``, which is 0.06 for five folds.

    Parameters
    ----------
    differences : array-like of shape (n,)
    """
    signed = np.asarray(differences, dtype=np.float64)
    signed = signed[signed != 0]
    # twice the ranks, which are whole numbers with ties, too
    ranks = np.rint(2 * stats.rankdata(np.abs(signed))).astype(int)
    chances = np.ones(1)
    for rank in ranks:
        raised = np.zeros(len(chances) + rank)
        raised[: len(chances)] += chances / 2
        raised[rank:] += chances / 2
        chances = raised
    total = ranks[signed > 0].sum()
    tail = min(chances[: total + 1].sum(), chances[total:].sum())
    return float(min(1.0, 2 * tail))


def correct_by_holm(p_values: ArrayLike) -> NDArray:
    """Return p values that allow for their number: the k-th smallest of m times m - k + 1 [1]_.

    Below 0.05, fewer than one in twenty families of comparisons has a false alarm.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        NaN, where there was no test, stays NaN and is not counted.

    References
    ----------
    .. [1] Holm. "A simple sequentially rejective multiple test procedure". Scand. J. Statist. 6,
       1979.

    Examples
    --------
    >>> correct_by_holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(p_values.shape, np.nan)
    order = np.argsort(p_values)[: np.isfinite(p_values).sum()]
    raised = p_values[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return corrected


@dataclass(frozen=True)
class Friedman:
    """What Friedman's test says of the ranks of schemes within folds.

    Attributes
    ----------
    mean_ranks : ndarray of shape (n_schemes,)
        1 is the best; equal scores share the mean of their ranks.
    statistic, p_value : float
        Chi-squared, corrected for ties, with ``n_schemes - 1`` degrees of freedom.
    critical_difference : float
        Two schemes whose mean ranks differ by as much or more differ, says Nemenyi's test at the
        level ``1 - coverage``.
    """

    mean_ranks: NDArray
    statistic: float
    p_value: float
    critical_difference: float


def rank_schemes(scores: ArrayLike, coverage: float = 0.95) -> Friedman:
    """Return Friedman's test and Nemenyi's critical difference, as Demšar has them [1]_.

    ::

        chi^2 = (k - 1) sum_j (R_j - n (k + 1) / 2)^2 / (sum_ij r_ij^2 - n k (k + 1)^2 / 4)
        CD = q sqrt(k (k + 1) / (6 n)),    q from the studentized range, over sqrt(2)

    for ranks r_ij in n folds, with sums R_j over folds. The test takes folds for independent of
    each other, as data sets are; they are not quite.

    Parameters
    ----------
    scores : array-like of shape (n_schemes, n_folds)
        Two schemes or more; higher is better.
    coverage : float, default=0.95

    References
    ----------
    .. [1] Demšar. "Statistical comparisons of classifiers over multiple data sets". JMLR 7, 2006.
    """
    ranks = stats.rankdata(-np.asarray(scores, dtype=np.float64), axis=0)
    k, n = ranks.shape
    between = ((ranks.sum(axis=1) - n * (k + 1) / 2) ** 2).sum()
    total = (ranks**2).sum() - n * k * (k + 1) ** 2 / 4
    statistic = float((k - 1) * between / total) if total > 0 else 0.0
    p_value = float(stats.chi2.sf(statistic, k - 1))
    difference = find_critical_difference(k, n, coverage)
    return Friedman(ranks.mean(axis=1), statistic, p_value, difference)


@lru_cache
def find_critical_difference(n_schemes: int, n_folds: int, coverage: float = 0.95) -> float:
    """Return Nemenyi's critical difference of mean ranks.

    Examples
    --------
    >>> round(find_critical_difference(4, 14), 2)  # the example of Demšar, 2006
    1.25
    """
    quantile = stats.studentized_range.ppf(coverage, n_schemes, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(n_schemes * (n_schemes + 1) / (6 * n_folds)))
