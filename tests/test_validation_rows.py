"""Validation rows of the user: labels, weights and frames; what is refused; routing."""

import numpy as np
import pandas as pd
import pytest
from race_material import row
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from test_validation import (
    LABELS,
    N_VAL,
    WEIGHTS,
    WEIGHTS_VAL,
    X_VAL,
    draw_rows,
    make_one,
    sum_log_losses,
)

from sklearn_init import InitMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_class_weights_are_those_of_the_training_labels(X, y_class):
    def get_curve(class_weight, *data):
        est = make_one(class_weight=class_weight, max_iter=3)
        return est.fit(X, y_class, None, *data).validation_loss_curve_

    n_of = np.bincount(y_class)
    balanced = dict(enumerate(len(y_class) / (3 * n_of)))
    assert not np.allclose(n_of / len(X), np.bincount(LABELS) / N_VAL, atol=0.01)
    given = X_VAL, LABELS, WEIGHTS_VAL
    np.testing.assert_allclose(
        get_curve("balanced", *given), get_curve(balanced, *given), rtol=1e-12
    )
    # they multiply the weights of the rows
    est = make_one(class_weight=balanced, max_iter=1).fit(X, y_class, None, *given)
    weights = WEIGHTS_VAL * np.array([balanced[label] for label in LABELS])
    expected = log_loss(LABELS, est.predict_proba(X_VAL), sample_weight=weights)
    assert est.validation_loss_curve_[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 5.0}, {0: 5.0, 1: 1, 2: 1}])
def test_classes_may_be_missing_from_given_rows(X, y_class, class_weight):
    some = LABELS > 0  # not the class that a dict names
    est = make_one(class_weight=class_weight, max_iter=1)
    est.fit(X, y_class, X_val=X_VAL[some], y_val=LABELS[some])
    probabilities = est.predict_proba(X_VAL[some])
    of_class = {"balanced": len(y_class) / (3 * np.bincount(y_class))}
    weights = of_class.get(str(class_weight), np.array([5.0, 1, 1]))[LABELS[some]]
    expected = log_loss(LABELS[some], probabilities, sample_weight=weights, labels=[0, 1, 2])
    assert est.validation_loss_curve_ == pytest.approx([expected])


@pytest.mark.parametrize("class_weight", ["balanced", [{0: 1, 1: 3}, {1: 2}, {0: 2}]])
def test_class_weights_of_several_labels(X, y_class, class_weight):
    Y, Y_val = (np.stack([y > 0, y > 1, y == 1], axis=1).astype(int) for y in (y_class, LABELS))
    est = make_one(class_weight=class_weight, max_iter=1)
    est.fit(X, Y, X_val=X_VAL, y_val=Y_val)
    share = Y.mean(axis=0)
    table = np.array([[1, 1, 2], [3, 2, 1]])
    if class_weight == "balanced":
        table = np.array([0.5 / (1 - share), 0.5 / share])
    weights = table[Y_val, np.arange(3)].prod(axis=1)
    expected = sum_log_losses(Y_val, est.predict_proba(X_VAL), sample_weight=weights)
    assert est.validation_loss_curve_ == pytest.approx([expected])


def test_labels_of_any_kind_give_the_same_curves(X, y_class):
    def fit(y, y_val, **more):
        est = make_one(**more).fit(X, y, X_val=X_VAL, y_val=y_val)
        return est.validation_loss_curve_, est.validation_scores_

    names = np.array(["low", "mid", "high"])  # not in this order when sorted
    coded = np.array([1, 2, 0])
    assert fit(names[y_class], names[LABELS]) == fit(coded[y_class], coded[LABELS])
    assert fit(names[y_class].tolist(), pd.Series(names[LABELS])) == fit(
        names[y_class].astype(object), names[LABELS]
    )
    Y, Y_val = (np.stack([y > 0, y == 1], axis=1).astype(int) for y in (y_class, LABELS))
    assert fit(Y, Y_val) == fit(csr_array(Y), Y_val.tolist()) == fit(Y, csr_array(Y_val))


def test_frames_train_and_judge_without_a_warning(X, y_class):
    frame, frame_val = (pd.DataFrame(rows, columns=list("abcde")) for rows in (X, X_VAL))
    for scoring in None, "f1_macro":
        est = make_one(scoring=scoring).fit(frame, y_class, X_val=frame_val, y_val=LABELS)
        bare = make_one(scoring=scoring).fit(X, y_class, X_val=X_VAL, y_val=LABELS)
        assert est.validation_scores_ == bare.validation_scores_
    with pytest.raises(ValueError, match="X_val, .*feature names"):
        make_one().fit(frame, y_class, X_val=frame_val[list("edcba")], y_val=LABELS)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        make_one().fit(frame, y_class, X_val=X_VAL, y_val=LABELS)


def test_dense_rows_may_judge_sparse_ones(X, y_class):
    dense = make_one().fit(X, y_class, X_val=X_VAL, y_val=LABELS)
    for X_train, X_val in [(csr_array(X), X_VAL), (X, csr_array(X_VAL))]:
        est = make_one().fit(X_train, y_class, X_val=X_val, y_val=LABELS)
        np.testing.assert_allclose(est.validation_loss_curve_, dense.validation_loss_curve_)


# ---- what is not allowed ----

X_NAN = np.where(np.arange(5) == 2, np.nan, X_VAL)
WRONG = [
    ({"X_val": X_VAL}, "y_val=None is not allowed"),
    ({"y_val": LABELS}, "X_val=None is not allowed"),
    ({"sample_weight_val": WEIGHTS_VAL}, "X_val=None is not allowed"),
    ({"X_val": X_VAL[:, :4], "y_val": LABELS}, "X_val.*4 features.*expecting 5"),
    ({"X_val": X_NAN, "y_val": LABELS}, "X_val.*contains NaN"),
    ({"X_val": X_VAL[:1], "y_val": LABELS[:1]}, "X_val has 1 row"),
    ({"X_val": X_VAL[:0], "y_val": LABELS[:0]}, "X_val.*0 sample"),
    ({"X_val": X_VAL, "y_val": LABELS[:-1]}, "y_val.*inconsistent numbers of samples"),
    ({"X_val": X_VAL, "y_val": LABELS + 1}, "y_val.*not seen before.*1 2 3"),
    (
        {"X_val": X_VAL, "y_val": np.eye(3)[LABELS]},
        "y_val has 3 columns, but those of training are 1",
    ),
    ({"X_val": X_VAL, "y_val": [[1], [1, 2]]}, "y_val"),
    ({"X_val": X_VAL, "y_val": 1}, "y_val"),
    ({"X_val": X_VAL, "y_val": LABELS, "sample_weight_val": WEIGHTS}, "sample_weight_val.*53"),
    ({"X_val": X_VAL, "y_val": LABELS, "sample_weight_val": -WEIGHTS_VAL}, "negative"),
    ({"X_val": X_VAL, "y_val": LABELS, "sample_weight_val": 0 * WEIGHTS_VAL}, "zero"),
]


@pytest.mark.parametrize(("data", "match"), WRONG)
def test_wrong_validation_rows_are_refused_by_name(X, y_class, data, match):
    est = make_one()
    with pytest.raises(ValueError, match=f"(?s){match}"):
        est.fit(X, y_class, **data)
    assert not hasattr(est, "coefs_")


@pytest.mark.parametrize("y_val", [LABELS, LABELS[:, np.newaxis], np.eye(4)[LABELS], np.eye(2)])
def test_several_labels_need_as_many_in_given_rows(X, y_class, y_val):
    Y = np.eye(3, dtype=int)[y_class] + np.eye(3, dtype=int)[0]
    with pytest.raises(ValueError, match="y_val has . columns, but those of training are 3"):
        make_one().fit(X, np.minimum(Y, 1), X_val=X_VAL[: len(y_val)], y_val=y_val)


@pytest.mark.parametrize(
    ("loss", "y_val", "match"),
    [
        ("poisson", -np.ones(N_VAL), "loss='poisson' needs y_val >= 0"),
        ("squared_error", np.full(N_VAL, np.inf), "y_val.*infinity"),
        ("squared_error", np.ones((N_VAL, 2)), "y_val has 2 columns, but those of training are 1"),
    ],
)
def test_wrong_numbers_of_given_rows(X, y_number, loss, y_val, match):
    est = make_one(InitMLPRegressor, loss=loss)
    with pytest.raises(ValueError, match=f"(?s){match}"):
        est.fit(X, np.abs(y_number), X_val=X_VAL, y_val=y_val)


# ---- scikit-learn's metadata routing ----


@pytest.fixture
def routing():
    with config_context(enable_metadata_routing=True):
        yield


def make_pipeline():
    est = make_one(early_stopping=True)
    est.set_fit_request(X_val=True, y_val=True, sample_weight_val=True)
    return Pipeline([("scale", StandardScaler()), ("mlp", est)], transform_input=["X_val"])


@pytest.mark.usefixtures("routing")
def test_a_pipeline_scales_the_rows_that_judge(X, y_class):
    X, X_val = 100 * X + 7, 100 * X_VAL + 7
    data = {"y_val": LABELS, "sample_weight_val": WEIGHTS_VAL}
    piped = make_pipeline().fit(X, y_class, X_val=X_val, **data)
    scaler = StandardScaler().fit(X)
    by_hand = make_one(early_stopping=True)
    by_hand.fit(scaler.transform(X), y_class, X_val=scaler.transform(X_val), **data)
    assert piped[-1].validation_loss_curve_ == by_hand.validation_loss_curve_
    np.testing.assert_array_equal(row(piped[-1]), row(by_hand))
    piped.set_params(transform_input=None).fit(X, y_class, X_val=X_val, **data)
    assert piped[-1].validation_loss_curve_ != by_hand.validation_loss_curve_


@pytest.mark.usefixtures("routing")
def test_a_search_hands_the_same_rows_to_every_fit(X, y_class):
    data = {"X_val": X_VAL, "y_val": LABELS, "sample_weight_val": WEIGHTS_VAL}
    folds = KFold(3)
    search = GridSearchCV(make_pipeline(), {"mlp__alpha": [0.1, 1.0]}, cv=folds)
    search.fit(X, y_class, **data)
    parts = cross_validate(
        make_pipeline(), X, y_class, cv=folds, params=data, return_estimator=True
    )
    for part, (train, test) in zip(parts["estimator"], folds.split(X), strict=True):
        by_hand = make_pipeline().fit(X[train], y_class[train], **data)
        assert part[-1].validation_scores_ == by_hand[-1].validation_scores_
        assert part.score(X[test], y_class[test]) == by_hand.score(X[test], y_class[test])
    best = search.best_estimator_[-1]
    again = make_pipeline().set_params(mlp__alpha=best.alpha).fit(X, y_class, **data)
    assert best.validation_loss_curve_ == again[-1].validation_loss_curve_


@pytest.mark.usefixtures("routing")
def test_a_search_cuts_validation_rows_that_are_as_many_as_the_training_rows(X, y_class):
    X_val, y_val, *_ = draw_rows(11, n=len(X))
    est = make_one().set_fit_request(X_val=True, y_val=True)
    folds = KFold(3)
    parts = cross_validate(
        est, X, y_class, cv=folds, params={"X_val": X_val, "y_val": y_val}, return_estimator=True
    )
    for part, (train, _) in zip(parts["estimator"], folds.split(X), strict=True):
        by_hand = make_one().fit(X[train], y_class[train], X_val=X_val[train], y_val=y_val[train])
        assert part.validation_loss_curve_ == by_hand.validation_loss_curve_
