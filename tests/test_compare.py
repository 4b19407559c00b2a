"""Comparing initializers: paired, in any order and place, and told in plain words."""

import dataclasses
import re
import warnings

import numpy as np
import pytest
from numpydoc.validate import validate
from scipy.sparse import coo_matrix
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, KFold, RepeatedKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor, comparison
from sklearn_init.comparison import compare_initializers
from sklearn_init.comparison._folds import Fold
from sklearn_init.comparison._record import Comparison, Question
from sklearn_init.comparison._run import Outcome, prefer_threads, telling_warnings_once
from sklearn_init.comparison._statistics import estimate_mean
from sklearn_init.comparison._text import OFTEN

SCHEMES = ["sklearn", "he_normal", "orthogonal"]
CLF = InitMLPClassifier((7,), max_iter=6, learning_rate_init=0.03, random_state=3)
REG = InitMLPRegressor(hidden_layer_sizes=(7,), solver="lbfgs", max_iter=9, random_state=3)


def compare(estimator, X, y, schemes=SCHEMES, **more):
    return compare_initializers(estimator, X, y, schemes, **{"cv": 4, "n_restarts": 2, **more})


def bits(record):
    names = "scores", "losses", "n_iter", "loss_curves", "chosen_scores", "dummy_scores", "seeds"
    return [getattr(record, name).tobytes() for name in names]


class Counted(TransformerMixin, BaseEstimator):
    """Centers by what it saw in `fit`, and counts the fits."""

    n_fits = 0

    def fit(self, X, y=None):
        Counted.n_fits += 1
        self.mean_ = np.asarray(X).mean(axis=0)
        return self

    def transform(self, X):
        return np.asarray(X) - self.mean_


def fail(fan_in, fan_out, rng):
    raise ArithmeticError("out of luck")


def test_scores_are_those_of_the_estimator_on_the_fold(X, y_class):
    scoring = "neg_log_loss"
    found = compare(CLF, X, y_class, scoring=scoring)
    assert len(set(found.seeds)) == 4
    splits = StratifiedKFold(4).split(X, y_class)
    for k, (train, test) in enumerate(splits):
        for s, scheme in enumerate(SCHEMES):
            clf = clone(CLF).set_params(
                weight_init=scheme, n_restarts=2, random_state=int(found.seeds[k])
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                clf.fit(X[train], y_class[train])
            for r in range(2):
                one = clf.restart(r)
                expected = -log_loss(y_class[test], one.predict_proba(X[test]))
                assert found.scores[s, k, r] == pytest.approx(expected, rel=1e-12)
                assert found.loss_curves[s, k, r].tolist() == one.loss_curve_
            assert found.chosen_scores[s, k] == found.scores[s, k, clf.best_restart_]
            assert found.losses[s, k].tolist() == clf.restarts_["loss"].tolist()
    np.testing.assert_allclose(found["mean_test_score"], found.scores.mean(axis=(1, 2)))


def test_bits_depend_neither_on_workers_nor_on_the_other_schemes(X, y_class):
    alone = compare(CLF, X, y_class)
    assert bits(alone) == bits(compare(CLF, X, y_class, n_jobs=2))
    reversed_ = compare(CLF, X, y_class, SCHEMES[::-1], n_jobs=2)
    assert reversed_.scores[::-1].tobytes() == alone.scores.tobytes()


def test_a_scheme_and_itself_differ_in_nothing(X, y_class):
    found = compare(CLF, X, y_class, {"one": "he_normal", "other": "he_normal"})
    assert (found.losses[0] == found.losses[1]).all()
    assert len(np.unique(found.losses[0])) == 8
    assert (found["difference"] == 0).all()
    assert found["p_value"][1] == found["p_value_wilcoxon"][1] == 1
    assert "No difference that matters: 0.0 points between schemes" in found.verdict


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(0)])
def test_schemes_are_paired_whatever_the_random_state_is(X, y_class, random_state):
    clf = clone(CLF).set_params(random_state=random_state)
    found = compare(clf, X, y_class, {"one": "he_normal", "other": "he_normal"})
    assert (found.losses[0] == found.losses[1]).all()
    again = compare(clf, X, y_class, ["he_normal"])
    assert (again.losses[0] == found.losses[0]).all() == (random_state is not None)


def test_the_steps_before_are_fitted_once_per_fold_and_seen_by_all_schemes(X, y_number):
    Counted.n_fits = 0
    pipe = make_pipeline(StandardScaler(), Pipeline([("center", Counted()), ("net", REG)]))
    found = compare(pipe, X, y_number)
    assert Counted.n_fits == 4
    train, test = list(KFold(4).split(X))[2]
    pipe.set_params(
        pipeline__net__weight_init="orthogonal",
        pipeline__net__random_state=int(found.seeds[2]),
        pipeline__net__n_restarts=2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = pipe.fit(X[train], y_number[train]).score(X[test], y_number[test])
    assert found.chosen_scores[2, 2] == score
    assert found.metric == "R²"


def test_every_restart_is_trained_to_the_end(X, y_class):
    clf = clone(CLF).set_params(restart_strategy="halving", tol=0, n_restarts=2, warm_start=True)
    found = compare(clf, X, y_class, n_restarts=5)
    assert (found.n_iter == 6).all()
    assert np.isfinite(found.loss_curves).all()


def test_l_bfgs_has_no_epochs(X, y_number):
    found = compare(REG, X, y_number)
    assert np.isnan(found["median_epochs"]).all()
    assert found.loss_curves.shape == (3, 4, 2, 0)
    assert "never" not in repr(found)


def test_a_failed_scheme_is_a_row_and_changes_no_other(X, y_class):
    with pytest.warns(
        FitFailedWarning, match="4 of 4 fits of 'fail' failed: ValueError.*out of luck"
    ) as caught:
        found = compare(CLF, X, y_class, ["sklearn", fail, "he_normal"])
    assert [each.filename for each in caught] == [__file__]
    whole = compare(CLF, X, y_class, ["sklearn", "he_normal"])
    assert [error[-11:] for error in found["error"]] == ["", "out of luck", ""]
    assert np.isnan(found.scores[1]).all()
    assert found["failure_rate"].tolist() == [
        whole["failure_rate"][0],
        1,
        whole["failure_rate"][1],
    ]
    for name in ("mean_test_score", "lower", "p_value", "p_value_holm", "mean_rank"):
        assert np.isnan(found[name][1])
        np.testing.assert_array_equal(found[name][[0, 2]], whole[name])
    assert found["rank_test_score"][1] == 3
    assert found.variance == whole.variance
    assert found.friedman.critical_difference == whole.friedman.critical_difference
    assert "'fail' could not be trained" in found.verdict
    assert re.search(r"^fail +failed$", repr(found), re.MULTILINE)
    with pytest.raises(ValueError, match="b='fail' could not be trained: ValueError: weight_init"):
        found.compare("sklearn", "fail")


def test_what_a_failure_scores_can_be_chosen(X, y_class):
    with pytest.warns(FitFailedWarning):
        found = compare(CLF, X, y_class, ["sklearn", fail], error_score=0.0)
    assert (found["mean_test_score"][1], found["failure_rate"][1]) == (0, 1)
    assert found["p_value"][1] < 0.05
    with pytest.raises(
        ValueError, match=r"4 fits failed; that of 'fail' on fold 1: ValueError: weight_init"
    ) as info:
        compare(CLF, X, y_class, ["sklearn", fail], error_score="raise")
    assert isinstance(info.value.__cause__.__cause__, ArithmeticError)
    with pytest.raises(ValueError, match=r"All fits failed; that of 'fail'"):
        compare(CLF, X, y_class, [fail])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_ends_it(X, y_class, n_jobs):
    def interrupt(fan_in, fan_out, rng):
        raise KeyboardInterrupt

    before = list(warnings.filters)
    with pytest.raises(KeyboardInterrupt):
        compare(CLF, X, y_class, ["sklearn", interrupt], n_jobs=n_jobs)
    assert warnings.filters == before


def test_who_learns_nothing_fails_as_does_who_diverges(X):
    found = compare(
        clone(CLF).set_params(max_iter=25), X, X[:, 0] > 0, {"he": "he_normal", "zeros": "zeros"}
    )
    assert found["failure_rate"].tolist() == [0, 1]
    assert "100% of the restarts of 'zeros' diverged or are no better" in found.verdict
    assert np.isnan(found["median_epochs"][1])
    assert 1 < found["median_epochs"][0] <= 25

    clf = clone(CLF).set_params(activation="identity", solver="sgd")
    found = compare(clf, X, X[:, 0] > 0, {"he": "he_normal", "mixed": MixedStart()}, n_restarts=3)
    assert found.diverged[1].tolist() == [[False, True, True]] * 4
    for r in (1, 2):
        assert (found.scores[1, :, r] == found.dummy_scores).all()
    assert found["failure_rate"][1] >= 2 / 3


class MixedStart:
    """Draws enormous weights but in the first restart."""

    __name__ = "mixed"

    def __call__(self, fan_in, fan_out, rng):
        bits = rng.bit_generator
        seeds = bits.seed_seq if hasattr(bits, "seed_seq") else bits._seed_seq  # NumPy < 1.25
        size = 1e200 if seeds.spawn_key[0] else 0.5
        return rng.uniform(-size, size, (fan_in, fan_out))


def test_repeated_folds_are_corrected_for(X, y_number):
    cv = RepeatedKFold(n_splits=3, n_repeats=4, random_state=0)
    found = compare(REG, X, y_number, SCHEMES[:2], cv=cv, n_restarts=1)
    assert found.scores.shape == (2, 12, 1)
    assert found.test_over_train == pytest.approx(1 / 2)
    differences = found.scores[1].mean(axis=1) - found.scores[0].mean(axis=1)
    expected = estimate_mean(differences, 1 / 2)
    assert found["p_value"][1] == pytest.approx(expected.p_value)
    assert found["difference_upper"][1] == pytest.approx(expected.upper)


def test_the_baseline_is_the_first_or_the_one_named(X, y_class):
    first = compare(CLF, X, y_class)
    third = compare(CLF, X, y_class, baseline="orthogonal")
    assert (first.baseline, third.baseline) == ("sklearn", "orthogonal")
    assert np.isnan(first["p_value"]).tolist() == [True, False, False]
    assert np.isnan(third["p_value"]).tolist() == [False, False, True]
    assert third["difference"][0] == -first["difference"][2]
    assert (third.target_losses == np.sort(third.losses[2], axis=1)[:, 1]).all()


def test_data_come_in_any_form(X, y_number):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcde"), index=np.arange(len(X))[::-1])
    few = {"schemes": ["he_normal"], "cv": 2}
    expected = compare(REG, X, y_number, **few).scores
    others = [
        (frame, pandas.Series(y_number)),
        (X.tolist(), y_number.tolist()),
        (coo_matrix(X), y_number),
    ]
    for rows, targets in others:
        np.testing.assert_allclose(compare(REG, rows, targets, **few).scores, expected, rtol=1e-6)
    two = compare(REG, X, np.column_stack([y_number, X[:, 0]]), scoring="r2", **few)
    assert np.isfinite(two.scores).all()
    groups = np.arange(len(X)) % 5
    found = compare(REG, X, y_number, ["zeros"], cv=GroupKFold(5), groups=groups)
    assert found.scores.shape[1] == 5


def test_what_a_fit_warns_of_is_told_once_and_what_the_record_shows_not_at_all(X, y_class):
    clf = clone(CLF).set_params(batch_size=1000)
    with pytest.warns(UserWarning) as caught:
        compare(clf, X, y_class, ["he_normal", "zeros"])
    texts = [str(each.message) for each in caught if "compiled engine" not in str(each.message)]
    assert len(texts) == len(set(texts)) == 2  # as folds have 39 and 40 rows
    assert all("batch_size=1000" in text for text in texts)


def test_warnings_that_are_known_are_not_told_even_if_filters_were_reset():
    with telling_warnings_once():
        warnings.resetwarnings()  # as another thread may do for a moment
        warnings.warn("not converged", ConvergenceWarning, stacklevel=1)


def test_progress_has_a_line_per_scheme_and_fold(X, y_class, capsys):
    compare(CLF, X, y_class, ["sklearn", "he_normal"], verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert re.fullmatch(
        r"\[2/8\] he_normal, fold 1 of 4: score 0\.\d{4}; about \d\.\d s left", lines[1]
    )
    assert re.fullmatch(r"\[8/8\] he_normal, fold 4 of 4: score 0\.\d{4}", lines[7])


def test_threads_are_preferred_where_compiled_passes_train():
    swish = Activation("mine", lambda z: z, lambda z, a: np.ones_like(z))
    assert prefer_threads(clone(CLF).set_params(activation=swish)) is None


def test_names_are_those_given_or_what_schemes_look_like(X, y_class):
    per_layer = {"hidden": "he_normal", "output": "zeros"}
    schemes = ["sklearn", per_layer, "sklearn", lambda n, m, rng: rng.normal(size=(n, m))]
    found = compare(CLF, X, y_class, schemes, cv=2, n_restarts=1)
    expected = ["sklearn", "{'hidden': 'he_normal', 'output': 'zeros'}", "sklearn (2)", "<lambda>"]
    assert [name[:37] for name in found["scheme"]] == [name[:37] for name in expected]
    assert found.schemes["sklearn (2)"] == "sklearn"
    assert "<th>" in found._repr_html_()
    assert "&lt;lambda&gt;" in found._repr_html_()
    assert "<lambda>" not in found._repr_html_()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_restarts": 0}, "n_restarts=0 is not allowed"),
        ({"coverage": 95}, "coverage=95 is not allowed"),
        ({"error_score": "ignore"}, "error_score='ignore' is not allowed"),
        ({"verbose": -1}, "verbose=-1 is not allowed"),
        ({"schemes": []}, "is empty"),
        ({"schemes": "he_normal"}, "schemes='he_normal' is not allowed"),
        ({"schemes": {1: "zeros", "1": "ones"}}, "two names read the same"),
        ({"baseline": "he"}, "baseline='he' is not known"),
        ({"scoring": ["accuracy"]}, "expected a single score"),
        ({"estimator": LogisticRegression()}, r"estimator=LogisticRegression\(\) is not allowed"),
    ],
)
def test_errors_name_the_parameter(X, y_class, given, message):
    given = {"estimator": CLF, "schemes": SCHEMES, **given}
    with pytest.raises(ValueError, match=message):
        compare(X=X, y=y_class, **given)


# What it says


def make(means, *, folds=0.02, restarts=0.01, noise=0.004, metric="accuracy", shape=(8, 3)):
    """Return a comparison of schemes with given mean scores, or errors where they are NaN."""
    rng = np.random.default_rng(0)
    fold = 0.8 + rng.normal(0, folds, shape[0])
    scores = (
        np.reshape(means, (-1, 1, 1))
        + fold[:, np.newaxis]
        + rng.normal(0, noise, (len(means), shape[0], 1))
        + rng.normal(0, restarts, (len(means), *shape))
    )
    question = Question(
        schemes={f"s{i}": i for i in range(len(means))},
        baseline="s0",
        n_restarts=shape[1],
        seeds=np.arange(shape[0]),
        test_over_train=1 / (shape[0] - 1) if shape[0] > 1 else 0.25,
        coverage=0.95,
        error_score=np.nan,
        metric=metric,
    )
    nothing = {
        "n_iter": 3,
        "diverged": False,
        "loss_curves": np.ones((shape[1], 3)),
        "fit_times": 1.0,
    }
    outcomes = [
        Outcome(0, s, k, error="ValueError: no")
        if np.isnan(row).any()
        else Outcome(
            0,
            s,
            k,
            arrays={"scores": row, "losses": -row, "chosen_scores": row[0], **nothing},
        )
        for s, of_scheme in enumerate(scores)
        for k, row in enumerate(of_scheme)
    ]
    return Comparison(
        question, [Fold(k, None, None, None, None, 0.1) for k in range(shape[0])], outcomes
    )


def test_the_verdict_on_equals_is_that_no_difference_matters():
    found = make([0.0, 0.001, 0.0])
    assert re.fullmatch(
        r"No difference that matters: 0\.\d points between schemes against \d\.\d points between "
        r"folds and \d\.\d points between restarts\. A difference of more than \d\.\d points from "
        r"'s0' is unlikely\.",
        found.verdict,
    )
    ends = [found["difference_lower"][1:], found["difference_upper"][1:]]
    assert f"more than {100 * np.abs(ends).max():.1f} points" in found.verdict


def test_the_verdict_names_who_is_better_or_worse_and_tells_of_the_others():
    found = make([0.0, 0.1, -0.1, 0.001])
    assert re.match(
        r"Compared with 's0', 's1' is better by \d+\.\d points \(p < 0\.001\)\. "
        r"Compared with 's0', 's2' is worse by \d+\.\d points \(p < 0\.001\)\. "
        r"No difference that matters among the other 2: ",
        found.verdict,
    )
    many = make([0.0, 0.1, 0.1, 0.1, 0.1, 0.1]).verdict
    assert "2 others are better" not in many
    assert "'s2' is better" in many
    assert "3 others are better" in many
    assert "For scale:" in many


def test_the_verdict_does_not_call_equal_what_it_cannot_tell():
    found = make([0.0, 0.05], folds=0.001, noise=0.05, shape=(3, 2))
    assert not found["p_value"][1] < 0.05
    assert found.verdict.startswith("No difference is certain: ")


def test_the_verdict_knows_when_there_is_nothing_to_say():
    assert make([0.0]).verdict == "There is nothing to compare 's0' with."
    assert make([0.0, 0.1], shape=(1, 2)).verdict.startswith("One fold cannot tell")
    assert make([np.nan, 0.1]).verdict.startswith("The baseline 's0' could not be trained")
    assert make([0.0, np.nan]).verdict.startswith("There is nothing to compare 's0' with. 's1'")
    assert "between restarts" not in make([0.0, 0.0], shape=(8, 1)).verdict
    assert "points" not in make([0.0, 0.0], metric="r2").verdict


def test_the_table_has_the_best_first_and_the_verdict_last():
    found = make([0.0, 0.1, -0.1])
    size, header, *rows = repr(found).splitlines()
    rows, verdict = rows[:3], rows[3:]
    assert size == "3 schemes x 8 folds x 3 restarts, accuracy; * is the baseline"
    assert " ".join(header.split()) == (
        "scheme score 95% interval difference p (Holm) failed epochs seconds"
    )
    assert [row.split()[0] for row in rows] == ["s1", "s0", "s2"]
    assert rows[1].split()[1] == "*"
    assert " ".join(verdict) == found.verdict
    assert max(map(len, verdict)) < 100


def test_a_difference_that_is_rounding_is_none():
    pair = make([0.0, 0.0]).compare("s0", "s1")
    noise = dataclasses.replace(pair, mean=2e-17, lower=-1e-16, upper=1e-16)
    assert "by 0.0 points (interval 0.0 to 0.0 points" in str(noise)


def test_a_pair_is_compared_in_a_sentence():
    found = make([0.0, 0.1, -0.1])
    pair = found.compare("s1", "s2")
    assert pair.mean == pytest.approx(
        found["mean_test_score"][1] - found["mean_test_score"][2], rel=1e-9
    )
    assert (pair.n_won, pair.n_lost, pair.n_folds) == (8, 0, 8)
    assert pair.p_value_wilcoxon == 2 / 2**8
    assert found.compare("s2", "s1").lower == pytest.approx(-pair.upper)
    pattern = (
        r"'s2' is worse than 's1' by \d+\.\d points \(interval \d+\.\d to \d+\.\d points; "
        r"p < 0\.001\), and has lost in 8 of 8 folds\."
    )
    assert re.fullmatch(pattern, str(found.compare("s2", "s1")))
    with pytest.raises(ValueError, match="a='x' is not known"):
        found.compare("x", "s1")


def test_the_frame_has_a_row_per_scheme():
    pytest.importorskip("pandas")
    found = make([0.0, 0.1, -0.1])
    frame = found.to_frame()
    assert frame.index.tolist() == ["s0", "s1", "s2"]
    assert frame.columns.tolist() == list(found)[1:]
    assert frame.loc["s1", "rank_test_score"] == 1
    assert set(found.variance_shares) == {"scheme", "fold", "restart", "rest"}
    assert found.variance_shares["scheme"] > 0.9 > OFTEN


@pytest.mark.parametrize("name", comparison.__all__)
def test_numpydoc_finds_no_fault(name):
    member = getattr(comparison, name)
    methods = [m for m in ("compare", "to_frame") if hasattr(member, m)]
    for path in ["", *(f".{method}" for method in methods)]:
        assert validate(f"{member.__module__}.{member.__qualname__}{path}")["errors"] == []
