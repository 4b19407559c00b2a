"""A resumed fit says so in one line, and an interrupted one what is kept and how to go on."""

import re
from contextlib import contextmanager

import joblib
import numpy as np
import pytest
from checkpoint_material import get_bits, get_files, make

from sklearn_init.estimators import _fit
from sklearn_init.initializers._start import Start
from sklearn_init.network import is_engine_compiled
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ENGINE = CompiledEpochs if is_engine_compiled() else ReferenceEpochs
RUN = ENGINE.run


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).normal(size=(53, 5))


@pytest.fixture(scope="module")
def y(X):
    return np.digitize(X[:, 0] * X[:, 1], [-0.5, 0.5])


@pytest.fixture
def interrupted(monkeypatch):
    """Return what makes training raise KeyboardInterrupt after some epochs of a restart."""

    @contextmanager
    def raises(index, n_iter, match=None):
        def run(epochs, restart, n_epochs, stop):
            if restart.index == index:
                if restart.n_iter >= n_iter:
                    raise KeyboardInterrupt
                n_epochs = min(n_epochs, n_iter - restart.n_iter)
            RUN(epochs, restart, n_epochs, stop)

        with monkeypatch.context() as patch:
            patch.setattr(ENGINE, "run", run)
            with pytest.raises(KeyboardInterrupt, match=match) as caught:
                yield caught

    return raises


# ---- interrupted ----

KEPT = "interrupted: the best weights so far are kept"
SENTENCES = {
    "fit": ({}, "run fit again with warm_start=True to go on from them"),
    "warm start": ({"warm_start": True}, "run fit again to go on from them"),
    "checkpoint": (
        {"checkpoint": "folder"}, "run fit again to resume from the checkpoint in 'folder'"
    ),
    "both": (
        {"checkpoint": "folder", "warm_start": True}, "run fit again to go on from them"
    ),
    "a checkpoint that a further fit does not find": (
        {"checkpoint": "folder", "random_state": None},
        "run fit again with warm_start=True to go on from them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES)
@pytest.mark.filterwarnings("ignore:checkpoint='folder' with random_state=None")
def test_an_interrupted_fit_says_how_to_go_on(
    X, y, interrupted, case, tmp_path, monkeypatch, capfd
):
    monkeypatch.chdir(tmp_path)
    more, expected = SENTENCES[case]
    est = make(n_restarts=1, **more)
    with interrupted(0, 7) as caught:
        est.fit(X, y)
    assert str(caught.value) == f"{KEPT} (after epoch 7); {expected}"
    assert est.n_iter_ == 7
    assert capfd.readouterr() == ("", "")


def test_what_it_says_is_true(X, y, interrupted):
    whole = make(n_restarts=1, max_iter=18, warm_start=True).fit(X, y)
    est = make(n_restarts=1, warm_start=True)
    with interrupted(0, 7):
        est.fit(X, y)
    assert est.loss_curve_ == whole.loss_curve_[:7]
    assert est.fit(X, y).loss_curve_ == whole.loss_curve_[:18]
    with interrupted(0, 7):
        est.set_params(warm_start=False).fit(X, y)
    est.set_params(warm_start=True).fit(X, y)
    assert est.loss_curve_[:7] == whole.loss_curve_[:7]
    assert len(est.loss_curve_) == 7 + 11


def test_of_several_restarts_it_names_the_one_that_is_kept(X, y, interrupted):
    est = make(n_restarts=3, learning_rate_init=0.01)
    with interrupted(1, 4, match=r"kept \(of restart 0, after epoch 11\); run fit"):
        est.fit(X, y)
    assert est.best_restart_ == 0


def test_before_the_end_of_an_epoch_a_start_is_kept(X, y, interrupted):
    est = make(n_restarts=1)
    with interrupted(0, 0, match=r"kept \(before the end of the first epoch\)"):
        est.fit(X, y)
    assert (est.n_iter_, est.predict(X).shape) == (0, (53,))


def test_partial_fit_goes_on_by_itself(X, y, interrupted):
    whole = make(n_restarts=1, max_iter=2).fit(X, y)
    est = make(n_restarts=1).partial_fit(X, y, classes=[0, 1, 2])
    with interrupted(0, 0, match="run partial_fit again to go on"):
        est.partial_fit(X, y)
    assert len(est.partial_fit(X, y).loss_curve_) == 2
    assert est.loss_curve_[0] == whole.loss_curve_[0]


def test_lbfgs_counts_iterations(X, y, monkeypatch):
    def interrupt(restart, text):
        if restart.n_iter == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_init.estimators._parameters.report", interrupt)
    est = make(n_restarts=1, solver="lbfgs", verbose=2)
    with pytest.raises(KeyboardInterrupt, match=r"\(after iteration 5\)"):
        est.fit(X, y)


@pytest.mark.parametrize("is_fitted", [False, True])
@pytest.mark.parametrize("where", ["the starts are drawn", "no weights are finite"])
def test_where_nothing_can_be_kept_the_estimator_is_as_it_was(
    X, y, monkeypatch, interrupted, where, is_fitted
):
    def interrupt(*arguments, **more):
        raise KeyboardInterrupt

    est = make(n_restarts=1)
    if is_fitted:
        est.fit(X, y)
    before = dict(vars(est))
    if where == "the starts are drawn":
        monkeypatch.setattr(Start, "draw", interrupt)
    else:
        monkeypatch.setattr(_fit, "select", lambda *arguments, **more: [])
    with interrupted(0, 2) as caught:
        est.fit(X, y)
    assert str(caught.value) == "interrupted: the estimator is as it was before this call"
    assert vars(est) == before


# ---- resumed ----


@pytest.fixture
def saving_often(monkeypatch):
    """Save after every chunk, which is one epoch."""
    for name in "SECONDS_PER_WRITE", "SECONDS_PER_CHUNK", "N_COSTS":
        monkeypatch.setattr(f"sklearn_init.persistence._checkpoint.{name}", 0)


@pytest.mark.parametrize("verbose", [False, True, 2])
def test_a_resumed_fit_says_at_which_epoch(
    X, y, interrupted, monkeypatch, saving_often, tmp_path, capfd, verbose
):
    monkeypatch.chdir(tmp_path)
    expected = get_bits(make(n_restarts=1).fit(X, y))
    with interrupted(0, 7):
        make("folder", n_restarts=1).fit(X, y)
    assert capfd.readouterr().err == ""
    est = make("folder", n_restarts=1, verbose=verbose).fit(X, y)
    line = "sklearn_init: resumed at epoch 7 from the checkpoint in 'folder'"
    assert capfd.readouterr().err == line + "\n"
    assert get_bits(est) == expected
    est.fit(X, y)
    line = "sklearn_init: resumed at epoch 11 from the checkpoint in 'folder', where it had ended"
    assert capfd.readouterr().err == line + "\n"


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_several_restarts_are_counted(X, y, monkeypatch, tmp_path, capfd, backend):
    monkeypatch.setattr("sklearn_init.training._workers.TASK", 1.0)
    first = make(tmp_path, n_restarts=5).fit(X, y)
    for path in get_files(tmp_path)[1:3]:
        path.unlink()
    assert capfd.readouterr().err == ""
    with joblib.parallel_config(backend=backend):
        again = make(tmp_path, n_restarts=5, n_jobs=2).fit(X, y)
    line = f"sklearn_init: resumed 3 of 5 restarts from the checkpoint in {str(tmp_path)!r}"
    assert capfd.readouterr().err == line + "\n"
    assert get_bits(again) == get_bits(first)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"n_restarts": 9, "restart_strategy": "halving", "max_iter": 16}, "9 of 9 restarts"),
        ({"n_restarts": "auto", "max_restarts": 11, "restart_tol": 0}, "11 restarts"),
        ({"n_restarts": 1, "solver": "lbfgs"}, r"at iteration \d+"),
    ],
)
def test_a_race_and_batches_have_one_line(X, y, tmp_path, capfd, more, what):
    make(tmp_path, **more).fit(X, y)
    assert capfd.readouterr().err == ""
    make(tmp_path, **more).fit(X, y)
    (line,) = capfd.readouterr().err.splitlines()
    assert re.match(f"sklearn_init: resumed {what} from the checkpoint in ", line)


def test_another_fit_resumes_nothing(X, y, tmp_path, capfd):
    make(tmp_path).fit(X, y)
    make(tmp_path, alpha=0.5).fit(X, y)
    assert capfd.readouterr() == ("", "")
