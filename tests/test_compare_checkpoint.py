"""A comparison that was killed is resumed, bit by bit; and what a long one prints."""

import io
import itertools
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import joblib
import numpy as np
import pytest

from sklearn_init import InitMLPClassifier, compare_initializers
from sklearn_init.comparison import _progress
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs
from sklearn_init.training import _run as _restarts_run

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CLF = InitMLPClassifier((7,), max_iter=6, random_state=3)
SCHEMES = ["he_normal", "orthogonal"]


def compare(X, y, **more):
    defaults = {"cv": 3, "n_restarts": 2, "verbose": False}
    return compare_initializers(CLF, X, y, SCHEMES, **{**defaults, **more})


def get_bits(found):
    names = ("scores", "losses", "loss_curves", "chosen_scores", "seeds", "n_iter")
    return [getattr(found, name).tobytes() for name in names]


@pytest.mark.parametrize(("n_jobs", "backend"), [(1, "threading"), (2, "threading"), (2, "loky")])
def test_finished_fits_are_not_trained_again(
    tmp_path, X, y_class, monkeypatch, capfd, n_jobs, backend
):
    expected = get_bits(compare(X, y_class))
    with joblib.parallel_config(backend=backend):
        assert get_bits(compare(X, y_class, checkpoint=tmp_path, n_jobs=n_jobs)) == expected
    n_files = len(list(tmp_path.rglob("restart-*.npz")))
    assert n_files == 2 * 3 * 2  # schemes, folds, restarts

    # not one epoch is trained again
    monkeypatch.setattr(CompiledEpochs, "run", None)
    monkeypatch.setattr(ReferenceEpochs, "run", None)
    assert get_bits(compare(X, y_class, checkpoint=tmp_path)) == expected
    assert "resumed" not in "".join(capfd.readouterr())  # a line per fit would be too many


def test_the_seconds_of_a_resumed_fit_are_those_of_its_training(tmp_path, X, y_class, monkeypatch):
    ticks = itertools.count()
    with monkeypatch.context() as patched:
        patched.setattr(_restarts_run, "perf_counter", lambda: 100.0 * next(ticks))
        compare(X, y_class, checkpoint=tmp_path)  # each restart takes 100 s
    found = compare(X, y_class, checkpoint=tmp_path)
    np.testing.assert_allclose(found["mean_fit_time"], 200, atol=1)


@pytest.mark.parametrize("is_saved", [False, True])
def test_an_interrupt_says_how_to_resume(tmp_path, X, y_class, monkeypatch, is_saved):
    def interrupt(self, X, y):
        raise KeyboardInterrupt("interrupted: the best weights so far are kept")

    monkeypatch.setattr(InitMLPClassifier, "fit", interrupt)
    with pytest.raises(KeyboardInterrupt) as caught:
        compare(X, y_class, checkpoint=tmp_path if is_saved else None)
    text = str(caught.value)
    assert text.startswith("interrupted after 0 of 6 fits: ")
    assert "weights" not in text
    assert (f"again to resume from the checkpoint in {str(tmp_path)!r}" in text) == is_saved


def test_other_comparisons_in_the_folder_are_others(tmp_path, X, y_class):
    compare(X, y_class, checkpoint=tmp_path)
    for more in ({"cv": 4}, {"n_restarts": 3}):
        expected = get_bits(compare(X, y_class, **more))
        assert get_bits(compare(X, y_class, checkpoint=tmp_path, **more)) == expected
    expected = get_bits(compare(X[:, ::-1].copy(), y_class))
    assert get_bits(compare(X[:, ::-1].copy(), y_class, checkpoint=tmp_path)) == expected


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(0)])
def test_a_checkpoint_needs_an_int(tmp_path, X, y_class, random_state):
    clf = InitMLPClassifier((7,), random_state=random_state)
    with pytest.raises(ValueError, match="needs an int as random_state"):
        compare_initializers(clf, X, y_class, SCHEMES, checkpoint=tmp_path)


@pytest.mark.parametrize("checkpoint", [3, "", ["folder"]])
def test_a_checkpoint_is_a_path(X, y_class, checkpoint):
    with pytest.raises(ValueError, match="checkpoint=.*expected None or the path of a folder"):
        compare(X, y_class, checkpoint=checkpoint)


PROGRAM = """
    import signal, sys, warnings
    import numpy as np
    from sklearn_init import InitMLPClassifier, compare_initializers

    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent does
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 20))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    clf = InitMLPClassifier((50,), max_iter=300, tol=0, n_iter_no_change=np.inf, random_state=0)
    found = compare_initializers(
        clf, X, y, ["he_normal", "orthogonal", "zeros"], cv=4, n_restarts=3, n_jobs=2,
        checkpoint=sys.argv[1], verbose=False,
    )
    np.savez(sys.argv[2], scores=found.scores, losses=found.losses, curves=found.loss_curves)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_comparison_ends_like_one_that_was_not(tmp_path, kill):
    def start(folder, result):
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), str(result)]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    whole, killed = tmp_path / "whole.npz", tmp_path / "killed.npz"
    assert start(tmp_path / "one", whole).wait() == 0
    process, folder = start(tmp_path / "two", killed), tmp_path / "two"
    while process.poll() is None and len(list(folder.rglob("restart-*.npz"))) < 9:
        time.sleep(0.01)
    process.send_signal(kill)
    assert process.wait() != 0
    assert not killed.exists()
    assert start(folder, killed).wait() == 0
    with np.load(whole) as one, np.load(killed) as other:
        for name in one.files:
            np.testing.assert_array_equal(one[name], other[name])


# ---- progress ----


def test_a_short_comparison_says_nothing(X, y_class, capfd):
    compare(X, y_class, verbose=None)
    assert capfd.readouterr() == ("", "")


def test_a_long_comparison_tells_how_many_fits_there_are(X, y_class, capfd, monkeypatch):
    monkeypatch.setattr(_progress, "SECONDS_PER_LINE", 1e-4)
    compare(X, y_class, verbose=None)
    out, err = capfd.readouterr()
    assert not out
    lines = err.splitlines()
    assert lines
    for line in lines:
        assert re.fullmatch(
            r"compare_initializers: \d of 6 fits done \(2 schemes x 3 folds, 2 restarts each\)"
            r"(, about \d+(\.\d)? s left)?",
            line,
        )
    compare(X, y_class, verbose=False)
    assert capfd.readouterr() == ("", "")


def test_a_checkpoint_that_cannot_be_a_folder_is_refused_before_training(
    tmp_path, X, y_class, monkeypatch
):
    monkeypatch.setattr(InitMLPClassifier, "fit", None)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(ValueError, match=r"checkpoint='.*' is no folder and cannot be made"):
            compare(X, y_class, checkpoint=path)


def test_warnings_of_an_interrupted_comparison_are_told(X, y_class, monkeypatch):
    def fit(self, X, y):
        warnings.warn("what a fit has to say", UserWarning, stacklevel=1)
        raise KeyboardInterrupt

    monkeypatch.setattr(InitMLPClassifier, "fit", fit)
    with (
        pytest.warns(UserWarning, match="what a fit has to say"),
        pytest.raises(KeyboardInterrupt),
    ):
        compare(X, y_class)


def test_names_that_the_stream_cannot_encode_end_no_comparison(X, y_class, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    schemes = {"sch\u00e9ma": "he_normal", "b": "zeros"}
    compare_initializers(CLF, X, y_class, schemes, cv=2, n_restarts=1, verbose=True)
    assert rb"sch\xe9ma, fold 1 of 2" in stream.buffer.getvalue()
