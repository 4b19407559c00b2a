"""What `verbose` prints: nothing, a line per restart or rung, or a line per epoch."""

import re

import numpy as np
import pytest
from race_material import ROWS, make

from sklearn_init import InitMLPRegressor
from sklearn_init.restarts import Report, Rung
from sklearn_init.solvers import Restart

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
            r"(; about \d+\.\d s left)?",
            line,
        )
        assert match, line
        index, n_iter, loss, *_, rest = match.groups()
        seen.append(int(index))
        assert int(n_iter) == est.restarts_["n_iter"][seen[-1]]
        assert float(loss) == pytest.approx(est.restarts_["loss"][seen[-1]], abs=1e-8)
        values = est.restarts_["validation_score" if early_stopping else "loss"][seen]
        if early_stopping:
            assert est.restarts_["validation_score"][int(match[5])] == values.max()
        else:
            assert est.restarts_["loss"][int(match[4])] == values.min()
        assert (rest is None) == (len(seen) == 5)
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
    is_last = [not line.endswith("left") for line in lines]
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


def test_the_time_left_is_in_proportion_to_the_epochs_left(capfd, monkeypatch):
    clock = iter([0.0, 0.0, 6.0, 13.0])
    monkeypatch.setattr("sklearn_init.restarts._report.perf_counter", lambda: next(clock))
    rungs = (Rung(4, 3), Rung(2, 7), Rung(1, 31))
    report = Report(rungs, by_score=False)

    def gather(n):
        for index in range(n):
            report.gather(Restart(index, np.zeros(1), np.zeros(1), None, loss=1.0))
        report.end_rung()

    report.begin_rung(rungs[0], 4)
    gather(4)  # 12 epochs in 6 s, so that the other 8 + 24 take 16 s
    report.begin_rung(rungs[1], 2)
    gather(2)  # 20 epochs in 13 s, so that the other 24 take 15.6 s
    lines = capfd.readouterr().out.splitlines()
    assert [line.split("; about ")[1] for line in lines] == ["16.0 s left", "15.6 s left"]


def test_a_regressor_prints_the_same(X, y, capfd):
    est, lines = fit(capfd, X, y, Estimator=InitMLPRegressor, n_restarts=1, verbose=1)
    assert lines == [f"Iteration 16, loss = {est.loss_:.8f}"]
