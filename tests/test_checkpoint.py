"""A fit that was killed and is done again ends, bit by bit, as if it had not been."""

import copy
import json
import subprocess
import sys
import warnings
from contextlib import contextmanager

import joblib
import numpy as np
import pytest
from checkpoint_material import Saves, get_bits, get_files, make
from scipy import sparse
from sklearn.model_selection import GridSearchCV

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.estimators import _audience
from sklearn_init.network import is_engine_compiled
from sklearn_init.persistence import _checkpoint
from sklearn_init.persistence._files import read_file
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs
from sklearn_init.training import Audience

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ENGINE = CompiledEpochs if is_engine_compiled() else ReferenceEpochs

RACE = {"restart_strategy": "halving", "n_restarts": 5, "restart_first_rung": 0.2, "max_iter": 10}
SGD = {"solver": "sgd", "learning_rate_init": 0.5, "max_iter": 17}

FITS = {
    "one": {"n_restarts": 1},
    "several": {},
    "race": RACE,
    "race of averages": {**RACE, "restart_combine": "average", "restart_keep": 3},
    "auto": {"n_restarts": "auto", "restart_tol": 0.0, "max_restarts": 9, "max_iter": 2},
    "auto, race": {
        **RACE,
        "n_restarts": "auto",
        "restart_tol": 0.0,
        "max_restarts": 11,
        "max_iter": 5,
    },
    "early stopping": {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 20},
    "early stopping by loss": {"early_stopping": True, "scoring": "loss"},
    "criterion": {"restart_criterion": "validation"},
    "dropout": {"dropout": 0.4},
    "in order": {"shuffle": False},
    "tolerant": {"tol": 0.1, "n_iter_no_change": 2, "max_iter": 20},
    "constant": SGD,
    "invscaling": {**SGD, "learning_rate": "invscaling"},
    "adaptive": {**SGD, "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 1},
    "no momentum": {**SGD, "momentum": 0.0},
    "float32": {"dtype": "float32"},
    "threads": {"n_jobs": 2},
    "L-BFGS": {"solver": "lbfgs"},
    "L-BFGS, race": {**RACE, "solver": "lbfgs"},
    "L-BFGS by score": {"solver": "lbfgs", "restart_criterion": "validation"},
}


@pytest.fixture
def saves(monkeypatch):
    return Saves(monkeypatch)


@pytest.mark.parametrize("name", FITS)
def test_a_killed_fit_ends_like_one_that_was_not(name, saves, tmp_path, X, y_class):
    expected = get_bits(make(**FITS[name]).fit(X, y_class))
    _, n_saves = saves.fit(make(tmp_path / "a", **FITS[name]), X, y_class)
    n_left = n_saves
    for most in n_saves // 3, n_saves // 4:  # twice in a row
        is_done, n = saves.fit(make(tmp_path / "b", **FITS[name]), X, y_class, most=most)
        assert not is_done
        n_left -= n
    resumed = make(tmp_path / "b", **FITS[name])
    is_done, n = saves.fit(resumed, X, y_class)
    assert is_done
    # nothing that was saved is trained again
    assert n == n_left or FITS[name].get("n_jobs")
    assert n_left <= n_saves // 2 + 1 or "L-BFGS" in name
    assert get_bits(resumed) == expected


@pytest.mark.parametrize("form", ["sparse", "weights", "X_val", "regressor", "reference"])
def test_so_it_does_with_any_data(form, saves, tmp_path, X, y_class, monkeypatch):
    cls, parameters, more = InitMLPClassifier, {"early_stopping": True}, {}
    if form == "sparse":
        X = sparse.csr_array(X * (X > 0.5))
    elif form == "weights":
        more = {"sample_weight": np.arange(1.0, 1 + len(y_class))}
    elif form == "X_val":
        more = {"X_val": X[:9] + 1, "y_val": y_class[:9]}
    elif form == "regressor":
        cls, y_class = InitMLPRegressor, np.c_[y_class, X[:, 0]]
    else:
        monkeypatch.setattr("sklearn_init.network.compiled._passes", None)
        more, parameters = {}, {"dropout": 0.2}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = get_bits(make(cls=cls, **parameters).fit(X, y_class, **more))
        _, n_saves = saves.fit(make(tmp_path / "a", cls, **parameters), X, y_class, **more)
        killed, resumed = (make(tmp_path / "b", cls, **parameters) for _ in range(2))
        assert saves.fit(killed, X, y_class, most=16, **more) == (False, 16)
        assert saves.fit(resumed, X, y_class, **more) == (True, n_saves - 16)
    assert get_bits(resumed) == expected


def test_a_warm_start_goes_on_from_where_it_was_killed(saves, tmp_path, X, y_class):
    fitted = make(warm_start=True).fit(X, y_class)
    expected = get_bits(copy.deepcopy(fitted).fit(X, y_class))
    fitted.set_params(checkpoint=tmp_path)
    assert saves.fit(copy.deepcopy(fitted), X, y_class, most=15) == (False, 15)
    assert saves.fit(fitted, X, y_class) == (True, 22 - 15)
    assert get_bits(fitted) == expected


def test_the_stream_of_the_user_ends_where_it_would(tmp_path, X, y_class):
    ends = []
    for checkpoint in None, tmp_path, tmp_path:
        stream = np.random.RandomState(3)
        make(checkpoint, random_state=stream).fit(X, y_class)
        ends.append(stream.randint(2**31))
    assert len(set(ends)) == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_has_ended_trains_no_more(solver, tmp_path, X, y_class, monkeypatch):
    first = make(tmp_path, solver=solver, **RACE | {"tol": 0.0}).fit(X, y_class)
    # only the ends of rungs are left to be reached: not one epoch, not one evaluation
    monkeypatch.setattr(ENGINE, "run", None)
    monkeypatch.setattr("scipy.optimize.minimize", None)
    again = make(tmp_path, solver=solver, **RACE | {"tol": 0.0}).fit(X, y_class)
    assert get_bits(again) == get_bits(first)
    assert (again.restarts_["time"] >= first.restarts_["time"]).all()  # of both fits
    with pytest.raises(TypeError):
        make(tmp_path, solver=solver, **RACE | {"tol": 0.0, "alpha": 1.0}).fit(X, y_class)


def test_an_interrupt_amid_an_epoch_is_not_saved(tmp_path, X, y_class, monkeypatch):
    expected = get_bits(make().fit(X, y_class))
    run = ENGINE.run

    def interrupt(epochs, restart, n_epochs, stop):
        if restart.index == 1 and restart.n_iter >= 3:
            restart.theta += 1.0  # some batches of an epoch that will not be counted
            raise KeyboardInterrupt
        run(epochs, restart, n_epochs, stop)

    with monkeypatch.context() as patch:
        patch.setattr(ENGINE, "run", interrupt)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path).fit(X, y_class)
    resumed = make(tmp_path)
    assert Saves(monkeypatch).fit(resumed, X, y_class) == (True, 11)
    assert get_bits(resumed) == expected


class Stopper(Audience):
    """Ends the training of every restart after three epochs."""

    def __init__(self, rungs, **how):
        pass

    @contextmanager
    def follow(self, restart, n_epochs):
        yield self

    def choose_chunk(self, longest):
        return 1

    def look(self, restart):
        return restart.n_iter == 3


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_somebody_has_ended_trains_on_in_a_further_fit(
    solver, tmp_path, X, y_class, monkeypatch
):
    expected = get_bits(make(solver=solver).fit(X, y_class))
    with monkeypatch.context() as patch:
        patch.setattr(_audience, "ProgressPrinter", Stopper)
        stopped = make(tmp_path, solver=solver, verbose=1).fit(X, y_class)
    assert stopped.n_iter_ == 3
    assert get_bits(make(tmp_path, solver=solver).fit(X, y_class)) == expected


def test_looks_become_rare_and_writes_too(monkeypatch, tmp_path):
    now = [0.0]
    monkeypatch.setattr(_checkpoint, "perf_counter", lambda: now[0])
    saved = []

    class Folder:
        is_exact = True

        def save(self, restart, n_epochs, *, durable):
            saved.append((restart.n_iter, durable))
            now[0] += 0.05

    class Restart:
        n_iter, stopped = 0, False

    restart = Restart()
    watch = _checkpoint._Save(Folder(), restart, 1000)
    chunks = []
    while restart.n_iter < 997:
        chunks.append(watch.choose_chunk(997 - restart.n_iter))
        restart.n_iter += chunks[-1]
        now[0] += 0.01 * chunks[-1]  # an epoch takes a hundredth of a second
        assert not watch.look(restart)
    assert chunks[:6] == [1, 2, 4, 8, 16, 16]
    # after a second, and then every fiftieth of what a write takes
    assert [epoch for epoch, _ in saved] == [111, 367, 623, 879]
    assert all(durable for _, durable in saved)
    watch.end(restart)
    assert saved[-1] == (997, False)
    watch.end(restart)
    assert len(saved) == 5


# ---- what finds what ----


def test_starts_that_come_from_nowhere_are_warned_of(tmp_path, X, y_class):
    est = make(tmp_path, random_state=None)
    with pytest.warns(UserWarning, match="random_state=None.*Give random_state an int"):
        est.fit(X, y_class)


def test_only_fit_saves(tmp_path, X, y_class):
    make(tmp_path).initialize(X, y_class)
    make(tmp_path).partial_fit(X, y_class, classes=[0, 1, 2])
    assert list(tmp_path.iterdir()) == []


def test_the_folder_says_what_it_is(tmp_path, X, y_class):
    make(tmp_path, early_stopping=True, n_jobs=1).fit(X, y_class)
    make(tmp_path, early_stopping=True).fit(X, y_class)
    (path,) = tmp_path.glob("*/about.json")
    about = json.loads(path.read_text())
    assert about["class"] == "InitMLPClassifier"
    assert about["layers"] == [5, 7, 3]
    assert (about["training rows"], about["validation rows"]) == (47, 6)
    assert about["parameters"]["early_stopping"] == "True"
    assert not list(tmp_path.glob("*/.*.tmp"))


def test_clones_of_a_search_do_not_meet(saves, tmp_path, X, y_class):
    grid = {"alpha": [0.01, 0.1]}

    def search(checkpoint):
        return GridSearchCV(make(checkpoint, max_iter=3), grid, cv=3, n_jobs=2)

    with joblib.parallel_config(backend="threading"):
        expected = search(None).fit(X, y_class)
        first, again = search(tmp_path), search(tmp_path)
        assert saves.fit(first, X, y_class)[0]
        assert saves.fit(again, X, y_class) == (True, 0)
    for found in first, again:
        scores = found.cv_results_["mean_test_score"]
        np.testing.assert_array_equal(scores, expected.cv_results_["mean_test_score"])
        assert get_bits(found.best_estimator_) == get_bits(expected.best_estimator_)
    assert len(list(tmp_path.iterdir())) == 2 * 3 + 1  # folds, and all rows for the best


def test_processes_save_and_take_up(tmp_path, X, y_class):
    expected = get_bits(make(**RACE).fit(X, y_class))
    with joblib.parallel_config(backend="loky"):
        assert get_bits(make(tmp_path, n_jobs=2, **RACE).fit(X, y_class)) == expected
        files = get_files(tmp_path)
        assert len(files) == 5 + 3 + 2 + 1
        for path in files[::2]:
            path.unlink()
        stamps = {path: path.stat().st_mtime_ns for path in files[1::2]}
        assert get_bits(make(tmp_path, n_jobs=2, **RACE).fit(X, y_class)) == expected
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert get_files(tmp_path) == files


SCRIPT = """
import sys, warnings
import numpy as np
from sklearn_init import InitMLPClassifier
from sklearn_init.persistence import _checkpoint

save = _checkpoint.Folder.save

def tell(folder, restart, n_epochs, *, durable):
    save(folder, restart, n_epochs, durable=durable)
    print(restart.index, restart.n_iter, flush=True)

_checkpoint.Folder.save = tell
_checkpoint.SECONDS_PER_WRITE = _checkpoint.SECONDS_PER_CHUNK = _checkpoint.N_COSTS = 0
X, y = np.load(sys.argv[1]).values()
InitMLPClassifier(
    (7,), n_restarts=2, max_iter=300, random_state=0, batch_size=17, tol=0.0,
    n_iter_no_change=np.inf, checkpoint=sys.argv[2],
).fit(X, y)
"""


def test_a_killed_process_is_taken_up_where_it_was(saves, tmp_path, X, y_class):
    np.savez(tmp_path / "data.npz", X, y_class)
    arguments = [sys.executable, "-c", SCRIPT, tmp_path / "data.npz", tmp_path / "folder"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(7):
            process.stdout.readline()
        process.kill()
    assert process.returncode < 0
    (path,) = get_files(tmp_path / "folder")
    n_saved = read_file(path, "checkpoint").header["restart"]["n_iter"]
    assert 7 <= n_saved < 300
    forever = {"max_iter": 300, "tol": 0.0, "n_iter_no_change": np.inf}
    resumed = make(tmp_path / "folder", **forever)
    assert saves.fit(resumed, X, y_class) == (True, 600 - n_saved)
    assert get_bits(resumed) == get_bits(make(**forever).fit(X, y_class))
