"""Model files and files of solver states, and all that can become of them."""

import contextlib
import copy
import json
import pathlib
import pickle
import shutil
import sys
import tempfile
import tracemalloc
import warnings
import zipfile
from contextlib import redirect_stderr
from hashlib import sha256
from io import BytesIO, StringIO
from time import perf_counter

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sklearn_init import InitMLPClassifier, InitMLPRegressor, InvalidFileError, load
from sklearn_init.persistence._files import HEADER, blaming, pack, read_file
from sklearn_init.persistence._packing import pack_restart, unpack_restart

RNG = np.random.default_rng(0)
X = RNG.normal(size=(29, 5))
Y = np.digitize(X[:, 0] * X[:, 1], [-0.3, 0.3])
NAMES = np.array(["low", "middle", "high"], object)

FITS = {
    "continued": lambda: InitMLPClassifier(
        (7, 3), activation=("tanh", "relu"), weight_init="lsuv", n_restarts=3, warm_start=True,
        restart_combine="average", restart_keep=2, early_stopping=True, max_iter=3, random_state=0,
    ).fit(X, NAMES[Y]),
    "several labels": lambda: InitMLPClassifier(
        (4,), solver="lbfgs", max_iter=3, random_state=np.random.RandomState(0)
    ).fit(X, np.stack([Y > 0, Y > 1], axis=1).astype(int)),
    "light average": lambda: InitMLPRegressor(
        hidden_layer_sizes=(6,), solver="sgd", n_restarts=4, max_iter=3, random_state=1,
        restart_combine="average", restart_keep=2,
    ).fit(X.astype(np.float32), X[:, :3]),
}  # fmt: skip


def fit(name):
    """Return one of the estimators of `FITS`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FITS[name]()


def make_model_files(folder):
    """Return the bytes of one file per fit."""
    files = []
    for name in FITS:
        path = folder / "model"
        fit(name).save(path)
        files.append(path.read_bytes())
    return files


def make_state_files():
    """Return the bytes of one file per restart of a fit, and the rows that trained it."""
    training = fit("continued")._training
    return [
        bytes(pack("checkpoint", *pack_restart(restart))) for restart in training.restarts
    ], training.split.training


# ---- mutations of bytes ----


def seal(data):
    """Return the bytes with the hash made right again."""
    body = bytes(data[:-64])
    return body + sha256(body).hexdigest().encode()


def flip_bit(rng, data):
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))


def set_byte(rng, data):
    data[rng.integers(len(data))] = int(rng.choice([0, 1, 127, 128, 255]))


def truncate(rng, data):
    del data[rng.integers(len(data)) :]


def cut_out(rng, data):
    begin, length = rng.integers(len(data)), rng.integers(1, 200)
    del data[begin : begin + length]


def insert(rng, data):
    place = rng.integers(len(data) + 1)
    data[place:place] = rng.bytes(int(rng.integers(1, 200)))


def swap_blocks(rng, data):
    length = int(rng.integers(1, len(data) // 3))
    first, second = sorted(rng.integers(len(data) - length, size=2))
    data[first : first + length], data[second : second + length] = (
        data[second : second + length],
        data[first : first + length],
    )


def scramble(rng, data):
    begin, length = int(rng.integers(len(data))), int(rng.integers(1, 100))
    data[begin : begin + length] = rng.bytes(len(data[begin : begin + length]))


def change_directory(rng, data):
    """Change a field of the zip directory at the end, or of a member's header."""
    places = [i for i in range(len(data)) if data[i : i + 2] == b"PK"]
    place = int(rng.choice(places)) + int(rng.integers(4, 46))
    value = int(rng.choice([0, 1, 8, 255, 65535, 2**31 - 1, 2**32 - 1]))
    width = 4 if value > 65535 else 2
    data[place : place + width] = value.to_bytes(width, "little")


def replace_all(rng, data):
    data[:] = rng.bytes(int(rng.integers(2000)))


BYTES = (
    flip_bit, set_byte, truncate, cut_out, insert, swap_blocks, scramble, change_directory,
    replace_all,
)  # fmt: skip

# ---- mutations of what the bytes say ----

VALUES = [
    None, True, False, -1, 0, 1, 2, 7, 2**31, 2**63, 2**64, 10**300, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", "x", "relu", "array0", "__class__", "os.system", [], [[]], {},
    [1, 2], {"form": "tuple", "items": []}, {"form": "array", "array": "array1"},
    {"form": "nothing"}, {"form": "range", "range": [0, 10**15, 1]},
    {"form": "initializer", "class": "FromFunction", "parameters": {"function": "print"}},
    {"form": "objects", "shape": [10**12], "items": []},
    json.loads("[" * 400 + "]" * 400),
]  # fmt: skip


def read_parts(data):
    """Return the envelope and the arrays of a file."""
    with np.load(BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != HEADER}
        return json.loads(archive[HEADER]), arrays


def write_parts(envelope, members, compression=zipfile.ZIP_STORED):
    """Return the sealed bytes of a file."""
    buffer = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", compression) as archive:
        warnings.simplefilter("ignore", UserWarning)  # two members of the same name
        archive.comment = b"0" * 64
        archive.writestr(HEADER, json.dumps(envelope))
        for name, member in members:
            archive.writestr(name, member)
    return seal(buffer.getvalue())


def as_npy(array, allow_pickle=False):
    buffer = BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def walk(document):
    """Return all places of a JSON document: pairs of a container and a key."""
    places, containers = [], [document]
    for node in containers:  # to which it adds, as a document may be deeper than recursion
        keys = node if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        containers += [node[key] for key in keys if isinstance(node[key], dict | list)]
    return places


def mutate_json(rng, envelope, arrays):
    places = walk(envelope)
    container, key = places[rng.integers(len(places))]
    kind = rng.integers(5)
    if kind == 0:
        del container[key]
    elif kind == 4:
        container[key] = [container[key]] * int(10 ** rng.uniform(0, 3))
    elif kind == 1:
        other, other_key = places[rng.integers(len(places))]
        container[key] = json.loads(json.dumps(other[other_key]))
    elif kind == 2 and isinstance(container[key], int | float):
        container[key] = container[key] * 2 + 1
    else:
        # a copy: what is put into itself would have no end
        container[key] = copy.deepcopy(VALUES[rng.integers(len(VALUES))])


def mutate_array(rng, envelope, arrays):
    name = list(arrays)[rng.integers(len(arrays))]
    array = arrays[name]
    changes = [
        lambda: arrays.pop(name),
        lambda: arrays.update({"more": array}),
        lambda: arrays.update({name: array[..., :-1] if array.ndim else array[None]}),
        lambda: arrays.update({name: np.concatenate([array.ravel()] * 2)}),
        lambda: arrays.update({name: array.T[None]}),
        lambda: arrays.update({name: array.astype(rng.choice(["f4", "f8", "i8", "i2", "S3"]))}),
        lambda: arrays.update({name: array.astype(array.dtype.newbyteorder())}),
        lambda: arrays.update({name: np.zeros_like(array)}),
        lambda: arrays.update({name: np.full_like(array, 99)}),
        lambda: arrays.update({name: rng.permutation(array.ravel()).reshape(array.shape)}),
        lambda: arrays.update({name: arrays[list(arrays)[rng.integers(len(arrays))]]}),
    ]
    with warnings.catch_warnings(), contextlib.suppress(ValueError), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        changes[rng.integers(len(changes))]()


def mutate_npy(rng, envelope, arrays):
    """Return members of which one claims to be something else."""
    members = [(f"{name}.npy", as_npy(array)) for name, array in arrays.items()]
    index = int(rng.integers(len(members)))
    name, member = members[index]
    trick = int(rng.integers(7))
    if trick == 0:
        member = as_npy(np.array([print, {}], object), allow_pickle=True)
    elif trick == 1:
        member = member.replace(b"'shape': (", b"'shape': (9999999999, ")
    elif trick == 2:
        member = member.replace(b"<f8", b"|O8").replace(b"<f4", b"|O4").replace(b"<i8", b"|O8")
    elif trick == 3:
        members.append((name, member))
    elif trick == 4:
        members.append(("../../elsewhere.npy", member))
    elif trick == 5:
        member = bytearray(member)
        scramble(rng, member)
        member = bytes(member)
    else:
        name = name.removesuffix(".npy")
    members[index] = name, member
    return members


def mutate_parts(rng, data):
    """Return a sealed file with other contents."""
    envelope, arrays = read_parts(data)
    kind = rng.integers(10)
    if kind == 0:
        return write_parts(envelope, mutate_npy(rng, envelope, arrays))
    for _ in range(rng.integers(1, 4)):
        (mutate_json if kind < 7 else mutate_array)(rng, envelope, arrays)
    compression = zipfile.ZIP_DEFLATED if rng.random() < 0.02 else zipfile.ZIP_STORED
    members = [(f"{name}.npy", as_npy(array)) for name, array in arrays.items()]
    return write_parts(envelope, members, compression)


def mutate(rng, data):
    """Return a mutated file, and whether its hash was made right again."""
    kind = rng.integers(4)
    if kind == 3 or kind == 2:
        return mutate_parts(rng, data), True
    mutated = bytearray(data)
    while mutated == data:
        BYTES[rng.integers(len(BYTES))](rng, mutated)
    return (seal(mutated), True) if kind == 1 else (bytes(mutated), False)


# ---- what becomes of them ----

FORBIDDEN = {
    "exec", "compile", "pickle.find_class", "marshal.loads", "import", "os.system", "os.exec",
    "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect", "ctypes.dlopen",
    "os.remove", "os.rename", "os.mkdir", "shutil.rmtree",
}  # fmt: skip

CHECKPOINTS_WRITE = {"os.rename", "os.mkdir"}
"""Fits with a checkpoint may do this."""

SIGNATURE = "def foo(self, *args, **kwargs): pass"
"""What `inspect` parses when it shows an object whose class has no ``__init__``."""


class Guard:
    """Notes what code does that reads a file: events that must not happen, seconds, bytes."""

    def __init__(self, trace, allowed):
        self._trace, self._allowed = trace, allowed  # tracing takes time
        self.events, self.seconds, self.n_bytes, self._watches = [], 0.0, 0, False
        self.last = 0
        sys.addaudithook(self._note)

    def _note(self, event, arguments):
        if (
            self._watches
            and event in FORBIDDEN - self._allowed
            and SIGNATURE not in str(arguments)
        ):
            self.events.append((event, str(arguments)[:200]))

    @contextlib.contextmanager
    def __call__(self):
        if self._trace:
            tracemalloc.start()
        begin, self._watches = perf_counter(), True
        try:
            yield
        finally:
            self._watches = False
            self.seconds = max(self.seconds, perf_counter() - begin)
            if self._trace:
                self.last = tracemalloc.get_traced_memory()[1]
                self.n_bytes = max(self.n_bytes, self.last)
                tracemalloc.stop()


USES = {
    "predict": lambda est, X: est.predict(X),
    "predict_proba": lambda est, X: getattr(est, "predict_proba", est.predict)(X),
    "return_std": lambda est, X: getattr(est, "predict_proba", est.predict)(X, return_std=True),
    "expected_best": lambda est, X: str(est.restarts_.expected_best()),
    "n_minima": lambda est, X: est.restarts_.n_minima(),
    "to_frame": lambda est, X: est.restarts_.to_frame(),
    "restart": lambda est, X: est.restart(est.best_restart_).predict(X),
    "to_sklearn": lambda est, X: est.to_sklearn().predict(X),
    "to_onnx": lambda est, X: est.to_onnx(),
    "save": lambda est, X: pack_model(est),
    "pickle": lambda est, X: pickle.loads(pickle.dumps(est)),
    "repr": lambda est, X: repr(est),
    "clone": lambda est, X: clone(est),
}
"""What can be done with a fitted estimator."""


def pack_model(estimator):
    """Save an estimator, and read it again."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model")
        estimator.save(path)
        return load(path)


def use_model(path):
    """Load a model: our error, or an estimator that works, or whose uses raise a ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load(path)


def try_everything(estimator):
    """Do what can be done with an estimator; what the user can mend raises a ValueError."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        X = np.zeros((3, getattr(estimator, "n_features_in_", 5)))
        for name, use in USES.items():
            try:
                use(estimator, X)
            except (ValueError, NotFittedError):
                continue
            except Exception as error:
                raise AssertionError(f"{name}: {error!r}") from error


def make_checkpoint():
    """Return an estimator with a checkpoint, and the path of a file in it."""
    folder = pathlib.Path(tempfile.mkdtemp())
    est = InitMLPClassifier(
        (7,), n_restarts=2, max_iter=5, random_state=0, checkpoint=folder, early_stopping=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        est.fit(X, Y)
    return est, min(folder.rglob("restart-0-*.npz"))


def make_use_of_checkpoint(est, place):
    """Return a function that fits with a file as the checkpoint of a restart."""
    expected = est.coefs_[0]

    def use_checkpoint(path):
        shutil.copyfile(path, place)
        with warnings.catch_warnings(record=True) as caught, redirect_stderr(StringIO()):
            warnings.simplefilter("always")
            est.fit(X, Y)
        if any(".bad" in str(w.message) for w in caught):
            # trained again
            np.testing.assert_array_equal(est.coefs_[0], expected)
            raise InvalidFileError(f"{path}: set aside")

    return use_checkpoint


def make_use_of_state(rows):
    def use_state(path):
        contents = read_file(path, "checkpoint")
        with blaming(path):
            unpack_restart(contents.header, contents.arrays, rows=rows)

    return use_state


def run(use, files, folder, n_files, seed, trace=True, allowed=frozenset()):
    """Return how many mutated files were treated as they should be, the others, and the guard.

    Files are refused; or read, if the hash was made right and what they say is possible.
    """
    rng, guard = np.random.default_rng(seed), Guard(trace, allowed)
    counts, failures = {"refused": 0, "refused, hash made right": 0, "read": 0}, []
    path = folder / "mutated"
    repr(InitMLPClassifier())  # what is imported at first use
    for data in files:
        path.write_bytes(data)
        use(path)
    for _ in range(n_files):
        data, is_sealed = mutate(rng, files[rng.integers(len(files))])
        path.write_bytes(data)
        try:
            with guard():
                used = use(path)
            if guard.last > 10 * len(data) + 50e6:
                raise AssertionError(f"{guard.last} bytes for a file of {len(data)}")
            if used is not None:
                try_everything(used)
        except BaseException as error:
            # memory that was asked for in vain is no refusal, though it ends as one
            is_refusal = type(error) is InvalidFileError and str(path) in str(error)
            if is_refusal and not isinstance(error.__cause__, MemoryError):
                counts["refused, hash made right" if is_sealed else "refused"] += 1
            else:
                failures.append((repr(error)[:300], data))
        else:
            counts["read"] += is_sealed
            if not is_sealed:
                failures.append(("read", data))
    return counts, failures, guard
