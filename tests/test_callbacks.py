"""scikit-learn's callbacks: what they hear, what they may ask for, and how they end a fit."""

import threading
from dataclasses import dataclass, field

import joblib
import numpy as np
import pytest
from race_material import ROWS, get_row, make, row
from sklearn.model_selection import GridSearchCV

from sklearn_init import InitMLPRegressor

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 has callbacks")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LOCK = threading.Lock()


@dataclass(eq=False)
class Recorder:
    """Notes the tasks it hears of, and ends those of a name, after a number of them."""

    ends: str = ""
    after: int = 1
    heard: list = field(default_factory=list)

    def setup(self, estimator, context):
        self.heard.append(("setup", get_path(context)))

    def teardown(self, estimator, context):
        self.heard.append(("teardown", get_path(context)))

    def on_fit_task_begin(self, estimator, context):
        with LOCK:
            self.heard.append(("begin", get_path(context)))

    def on_fit_task_end(self, estimator, context):
        with LOCK:
            path = get_path(context)
            self.heard.append(("end", path))
            return path[-1][0] == self.ends and path[-1][1] + 1 >= self.after

    def get(self, event, task):
        return [path for what, path in self.heard if what == event and path[-1][0] == task]


@dataclass(eq=False)
class Witness:
    """Asks for all that there is, at the end of every task."""

    seen: list = field(default_factory=list)

    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.seen.append((get_path(context), X, y, metadata, fitted_estimator))


def get_path(context):
    """Return names and indices of the tasks from the fit to this one."""
    above = () if context.parent is None else get_path(context.parent)
    return (*above, (context.task_name, context.task_id))


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(ROWS, 5))


@pytest.fixture(scope="module")
def y(X):
    return (X[:, 0] > X[:, 1] ** 2 - 1).astype(int)


def fit(X, y, *callbacks, **more):
    defaults = {"n_restarts": 3, "max_iter": 4, "restart_strategy": "full"}
    return make(**{**defaults, **more}).set_callbacks(*callbacks).fit(X, y)


def assert_same_fit(ours, other):
    np.testing.assert_array_equal(row(ours), row(other))
    for name in ("loss", "n_iter", "validation_score", "diverged", "dropped"):
        np.testing.assert_array_equal(ours.restarts_[name], other.restarts_[name])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"n_jobs": 2},
        {"restart_strategy": "halving", "n_restarts": 9, "max_iter": 16},
        {"early_stopping": True, "n_iter_no_change": 1, "tol": 0.1, "max_iter": 9},
        {"solver": "lbfgs"},
        {"n_restarts": "auto", "max_restarts": 11},
    ],
)
def test_callbacks_change_nothing(X, y, more):
    assert_same_fit(fit(X, y, Recorder(), **more), fit(X, y, **more))


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_they_hear_of_every_restart_and_epoch_once(X, y, n_jobs, solver):
    recorder = Recorder()
    est = fit(X, y, recorder, n_jobs=n_jobs, solver=solver)
    assert est.restarts_["n_iter"].tolist() == [4, 4, 4]
    of_fit = ("fit", 0)
    assert recorder.heard[:2] == [("setup", (of_fit,)), ("begin", (of_fit,))]
    assert recorder.heard[-2:] == [("end", (of_fit,)), ("teardown", (of_fit,))]
    for event in ("begin", "end"):
        restarts = recorder.get(event, "restart")
        assert sorted(restarts) == [(of_fit, ("restart", r)) for r in range(3)]
        epochs = [(*restart, ("epoch", e)) for restart in sorted(restarts) for e in range(4)]
        assert sorted(recorder.get(event, "epoch")) == epochs
    for path in recorder.get("begin", "epoch"):  # each is over before the next one begins
        begin, end = (recorder.heard.index((what, path)) for what in ("begin", "end"))
        others = {other[:2] for _, other in recorder.heard[begin + 1 : end]}
        assert path[:2] not in others


def test_a_race_has_rungs(X, y):
    recorder = Recorder()
    fit(X, y, recorder, restart_strategy="halving", n_restarts=9, max_iter=16, tol=0)
    rungs = recorder.get("end", "rung")
    assert rungs == [(("fit", 0), ("rung", k)) for k in range(5)]
    n_epochs = 0
    for rung, (n_restarts, n_more) in zip(
        rungs, [(9, 1), (5, 1), (3, 2), (2, 4), (1, 8)], strict=True
    ):
        assert sum(p[:2] == rung for p in recorder.get("end", "restart")) == n_restarts
        n_epochs += n_restarts * n_more
    assert len(recorder.get("end", "epoch")) == n_epochs


@pytest.mark.parametrize("estimator", ["classifier", "regressor"])
def test_the_fitted_estimator_is_that_of_a_fit_which_ended_there(X, y, estimator):
    more = {} if estimator == "classifier" else {"Estimator": InitMLPRegressor}
    witness, weights = Witness(), np.linspace(0.1, 2, ROWS)
    est = make(**{"n_restarts": 2, "restart_strategy": "full", "max_iter": 3, **more})
    est.set_callbacks(witness).fit(X, y, weights)
    assert len(witness.seen) == 2 * (3 + 1) + 1
    for path, X_seen, y_seen, metadata, fitted in witness.seen:
        assert (X_seen is X, y_seen is y, metadata["sample_weight"] is weights) == (True,) * 3
        if path[-1][0] != "epoch":
            continue
        n_epochs = path[-1][1] + 1
        short = make(**{"n_restarts": 2, "restart_strategy": "full", **more})
        short.set_params(max_iter=n_epochs).fit(X, y, weights)
        one = short.restart(path[1][1])
        np.testing.assert_array_equal(fitted.predict(X), one.predict(X))
        np.testing.assert_array_equal(row(fitted), row(one))
    *_, fitted = witness.seen[-1]
    np.testing.assert_array_equal(fitted.predict(X), est.predict(X))


def test_a_callback_ends_a_restart_at_an_epoch(X, y):
    est = fit(X, y, Recorder("epoch", after=2), warm_start=True)
    assert est.restarts_["n_iter"].tolist() == [2, 2, 2]
    short = fit(X, y, max_iter=2)
    for r in range(3):
        np.testing.assert_array_equal(get_row(est, r), get_row(short, r))
    est.set_callbacks().set_params(max_iter=2).fit(X, y)  # and a further call goes on
    assert_same_curves(est, fit(X, y))


def assert_same_curves(ours, other):
    for r in range(3):
        np.testing.assert_array_equal(
            ours.restarts_.loss_curves[r], other.restarts_.loss_curves[r]
        )


def test_lbfgs_ends_at_an_iteration_without_a_warning(X, y, recwarn):
    est = fit(X, y, Recorder("epoch", after=2), solver="lbfgs", max_iter=99)
    assert est.restarts_["n_iter"].tolist() == [2, 2, 2]
    assert not recwarn.list


@pytest.mark.parametrize("more", [{}, {"n_restarts": "auto"}])
def test_a_callback_ends_a_fit_at_a_restart(X, y, more):
    est = fit(X, y, Recorder("restart", after=2), **more)
    trained = est.restarts_["n_iter"] > 0
    assert np.flatnonzero(trained).tolist() == [0, 1]
    assert np.isfinite(est.restarts_["loss"]).all()  # of those that wait at their start, too
    assert est.score(X, y) > 0.3


def test_a_callback_ends_a_fit_in_another_thread(X, y):
    more = {"max_iter": 300, "tol": 0, "n_iter_no_change": np.inf}  # time for the news to spread
    est = fit(X, y, Recorder("restart"), n_jobs=2, n_restarts=9, **more)
    assert 0 < (est.restarts_["n_iter"] == 300).sum() < 9


def test_a_callback_ends_a_race_at_a_rung(X, y):
    more = {"restart_strategy": "halving", "n_restarts": 9, "max_iter": 16, "tol": 0}
    est = fit(X, y, Recorder("rung", after=2), **more)
    assert np.sort(est.restarts_["n_iter"]).tolist() == [1] * 4 + [2] * 5
    assert est.best_restart_ in np.flatnonzero(est.restarts_["n_iter"] == 2)


class EndAll(Recorder):
    """Ends the fit, where it is shared with no other process."""

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "restart"


def test_a_callback_ends_a_fit_from_another_process(X, y):
    with joblib.parallel_config(backend="loky"):
        est = fit(X, y, EndAll(), n_jobs=2, n_restarts=17)
    assert 0 < (est.restarts_["n_iter"] == 4).sum() < 17


@dataclass(eq=False)
class Failing(Recorder):
    """Raises an error at a task of a name."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == self.ends:
            raise ZeroDivisionError(f"at {context.task_name}")


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("task", ["epoch", "restart", "rung"])
def test_an_error_of_a_callback_leaves_the_estimator_as_it_was(X, y, task, n_jobs):
    more = {"restart_strategy": "halving", "n_restarts": 4, "max_iter": 16, "n_jobs": n_jobs}
    est = make(**more).fit(X, y)
    before, failing = dict(vars(est)), Failing(task)
    with pytest.raises(ZeroDivisionError, match=f"at {task}"):
        est.set_callbacks(failing).fit(X, y)
    assert failing.heard[-1] == ("teardown", (("fit", 0),))
    after = vars(est)
    assert {name for name in after if not name.startswith("_skl")} == set(before)
    assert all(after[name] is before[name] for name in before)


def test_an_error_in_the_data_tears_callbacks_down(X, y):
    recorder = Recorder()
    with pytest.raises(ValueError, match="NaN"):
        fit(np.full_like(X, np.nan), y, recorder)
    assert [event for event, _ in recorder.heard] == ["setup", "begin", "teardown"]


def test_partial_fit_and_initialize_call_nobody(X, y):
    recorder = Recorder()
    est = make().set_callbacks(recorder).initialize(X, y)
    est.partial_fit(X, y, classes=[0, 1])
    assert recorder.heard == []


def test_a_search_tells_of_the_epochs_of_its_candidates(X, y, capsys):
    pytest.importorskip("rich")
    search = GridSearchCV(make(n_restarts=2, max_iter=3), {"alpha": [0.1, 0.2]}, cv=2, n_jobs=2)
    search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(X, y)
    text = capsys.readouterr().out
    assert "InitMLPClassifier - restart #1" in text
    assert "100%" in text
