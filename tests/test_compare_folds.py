"""Folds that fail, targets that are transformed, and prints in any encoding."""

import io
import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import make_scorer, mean_squared_error, r2_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_init import (
    InitMLPClassifier,
    InitMLPRegressor,
    compare_initializers,
    diagnose,
    show_versions,
)
from sklearn_init.comparison._folds import Fold

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SCHEMES = ["he_normal", "orthogonal"]
CLF = InitMLPClassifier((5,), max_iter=4, random_state=0)
REG = InitMLPRegressor(hidden_layer_sizes=(5,), max_iter=4, random_state=0)


def compare(estimator, X, y, schemes=SCHEMES, **more):
    defaults = {"cv": 3, "n_restarts": 2, "verbose": False}
    return compare_initializers(estimator, X, y, schemes, **{**defaults, **more})


# ---- folds that fail ----


def make_rows(n=47):
    return np.random.default_rng(0).normal(size=(n, 3))


def score_but_not_negative(y, prediction):
    return np.nan if np.min(y) < -2 else 0.5


FAILING = {
    "a class with a single row": (CLF, np.array(["a"] * 46 + ["b"]), {"cv": 5}),
    "sorted labels": (CLF, np.repeat(["a", "b", "c"], [24, 12, 11]), {"cv": KFold(2)}),
    "a score that is not defined": (
        REG,
        np.where(np.arange(47) == 13, -3.0, make_rows()[:, 0].clip(-1, 1)),
        {"scoring": make_scorer(score_but_not_negative)},
    ),
}


@pytest.mark.parametrize(("estimator", "y", "more"), FAILING.values(), ids=FAILING)
def test_folds_that_fail_for_all_schemes_are_left_out(estimator, y, more):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = compare(estimator, make_rows(), y, **more)
    assert not [w for w in caught if w.category is RuntimeWarning]
    told = [str(w.message) for w in caught if w.category is FitFailedWarning]
    assert len(told) == len(found.failed_folds) == 1
    (fold,) = found.failed_folds
    assert told[0].startswith(f"Fold {fold + 1} of ")
    assert " The other folds count." in told[0]
    lacks = re.search(r" Class '(b)'( and others)? has no training row in fold 2\. (.*)$", told[0])
    assert (lacks is not None) == (estimator is CLF)
    if lacks:
        is_sorted = "c" in y
        assert lacks[2] == (" and others" if is_sorted else None)
        assert ("cv=KFold(2, shuffle=True, random_state=0)" in lacks[3]) == is_sorted
        assert ("If a class is rare, leave it out" in lacks[3]) != is_sorted
    assert f"Fold {fold + 1} is left out" in found.verdict
    assert "choose another" not in found.verdict
    assert np.isfinite(found.scores).all()
    assert len(found.dummy_scores) == found.scores.shape[1] == len(found.seeds)


def test_a_scheme_that_fails_in_one_fold_is_a_row_with_its_error(monkeypatch):
    def sometimes(fan_in, fan_out, rng):
        if rng.normal() > 0.3:
            raise ValueError("no luck")
        return rng.normal(size=(fan_in, fan_out))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = compare(REG, make_rows(), make_rows()[:, 0], ["he_normal", sometimes], cv=6)
    assert "no luck" in found["error"][1]
    assert found["rank_test_score"].tolist() == [1, 2]
    assert not found.failed_folds
    assert not [w for w in caught if w.category is RuntimeWarning]


class PickyScaler(StandardScaler):
    """Fails if the first row of the data is not among those that train."""

    def fit(self, X, y=None):
        if not (make_rows()[0] == X).all(axis=1).any():
            raise TwoArgumentsError("the first row", "is not there")
        return super().fit(X)


class TwoArgumentsError(Exception):
    """Cannot be unpickled."""

    def __init__(self, a, b):
        super().__init__(a)


def test_folds_that_all_fail_for_want_of_a_class_say_what_to_do():
    message = (
        r"All fits failed; .*one class.* Class 'a' has no training row in fold 1\. If the rows "
        r"are in some order, give .* cv=KFold\(2, shuffle=True, random_state=0\)"
    )
    with pytest.raises(ValueError, match=message):
        compare(CLF, make_rows(46), np.repeat(["a", "b"], 23), cv=KFold(2))


def test_a_step_that_fails_loses_its_fold_alone():
    with pytest.warns(FitFailedWarning, match="Fold 1 of 3 .*TwoArgumentsError: the first row"):
        found = compare(make_pipeline(PickyScaler(), REG), make_rows(), make_rows()[:, 0])
    assert found.failed_folds == {0: "TwoArgumentsError: the first row"}
    assert found.scores.shape == (2, 2, 2)
    whole = compare(make_pipeline(StandardScaler(), REG), make_rows(), make_rows()[:, 0])
    np.testing.assert_array_equal(found.scores, whole.scores[:, 1:])


def test_an_exception_of_a_fold_that_cannot_be_unpickled_stays_behind():
    for exception in (TwoArgumentsError("a", "b"), ArithmeticError("no luck")):
        fold = Fold(3, None, None, None, None, np.nan, error="no luck", exception=exception)
        again = pickle.loads(pickle.dumps(fold))
        assert (again.index, again.error) == (3, "no luck")
        assert isinstance(again.exception, ArithmeticError) == (type(exception) is ArithmeticError)


def test_a_fold_of_one_class_is_said_to_be_one():
    y = np.where(np.arange(45) < 27, np.arange(45) % 2, 1)
    with pytest.warns(match="") as caught:
        compare(CLF, make_rows(45), y, cv=KFold(5), scoring="roc_auc")
    told = [str(w.message) for w in caught if w.category is FitFailedWarning]
    assert len(told) == 2
    assert "All test rows of fold 4 are of class 1. If the rows are in some order" in told[0]


# ---- transformed targets ----

NESTED = {
    "alone": lambda net: TransformedTargetRegressor(net, transformer=StandardScaler()),
    "around a pipeline": lambda net: TransformedTargetRegressor(
        make_pipeline(StandardScaler(), net), func=np.cbrt, inverse_func=lambda y: y**3
    ),
    "in a pipeline": lambda net: make_pipeline(
        StandardScaler(), TransformedTargetRegressor(net, transformer=StandardScaler())
    ),
    "in one another": lambda net: TransformedTargetRegressor(
        TransformedTargetRegressor(net, transformer=StandardScaler()),
        transformer=FunctionTransformer(np.cbrt, inverse_func=lambda y: y**3),
    ),
}


def test_targets_may_become_data_frames():
    pandas = pytest.importorskip("pandas")
    X = make_rows()
    transformers = (
        FunctionTransformer(),
        FunctionTransformer(pandas.DataFrame, check_inverse=False),
        FunctionTransformer(inverse_func=pandas.DataFrame, check_inverse=False),
    )
    found = [
        compare(TransformedTargetRegressor(REG, transformer=transformer), X, X[:, 0])
        for transformer in transformers
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(other.scores, found[0].scores)


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_targets_are_transformed_and_scores_are_in_the_unit_of_y(nest, n_outputs):
    X = make_rows()
    y = 50 + 20 * X[:, :n_outputs]
    y = y[:, 0] if n_outputs == 1 else y
    found = compare(nest(REG), X, y, n_restarts=1, scoring="neg_mean_squared_error")
    for k, (train, test) in enumerate(KFold(3).split(X)):
        for s, scheme in enumerate(SCHEMES):
            net = REG.__class__(**REG.get_params())
            net.set_params(weight_init=scheme, random_state=int(found.seeds[k]))
            prediction = nest(net).fit(X[train], y[train]).predict(X[test])
            expected = -mean_squared_error(y[test], prediction)
            assert found.scores[s, k, 0] == pytest.approx(expected, rel=1e-9)
        dummy = DummyRegressor().fit(X[train], y[train]).predict(X[test])
        assert found.dummy_scores[k] == pytest.approx(-mean_squared_error(y[test], dummy))


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
def test_diagnosis_sees_the_targets_that_the_network_sees(nest):
    X = make_rows()
    y = 1e4 + 3000 * X[:, 0]
    est = nest(REG).fit(X, y)
    found = diagnose(est, X, y)
    assert (
        "unscaled_targets" not in [f.name for f in found.findings]
        or nest is NESTED["around a pipeline"]
    )
    assert "unscaled_targets" in [f.name for f in diagnose(REG.fit(X, y), X, y).findings]


# ---- names ----


@pytest.mark.parametrize("scoring", ["acuracy", "loss", "R2", "f1_makro"])
def test_scores_that_are_not_known_get_a_suggestion(scoring):
    with pytest.raises(ValueError, match=f"scoring='{scoring}' is not known") as caught:
        compare(CLF, make_rows(), make_rows()[:, 0] > 0, scoring=scoring)
    message = str(caught.value)
    assert len(message) < 200
    assert "get_scorer_names() lists all" in message
    if scoring == "acuracy":
        assert "Did you mean 'accuracy'" in message


# ---- prints ----

RECORDS = {
    "a regression": lambda: compare(REG, make_rows(), make_rows()[:, 0]),
    "a classification": lambda: compare(CLF, make_rows(), make_rows()[:, 0] > 0),
    "a difference": lambda: compare(REG, make_rows(), make_rows()[:, 0]).compare(*SCHEMES),
    "a diagnosis": lambda: diagnose(REG.fit(make_rows(), make_rows()[:, 0]), make_rows()),
    "restarts": lambda: CLF.fit(make_rows(), make_rows()[:, 0] > 0).restarts_,
    "expected best": lambda: (
        REG.set_params(n_restarts=3).fit(make_rows(), make_rows()[:, 0]).restarts_.expected_best()
    ),
}


@pytest.mark.parametrize("make", RECORDS.values(), ids=RECORDS)
def test_records_print_in_any_encoding(make):
    record = make()
    for encoding in ("ascii", "gbk", "cp932", "cp1251"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        print(record, repr(record), file=stream)


def test_what_is_printed_meanwhile_is_ascii(capsys):
    compare(REG, make_rows(), make_rows()[:, 0], verbose=1)
    REG.__class__(**{**REG.get_params(), "verbose": 1, "n_restarts": 2}).fit(
        make_rows(), make_rows()[:, 0]
    )
    show_versions()
    out, err = capsys.readouterr()
    assert (out + err).isascii()
    assert len(out.splitlines()) > 8


def test_the_default_score_of_a_regression_is_r2():
    X = make_rows()
    found = compare(REG, X, X[:, 0], n_restarts=1)
    net = REG.__class__(**REG.get_params())
    net.set_params(weight_init=SCHEMES[0], random_state=int(found.seeds[0]), n_restarts=1)
    train, test = next(KFold(3).split(X))
    prediction = net.fit(X[train], X[train, 0]).predict(X[test])
    assert found.scores[0, 0, 0] == pytest.approx(r2_score(X[test, 0], prediction), rel=1e-12)
    assert found.metric == "R2"
