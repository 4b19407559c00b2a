"""Averages of restarts: their mean, their spread, and scikit-learn's form of them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.neural_network import MLPRegressor

from sklearn_init import InitMLPClassifier, InitMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DEFAULTS = {"hidden_layer_sizes": (7, 4), "max_iter": 6, "random_state": 3}
AVERAGE = {**DEFAULTS, "n_restarts": 5, "restart_keep": 3, "restart_combine": "average"}

LABELS = {
    "two classes": lambda y: np.array(["no", "yes"])[(y > 0).astype(int)],
    "three classes": lambda y: np.array(["low", "mid", "high"])[y],
    "several labels": lambda y: np.stack([y > 0, y > 1, y == 1], axis=1).astype(int),
}
NUMBERS = {
    "one output": ("squared_error", lambda y: y),
    "two outputs": ("squared_error", lambda y: np.stack([y, y**2], axis=1)),
    "counts": ("poisson", np.abs),
    "two counts": ("poisson", lambda y: np.abs(np.stack([y, y**2], axis=1))),
}


def order_by_loss(est):
    return np.argsort(est.restarts_["loss"])


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("strategy", ["full", "halving"])
def test_classifiers_average_probabilities(X, y_class, labels, strategy):
    y = LABELS[labels](y_class)
    est = InitMLPClassifier(**AVERAGE, restart_strategy=strategy).fit(X, y)
    finished = [r for r in order_by_loss(est) if not est.restarts_["dropped"][r]]
    np.testing.assert_array_equal(est.kept_restarts_, finished[:3])
    assert est.best_restart_ == est.kept_restarts_[0]
    each = [est.restart(r).predict_proba(X) for r in est.kept_restarts_]
    mean, std = est.predict_proba(X, return_std=True)
    np.testing.assert_allclose(mean, np.mean(each, axis=0), rtol=1e-12)
    np.testing.assert_allclose(std, np.std(each, axis=0), atol=1e-15)
    assert std.min() > 0
    np.testing.assert_array_equal(est.predict_proba(X), mean)
    np.testing.assert_allclose(est.predict_log_proba(X), np.log(mean), rtol=1e-12)
    right = mean > 0.5 if y.ndim == 2 else est.classes_[mean.argmax(axis=1)]
    np.testing.assert_array_equal(est.predict(X), right)
    assert est.score(X, y) == np.mean([np.all(a == b) for a, b in zip(right, y, strict=True)])


@pytest.mark.parametrize("numbers", NUMBERS)
def test_regressors_average_predictions(X, y_number, numbers):
    loss, make_y = NUMBERS[numbers]
    y = make_y(y_number)
    est = InitMLPRegressor(loss, **AVERAGE).fit(X, y)
    each = [est.restart(r).predict(X) for r in order_by_loss(est)[:3]]
    mean, std = est.predict(X, return_std=True)
    assert mean.shape == std.shape == y.shape
    np.testing.assert_allclose(mean, np.mean(each, axis=0), rtol=1e-12)
    np.testing.assert_allclose(std, np.std(each, axis=0), rtol=1e-9)
    np.testing.assert_array_equal(est.predict(X), mean)


def test_the_best_alone_is_kept_by_default(X, y_class):
    est = InitMLPClassifier(**DEFAULTS, n_restarts=5, restart_keep=3).fit(X, y_class)
    np.testing.assert_array_equal(est.kept_restarts_, [est.best_restart_])
    alone = est.restart(est.best_restart_)
    np.testing.assert_array_equal(est.predict_proba(X), alone.predict_proba(X))
    est.set_params(restart_combine="average")  # for the next fit
    with pytest.raises(ValueError, match="return_std=True .*restart_combine='average'"):
        est.predict_proba(X, return_std=True)


def test_a_single_restart_of_an_average_predicts_alone(X, y_number):
    est = InitMLPRegressor(**AVERAGE).fit(X, y_number)
    one = est.restart(est.kept_restarts_[2])
    assert one.kept_restarts_ == [est.kept_restarts_[2]]
    assert np.abs(one.predict(X) - est.predict(X)).max() > 0.01
    with pytest.raises(ValueError, match="predictions come from one"):
        one.predict(X, return_std=True)
    assert len(est.kept_restarts_) == 3


def test_an_average_follows_weights_that_a_user_changes(X, y_number):
    est = InitMLPRegressor(**AVERAGE).fit(X, y_number)
    before = est.predict(X)
    est.intercepts_[-1] += 3
    np.testing.assert_allclose(est.predict(X), before + 1)  # of one network of three


def test_an_average_of_networks_of_different_sizes_is_an_error(X, y_number):
    est = InitMLPRegressor(**AVERAGE).fit(X, y_number)
    est.coefs_ = [est.coefs_[0][:, :6], est.coefs_[1][:6], est.coefs_[2]]
    est.intercepts_[0] = est.intercepts_[0][:6]
    with pytest.raises(ValueError, match=r"layer sizes \(5, 6, 4, 1\).*est.restart"):
        est.predict(X)


def test_networks_that_diverged_are_not_averaged(X, y_number):
    def draw(fan_in, fan_out, rng):
        return rng.normal(scale=rng.choice([0.3, 1e160]), size=(fan_in, fan_out))

    more = {"weight_init": draw, "n_restarts": 7, "restart_keep": 7, "solver": "sgd"}
    with pytest.warns(UserWarning, match="restart_keep=7 networks .* only . can be"):
        est = InitMLPRegressor(**{**AVERAGE, **more}).fit(X, y_number)
    diverged = est.restarts_["diverged"]
    assert 0 < diverged.sum() < 7
    np.testing.assert_array_equal(np.sort(est.kept_restarts_), np.flatnonzero(~diverged))
    assert np.isfinite(est.predict(X)).all()


def test_what_an_earlier_race_has_dropped_is_not_averaged(X, y_number):
    race = {"n_restarts": 9, "restart_strategy": "halving", "warm_start": True}
    est = InitMLPRegressor(**DEFAULTS, **race).fit(X, y_number)
    est.set_params(restart_keep=5, restart_combine="average")
    with pytest.warns(UserWarning, match="dropped by the race of an earlier call"):
        est.fit(X, y_number)
    np.testing.assert_array_equal(est.kept_restarts_, np.flatnonzero(~est.restarts_["dropped"]))


def test_an_average_of_one_is_warned_about(X, y_number):
    with pytest.warns(UserWarning, match="restart_keep=1 averages a single network"):
        InitMLPRegressor(**{**AVERAGE, "restart_keep": 1}).fit(X, y_number)


@pytest.mark.parametrize("warm_start", [False, True])
def test_an_average_is_the_same_after_pickling(X, y_class, warm_start):
    est = InitMLPClassifier(**AVERAGE, warm_start=warm_start).fit(X, y_class)
    again = pickle.loads(pickle.dumps(est))
    np.testing.assert_array_equal(again.predict_proba(X), est.predict_proba(X))


@pytest.mark.parametrize("strategy", ["full", "halving"])
def test_going_on_averages_what_has_become_of_them(X, y_class, strategy):
    est = InitMLPClassifier(**AVERAGE, warm_start=True, restart_strategy=strategy)
    first = est.fit(X, y_class).predict_proba(X)
    second = est.fit(X, y_class).predict_proba(X)
    each = [est.restart(r).predict_proba(X) for r in est.kept_restarts_]
    np.testing.assert_allclose(second, np.mean(each, axis=0), rtol=1e-12)
    assert np.abs(second - first).max() > 1e-3


# ---- scikit-learn's form ----


def to_sklearn_quietly(est):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return est.to_sklearn()


@pytest.mark.parametrize("labels", ["two classes", "three classes"])
def test_classifiers_vote(X, y_class, labels):
    X = pd.DataFrame(X, columns=list("abcde"))
    y = LABELS[labels](y_class)
    ours = InitMLPClassifier(**AVERAGE).fit(X, y)
    theirs = to_sklearn_quietly(ours)
    assert type(theirs) is VotingClassifier
    assert [name for name, _ in theirs.estimators] == [f"restart{r}" for r in ours.kept_restarts_]
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), rtol=1e-12)
    np.testing.assert_array_equal(theirs.predict(X), ours.predict(X))
    assert theirs.score(X, y) == ours.score(X, y)
    np.testing.assert_array_equal(theirs.classes_, ours.classes_)
    np.testing.assert_array_equal(theirs.feature_names_in_, list("abcde"))
    assert theirs.n_features_in_ == 5
    again = pickle.loads(pickle.dumps(theirs))
    np.testing.assert_array_equal(again.predict(X), theirs.predict(X))


def test_whoever_fits_a_vote_anew_trains_it(X, y_number):
    ours = InitMLPRegressor(**AVERAGE).fit(X, y_number)
    theirs = ours.to_sklearn()
    states = [mlp.random_state for _, mlp in theirs.estimators]
    assert states == [3 + r for r in ours.kept_restarts_]
    again, other = (clone(theirs).fit(X, y).predict(X) for y in (y_number, -y_number))
    assert np.abs(again - other).max() > 0.01
    np.testing.assert_allclose(theirs.predict(X), ours.predict(X))


@pytest.mark.parametrize("hidden", [(), (7,), (7, 4), (6, 3, 5)])
@pytest.mark.parametrize(
    ("numbers", "form"),
    [("one output", VotingRegressor), ("two outputs", MLPRegressor)],
)
def test_regressors_vote_or_become_one_network(X, y_number, numbers, form, hidden):
    loss, make_y = NUMBERS[numbers]
    more = {**AVERAGE, "hidden_layer_sizes": hidden}
    ours = InitMLPRegressor(loss, **more).fit(X, make_y(y_number))
    theirs = to_sklearn_quietly(ours)
    assert type(theirs) is form
    np.testing.assert_allclose(theirs.predict(X), ours.predict(X), rtol=1e-10)
    if form is MLPRegressor:
        assert theirs.hidden_layer_sizes == tuple(3 * size for size in hidden)
        assert theirs.n_layers_ == len(hidden) + 2
    assert ours.hidden_layer_sizes == hidden


def test_what_cannot_be_expressed_is_an_error(X, y_class, y_number):
    several = InitMLPClassifier(**AVERAGE).fit(X, LABELS["several labels"](y_class))
    with pytest.raises(ValueError, match="several labels per row"):
        several.to_sklearn()
    loss, make_y = NUMBERS["two counts"]
    counts = InitMLPRegressor(loss, **AVERAGE).fit(X, make_y(y_number))
    with pytest.raises(ValueError, match="loss='poisson' with several outputs"):
        counts.to_sklearn()
    mixed = {**AVERAGE, "activation": ["tanh", "relu"]}
    with pytest.raises(ValueError, match="cannot be expressed"):
        InitMLPRegressor(**mixed).fit(X, y_number).to_sklearn()
