"""Restarts are ranked by their loss, or by their score on rows that do not train."""

import numpy as np
import pytest
from race_material import RUNGS, WEIGHTS, R, T, get_row, make, replay

from sklearn_init import InitMLPClassifier, InitMLPRegressor

ignore_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CRITERIA = [
    ("adam", {}),
    ("sgd", {}),
    ("lbfgs", {}),
    ("adam", {"early_stopping": True}),
    ("lbfgs", {"early_stopping": True}),
]


def make_judged(solver, **more):
    """Return a regressor that judges restarts by rows held out, if nothing else is said."""
    defaults = {
        "hidden_layer_sizes": 7, "solver": solver, "validation_fraction": 0.3, "max_iter": 8,
        "restart_strategy": "full", "restart_criterion": "validation", "warm_start": True,
        "random_state": 12,
    }  # fmt: skip
    return make(InitMLPRegressor, **{**defaults, **more})


def get_held_out(est):
    return est._training.split.validation


@ignore_convergence
@pytest.mark.parametrize(("solver", "more"), CRITERIA)
def test_validation_judges_restarts_by_rows_that_do_not_train(X, y_number, solver, more):
    est = make_judged(solver, **more).fit(X, y_number, WEIGHTS)
    held_out = get_held_out(est)
    assert len(held_out) == 16
    data = X[held_out], y_number[held_out], WEIGHTS[held_out]
    scores = [est.restart(r).score(*data) for r in range(R)]
    np.testing.assert_allclose(est.restarts_["validation_score"], scores, rtol=1e-12)
    assert est.best_restart_ == np.argmax(scores)
    assert est.best_restart_ != est.restarts_["loss"].argmin()  # else this would not see much


@ignore_convergence
@pytest.mark.parametrize("more", [{}, {"early_stopping": True}])
def test_the_loss_judges_even_if_rows_held_out_stop_training(X, y_number, more):
    est = make_judged("adam", **more, restart_criterion="loss").fit(X, y_number)
    assert est.best_restart_ == est.restarts_["loss"].argmin()
    scores = est.restarts_["validation_score"]
    assert np.isfinite(scores).all() if more else np.isnan(scores).all()
    assert est.best_restart_ != (scores.argmax() if more else -1)


@ignore_convergence
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_rows_held_out_do_not_train(X, y_number, solver):
    est = make_judged(solver).fit(X, y_number)
    other = y_number.copy()
    other[get_held_out(est)] += 7
    changed = make_judged(solver).fit(X, other)
    np.testing.assert_array_equal(changed.restarts_["loss"], est.restarts_["loss"])
    for r in range(R):
        np.testing.assert_array_equal(get_row(changed, r), get_row(est, r))
    assert (changed.restarts_["validation_score"] < est.restarts_["validation_score"]).all()


@ignore_convergence
@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
def test_the_rows_held_out_are_those_of_early_stopping(X, Estimator):
    y = (X[:, 0] > 1).astype(int)  # few of one class, so that stratification shows
    more = {"max_iter": 1, "warm_start": True, "validation_fraction": 0.2, "n_restarts": 2}
    judged = make(Estimator, **more, restart_criterion="validation", solver="lbfgs").fit(X, y)
    stopped = make(Estimator, **more, early_stopping=True).fit(X, y)
    np.testing.assert_array_equal(get_held_out(judged), get_held_out(stopped))


@ignore_convergence
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_judge_leaves_curves_but_does_not_stop_training(X, y_number, solver):
    est = make_judged(solver, n_iter_no_change=1, tol=0).fit(X, y_number)
    assert est.n_iter_ == 8
    if solver == "lbfgs":
        assert not hasattr(est, "validation_scores_")
        return
    assert len(est.validation_scores_) == len(est.validation_loss_curve_) == 8
    assert est.best_validation_score_ == est.validation_scores_[-1]
    assert est.best_loss_ == min(est.loss_curve_)
    assert len(est.loss_curve_) == 8


@ignore_convergence
@pytest.mark.parametrize(
    ("solver", "more", "n_held_out"),
    [
        ("adam", {}, 0),
        ("lbfgs", {"early_stopping": True}, 0),
        ("adam", {"early_stopping": True}, 16),
    ],
)
def test_the_automatic_criterion_is_that_of_the_rows_held_out_to_stop(
    X, y_number, solver, more, n_held_out
):
    est = make_judged(solver, **more, restart_criterion="auto").fit(X, y_number)
    split = est._training.split
    assert (0 if split.validation is None else len(split.validation)) == n_held_out
    scores, losses = est.restarts_["validation_score"], est.restarts_["loss"]
    assert est.best_restart_ == (scores.argmax() if n_held_out else losses.argmin())


@ignore_convergence
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_validation_judges_at_every_rung_of_a_race(X, y_number, solver):
    race = {"max_iter": T, "restart_strategy": "halving"}
    raced = make_judged(solver, **race).fit(X, y_number)
    held_out = get_held_out(raced)
    scores = np.empty((T + 1, R))  # after each rung, of weights that L-BFGS reaches in chunks
    est, done = make_judged(solver), 0
    for rung in RUNGS:
        est.set_params(max_iter=rung.n_epochs - done).fit(X, y_number)
        done = rung.n_epochs
        scores[done] = [est.restart(r).score(X[held_out], y_number[held_out]) for r in range(R)]
    full = make_judged("adam", max_iter=T, tol=0).fit(X, y_number)  # nothing stops by itself
    epochs = replay(full, RUNGS, lambda r, epoch: -scores[epoch, r])
    assert raced.restarts_["n_iter"].tolist() == epochs
    reached = [scores[epoch, r] for r, epoch in enumerate(epochs)]
    np.testing.assert_allclose(raced.restarts_["validation_score"], reached, rtol=1e-12)


@ignore_convergence
def test_going_on_judges_again_by_the_same_rows(X, y_number):
    est = make_judged("adam", max_iter=5).fit(X, y_number)
    held_out = get_held_out(est)
    before = est.restarts_["validation_score"]
    est.fit(X, y_number)
    np.testing.assert_array_equal(get_held_out(est), held_out)
    assert (est.restarts_["validation_score"] != before).all()
    whole = make_judged("adam", max_iter=10).fit(X, y_number)
    for r in range(R):
        np.testing.assert_array_equal(get_row(est, r), get_row(whole, r))


def test_partial_fit_refuses_rows_to_hold_out(X, y_number):
    est = make_judged("adam")
    with pytest.raises(ValueError, match="partial_fit does not .* restart_criterion='validation'"):
        est.partial_fit(X, y_number)
    with pytest.raises(ValueError, match="validation_fraction=0.0 leaves no row"):
        est.set_params(validation_fraction=0.0).fit(X, y_number)
