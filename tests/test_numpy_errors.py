"""Whatever `numpy.seterr` says, results have the same bits."""

import numpy as np
import pytest

from sklearn_init import (
    InitMLPClassifier,
    InitMLPRegressor,
    compare_initializers,
    diagnose,
    draw,
    theory,
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.estimators._parameters import SOLVERS
from sklearn_init.initializers import SCHEMES
from sklearn_init.losses import REGRESSION_LOSSES

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning"),
]

N_ROWS = 41
X = np.random.default_rng(0).normal(size=(N_ROWS, 3))
X[0] *= 1e3  # where exponential functions underflow
Y_NUMBER = np.abs(X[:, 1] - X[:, 2])
Y_CLASS = np.digitize(X[:, 1], [-0.3, 0.3])


def make_regressor(**more):
    defaults = {"hidden_layer_sizes": (7, 5), "max_iter": 4, "random_state": 0}
    return InitMLPRegressor(**{**defaults, **more})


def make_classifier(**more):
    return InitMLPClassifier((7, 5), **{"max_iter": 4, "random_state": 0, **more})


def fit_and_predict(est, y):
    fitted = est.fit(X, y)
    outputs = fitted.predict_proba(X) if hasattr(est, "predict_proba") else fitted.predict(X)
    return outputs, fitted.coefs_[0], fitted.score(X, y)


@pytest.fixture
def check():
    """Return a function that calls another one with and without errors of NumPy."""

    def check(call):
        with np.errstate(all="raise"):  # first, as some results are cached
            found = call()
        expected = call()
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one, other)

    return check


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("make", [make_regressor, make_classifier])
def test_activations(check, engine, activation, make):
    y = Y_NUMBER if make is make_regressor else Y_CLASS
    check(lambda: fit_and_predict(make(activation=activation), y))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_solvers_and_losses(check, engine, solver, loss):
    check(lambda: fit_and_predict(make_regressor(solver=solver, loss=loss), Y_NUMBER))


@pytest.mark.parametrize("name", SCHEMES)
def test_schemes(check, name):
    check(lambda: fit_and_predict(make_classifier(weight_init=name, max_iter=1), Y_CLASS))


@pytest.mark.parametrize(
    "more",
    [
        {"early_stopping": True},
        {"n_restarts": 3, "restart_strategy": "halving"},
        {"n_restarts": 3, "n_jobs": 2},
        {"scoring": "balanced_accuracy", "early_stopping": True},
        {"dtype": "float32", "dropout": 0.3},
    ],
)
def test_parameters(check, more):
    check(lambda: fit_and_predict(make_classifier(**more), Y_CLASS))


OTHERS = {
    "partial_fit": lambda: make_classifier().partial_fit(X, Y_CLASS, classes=[0, 1, 2]).coefs_,
    "initialize": lambda: make_classifier(weight_init="lsuv").initialize(X, Y_CLASS).coefs_,
    "predict_log_proba": lambda: [make_classifier().fit(X, Y_CLASS).predict_log_proba(X)],
    "predict with spread": lambda: (
        make_regressor(n_restarts=2, restart_combine="average", restart_keep=2)
        .fit(X, Y_NUMBER)
        .predict(X, return_std=True)
    ),
    "draw": lambda: draw((3, 5, 2), "he_normal", random_state=0)[0],
    "expected_best": lambda: vars(
        make_regressor(n_restarts=4).fit(X, Y_NUMBER).restarts_.expected_best()
    ).values(),
    "n_minima": lambda: make_regressor(n_restarts=4).fit(X, Y_NUMBER).restarts_.n_minima().labels,
    "diagnose": lambda: diagnose(make_classifier().fit(X, Y_CLASS), X, Y_CLASS).values(),
    "compare_initializers": lambda: [
        compare_initializers(
            make_classifier(), X, Y_CLASS, ["he_normal", "zeros"], cv=3, n_jobs=1
        ).scores
    ],
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_functions(check, name):
    check(OTHERS[name])


THEORY = {
    "compute_gain": lambda f: theory.compute_gain(f),
    "compute_mean": lambda f: theory.compute_mean(f, 2.5),
    "find_critical_point": lambda f: theory.find_critical_point(f, 0.0),
    "compute_depth_scales": lambda f: theory.compute_depth_scales(f, 1.1, 0.1),
    "map_variance": lambda f: theory.map_variance(30.0, f, 1.5, 0.1),
    "map_correlation": lambda f: theory.map_correlation(0.3, f, 1.2, 0.1),
}


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("name", THEORY)
def test_theory(check, name, activation):
    check(lambda: [THEORY[name](activation)])
