"""Restarts are honest: each is the same however many run, wherever they run."""

import pickle
import threading
import time

import numpy as np
import pytest
from race_material import stub
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.training import one_blas_thread, select
from sklearn_init.training._workers import StopFlag

ignore_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make(**more):
    defaults = {"hidden_layer_sizes": (7, 4), "random_state": 3, "max_iter": 6}
    return InitMLPClassifier(**{**defaults, **more})


def row(est):
    return np.concatenate([a.ravel() for a in est.coefs_ + est.intercepts_])


def rows(est):
    n_restarts = len(est.restarts_["loss"])
    return np.stack([row(est.restart(r)) for r in range(n_restarts)])


@ignore_convergence
@pytest.mark.parametrize("weight_init", ["sklearn", "he_normal"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_restart_does_not_depend_on_the_others(X, y_class, solver, weight_init):
    few = make(solver=solver, weight_init=weight_init, n_restarts=2).fit(X, y_class)
    many = make(solver=solver, weight_init=weight_init, n_restarts=5).fit(X, y_class)
    one = make(solver=solver, weight_init=weight_init).fit(X, y_class)
    np.testing.assert_array_equal(rows(few), rows(many)[:2])
    np.testing.assert_array_equal(row(one), rows(many)[0])
    assert len(np.unique(rows(many), axis=0)) == 5


@ignore_convergence
def test_bits_do_not_depend_on_the_number_of_blas_threads():
    # at these sizes one and two BLAS threads give different products
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 784)), rng.integers(3, size=200)
    rows_by_limit = []
    for limit in (1, 2):
        with threadpool_limits(limit, user_api="blas"):
            rows_by_limit.append(row(make(hidden_layer_sizes=(512,), max_iter=2).fit(X, y)))
    np.testing.assert_array_equal(*rows_by_limit)


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_the_limit_of_blas_threads_survives_overlap():
    before = blas_threads()
    entered, leave = threading.Event(), threading.Event()

    def overlap():
        with one_blas_thread:
            entered.set()
            leave.wait()

    thread = threading.Thread(target=overlap)
    with one_blas_thread:
        thread.start()
        entered.wait()
    assert blas_threads() == {1}  # the other is still inside
    leave.set()
    thread.join()
    assert blas_threads() == before


@ignore_convergence
def test_the_kept_restart_has_the_lowest_loss(X, y_class):
    est = make(n_restarts=5, weight_init="he_normal").fit(X, y_class)
    assert est.best_restart_ == est.restarts_["loss"].argmin()
    assert est.best_restart_ != 0  # else this test would not see much
    kept = est.restart(est.best_restart_)
    np.testing.assert_array_equal(row(kept), row(est))
    assert est.loss_ == est.restarts_["loss"].min() == est.loss_curve_[-1]
    assert est.best_loss_ == min(est.loss_curve_)
    np.testing.assert_array_equal(est.initial_coefs_[0], kept.initial_coefs_[0])


@ignore_convergence
def test_with_early_stopping_the_kept_restart_has_the_highest_score(X, y_class):
    est = make(n_restarts=5, early_stopping=True, max_iter=30).fit(X, y_class)
    scores, losses = est.restarts_["validation_score"], est.restarts_["loss"]
    best = np.flatnonzero(scores == scores.max())
    assert est.best_restart_ == best[losses[best].argmin()]
    assert est.best_validation_score_ == scores.max() == max(est.validation_scores_)
    assert est.best_loss_ is None


@pytest.mark.parametrize(
    ("stubs", "best"),
    [
        ([stub(0, 0.5), stub(1, 0.4), stub(2, 0.4)], 1),
        ([stub(0, 0.1, score=0.7), stub(1, 0.5, score=0.9), stub(2, 0.4, score=0.9)], 2),
        ([stub(0, np.nan), stub(1, 0.4)], 1),
        ([stub(0, 0.1, theta=np.nan), stub(1, 0.4)], 1),
        ([stub(0, 0.1, start_loss=0.001), stub(1, 0.4)], 1),  # grew a hundredfold: diverged
        ([stub(0, np.nan), stub(1, np.nan)], 0),
        ([stub(0, 0.1, theta=np.inf)], None),
    ],
)
def test_select(stubs, best):
    selected = select(stubs, by_score=True)
    assert [restart.index for restart in selected] == ([] if best is None else [best])


@ignore_convergence
def test_the_record(X, y_class):
    est = make(n_restarts=3, tol=0.05, max_iter=40, n_iter_no_change=2).fit(X, y_class)
    record = est.restarts_
    assert list(record) == ["loss", "n_iter", "validation_score", "diverged", "dropped", "time"]
    assert {array.shape for array in record.values()} == {(3,)}
    assert record.loss_curves.shape == (3, record["n_iter"].max())
    for r, curve in enumerate(record.loss_curves):
        n_iter = record["n_iter"][r]
        assert np.isfinite(curve[:n_iter]).all()
        assert np.isnan(curve[n_iter:]).all()
        assert curve[n_iter - 1] == record["loss"][r]
    assert np.isnan(record["validation_score"]).all()
    assert (record["time"] > 0).all()
    frame = record.to_frame()
    assert list(frame.columns) == list(record)
    assert len(frame) == 3
    assert "3 restarts" in repr(record)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(record)).loss_curves, record.loss_curves
    )


@ignore_convergence
def test_records_can_be_compared_and_are_equal_to_themselves_only(X, y_class):
    est = make().fit(X, y_class)
    record, other = est.restarts_, make().fit(X, y_class).restarts_
    assert (record == record, record == other) == (True, False)
    assert len({record, other, record}) == 2


@pytest.mark.parametrize("index", [-1, 3, 17, "0", 0.5, True])
@ignore_convergence
def test_restart_wants_an_index(X, y_class, index):
    est = make(n_restarts=3).fit(X, y_class)
    with pytest.raises(ValueError, match=f"index={index!r}.*from 0 to 2"):
        est.restart(index)


@ignore_convergence
def test_a_restart_is_a_fitted_estimator_of_its_own(X, y_class):
    est = make(n_restarts=3).fit(X, y_class)
    before = row(est)
    other = est.restart((est.best_restart_ + 1) % 3)
    other.coefs_[0][...] = 0
    np.testing.assert_array_equal(row(est), before)
    assert other.restart(est.best_restart_).score(X, y_class) == est.score(X, y_class)
    assert clone(other).get_params().keys() == est.get_params().keys()


@ignore_convergence
def test_equal_starts_are_named(X, y_number):
    W = np.random.default_rng(0).normal(size=(5, 7))
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), weight_init=[W, "ones"], bias_init=0.1, max_iter=4, n_restarts=3
    )
    with pytest.warns(UserWarning, match="n_restarts=3, but all starts are equal"):
        est.fit(X, y_number)


def test_one_convergence_warning_for_all_restarts(X, y_class):
    with pytest.warns(ConvergenceWarning) as caught:
        make(n_restarts=3).fit(X, y_class)
    (warning,) = [w for w in caught if w.category is ConvergenceWarning]
    assert "Maximum iterations (6) reached by 3 of 3 restarts" in str(warning.message)
    assert warning.filename == __file__
    with pytest.warns(ConvergenceWarning, match=r"lbfgs failed to converge in [23] of 3 restarts"):
        make(n_restarts=3, solver="lbfgs", max_iter=3).fit(X, y_class)


def test_code_without_a_module_is_warned_as_any_other(X, y_class):
    variables = {"fit": make().fit, "X": X, "y": y_class}
    with pytest.warns(ConvergenceWarning) as caught:
        exec(compile("fit(X, y)", "<no module>", "exec"), variables)
    assert caught[0].filename == "<no module>"


@ignore_convergence
def test_nothing_is_written_into_the_data(X, y_number):
    X.setflags(write=False)
    y_number.setflags(write=False)
    weights = np.ones(len(X))
    weights.setflags(write=False)
    for solver in ("adam", "lbfgs"):
        for sizes in ((7,), ()):
            est = InitMLPRegressor(hidden_layer_sizes=sizes, solver=solver, max_iter=2)
            est.fit(X, y_number, sample_weight=weights).predict(X)


@ignore_convergence
def test_a_restart_shows_the_fit_whatever_the_parameters_are_now(X, y_class):
    est = make(early_stopping=True, n_restarts=2).fit(X, y_class)
    expected = est.restart(1).best_validation_score_
    est.set_params(early_stopping=False, solver="lbfgs")
    assert est.restart(1).best_validation_score_ == expected
    assert len(est.restart(1).loss_curve_) == 6


def test_the_stop_flag_stops_and_waits():
    stop, working, left = StopFlag(), threading.Event(), []

    def work():
        with stop:
            working.set()
            while not stop.is_requested():
                time.sleep(0.001)
            time.sleep(0.05)
            left.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    working.wait()
    stop.request()
    assert left  # `request` came back after the worker had left
    thread.join()
    assert not pickle.loads(pickle.dumps(stop)).is_requested()


@ignore_convergence
def test_warnings_name_the_line_of_the_user(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), batch_size=99, max_iter=1, weight_init="zeros", n_restarts=2
    )
    for method in (est.fit, est.partial_fit):
        with pytest.warns(UserWarning) as caught:
            method(X, y_number)
        assert {w.filename for w in caught} == {__file__}


@ignore_convergence
def test_verbose(X, y_class, capsys):
    make(verbose=2, max_iter=2).fit(X, y_class)
    assert capsys.readouterr().out.startswith("Iteration 1, loss = ")
    make(verbose=2, max_iter=2, n_restarts=2).fit(X, y_class)
    assert "[restart 1] Iteration 2, loss = " in capsys.readouterr().out
    make(verbose=2, early_stopping=True, tol=1.0, n_iter_no_change=1).fit(X, y_class)
    out = capsys.readouterr().out
    assert "Validation score: " in out
    assert "did not improve more than tol=1.0" in out
    make(verbose=2, solver="lbfgs", max_iter=2).fit(X, y_class)
    assert "Iteration 2, loss = " in capsys.readouterr().out
