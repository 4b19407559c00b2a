"""Where restarts are trained changes nothing: on joblib's backends, or if workers are killed."""

import os
import re
import signal
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import joblib
import numpy as np
import pytest
from engine_material import assert_same_bits, make_objective, make_restart, make_solver
from race_material import get_row, make
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_init import InitMLPClassifier
from sklearn_init.solvers import Restart, Stochastic
from sklearn_init.training import End, Plan, Rung, _workers, train_restarts
from sklearn_init.training._run import train_restart
from sklearn_init.training._workers import StopFlag, Workers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_RESTARTS = 5
RUNGS = (Rung(5, 2), Rung(3, 5), Rung(2, 7))


def get_bits(est):
    """Return the weights of all restarts, how they ended and which one is kept."""
    rows = [get_row(est, index).tobytes() for index in range(N_RESTARTS)]
    ends = [est.restarts_[name].tobytes() for name in ("loss", "n_iter", "dropped")]
    return rows, ends, est.best_restart_


def get_place():
    return os.getpid(), threading.get_ident()


class NotePlace:
    """A solver that notes process and thread, and leaves time for others to begin."""

    def prepare(self, objective):
        return objective

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        time.sleep(0.02)
        restart.message = f"{os.getpid()} {threading.get_ident()}"
        restart.loss = 0.0


def train_all(solver, rungs=RUNGS, n_jobs=2):
    objective = make_objective()
    restarts = [make_restart(objective, seed) for seed in range(N_RESTARTS)]
    for index, restart in enumerate(restarts):
        restart.index = index
    return train_restarts(restarts, Plan(solver, objective, None, rungs), n_jobs)


def get_processes():
    """Return the processes where joblib has restarts trained."""
    trained, _ = train_all(NotePlace(), RUNGS[:1])
    return {int(restart.message.split()[0]) for restart in trained}


# ---- tasks ----


@pytest.mark.parametrize(
    ("cost", "n_jobs", "blocks"),
    [
        (1.4, 2, []),
        (1.5, 2, [[0, 2, 4, 6], [1, 3, 5]]),
        (3.0, 2, [[0, 3, 6], [1, 4], [2, 5]]),
        (99.0, 3, [[0], [1], [2], [3], [4], [5], [6]]),
        (99.0, 1, []),
        (99.0, None, []),
    ],
)
def test_small_rungs_are_run_here_and_large_ones_in_tasks(monkeypatch, cost, n_jobs, blocks):
    monkeypatch.setattr(_workers, "TASK", 10.0)
    run_block, seen, places = _workers._run_block, [], set()

    def note_block(work, restarts):
        seen.append([restart.index for restart in restarts])
        return run_block(work, restarts)

    def work(restart):
        places.add(get_place())
        return restart

    monkeypatch.setattr(_workers, "_run_block", note_block)
    restarts = [Restart(index, np.zeros(1), np.zeros(1), None) for index in range(7)]
    with Workers(n_jobs, "threads") as workers:
        for _ in range(2):  # a further rung takes the workers over
            trained = list(workers.run(work, restarts, cost))
            assert sorted(restart.index for restart in trained) == list(range(7))
        assert list(workers.run(work, [], cost)) == []
    assert sorted(seen) == sorted(2 * blocks)
    assert (get_place() in places) == (not blocks)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_bits_do_not_depend_on_tasks(X, y_class, monkeypatch, solver):
    est = make(solver=solver, n_restarts=N_RESTARTS)
    expected = get_bits(est.fit(X, y_class))
    est.set_params(n_jobs=2)
    for task in (1e5, 3e5, np.inf):  # a restart is worth 3e4 and more
        monkeypatch.setattr(_workers, "TASK", task)
        assert get_bits(est.fit(X, y_class)) == expected


# ---- other backends ----


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield


@pytest.fixture
def ray(monkeypatch):
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    # its processes must find this file
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    yield
    ray.shutdown()


def assert_same_on(backend, X, y, **more):
    est = make(n_restarts=N_RESTARTS, **more)
    serial = get_bits(est.fit(X, y))
    with joblib.parallel_config(**backend):
        assert get_bits(est.fit(X, y)) == serial


# a child of `fork` trains with NumPy alone
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing", "sequential"])
def test_bits_are_the_same_on_backends_of_joblib(X, y_class, solver, backend):
    assert_same_on({"backend": backend, "n_jobs": 2}, X, y_class, solver=solver)


def test_the_multiprocessing_backend_is_used():
    with joblib.parallel_config(backend="multiprocessing"):
        assert os.getpid() not in get_processes()


@pytest.mark.slow
def test_dask_trains_in_its_processes(cluster):
    with joblib.parallel_config(backend="dask"):
        processes = get_processes()
    assert len(processes) == 2
    assert os.getpid() not in processes


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_bits_are_the_same_on_dask(cluster, X, y_class, solver):
    assert_same_on({"backend": "dask"}, X, y_class, solver=solver)


def test_a_grid_search_on_dask_shares_it_with_its_restarts(cluster, X, y_class):
    search = GridSearchCV(make(n_restarts=N_RESTARTS), {"alpha": [0.0, 0.1]}, cv=2)
    expected = search.fit(X, y_class).cv_results_["mean_test_score"]
    with joblib.parallel_config(backend="dask"):
        search.fit(X, y_class)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # its own
def test_bits_are_the_same_on_ray(ray, X, y_class):
    # it is not started: the backend does that
    assert_same_on({"backend": "ray", "n_jobs": -1}, X, y_class)
    with joblib.parallel_config(backend="ray", n_jobs=-1):
        assert os.getpid() not in get_processes()


class NotingMLPClassifier(InitMLPClassifier):
    """Notes where its restarts are trained, and on how many BLAS threads."""

    def fit(self, X, y):
        train, self.notes_ = Stochastic.train, []

        def note(*arguments):
            self.notes_.append((get_place(), count_blas_threads()))
            train(*arguments)

        self.place_ = get_place()
        with (
            patch.object(_workers, "TASK", 1.0),  # in a worker it is what it was
            patch.object(Stochastic, "train", note),
            threadpool_limits(2, user_api="blas"),  # joblib leaves few, maybe one already
        ):
            return super().fit(X, y)


def count_blas_threads():
    pools = threadpool_info()
    return max(pool["num_threads"] for pool in pools if pool["user_api"] == "blas")


def describe_places(est, X, y):
    """Return as scores where restarts were trained."""
    return {
        "process": os.getpid(),
        "parent": os.getppid(),
        "trainings": len(est.notes_),
        "elsewhere": sum(place != est.place_ for place, _ in est.notes_),
        "blas_threads": max(n_threads for _, n_threads in est.notes_),
    }


def test_a_parallel_grid_search_has_its_restarts_trained_where_they_are(X, y_class):
    est = make(NotingMLPClassifier, n_restarts=N_RESTARTS, restart_strategy="full", max_iter=3)
    search = GridSearchCV(
        est, {"alpha": [0.0, 0.1, 1.0]}, scoring=describe_places, refit=False, cv=2, n_jobs=2
    )
    results = search.fit(X, y_class).cv_results_

    def get_values(name):
        return {int(number) for split in (0, 1) for number in results[f"split{split}_test_{name}"]}

    assert os.getpid() not in get_values("process")
    assert get_values("parent") == {os.getpid()}
    assert get_values("trainings") == {N_RESTARTS}
    assert get_values("elsewhere") == {0}
    assert get_values("blas_threads") == {1}


# ---- workers that are killed ----


@dataclass
class Killing:
    """A solver that kills its process in the middle of a restart, in one rung, once."""

    solver: Any
    flag: Path
    index: int
    n_epochs: int
    home: int = os.getpid()

    def prepare(self, objective):
        return self.solver.prepare(objective)

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        train = self.solver.train
        is_here = (restart.index, n_epochs) == (self.index, self.n_epochs)
        if is_here and not self.flag.exists():
            train(restart, objective, validation, n_epochs - 1, stop_requested)
            kill_worker(self.flag, self.home)
        train(restart, objective, validation, n_epochs, stop_requested)


needs_sigkill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")


def kill_worker(flag, home):
    assert os.getpid() != home
    flag.touch()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
@needs_sigkill
def test_a_worker_killed_in_the_second_rung_costs_time_alone(tmp_path):
    solver = make_solver()
    expected, _ = train_all(solver, n_jobs=1)
    last = max(expected, key=lambda restart: restart.n_iter).index
    killing = Killing(solver, tmp_path / "flag", last, RUNGS[1].n_epochs)
    with joblib.parallel_config(backend="loky"):
        trained, end = train_all(killing)
    assert killing.flag.exists()
    assert end is End.COMPLETE
    for ours, other in zip(trained, expected, strict=True):
        assert (ours.index, ours.dropped) == (other.index, other.dropped)
        if other.dropped:  # which leaves theta alone
            assert ours.theta.tobytes() == other.theta.tobytes()
            assert ours.losses == other.losses
        else:
            assert_same_bits(ours, other)


@pytest.mark.parametrize(
    ("n_finished", "left"),
    [
        ([0, 0, 5], []),
        ([0, 0, 1, 0, 2, 0, 2], []),
        ([0, 0, 0], [0, 1, 2, 3, 4]),
        ([1, 0, 3, 0, 0], [4]),
    ],
)
def test_a_fit_ends_if_workers_die_again_and_again(monkeypatch, n_finished, left):
    generate, script = _workers._generate, iter(n_finished)

    def generate_some(parallel, tasks):
        n = next(script)
        yield from generate(parallel, tasks[:n])
        if n < len(tasks):
            raise BrokenProcessPool("they died")

    monkeypatch.setattr(_workers, "_generate", generate_some)
    restarts = [Restart(index, np.zeros(1), np.zeros(1), None) for index in range(N_RESTARTS)]
    message = rf"died 3 times .*restarts {re.escape(str(left))} .*lower n_jobs=2; with n_jobs=1"
    expectation = pytest.raises(BrokenProcessPool, match=message) if left else nullcontext()
    trained = []
    with expectation, Workers(2, "threads") as workers:
        for restart in workers.run(lambda restart: restart, restarts, 99.0):
            trained.append(restart.index)
    assert next(script, "all") == "all"
    assert sorted(trained + left) == list(range(N_RESTARTS))


# ---- interrupts ----


class InterruptOne(NotePlace):
    """A solver whose second restart is interrupted, while the first one trains on and on."""

    def __init__(self):
        self.begun = threading.Event()

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        if restart.index == 1:
            self.begun.wait()
            raise KeyboardInterrupt
        self.begun.set()
        while not stop_requested():
            time.sleep(0.001)
        restart.message = "stopped"


def test_an_interrupt_that_a_worker_sees_stops_the_others():
    trained, end = train_all(InterruptOne(), n_jobs=2)
    assert end is End.INTERRUPTED
    assert trained[1].interrupted
    assert trained[0].message == "stopped"


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_restart_that_is_to_begin_after_a_request_to_stop_is_left_alone(solver):
    solver, objective = make_solver(solver=solver), make_objective()
    restart, expected = make_restart(objective), make_restart(objective)
    stop = StopFlag()
    stop.request()  # does not wait for what has not begun
    train_restart(restart, Plan(solver, solver.prepare(objective), None, RUNGS), 5, stop)
    assert_same_bits(restart, expected)
