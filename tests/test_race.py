"""A race cuts training short and changes nothing else."""

import numpy as np
import pytest
from race_material import (
    ROWS,
    RUNGS,
    WEIGHTS,
    R,
    T,
    blow_up_some,
    get_curves,
    get_row,
    make,
    replay,
    row,
)
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.network import compiled
from sklearn_init.solvers import Stochastic
from sklearn_init.training import Rung, make_rungs

ignore_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# ---- the same bits as full training ----


def value_by_loss(full):
    curves = get_curves(full)
    return lambda r, epoch: curves[r][epoch - 1]


def value_by_score(full):
    curves = get_curves(full)
    scores = [full.restart(r).validation_scores_ for r in range(len(curves))]
    return lambda r, epoch: (-max(scores[r][:epoch]), curves[r][epoch - 1])


def assert_is_race_of(raced, full, fit, get_value=value_by_loss, rungs=RUNGS):
    """Assert that a race is full training cut short; ``fit(n)`` trains fully for n epochs."""
    epochs = replay(full, rungs, get_value(full))
    assert raced.restarts_["n_iter"].tolist() == epochs
    lengths = full.restarts_["n_iter"]
    np.testing.assert_array_equal(raced.restarts_["dropped"], epochs < lengths)
    for ours, whole, epoch in zip(get_curves(raced), get_curves(full), epochs, strict=True):
        np.testing.assert_array_equal(ours, whole[:epoch])
    cuts = {epoch: full if epoch == T else fit(epoch) for epoch in set(epochs)}
    for r, epoch in enumerate(epochs):
        np.testing.assert_array_equal(get_row(raced, r), get_row(cuts[epoch], r))
        assert raced.restart(r).validation_scores_ == cuts[epoch].restart(r).validation_scores_
    ended = [r for r in range(len(epochs)) if not raced.restarts_["dropped"][r]]
    winner = min(ended, key=lambda r: get_value(full)(r, epochs[r]))
    assert raced.best_restart_ == winner
    np.testing.assert_array_equal(row(raced), get_row(full, winner))


VARIANTS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
    "adaptive": {
        "solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1,
    },
    "dropout": {"dropout": [0.3, 0.1]},
    "float32": {"dtype": "float32"},
    "stops by tol": {"tol": 0.03, "n_iter_no_change": 2},
    "stops early": {"early_stopping": True, "n_iter_no_change": 3},
    "sgd, early": {"solver": "sgd", "early_stopping": True, "weight_init": "he_normal"},
    "early, by loss": {"early_stopping": True, "restart_criterion": "loss"},
}  # fmt: skip


def fit_race_and_whole(X, y, n_epochs=T, sample_weight=None, **more):
    """Return a race, full training, and what trains fully for n epochs."""

    def fit(n_epochs, strategy="full"):
        est = make(**{**more, "max_iter": n_epochs, "restart_strategy": strategy})
        return est.fit(X, y, sample_weight)

    return fit(n_epochs, "halving"), fit(n_epochs), fit


@ignore_convergence
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_race_is_full_training_cut_short(X, y_class, variant):
    more = VARIANTS[variant]
    by_score = "early_stopping" in more and "restart_criterion" not in more
    value = value_by_score if by_score else value_by_loss
    assert_is_race_of(*fit_race_and_whole(X, y_class, **more), value)


@ignore_convergence
def test_a_race_is_full_training_cut_short_with_the_reference_engine(X, y_class, monkeypatch):
    monkeypatch.setattr(compiled, "_passes", None)
    assert_is_race_of(*fit_race_and_whole(X[:20], y_class[:20], dropout=0.3))


@pytest.mark.parametrize("variant", ["adaptive", "stops by tol", "stops early"])
def test_the_variants_above_stop_before_the_last_epoch(X, y_class, variant):
    raced = make(**VARIANTS[variant]).fit(X, y_class)
    ended = ~raced.restarts_["dropped"]
    assert (raced.restarts_["n_iter"][ended] < T).all()
    assert (raced.restarts_["n_iter"][ended] > RUNGS[1].n_epochs).any()


@pytest.mark.parametrize("more", [{"restart_keep": R}, {"restart_first_rung": 1}])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@ignore_convergence
def test_a_race_in_which_all_end_is_full_training(X, y_class, solver, more):
    raced = make(solver=solver, **more).fit(X, y_class)
    full = make(solver=solver, restart_strategy="full", **more).fit(X, y_class)
    assert not raced.restarts_["dropped"].any()
    assert raced.best_restart_ == full.best_restart_
    for r in range(R):
        np.testing.assert_array_equal(get_row(raced, r), get_row(full, r))


@ignore_convergence
@pytest.mark.parametrize(("keep", "combine", "kept"), [(3, "best", 1), (3, "average", 3)])
def test_as_many_end_as_are_to_be_kept(X, y_class, keep, combine, kept):
    more = {"restart_keep": keep, "restart_combine": combine}
    raced = make(**more).fit(X, y_class)
    ended = np.flatnonzero(~raced.restarts_["dropped"])
    assert len(ended) == keep
    by_loss = ended[raced.restarts_["loss"][ended].argsort()]
    np.testing.assert_array_equal(raced.kept_restarts_, by_loss[:kept])
    assert raced.best_restart_ == by_loss[0]
    full = make(**more, restart_strategy="full").fit(X, y_class)
    for r in ended:
        np.testing.assert_array_equal(get_row(raced, r), get_row(full, r))


@ignore_convergence
@pytest.mark.parametrize("first", [0.04, 0.5])
@pytest.mark.parametrize("factor", [1.3, 3])
def test_first_rung_and_factor_say_who_trains_how_far(X, y_class, first, factor):
    more = {"restart_first_rung": first, "restart_factor": factor, "restart_keep": 2}
    rungs = make_rungs(R, 25, first=first, factor=factor, keep=2)
    assert_is_race_of(*fit_race_and_whole(X, y_class, 25, **more), rungs=rungs)


NUMBERS = np.random.default_rng(4)
TARGETS = {
    "two classes": (InitMLPClassifier, NUMBERS.integers(2, size=ROWS), {}),
    "three classes": (InitMLPClassifier, NUMBERS.integers(3, size=ROWS), {}),
    "labels": (InitMLPClassifier, NUMBERS.integers(2, size=(ROWS, 4)), {}),
    "numbers": (InitMLPRegressor, NUMBERS.normal(size=(ROWS, 2)), {}),
    "counts": (InitMLPRegressor, NUMBERS.poisson(3, size=ROWS), {"loss": "poisson"}),
}


@ignore_convergence
@pytest.mark.parametrize("target", TARGETS)
def test_races_with_every_loss_on_weighted_sparse_rows(X, target):
    Estimator, y, more = TARGETS[target]
    more = {**more, "Estimator": Estimator, "hidden_layer_sizes": 7, "restart_first_rung": 1 / 4}
    rungs = (Rung(R, 4), Rung(5, 8), Rung(3, 16))
    X = csr_array(np.where(X > 0, X, 0))
    fits = fit_race_and_whole(X, y, 16, WEIGHTS, **more)
    assert_is_race_of(*fits, rungs=rungs)
    without = make(**more, max_iter=16).fit(X, y)
    assert (without.restarts_["loss"] != fits[0].restarts_["loss"]).all()  # weights count


# ---- L-BFGS ----


def fit_in_chunks(X, y, rungs=RUNGS, **more):
    """Return what L-BFGS makes of all restarts until each rung, beginning anew at every one."""
    est = make(solver="lbfgs", restart_strategy="full", warm_start=True, **more)
    after, done = {}, 0
    for rung in rungs:
        est.set_params(max_iter=rung.n_epochs - done).fit(X, y)
        rows = [get_row(est, r) for r in range(R)]
        after[rung.n_epochs] = (est.restarts_["loss"], rows)
        done = rung.n_epochs
    return after


@ignore_convergence
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lbfgs_races_in_chunks_of_iterations(X, y_class, dtype):
    after = fit_in_chunks(X, y_class, dtype=dtype)
    raced = make(solver="lbfgs", dtype=dtype).fit(X, y_class)
    running = list(range(R))
    for rung, following in zip(RUNGS, [*RUNGS[1:], Rung(0, 0)], strict=True):
        losses, rows = after[rung.n_epochs]
        ranked = sorted(running, key=lambda r: losses[r])
        for r in ranked[following.n_restarts :]:
            assert raced.restarts_["n_iter"][r] == rung.n_epochs
            assert raced.restarts_["loss"][r] == losses[r]
            np.testing.assert_array_equal(get_row(raced, r), rows[r])
        running = ranked[: following.n_restarts]
    assert raced.restarts_["dropped"].sum() == R - 1
    assert raced.restarts_["n_iter"][raced.best_restart_] == T
    assert raced.coefs_[0].dtype == dtype


def test_lbfgs_warns_of_those_alone_that_ended(X, y_class):
    message = r"lbfgs failed to converge in 2 of 9 restarts: it reached max_iter=32 iterations"
    with pytest.warns(ConvergenceWarning, match=message) as caught:
        make(solver="lbfgs", restart_keep=2).fit(X, y_class)
    assert len(caught) == 1


def test_epochs_warn_of_those_alone_that_ended(X, y_class):
    with pytest.warns(ConvergenceWarning, match=r"\(32\) reached by 2 of 9 restarts") as caught:
        make(restart_keep=2).fit(X, y_class)
    assert len(caught) == 1


def test_restarts_of_lbfgs_that_converged_leave_and_can_win(X, y_number):
    # linear least squares: all reach the one minimum, most of them before the last rung
    linear = {"hidden_layer_sizes": (), "activation": "identity", "max_iter": 200}
    raced = make(InitMLPRegressor, solver="lbfgs", tol=1e-6, **linear).fit(X, y_number)
    dropped, n_iter = raced.restarts_["dropped"], raced.restarts_["n_iter"]
    assert (n_iter[dropped] == 12).all()
    assert (~dropped).sum() > 1
    assert n_iter[~dropped].max() < 200
    assert raced.loss_ == raced.restarts_["loss"][~dropped].min()
    assert np.ptp(raced.restarts_["loss"]) < 1e-5


def test_evaluations_are_counted_over_the_whole_race(X, y_class):
    with pytest.warns(ConvergenceWarning, match="in 1 of 9 restarts: it used up max_fun"):
        raced = make(solver="lbfgs", max_fun=14).fit(X, y_class)
    # an iteration takes an evaluation at least, and every rung one more
    assert RUNGS[2].n_epochs < raced.n_iter_ < 14
    assert raced._training.restarts[raced.best_restart_].n_fun >= 14
    assert raced.restarts_["dropped"].sum() == R - 1


# ---- after a race ----


@ignore_convergence
def test_what_was_dropped_predicts_but_does_not_train(X, y_class):
    est = make(warm_start=True).fit(X, y_class)
    for r in np.flatnonzero(est.restarts_["dropped"]):
        other = est.restart(int(r))
        assert other.predict_proba(X).shape == (ROWS, 3)
        assert other.loss_ == est.restarts_["loss"][r] == other.loss_curve_[-1]
        assert other.n_iter_ == len(other.loss_curve_)
    for restart in est._training.restarts:
        assert (restart.moments is None) == (restart.order is None) == restart.dropped
    assert "8 dropped" in repr(est.restarts_)


@ignore_convergence
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_a_further_call_goes_on_with_those_that_ended(X, y_class, solver, call):
    more = {"solver": solver, "restart_keep": 2, "warm_start": True}
    est = make(**more).fit(X, y_class)
    whole = make(**more, restart_strategy="full").fit(X, y_class)
    curves, dropped = get_curves(est), est.restarts_["dropped"]
    for e in (est, whole):
        getattr(e.set_params(max_iter=6), call)(X, y_class)
    np.testing.assert_array_equal(est.restarts_["dropped"], dropped)
    n_more = 6 if call == "fit" else 1
    for r in range(R):
        after = est.restart(r).loss_curve_
        if dropped[r]:
            np.testing.assert_array_equal(after, curves[r])
            assert est.restarts_["n_iter"][r] == 0
        else:
            assert len(after) == T + n_more
            np.testing.assert_array_equal(get_row(est, r), get_row(whole, r))
    assert not dropped[est.best_restart_]


@ignore_convergence
def test_a_race_that_was_not_kept_goes_on_with_those_that_ended(X, y_class):
    est = make().fit(X, y_class)
    winner, before = est.best_restart_, row(est)
    est.partial_fit(X, y_class)
    assert est.restarts_["n_iter"].tolist() == [int(r == winner) for r in range(R)]
    assert est.best_restart_ == winner
    assert not np.array_equal(row(est), before)


@ignore_convergence
def test_initialize_and_partial_fit_know_no_race(X, y_class):
    est = make(restart_first_rung=0.01, warm_start=True).initialize(X, y_class)
    assert not est.restarts_["dropped"].any()
    full = make(restart_strategy="full")
    for n_epochs in range(1, 4):
        for e in (est, full):
            e.partial_fit(X, y_class, classes=[0, 1, 2])
        assert not est.restarts_["dropped"].any()
        assert est.restarts_.loss_curves.shape == (R, n_epochs)
        np.testing.assert_array_equal(est.restarts_["loss"], full.restarts_["loss"])
        assert est.best_restart_ == full.best_restart_


def test_what_diverges_leaves_a_race(X, y_number):
    est = make(
        InitMLPRegressor, activation="identity", hidden_layer_sizes=7, restart_keep=2,
        weight_init=[blow_up_some, "normal"],
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning, match="of 9 restarts diverged"):
        est.fit(X, y_number)
    diverged = est.restarts_["diverged"]
    assert 0 < diverged.sum() < R - 2
    assert (est.restarts_["n_iter"][diverged] <= 2).all()
    assert (~diverged & ~est.restarts_["dropped"]).sum() == 2
    assert np.isfinite(est.predict(X)).all()


def test_a_race_without_a_finite_row_is_an_error(y_number):
    X = np.finfo(np.float64).max * np.random.default_rng(0).uniform(size=(ROWS, 2))
    est = make(InitMLPRegressor)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        est.fit(X, y_number)
    assert not hasattr(est, "restarts_")


@ignore_convergence
def test_an_interrupted_race_keeps_what_was_trained(X, y_class, monkeypatch):
    n_calls, train = 0, Stochastic.train

    def interrupt(*arguments):
        nonlocal n_calls
        n_calls += 1
        if n_calls == R + 3:  # the third of the second rung
            raise KeyboardInterrupt
        return train(*arguments)

    whole = make(warm_start=True).fit(X, y_class)
    est = make(warm_start=True)
    monkeypatch.setattr(Stochastic, "train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, y_class)
    n_iter, dropped = est.restarts_["n_iter"], est.restarts_["dropped"]
    assert sorted(n_iter) == [2] * (R - 2) + [4] * 2
    assert dropped.sum() == R - RUNGS[1].n_restarts
    assert (n_iter[dropped] == 2).all()
    running = np.flatnonzero(~dropped)
    assert est.best_restart_ == running[est.restarts_["loss"][running].argmin()]
    for ours, curve in zip(get_curves(est), get_curves(whole), strict=True):
        np.testing.assert_array_equal(ours, curve[: len(ours)])
    est.set_params(max_iter=7).fit(X, y_class)
    assert np.isin(np.flatnonzero(~est.restarts_["dropped"]), running).all()
