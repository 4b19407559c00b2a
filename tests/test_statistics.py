"""The statistics of comparisons: against SciPy, published tables and numbers done by hand."""

import numpy as np
import pytest
from scipy import stats

from sklearn_init.comparison._columns import (
    _find_median,
    count_epochs,
    find_failed,
    find_target_losses,
)
from sklearn_init.comparison._statistics import (
    correct_by_holm,
    estimate_mean,
    find_critical_difference,
    find_wilcoxon_p,
    rank_schemes,
    subtract,
)
from sklearn_init.comparison._variance import measure_spread, share_variance, split_variance

VALUES = np.array([0.031, -0.012, 0.027, 0.008, 0.019, 0.004, 0.022])


def test_means_that_differ_by_rounding_do_not_differ():
    a = np.array([0.1 + 0.2, 0.9, -5e20, np.nan, 1e-9, 0.0])
    b = np.array([0.3, 0.8, -5e20 * (1 - 1e-15), 0.5, 0.0, 0.0])
    np.testing.assert_allclose(subtract(a, b), [0, 0.1, 0, np.nan, 1e-9, 0], rtol=1e-12)
    assert subtract(a, b)[0] == 0


def test_without_shared_rows_the_corrected_test_is_the_t_test():
    found = estimate_mean(VALUES, test_over_train=0.0, coverage=0.9)
    expected = stats.ttest_1samp(VALUES, 0)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.lower, found.upper) == pytest.approx(expected.confidence_interval(0.9))


def test_the_corrected_test_adds_the_ratio_of_rows_to_one_over_the_number_of_folds():
    found = estimate_mean(VALUES, test_over_train=1 / 6)
    t = VALUES.mean() / np.sqrt((1 / 7 + 1 / 6) * VALUES.var(ddof=1))
    assert found.p_value == pytest.approx(2 * stats.t.sf(t, 6))
    half = stats.t.ppf(0.975, 6) * VALUES.mean() / t
    assert (found.lower, found.upper) == pytest.approx((found.mean - half, found.mean + half))


def test_repeating_folds_does_not_make_differences_certain():
    once, often = estimate_mean(VALUES, 1 / 6), estimate_mean(np.tile(VALUES, 1000), 1 / 6)
    # what is left is the correction: t cannot exceed mean / (s sqrt(n_test / n_train))
    assert often.p_value == pytest.approx(
        2 * stats.norm.sf(VALUES.mean() / (VALUES.std() * np.sqrt(1 / 6))), rel=1e-2
    )
    assert stats.ttest_1samp(np.tile(VALUES, 1000), 0).pvalue < 1e-100 < often.p_value
    assert often.upper - often.lower < once.upper - once.lower


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0] * 5, (0, 0, 1.0)),
        ([0.25] * 5, (0.25, 0.25, 0.0)),
        ([0.25], (np.nan,) * 3),
        # two or three equal ones do not tell how they vary
        ([0.1] * 2, (np.nan,) * 3),
        ([0.1, 0.1 + 1e-16, 0.1], (np.nan,) * 3),
        ([0.0] * 3, (np.nan, np.nan, 1.0)),
        ([0.25] * 4, (0.25, 0.25, 0.0)),
    ],
)
def test_equal_differences_and_a_single_one_have_their_say(values, expected):
    found = estimate_mean(values, 0.25)
    np.testing.assert_equal((found.lower, found.upper, found.p_value), expected)


@pytest.mark.parametrize("n", [1, 5, 13, 24])
def test_signed_ranks_without_ties_are_those_of_scipy(n):
    differences = np.random.default_rng(n).normal(0.4, size=n)
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert find_wilcoxon_p(differences) == pytest.approx(expected)


def test_signed_ranks_with_ties_and_zeros_are_those_of_all_changes_of_signs():
    differences = np.array([0.0, 1.0, 1.0, -1.0, 3.0, 3.0, 4.0, -2.0])
    ranks = stats.rankdata(np.abs(differences[1:]))
    signs = np.array(np.meshgrid(*[[0, 1]] * 7)).reshape(7, -1)
    sums, total = ranks @ signs, ranks[differences[1:] > 0].sum()
    expected = 2 * min((sums <= total).mean(), (sums >= total).mean())
    assert find_wilcoxon_p(differences) == pytest.approx(expected)
    assert find_wilcoxon_p(-differences) == pytest.approx(expected)


def test_signed_ranks_of_few_folds_cannot_be_significant():
    assert find_wilcoxon_p(np.arange(1, 6)) == 2 / 2**5
    assert find_wilcoxon_p(np.zeros(5)) == 1


def test_holm_raises_p_values_in_order_and_leaves_out_what_was_not_tested():
    found = correct_by_holm([0.04, np.nan, 0.01, 0.03, 0.9, 0.5])
    np.testing.assert_allclose(found, [0.12, np.nan, 0.05, 0.12, 1, 1])


def test_friedman_is_that_of_scipy_with_ties():
    scores = np.random.default_rng(0).integers(0, 6, (5, 11)).astype(float)
    found, expected = rank_schemes(scores), stats.friedmanchisquare(*scores)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.mean_ranks.sum() == pytest.approx(15)


def test_the_highest_score_has_rank_one():
    found = rank_schemes([[3.0, 3.0], [5.0, 2.0], [4.0, 1.0]])
    assert found.mean_ranks.tolist() == [2, 1.5, 2.5]
    assert rank_schemes(np.ones((3, 4))).p_value == 1


def test_critical_differences_are_those_of_demsars_table():
    # Table 5a: q for a level of 0.05 and 0.1, and 2, ..., 10 classifiers
    table = {
        0.95: [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164],
        0.9: [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920],
    }
    for coverage, quantiles in table.items():
        for k, q in enumerate(quantiles, start=2):
            found = find_critical_difference(k, 14, coverage) / np.sqrt(k * (k + 1) / (6 * 14))
            assert found == pytest.approx(q, abs=2e-3)


def test_components_of_variance_are_found_again():
    rng = np.random.default_rng(0)
    n_schemes, n_folds, n_restarts = 61, 53, 7
    truth = {"scheme": 4.0, "fold": 9.0, "restart": 1.0, "rest": 2.0}
    scores = (
        rng.normal(0, 2, (n_schemes, 1, 1))
        + rng.normal(0, 3, (1, n_folds, 1))
        + rng.normal(0, np.sqrt(2), (n_schemes, n_folds, 1))
        + rng.normal(0, 1, (n_schemes, n_folds, n_restarts))
    )
    found = split_variance(scores)
    assert found["restart"] == pytest.approx(1, rel=0.03)
    assert found["rest"] == pytest.approx(2, rel=0.1)
    for source in ("scheme", "fold"):
        assert found[source] == pytest.approx(truth[source], rel=0.6)
    assert sum(share_variance(found).values()) == pytest.approx(1)


def test_components_of_variance_are_unbiased_where_they_are_not_cut_off():
    rng = np.random.default_rng(1)
    draws = [
        split_variance(
            rng.normal(0, 3, (4, 1, 1))
            + rng.normal(0, 3, (1, 5, 1))
            + rng.normal(0, 2, (4, 5, 1))
            + rng.normal(0, 1, (4, 5, 3))
        )
        for _ in range(700)
    ]
    means = {source: np.mean([draw[source] for draw in draws]) for source in draws[0]}
    assert means == pytest.approx({"scheme": 9, "fold": 9, "restart": 1, "rest": 4}, rel=0.1)


def test_components_of_variance_are_those_done_by_hand_and_never_negative():
    # means of cells 2 6 / 3 7: no interaction; restarts one apart of the mean
    scores = np.array([[[1.0, 3.0], [5.0, 7.0]], [[2.0, 4.0], [6.0, 8.0]]])
    expected = {"scheme": 0.5, "fold": 8.0, "restart": 2.0, "rest": 0.0}
    assert split_variance(scores) == pytest.approx(expected)
    crossed = split_variance([[[1.0], [2.0]], [[2.0], [1.0]]])
    np.testing.assert_equal(crossed, {"scheme": 0.0, "fold": 0.0, "restart": np.nan, "rest": 1.0})
    assert share_variance(split_variance(np.ones((2, 3, 4))))["fold"] == 0


def test_the_spread_is_that_of_means():
    scores = np.random.default_rng(2).normal(size=(3, 5, 7))
    found = measure_spread(scores)
    assert found["scheme"] == pytest.approx(scores.mean(axis=(1, 2)).std(ddof=1))
    assert found["fold"] == pytest.approx(scores.mean(axis=(0, 2)).std(ddof=1))
    assert found["restart"] == pytest.approx(np.sqrt(scores.var(axis=2, ddof=1).mean()))
    np.testing.assert_equal(list(measure_spread([[[1.0]]]).values()), [np.nan] * 3)


def test_epochs_are_counted_until_the_loss_of_the_median_restart():
    losses = np.array([[0.5, 0.1, 0.3, 0.2], [0.7, np.nan, 0.4, 9.0]])
    diverged = np.array([[False] * 4, [False, False, False, True]])
    targets = find_target_losses(losses, diverged)
    np.testing.assert_array_equal(targets, [0.3, np.nan])
    curves = np.array([[[[0.9, 0.3, 0.4], [0.5, 0.31, np.nan]], [[0.1, 0.1, 0.1]] * 2]])
    np.testing.assert_array_equal(count_epochs(curves, targets), [[[2, np.nan], [np.nan] * 2]])
    assert np.isnan(count_epochs(curves[..., :0], targets)).all()


def test_half_of_the_restarts_must_get_there_for_a_median():
    epochs = np.array([[[3.0, np.nan, 5.0]], [[np.nan, np.nan, 2.0]]])
    np.testing.assert_array_equal(_find_median(epochs), [5, np.nan])


def test_restarts_fail_that_diverge_or_are_within_a_percent_of_the_dummy():
    scores = np.array([[[0.5, 0.504, 0.506, 1.0]], [[0.4, np.nan, 0.9, 0.9]]])
    diverged = np.array([[[False] * 4], [[False, False, True, False]]])
    failed = find_failed(scores, diverged, np.array([0.5]), np.array([[False], [False]]))
    assert failed.tolist() == [[[True, True, False, False]], [[True, False, True, False]]]
    failed = find_failed(scores, diverged, np.array([np.nan]), np.array([[False], [True]]))
    assert failed.tolist() == [[[False] * 4], [[True] * 4]]
