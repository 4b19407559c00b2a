"""Models as files: what comes back is what was saved, bit by bit, and nothing of it is code."""

import contextlib
import copy
import json
import os
import pathlib
import tracemalloc
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from file_material import FITS, as_npy, read_parts, write_parts
from files.make import X as X_OF_FILES
from files.make import Y as Y_OF_FILES
from numpy.random import RandomState
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.exceptions import NotFittedError

import sklearn_init
from sklearn_init import (
    Activation,
    InitMLPClassifier,
    InitMLPRegressor,
    InvalidFileError,
    Normal,
    VarianceScaling,
    load,
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import SCHEMES
from sklearn_init.initializers._given import FromFunction, Given
from sklearn_init.persistence._encoding import FORMS, INITIALIZERS, PLAIN
from sklearn_init.persistence._files import FORMAT
from sklearn_init.persistence._fitted_checks import ATTRIBUTES, KNOWN, OPTIONAL

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model"


def again(est, path):
    """Return an estimator that was saved and loaded."""
    est.save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load(path)


def assert_equal(a, b):
    """Compare values of parameters and attributes, with their types."""
    assert type(a) is type(b)
    if isinstance(a, list | tuple):
        assert len(a) == len(b)
        for pair in zip(a, b, strict=True):
            assert_equal(*pair)
    elif isinstance(a, dict):
        assert_equal(list(a.items()), list(b.items()))
    elif isinstance(a, RandomState):
        assert_equal(list(a.get_state()), list(b.get_state()))
    elif isinstance(a, np.ndarray) and a.dtype != object:
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b, strict=True)
    elif isinstance(a, np.ndarray):
        assert a.shape == b.shape
        assert_equal(a.ravel().tolist(), b.ravel().tolist())
    else:
        assert a == b or (a != a and b != b)


# ---- fitted models ----

SMALL = {"max_iter": 3, "random_state": 3}
CLASSES = {
    "ints": [3, 5, 9],
    "floats": [1.0, 2.0, 4.0],
    "str": ["a", "b", "ccc"],
    "objects": np.array(["a", "b", "ccc"], object),
    "two": [False, True],
}
MODELS = {
    "plain": {},
    "float32": {"dtype": "float32"},
    "lbfgs": {"solver": "lbfgs"},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "early stopping": {"early_stopping": True},
    "average": {"n_restarts": 3, "restart_combine": "average", "restart_keep": 2},
    "race": {"n_restarts": 5, "restart_strategy": "halving", "max_iter": 8},
    "auto": {"n_restarts": "auto", "max_restarts": 9},
    "deep": {"hidden_layer_sizes": [4, 3], "activation": ("tanh", ACTIVATIONS["mish"])},
}


def fit_quietly(est, *data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return est.fit(*data)


def assert_attributes(loaded, est, *, but=frozenset({"initial_coefs_", "initial_intercepts_"})):
    """Compare public attributes."""
    names = {name for name in vars(est) if name.endswith("_")} - {"restarts_", *but}
    assert {name for name in vars(loaded) if name.endswith("_")} - {"restarts_"} == names
    for name in names:
        assert_equal(getattr(loaded, name), getattr(est, name))
    for name in est.restarts_.keys() - but:
        np.testing.assert_array_equal(loaded.restarts_[name], est.restarts_[name])
    assert repr(loaded.restarts_) == repr(est.restarts_)
    for curves in ("loss_curves", "validation_loss_curves", "validation_score_curves"):
        np.testing.assert_array_equal(
            getattr(loaded.restarts_, curves), getattr(est.restarts_, curves)
        )
    assert loaded.restarts_.stop_reason == est.restarts_.stop_reason


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cls", [InitMLPClassifier, InitMLPRegressor])
def test_models_come_back(X, y_class, path, cls, model):
    est = cls(**{"hidden_layer_sizes": 7, **SMALL, **MODELS[model]})
    loaded = again(fit_quietly(est, X, y_class), path)
    assert type(loaded) is cls
    assert_equal(loaded.get_params(), est.get_params())
    assert_attributes(loaded, est)
    np.testing.assert_array_equal(loaded.predict(X), est.predict(X))
    if cls is InitMLPClassifier:
        np.testing.assert_array_equal(loaded.predict_proba(X), est.predict_proba(X))


@pytest.mark.parametrize("name", CLASSES)
def test_classes_of_all_types_come_back(X, y_class, path, name):
    classes = np.asarray(CLASSES[name])
    est = fit_quietly(InitMLPClassifier((7,), **SMALL), X, classes[y_class % len(classes)])
    loaded = again(est, path)
    assert_equal(loaded.classes_, est.classes_)
    assert_equal(loaded.predict(X), est.predict(X))


@pytest.mark.parametrize("make", [np.asarray, csr_array])
def test_several_labels_come_back(X, y_class, path, make):
    y = make(np.stack([y_class > 0, y_class > 1], axis=1).astype(int))
    est = InitMLPClassifier((7,), warm_start=True, **SMALL).fit(X, y)
    loaded = again(est, path)
    first, second = loaded.predict(X), est.predict(X)
    assert type(first) is type(second)
    assert abs(first - second).max() == 0
    assert_attributes(loaded.fit(X, y), est.fit(X, y), but={"time"})


def test_outputs_losses_and_names_of_features_come_back(X, y_number, path):
    frame = pd.DataFrame(X, columns=list("abcde"))
    est = InitMLPRegressor("poisson", (7,), **SMALL)
    est.fit(frame, np.exp(np.stack([y_number, -y_number], axis=1)))
    loaded = again(est, path)
    assert_equal(loaded.feature_names_in_, est.feature_names_in_)
    np.testing.assert_array_equal(loaded.predict(frame), est.predict(frame))
    with pytest.raises(ValueError, match="feature names"):
        loaded.predict(frame[list("edcba")])


def test_weights_that_the_user_changed_come_back(X, y_number, path):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), warm_start=True, **SMALL).fit(X, y_number)
    est.coefs_[0][...] = 0.25
    loaded = again(est, path)
    np.testing.assert_array_equal(loaded.predict(X), est.predict(X))
    assert_attributes(loaded.fit(X, y_number), est.fit(X, y_number), but={"time"})


def test_estimators_that_are_not_fitted_come_back(X, path):
    est = InitMLPClassifier((3, 4), alpha=0.5)
    loaded = again(est, path)
    assert_equal(loaded.get_params(), est.get_params())
    assert vars(loaded).keys() == vars(est).keys()
    with pytest.raises(NotFittedError):
        loaded.predict(X)


def test_saving_changes_nothing(X, y_class, path):
    est = InitMLPClassifier((7,), random_state=RandomState(0), n_restarts=2, max_iter=2)
    before = dict(vars(est.fit(X, y_class)))
    est.save(str(path))
    est.save(path)
    assert vars(est).keys() == before.keys()
    assert all(value is before[name] for name, value in vars(est).items())


def test_a_file_has_the_weights_once(X, y_class, path):
    est = fit_quietly(InitMLPClassifier((300, 200), max_iter=1, random_state=0), X, y_class)
    est.save(path)
    n_bytes = sum(a.nbytes for a in est.coefs_ + est.intercepts_)
    assert n_bytes < path.stat().st_size < n_bytes + 10_000


# ---- going on ----

CONTINUED = {
    "adam": {},
    "a seed": {"random_state": 3},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1},
    "float32": {"dtype": "float32"},
    "early stopping": {"early_stopping": True, "n_restarts": 2},
    "lbfgs": {"solver": "lbfgs", "n_restarts": 2},
    "average": {"n_restarts": 3, "restart_combine": "average", "restart_keep": 2},
    "race": {"n_restarts": 5, "restart_strategy": "halving", "max_iter": 8},
    "dropout": {"dropout": 0.3, "n_restarts": 2},
    "no shuffle": {"shuffle": False},
}


@pytest.mark.parametrize("variant", CONTINUED)
def test_training_goes_on_bit_by_bit(X, y_class, path, variant):
    more = {**SMALL, "random_state": RandomState(3), **CONTINUED[variant]}
    est = InitMLPClassifier((7,), batch_size=16, warm_start=True, **more)
    loaded = again(fit_quietly(est, X, y_class), path)
    assert_attributes(loaded, est, but=set())
    for _ in range(2):
        est, loaded = fit_quietly(est, X, y_class), fit_quietly(loaded, X, y_class)
        assert_attributes(loaded, est, but={"time"})
        np.testing.assert_array_equal(loaded.predict_proba(X), est.predict_proba(X))
        assert_equal(loaded.random_state, est.random_state)  # the user's stream goes on, too


def test_partial_fit_goes_on_bit_by_bit(X, y_number, path):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), n_restarts=2, random_state=3)
    loaded = again(est.partial_fit(X, y_number), path)
    for _ in range(3):
        est.partial_fit(X, y_number)
        loaded.partial_fit(X, y_number)
    np.testing.assert_array_equal(loaded.predict(X), est.predict(X))


# ---- paths ----


@pytest.mark.parametrize(
    ("name", "error", "match"),
    [
        ("", ValueError, "expected the path of a file"),
        ("a\0b", ValueError, "expected the path of a file"),
        ("models/", IsADirectoryError, "is a folder: add the name of a file"),
        (".", IsADirectoryError, "is a folder"),
        ("..", IsADirectoryError, "is a folder"),
        ("here", IsADirectoryError, "here/model.npz"),
        ("here/", IsADirectoryError, "here/model.npz"),
        ("nowhere/model", FileNotFoundError, "the folder 'nowhere' does not exist. Create it"),
        ("~/model", FileNotFoundError, "the folder '~' does not exist"),
    ],
)
@pytest.mark.parametrize("as_bytes", [False, True])
def test_paths_that_are_no_files_are_named(tmp_path, monkeypatch, name, error, match, as_bytes):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    with pytest.raises(error, match=match):
        InitMLPClassifier().save(name.encode() if as_bytes else name)
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


@pytest.mark.parametrize("name", ["model", "a model.mlp", "here/model", "ü"])
def test_any_name_of_a_file_will_do(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    InitMLPClassifier(tol=0.5).save(name)
    assert load(name).tol == 0.5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_not_replaced_by_a_file(path):
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"path=.* is a pipe or a device"):
        InitMLPClassifier().save(path)
    assert path.is_fifo()


def test_what_fit_refuses_is_not_saved(path):
    with pytest.raises(ValueError, match="tol='x' is not allowed"):
        InitMLPClassifier(tol="x").save(path)
    assert not path.exists()


# ---- parameters ----

VALUES = [
    None, True, 3, -1.5, float("inf"), "text", (), (3, 4), [3, (4, [])], range(2, 9, 3),
    {"hidden": "he_normal", "output": "zeros"}, {1: 0.5, (2, "a"): None, False: []},
    np.float32(0.1), np.int8(3), np.bool_(True), np.str_("x"), np.array([1.5, np.nan]),
    np.array([[True]]), np.array(["a", None, 3, np.float64(2)], object), np.array(5, object),
    np.array([], object), VarianceScaling(2.0, "fan_out"), [Given(np.eye(3)), None],
    ACTIVATIONS["gelu"], RandomState(5),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=[repr(value)[:30] for value in VALUES])
def test_values_of_parameters_come_back(path, value):
    loaded = again(InitMLPClassifier(weight_init=value, bias_init=[value]), path)
    assert_equal(loaded.weight_init, value)
    assert_equal(loaded.bias_init, [value])


def test_every_form_is_tried():
    tried = [name for v in VALUES for name, form in FORMS.items() if form.fits(v)]
    assert set(tried) == FORMS.keys()
    assert {type(value) for value in VALUES} >= set(PLAIN)


def test_every_scheme_comes_back(path):
    schemes = [row.initializer for row in SCHEMES.values()]
    assert_equal(again(InitMLPClassifier(weight_init=schemes), path).weight_init, schemes)


def test_the_package_has_no_initializer_that_files_do_not_know():
    def subclasses(cls):
        return {s for sub in cls.__subclasses__() for s in (sub, *subclasses(sub))}

    ours = {
        cls
        for cls in subclasses(sklearn_init.Initializer)
        if cls.__module__.startswith("sklearn_init.") and not cls.__name__.startswith("_")
    }
    abstract = {cls for cls in ours if "draw" not in dir(cls) or cls.__subclasses__()}
    assert ours - abstract - {FromFunction} <= set(INITIALIZERS.values())


def test_every_activation_comes_back(path):
    sizes, activations = range(1, 1 + len(ACTIVATIONS)), list(ACTIVATIONS.values())
    loaded = again(InitMLPClassifier(sizes, activation=activations), path)
    assert all(a is b for a, b in zip(loaded.activation, ACTIVATIONS.values(), strict=True))


class Own(Normal):
    pass


CODE = {
    "a function": ("weight_init", lambda fan_in, fan_out, rng: np.zeros((fan_in, fan_out))),
    "an initializer": ("weight_init", {"hidden": Own(), "output": "zeros"}),
    "a nested one": ("bias_init", [sklearn_init.initializers.Lsuv(base=Own())]),
    "an activation": ("activation", (Activation(np.sin, np.cos, name="sine"), "tanh")),
    "a scorer": ("scoring", max),
    "a module": ("random_state", np.random),
    "a set": ("class_weight", {1, 2}),
    "another stream": ("random_state", RandomState(np.random.PCG64(0))),
    "structured": ("weight_init", np.zeros(2, "f4,f8")),
}


@pytest.mark.parametrize("what", CODE)
def test_code_in_parameters_is_an_error_that_says_what_to_do(path, what):
    name, value = CODE[what]
    est = InitMLPClassifier(**{name: value})
    default = InitMLPClassifier().get_params()[name]
    with pytest.raises(ValueError, match=f"^{name}: ") as caught:
        est.save(path)
    remedy = f"est.set_params({name}={default!r})"
    assert remedy in str(caught.value)
    assert not path.exists()
    again(est.set_params(**{name: default}), path)


def test_schemes_of_the_user_become_none_among_those_of_the_fit(X, y_number, path):
    est = InitMLPRegressor(hidden_layer_sizes=(7, 3), weight_init=[Own(), Normal(), "zeros"])
    est.set_params(**SMALL).fit(X, y_number).set_params(weight_init="sklearn")
    loaded = again(est, path)
    assert loaded.weight_init_[0] is None
    assert_equal(loaded.weight_init_[1:], est.weight_init_[1:])
    np.testing.assert_array_equal(loaded.predict(X), est.predict(X))


class Subclass(InitMLPClassifier):
    pass


def test_a_subclass_is_code(path):
    with pytest.raises(ValueError, match="Subclass is a class of your own"):
        Subclass().save(path)


def test_requests_of_metadata_come_back(path):
    with config_context(enable_metadata_routing=True):
        est = InitMLPClassifier().set_fit_request(sample_weight="w", X_val=True)
        est.set_score_request(sample_weight=False)
        loaded = again(est, path)
        for method in ("fit", "score", "partial_fit"):
            ours, theirs = (
                getattr(e.get_metadata_routing(), method).requests for e in (loaded, est)
            )
            assert ours == theirs
    assert "_metadata_request" not in vars(again(InitMLPClassifier(), path))


# ---- attributes ----


@pytest.fixture(scope="module")
def continued():
    return FITS["continued"]()


@pytest.mark.parametrize("name", FITS)
def test_files_know_every_attribute_of_a_fit(name):
    est = FITS[name]()
    fitted = vars(est).keys() - est.get_params().keys()
    assert fitted <= KNOWN
    assert sklearn_init.persistence._pickling.pack_state(est).keys() >= fitted - {
        "initial_coefs_",
        "initial_intercepts_",
    }


def test_attributes_of_the_user_stay_in_the_process(X, y_number, path):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), **SMALL).fit(X, y_number)
    est.note, est._callback = "mine", print
    assert not hasattr(again(est, path), "note")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_that_no_fit_makes_are_not_saved(continued, path, name):
    est = copy.copy(continued)
    for value in (print, "x", np.zeros((2, 2, 2))):
        setattr(est, name, value)
        with pytest.raises(ValueError, match=name):
            est.save(path)


@pytest.mark.parametrize("name", ATTRIBUTES.keys() - OPTIONAL - {"coefs_"})
def test_attributes_that_are_missing_are_not_saved(continued, path, name):
    est = copy.copy(continued)
    delattr(est, name)
    with pytest.raises(ValueError, match="^This .* has coefs_" if name[0] == "_" else name):
        est.save(path)


# ---- versions ----

OLD = pathlib.Path(__file__).parent / "files"
PREDICTIONS = {  # of each released format: by the model, and after one more `fit`
    1: (
        [
            [0.23784517650467735, 0.27989286438593225, 0.4822619591093904],
            [0.15111899840420057, 0.6658424720741459, 0.18303852952165348],
        ],
        [
            [0.3142534515859487, 0.30318880539474263, 0.3825577430193088],
            [0.01631836546678738, 0.844636533468599, 0.1390451010646136],
        ],
    ),
}


def test_there_is_a_file_of_every_format():
    assert {f"format-{number}.mlp" for number in range(1, FORMAT + 1)} == {
        path.name for path in OLD.glob("*.mlp")
    }


@pytest.mark.parametrize("number", PREDICTIONS)
@pytest.mark.filterwarnings("ignore:This estimator was written by")
def test_files_of_released_formats_are_read(number):
    """Written by ``tests/files/make.py``."""
    est = load(OLD / f"format-{number}.mlp")
    assert est.classes_.tolist() == ["a", "b", "c"]
    assert type(est.weight_init_[0]) is VarianceScaling
    for expected in PREDICTIONS[number]:
        np.testing.assert_allclose(est.predict_proba(X_OF_FILES[:2]), expected, rtol=1e-6)
        est.fit(X_OF_FILES, Y_OF_FILES)


def test_another_version_is_warned_about(X, y_number, path, monkeypatch):
    est = InitMLPRegressor(hidden_layer_sizes=(7,), **SMALL).fit(X, y_number)
    for estimator in (est, InitMLPClassifier()):
        with monkeypatch.context() as patch:
            patch.setattr("sklearn_init.persistence._saving.__version__", "0.0.9")
            estimator.save(path)
        with pytest.warns(UserWarning, match="written by sklearn_init 0.0.9") as caught:
            loaded = load(path)
        assert caught[0].filename == __file__
        assert "_sklearn_init_version" not in vars(loaded)


def test_a_file_can_be_looked_at_with_other_tools(X, y_number, path):
    """What the page on files says."""
    est = InitMLPRegressor(hidden_layer_sizes=(7,), **SMALL).fit(X, y_number)
    est.save(path)
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("sklearn_init.json"))["header"]
    with np.load(path, allow_pickle=False) as arrays:
        first = arrays[header["state"]["coefs_"][0]["array"]]
    np.testing.assert_array_equal(first, est.coefs_[0])


# ---- hostile files with a right hash, beside the mutations ----


def change(path, change_header):
    envelope, arrays = read_parts(path.read_bytes())
    change_header(envelope["header"])
    members = [(f"{name}.npy", as_npy(array)) for name, array in arrays.items()]
    path.write_bytes(write_parts(envelope, members))


@pytest.fixture(scope="module")
def continued_bytes(continued, tmp_path_factory):
    path = tmp_path_factory.mktemp("continued") / "model"
    continued.save(path)
    change(path, lambda header: None)
    load(path)
    return path.read_bytes()


def order_of_rows(header):
    packed = header["state"]["_training"]["items"]
    restarts = next(value for name, value in packed if name == "restarts")
    parts = dict(map(tuple, restarts[0]["items"]))
    return next(value for name, value in parts["arrays"]["items"] if name == "order")


@pytest.mark.parametrize(
    ("what", "match"),
    [
        (lambda h: h.update({"class": "Pipeline"}), "Pipeline"),
        (lambda h: h.update({"class": "__import__"}), "__import__"),
        (lambda h: h["parameters"].update(activation={"form": "exec"}), "exec"),
        (lambda h: h["parameters"].update(more=1), "more"),
        (lambda h: h["parameters"].update(tol=[]), "tol=..? is not allowed"),
        (lambda h: h["parameters"].update(solver=["adam"]), "solver=..adam.. is not known"),
        (lambda h: h["parameters"].update(random_state=-1), "random_state=-1 is not allowed"),
        (lambda h: h["state"].update(more=1), "more.*not known"),
        (lambda h: h["state"].update(coefs_=[]), "coefs_"),
        (lambda h: h["state"].update(n_features_in_=4), "n_features_in_"),
        (lambda h: h["state"].update(out_activation_="exp2"), "out_activation_"),
        (lambda h: h["state"].update(best_restart_=h["state"]["best_restart_"] ^ 1), "kept|theta"),
        (lambda h: h["state"].pop("kept_restarts_"), "kept_restarts_"),
        (lambda h: h["requests"].update(fit={"sample_weight": []}), "sample_weight"),
        (lambda h: h["requests"].update(__class__={}), "__class__"),
        (lambda h: order_of_rows(h).update(array="array0"), "order"),
    ],
)
def test_hostile_headers_are_refused(continued_bytes, path, what, match):
    path.write_bytes(continued_bytes)
    change(path, what)
    with pytest.raises(InvalidFileError, match=match):
        load(path)


# ---- files that stand for more than they hold ----


def tuple_of_ranges(n):
    return [{"form": "tuple", "items": {"form": "range", "range": [1000, 11000, 1]}}] * n


LARGE = {
    "ranges in tuples": lambda h: h["parameters"].update(weight_init=tuple_of_ranges(20_000)),
    "ranges in arrays": lambda h: h["parameters"].update(
        weight_init=[{"form": "objects", "shape": [10_000], "items": r["items"]}
                     for r in tuple_of_ranges(20_000)]
    ),
    "random states": lambda h: h["parameters"].update(
        weight_init=[h["parameters"]["random_state"]] * 20_000
    ),
    "long texts": lambda h: h["parameters"].update(
        weight_init=[{"form": "scalar", "array": "long"}] * 20_000
    ),
    "empty lists": lambda h: h["parameters"].update(weight_init=[[[], []]] * 2_000_000),
    "empty dicts": lambda h: h["parameters"].update(weight_init=[{}] * 2_000_000),
    "small dicts": lambda h: h["parameters"].update(weight_init=[{"a": []}] * 1_000_000),
    "numbers": lambda h: h["parameters"].update(weight_init=[0.5] * 2_000_000),
    "layers": lambda h: h["parameters"].update(hidden_layer_sizes=[1] * 1_000_000),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", LARGE)
def test_reading_takes_a_few_times_the_memory_of_a_file(path, what):
    InitMLPClassifier(random_state=RandomState(0)).save(path)
    envelope, arrays = read_parts(path.read_bytes())
    arrays["long"] = np.array("x" * 20_000)
    LARGE[what](envelope["header"])
    members = [(f"{name}.npy", as_npy(array)) for name, array in arrays.items()]
    path.write_bytes(write_parts(envelope, members))
    size = path.stat().st_size
    del envelope, arrays, members
    tracemalloc.start()
    with contextlib.suppress(InvalidFileError):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * size + 50e6
