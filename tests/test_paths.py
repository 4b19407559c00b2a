"""Paths: what `PathRecorder` takes down, and that it changes nothing."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from race_material import get_row, make, row
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init.inspection import LandscapeDisplay, PathRecorder

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

needs_callbacks = pytest.mark.skipif(
    not hasattr(make(), "set_callbacks"), reason="scikit-learn 1.9 has callbacks"
)

N_PARAMS = 5 * 7 + 7 * 4 + 4 * 3 + 7 + 4 + 3


def fit(X, y, recorder=None, **more):
    est = make(**{"n_restarts": 3, "restart_strategy": "full", "max_iter": 5, **more})
    return (est if recorder is None else est.set_callbacks(recorder)).fit(X, y)


def get_start(est, index):
    est = est.restart(index)
    return np.concatenate([a.ravel() for a in est.initial_coefs_ + est.initial_intercepts_])


@needs_callbacks
@pytest.mark.parametrize("more", [{}, {"n_jobs": 2}, {"solver": "lbfgs"}, {"dtype": "float32"}])
def test_a_row_is_where_a_fit_of_as_many_epochs_ends(more, X, y_class):
    recorder = PathRecorder()
    est = fit(X, y_class, recorder, **more)
    assert list(recorder.paths_) == [0, 1, 2]
    shorter = [fit(X, y_class, **more, max_iter=n) for n in (1, 3, 5)] if not more else []
    for restart, path in recorder.paths_.items():
        assert path.shape == (6, N_PARAMS)
        assert path.dtype == est.coefs_[0].dtype
        np.testing.assert_array_equal(path[0], get_start(est, restart))
        np.testing.assert_array_equal(path[-1], get_row(est, restart))
        for n, short in zip((1, 3, 5), shorter, strict=False):
            np.testing.assert_array_equal(path[n], get_row(short, restart))


@needs_callbacks
@pytest.mark.parametrize(
    "more", [{}, {"restart_strategy": "halving", "n_restarts": 5, "max_iter": 16}]
)
def test_it_changes_no_bits(more, X, y_class):
    ours, other = fit(X, y_class, PathRecorder(2), **more), fit(X, y_class, **more)
    np.testing.assert_array_equal(row(ours), row(other))
    np.testing.assert_array_equal(ours.restarts_.loss_curves, other.restarts_.loss_curves)


@needs_callbacks
@pytest.mark.parametrize("every", [1, 3, 4, 99])
def test_every_so_many_epochs_and_the_last_one_are_rows(every, X, y_class):
    race = {"restart_strategy": "halving", "n_restarts": 5, "max_iter": 10, "tol": 0}
    all_rows, recorder = PathRecorder(), PathRecorder(every)
    est = fit(X, y_class, all_rows, **race)
    fit(X, y_class, recorder, **race)
    n_iter = est.restarts_["n_iter"]
    assert len(set(n_iter.tolist())) > 2
    for restart, path in recorder.paths_.items():
        n = n_iter[restart]
        assert len(all_rows.paths_[restart]) == n + 1
        epochs = sorted({*range(0, n + 1, every), n})
        np.testing.assert_array_equal(path, all_rows.paths_[restart][epochs])


@needs_callbacks
def test_a_new_fit_begins_anew(X, y_class):
    recorder = PathRecorder()
    est = fit(X, y_class, recorder)
    first = recorder.paths_
    est.set_params(n_restarts=2, random_state=4, max_iter=2).fit(X, y_class)
    assert [path.shape for path in recorder.paths_.values()] == [(3, N_PARAMS)] * 2
    assert not np.array_equal(recorder.paths_[0][0], first[0][0])


@needs_callbacks
@pytest.mark.parametrize("every", [1, 2, 7])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_continuation_does_not_begin_at_the_start(solver, every, X, y_class):
    recorder, more = PathRecorder(every), {"warm_start": True, "solver": solver}
    est = fit(X, y_class, recorder, **more)
    first = recorder.paths_
    est.fit(X, y_class)
    for restart, path in recorder.paths_.items():
        assert len(path) == {1: 5, 2: 3, 7: 1}[every]
        np.testing.assert_array_equal(path[-1], get_row(est, restart))
        assert not (path == get_start(est, restart)).all(axis=1).any()
    est.set_params(warm_start=False).fit(X, y_class)
    np.testing.assert_array_equal(recorder.paths_[2], first[2])


def test_what_is_seen_late_does_not_begin_at_the_start():
    """Such as a restart that goes on from a checkpoint."""
    recorder = PathRecorder(3)
    recorder.setup(None, None)
    network = {"coefs_": [np.eye(2)], "intercepts_": [np.ones(2)]}
    network |= {"initial_coefs_": [np.eye(2)], "initial_intercepts_": [np.zeros(2)]}
    for task, epoch in ((1, 6), (4, 3)):
        restart = SimpleNamespace(task_name="restart", task_id=task)
        recorder.on_fit_task_end(
            None, restart, fitted_estimator=SimpleNamespace(**network, n_iter_=epoch)
        )
    assert [len(path) for path in recorder.paths_.values()] == [1, 2]


@needs_callbacks
def test_partial_fit_is_not_recorded(X, y_class):
    recorder = PathRecorder()
    fit(X, y_class, recorder).partial_fit(X, y_class)
    assert [len(path) for path in recorder.paths_.values()] == [6, 6, 6]


def test_what_a_copy_in_another_process_records_stays_there():
    recorder = PathRecorder()
    recorder.setup(None, None)
    copy = pickle.loads(pickle.dumps(recorder))
    restart = SimpleNamespace(task_name="restart", task_id=3)
    network = SimpleNamespace(coefs_=[np.eye(2)], intercepts_=[np.ones(2)], n_iter_=1)
    copy.on_fit_task_end(None, restart, fitted_estimator=network)
    np.testing.assert_array_equal(copy.paths_[3], [[1, 0, 0, 1, 1, 1]])
    assert recorder.paths_ == {}  # which those who draw refuse


@needs_callbacks
def test_an_estimator_that_carries_it_is_cloned_and_pickled(X, y_class):
    recorder = PathRecorder()
    est = fit(X, y_class, recorder)
    np.testing.assert_array_equal(row(pickle.loads(pickle.dumps(est))), row(est))
    again = pickle.loads(pickle.dumps(recorder))
    np.testing.assert_array_equal(again.paths_[2], recorder.paths_[2])
    np.testing.assert_array_equal(row(clone(est).fit(X, y_class)), row(est))


@needs_callbacks
def test_paths_of_a_pipeline_are_drawn_between_start_and_end(X, y_class):
    recorder, more = PathRecorder(), {"n_restarts": 1, "max_iter": 9, "learning_rate_init": 0.05}
    net = make(**more).set_callbacks(recorder)
    pipeline = make_pipeline(StandardScaler(), net).fit(X, y_class)
    display = LandscapeDisplay.from_estimator(
        pipeline, X, y_class, paths=recorder.paths_, n_grid=5
    )
    places = [display.points[name] for name in ("start of restart 0", "restart 0")]
    np.testing.assert_allclose(display.paths[0][[0, -1]], places, atol=1e-9)
    assert 0 < display.shares[0] < 1
    assert len(display.paths[0]) == 10


def test_before_a_fit_there_are_no_paths():
    with pytest.raises(NotFittedError, match=r"set_callbacks\(recorder\)\.fit\(X, y\)"):
        PathRecorder().paths_  # noqa: B018


@pytest.mark.parametrize("every", [0, 2.5, "all", True])
def test_every_is_a_number_of_epochs(every):
    with pytest.raises(ValueError, match=f"every={every!r} is not allowed: expected an integer"):
        PathRecorder(every)
