"""What users pass in and read off: kinds of data, weights, attributes, signatures."""

import inspect
import pickle
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.fixes import parse_version

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.network import CompiledPasses, ReferencePasses

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PAIRS = [(InitMLPClassifier, MLPClassifier), (InitMLPRegressor, MLPRegressor)]
ON_TOP = [
    "weight_init", "bias_init", "n_restarts", "restart_strategy", "restart_first_rung",
    "restart_factor", "restart_keep", "restart_criterion", "restart_combine", "restart_tol",
    "max_restarts", "n_jobs", "dtype", "dropout", "scoring", "checkpoint",
]  # fmt: skip


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.9"), reason="1.9.1's signature"
)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_signatures_extend_those_of_scikit_learn(ours, theirs):
    mine = list(inspect.signature(ours).parameters.values())
    upstream = list(inspect.signature(theirs).parameters.values())
    assert [(p.name, p.default, p.kind) for p in mine[: len(upstream)]] == [
        (p.name, p.default, p.kind) for p in upstream
    ]
    on_top = [p.name for p in mine[len(upstream) :]]
    assert on_top == ON_TOP + (["class_weight"] if ours is InitMLPClassifier else [])
    for method in ("fit", "predict", "score", "partial_fit"):
        ours_of, theirs_of = (
            list(inspect.signature(getattr(est(), method)).parameters) for est in (ours, theirs)
        )
        assert ours_of[: len(theirs_of)] == theirs_of
        on_top = {"return_std", "X_val", "y_val", "sample_weight_val"}
        assert set(ours_of[len(theirs_of) :]) <= on_top


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_fitted_attributes_include_those_of_scikit_learn(
    X, y_class, solver, early_stopping, ours, theirs
):
    more = {"solver": solver, "early_stopping": early_stopping, "max_iter": 3, "random_state": 0}

    def attributes(Estimator):
        fitted = vars(Estimator(**more).fit(X, y_class))
        return {name for name in fitted if name.endswith("_") and not name.startswith("_")}

    on_top = {
        "initial_coefs_",
        "initial_intercepts_",
        "weight_init_",
        "best_restart_",
        "kept_restarts_",
        "restarts_",
    }
    if solver != "lbfgs":
        on_top.add("validation_loss_curve_")
    assert attributes(ours) == attributes(theirs) | on_top


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("container", [csr_array, csr_matrix, csc_array])
def test_sparse_is_dense(X, y_class, solver, container):
    X = np.where(X > 0.5, X, 0)
    est = InitMLPClassifier((7,), solver=solver, max_iter=5, random_state=0)
    dense = est.fit(X, y_class).predict_proba(X)
    sparse = est.fit(container(X), y_class)
    np.testing.assert_allclose(sparse.predict_proba(container(X)), dense, rtol=1e-8)
    np.testing.assert_allclose(sparse.predict_proba(X), dense, rtol=1e-8)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_float32_is_kept(X, y_number, solver, early_stopping):
    X32 = X.astype(np.float32)
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), solver=solver, early_stopping=early_stopping, max_iter=5,
        random_state=0,
    )  # fmt: skip
    wide = est.fit(X, y_number).predict(X)
    est.fit(X32, y_number)
    arrays = est.coefs_ + est.intercepts_ + est.initial_coefs_ + est.initial_intercepts_
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert est.predict(X32).dtype == np.float32
    np.testing.assert_allclose(est.predict(X32), wide, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("given", [np.float32, np.float64, int])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype(X, y_class, given, dtype, solver):
    X = (10 * X).astype(given)
    est = InitMLPClassifier((7,), dtype=dtype, solver=solver, max_iter=3, random_state=0)
    est.fit(X, y_class)
    expected = InitMLPClassifier((7,), solver=solver, max_iter=3, random_state=0)
    expected.fit(X.astype(dtype), y_class)
    for array, other in zip(est.coefs_, expected.coefs_, strict=True):
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, other)
    assert np.isfinite(est.predict_proba(X)).all()


@pytest.mark.parametrize("dtype", [int, bool, np.float16, ">f8"])
def test_other_types_become_float64(X, y_number, dtype):
    est = InitMLPRegressor(hidden_layer_sizes=(3,), max_iter=2).fit(X.astype(dtype), y_number)
    assert est.coefs_[0].dtype == np.float64
    assert np.isfinite(est.predict(X.astype(dtype))).all()


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda X: X[::-1][::-1], pd.DataFrame, list]
)
def test_memory_layout_does_not_change_bits(X, y_number, layout):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=3, random_state=0)
    expected = est.fit(X, y_number).coefs_[0]
    np.testing.assert_array_equal(est.fit(layout(X), y_number).coefs_[0], expected)


@pytest.mark.parametrize(
    "labels",
    [[0, 1, 2], ["a", "b", "c"], [-1.0, 0.0, 7.0], np.array(["x", "yy", "z"], dtype=object)],
)
def test_labels(X, y_class, labels):
    y = np.asarray(labels)[y_class]
    est = InitMLPClassifier((7,), solver="lbfgs", random_state=0).fit(X, y)
    assert set(est.predict(X)) == set(labels)
    assert est.predict(X).dtype.kind in (y.dtype.kind, "U")  # as LabelBinarizer gives them
    assert est.score(X, y) > 0.9
    assert list(est.classes_) == sorted(labels)


def test_two_classes_have_one_output(X, y_class):
    est = InitMLPClassifier((7,), solver="lbfgs", random_state=0).fit(X, y_class > 0)
    assert est.n_outputs_ == 1
    assert est.out_activation_ == "logistic"
    proba = est.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(proba[:, 1] > 0.5, est.predict(X))
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(est.predict_log_proba(X), np.log(proba))


@pytest.mark.parametrize("sparse", [False, True])
def test_multi_label(X, y_class, sparse):
    Y = np.stack([y_class > 0, y_class > 1], axis=1).astype(int)
    est = InitMLPClassifier((7,), solver="lbfgs", random_state=0)
    est.fit(X, csr_array(Y) if sparse else Y)
    predicted = est.predict(X)
    predicted = predicted.toarray() if sparse else predicted
    assert (predicted == Y).mean() > 0.9
    assert est.predict_proba(X).shape == Y.shape
    est = InitMLPClassifier((7,), max_iter=3, class_weight="balanced", early_stopping=True)
    est.fit(X, csr_array(Y) if sparse else Y)


def test_no_hidden_layer_is_a_linear_model(X, y_class, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(), solver="lbfgs", alpha=2.0, tol=1e-9, max_iter=500, random_state=0
    ).fit(X, y_number)
    ridge = Ridge(alpha=2.0).fit(X, y_number)
    np.testing.assert_allclose(est.coefs_[0].ravel(), ridge.coef_, atol=1e-4)
    est = InitMLPClassifier(
        (), solver="lbfgs", alpha=1.0, tol=1e-9, max_iter=500, random_state=0
    ).fit(X, y_class)
    logistic = LogisticRegression(C=1.0, tol=1e-9, max_iter=500).fit(X, y_class)
    np.testing.assert_allclose(est.predict_proba(X), logistic.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_integer_weights_repeat_rows(X, y_class, solver):
    # in one batch, in any order
    weights = np.random.default_rng(0).integers(0, 3, size=len(X))
    more = {"solver": solver, "max_iter": 10, "random_state": 0, "batch_size": 200}
    clipped = pytest.warns(UserWarning, match="batch_size")
    with clipped if solver != "lbfgs" else nullcontext():
        weighted = InitMLPClassifier((7,), **more).fit(X, y_class, weights)
        repeated = InitMLPClassifier((7,), **more).fit(
            np.repeat(X, weights, axis=0), np.repeat(y_class, weights)
        )
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weight_multiplies_sample_weight(X, y_class, solver):
    more = {"solver": solver, "max_iter": 5, "random_state": 0}
    base = np.random.default_rng(0).uniform(0.5, 2, size=len(X))
    class_weight = {0: 3.0, 1: 1.0, 2: 0.25}
    both = InitMLPClassifier((7,), class_weight=class_weight, **more).fit(X, y_class, base)
    product = base * np.array([3.0, 1.0, 0.25])[y_class]
    by_hand = InitMLPClassifier((7,), **more).fit(X, y_class, product)
    np.testing.assert_allclose(both.coefs_[0], by_hand.coefs_[0], rtol=1e-12)
    counts = np.bincount(y_class)
    balanced = InitMLPClassifier((7,), class_weight="balanced", **more).fit(X, y_class)
    weights = (len(y_class) / (3 * counts))[y_class]
    by_hand = InitMLPClassifier((7,), **more).fit(X, y_class, weights)
    np.testing.assert_allclose(balanced.coefs_[0], by_hand.coefs_[0], rtol=1e-12)


def test_weights_count_in_validation(X, y_class):
    est = InitMLPClassifier(
        (7,), early_stopping=True, max_iter=1, random_state=0, validation_fraction=0.4,
        class_weight={0: 1.0, 1: 2.0, 2: 0.1}, warm_start=True,
    )  # fmt: skip
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(X))
    est.fit(X, y_class, weights)
    rows = est._training.split.validation
    product = weights * np.array([1.0, 2.0, 0.1])[y_class]
    by_hand = est.score(X[rows], y_class[rows], product[rows])
    assert est.validation_scores_ == [pytest.approx(by_hand, rel=1e-12)]
    assert by_hand != pytest.approx(est.score(X[rows], y_class[rows]))


@pytest.mark.parametrize("max_iter", [10, 200])
def test_lbfgs_works_in_float64(X, y_number, max_iter):
    X = X.astype(np.float32).astype(np.float64)
    y = y_number.astype(np.float32).astype(np.float64)
    start = [np.random.default_rng(0).normal(size=s).astype(np.float32) for s in ((5, 7), (7, 1))]
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), solver="lbfgs", max_iter=max_iter, weight_init=start, bias_init=0
    )
    wide = est.fit(X, y)
    n_iter, loss = wide.n_iter_, wide.loss_
    narrow = est.fit(X.astype(np.float32), y.astype(np.float32))
    assert narrow.n_iter_ == n_iter
    assert narrow.loss_ == pytest.approx(loss, rel=1e-5)


def test_partial_fit_takes_batches_of_any_size_and_a_class_not_yet_seen(X, y_class):
    est = InitMLPClassifier((7,), random_state=0, batch_size=7)
    est.partial_fit(X[:20], np.minimum(y_class[:20], 1), classes=[0, 1, 2])
    est.partial_fit(X[20:], y_class[20:])
    est.partial_fit(X[:7], y_class[:7])
    assert est.n_iter_ == 1
    assert est.t_ == len(X) + 7
    assert est.predict_proba(X).shape == (len(X), 3)
    assert np.isfinite(est.loss_curve_).all()
    assert len(est.loss_curve_) == 3


def test_a_fit_without_the_compiled_engine_says_so(X, y_number, engine):
    est = InitMLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0, tol=0.1)
    expectation = (
        pytest.warns(UserWarning, match="without its compiled engine")
        if engine == "reference"
        else nullcontext()
    )
    with expectation as record:
        est.fit(X, y_number)
    if record:
        assert record[0].filename == __file__
    est.initialize(X, y_number)


def test_pickle_is_small(X, y_class):
    est = InitMLPClassifier((200, 200), max_iter=1, random_state=0).fit(X, y_class)
    n_bytes = sum(W.nbytes for W in est.coefs_ + est.intercepts_)
    assert len(pickle.dumps(est)) < 2.1 * n_bytes + 10_000  # weights and initial weights


def test_an_interrupt_of_lbfgs_keeps_the_last_iterate(X, y_number, monkeypatch, engine):
    passes = CompiledPasses if engine == "compiled" else ReferencePasses
    objective_and_grad, calls = passes.objective_and_grad, []

    def interrupt(self, theta, grad):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return objective_and_grad(self, theta, grad)

    monkeypatch.setattr(passes, "objective_and_grad", interrupt)
    est = InitMLPRegressor(hidden_layer_sizes=(7,), solver="lbfgs", random_state=0, n_restarts=2)
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, y_number)
    assert est.best_restart_ == 0
    assert est.n_iter_ > 5
    penalty = 0.5 * est.alpha * sum((W**2).sum() for W in est.coefs_) / len(X)
    error = ((est.predict(X) - y_number) ** 2).mean() / 2
    assert est.loss_ == pytest.approx(error + penalty)
    started = InitMLPRegressor(hidden_layer_sizes=(7,), random_state=0).initialize(X, y_number)
    assert est.score(X, y_number) > started.score(X, y_number)
