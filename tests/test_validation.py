"""Validation rows of the user: what they judge, and what they never touch."""

import numpy as np
import pytest
from race_material import RUNGS, R, T, make, replay, row
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.losses import LOSSES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_VAL = 19
PAIRS = [(InitMLPClassifier, MLPClassifier), (InitMLPRegressor, MLPRegressor)]


def make_one(Estimator=InitMLPClassifier, **more):
    """Return an estimator of one restart that trains for a few epochs."""
    defaults = {"n_restarts": 1, "restart_strategy": "full", "max_iter": 6}
    return make(Estimator, **{**defaults, **more})


def draw_rows(seed, n=N_VAL):
    """Return rows, labels, numbers and weights."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    labels = np.digitize(X[:, 0] * X[:, 1], [-0.3, 0.3])
    return X, labels, np.sin(X[:, 0]) + X[:, 1] * X[:, 2], rng.uniform(size=n)


X_VAL, LABELS, NUMBERS, WEIGHTS_VAL = draw_rows(8)
WEIGHTS = np.random.default_rng(9).uniform(size=53)


def choose_targets(Estimator, y_class, y_number):
    """Return targets to train on, and those of the validation rows."""
    if Estimator is InitMLPClassifier:
        return y_class, LABELS
    return y_number, NUMBERS


# ---- training ----


@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
def test_early_stopping_by_given_rows_is_the_loop_that_one_would_write(
    X, y_class, y_number, stochastic, Estimator
):
    y, y_val = choose_targets(Estimator, y_class, y_number)
    common = {"solver": stochastic, "learning_rate_init": 0.05, "random_state": 5}
    est = make_one(
        Estimator, **common, early_stopping=True, n_iter_no_change=3, tol=0.01, max_iter=60
    ).fit(X, y, WEIGHTS, X_val=X_VAL, y_val=y_val, sample_weight_val=WEIGHTS_VAL)

    hand = make_one(Estimator, **common, max_iter=1, warm_start=True, n_iter_no_change=np.inf)
    scores, rows, best, patience = [], [], -np.inf, 0
    while patience <= 3:
        hand.fit(X, y, WEIGHTS)
        scores.append(hand.score(X_VAL, y_val, WEIGHTS_VAL))
        rows.append(row(hand))
        patience = 0 if scores[-1] >= best + 0.01 else patience + 1
        best = max(best, scores[-1])

    assert est.n_iter_ == len(scores) < 60
    np.testing.assert_allclose(est.validation_scores_, scores, rtol=1e-12)
    assert np.argmax(scores) < len(scores) - 1  # so that the best epoch shows
    np.testing.assert_array_equal(row(est), rows[np.argmax(scores)])
    assert est.best_validation_score_ == max(est.validation_scores_)
    assert est.loss_curve_ == hand.loss_curve_


@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
@pytest.mark.parametrize("classes", [2, 3])
def test_given_rows_do_what_the_same_rows_do_that_are_held_out(
    X, y_class, y_number, Estimator, classes, engine
):
    y, _ = choose_targets(Estimator, np.minimum(y_class, classes - 1), y_number)
    # without shuffling, the split is all that the main stream draws
    more = {"early_stopping": True, "shuffle": False, "validation_fraction": 0.3}
    held = make_one(Estimator, **more, warm_start=True, max_iter=9).fit(X, y, WEIGHTS)
    split = held._training.split
    t, v = split.training, split.validation
    given = make_one(Estimator, **more, max_iter=9).fit(
        X[t], y[t], WEIGHTS[t], X_val=X[v], y_val=y[v], sample_weight_val=WEIGHTS[v]
    )
    np.testing.assert_array_equal(row(given), row(held))
    for name in "loss_curve_", "validation_scores_", "validation_loss_curve_":
        assert getattr(given, name) == getattr(held, name)
    assert given.t_ == 9 * len(t)


@pytest.mark.parametrize(("Estimator", "Theirs"), PAIRS)
def test_batches_are_those_of_scikit_learn_without_early_stopping(
    X, y_class, y_number, Estimator, Theirs
):
    y, y_val = choose_targets(Estimator, y_class, y_number)
    more = {
        "hidden_layer_sizes": (7, 4), "random_state": 3, "max_iter": 6, "batch_size": 16,
        "n_iter_no_change": np.inf,
    }  # fmt: skip
    ours = Estimator(**more, early_stopping=True, tol=0).fit(X, y, X_val=X_VAL, y_val=y_val)
    theirs = Theirs(**more).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-10)


@pytest.mark.parametrize(
    "more",
    [{"solver": "adam"}, {"solver": "sgd"}, {"solver": "lbfgs"}, {"weight_init": "lsuv"}],
    ids=str,
)
def test_nothing_of_given_rows_reaches_training(X, y_number, more):
    more = {"n_restarts": 3, "restart_criterion": "loss", "dropout": 0.0, **more}
    alone = make_one(InitMLPRegressor, **more).fit(X, y_number)
    for factor in 1, 50:  # rows far away, which would show
        est = make_one(InitMLPRegressor, **more)
        est.fit(X, y_number, X_val=factor * X_VAL, y_val=factor * NUMBERS)
        np.testing.assert_array_equal(row(est), row(alone))
        np.testing.assert_array_equal(est.restarts_["loss"], alone.restarts_["loss"])
        np.testing.assert_array_equal(est.restarts_.loss_curves, alone.restarts_.loss_curves)


def test_given_rows_are_never_written_into(X, y_number):
    data = [X, y_number, WEIGHTS, X_VAL.copy(), NUMBERS.copy(), WEIGHTS_VAL.copy()]
    before = [array.copy() for array in data]
    for array in data:
        array.flags.writeable = False
    make_one(InitMLPRegressor, early_stopping=True, scoring="r2").fit(*data)
    for array, copy in zip(data, before, strict=True):
        np.testing.assert_array_equal(array, copy)


# ---- the curve of losses ----

TARGETS = {
    "squared_error": lambda rng, n: rng.normal(size=(n, 2)),
    "poisson": lambda rng, n: rng.poisson(2.0, size=(n, 2)).astype(float),
    "binary_log_loss": lambda rng, n: rng.integers(2, size=(n, 3)),
    "log_loss": lambda rng, n: np.arange(n) % 3,
}


def sum_log_losses(y, probabilities, **weights):
    columns = zip(y.T, probabilities.T, strict=True)
    return sum(log_loss(observed, p, **weights) for observed, p in columns)


METRICS = {
    "squared_error": lambda y, mean, **w: mean_squared_error(y, mean, **w) / 2,
    "poisson": lambda y, mean, **w: sum(
        mean_poisson_deviance(y[:, k], mean[:, k], **w) / 2 for k in range(2)
    ),
    "binary_log_loss": sum_log_losses,
    "log_loss": log_loss,
}
"""What scikit-learn's metrics make of predictions, sums over outputs where the loss is one."""


def test_every_loss_has_a_metric():
    assert set(METRICS) == set(TARGETS) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("form", "dtype"), [(np.asarray, "f8"), (csr_array, "f8"), (np.asarray, "f4")]
)
def test_the_validation_curve_is_the_metric_of_what_was_trained_so_far(
    X, engine, name, form, dtype
):
    rng = np.random.default_rng(4)
    y, y_val = (TARGETS[name](rng, n) for n in (len(X), N_VAL))
    is_number = name in ("squared_error", "poisson")
    more = {"loss": name} if is_number else {}
    X, X_val = form(X.astype(dtype)), form(X_VAL.astype(dtype))
    est = make_one(
        InitMLPRegressor if is_number else InitMLPClassifier, **more, alpha=3.0, max_iter=3
    )
    data = {"X_val": X_val, "y_val": y_val, "sample_weight_val": WEIGHTS_VAL}
    curve = clone(est).fit(X, y, **data).validation_loss_curve_
    for n_epochs, loss in enumerate(curve, 1):
        so_far = est.set_params(max_iter=n_epochs).fit(X, y)
        predicted = so_far.predict(X_val) if is_number else so_far.predict_proba(X_val)
        predicted = predicted.astype(float)
        if name == "log_loss":  # scikit-learn wants a sum of 1, exact in float64
            predicted /= predicted.sum(axis=1, keepdims=True)
        expected = METRICS[name](y_val, predicted, sample_weight=WEIGHTS_VAL)
        assert loss == pytest.approx(expected, rel=1e-10 if dtype == "f8" else 1e-5)


def test_curves_of_all_restarts_are_those_of_each(X, y_class):
    several = make(max_iter=8).fit(X, y_class, X_val=X_VAL, y_val=LABELS)
    losses, scores = (
        several.restarts_.validation_loss_curves,
        several.restarts_.validation_score_curves,
    )
    assert losses.shape == scores.shape == several.restarts_.loss_curves.shape == (R, 8)
    trained = np.isfinite(several.restarts_.loss_curves)
    assert not trained.all()  # a race has dropped some
    np.testing.assert_array_equal(np.isfinite(losses), trained)
    np.testing.assert_array_equal(np.isfinite(scores), trained)
    for r in range(R):
        one = several.restart(r)
        assert one.validation_loss_curve_ == losses[r][trained[r]].tolist()
        assert one.validation_scores_ == scores[r][trained[r]].tolist()
    held = make(max_iter=8, early_stopping=True).fit(X, y_class)
    assert np.isfinite(held.restarts_.validation_loss_curves[held.best_restart_]).all()


def test_epochs_that_nobody_judged_are_gaps_in_the_curves(X, y_class):
    est = make_one(max_iter=2, warm_start=True).fit(X, y_class)
    assert est.validation_loss_curve_ is None
    est.fit(X, y_class, X_val=X_VAL, y_val=LABELS)
    for curve in est.validation_loss_curve_, est.validation_scores_:
        assert np.isnan(curve).tolist() == [True, True, False, False]
    est.partial_fit(X, y_class)
    assert (est.validation_loss_curve_, est.best_validation_score_) == (None, None)
    est.fit(X, y_class, X_val=X_VAL, y_val=LABELS)
    assert np.isnan(est.validation_loss_curve_).tolist() == [
        *(True, True, False, False, True, False, False)
    ]


# ---- going on, races, other processes ----


@pytest.mark.parametrize("early_stopping", [False, True])
def test_ten_epochs_and_ten_more_equal_twenty(X, y_number, stochastic, early_stopping):
    data = X, y_number, WEIGHTS, X_VAL, NUMBERS, WEIGHTS_VAL
    more = {"solver": stochastic, "early_stopping": early_stopping, "n_restarts": 2}
    twice = make_one(InitMLPRegressor, **more, max_iter=10, warm_start=True)
    twice.fit(*data).fit(*data)
    once = make_one(InitMLPRegressor, **more, max_iter=20).fit(*data)
    for r in range(2):
        np.testing.assert_array_equal(row(twice.restart(r)), row(once.restart(r)))
        for name in "validation_scores_", "validation_loss_curve_", "best_validation_score_":
            assert getattr(twice.restart(r), name) == getattr(once.restart(r), name)
    assert len(once.validation_scores_) > 10


def test_a_race_is_decided_by_given_rows(X, y_number):
    data = {"X_val": X_VAL, "y_val": NUMBERS}
    raced = make(InitMLPRegressor).fit(X, y_number, **data)
    full = make(InitMLPRegressor, restart_strategy="full", tol=0).fit(X, y_number, **data)
    scores = full.restarts_.validation_score_curves
    epochs = replay(full, RUNGS, lambda r, epoch: -scores[r, epoch - 1])
    assert raced.restarts_["n_iter"].tolist() == epochs
    by_loss = replay(full, RUNGS, lambda r, epoch: full.restarts_.loss_curves[r, epoch - 1])
    assert epochs != by_loss
    assert raced.best_restart_ == np.argmax(epochs)
    assert raced.t_ == T * len(X)  # nothing was held out


def test_given_rows_choose_unless_the_loss_is_asked_to(X, y_number):
    def choose(criterion, solver="adam"):
        est = make(InitMLPRegressor, restart_strategy="full", max_iter=5, solver=solver)
        est.set_params(restart_criterion=criterion, warm_start=True, random_state=4)
        est.fit(X, y_number, X_val=X_VAL, y_val=NUMBERS)
        assert est._training.split.validation is None
        scores = [est.restart(r).score(X_VAL, NUMBERS) for r in range(R)]
        np.testing.assert_allclose(est.restarts_["validation_score"], scores, rtol=1e-12)
        return est.best_restart_, np.argmax(scores), est.restarts_["loss"].argmin()

    for solver in "adam", "lbfgs":
        chosen, by_score, by_loss = choose("auto", solver)
        assert chosen == by_score != by_loss
    chosen, by_score, _ = choose("validation")
    assert chosen == by_score
    chosen, _, by_loss = choose("loss")
    assert chosen == by_loss


def test_there_are_enough_restarts_by_the_score_of_given_rows(X, y_number):
    est = make(InitMLPRegressor, n_restarts="auto", restart_strategy="full", max_iter=3)
    est.set_params(restart_tol=0.0, max_restarts=11).fit(X, y_number, X_val=X_VAL, y_val=NUMBERS)
    scores = est.restarts_["validation_score"]
    assert len(scores) == 11
    assert est.restarts_.stop_reason.startswith("max_restarts=11")
    assert est.best_restart_ == scores.argmax() != est.restarts_["loss"].argmin()
    assert est.restarts_.expected_best().mean[-1] == scores.max()


def test_threads_judge_by_the_same_rows(X, y_class):
    est = make(restart_strategy="full", n_restarts=3, max_iter=5, early_stopping=True)
    data = {"X_val": X_VAL, "y_val": LABELS, "sample_weight_val": WEIGHTS_VAL}
    here = clone(est).fit(X, y_class, **data)
    there = est.set_params(n_jobs=2).fit(X, y_class, **data)
    for kind in "validation_loss_curves", "validation_score_curves", "loss_curves":
        np.testing.assert_array_equal(
            getattr(there.restarts_, kind), getattr(here.restarts_, kind)
        )
    np.testing.assert_array_equal(row(there), row(here))
