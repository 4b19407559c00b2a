"""Continuation is exact: what is stopped and taken up again equals what ran through."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.network import CompiledPasses, Layout, ReferencePasses

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HIDDEN = (7, 4)
VARIANTS = [
    {"solver": "adam"},
    {"solver": "sgd"},
    {"solver": "sgd", "learning_rate": "invscaling", "nesterovs_momentum": False},
    {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.1,
        "n_iter_no_change": 2,
        "tol": 0.1,
    },
    {"solver": "adam", "shuffle": False, "batch_size": 9},
]


def make(**more):
    return InitMLPClassifier(HIDDEN, **{"random_state": 3, "batch_size": 16, **more})


def assert_same(first, second):
    """Everything that training leaves, but the count of epochs per call."""
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(first, name), getattr(second, name), strict=True):
            np.testing.assert_array_equal(a, b)
    names = ["loss_", "best_loss_", "loss_curve_", "validation_scores_", "t_", "best_restart_"]
    for name in [*names, "best_validation_score_"]:
        assert getattr(first, name) == getattr(second, name), name


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("n_restarts", [1, 3])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_ten_and_ten_are_twenty(X, y_class, variant, n_restarts, early_stopping):
    more = {**variant, "n_restarts": n_restarts, "early_stopping": early_stopping}
    whole = make(max_iter=20, **more).fit(X, y_class)
    parts = make(max_iter=10, warm_start=True, **more).fit(X, y_class)
    parts = pickle.loads(pickle.dumps(parts)).fit(X, y_class)
    assert_same(parts, whole)
    for r in range(n_restarts):
        assert_same(parts.restart(r), whole.restart(r))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("n_restarts", [1, 3])
def test_twenty_partial_fits_are_a_fit_of_twenty(X, y_class, variant, n_restarts):
    whole = make(max_iter=20, **variant, n_restarts=n_restarts).fit(X, y_class)
    assert whole.restarts_["n_iter"].tolist() == [20] * n_restarts
    parts = make(**variant, n_restarts=n_restarts)
    for _ in range(20):
        parts.partial_fit(X, y_class, classes=[0, 1, 2])
    assert_same(parts, whole)
    for r in range(n_restarts):
        assert_same(parts.restart(r), whole.restart(r))


def test_a_restart_that_stopped_stays_stopped_beside_others(X, y_class):
    more = {"n_restarts": 4, "tol": 0.02, "n_iter_no_change": 2, "solver": "sgd"}
    whole = make(max_iter=60, **more).fit(X, y_class)
    n_iter = whole.restarts_["n_iter"]
    at = int(n_iter.max()) - 1
    assert n_iter.min() < at  # some stop before, some after
    parts = make(max_iter=at, warm_start=True, **more).fit(X, y_class)
    parts.set_params(max_iter=60 - at).fit(X, y_class)
    assert parts.restarts_["n_iter"].min() == 0
    for r in range(4):
        assert_same(parts.restart(r), whole.restart(r))


def test_if_all_have_stopped_a_further_fit_goes_on(X, y_class):
    est = make(max_iter=200, tol=0.5, n_iter_no_change=2, warm_start=True).fit(X, y_class)
    assert est.n_iter_ < 10
    n_before = len(est.loss_curve_)
    est.set_params(tol=0.0, max_iter=15).fit(X, y_class)
    assert len(est.loss_curve_) > n_before + 2


def test_lbfgs_goes_on_from_the_last_point(X, y_number):
    est = InitMLPRegressor(hidden_layer_sizes=HIDDEN, solver="lbfgs", random_state=0)
    est.set_params(warm_start=True, max_iter=5).fit(X, y_number)
    loss = est.loss_
    arrays = [W.copy() for W in est.coefs_], [b.copy() for b in est.intercepts_]
    from_there = InitMLPRegressor(
        hidden_layer_sizes=HIDDEN, solver="lbfgs", max_iter=5,
        weight_init=arrays[0], bias_init=arrays[1],
    ).fit(X, y_number)  # fmt: skip
    est.fit(X, y_number)
    assert est.loss_ < loss
    np.testing.assert_array_equal(est.coefs_[0], from_there.coefs_[0])


def test_max_iter_counts_epochs_per_call(X, y_class, stochastic):
    est = make(solver=stochastic, max_iter=4, warm_start=True).fit(X, y_class).fit(X, y_class)
    assert est.n_iter_ == 4
    assert len(est.loss_curve_) == 8
    assert est.t_ == 8 * len(X)


@pytest.mark.parametrize("more", [{}, {"n_restarts": 3}, {"early_stopping": True}])
def test_fit_equals_fit_after_initialize(X, y_class, stochastic, more):
    for warm_start in (False, True):
        est = make(solver=stochastic, max_iter=5, warm_start=warm_start, **more)
        alone = make(solver=stochastic, max_iter=5, warm_start=warm_start, **more).fit(X, y_class)
        est.initialize(X, y_class)
        assert_same(est.fit(X, y_class), alone)


@pytest.mark.parametrize("warm_start", [False, True])
def test_initialize_does_not_consume_a_random_state(X, y_class, warm_start):
    alone = make(random_state=np.random.RandomState(0), max_iter=3).fit(X, y_class)
    stream = np.random.RandomState(0)
    est = make(random_state=stream, max_iter=3, warm_start=warm_start).initialize(X, y_class)
    assert_same(est.fit(X, y_class), alone)
    np.testing.assert_array_equal(stream.get_state()[1], alone.random_state.get_state()[1])


def test_initialize_is_ready_to_predict(X, y_class):
    est = make(n_restarts=3, weight_init="he_normal").initialize(X, y_class)
    assert est.n_iter_ == 0
    assert est.loss_curve_ == []
    assert est.best_restart_ == 0
    assert est.t_ == 0
    assert est.predict_proba(X).shape == (len(X), 3)
    for W, start in zip(est.coefs_, est.initial_coefs_, strict=True):
        np.testing.assert_array_equal(W, start)
    assert np.isfinite(est.restarts_["loss"]).all()
    assert not est.restarts_["diverged"].any()
    assert est.loss_ == est.restarts_["loss"][0]


def test_initialize_then_warm_start_trains_from_changed_weights(X, y_class):
    est = make(max_iter=3, warm_start=True, solver="sgd", learning_rate_init=1e-9)
    est.initialize(X, y_class)
    est.coefs_[0] = est.coefs_[0] + 1.0
    expected = est.coefs_[0].copy()
    np.testing.assert_allclose(est.fit(X, y_class).coefs_[0], expected, atol=1e-6)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_weights_changed_in_place_are_taken_up(X, y_class, early_stopping):
    est = make(max_iter=3, warm_start=True, early_stopping=early_stopping, solver="sgd")
    est.fit(X, y_class).set_params(learning_rate_init=1e-9)
    est.coefs_[1][...] = 0.125
    est.fit(X, y_class)
    np.testing.assert_allclose(est.coefs_[1], 0.125, atol=1e-6)


def test_the_solver_state_is_kept_only_where_it_is_needed(X, y_class):
    def size(est):
        return len(pickle.dumps(est))

    plain = make(max_iter=3).fit(X, y_class)
    assert plain._training is None
    kept = make(max_iter=3, warm_start=True).fit(X, y_class)
    n_bytes = sum(W.nbytes for W in plain.coefs_ + plain.intercepts_)
    assert size(kept) - size(plain) > 3 * n_bytes
    several = make(max_iter=3, n_restarts=3).fit(X, y_class)
    assert all(r.moments is None and r.order is None for r in several._training.restarts)
    assert make().partial_fit(X, y_class, classes=[0, 1, 2])._training is not None


@pytest.mark.parametrize("n_restarts", [1, 3])
def test_partial_fit_after_a_plain_fit_goes_on_from_its_weights(X, y_class, n_restarts):
    est = make(max_iter=8, n_restarts=n_restarts).fit(X, y_class)
    curve, t = est.loss_curve_, est.t_
    est.partial_fit(X, y_class)
    kept = est.restart(est.best_restart_)
    assert len(kept.loss_curve_) == 9
    assert est.t_ == t + len(X)
    if n_restarts == 1:
        assert est.loss_curve_[:-1] == curve
        assert est.loss_curve_[-1] < curve[0]


def test_a_new_number_of_samples_starts_order_and_split_anew(X, y_class):
    est = make(max_iter=3, warm_start=True, early_stopping=True).fit(X, y_class)
    est.fit(X[:41], y_class[:41])
    assert len(est.validation_scores_) == 6
    assert est._training.split.n_samples == 41
    assert est._training.restarts[0].order.max() == 40
    est.set_params(early_stopping=False).partial_fit(X[:19], y_class[:19])
    assert sorted(est._training.restarts[0].order) == list(range(19))


def test_changing_solver_or_rate_between_calls(X, y_class):
    est = make(solver="sgd", max_iter=2, warm_start=True).fit(X, y_class)
    assert est._training.restarts[0].moments.rate == 0.001
    est.set_params(learning_rate_init=0.05).fit(X, y_class)
    assert est._training.restarts[0].moments.rate == 0.05
    est.set_params(solver="adam").fit(X, y_class)
    est.set_params(solver="lbfgs").fit(X, y_class)
    assert not hasattr(est, "loss_curve_")
    assert np.isfinite(est.predict_proba(X)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_layer_sizes": (7, 5)}, r"hidden_layer_sizes=\(7, 5\).*\(5, 7, 4, 3\)"),
        ({"hidden_layer_sizes": (7,)}, r"hidden_layer_sizes=\(7,\)"),
        ({"n_restarts": 2}, "n_restarts=2, but the fitted estimator to go on with has 1"),
    ],
)
def test_another_network_cannot_be_continued(X, y_class, change, message):
    est = make(max_iter=2, warm_start=True).fit(X, y_class)
    before = est.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        est.set_params(**change).fit(X, y_class)
    np.testing.assert_array_equal(est.predict_proba(X), before)


def test_float32_stays_float32_when_continued(X, y_class):
    est = make(max_iter=2, warm_start=True).fit(X.astype(np.float32), y_class).fit(X, y_class)
    assert {W.dtype for W in est.coefs_ + est.intercepts_} == {np.dtype(np.float32)}


def test_the_global_stream_is_not_set_back(X, y_class):
    est = make(random_state=None, warm_start=True, max_iter=2).fit(X, y_class)
    np.random.seed(5)
    state = np.random.get_state()[1].copy()
    est.fit(X, y_class)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("warm_start", [False, True])
def test_an_instance_goes_on_with_its_estimator(X, y_class, warm_start):
    stream, expected = np.random.RandomState(4), np.random.RandomState(4)
    est = make(random_state=stream, max_iter=3, warm_start=warm_start).fit(X, y_class)
    for sizes in ((5, 7), (7, 4), (4, 3)):
        expected.uniform(size=sizes)
        expected.uniform(size=sizes[1])
    for _ in range(3):
        expected.permutation(len(X))
    np.testing.assert_array_equal(stream.get_state()[1], expected.get_state()[1])
    for _ in range(2):
        est.partial_fit(X, y_class)
        expected.permutation(len(X))
    assert stream.randint(10**9) == expected.randint(10**9)


def test_the_best_score_is_that_of_the_present_split(X, y_class):
    est = make(warm_start=True, early_stopping=True, learning_rate_init=0.05, n_iter_no_change=99)
    easy = np.digitize(X[:, 0], [-1.2, 1.2])  # nearly all rows have the same label
    est.set_params(max_iter=20).fit(X, easy)
    first = est.best_validation_score_
    est.set_params(max_iter=6).fit(X[:41], y_class[:41])
    assert est.best_validation_score_ == max(est.validation_scores_[20:]) < first


def test_early_stopping_can_be_switched_on_and_off(X, y_class):
    est = make(max_iter=4, warm_start=True).fit(X, y_class)
    est.set_params(early_stopping=True).fit(X, y_class)
    assert np.isnan(est.validation_scores_).tolist() == [True] * 4 + [False] * 4
    assert len(est._training.split.validation) == 6
    est.set_params(early_stopping=False).fit(X, y_class)
    assert est.validation_scores_ is None
    assert est._training.split.validation is None
    np.testing.assert_array_equal(
        Layout.of(est.coefs_).row(est.coefs_, est.intercepts_), est._training.restarts[0].theta
    )


def test_a_new_fraction_is_a_new_split(X, y_class):
    est = make(max_iter=2, warm_start=True, early_stopping=True).fit(X, y_class)
    est.set_params(validation_fraction=0.3).fit(X, y_class)
    assert len(est._training.split.validation) == 16


def test_partial_fit_trains_what_has_converged_beside_others(X, y_class):
    more = {"n_restarts": 4, "tol": 0.02, "n_iter_no_change": 2, "solver": "sgd"}
    est = make(max_iter=14, warm_start=True, **more).fit(X, y_class)
    stopped = est.restarts_["n_iter"] < 14
    assert 0 < stopped.sum() < 4
    assert est.partial_fit(X, y_class).restarts_["n_iter"].tolist() == [1] * 4


@pytest.mark.parametrize("n_restarts", [1, 2])
def test_a_plain_fit_goes_on_alike_for_one_restart_and_several(X, y_class, n_restarts):
    more = {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2}
    est = make(max_iter=12, n_restarts=n_restarts, **more).fit(X, y_class)
    est.set_params(warm_start=True).fit(X, y_class)
    one = make(max_iter=12, **more).fit(X, y_class).set_params(warm_start=True).fit(X, y_class)
    assert est.restart(0).loss_curve_ == one.loss_curve_


def test_a_low_loss_at_the_start_is_remembered(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), weight_init="ones", bias_init="uniform", solver="sgd",
        learning_rate_init=1e-9, max_iter=2,
    ).fit(X, y_number)  # fmt: skip
    assert not est.restarts_["diverged"][0]
    assert not est.set_params(warm_start=True).fit(X, y_number).restarts_["diverged"][0]


def test_arrays_of_another_shape_cannot_be_continued(X, y_class):
    est = make(max_iter=2, warm_start=True).fit(X, y_class)
    est.intercepts_ = [np.ones(4), np.ones(7), np.ones(3)]
    with pytest.raises(ValueError, match="coefs_ and intercepts_ have the shapes"):
        est.fit(X, y_class)


def test_what_the_last_call_said_is_forgotten(X, y_class):
    est = make(solver="lbfgs", max_iter=3, warm_start=True).fit(X, y_class)
    with pytest.warns(ConvergenceWarning) as caught:
        est.set_params(solver="adam").fit(X, y_class)
    assert "lbfgs" not in str(caught[0].message)


def test_training_goes_on_after_an_interrupt(X, y_class, monkeypatch):
    whole = make(max_iter=8, n_restarts=2).fit(X, y_class)
    est = make(max_iter=4, n_restarts=2, warm_start=True)

    def interrupt(restart, text):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_init.estimators._parameters.report_with_index", interrupt)
    with pytest.raises(KeyboardInterrupt):
        est.set_params(verbose=2).fit(X, y_class)
    assert est.restarts_["diverged"].tolist() == [False, False]
    assert "loss" in repr(est.restarts_)
    est.set_params(verbose=False, max_iter=8).fit(X, y_class)
    assert est.restarts_["n_iter"].tolist() == [8, 8]
    np.testing.assert_array_equal(est.restart(1).coefs_[0], whole.restart(1).coefs_[0])


def test_changed_weights_are_trained_even_if_they_had_stopped(X, y_class):
    more = {"n_restarts": 4, "tol": 0.02, "n_iter_no_change": 2, "solver": "sgd"}
    est = make(max_iter=14, warm_start=True, **more).fit(X, y_class)
    stopped = np.flatnonzero(est.restarts_["n_iter"] < 14)
    est.best_restart_ = int(stopped[0])
    est.coefs_ = [np.zeros_like(W) for W in est.coefs_]
    est.set_params(max_iter=1).fit(X, y_class)
    assert est.restarts_["n_iter"][stopped[0]] == 1


@pytest.mark.parametrize("array", ["coefs_", "intercepts_"])
def test_nothing_goes_on_from_nan(X, y_class, array):
    est = make(max_iter=2, warm_start=True).fit(X, y_class)
    getattr(est, array)[0][...] = np.nan
    with pytest.raises(ValueError, match="coefs_ or intercepts_ are not finite"):
        est.fit(X, y_class)


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate_init": 1e-5},
        {"early_stopping": False, "learning_rate_init": 1e-5},
        {"solver": "lbfgs"},
        {"validation_fraction": 0.2, "learning_rate_init": 1e-5},
    ],
)
def test_after_divergence_training_goes_on_from_the_best_row(change):
    X = 8 * np.random.default_rng(0).normal(size=(200, 4))
    est = InitMLPRegressor(
        hidden_layer_sizes=(5,), random_state=0, max_iter=3, early_stopping=True, warm_start=True,
        solver="sgd", learning_rate_init=0.05, batch_size=20,
    ).fit(X, X.sum(axis=1))  # fmt: skip
    assert est.restarts_["diverged"][0]
    est.set_params(**change).fit(X, X.sum(axis=1))
    assert est.n_iter_ > 0
    assert np.isfinite(est.loss_)


def test_other_data_wakes_what_has_stopped(X, y_class):
    more = {"n_restarts": 4, "tol": 0.02, "n_iter_no_change": 2, "solver": "sgd"}
    est = make(max_iter=14, warm_start=True, **more).fit(X, y_class)
    est.set_params(max_iter=1).fit(X[:41], y_class[:41])
    assert est.restarts_["n_iter"].tolist() == [1] * 4


def test_lbfgs_on_other_targets_is_no_divergence(X, y_number):
    est = InitMLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", warm_start=True, max_iter=5)
    est.fit(X, y_number).fit(X, 1000 * y_number)
    assert not est.restarts_["diverged"][0]


@pytest.mark.parametrize("n_restarts", [1, 3])
def test_an_interrupt_in_the_first_epoch_is_no_divergence(
    X, y_class, monkeypatch, n_restarts, engine
):
    passes, method, n_calls = {
        "compiled": (CompiledPasses, "run_epochs", 1),
        "reference": (ReferencePasses, "loss_and_grad", 3),
    }[engine]
    original, calls = getattr(passes, method), []

    def interrupt(*arguments):
        calls.append(1)
        if len(calls) == n_calls:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(passes, method, interrupt)
    est = make(n_restarts=n_restarts)
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, y_class)
    assert not est.restarts_["diverged"].any()
    assert np.isfinite(est.restarts_["loss"]).all()
    assert est.best_restart_ == est.restarts_["loss"].argmin()


@pytest.mark.parametrize("variant", [{"solver": "adam"}, {"solver": "lbfgs"}])
def test_restarts_that_lbfgs_called_converged_go_on_with_other_labels(X, y_class, variant):
    other = np.where(y_class == 0, 1, np.arange(len(y_class)) % 3)
    est = make(solver="lbfgs", n_restarts=5, max_iter=45, warm_start=True, alpha=3)
    est.fit(X, y_class)
    assert 0 < sum(est.restarts_["n_iter"] < 45) < 5
    est.set_params(**variant, max_iter=10).fit(X, other)
    assert est.restarts_["n_iter"].min() > 0


def test_weights_given_to_a_dropped_restart_are_taken_up(X, y_class):
    est = make(n_restarts=9, restart_strategy="halving", warm_start=True, max_iter=16)
    est.fit(X, y_class)
    dropped = np.flatnonzero(est.restarts_["dropped"])
    one = est.restart(dropped[0])
    one.coefs_[0][:] *= 0.5
    one.fit(X, y_class)
    trained = one.restarts_["n_iter"] > 0
    np.testing.assert_array_equal(np.flatnonzero(~trained), dropped[1:])


@pytest.mark.parametrize("first", [True, False])
def test_rows_held_out_begin_or_cease_to_stop_training(X, y_number, first):
    more = {"restart_criterion": "validation", "n_restarts": 3, "warm_start": True}
    est = InitMLPRegressor(hidden_layer_sizes=HIDDEN, random_state=0, max_iter=12, **more)
    est.set_params(early_stopping=first).fit(X, y_number)
    before, scores = est.predict(X), est.restarts_["validation_score"]
    est.set_params(early_stopping=not first).fit(X, y_number)
    assert (est.restarts_["n_iter"] == 12).all()  # patience begins anew
    assert np.abs(est.predict(X) - before).max() > 1e-3
    assert (est.restarts_["validation_score"] != scores).all()
    assert len(est.validation_scores_) == len(est.loss_curve_)
    assert (est.best_loss_ is None) == (not first)
