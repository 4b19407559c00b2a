"""Restarts are trained batch after batch, until another batch is not worth it."""

from itertools import combinations

import numpy as np
import pytest
from engine_material import make_objective
from race_material import blow_up_some, stub
from sklearn.base import clone

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.solvers import Restart, Stochastic
from sklearn_init.training import BATCH, End, Enough, Plan, Rung, make_rungs, train_until_enough
from sklearn_init.training._enough import expect_gain

ignore_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make(Estimator=InitMLPClassifier, **more):
    defaults = {
        "hidden_layer_sizes": (7, 4), "random_state": 3, "max_iter": 6, "n_restarts": "auto",
        "learning_rate_init": 0.02,
    }  # fmt: skip
    return Estimator(**{**defaults, **more})


def row(est):
    return np.concatenate([a.ravel() for a in est.coefs_ + est.intercepts_])


def assert_same(ours, other):
    """Assert that two fits are the same, restart by restart."""
    for name in set(ours.restarts_) - {"time"}:
        np.testing.assert_array_equal(ours.restarts_[name], other.restarts_[name], err_msg=name)
    assert ours.best_restart_ == other.best_restart_
    for r in range(len(ours.restarts_["loss"])):
        np.testing.assert_array_equal(row(ours.restart(r)), row(other.restart(r)))


def count(est):
    return len(est.restarts_["loss"])


# ---- what another batch is expected to bring ----


def make_batches(losses, **more):
    """Return batches of eight, the last one of what is left."""
    restarts = [stub(i, loss, **{"start_loss": 1e9, **more}) for i, loss in enumerate(losses)]
    return [restarts[i : i + BATCH] for i in range(0, len(restarts), BATCH)]


@pytest.mark.parametrize("n_restarts", [16, 11, 9])
def test_the_gain_is_what_eight_restarts_brought_over_all_choices_of_them(n_restarts):
    losses = np.random.default_rng(0).exponential(size=n_restarts)
    fewer = [min(chosen) for chosen in combinations(losses, n_restarts - BATCH)]
    gain = (np.mean(fewer) - losses.min()) / losses.min()
    assert expect_gain(make_batches(losses), by_score=False) == pytest.approx(gain, rel=1e-9)


def test_the_gain_in_scores_is_one_of_what_grows():
    scores = np.random.default_rng(1).uniform(0.2, 0.9, size=11)
    restarts = [stub(i, 0.5, score) for i, score in enumerate(scores)]
    best = [max(chosen) for chosen in combinations(scores, 11 - BATCH)]
    gain = (scores.max() - np.mean(best)) / scores.max()
    batches = [restarts[:8], restarts[8:]]
    assert expect_gain(batches, by_score=True) == pytest.approx(gain)
    assert expect_gain(batches, by_score=False) == 0  # losses are equal
    negative = [[stub(r.index, 0.5, r.best_score - 1) for r in batch] for batch in batches]
    below = (scores.max() - np.mean(best)) / (1 - scores.max())
    assert expect_gain(negative, by_score=True) == pytest.approx(below)


def test_the_gain_of_a_race_is_that_of_its_winners():
    batches = make_batches(np.arange(1.0, 25))
    for batch, winner in zip(batches, (0.4, 0.9, 0.5), strict=True):
        for restart in batch[1:]:
            restart.drop()
            restart.loss = 0.01  # of no account
        batch[0].loss = winner
    fewer = np.mean([min(pair) for pair in combinations((0.4, 0.9, 0.5), 2)])
    assert expect_gain(batches, by_score=False) == pytest.approx((fewer - 0.4) / 0.4)
    assert expect_gain(batches[:1], by_score=False) == np.inf


def test_the_gain_of_one_batch_is_unknown():
    assert expect_gain(make_batches([0.5] * 8), by_score=False) == np.inf
    assert expect_gain(make_batches([0.5] * 3), by_score=False) == np.inf
    assert expect_gain(make_batches([0.5] * 9), by_score=False) == 0


def test_what_diverged_counts_as_the_worst():
    losses = np.array([0.3, 0.4, *[0.5] * 7])
    as_worst = expect_gain(make_batches(losses), by_score=False)
    for bad in (np.nan, np.inf, 1e20):
        losses[4] = bad
        assert expect_gain(make_batches(losses), by_score=False) == as_worst
    low = make_batches([0.3, 0.4, *[0.5] * 7])
    low[0][4] = stub(4, 1e-3, start_loss=1e-9)  # low, but far above its start
    assert expect_gain(low, by_score=False) == as_worst
    assert expect_gain(make_batches([np.nan] * 9), by_score=False) == np.inf
    assert expect_gain(make_batches([0.5] + [np.nan] * 9), by_score=False) == np.inf


def test_a_raced_batch_without_finite_weights_is_no_reason_to_stop():
    good = make_batches([0.1, 0.5, 0.6])[0]
    bad = [stub(3 + i, np.nan, theta=np.nan) for i in range(3)]
    good[2].drop()
    assert expect_gain([good, bad], by_score=False) == np.inf
    better = make_batches([0.2, 0.7])[0]
    assert expect_gain([good, better, bad], by_score=False) == pytest.approx(1 / 3)


def test_a_best_of_zero_is_no_division_by_zero():
    assert expect_gain(make_batches(np.arange(9.0)), by_score=False) == np.inf
    assert expect_gain(make_batches([0.0] * 9), by_score=False) == 0


@pytest.mark.parametrize("n_seen", [16, 17, 24])
def test_no_batch_of_independent_restarts_is_expected_to_bring_more(n_seen):
    # exponential losses above 1: the best of n is 1 + 1 / n on average
    rng = np.random.default_rng(2)
    gains = []
    for _ in range(401):
        losses = 1 + rng.exponential(size=n_seen)
        gains.append(expect_gain(make_batches(losses), by_score=False) * losses.min())
    brought = 1 / (n_seen - BATCH) - 1 / n_seen
    error = np.std(gains) / np.sqrt(len(gains))
    assert abs(np.mean(gains) - brought) < 4 * error
    assert brought > 1 / n_seen - 1 / (n_seen + BATCH)


# ---- when there are enough, and why ----


class Scripted:
    """A solver whose restarts end at the losses of a script, which has as many as may be asked."""

    def __init__(self, losses, interrupted=None):
        self.losses, self.interrupted = losses, interrupted

    def prepare(self, objective):
        return objective

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        if restart.index == self.interrupted:
            raise KeyboardInterrupt
        restart.start_loss, restart.loss = 1.0, self.losses[restart.index]
        restart.n_iter = n_epochs


OBJECTIVE = make_objective()


def draw(indices):
    theta = np.zeros(OBJECTIVE.layout.n_params)
    return [Restart(i, theta.copy(), theta, None) for i in indices]


def run(losses, tol=0.01, n_max=64, *, rungs=None, **more):
    """Return the number of restarts it takes, how it ended, and why."""
    first = draw(range(min(BATCH, n_max)))
    rungs = (Rung(len(first), 5),) if rungs is None else rungs
    plan = Plan(Scripted(losses, **more), OBJECTIVE, None, rungs, by_score=False)
    restarts, end, reason = train_until_enough(first, draw, plan, Enough(tol, n_max), n_jobs=None)
    assert [restart.index for restart in restarts] == list(range(len(restarts)))
    return len(restarts), end, reason


@pytest.mark.parametrize("tol", [0.02, 0.0])
def test_two_batches_are_enough_if_all_reach_the_same(tol):
    n, _, reason = run([0.3] * 64, tol=tol)
    assert n == 16
    assert reason == (
        "16 are enough: 8 more are expected to improve the best one by at most 0 of it, and "
        f"restart_tol={tol}."
    )


def test_batches_go_on_while_the_last_one_was_expected_to_bring_more_than_tol():
    losses = 0.1 + np.random.default_rng(4).exponential(size=64)
    taken = []
    for tol in (1.0, 0.1, 0.03, 0.015):
        n, _, reason = run(losses, tol)
        gains = {
            k: expect_gain(make_batches(losses[:k]), by_score=False) for k in range(16, n + 1, 8)
        }
        assert [k for k, gain in gains.items() if gain <= tol] == [n]
        assert reason.startswith(f"{n} are enough: 8 more are expected")
        assert f"at most {gains[n]:.2g} of it, and restart_tol={tol!r}." in reason
        taken.append(n)
    assert taken == [16, 32, 48, 64]


@pytest.mark.parametrize("n_max", [1, 3, 8, 11, 16, 21])
def test_no_more_restarts_than_the_largest_number(n_max):
    losses = 0.9 ** np.arange(64)  # every restart is better than the last one
    n, _, reason = run(losses, n_max=n_max)
    assert n == n_max
    end = "" if n_max <= 8 else "; 8 more are expected to improve the best one by at most "
    assert reason.startswith(f"max_restarts={n_max} is reached" + (end or "."))
    assert "inf" not in reason


def test_a_last_batch_that_is_small_is_no_reason_to_stop():
    # three more restarts bring less than tol, but eight would bring more
    losses = [1.0 + 0.1 * i for i in range(11)]
    few = np.mean([min(chosen) for chosen in combinations(losses, 8)]) - 1
    n, _, reason = run(np.array(losses) / 10, tol=2 * few, n_max=11)
    assert n == 11
    assert reason.startswith("max_restarts=11 is reached; 8 more are")


def test_a_tolerance_of_zero_takes_all_that_are_allowed():
    losses = np.linspace(0.5, 0.1, 24)
    assert run(losses, tol=0, n_max=24)[0] == 24


def test_an_interrupt_has_no_reason():
    n, end, reason = run([0.3] * 64, interrupted=11)
    assert (n, end, reason) == (16, End.INTERRUPTED, "")


def test_batches_are_raced_each_on_its_own():
    losses = np.random.default_rng(4).uniform(0.2, 0.9, size=64)
    rungs = make_rungs(BATCH, 32, first=1 / 4)
    first = draw(range(BATCH))
    plan = Plan(Scripted(losses), OBJECTIVE, None, rungs, by_score=False)
    restarts, _, _ = train_until_enough(first, draw, plan, Enough(0.0, 19), n_jobs=None)
    assert len(restarts) == 19
    for begin, n_ended in ((0, 2), (8, 2), (16, 2)):
        batch = restarts[begin : begin + 8]
        ended = {r.index for r in batch if not r.dropped}
        ranked = sorted(batch, key=lambda r: r.loss)
        assert ended == {r.index for r in ranked[:n_ended]}


# ---- of an estimator ----


@ignore_convergence
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"solver": "sgd", "weight_init": "he_normal"},
        {"solver": "lbfgs"},
        {"early_stopping": True, "validation_fraction": 0.3},
        {"restart_criterion": "validation", "restart_keep": 3, "restart_combine": "average"},
        {"dropout": 0.2, "n_jobs": 2},
    ],
)
def test_it_is_a_fit_with_as_many_restarts(X, y_class, more):
    est = make(**more, restart_tol=0.05, max_restarts=19).fit(X, y_class)
    n = count(est)
    assert n in (16, 19)
    fixed = make(**{**more, "n_restarts": n}).fit(X, y_class)
    assert_same(est, fixed)
    np.testing.assert_array_equal(est.kept_restarts_, fixed.kept_restarts_)
    np.testing.assert_array_equal(est.predict_proba(X), fixed.predict_proba(X))
    assert est.restarts_.stop_reason.startswith((f"{n} are enough", f"max_restarts={n} is"))
    assert fixed.restarts_.stop_reason == ""


@ignore_convergence
@pytest.mark.parametrize("max_restarts", [1, 5, 8, 11])
def test_the_largest_number_of_restarts(X, y_class, max_restarts):
    est = make(max_restarts=max_restarts, restart_tol=0, max_iter=2).fit(X, y_class)
    assert count(est) == max_restarts
    assert f"max_restarts={max_restarts} is reached" in est.restarts_.stop_reason
    assert_same(est, make(n_restarts=max_restarts, max_iter=2).fit(X, y_class))


def test_linear_models_need_two_batches_as_all_end_alike(X, y_number):
    linear = {"hidden_layer_sizes": (), "solver": "lbfgs", "tol": 1e-7, "max_iter": 200}
    est = make(InitMLPRegressor, **linear).fit(X, y_number)
    assert count(est) == 16
    assert est.restarts_.stop_reason.startswith("16 are enough: 8 more are expected to improve")
    assert est.restarts_.stop_reason.endswith("of it, and restart_tol=0.01.")
    est.set_params(max_restarts=8).fit(X, y_number)
    assert est.restarts_.stop_reason == "max_restarts=8 is reached."


@ignore_convergence
@pytest.mark.parametrize("early_stopping", [False, True])
def test_races_batch_by_batch(X, y_class, early_stopping):
    more = {"max_iter": 32, "restart_strategy": "halving", "early_stopping": early_stopping}
    est = make(**more, restart_tol=0, max_restarts=16, n_iter_no_change=99).fit(X, y_class)
    assert count(est) == 16
    dropped = est.restarts_["dropped"].reshape(2, 8)
    assert dropped.sum(axis=1).tolist() == [7, 7]
    alone = make(**more, n_restarts=8, n_iter_no_change=99).fit(X, y_class)
    for name in ("loss", "n_iter", "dropped", "validation_score"):
        np.testing.assert_array_equal(est.restarts_[name][:8], alone.restarts_[name])
    winners = np.flatnonzero(~est.restarts_["dropped"])
    name, sign = ("validation_score", -1) if early_stopping else ("loss", 1)
    assert est.best_restart_ == winners[(sign * est.restarts_[name][winners]).argmin()]


@ignore_convergence
@pytest.mark.parametrize("strategy", ["full", "halving"])
def test_what_diverges_is_counted(X, y_number, strategy):
    more = {"activation": "identity", "weight_init": [blow_up_some, "normal"]}
    more["hidden_layer_sizes"] = 7
    est = make(InitMLPRegressor, **more, restart_strategy=strategy, max_restarts=19, max_iter=9)
    est.set_params(restart_tol=0).fit(X, y_number)
    assert count(est) == 19
    assert 0 < est.restarts_["diverged"].sum() < 19
    assert not est.restarts_["diverged"][est.best_restart_]


@ignore_convergence
@pytest.mark.parametrize("more", [{}, {"restart_strategy": "halving", "max_iter": 16}])
def test_a_warm_start_goes_on_with_the_restarts_there_are(X, y_class, more):
    more = {"restart_tol": 0, "max_restarts": 11, "warm_start": True, **more}
    est = make(**more).fit(X, y_class)
    reason, curves = est.restarts_.stop_reason, est.restarts_.loss_curves
    est.fit(X, y_class)
    assert count(est) == 11
    assert est.restarts_.stop_reason == reason
    n_epochs = curves.shape[1]
    for r, curve in enumerate(est.restarts_.loss_curves):
        np.testing.assert_array_equal(curve[:n_epochs], curves[r])
        if not more.get("restart_strategy"):
            assert np.isfinite(curve[n_epochs:]).sum() == n_epochs
    if not more.get("restart_strategy"):
        whole = make(n_restarts=11, max_iter=12).fit(X, y_class)
        np.testing.assert_array_equal(row(est), row(whole))
    est.set_params(n_restarts=11).fit(X, y_class)  # the number there is
    with pytest.raises(ValueError, match="n_restarts=16, but the fitted .* has 11 restarts"):
        est.set_params(n_restarts=16).fit(X, y_class)


@ignore_convergence
def test_initialize_and_partial_fit_draw_one_batch(X, y_class):
    est = make(restart_tol=0, max_restarts=19).initialize(X, y_class)
    assert count(est) == 8
    fixed = make(n_restarts=8)
    est = clone(est)
    for e in (est, fixed):
        e.partial_fit(X, y_class, classes=[0, 1, 2]).partial_fit(X, y_class)
    assert_same(est, fixed)
    assert est.restarts_.stop_reason == ""


@ignore_convergence
def test_a_random_state_of_the_user_is_left_as_by_as_many_restarts(X, y_class):
    streams = [np.random.RandomState(0) for _ in range(2)]
    est = make(random_state=streams[0], restart_tol=0, max_restarts=11).fit(X, y_class)
    other = make(random_state=streams[1], n_restarts=11).fit(X, y_class)
    assert_same(est, other)
    assert streams[0].randint(2**31) == streams[1].randint(2**31)


@ignore_convergence
def test_an_interrupt_keeps_the_batches_before(X, y_class, monkeypatch):
    est = make(restart_tol=0)
    n_calls, train = 0, Stochastic.train

    def interrupt(*arguments):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 12:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(Stochastic, "train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, y_class)
    assert count(est) == 16
    assert est.restarts_.stop_reason == ""
    n_iter = est.restarts_["n_iter"]
    assert n_iter[:8].tolist() == [6] * 8
    assert n_iter[12:].sum() == 0
    assert np.isfinite(est.restarts_["loss"]).all()
    assert n_iter[est.best_restart_] == 6
    monkeypatch.setattr(Stochastic, "train", train)
    before = make(n_restarts=8).fit(X, y_class)
    np.testing.assert_array_equal(est.restarts_["loss"][:8], before.restarts_["loss"])
