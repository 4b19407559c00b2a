"""`scoring`: what judges networks on the validation rows."""

import joblib
import numpy as np
import pandas as pd
import pytest
from race_material import R, get_row, make, row
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    get_scorer,
    make_scorer,
    mean_pinball_loss,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from test_validation import LABELS, NUMBERS, WEIGHTS, WEIGHTS_VAL, X_VAL, make_one

from sklearn_init import InitMLPClassifier, InitMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DATA = {"X_val": X_VAL, "y_val": LABELS}
NUMERIC = {"X_val": X_VAL, "y_val": NUMBERS}

KINDS = {
    "two classes": (InitMLPClassifier, lambda labels: labels > 0),
    "names": (InitMLPClassifier, lambda labels: np.array(["no", "yes", "both"])[labels]),
    "several labels": (
        InitMLPClassifier,
        lambda labels: np.stack([labels > 0, labels > 1, labels == 1], axis=1).astype(int),
    ),
    "numbers": (InitMLPRegressor, lambda labels: labels.astype(float)),
    "rows of numbers": (InitMLPRegressor, lambda labels: np.stack([labels, labels**2.0], axis=1)),
}
SCORERS = [
    ("two classes", "roc_auc"),
    ("two classes", "neg_log_loss"),
    ("two classes", "matthews_corrcoef"),
    ("names", "f1_macro"),
    ("names", "roc_auc_ovr"),
    ("names", make_scorer(balanced_accuracy_score, adjusted=True)),
    ("several labels", "roc_auc"),
    ("several labels", "f1_micro"),
    ("numbers", "neg_mean_absolute_error"),
    ("numbers", make_scorer(mean_pinball_loss, alpha=0.7, greater_is_better=False)),
    ("rows of numbers", "r2"),
    ("rows of numbers", "neg_root_mean_squared_error"),
]


@pytest.mark.parametrize(("kind", "scoring"), SCORERS, ids=str)
@pytest.mark.parametrize("weights", [None, WEIGHTS_VAL], ids=["alike", "weights"])
def test_scores_are_what_a_scorer_says_of_networks_trained_so_far(
    X, y_class, kind, scoring, weights
):
    Estimator, make_targets = KINDS[kind]
    y, y_val = make_targets(y_class), make_targets(LABELS)
    est = make_one(Estimator, scoring=scoring, max_iter=3)
    scores = clone(est).fit(X, y, None, X_VAL, y_val, weights).validation_scores_
    scorer = get_scorer(scoring)
    more = {} if weights is None else {"sample_weight": weights}
    expected = [
        scorer(est.set_params(max_iter=epoch).fit(X, y), X_VAL, y_val, **more)
        for epoch in (1, 2, 3)
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("Ours", "Theirs", "name"),
    [(InitMLPClassifier, MLPClassifier, "accuracy"), (InitMLPRegressor, MLPRegressor, "r2")],
)
def test_without_a_score_early_stopping_has_those_of_scikit_learn(
    X, y_class, y_number, Ours, Theirs, name, engine
):
    y = y_class if name == "accuracy" else y_number
    more = {"early_stopping": True, "max_iter": 9, "random_state": 4, "hidden_layer_sizes": 7}
    theirs = Theirs(**more).fit(X, y)
    assert Ours(**more).fit(X, y).validation_scores_ == pytest.approx(
        theirs.validation_scores_, rel=0 if name == "accuracy" else 1e-10
    )
    assert Ours(**more, scoring=name).fit(X, y).validation_scores_ == pytest.approx(
        theirs.validation_scores_, rel=1e-10
    )


@pytest.mark.parametrize("rows", ["given", "held out"])
def test_the_loss_can_be_the_score(X, y_number, rows):
    est = make_one(InitMLPRegressor, scoring="loss", early_stopping=True, max_iter=30)
    est.set_params(learning_rate_init=0.1, n_iter_no_change=np.inf)
    est.fit(X, y_number, WEIGHTS, **(NUMERIC if rows == "given" else {}))
    losses = est.validation_loss_curve_
    assert est.validation_scores_ == [-loss for loss in losses]
    assert est.best_validation_score_ == -min(losses)
    best = np.argmin(losses)
    assert best < 29
    if rows == "given":
        est.set_params(early_stopping=False, max_iter=int(best) + 1)
        kept = row(est)
        np.testing.assert_array_equal(kept, row(est.fit(X, y_number, WEIGHTS)))


def test_the_score_stops_training_and_keeps_the_epoch(X, y_class):
    wanted = iter([0.1, 0.5, 0.5, 0.2, 0.4, 0.9])  # patience ends before the last one
    est = make_one(
        scoring=lambda est, X, y: next(wanted), early_stopping=True, n_iter_no_change=2,
        max_iter=20,
    ).fit(X, y_class, **DATA)  # fmt: skip
    assert est.validation_scores_ == [0.1, 0.5, 0.5, 0.2, 0.4]
    assert est.best_validation_score_ == 0.5
    np.testing.assert_array_equal(row(est), row(make_one(max_iter=2).fit(X, y_class)))


@pytest.mark.parametrize(
    "more",
    [
        {"solver": "adam"},
        {"solver": "lbfgs"},
        {"restart_strategy": "halving"},
        {"n_restarts": "auto", "max_restarts": 9},
    ],
    ids=str,
)
def test_the_score_chooses_among_restarts(X, y_number, more):
    more = {"restart_strategy": "full", "max_iter": 4, "restart_factor": 1.5, **more}
    est = make(InitMLPRegressor, **more, scoring="neg_median_absolute_error", restart_tol=0.0)
    est.fit(X, y_number, **NUMERIC)
    scorer = get_scorer("neg_median_absolute_error")
    scores = np.array([scorer(est.restart(r), X_VAL, NUMBERS) for r in range(R)])
    np.testing.assert_allclose(est.restarts_["validation_score"], scores, rtol=1e-12)
    scores[est.restarts_["dropped"]] = -np.inf
    assert est.best_restart_ == scores.argmax()
    assert (scores < 0).all()


def test_rows_held_out_are_scored_as_the_user_knows_them(X, y_class):
    seen = []

    def score(est, X, y, sample_weight):
        seen.append((X, y, sample_weight))
        return f1_score(y, est.predict(X), average="macro", sample_weight=sample_weight)

    names = np.array(["no", "yes", "both"])[y_class]
    frame = pd.DataFrame(X, columns=list("abcde"))
    est = make_one(scoring=score, early_stopping=True, warm_start=True, validation_fraction=0.3)
    est.fit(frame, names, WEIGHTS)
    rows = est._training.split.validation
    for X_seen, y_seen, weights in seen:
        np.testing.assert_array_equal(X_seen, X[rows])
        np.testing.assert_array_equal(y_seen, names[rows])
        np.testing.assert_array_equal(weights, WEIGHTS[rows])
    assert len(seen) == est.n_iter_


def test_class_weights_reach_the_score(X, y_class):
    seen = []

    def score(est, X, y, sample_weight):
        seen.append(sample_weight)
        return 0.5

    make_one(scoring=score, class_weight={0: 3, 1: 1, 2: 2}, max_iter=1).fit(X, y_class, **DATA)
    np.testing.assert_array_equal(seen, [np.array([3.0, 1, 2])[LABELS]])


def test_a_scorer_sees_the_weights_and_cannot_break_them(X, y_class):
    rows = []

    def score(est, X, y):
        rows.append(row(est))
        for array in [*est.coefs_, *est.intercepts_]:
            array[...] = np.nan
        est.alpha = est.classes_ = None
        return 0.5

    est = make_one(scoring=score, max_iter=3).fit(X, y_class, **DATA)
    for n_epochs, seen in enumerate(rows, 1):
        np.testing.assert_array_equal(seen, row(make_one(max_iter=n_epochs).fit(X, y_class)))
    np.testing.assert_array_equal(rows[-1], row(est))
    assert est.predict(X).shape == y_class.shape


def test_labels_of_a_sparse_matrix_are_scored_as_an_array(X, y_class):
    Y, Y_val = map(KINDS["several labels"][1], (y_class, LABELS))
    for scoring in "roc_auc", "f1_macro":
        dense = make_one(scoring=scoring).fit(X, Y, X_val=X_VAL, y_val=Y_val)
        sparse = make_one(scoring=scoring).fit(
            X, csr_array(Y), X_val=X_VAL, y_val=csr_array(Y_val)
        )
        assert sparse.validation_scores_ == dense.validation_scores_


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_scorers_work_where_restarts_train(X, y_class, backend):
    def score(est, X, y):  # which `pickle` could not send
        return float((est.predict(X) == y).mean() - abs(est.coefs_[0]).mean())

    est = make(restart_strategy="full", n_restarts=3, max_iter=4, scoring=score)
    here = clone(est).fit(X, y_class, **DATA)
    with joblib.parallel_config(backend, n_jobs=2):
        there = est.fit(X, y_class, **DATA)
    for kind in "validation_loss_curves", "validation_score_curves":
        np.testing.assert_array_equal(
            getattr(there.restarts_, kind), getattr(here.restarts_, kind)
        )
    np.testing.assert_array_equal(row(there), row(here))


def test_a_search_may_choose_the_score(X, y_class):
    est = make_one(early_stopping=True, max_iter=3, validation_fraction=0.3)
    choices = {"scoring": [None, "loss", "neg_log_loss", get_scorer("f1_macro")]}
    search = GridSearchCV(est, choices, cv=2, error_score="raise").fit(X, y_class > 0)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# ---- what is not allowed, and what is no score ----

WRONG = [
    ("f1_makro", "scoring='f1_makro' is not known. Did you mean 'f1_macro'"),
    ("Loss", "scoring='Loss' is not known. Did you mean 'loss'"),
    ("", r"scoring='' is not known. sklearn.metrics.get_scorer_names\(\) lists all"),
    (accuracy_score, "scoring=<function accuracy_score.*make_scorer"),
    (3, "scoring=3 is not allowed: expected None, 'loss', the name"),
    (["f1", "r2"], "scoring=.* is not allowed"),
    ({"f1": "f1"}, "scoring=.* is not allowed"),
    (True, "scoring=True is not allowed"),
    (b"f1", "scoring=b'f1' is not allowed"),
]


@pytest.mark.parametrize(("scoring", "match"), WRONG, ids=str)
def test_what_is_no_score_is_refused_at_once(X, y_class, scoring, match):
    est = make_one(scoring=scoring)
    with pytest.raises(ValueError, match=match):
        est.fit(X, y_class)
    assert not hasattr(est, "classes_")


FAILING = [
    (lambda est, X, y: 1 / 0, "failed on the 19 validation rows: division by zero"),
    (lambda est: 1.0, "failed on the 19 validation rows: .*argument"),
    (lambda est, X, y: est.feature_names_in_, "failed .*feature_names_in_"),
    (np.mean, "function mean.* failed on the 19 validation rows"),
    (make_scorer(accuracy_score, response_method="decision_function"), "failed .*decision_func"),
    (lambda est, X, y: np.ones(3), "returned array.*expected a finite number"),
    (lambda est, X, y: None, "returned None: expected a finite number"),
    (lambda est, X, y: "0.5", "returned '0.5': expected"),
    (lambda est, X, y: True, "returned True: expected"),
    (lambda est, X, y: 1 + 0j, "returned .*: expected"),
    (lambda est, X, y: np.inf, "returned inf: expected a finite number"),
]


@pytest.mark.parametrize(("scoring", "match"), FAILING)
@pytest.mark.parametrize(
    "more", [{}, {"n_restarts": 3, "n_jobs": 2}, {"solver": "lbfgs"}], ids=str
)
def test_a_score_that_fails_names_itself_and_loses_nothing(X, y_class, scoring, match, more):
    est = make_one(warm_start=True).fit(X, y_class)
    before, state = row(est), set(vars(est))
    est.set_params(scoring=scoring, warm_start=False, **more)
    with pytest.raises(ValueError, match=f"(?s)scoring=.*{match}"):
        est.fit(X, y_class, **DATA)
    np.testing.assert_array_equal(row(est), before)
    assert set(vars(est)) == state


def test_a_score_that_takes_no_weights_says_that_it_was_given_some(X, y_class):
    est = make_one(scoring=lambda est, X, y: 0.5).fit(X, y_class, **DATA)
    assert est.validation_scores_ == [0.5] * 6
    with pytest.raises(ValueError, match="sample_weight, which it has to take: .*sample_weight"):
        est.fit(X, y_class, **DATA, sample_weight_val=WEIGHTS_VAL)


def test_a_score_without_rows_to_judge_is_not_asked(X, y_class):
    est = make_one(scoring=lambda est, X, y: 1 / 0).fit(X, y_class)
    assert est.validation_scores_ is None


@pytest.mark.parametrize("worst", [np.nan, -np.inf])
def test_what_has_no_score_is_worse_than_what_has_one(X, y_class, worst):
    scores = [worst, -7.0, worst, -9.0]
    given = iter(scores)
    est = make_one(scoring=lambda est, X, y: next(given), early_stopping=True, max_iter=4)
    est.fit(X, y_class, **DATA)
    assert np.array_equal(est.validation_scores_, scores, equal_nan=True)
    assert est.best_validation_score_ == -7.0
    np.testing.assert_array_equal(row(est), row(make_one(max_iter=2).fit(X, y_class)))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("worst", [np.nan, -np.inf])
def test_a_restart_without_a_score_is_not_chosen(X, y_class, solver, worst):
    given = iter([worst, -5.0, worst, -4.0, worst])
    est = make(solver=solver, scoring=lambda est, X, y: next(given), n_restarts=5, max_iter=1)
    est.set_params(restart_strategy="full").fit(X, y_class, **DATA)
    assert est.best_restart_ == 3
    scores = est.restarts_["validation_score"]
    assert np.array_equal(scores, [np.nan, -5, np.nan, -4, np.nan], equal_nan=True)


def test_the_estimator_that_is_scored_has_no_other_networks(X, y_class):
    kept = []

    def score(est, X, y):
        kept.append(est)
        return 0.5

    est = make(restart_strategy="full", n_restarts=3, max_iter=1, scoring=score)
    est.set_params(restart_combine="average", restart_keep=2).fit(X, y_class, **DATA)
    for index, seen in enumerate(kept):
        expected = est.restart(index).predict_proba(X)
        np.testing.assert_array_equal(seen.predict_proba(X), expected)
        np.testing.assert_array_equal(row(seen), get_row(est, index))
        assert not hasattr(seen, "restarts_")


def test_scorers_see_rows_and_networks_without_names_of_features(X, y_class):
    frame = pd.DataFrame(X_VAL, columns=list("abcde"))
    seen = []

    def score(est, X, y):
        seen.append((type(X), est.n_features_in_, est.classes_.tolist()))
        return 0.5

    est = make_one(scoring=score, max_iter=1)
    est.fit(pd.DataFrame(X, columns=list("abcde")), y_class, X_val=frame, y_val=LABELS)
    assert seen == [(np.ndarray, 5, [0, 1, 2])]


def test_a_score_that_is_never_finite_is_told(X, y_class):
    more = {"early_stopping": True, "restart_strategy": "full", "n_restarts": 2, "max_iter": 3}
    est = make(**more, scoring=lambda est, X, y: np.nan)
    with pytest.warns(UserWarning, match="no finite score in any epoch of 2 of 2 restarts"):
        est.fit(X, y_class)


def test_a_score_may_be_an_array_without_axes(X, y_class):
    more = {"early_stopping": True, "restart_strategy": "full", "n_restarts": 1, "max_iter": 3}
    est = make(**more, scoring=lambda est, X, y: np.array(0.5)).fit(X, y_class)
    assert est.validation_scores_ == [0.5] * 3
