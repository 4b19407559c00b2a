"""Files and folders of checkpoints that are not what they should be: a warning."""

import errno
import re
import warnings

import joblib
import numpy as np
import pytest
from checkpoint_material import get_bits, get_files, make

from sklearn_init.persistence import _checkpoint, _files, _folder
from sklearn_init.persistence._files import read_file, write_file
from sklearn_init.persistence._machine import describe_machine
from sklearn_init.solvers._stochastic import Stochastic

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# ---- files that are not what they should be ----


def damage(name, path, other, monkeypatch):
    """Put something else where a restart was saved."""
    if name == "torn":
        path.write_bytes(path.read_bytes()[:-99])
    elif name == "foreign":
        np.savez(path.with_suffix(""), theta=np.ones(3))
    elif name == "empty":
        path.write_bytes(b"")
    elif name == "a folder":
        path.unlink()
        path.mkdir()
    elif name == "another restart":
        path.write_bytes(other.read_bytes())
    else:
        contents = read_file(path, "checkpoint")
        header, arrays = contents.header, contents.arrays
        if name == "newer":
            monkeypatch.setattr(_files, "FORMAT", _files.FORMAT + 1)
        elif name == "other weights":
            arrays["theta"] = arrays["theta"][:-1]
        elif name == "another type":
            for key in {"theta", "moments"} & set(arrays):
                arrays[key] = arrays[key].astype(np.float32)
        elif name == "another rung":
            header["until"] += 1
        elif name == "no header":
            header.clear()
        else:
            header["restart"][name] = header["restart"][name].__class__(99)
        write_file(path, "checkpoint", header, arrays)
        monkeypatch.undo()


@pytest.mark.parametrize(
    "name",
    [
        "torn", "foreign", "empty", "a folder", "another restart", "newer", "other weights",
        "another type", "another rung", "no header", "n_iter", "dropped", "index", "interrupted",
        "ends_fit",
    ],
)  # fmt: skip
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_file_that_cannot_be_read_is_set_aside_and_its_restart_trains_again(
    solver, name, tmp_path, X, y_class, monkeypatch
):
    est = make(tmp_path, solver=solver).fit(X, y_class)
    bits, (path, other) = get_bits(est), get_files(tmp_path)
    damage(name, path, other, monkeypatch)
    with pytest.warns(UserWarning, match="cannot be read, and its restart is trained") as caught:
        est.fit(X, y_class)
    (text,) = (str(w.message) for w in caught if "checkpoint" in str(w.message))
    aside = path.with_name(path.name + ".bad")
    assert f"{path}: " in text
    assert f"set aside as {aside}." in text
    assert aside.exists()
    assert get_bits(est) == bits
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "checkpoint")
        assert get_bits(est.fit(X, y_class)) == bits


def test_a_damaged_file_that_cannot_be_moved_is_warned_of(tmp_path, X, y_class, monkeypatch):
    est = make(tmp_path).fit(X, y_class)
    bits, (path, _) = get_bits(est), get_files(tmp_path)
    path.write_bytes(b"")
    refuse = OSError(errno.EACCES, "Permission denied")

    def replace(source, target):
        raise refuse

    monkeypatch.setattr(_checkpoint.os, "replace", replace)
    with pytest.warns(UserWarning, match="cannot set a damaged file aside in .*Permission denied"):
        assert get_bits(est.fit(X, y_class)) == bits


def test_a_link_in_the_place_of_a_restart_is_replaced(tmp_path, X, y_class):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "checkpoint"
    est = make(folder).fit(X, y_class)
    bits, (path, _) = get_bits(est), get_files(folder)
    path.unlink()
    path.symlink_to(elsewhere)
    assert get_bits(est.fit(X, y_class)) == bits
    assert not elsewhere.exists()
    assert path.is_file()
    assert not path.is_symlink()


def test_another_version_warns_and_goes_on(tmp_path, X, y_class, monkeypatch):
    expected = get_bits(make(tmp_path).fit(X, y_class))
    monkeypatch.setattr(_checkpoint, "__version__", "9.9")
    with pytest.warns(UserWarning, match=r"now 9\.9.*may differ") as caught:
        assert get_bits(make(tmp_path).fit(X, y_class)) == expected
    assert [w.filename for w in caught if w.category is UserWarning] == [__file__]


@pytest.mark.parametrize("what", ["scipy", "BLAS", "instruction set"])
def test_another_machine_warns_and_goes_on(tmp_path, X, y_class, monkeypatch, what):
    expected = get_bits(make(tmp_path).fit(X, y_class))
    machine = describe_machine() | {what: "another one"}
    monkeypatch.setattr(_checkpoint, "describe_machine", lambda: machine)
    match = f"trained with {what} {describe_machine()[what]}, now another one"
    with pytest.warns(UserWarning, match=re.escape(match)):
        assert get_bits(make(tmp_path).fit(X, y_class)) == expected


# ---- folders that do not serve ----


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_full_disk_warns_once_and_the_fit_goes_on(backend, tmp_path, X, y_class, monkeypatch):
    expected = get_bits(make().fit(X, y_class))
    est = make(tmp_path, n_jobs=2)
    if backend == "threading":

        def fail(*arguments, **more):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(_checkpoint, "write_file", fail)
    else:  # which cannot be patched
        monkeypatch.setattr(_folder, "_describe", lambda *_: None)  # makes no folder
    reason = "No space left" if backend == "threading" else "No such file"
    with (
        joblib.parallel_config(backend=backend),
        pytest.warns(UserWarning, match=f"checkpoint: cannot save into .*{reason}") as caught,
    ):
        est.fit(X, y_class)
    assert [w.filename for w in caught if w.category is UserWarning] == [__file__]
    assert get_bits(est) == expected
    assert get_files(tmp_path) == []


@pytest.mark.parametrize("place", ["folder", "sub-folder"])
def test_a_file_in_the_place_of_a_folder_warns_once(place, tmp_path, X, y_class):
    expected = get_bits(make().fit(X, y_class))
    folder = tmp_path / "a"
    if place == "folder":
        folder.write_text("")
    else:
        make(folder).fit(X, y_class)
        (fingerprint,) = folder.iterdir()
        for path in fingerprint.iterdir():
            path.unlink()
        fingerprint.rmdir()
        fingerprint.write_text("")
    est = make(folder)
    with pytest.warns(UserWarning, match="checkpoint: cannot save into") as caught:
        est.fit(X, y_class)
    assert len([w for w in caught if w.category is UserWarning]) == 1
    assert get_bits(est) == expected


def test_a_folder_that_can_only_be_read_is_read(tmp_path, X, y_class, monkeypatch):
    expected = get_bits(make(tmp_path).fit(X, y_class))
    (about,) = tmp_path.glob("*/about.json")
    about.unlink()

    def fail(*arguments, **more):
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(_folder, "write_atomically", fail)
    monkeypatch.setattr(Stochastic, "train", lambda *arguments: None)
    with pytest.warns(UserWarning, match="Read-only"):
        assert get_bits(make(tmp_path).fit(X, y_class)) == expected


def test_a_file_that_cannot_be_read_warns(tmp_path, X, y_class, monkeypatch):
    expected = get_bits(make(tmp_path).fit(X, y_class))

    def fail(*arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_files, "_read_bytes", fail)
    with pytest.warns(UserWarning, match="cannot read .*Permission denied"):
        assert get_bits(make(tmp_path).fit(X, y_class)) == expected
