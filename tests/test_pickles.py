"""Pickles: no more than weights, curves, what continuation needs; and copies keep everything."""

import copy
import pickle
import pickletools
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from sklearn_init import Initializer, InitMLPClassifier, InitMLPRegressor, Normal, load

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": 7, "max_iter": 3, "random_state": 3}
SEVERAL = {**SMALL, "n_restarts": 4}
AVERAGE = {**SEVERAL, "restart_combine": "average", "restart_keep": 2}


def pickled(est):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return pickle.loads(pickle.dumps(est))


def saved(est, folder):
    est.save(folder / "model")
    return load(folder / "model")


@pytest.fixture(params=["pickle", "file"])
def again(request, tmp_path):
    """What comes out of another process."""
    return pickled if request.param == "pickle" else lambda est: saved(est, tmp_path)


def count_bytes(est):
    return sum(array.nbytes for array in est.coefs_ + est.intercepts_)


# ---- what a pickle holds ----


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_pickle_is_little_more_than_the_weights(dtype):
    X, y = load_digits(return_X_y=True)
    est = InitMLPClassifier((100,), dtype=dtype, tol=0.0, n_iter_no_change=200, random_state=0)
    est.fit(X[:200], y[:200])
    assert len(est.loss_curve_) == 200
    assert count_bytes(est) < len(pickle.dumps(est)) <= 1.2 * count_bytes(est)


@pytest.mark.parametrize("parameters", [SMALL, SEVERAL, AVERAGE])
@pytest.mark.parametrize("trains", [True, False])
def test_rows_that_do_not_predict_are_left_out(X, y_class, again, parameters, trains):
    est = InitMLPClassifier(**{**parameters, "hidden_layer_sizes": (300, 100)})
    est = est.fit(X, y_class) if trains else est.initialize(X, y_class)
    n_rows = len(est.kept_restarts_)
    n_bytes = len(pickle.dumps(again(est)))
    assert n_rows * count_bytes(est) < n_bytes < n_rows * count_bytes(est) + 10_000
    assert abs(len(pickle.dumps(est)) - n_bytes) < 500  # strings that are shared or not


def test_what_is_left_out_is_missed_with_a_sentence(X, y_class, again):
    est = again(InitMLPClassifier(**AVERAGE).fit(X, y_class))
    for name in ("initial_coefs_", "initial_intercepts_"):
        assert not hasattr(est, name)
        with pytest.raises(AttributeError, match=f"{name} is not here: .*warm_start=True"):
            getattr(est, name)
    absent = next(iter(set(range(4)) - set(est.kept_restarts_)))
    with pytest.raises(ValueError, match=f"index={absent}: the weights of this restart are not"):
        est.restart(absent)


def test_other_attributes_that_are_missing_are_the_usual_errors():
    est = InitMLPClassifier(solver="lbfgs")
    for name in ("initial_coefs_", "coefs_", "nothing"):
        with pytest.raises(AttributeError, match=f"'InitMLPClassifier' object has no .*'{name}'"):
            getattr(est, name)
    with pytest.raises(AttributeError, match="partial_fit") as caught:
        est.partial_fit  # noqa: B018
    assert "sees the whole data" in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("restart", [None, 0, 1, 2, 3])
def test_kept_restarts_are_there(X, y_class, again, restart):
    est = InitMLPClassifier(**AVERAGE).fit(X, y_class)
    est = est if restart is None else est.restart(restart)
    loaded = again(est)
    np.testing.assert_array_equal(loaded.predict_proba(X), est.predict_proba(X))
    for r in est.kept_restarts_:
        ours, theirs = loaded.restart(r), est.restart(r)
        np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
        assert ours.loss_curve_ == theirs.loss_curve_
        assert not hasattr(ours, "initial_coefs_")
    for e in (loaded, loaded.to_sklearn()):
        assert e.predict(X).shape == (len(X),)


def test_twice_is_the_same_as_once(X, y_class, again):
    est = again(InitMLPClassifier(**AVERAGE).fit(X, y_class))
    assert pickle.dumps(again(est)) == pickle.dumps(est)


# ---- going on ----


@pytest.mark.parametrize("parameters", [SMALL, SEVERAL, AVERAGE])
def test_partial_fit_goes_on_with_what_is_there(X, y_class, again, parameters):
    est = InitMLPClassifier(**parameters).fit(X, y_class)
    loaded, kept = again(est), est.kept_restarts_
    for n in range(1, 3):
        loaded.partial_fit(X, y_class)
        est.partial_fit(X, y_class)
        for r in kept:
            for ours, theirs in zip(loaded.restart(r).coefs_, est.restart(r).coefs_, strict=True):
                np.testing.assert_array_equal(ours, theirs)
            assert len(loaded.restart(r).loss_curve_) == 3 + n
        n_restarts = len(est.restarts_["loss"])
        dropped = np.ones(n_restarts, bool)
        dropped[kept] = False
        np.testing.assert_array_equal(loaded.restarts_["dropped"], dropped)
        assert set(loaded.kept_restarts_) <= set(kept)
        loaded = again(loaded)


def test_restarts_that_are_left_out_are_not_chosen(X, y_class, again):
    """Even if all that are there diverge."""
    est = InitMLPClassifier(**SEVERAL).fit(X, y_class)
    loaded = again(est).set_params(learning_rate_init=1e3, warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded.fit(X, y_class)
    assert loaded.restarts_["diverged"][loaded.best_restart_]
    assert loaded.best_restart_ == est.best_restart_


def test_losses_that_nobody_knows_stay_unknown(X, y_class, again, monkeypatch):
    """An interrupt asks for losses at the start: here of a network that is not there."""
    est = InitMLPClassifier(**SEVERAL).fit(X, y_class)
    absent = (est.best_restart_ + 1) % 4
    est._training.restarts[absent].loss = np.nan
    est = again(est)

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_init.training._run._race", interrupt)
    with pytest.raises(KeyboardInterrupt):
        est.partial_fit(X, y_class)
    assert np.flatnonzero(np.isnan(est.restarts_["loss"])).tolist() == [absent]


def test_minima_are_those_of_restarts_that_are_there(X, y_class, again):
    est = InitMLPClassifier(**SEVERAL, warm_start=True, solver="lbfgs").fit(X, y_class)
    assert len(again(est).restarts_.n_minima().labels) == 4
    light = again(est.set_params(warm_start=False).fit(X, y_class))
    with pytest.raises(ValueError, match="only after a fit with warm_start=True"):
        light.restarts_.n_minima()
    light.set_params(warm_start=True).fit(X, y_class)
    labels = light.restarts_.n_minima().labels
    assert (labels >= 0).sum() == 1


@pytest.mark.parametrize("cls", [InitMLPClassifier, InitMLPRegressor])
def test_exact_continuation_keeps_what_it_needs(X, y_class, again, cls):
    est = cls(**AVERAGE, warm_start=True).fit(X, y_class)
    loaded = again(est)
    for name in ("initial_coefs_", "initial_intercepts_"):
        for ours, theirs in zip(getattr(loaded, name), getattr(est, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    for e in (loaded, est):
        e.fit(X, y_class)
    for r in range(4):
        np.testing.assert_array_equal(
            loaded.restart(r).initial_coefs_[0], est.restart(r).initial_coefs_[0]
        )
        np.testing.assert_array_equal(loaded.restart(r).predict(X), est.restart(r).predict(X))


# ---- copies ----


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_keep_everything(X, y_class, copied):
    est = InitMLPClassifier(**AVERAGE).fit(X, y_class)
    est.note = ["mine"]
    other = copied(est)
    assert vars(other).keys() == vars(est).keys()
    np.testing.assert_array_equal(other.initial_coefs_[0], est.initial_coefs_[0])
    for r in range(4):
        np.testing.assert_array_equal(other.restart(r).predict(X), est.restart(r).predict(X))
    is_deep = copied is copy.deepcopy
    assert (other.note is est.note) != is_deep
    other.coefs_[0][...] = 0
    assert est.coefs_[0].any() == is_deep


def test_a_deep_copy_keeps_what_is_shared_shared():
    est = InitMLPClassifier()
    est.itself = est
    first, second = copy.deepcopy([est, est])
    assert first is second
    assert first.itself is first


def test_estimators_without_a_fit_are_pickled_and_cloned():
    est = pickled(clone(InitMLPClassifier(**SMALL, weight_init=Normal())))
    assert est.get_params() == InitMLPClassifier(**SMALL, weight_init=Normal()).get_params()


# ---- versions ----


def test_a_pickle_of_another_version_is_warned_about(X, y_class, monkeypatch):
    est = InitMLPClassifier(**SMALL).fit(X, y_class)
    with monkeypatch.context() as patch:
        patch.setattr("sklearn_init.persistence._pickling.__version__", "0.0.9")
        data = pickle.dumps(est)
    with pytest.warns(UserWarning, match="written by sklearn_init 0.0.9 and is read by") as caught:
        other = pickle.loads(data)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(other.predict(X), est.predict(X))
    assert not hasattr(other, "_sklearn_init_version")


# ---- what unpickling needs ----


def find_classes(data):
    """Return what a pickle of protocol 2 imports: the operands of one of its opcodes."""
    operations = pickletools.genops(data)
    return {arg.replace(" ", ".") for opcode, arg, _ in operations if opcode.name == "GLOBAL"}


@pytest.mark.parametrize(
    "parameters", [{}, {"warm_start": True}, {"n_restarts": 3, "weight_init": "lsuv"}]
)
@pytest.mark.parametrize("classes", [None, "str"])
def test_a_state_has_arrays_and_plain_containers_only(X, y_class, parameters, classes):
    est = InitMLPClassifier(**{**SMALL, **parameters}, early_stopping=True)
    est.fit(X, y_class if classes is None else y_class.astype(str))
    found = find_classes(pickle.dumps(est, protocol=2))
    ours = {name for name in found if name.startswith("sklearn_init.")}
    assert ours == {"sklearn_init.estimators.classifier.InitMLPClassifier"}
    others = {name.split(".")[0] for name in found - ours}
    assert others <= {"numpy", "copyreg", "_codecs", "__builtin__"}
    assert {name.rpartition(".")[2] for name in found - ours} <= {
        "_reconstruct", "ndarray", "dtype", "scalar", "encode", "_frombuffer", "object",
        "_reconstructor", "__newobj__", "bytes",
    }  # fmt: skip


class Own(Initializer):
    def draw(self, layer, rng):
        return rng.normal(size=layer.shape)


def test_schemes_of_the_user_are_pickled_as_they_are(X, y_class):
    est = pickled(InitMLPClassifier(**SMALL, weight_init=[Own(), "zeros"]).fit(X, y_class))
    assert type(est.weight_init_[0]) is Own
    assert est.weight_init_[0] == Own()


@pytest.mark.parametrize("parameters", [SMALL, {**AVERAGE, "warm_start": True}])
def test_skops_reads_and_writes(X, y_class, parameters):
    skops = pytest.importorskip("skops.io")
    est = InitMLPClassifier(**parameters, early_stopping=True).fit(X, y_class)
    data = skops.dumps(est)
    unknown = skops.get_untrusted_types(data=data)
    assert unknown == ["sklearn_init.estimators.classifier.InitMLPClassifier"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = skops.loads(data, trusted=unknown)
    np.testing.assert_array_equal(loaded.predict_proba(X), est.predict_proba(X))
    if parameters.get("warm_start"):
        np.testing.assert_array_equal(
            loaded.fit(X, y_class).predict_proba(X), est.fit(X, y_class).predict_proba(X)
        )
