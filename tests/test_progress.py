"""What `verbose` prints: nothing, lines for restarts, rungs and every few seconds, or epochs."""

import re
import threading
import time

import joblib
import numpy as np
import pytest
from race_material import ROWS, get_curves, make, row, stub

from sklearn_init import InitMLPRegressor
from sklearn_init.network import is_engine_compiled
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs
from sklearn_init.training import ProgressPrinter, Rung, _progress
from sklearn_init.training._progress import SECONDS_PER_LINE

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NUMBER = r"(-?\d+\.\d+)"


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(ROWS, 5))


@pytest.fixture(scope="module")
def y(X):
    return (X[:, 0] > X[:, 1] ** 2 - 1).astype(int)


def fit(capfd, X, y, **more):
    """Return a fitted estimator and the lines that it printed."""
    est = make(**{"max_iter": 16, "tol": 0, **more}).fit(X, y)
    return est, capfd.readouterr().out.splitlines()


@pytest.mark.parametrize("more", [{}, {"n_restarts": 1}, {"restart_strategy": "full"}])
def test_nothing_is_printed_unless_asked_for(X, y, capfd, more):
    assert fit(capfd, X, y, **more)[1] == []


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_line_per_restart_tells_what_it_reached_and_the_best_so_far(
    X, y, capfd, n_jobs, early_stopping
):
    more = {"n_restarts": 5, "restart_strategy": "full", "early_stopping": early_stopping}
    est, lines = fit(capfd, X, y, verbose=True, n_jobs=n_jobs, **more)
    score = rf", validation score: {NUMBER}" if early_stopping else ""
    result = rf"loss = {NUMBER}{score}"
    seen = []
    for line in lines:
        match = re.fullmatch(
            rf"\[restart (\d)\] Iteration (\d+), {result}; best so far: restart (\d), {result}"
            r"(; about \d+(\.\d)? s left)?",
            line,
        )
        assert match, line
        index, n_iter, loss, *_, rest, _ = match.groups()
        seen.append(int(index))
        assert int(n_iter) == est.restarts_["n_iter"][seen[-1]]
        assert float(loss) == pytest.approx(est.restarts_["loss"][seen[-1]], abs=1e-8)
        values = est.restarts_["validation_score" if early_stopping else "loss"][seen]
        if early_stopping:
            assert est.restarts_["validation_score"][int(match[5])] == values.max()
        else:
            assert est.restarts_["loss"][int(match[4])] == values.min()
        assert rest is None or len(seen) < 5  # all may have ended before they are gathered
    assert sorted(seen) == list(range(5))


def test_one_restart_has_a_line_of_its_own(X, y, capfd):
    est, lines = fit(capfd, X, y, n_restarts=1, verbose=1)
    assert lines == [f"Iteration 16, loss = {est.loss_:.8f}"]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_race_has_a_line_per_rung(X, y, capfd, n_jobs):
    est, lines = fit(capfd, X, y, verbose=1, n_jobs=n_jobs)
    begins = [
        f"Rung {number} of 5: {n} restart{'s' * (n > 1)} at iteration {epoch}; best so far: "
        for number, epoch, n in ((1, 1, 9), (2, 2, 5), (3, 4, 3), (4, 8, 2), (5, 16, 1))
    ]
    assert len(lines) == 5
    for line, begin in zip(lines, begins, strict=True):
        assert line.startswith(begin), line
    best = f"best so far: restart {est.best_restart_}, loss = {est.loss_:.8f}"
    assert lines[-1].endswith(best)
    assert all(line.endswith(" s left") for line in lines[:-1])


def test_a_second_batch_is_counted_from_its_beginning(X, y, capfd):
    more = {"n_restarts": "auto", "max_restarts": 19, "restart_strategy": "full"}
    _, lines = fit(capfd, X, y, restart_tol=0, max_iter=2, verbose=1, **more)
    is_last = [not line.endswith("left in this batch") for line in lines]
    assert np.flatnonzero(is_last).tolist() == [7, 15, 18]


def test_two_prints_every_epoch_as_scikit_learn_does(X, y, capfd):
    more = {"restart_strategy": "full", "max_iter": 3}
    est, lines = fit(capfd, X, y, n_restarts=1, verbose=2, **more)
    expected = [f"Iteration {i}, loss = {loss:.8f}" for i, loss in enumerate(est.loss_curve_, 1)]
    assert lines == expected
    _, lines = fit(capfd, X, y, n_restarts=2, verbose=2, **more)
    assert lines[:3] == [f"[restart 0] {line}" for line in expected]


def test_lbfgs_has_lines_too(X, y, capfd):
    more = {"solver": "lbfgs", "n_restarts": 2, "restart_strategy": "full", "tol": 0.1}
    est, lines = fit(capfd, X, y, verbose=1, **more)
    assert lines[0].startswith(f"[restart 0] Iteration {est.restarts_['n_iter'][0]}, loss = ")


def test_a_regressor_prints_the_same(X, y, capfd):
    est, lines = fit(capfd, X, y, Estimator=InitMLPRegressor, n_restarts=1, verbose=1)
    assert lines == [f"Iteration 16, loss = {est.loss_:.8f}"]


# ---- every few seconds ----

TALES = {
    "one restart": (
        1, [(0, 120, 0.1234567, [])], [], {},
        "Epoch 120 of 2000, training loss 0.1235, about 31 min left",
    ),
    "with validation rows": (
        1, [(0, 120, 0.5, [0.25, 0.93])], [], {"has_scores": True},
        "Epoch 120 of 2000, training loss 0.5, validation score 0.93, about 31 min left",
    ),
    "validation rows of an earlier call": (
        1, [(0, 120, 0.5, [0.25, 0.93])], [], {},
        "Epoch 120 of 2000, training loss 0.5, about 31 min left",
    ),
    "an epoch longer than that": (
        1, [(0, 0, np.nan, [])], [], {}, "Epoch 1 of 2000 is running, 2.0 min so far",
    ),
    "L-BFGS": (
        1, [(0, 120, 0.25, [])], [], {"in_epochs": False},
        "Iteration 120 of 2000, objective 0.25, about 31 min left",
    ),
    "several restarts": (
        7, [(1, 100, 0.5, []), (3, 140, 0.75, [])], [(0, 0.625)], {},
        "1 of 7 restarts done, 2 in training (epochs 100 to 140 of 2000); best so far: restart 1, "
        "loss = 0.50000000; about 98 min left",
    ),
    "several of L-BFGS, whose losses are not known": (
        7, [(1, 120, 0.5, []), (3, 120, 0.75, [])], [(0, 0.625)], {"in_epochs": False},
        "1 of 7 restarts done, 2 in training (iteration 120 of 2000); best so far: restart 0, "
        "loss = 0.62500000; about 98 min left",
    ),
    "in batches": (
        7, [(1, 120, 0.5, []), (3, 120, 0.75, [])], [], {"in_batches": True},
        "0 of 7 restarts done, 2 in training (epoch 120 of 2000); best so far: restart 1, "
        "loss = 0.50000000; about 2.2 h left in this batch",
    ),
    "in other processes": (
        7, [], [], {}, "0 of 7 restarts done, 2 in training in other processes, 2.0 min so far",
    ),
}  # fmt: skip
"""Number of restarts on two workers; index, epoch, loss and scores of those that train here; index
and loss of those that are done; what the printer is told; and its line after two minutes."""


@pytest.mark.parametrize("tale", TALES)
def test_a_line_says_where_training_is(tale, capfd):
    n_restarts, running, done, how, expected = TALES[tale]
    now = [0.0]
    rung = Rung(n_restarts, 2000)
    printer = ProgressPrinter((rung,), by_score=False, clock=lambda: now[0], **how)
    assert printer.print_if_due() == SECONDS_PER_LINE
    printer.begin_rung(rung, n_restarts, min(n_restarts, 2))
    follows = []
    for index, *_ in running:
        follows.append(printer.follow(stub(index, np.nan), 2000))
    runs = [follow.__enter__() for follow in follows]
    now[0] = 120.0
    for run, (_, n_iter, loss, scores) in zip(runs, running, strict=True):
        run.restart.n_iter, run.restart.loss, run.restart.scores = n_iter, loss, scores
        run.look(run.restart)
    for index, loss in done:
        printer.gather(stub(index, loss))
    capfd.readouterr()
    now[0] += SECONDS_PER_LINE * bool(done)
    assert printer.print_if_due() == SECONDS_PER_LINE
    assert capfd.readouterr().out == expected + "\n"
    now[0] += 1.0
    assert printer.print_if_due() == SECONDS_PER_LINE - 1
    assert capfd.readouterr().out == ""


class Listener:
    """Stands for stdout, and lets training go on when it has heard enough lines."""

    def __init__(self, n_lines):
        self.text, self.n_lines, self.heard = "", n_lines, threading.Event()

    def write(self, text):
        self.text += text
        if self.text.count("\n") >= self.n_lines:
            self.heard.set()

    def flush(self):
        pass


ENGINE = CompiledEpochs if is_engine_compiled() else ReferenceEpochs


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_lines_come_while_a_chunk_trains(X, y, monkeypatch, n_jobs):
    more = {"n_restarts": n_jobs, "restart_strategy": "full", "max_iter": 40}
    expected = make(**more).fit(X, y)
    listener, run = Listener(3), ENGINE.run

    def wait(epochs, restart, n_epochs, stop):
        assert listener.heard.wait(timeout=60)
        run(epochs, restart, n_epochs, stop)

    monkeypatch.setattr(_progress, "SECONDS_PER_LINE", 0.01)
    monkeypatch.setattr("sklearn_init.training._workers.TASK", 1.0)
    monkeypatch.setattr(ENGINE, "run", wait)
    monkeypatch.setattr("sys.stdout", listener)
    est = make(**more, n_jobs=n_jobs, verbose=True).fit(X, y)
    assert " so far" in listener.text or "in training" in listener.text
    np.testing.assert_array_equal(row(est), row(expected))


class Waiting:
    """A score that is known, in whatever process, when a file is there."""

    def __init__(self, path):
        self.path = path

    def __call__(self, estimator, X, y):
        until = time.monotonic() + 60
        while not self.path.exists() and time.monotonic() < until:
            time.sleep(0.01)
        return 0.5


def test_lines_come_while_other_processes_train(X, y, monkeypatch, tmp_path):
    listener = Listener(1)
    listener.heard.set = (tmp_path / "heard").touch
    monkeypatch.setattr(_progress, "SECONDS_PER_LINE", 0.01)
    monkeypatch.setattr("sklearn_init.training._workers.TASK", 1.0)
    monkeypatch.setattr("sys.stdout", listener)
    more = {"n_restarts": 3, "restart_strategy": "full", "max_iter": 3, "early_stopping": True}
    with joblib.parallel_config(backend="loky"):
        make(**more, scoring=Waiting(tmp_path / "heard"), n_jobs=2, verbose=True).fit(X, y)
    first = listener.text.splitlines()[0]
    assert first.startswith("0 of 3 restarts done, 2 in training in other processes, 0.")


VARIANTS = [
    {"solver": "adam"},
    {"solver": "sgd", "learning_rate": "adaptive", "early_stopping": True, "tol": 0.01},
    {"solver": "lbfgs", "tol": 1e-5},
    {"restart_strategy": "halving", "n_restarts": 9},
    {"n_restarts": "auto", "max_restarts": 11},
]


@pytest.mark.parametrize("more", VARIANTS)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_verbose_changes_no_bits(X, y, monkeypatch, capfd, more, n_jobs):
    monkeypatch.setattr(_progress, "SECONDS_PER_LINE", 0.001)
    monkeypatch.setattr("sklearn_init.training._workers.TASK", 1.0)
    more = {"n_restarts": 3, "restart_strategy": "full", "max_iter": 333, **more}
    silent = make(**more, n_jobs=n_jobs).fit(X, y)
    loud = make(**more, n_jobs=n_jobs, verbose=True).fit(X, y)
    np.testing.assert_array_equal(row(loud), row(silent))
    for ours, other in zip(get_curves(loud), get_curves(silent), strict=True):
        np.testing.assert_array_equal(ours, other)


def test_nobody_prints_after_an_error(X, y, monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(ENGINE, "run", fail)
    before = set(threading.enumerate())  # of which some may end meanwhile
    with pytest.raises(ZeroDivisionError):
        make(n_restarts=1, verbose=True).fit(X, y)
    assert not set(threading.enumerate()) - before


def test_partial_fit_prints_a_line_per_call(X, y, capfd):
    est = make(n_restarts=1, restart_strategy="full", verbose=True)
    for _ in range(2):
        est.partial_fit(X, y, classes=[0, 1])
    lines = capfd.readouterr().out.splitlines()
    assert lines == [f"Iteration 1, loss = {loss:.8f}" for loss in est.loss_curve_]
