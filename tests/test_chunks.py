"""Chunks of epochs: how they are cut, watched, shuffled and interrupted changes nothing."""

import copy
import pickle
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest
from engine_material import (
    EVERY_RULE,
    SGD_VARIANTS,
    assert_same_bits,
    make_objective,
    make_restart,
    make_solver,
    make_validation,
    name_of,
    needs_compiler,
    never,
    train,
    use_engine,
    weights_of_an_empty_batch,
    weights_with_zeros,
)
from sklearn.neural_network import MLPClassifier

from sklearn_init import InitMLPClassifier
from sklearn_init._random import copy_stream
from sklearn_init.solvers import Restart, _epochs
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs, make_epochs
from sklearn_init.training import one_blas_thread

pytestmark = needs_compiler

LENGTHS = [1, 2, 7, 200, 10**6]

each_rule = pytest.mark.parametrize("parameters", EVERY_RULE, ids=name_of)


@pytest.fixture(autouse=True, scope="module")
def _one_blas_thread():
    with one_blas_thread:
        yield


class Watcher:
    """A report that notes in which epoch it was called."""

    def __init__(self):
        self.epochs = []

    def __call__(self, restart, text):
        self.epochs.append(restart.n_iter)


# ---- how training is cut into chunks ----

CASES = {
    "to the end": ({}, {}, 19),
    "many epochs": ({"n": 7}, {"tol": 0.0, "n_iter_no_change": np.inf}, 403),
    "until patience ends": ({}, {"tol": 0.02, "n_iter_no_change": 3}, 150),
    "unshuffled": ({"weights": weights_of_an_empty_batch}, {"shuffle": False}, 19),
    "CSR": ({"index_type": "int32", "weights": weights_with_zeros}, {}, 19),
    "some rows": ({"held_out": True}, {}, 19),
    "dropout": ({"dropout": (0.3, 0.6)}, {"n_iter_no_change": np.inf}, 19),
    "float32": ({"dtype": "float32"}, {}, 19),
}


@each_rule
@pytest.mark.parametrize("case", CASES)
def test_bits_do_not_depend_on_the_length_of_chunks(case, parameters, monkeypatch):
    data, more, n_epochs = CASES[case]
    objective = make_objective("squared_error", **data)
    solver = make_solver(**{**more, **parameters})
    restarts = []
    for longest in LENGTHS:
        monkeypatch.setattr(CompiledEpochs, "longest", longest)
        restarts.append(train("compiled", objective, solver, n_epochs))
    for restart in restarts[1:]:
        assert_same_bits(restart, restarts[0])
    assert restarts[0].stopped == (case == "until patience ends")
    assert restarts[0].stopped or restarts[0].n_iter == n_epochs


@each_rule
def test_bits_do_not_depend_on_the_number_of_calls(parameters):
    objective = make_objective("squared_error", dropout=(0.3, 0.6))
    solver = make_solver(tol=0.0, **parameters)
    whole = train("compiled", objective, solver, 23)
    restart = make_restart(objective)
    for n_epochs in (1, 2, 7, 13):
        restart.begin_call()
        restart = pickle.loads(pickle.dumps(restart))
        train("compiled", objective, solver, n_epochs, restart=restart)
    restart.n_iter = whole.n_iter
    assert_same_bits(restart, whole)


@each_rule
def test_engines_may_take_turns(parameters):
    objective = make_objective("squared_error", dropout=(0.3, 0.6))
    solver = make_solver(**parameters)
    whole = train("compiled", objective, solver, 12)
    restart = make_restart(objective)
    for engine in ("reference", "compiled") * 2:
        restart.begin_call()
        train(engine, objective, solver, 3, restart=restart)
    np.testing.assert_allclose(restart.theta, whole.theta, rtol=1e-9, atol=1e-11)
    assert restart.moments.n_steps == whole.moments.n_steps
    assert restart.rng.get_state()[2] == whole.rng.get_state()[2]


@each_rule
def test_what_the_work_array_held_does_not_matter(parameters):
    objective = make_objective("squared_error", weights=weights_with_zeros, dropout=(0.3, 0.6))
    solver = make_solver(**parameters)
    restarts = [make_restart(objective) for _ in range(2)]
    for restart, filling in zip(restarts, (0, np.nan), strict=True):
        solver._prepare(restart, objective, None)
        epochs = make_epochs(objective, solver.rule, 16, True, None)
        epochs._passes._work[:] = filling
        epochs.run(restart, 3, never)
    assert_same_bits(*restarts)


# ---- who watches ----


@each_rule
def test_a_watched_training_is_the_same(parameters):
    objective = make_objective("squared_error")
    solver, watcher = make_solver(tol=0.02, n_iter_no_change=3, **parameters), Watcher()
    quiet = train("compiled", objective, solver, 60)
    watched = train("compiled", objective, replace(solver, report=watcher), 60)
    assert_same_bits(watched, quiet)
    assert sorted(set(watcher.epochs)) == list(range(1, quiet.n_iter + 1))


@each_rule
def test_early_stopping_looks_on(parameters):
    objective = make_objective("squared_error", held_out=True, weights=weights_with_zeros)
    solver = make_solver(n_iter_no_change=np.inf, **parameters)
    quiet = train("compiled", objective, solver, 23)
    judged = train("compiled", objective, solver, 23, validation=make_validation(objective))
    assert len(judged.scores) == 23
    assert judged.best_loss == np.inf  # not what training is judged by
    judged.best_loss, judged.patience = quiet.best_loss, quiet.patience
    assert_same_bits(judged, quiet)


def test_the_number_of_calls_into_the_engine(monkeypatch):
    chunks, run = [], CompiledEpochs.run
    monkeypatch.setattr(
        CompiledEpochs, "run", lambda self, r, n, stop: (chunks.append(n), run(self, r, n, stop))
    )
    objective = make_objective("squared_error", n=7)
    solver = make_solver(tol=0.0, n_iter_no_change=np.inf)
    train("compiled", objective, solver, 450)
    assert chunks == [200, 200, 50]
    chunks.clear()
    train("compiled", objective, replace(solver, report=Watcher()), 3)
    assert chunks == [1, 1, 1]
    chunks.clear()
    train("reference", objective, solver, 3)
    assert chunks == []


def test_stop_is_asked_between_chunks(monkeypatch):
    monkeypatch.setattr(CompiledEpochs, "longest", 2)
    answers = iter([False, False, False, True])
    restart, objective = make_restart(make_objective()), make_objective()
    make_solver(tol=0.0).train(restart, objective, None, 99, lambda: next(answers))
    assert restart.n_iter == 6


def test_make_epochs_chooses_the_engine():
    objective, rule = make_objective(), make_solver().rule
    for engine, expected in [("compiled", CompiledEpochs), ("reference", ReferenceEpochs)]:
        with use_engine(engine):
            assert type(make_epochs(objective, rule, 16, True, None)) is expected
    assert _epochs.CompiledEpochs.longest > 1


# ---- shuffling ----


def shuffle_in_training(rows, stream, n_epochs):
    """Return the order after some epochs over rows of the data of the smallest network."""
    objective = make_objective(
        "squared_error", sizes=(1, 1), n=int(rows.max()) + 1, activation="tanh"
    )
    objective = replace(objective, rows=rows)
    theta = np.zeros(2)
    restart = Restart(0, theta, theta.copy(), stream)
    solver = make_solver(batch_size=10**9, tol=0.0, n_iter_no_change=np.inf)
    return train("compiled", objective, solver, n_epochs, restart=restart).order


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 255, 256, 257, 1000, 65_537])
@pytest.mark.parametrize("n_drawn", [0, 1, 623])
def test_shuffling_is_that_of_random_state(n, n_drawn):
    stream = np.random.RandomState(n + 17)
    stream.randint(2**32, size=n_drawn, dtype=np.uint32)
    stream.normal()  # half of what it drew is kept for the next call
    ours = copy_stream(stream)
    for n_epochs in (1, 3):
        order = np.arange(n) * 2  # rows of the data, not places
        np.testing.assert_array_equal(
            shuffle_in_training(order.copy(), copy_stream(stream), n_epochs),
            shuffle_in_place(order, copy.deepcopy(stream), n_epochs),
        )
    shuffle_in_training(np.arange(n), ours, 2)
    shuffle_in_place(np.arange(n), stream, 2)
    assert ours.normal() == stream.normal()
    np.testing.assert_array_equal(ours.randint(99, size=5), stream.randint(99, size=5))


def shuffle_in_place(order, stream, n_epochs):
    for _ in range(n_epochs):
        stream.shuffle(order)
    return order


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "more",
    [
        {"max_iter": 3},
        {"max_iter": 203, "tol": 0.0, "n_iter_no_change": np.inf},
        {"max_iter": 99, "tol": 0.05, "n_iter_no_change": 2},
        {"max_iter": 9, "early_stopping": True},
        {"max_iter": 9, "shuffle": False},
    ],
    ids=name_of,
)
def test_a_random_state_is_left_where_scikit_learn_leaves_it(X, y_class, stochastic, more):
    more = {"hidden_layer_sizes": (7,), "solver": stochastic, "batch_size": 16, **more}
    ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
    theirs.normal(), ours.normal()
    expected = MLPClassifier(random_state=theirs, **more).fit(X, y_class)
    est = InitMLPClassifier(random_state=ours, **more).fit(X, y_class)
    assert est.n_iter_ == expected.n_iter_
    assert ours.normal() == theirs.normal()
    np.testing.assert_array_equal(ours.get_state()[1], theirs.get_state()[1])


# ---- interrupts ----


@pytest.mark.parametrize("parameters", [EVERY_RULE[-1], SGD_VARIANTS[3]], ids=name_of)
def test_an_interrupt_keeps_the_epochs_that_were_finished(parameters):
    objective = make_objective("squared_error", sizes=(5, 1009, 3), n=997)
    solver = make_solver(batch_size=100, n_iter_no_change=np.inf, **parameters)
    whole, restart = make_restart(objective), make_restart(objective)
    answers = iter([False, False, True])
    with pytest.raises(KeyboardInterrupt):
        solver.train(restart, objective, None, 150, lambda: next(answers))
    n_epochs = restart.n_iter
    assert 2 < n_epochs < 150
    train("compiled", objective, solver, n_epochs, restart=whole)
    for name in ("losses", "best_loss", "start_loss", "loss", "n_seen", "patience"):
        assert getattr(restart, name) == getattr(whole, name), name
    assert restart.moments.rate == whole.moments.rate
    assert 0 <= restart.moments.n_steps - whole.moments.n_steps < 10
    whole.rng.shuffle(whole.order)  # the epoch that was not finished had begun
    np.testing.assert_array_equal(restart.order, whole.order)
    np.testing.assert_array_equal(restart.rng.get_state()[1], whole.rng.get_state()[1])


INTERRUPTED = """
    import os, signal, threading
    import numpy as np
    from sklearn_init import InitMLPRegressor

    def interrupt():
        signal.alarm(6)  # this ends the process, whatever it does
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent may ignore it
    rng = np.random.default_rng(0)
    InitMLPRegressor(max_iter=1).fit(np.ones((7, 1)), np.ones(7))  # what is made once
    for name, (n, n_features, longest, parameters) in CASES.items():
        X = rng.standard_normal((n, n_features), dtype=np.float32)
        est = InitMLPRegressor(
            max_iter=10**6, tol=0.0, n_iter_no_change=np.inf, random_state=0, **parameters
        )
        threading.Timer(0.4, interrupt).start()
        try:
            est.fit(X, X[:, 0])
        except KeyboardInterrupt:
            signal.alarm(0)
            assert np.isfinite(est.predict(X[:7])).all()
            assert np.isfinite(est.loss_)
            assert est.loss_ <= [*est.loss_curve_, np.inf][0]
            assert est.n_iter_ < longest
            if all((W != W_0).any() for W, W_0 in zip(est.coefs_, est.initial_coefs_)):
                print(name, flush=True)
"""

INTERRUPTED_CASES = {
    "long epochs": (10_000, 100, 200, {"hidden_layer_sizes": (500, 700)}),
    "threads": (
        10_000, 100, 200, {"hidden_layer_sizes": (500, 700), "n_restarts": 2, "n_jobs": 2},
    ),
    "small batches": (
        400_000, 1, 200, {"hidden_layer_sizes": 1, "batch_size": 1, "shuffle": False},
    ),
    "many chunks": (400, 20, 10**6, {"hidden_layer_sizes": 50, "n_restarts": 3}),
}  # fmt: skip
"""Rows, features, more epochs than there can be, and parameters.

A chunk of 200 epochs takes much longer than the test is allowed to, apart from the last case.
"""


@pytest.fixture(scope="module")
def interrupted():
    code = f"CASES = {INTERRUPTED_CASES}\n" + textwrap.dedent(INTERRUPTED)
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="needs signal.alarm")
@pytest.mark.parametrize("case", INTERRUPTED_CASES)
def test_an_interrupt_within_a_chunk(case, interrupted):
    assert case in interrupted.stdout.splitlines(), (interrupted.returncode, interrupted.stderr)
