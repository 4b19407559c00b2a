"""Divergence is said, isolated, and an error only if nothing finite is left."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPClassifier, InitMLPRegressor, Normal
from sklearn_init.solvers import Restart

NON_FINITE = (
    "^Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def blow_up_second(fan_in, fan_out, rng):
    """Weights that are enormous in some restarts."""
    W = rng.normal(size=(fan_in, fan_out))
    return W * (1e160 if rng.random() < 0.5 else 0.1)


def test_others_go_on(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), activation="identity", weight_init=[blow_up_second, "normal"],
        n_restarts=6, random_state=0, max_iter=3,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning) as caught:
        est.fit(X, y_number)
    assert len(caught) == 1
    diverged = est.restarts_["diverged"]
    assert 0 < diverged.sum() < 6
    message = str(caught[0].message)
    assert f"{diverged.sum()} of 6 restarts diverged" in message
    assert "start from smaller weights (weight_init), as those of hidden layer 1 are" in message
    assert not diverged[est.best_restart_]
    assert np.isfinite(est.predict(X)).all()
    with pytest.raises(ValueError, match="this restart diverged to NaN or infinity"):
        est.restart(int(np.flatnonzero(diverged)[0]))


@pytest.mark.parametrize("n_restarts", [1, 3])
def test_an_error_if_no_row_is_finite(y_number, n_restarts):
    X = np.finfo(np.float64).max * np.random.default_rng(0).uniform(size=(53, 2))
    est = InitMLPRegressor(n_restarts=n_restarts)
    with pytest.raises(ValueError, match=NON_FINITE + ".*scale X, whose root mean square is"):
        est.fit(X, y_number)
    assert not hasattr(est, "coefs_")


def test_nothing_is_lost_by_the_error(X, y_number):
    est = InitMLPRegressor(random_state=0, solver="lbfgs").fit(X, y_number)
    before = est.predict(X)
    with pytest.raises(ValueError, match=NON_FINITE):
        est.set_params(solver="adam").fit(X * 1e300, y_number)
    np.testing.assert_array_equal(est.predict(X), before)


def test_a_loss_out_of_proportion_is_named(X, y_number):
    # scikit-learn returns a loss of 1e90 here, without a warning
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), activation="identity", solver="sgd", learning_rate_init=0.6,
        random_state=0, max_iter=4, batch_size=53,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning, match="1 of 1 restarts diverged"):
        est.fit(X * 3, y_number)
    assert np.isfinite(est.loss_)
    assert est.restarts_["diverged"].tolist() == [True]


def test_early_stopping_keeps_a_finite_row(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(100,), activation="identity", solver="sgd", learning_rate_init=1,
        early_stopping=True, random_state=0, max_iter=40,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning, match="1 of 1 restarts diverged"):
        est.fit(100 * X, y_number)
    assert np.isnan(est.validation_scores_[-1])
    assert np.isfinite(est.predict(X)).all()


@pytest.mark.parametrize(
    ("loss", "theta", "diverged"),
    [
        (19.9, 0.0, False),
        (20.1, 0.0, True),
        (np.nan, 0.0, True),
        (np.inf, 0.0, True),
        (0.1, np.nan, True),
        (0.1, np.inf, True),
    ],
)
def test_what_diverged_means(loss, theta, diverged):
    row = np.array([theta])
    assert Restart(0, row, row, None, loss=loss, start_loss=2.0).diverged == diverged


def test_a_start_that_is_all_but_perfect_is_no_divergence(X):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), weight_init=Normal(std=1e-6), max_iter=20)
    est.fit(X, np.zeros(len(X)))
    assert not est.restarts_["diverged"][0]


def test_an_outlier_is_no_divergence(X, y_number):
    # the first batch may miss the outlier, but the loss at the start is that of all rows
    y_number[5] = 1e4
    est = InitMLPRegressor(batch_size=8, max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning) as caught:
        est.fit(X, y_number)
    assert "diverged" not in str(caught[0].message)


def test_targets_whose_square_overflows(X, y_number):
    est = InitMLPRegressor(max_iter=5, random_state=0)
    with pytest.warns(ConvergenceWarning, match="1 of 1 restarts diverged"):
        est.fit(X, 1e200 * y_number)
    assert est.restarts_["diverged"].tolist() == [True]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_batch_of_weight_zero_makes_no_step(X, y_class, solver):
    weights = np.zeros(len(X))
    weights[40:] = 1
    more = {"solver": solver, "shuffle": False, "batch_size": 10, "max_iter": 3, "random_state": 0}
    est = InitMLPClassifier((7,), **more).fit(X, y_class, weights)
    # only the batches of rows 40-49 and 50-52 count
    same = InitMLPClassifier((7,), **more)
    same.initialize(X, y_class)
    alone = InitMLPClassifier(
        (7,), **more, weight_init=same.coefs_, bias_init=same.intercepts_
    ).fit(X[40:], y_class[40:])
    np.testing.assert_allclose(est.coefs_[0], alone.coefs_[0], rtol=1e-12)
    np.testing.assert_allclose(np.multiply(est.loss_curve_, 53 / 13), alone.loss_curve_)


def test_partial_fit_says_it_too(X, y_number):
    est = InitMLPRegressor(solver="sgd", learning_rate_init=1.0, activation="identity")
    with pytest.warns(ConvergenceWarning, match="1 of 1 restarts diverged"):
        for _ in range(3):
            est.partial_fit(10 * X, y_number)


def test_no_finite_score_keeps_the_start(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), early_stopping=True, learning_rate_init=1e200, random_state=0
    )
    with pytest.warns(ConvergenceWarning, match="1 of 1 restarts diverged"):
        est.fit(X, y_number)
    np.testing.assert_array_equal(est.coefs_[0], est.initial_coefs_[0])
    assert np.isnan(est.best_validation_score_)
