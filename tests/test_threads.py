"""Bits depend on the data and the parameters: not on threads, processes, memory or other fits."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import joblib
import numpy as np
import pytest
from engine_material import (
    make_objective,
    make_restart,
    make_solver,
    needs_compiler,
    train,
    use_engine,
)
from scipy.sparse import csr_array
from sklearn.base import clone
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_init import Activation, InitMLPClassifier
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.training import Plan, Rung, one_blas_thread, train_restarts

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = {
    "adam": {"solver": "adam"},
    "adam in order": {"solver": "adam", "shuffle": False},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
    "lbfgs": {"solver": "lbfgs"},
    "early stopping": {"early_stopping": True, "batch_size": 17},
}
CONTAINERS = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "CSR": lambda X: csr_array(X * (X > 0)),
}

each_solver = pytest.mark.parametrize("solver", SOLVERS)
each_solver_or_container = pytest.mark.parametrize(
    ("solver", "container"),
    [(solver, "float64") for solver in SOLVERS]
    + [(solver, c) for solver in ("adam", "lbfgs") for c in CONTAINERS if c != "float64"],
)


def make(solver="adam", **more):
    defaults = {"hidden_layer_sizes": (37, 11), "activation": ("relu", "gelu"), "max_iter": 7}
    return InitMLPClassifier(**{**defaults, "random_state": 3, **SOLVERS[solver], **more})


def get_bits(est):
    """Return weights and losses of all restarts as bytes."""
    rows = []
    for index in range(est.n_restarts):
        restart = est.restart(index)
        rows += [W.tobytes() for W in restart.coefs_ + restart.intercepts_]
        rows.append(np.array([restart.loss_, restart.n_iter_, *getattr(est, "loss_curve_", [])]))
    return [row if isinstance(row, bytes) else row.tobytes() for row in rows]


def get_blas_threads():
    pools = threadpool_info()
    return {pool["filepath"]: pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}


# ---- jobs and backends ----


@each_solver_or_container
def test_bits_do_not_depend_on_jobs_and_backends(X, y_class, solver, container):
    X = CONTAINERS[container](X)
    serial = get_bits(make(solver, n_restarts=5).fit(X, y_class))
    assert len(set(serial)) > 5
    for backend in ("threading", "sequential", "loky"):
        with joblib.parallel_config(backend=backend):
            for n_jobs in (1, 3) if backend == "threading" else (2,):
                other = make(solver, n_restarts=5, n_jobs=n_jobs).fit(X, y_class)
                assert get_bits(other) == serial, (backend, n_jobs)
    assert get_bits(make(solver, n_restarts=5, n_jobs=2).fit(X, y_class)) == serial


@each_solver
def test_a_restart_is_the_same_among_many(X, y_class, solver):
    serial = make(solver, n_restarts=7).fit(X, y_class)
    many = get_bits(make(solver, n_restarts=7, n_jobs=2).fit(X, y_class).restart(0))
    for n_restarts in (1, 2, 4):
        few = make(solver, n_restarts=n_restarts, n_jobs=2).fit(X, y_class)
        for index in range(n_restarts):
            ours = few.restart(index)
            theirs = serial.restart(index)
            assert [W.tobytes() for W in ours.coefs_] == [W.tobytes() for W in theirs.coefs_]
    assert many == get_bits(serial.restart(0))


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_networks_that_joblib_maps_into_memory(X, y_class, solver, backend):
    # beyond a megabyte, what goes to a process comes as a file that cannot be written to
    more = {"hidden_layer_sizes": (353, 401), "max_iter": 2, "n_restarts": 2, "warm_start": True}
    serial = make(solver, **more)
    other = clone(serial).set_params(n_jobs=2)
    for _ in range(2):  # the second time with moments
        serial.fit(X, y_class)
        with joblib.parallel_config(backend=backend):
            other.fit(X, y_class)
        assert get_bits(other) == get_bits(serial)


# ---- memory ----


def shift(X, n_bytes):
    """Return a copy whose data begins so many bytes after a multiple of 64."""
    buffer = np.zeros(X.nbytes + 128, np.uint8)
    begin = -buffer.ctypes.data % 64 + n_bytes
    shifted = buffer[begin : begin + X.nbytes].view(X.dtype).reshape(X.shape)
    shifted[...] = X
    assert shifted.ctypes.data % 64 == n_bytes
    return shifted


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@each_solver
def test_bits_do_not_depend_on_where_and_how_the_data_lies(X, y_class, solver, dtype):
    X = np.ascontiguousarray(X, dtype)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(X)).astype(dtype)
    expected = get_bits(make(solver).fit(X, y_class, weights))
    read_only = X.copy()
    read_only.flags.writeable = False
    wide = np.zeros((len(X), 2 * X.shape[1]), dtype)
    wide[:, ::2] = X
    places = [shift(X, n_bytes) for n_bytes in (0, X.itemsize, 3 * X.itemsize, 32, 1, 3)]
    for other in [*places, read_only, np.asfortranarray(X), wide[:, ::2], X[::-1][::-1]]:
        np.testing.assert_array_equal(other, X)
        assert get_bits(make(solver).fit(other, y_class, weights)) == expected
    for n_bytes in (X.itemsize, 1):
        moved = make(solver).fit(X, y_class, shift(weights, n_bytes))
        assert get_bits(moved) == expected


@each_solver_or_container
def test_bits_are_the_same_every_time(X, y_class, solver, container):
    X = CONTAINERS[container](X)
    est, expected = make(solver, n_restarts=2), None
    for n in range(7):
        garbage = [np.full(size, np.nan) for size in (n + 1, 101, 1009, 100_003)]
        bits = get_bits(est.fit(X, y_class))
        expected = expected or bits
        assert bits == expected
        del garbage  # what is allocated next may hold it


@each_solver
def test_the_data_is_left_as_it_was(X, y_class, solver):
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(X))
    data = (X, y_class, weights)
    before = [array.copy() for array in data]
    make(solver, n_restarts=3, n_jobs=2).fit(*data)
    for array, expected in zip(data, before, strict=True):
        np.testing.assert_array_equal(array, expected)


# ---- fits beside each other ----


def test_fits_that_overlap(X, y_class):
    cases = [
        (clone(make(solver, n_restarts=r, n_jobs=n_jobs)), CONTAINERS[container](X))
        for solver in SOLVERS
        for container in CONTAINERS
        for r, n_jobs in [(1, None), (3, 2)]
    ]
    with threadpool_limits(2, user_api="blas"):
        limits = get_blas_threads()
        serial = [get_bits(clone(est).fit(X, y_class)) for est, X in cases]
        assert get_blas_threads() == limits
        with ThreadPoolExecutor(5) as pool:
            fits = [pool.submit(est.fit, X, y_class) for est, X in cases]
            overlapping = [get_bits(fit.result()) for fit in fits]
        assert get_blas_threads() == limits
    assert overlapping == serial


@needs_compiler
def test_the_interpreter_is_free_while_a_network_is_trained():
    objective = make_objective("squared_error", sizes=(5, 101, 3), n=2001)
    solver = make_solver(tol=0.0, n_iter_no_change=np.inf)
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    with one_blas_thread:
        before = len(ticks)
        train("compiled", objective, solver, 150)  # in one chunk
        during = len(ticks) - before
    done.set()
    thread.join()
    assert during > 5


# ---- where restarts are trained ----


class NotePlace:
    """A solver that notes process and thread."""

    def prepare(self, objective):
        return objective

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        restart.message = f"{os.getpid()} {threading.get_ident()}"
        restart.loss = 0.0


def get_places(objective, n_jobs):
    restarts = [make_restart(objective) for _ in range(4)]
    for index, restart in enumerate(restarts):
        restart.index = index
    trained, _ = train_restarts(
        restarts, Plan(NotePlace(), objective, None, (Rung(4, 1),)), n_jobs
    )
    return [tuple(map(int, restart.message.split())) for restart in trained]


OWN = Activation(ACTIVATIONS["tanh"].value, lambda z, a, out: np.subtract(1, a * a, out=out))


@needs_compiler
@pytest.mark.parametrize(
    ("engine", "activation", "where"),
    [
        ("compiled", "tanh", "threads"),
        ("compiled", OWN, "processes"),
        ("reference", "tanh", "processes"),
    ],
)
def test_threads_for_the_compiled_engine_else_processes(engine, activation, where):
    activations = (ACTIVATIONS.get(activation, activation),) * 2
    objective = replace(make_objective(), activations=activations)
    here = (os.getpid(), threading.get_ident())
    with use_engine(engine):
        assert set(get_places(objective, n_jobs=None)) == {here}
        places = get_places(objective, n_jobs=2)
        assert here not in places
        assert all((process == here[0]) == (where == "threads") for process, _ in places)
        with joblib.parallel_config(backend="loky"):  # a user wins
            assert here[0] not in {process for process, _ in get_places(objective, n_jobs=2)}
        with joblib.parallel_config(backend="threading"):
            assert {process for process, _ in get_places(objective, n_jobs=2)} == {here[0]}


@needs_compiler
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_user_may_set_the_number_of_jobs_around_a_fit(engine):
    # joblib itself forgets it where threads are preferred
    here = (os.getpid(), threading.get_ident())
    with use_engine(engine), joblib.parallel_config(n_jobs=2):
        assert here not in get_places(make_objective(), n_jobs=None)
        assert set(get_places(make_objective(), n_jobs=1)) == {here}


def test_an_activation_of_the_user_runs_in_processes(X, y_class, tmp_path):
    path = tmp_path / "processes"

    def value(z, out):
        with path.open("a") as file:
            file.write(f"{os.getpid()}\n")
        np.tanh(z, out=out)

    own = Activation(value, ACTIVATIONS["tanh"].derivative)
    # of more parameters than those whose predictions are kept for `n_minima`
    more = {"activation": own, "n_restarts": 2, "max_iter": 2, "hidden_layer_sizes": (97, 11)}
    serial = make(**more).fit(X, y_class)
    assert set(path.read_text().split()) == {str(os.getpid())}
    path.unlink()
    parallel = make(**more, n_jobs=2).fit(X, y_class)
    assert str(os.getpid()) not in path.read_text().split()
    assert get_bits(parallel) == get_bits(serial)
    path.unlink()
    with joblib.parallel_config(backend="threading"):
        assert get_bits(make(**more, n_jobs=2).fit(X, y_class)) == get_bits(serial)
    assert set(path.read_text().split()) == {str(os.getpid())}
