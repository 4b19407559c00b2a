"""The container of files: every byte is checked, and nothing that it says is trusted."""

import gc
import json
import os
import stat
import sys
import zipfile
from dataclasses import fields
from hashlib import sha256

import numpy as np
import pytest
from file_material import (
    BYTES,
    X,
    Y,
    as_npy,
    make_model_files,
    make_state_files,
    make_use_of_state,
    read_parts,
    run,
    seal,
    use_model,
    write_parts,
)

from sklearn_init import InitMLPClassifier, InvalidFileError, load
from sklearn_init._random import Stream
from sklearn_init.persistence._files import FORMAT, HEADER, blaming, pack, read_file, write_file
from sklearn_init.persistence._packing import (
    CURVES,
    OF_A_CALL,
    RULES,
    SCALARS,
    pack_restart,
    unpack_restart,
)
from sklearn_init.solvers import Restart
from sklearn_init.solvers._state import Moments

ARRAYS = {
    "theta": np.arange(7.0),
    "float32": np.array([[1, 2, 3]], np.float32),
    "empty": np.zeros((0, 3), np.int64),
    "scalar": np.array(5, np.uint8),
    "flags": np.array([True, False, True]),
    "words": np.array(["a", "bcd"]),
    "bytes": np.array([b"a\0b"]),
    "dates": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "complex": np.array([1j]),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big endian": np.array([1, 2], ">i4"),
    "read-only": np.broadcast_to(np.float64(3), (5,)),
}
HEADER_OF_TEST = {
    "floats": [0.1, 1e-323, -0.0, 1e308, float("inf"), float("-inf")],
    "ints": [0, -1, 2**64 - 1],
    "more": {"text": "größer \ud800 \0", "none": None, "flag": True},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.npz"


@pytest.fixture
def written(path):
    write_file(path, "model", HEADER_OF_TEST, ARRAYS)
    return path


# ---- what comes back ----


def test_header_and_arrays_come_back_exactly(written):
    header, arrays, versions = read_file(written, "model")
    assert header == HEADER_OF_TEST
    assert str(header["floats"]) == str(HEADER_OF_TEST["floats"])  # the sign of zero
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        read = arrays[name]
        assert (read.dtype, read.shape) == (array.dtype.newbyteorder("="), array.shape), name
        assert read.tolist() == array.tolist() or name == "dates"
        assert read.flags.writeable
        assert read.flags.aligned
        assert read.flags.c_contiguous
    assert np.isnat(arrays["dates"]).tolist() == [False, True]
    assert versions["numpy"] == np.__version__


def test_not_a_number_in_the_header_survives(path):
    write_file(path, "model", {"loss": float("nan")}, {})
    assert np.isnan(read_file(path, "model").header["loss"])


def test_numpy_and_zip_tools_read_the_file(written):
    with np.load(written, allow_pickle=False) as archive:
        assert json.loads(archive[HEADER])["kind"] == "model"
        np.testing.assert_array_equal(archive["fortran"], ARRAYS["fortran"])
        np.testing.assert_array_equal(archive["words"], ARRAYS["words"])
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == HEADER
        data = written.read_bytes()
        assert archive.comment == sha256(data[:-64]).hexdigest().encode()


def test_the_same_contents_are_the_same_bytes(written, tmp_path):
    write_file(tmp_path / "other", "model", HEADER_OF_TEST, ARRAYS)
    assert (tmp_path / "other").read_bytes() == written.read_bytes()


def test_objects_are_not_written(path):
    with pytest.raises(ValueError, match="type object"):
        write_file(path, "model", {}, {"objects": np.array([print])})
    assert not path.exists()


# ---- writing ----


def test_an_error_leaves_the_old_file_and_no_other(written, monkeypatch):
    before = written.read_bytes()

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    for function in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, fail)
            with pytest.raises(OSError, match="No space left"):
                write_file(written, "model", {}, {})
        assert written.read_bytes() == before
        assert os.listdir(written.parent) == [written.name]


def test_an_error_that_is_kept_in_a_cycle_harms_nothing(path, monkeypatch):
    # a view of a buffer would: Python 3.12 crashed when it was collected, 3.13 complained
    def fail(*_):
        raise OSError("no space left on device")

    assert type(pack("model", {}, {"a": np.zeros(7)})) is bytes
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space left") as caught:
        write_file(path, "model", {}, {"a": np.zeros(7)})
    caught.value.cycle = caught.value
    del caught
    gc.collect()
    assert complaints == []


def test_only_durable_files_wait_for_the_disk(path, monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fsync", calls.append)
    write_file(path, "checkpoint", {}, {}, durable=False)
    assert len(calls) == 0
    write_file(path, "checkpoint", {}, {})
    assert len(calls) == 1


@pytest.mark.skipif(os.name != "posix", reason="of POSIX")
def test_links_and_permissions_are_those_of_any_file(path, tmp_path):
    target = tmp_path / "target"
    path.symlink_to(target)
    old = os.umask(0o027)
    try:
        write_file(path, "model", {}, {})
    finally:
        os.umask(old)
    assert path.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


# ---- reading what is something else ----


def refuse(path, match, kind="model"):
    with pytest.raises(InvalidFileError, match=match) as caught:
        read_file(path, kind)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith(".")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_permissions_of_a_file_that_is_replaced_are_kept(path, mode):
    write_file(path, "model", {}, {})
    path.chmod(mode)
    write_file(path, "model", {"more": 1}, {})
    assert path.stat().st_mode & 0o777 == mode
    assert read_file(path, "model").header == {"more": 1}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_what_others_may_not_read_they_cannot_read_while_it_is_written(path, monkeypatch):
    write_file(path, "model", {}, {})
    path.chmod(0o600)
    modes = []
    monkeypatch.setattr(os, "fsync", lambda fd: modes.append(os.fstat(fd).st_mode & 0o777))
    write_file(path, "model", {"more": 1}, {})
    assert modes == [0o600]


def test_a_missing_file_is_not_found(path):
    with pytest.raises(FileNotFoundError):
        read_file(path, "model")


@pytest.mark.parametrize(
    "data",
    [b"", b"P", b"PK\x03\x04", b"import os", b"\x80\x04N.", b"PK\x05\x06" + b"\0" * 18],
)
def test_foreign_files_are_said_to_be_foreign(path, data):
    path.write_bytes(data)
    refuse(path, "not a file of sklearn_init")


def test_archives_of_others_are_foreign(path):
    np.savez(path, theta=np.zeros(3))
    refuse(path, "not a file of sklearn_init")


def test_folders_are_refused(tmp_path):
    refuse(tmp_path, "a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="of POSIX")
def test_a_pipe_is_not_waited_for(path):
    os.mkfifo(path)
    refuse(path, "a folder or a device")


def test_a_path_that_cannot_be_opened_is_refused(written):
    refuse(written / "below", "cannot be read")
    with pytest.raises(InvalidFileError, match="null"):
        read_file("a\0b", "model")
    with pytest.raises(TypeError):  # a number would be an open file
        read_file(0, "model")


def test_a_file_cut_anywhere_is_damaged(written, path):
    data = written.read_bytes()
    for n_bytes in (*range(60, len(data), 211), len(data) - 1):
        path.write_bytes(data[:n_bytes])
        refuse(path, "damaged")


def test_every_flipped_bit_is_noticed(written):
    data = bytearray(written.read_bytes())
    for place in [*range(0, len(data), 53), *range(len(data) - 90, len(data), 3)]:
        data[place] ^= 1 << place % 8
        written.write_bytes(data)
        refuse(written, "damaged")
        data[place] ^= 1 << place % 8


def test_bytes_after_the_end_are_noticed(written):
    written.write_bytes(written.read_bytes() + b"\0")
    refuse(written, "damaged")


def test_another_kind_is_named(written):
    refuse(written, "'model' file.*'checkpoint' file", kind="checkpoint")


def change(path, key, value):
    envelope, arrays = read_parts(path.read_bytes())
    envelope[key] = value
    members = [(f"{name}.npy", as_npy(array)) for name, array in arrays.items()]
    path.write_bytes(write_parts(envelope, members))


def test_a_newer_format_asks_for_an_upgrade(written):
    change(written, "format", FORMAT + 1)
    change(written, "versions", {"sklearn_init": "99.1"})
    refuse(written, r"format version 2.*99\.1.*pip install --upgrade")


@pytest.mark.parametrize("number", [0, -1, None, "1", 1.0, True, [1], 10**400])
def test_a_format_that_is_none_is_refused(written, number):
    change(written, "format", number)
    refuse(written, "save it again|pip install")


@pytest.mark.parametrize(
    ("members", "options", "match"),
    [
        ([("a.npy", b"")], {}, "something else than numbers"),
        ([("a.npy", as_npy(np.array([print]), True))], {}, "something else than numbers"),
        ([("a.npy", as_npy(np.zeros(2)).replace(b"(2,)", b"(9,)"))], {}, "another size"),
        ([("a.npy", as_npy(np.zeros(2)).replace(b"(2,)", b"(1,)"))], {}, "another size"),
        ([("a.npy", as_npy(np.zeros(2, "U1")).replace(b"<U1", b"<U0"))], {}, "another size"),
        ([("a.npy", as_npy(np.zeros(2, "f4,f8")))], {}, "something else than numbers"),
        ([("a.npy", as_npy(np.zeros(2)))] * 2, {}, "the same name"),
        ([("code.py", b"print()")], {}, "is not an array"),
        ([("a.npy", as_npy(np.zeros(9999)))], {"compression": 8}, "compressed"),
    ],
)
def test_hostile_members_with_a_right_hash_are_refused(path, members, options, match):
    envelope, _ = read_parts(bytes(pack("model", {}, {})))
    path.write_bytes(write_parts(envelope, members, **options))
    refuse(path, match)


def test_members_cannot_claim_the_same_bytes(path):
    data = bytearray(pack("model", {}, {"a": np.zeros(999), "b": np.zeros(999)}))
    place = data.rindex(b"PK\x01\x02")  # of b: let it begin where a does
    first = data.rindex(b"PK\x01\x02", 0, place)
    data[place + 42 : place + 46] = data[first + 42 : first + 46]
    path.write_bytes(seal(data))
    refuse(path, "cannot be read")
    for width, begin in ((4, 20), (4, 24)):  # sizes beyond those of the file
        data[place + begin : place + begin + width] = (2**31).to_bytes(width, "little")
    path.write_bytes(seal(data))
    refuse(path, "more bytes")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", "[" * 100_000, "1" * 5000, '{"format": 1}', "\ud800"]
)
def test_hostile_headers_are_refused(path, text):
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"0" * 64
        archive.writestr(HEADER, text.encode("utf-8", "surrogatepass"))
    path.write_bytes(seal(path.read_bytes()))
    refuse(path, "cannot be read")


def test_what_goes_wrong_while_a_file_is_understood_names_it(path):
    for error in (KeyError("x"), RecursionError(), InvalidFileError("x.")):
        with pytest.raises(InvalidFileError, match=str(path)), blaming(path):
            raise error
    with pytest.raises(KeyboardInterrupt), blaming(path):
        raise KeyboardInterrupt


# ---- mutations ----


@pytest.mark.parametrize("mutation", BYTES)
def test_mutated_bytes_are_refused(written, mutation):
    data, rng = written.read_bytes(), np.random.default_rng(0)
    for _ in range(15):
        mutated = bytearray(data)
        while mutated == data:
            mutation(rng, mutated)
        written.write_bytes(mutated)
        with pytest.raises(InvalidFileError):
            read_file(written, "model")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("what", ["models", "states"])
def test_mutated_files_do_nothing_but_fail(what, tmp_path):
    states, rows = make_state_files()
    use, files = (
        (use_model, make_model_files(tmp_path))
        if what == "models"
        else (make_use_of_state(rows), states)
    )
    counts, failures, guard = run(use, files, tmp_path, 120, seed=1, trace=False)
    assert [text for text, _ in failures] == []
    assert guard.events == []
    assert counts["refused"] > 15
    assert counts["refused, hash made right"] > 40
    assert counts["read"] > 0


# ---- restarts ----


def make_restart(rule):
    """Return a restart of which no field has its default."""
    theta, rng = np.arange(7.0, dtype=np.float32), Stream(seed=3)
    rng.normal()  # which leaves a spare number
    special = {
        "theta": theta,
        "start": theta + 1,
        "rng": rng,
        "order": np.array([4, 0, 2]),
        "moments": Moments(rule, np.ones((rule.n_arrays, 7), np.float32), 5, 0.1, 0.3),
        "best_theta": theta + 2,
    }
    plain = {
        int: 2**63 - 1,
        float: 0.1 + 0.2,
        bool: True,
        str: "diverged",
        list[float]: [0.3, np.nan],
    }
    known = {f.name: plain[f.type] for f in fields(Restart) if f.name not in special}
    known = {name: value for name, value in known.items() if name not in OF_A_CALL}
    return Restart(**special, **known)


ROWS = np.array([0, 2, 4])


def assert_equal(first, second):
    """Compare all fields of two restarts, whatever fields there are."""
    for field in fields(Restart):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if a is None or b is None:
            assert a is b, field.name
            continue
        if field.name == "moments":
            assert (a.rule, a.n_steps, a.rate, a.rate_init) == (
                b.rule, b.n_steps, b.rate, b.rate_init,
            )  # fmt: skip
            a, b = a.arrays, b.arrays
        if field.name == "rng":
            assert a.normal() == b.normal()
            assert a.randint(2**31) == b.randint(2**31)
            continue
        assert type(a) is type(b), field.name
        np.testing.assert_array_equal(a, b, strict=isinstance(a, np.ndarray))


@pytest.mark.parametrize("rule", RULES.values())
def test_every_field_of_a_restart_comes_back(path, rule):
    restart = make_restart(rule)
    write_file(path, "checkpoint", *pack_restart(restart))
    header, arrays, _ = read_file(path, "checkpoint")
    assert_equal(unpack_restart(header, arrays, rows=ROWS), restart)


def test_what_is_none_stays_none():
    restart = Restart(2, np.arange(3.0), np.arange(3.0), None)
    read = unpack_restart(*pack_restart(restart), rows=None)
    assert [read.rng, read.order, read.moments, read.best_theta] == [None] * 4
    assert_equal(read, restart)


def test_the_start_may_be_kept_elsewhere():
    restart = make_restart(RULES["sgd"])
    header, arrays = pack_restart(restart, with_start=False)
    assert "start" not in arrays
    assert_equal(unpack_restart(header, arrays, rows=ROWS, start=restart.start), restart)
    assert len(unpack_restart(header, arrays, rows=ROWS).start) == 0


def bad_states():
    """Yield names of entries of a packed restart, and what they cannot be."""
    yield from ((name, None) for name in SCALARS)
    yield from ((name, "x") for name, kind in SCALARS.items() if kind is not str)
    yield from ((name, -1) for name, kind in SCALARS.items() if kind is int)
    yield from ((name, 2**64) for name, kind in SCALARS.items() if kind is int)
    yield from ((name, np.zeros(3, np.float32)) for name in (*CURVES, "theta", "start"))
    yield from ((name, np.zeros((3, 1))) for name in (*CURVES, "theta", "best_theta", "moments"))
    yield from (("order", np.array(rows)) for rows in ([0, 2, 5], [0, 0, 2], [0, 2], [0.0, 2, 4]))
    yield from (("rng", value) for value in ([625, 0, 0.0], [0, 2, 0.0], [0, 0], None, [1, 0, 0]))
    yield from (("rng", np.zeros(n, kind)) for n, kind in [(623, np.uint32), (624, np.uint64)])
    good = {"rule": "adam", "n_steps": 1, "rates": [0.1, 0.1]}
    for change in ({"rule": "os"}, {"rule": []}, {"n_steps": -1}, {"rates": [1]}, {"more": 1}):
        yield "moments", good | change
    yield "more", 1
    yield "more", np.zeros(3)


@pytest.mark.parametrize(("name", "value"), bad_states())
def test_states_that_cannot_be_are_refused(name, value):
    header, arrays = pack_restart(make_restart(RULES["adam"]))
    (arrays if isinstance(value, np.ndarray) else header)[name] = value
    with pytest.raises(InvalidFileError):
        unpack_restart(header, arrays, rows=ROWS)


@pytest.mark.parametrize("name", [*SCALARS, "rng", "moments", "theta", *CURVES])
def test_states_that_lack_something_are_refused(name):
    header, arrays = pack_restart(make_restart(RULES["adam"]))
    (header if name in header else arrays).pop(name)
    with pytest.raises(InvalidFileError):
        unpack_restart(header, arrays, rows=ROWS)


def test_an_order_without_rows_is_refused():
    with pytest.raises(InvalidFileError, match="there are none"):
        unpack_restart(*pack_restart(make_restart(RULES["adam"])), rows=None)


def test_the_hash_is_asked_before_anything_else(path, monkeypatch):
    """A damaged file does not reach the code that understands files."""
    InitMLPClassifier((3,), max_iter=1, random_state=0).initialize(X, Y).save(path)
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    monkeypatch.delattr("zipfile.ZipFile.__init__")
    with pytest.raises(InvalidFileError, match="damaged"):
        load(path)
