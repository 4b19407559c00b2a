"""How many restarts are worth it, and how many minima there are: estimates against counting."""

from fractions import Fraction
from itertools import combinations, product
from math import comb, lgamma

import numpy as np
import pytest
from race_material import stub

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.training import ExpectedBest, Minima, Restarts
from sklearn_init.training._expected_best import expect_best, find_interval
from sklearn_init.training._minima import label_minima

ignore_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SORTED = np.sort(np.random.default_rng(0).exponential(size=7))
AS_CHOSEN = np.random.default_rng(1).normal(size=7)  # test scores, say, in the order of losses


# ---- the expected best of n ----


@pytest.mark.parametrize("ordered", [SORTED, AS_CHOSEN, np.array([0.7]), np.full(5, 0.3)])
def test_the_expected_best_is_the_mean_over_all_subsets(ordered):
    expected = expect_best(ordered)
    for n in range(1, len(ordered) + 1):
        subsets = combinations(range(len(ordered)), n)
        mean = np.mean([ordered[min(subset)] for subset in subsets])
        np.testing.assert_allclose(expected[n - 1], mean, rtol=1e-13)


@pytest.mark.parametrize("n_restarts", [31, 501])
def test_the_expected_best_is_exact_for_many_restarts(n_restarts):
    ordered = np.random.default_rng(2).exponential(size=n_restarts)
    expected = expect_best(ordered)
    assert np.isfinite(expected).all()
    exact = list(map(Fraction, ordered))
    for n in {1, 2, 3, 17, n_restarts // 2, n_restarts - 1, n_restarts}:
        weights = [comb(n_restarts - 1 - i, n - 1) for i in range(n_restarts)]
        mean = sum(w * v for w, v in zip(weights, exact, strict=True)) / comb(n_restarts, n)
        np.testing.assert_allclose(expected[n - 1], float(mean), rtol=1e-11)


def test_the_expected_best_of_equal_restarts_is_theirs():
    assert (expect_best(np.full(23, 0.3)) == 0.3).all()


def test_the_expected_best_falls_ever_more_slowly():
    for ordered in (SORTED, np.sort(AS_CHOSEN), np.arange(101.0) ** 3):
        expected = expect_best(ordered)
        assert expected[0] == pytest.approx(ordered.mean())
        assert expected[-1] == ordered[0]
        assert (np.diff(expected) < 0).all()
        assert (np.diff(expected, 2) > -1e-12 * ordered[-1]).all()


def test_the_expected_best_is_free_of_bias():
    # the least of n exponential numbers is 1 / n on average
    draws = np.sort(np.random.default_rng(3).exponential(size=(4001, 7)), axis=1)
    estimates = np.stack([expect_best(draw) for draw in draws])
    error = estimates.std(axis=0) / np.sqrt(len(draws))
    z = (estimates.mean(axis=0) - 1 / np.arange(1, 8)) / error
    assert np.abs(z).max() < 3.5
    assert error[-1] < 0.01  # else any estimate would pass


# ---- the interval ----


@pytest.mark.parametrize("coverage", [0.9, 0.6, 0.5, 0.2, 0.999])
@pytest.mark.parametrize("ordered", [SORTED[:5], AS_CHOSEN[:5], np.array([0.1, 0.1, 0.3, 0.3])])
def test_the_interval_leaves_out_no_more_than_a_tail_on_either_side(ordered, coverage):
    tail = (1 - Fraction(str(coverage))) / 2
    for n in range(1, len(ordered) + 1):
        draws = list(product(range(len(ordered)), repeat=n))  # with replacement
        best = np.array([ordered[min(draw)] for draw in draws])
        low, high = find_interval(ordered, n, coverage)
        count = len(draws)
        assert Fraction(int((best < low).sum()), count) <= tail
        assert Fraction(int((best > high).sum()), count) <= tail
        # and no shorter interval does
        assert Fraction(int((best <= low).sum()), count) > tail
        assert Fraction(int((best >= high).sum()), count) > tail


def test_many_restarts_have_intervals_too():
    ordered = np.sort(np.random.default_rng(4).exponential(size=501))
    expected = ExpectedBest.of(ordered, 0.9)
    assert expected.n.tolist() == list(range(1, 502))
    assert (expected.lower <= expected.mean + 1e-12).all()
    assert (expected.lower <= expected.upper).all()
    assert (np.diff(expected.upper) <= 0).all()
    best = ordered[np.random.default_rng(5).integers(501, size=(3001, 13)).min(axis=1)]
    # one restart has a chance of 0.025 to be the best of 13
    assert 0.02 < (best < expected.lower[12]).mean() < 0.06
    assert 0.04 < (best > expected.upper[12]).mean() < 0.06


# ---- of a record ----


LOSSES = [0.5, 0.2, 0.9, 0.2, 0.3]


def make_record(losses=LOSSES, scores=(-np.inf,) * 5, *, by_score=False):
    restarts = [stub(*values) for values in zip(range(len(losses)), losses, scores, strict=False)]
    return Restarts(restarts, by_score=by_score)


def test_a_record_reports_what_restarts_are_chosen_by():
    np.testing.assert_array_equal(
        make_record().expected_best().mean, expect_best([0.2, 0.2, 0.3, 0.5, 0.9])
    )
    scores = [0.6, 0.9, 0.8, 0.95, 0.9]
    by_score = make_record(scores=scores, by_score=True).expected_best()
    np.testing.assert_array_equal(by_score.mean, expect_best([0.95, 0.9, 0.9, 0.8, 0.6]))
    by_loss = make_record(scores=scores).expected_best()  # scores that nobody is ranked by
    np.testing.assert_array_equal(by_loss.mean, make_record().expected_best().mean)


def test_other_values_are_reported_in_the_order_of_the_choice():
    values = [10, 11, 12, 13, 14]
    mean = make_record().expected_best(values).mean
    np.testing.assert_array_equal(mean, expect_best([11, 13, 14, 10, 12]))  # ties by index
    scores = [0.6, 0.9, 0.8, 0.95, 0.9]
    mean = make_record(scores=scores, by_score=True).expected_best(values).mean
    np.testing.assert_array_equal(mean, expect_best([13, 11, 14, 12, 10]))  # ties by loss


def test_what_is_not_finite_counts_as_the_worst_that_is():
    losses = [np.nan, 0.2, 0.9, np.inf, 0.3]
    mean = make_record(losses).expected_best().mean
    np.testing.assert_array_equal(mean, expect_best([0.2, 0.3, 0.9, 0.9, 0.9]))
    scores = [0.6, -np.inf, 0.8, 0.95, 0.9]
    mean = make_record(LOSSES, scores, by_score=True).expected_best().mean
    np.testing.assert_array_equal(mean, expect_best([0.95, 0.9, 0.8, 0.6, 0.6]))


def test_what_diverged_is_chosen_last_even_if_its_loss_is_low():
    restarts = [stub(0, 0.1, start_loss=0.001), stub(1, 0.4), stub(2, 0.3)]
    mean = Restarts(restarts).expected_best([7, 8, 9]).mean
    np.testing.assert_array_equal(mean, expect_best([9, 8, 7]))
    mean = Restarts(restarts).expected_best().mean
    np.testing.assert_array_equal(mean, expect_best([0.3, 0.4, 0.4]))
    with pytest.raises(ValueError, match="or all restarts diverged"):
        Restarts(restarts[:1]).expected_best()


def test_coverage_widens_the_interval():
    narrow, wide = (make_record().expected_best(coverage=c) for c in (0.2, 0.99))
    assert (wide.lower <= narrow.lower).all()
    assert (wide.upper > narrow.upper).any()
    assert (make_record().expected_best().coverage, wide.coverage) == (0.9, 0.99)


def test_the_sentence_says_how_many_are_worth_it():
    few = make_record([0.5, 0.2, 0.2, 0.2, 0.2]).expected_best()
    np.testing.assert_allclose(few.mean, [0.26, 0.2, 0.2, 0.2, 0.2])
    start = "The best of 2 is within 1% of the best of 5: 0.2 against 0.2 expected. "
    assert str(few).startswith(
        start + "These are training losses; on unseen rows the gain may be "
    )
    assert str(few).endswith("[est.restart(r).score(X_test, y_test) for r in range(n)].")
    more = make_record([0.5, 0.3, 0.7, 0.2, 0.9]).expected_best()
    start = "No fewer restarts are within 1% of the best of 5, 0.2: more may be better still. "
    assert str(more).startswith(start + "These are training losses; ")
    given = make_record([0.5, 0.2]).expected_best([0.9, 0.8])
    assert "unseen rows" not in str(given)


@pytest.mark.parametrize(
    ("tolerance", "n"), [(0, 5), (0.19, 5), (0.21, 4), (0.49, 4), (0.51, 3), (1.01, 2), (9, 1)]
)
def test_the_least_number_within_a_tolerance(tolerance, n):
    mean = np.array([3.0, 2.0, 1.5, 1.2, 1.0])
    assert ExpectedBest(np.arange(1, 6), mean, mean, mean, 0.9).find_n_within(tolerance) == n
    # so it is for what grows, and for what is negative
    assert ExpectedBest(np.arange(1, 6), -mean, mean, mean, 0.9).find_n_within(tolerance) == n


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2],), r"values has the shape \(2,\), but there are 5 restarts"),
        ((np.ones((5, 1)),), r"values has the shape \(5, 1\), but there are 5 restarts"),
        ((3.0,), r"values has the shape \(\), but"),
        (([np.nan] * 5,), "values are not finite for any restart"),
    ],
)
def test_values_that_are_no_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_record().expected_best(*arguments)


@pytest.mark.parametrize("tolerance", [-0.01, np.nan])
def test_a_tolerance_is_not_negative(tolerance):
    with pytest.raises(ValueError, match=f"tolerance={tolerance!r} is not allowed"):
        make_record().expected_best().find_n_within(tolerance)


@pytest.mark.parametrize("coverage", [0, 1, -0.1, 1.1, np.nan])
def test_coverage_is_a_probability(coverage):
    with pytest.raises(ValueError, match=f"coverage={coverage!r} is not allowed"):
        make_record().expected_best(coverage=coverage)


def test_a_race_tells_nothing_about_those_it_dropped():
    record = Restarts([stub(0, 0.1), stub(1, 0.3, dropped=True), stub(2, 0.4, dropped=True)])
    with pytest.raises(ValueError, match="dropped 2 of 3: set restart_strategy='full'"):
        record.expected_best()


@ignore_convergence
@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_best_of_all_is_the_one_that_is_kept(X, y_class, early_stopping):
    est = InitMLPClassifier(
        (7,), n_restarts=6, max_iter=9, random_state=0, early_stopping=early_stopping,
        validation_fraction=0.3,
    ).fit(X, y_class)  # fmt: skip
    expected = est.restarts_.expected_best()
    name = "validation_score" if early_stopping else "loss"
    assert expected.mean[-1] == est.restarts_[name][est.best_restart_]
    assert expected.mean[0] == pytest.approx(est.restarts_[name].mean())
    index = est.restarts_.expected_best(np.arange(6))
    assert index.mean[-1] == est.best_restart_


# ---- minima ----

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def fit_xor(**more):
    defaults = {
        "hidden_layer_sizes": 2, "activation": "tanh", "solver": "lbfgs", "alpha": 0,
        "n_restarts": 60, "random_state": 0, "max_iter": 2000, "tol": 1e-8,
    }  # fmt: skip
    return InitMLPRegressor(**{**defaults, **more}).fit(*XOR)


def test_the_minima_of_xor():
    # two rows averaged, or three: 2 (1/2)^2 / 8 or (2 (1/3)^2 + (2/3)^2) / 8; all four: 1/8
    levels = np.array([0, 1 / 16, 1 / 12, 1 / 8])
    record = fit_xor().restarts_
    minima = record.n_minima()
    assert sorted(set(minima.labels)) == list(range(minima.n_found))
    found = []
    for label in range(minima.n_found):
        losses = record["loss"][minima.labels == label]
        found.append(np.abs(losses[0] - levels).argmin())
        np.testing.assert_allclose(losses, levels[found[-1]], atol=1e-5)
    assert found == sorted(found)
    assert found.count(0) == 1  # one function fits, whatever its weights
    assert found.count(1) == 3  # but several functions average two rows
    assert minima.labels[record["loss"].argmin()] == 0


@ignore_convergence
def test_permuted_and_flipped_networks_are_one_minimum(X, y_number):
    rng = np.random.default_rng(6)
    W, b, V = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(3, 1))
    n_restarts = 7
    moves = [(rng.permutation(3), rng.choice([-1, 1], size=3)) for _ in range(n_restarts)]
    inputs, biases, outputs = (
        iter([make(perm, signs) for perm, signs in moves])
        for make in (
            lambda p, s: W[:, p] * s,
            lambda p, s: b[p] * s,
            lambda p, s: V[p] * s[:, None],
        )
    )
    est = InitMLPRegressor(
        hidden_layer_sizes=3, activation="tanh", solver="lbfgs", n_restarts=n_restarts,
        weight_init=[lambda *_: next(inputs), lambda *_: next(outputs)],
        bias_init=[lambda *_: next(biases), 0.0], max_iter=30, alpha=0.01,
    ).fit(X, y_number)  # fmt: skip
    weights = [est.restart(r).coefs_[0] for r in range(n_restarts)]
    assert len({W.round(3).tobytes() for W in weights}) > 3
    minima = est.restarts_.n_minima()
    assert minima.labels.tolist() == [0] * n_restarts
    assert minima.n_expected == (7 - 1) / (7 - 1 - 2)


def test_predictions_that_differ_by_no_more_than_tol_are_one_minimum():
    # a chain of neighbors is not one minimum, unless its ends are near each other
    predictions = np.array([0.0, 0.9, 1.8, 7.0, 7.2])[:, None, None] * np.ones((1, 4, 3))
    losses = np.array([0.5, 0.4, 0.6, 0.1, 0.2])
    assert label_minima(predictions, losses, 1.0).tolist() == [1, 1, 2, 0, 0]
    assert label_minima(predictions, losses, 2.0).tolist() == [1, 1, 1, 0, 0]
    assert label_minima(predictions, losses, 0.1).tolist() == [3, 2, 4, 0, 1]
    assert label_minima(predictions[:1], losses[:1], 0.1).tolist() == [0]
    # the root mean square over rows and outputs: one that differs in 1 of 12 by 3.4
    predictions[1] = predictions[0]
    predictions[1, 2, 1] += 3.4
    assert label_minima(predictions[:2], losses[:2], 1.0).tolist() == [0, 0]
    assert label_minima(predictions[:2], losses[:2], 0.95).tolist() == [1, 0]


def test_the_tolerance_is_a_share_of_what_predictions_span():
    restarts = [stub(i, loss) for i, loss in enumerate([0.1, 0.2, 0.3, np.nan, 0.5])]
    restarts[4].drop()
    # the span of those in a minimum is 200; others do not count
    predictions = np.array([0, 3, 200, 1e9, -1e9])[:, None, None] * np.ones((1, 3, 1))
    record = Restarts(restarts, predictions=predictions)
    assert record.n_minima(0.014).labels.tolist() == [0, 1, 2, -1, -1]
    assert record.n_minima(0.016).labels.tolist() == [0, 0, 1, -1, -1]
    assert record.n_minima().n_found == 3
    assert str(record.n_minima()).startswith("3 restarts found 3 minima; inf are expected")


def make_labels(w, n):
    """Labels of n restarts in w minima, and of two that are in none."""
    return np.concatenate([np.arange(w), np.zeros(n - w, int), [-1, -1]])


def test_the_stopping_rule_counts_restarts():
    for w in range(1, 13):
        enough = 2 * w**2 + 3 * w + 2
        for n in {w, w + 1, w + 2, w + 3, enough - 1, enough, enough + 1, 2 * enough}:
            minima = Minima.of(make_labels(w, n))
            assert minima.n_found == w
            assert minima.are_all_found == (n > enough), (w, n)
            end = "all seem to be found." if n > enough else "more restarts may find more."
            assert str(minima).startswith(f"{n} restarts found {w} minima;")
            assert str(minima).endswith(end)


@pytest.mark.parametrize(("w", "n"), [(1, 12), (2, 15), (3, 20), (5, 31)])
def test_the_estimates_are_means_of_the_posterior(w, n):
    # Boender and Rinnooy Kan: equal chances for every number of minima, and for all their shares
    n_minima = np.arange(w, 3001)
    terms = [(lgamma(k) + lgamma(k + 1) - lgamma(n + k) - lgamma(k - w + 1)) for k in n_minima]
    posterior = np.exp(np.array(terms) - max(terms))
    posterior /= posterior.sum()
    minima = Minima.of(make_labels(w, n))
    assert minima.n_expected == pytest.approx(posterior @ n_minima, rel=1e-6)
    # given their number, the share of those found has the mean (n + w) / (n + number)
    assert minima.coverage == pytest.approx(posterior @ ((n + w) / (n + n_minima)), rel=1e-6)


@pytest.mark.parametrize(("w", "n"), [(0, 0), (1, 1), (2, 2), (3, 4), (3, 5)])
def test_too_few_restarts_expect_any_number_of_minima(w, n):
    minima = Minima.of(np.concatenate([np.arange(w), np.zeros(n - w, int)]))
    assert (minima.n_found, minima.n_expected) == (w, np.inf)
    assert 0 <= minima.coverage <= 1
    assert not minima.are_all_found


@ignore_convergence
def test_minima_are_for_tiny_networks_and_several_restarts(X, y_number):
    more = {"max_iter": 1, "random_state": 0}
    large = InitMLPRegressor(hidden_layer_sizes=143, n_restarts=2, **more).fit(X, y_number)
    one = InitMLPRegressor(hidden_layer_sizes=3, **more).fit(X, y_number)
    for est in (large, one):  # 5 * 143 + 143 + 143 + 1 parameters
        with pytest.raises(ValueError, match="at most 1000 parameters"):
            est.restarts_.n_minima()
    tiny = InitMLPRegressor(hidden_layer_sizes=142, n_restarts=2, **more).fit(X, y_number)
    assert tiny.restarts_.n_minima().n_found == 2


@pytest.mark.parametrize("tol", [-0.1, np.nan, np.inf])
def test_the_tolerance_of_minima_is_checked(tol):
    record = fit_xor(n_restarts=2).restarts_
    with pytest.raises(ValueError, match=f"tol={tol!r} is not allowed"):
        record.n_minima(tol)
    assert record.n_minima(0).n_found == 2
