"""Comparing initializers: paired, in any order and place, and told in plain words."""

import re
import warnings

import numpy as np
import pytest
from numpydoc.validate import validate
from scipy.sparse import coo_matrix
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, KFold, RepeatedKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor, comparison
from sklearn_init.comparison import compare_initializers
from sklearn_init.comparison._run import prefer_threads, telling_warnings_once
from sklearn_init.comparison._statistics import estimate_mean

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
    assert found.metric == "R2"


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
    assert re.search(r"^fail +failed +ValueError: weight_init", repr(found), re.MULTILINE)
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
    ],
)
def test_errors_name_the_parameter(X, y_class, given, message):
    given = {"estimator": CLF, "schemes": SCHEMES, **given}
    with pytest.raises(ValueError, match=message):
        compare(X=X, y=y_class, **given)


@pytest.mark.parametrize("name", comparison.__all__)
def test_numpydoc_finds_no_fault(name):
    member = getattr(comparison, name)
    methods = [m for m in ("compare", "to_frame") if hasattr(member, m)]
    for path in ["", *(f".{method}" for method in methods)]:
        assert validate(f"{member.__module__}.{member.__qualname__}{path}")["errors"] == []
