"""`to_onnx`: what another runtime computes from the model is what the estimator predicts."""

import json
import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csr_array

import sklearn_init
from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.export._onnx import HIDDEN, OUTPUT
from sklearn_init.losses import LOSS_OF_OUTPUT

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

AVERAGE = {"n_restarts": 4, "restart_keep": 3, "restart_combine": "average"}

LABELS = {
    "numbers": lambda y: np.array([-5, 30, 7])[y],
    "small unsigned numbers": lambda y: y.astype(np.uint8),
    "large unsigned numbers": lambda y: y.astype(np.uint64) + 2**63,
    "floats": lambda y: y.astype(np.float32),
    "strings": lambda y: np.array(["lo", "mid-high", "é"])[y],
    "objects": lambda y: np.array(["low", "mid", "high"], dtype=object)[y],
    "two numbers": lambda y: (y > 0) + 4,
    "truths": lambda y: y > 0,
    "two strings": lambda y: np.where(y > 0, "yes", "no"),
    "two objects": lambda y: np.where(y > 0, "yes", "no").astype(object),
}


def run(est, X):
    """Return the outputs of the model by name, computed by onnxruntime."""
    model = est.to_onnx()
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert [(i.name, i.type, i.shape) for i in session.get_inputs()] == [
        ("X", "tensor(float)", [None, X.shape[1]])
    ]
    found = session.run(None, {"X": np.asarray(X, np.float32)})
    for output, array in zip(session.get_outputs(), found, strict=True):
        assert output.shape == [None, *array.shape[1:]]
    return dict(zip([output.name for output in session.get_outputs()], found, strict=True))


def check_classifier(clf, X, atol=1e-5):
    outputs = run(clf, X)
    assert list(outputs) == ["label", "probabilities"]
    np.testing.assert_allclose(outputs["probabilities"], clf.predict_proba(X), rtol=0, atol=atol)
    np.testing.assert_array_equal(outputs["label"], clf.predict(X))
    return outputs["label"]


def check_regressor(reg, X):
    outputs = run(reg, X)
    assert list(outputs) == ["variable"]
    assert outputs["variable"].shape == (len(X), reg.n_outputs_)
    expected = reg.predict(X).reshape(len(X), -1)
    atol = 1e-5 * max(np.abs(expected).max(), 1e-30)
    np.testing.assert_allclose(outputs["variable"], expected, rtol=0, atol=atol)
    return outputs["variable"]


def test_every_activation_and_every_loss_is_written():
    assert list(HIDDEN) == list(ACTIVATIONS)
    assert set(OUTPUT) == set(LOSS_OF_OUTPUT)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_has_its_values_everywhere(name):
    z = np.outer([-1, 1], [0, 1e-30, 1e-4, 0.7, 1, 3, 5, 8, 15, 17, 30, 60, 90, 800, 1e4, 2**30])
    z = np.sort(np.append(z, np.linspace(-6, 6, 91))).astype(np.float32)[:, np.newaxis]
    reg = InitMLPRegressor(hidden_layer_sizes=(1,), activation=name, random_state=0)
    reg.initialize(z[60:90].astype(float), np.arange(30))
    reg.coefs_, reg.intercepts_ = [np.eye(1), np.eye(1)], [np.zeros(1), np.zeros(1)]
    with np.errstate(over="ignore"):
        expected = reg.predict(z.astype(float))
    np.testing.assert_allclose(run(reg, z)["variable"].ravel(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_network_of_every_activation(X, y_number, name):
    reg = InitMLPRegressor(hidden_layer_sizes=(7, 4), activation=name, random_state=0, max_iter=9)
    check_regressor(reg.set_params(learning_rate_init=0.05).fit(X, y_number), X)


@pytest.mark.parametrize("more", [{}, AVERAGE], ids=["one network", "average"])
@pytest.mark.parametrize("target", LABELS)
def test_labels_of_every_type(X, y_class, target, more):
    y = LABELS[target](y_class)
    clf = InitMLPClassifier((7,), solver="lbfgs", max_iter=15, random_state=0, **more)
    label = check_classifier(clf.fit(X, y), X)
    assert label.shape == (len(X),)
    assert len(set(label)) == len(set(y))


@pytest.mark.parametrize(
    ("target", "kind"),
    [("numbers", np.int64), ("small unsigned numbers", np.int64), ("truths", bool)],
)
def test_numbers_become_int64_and_truths_stay(X, y_class, target, kind):
    clf = InitMLPClassifier((7,), random_state=0).initialize(X, LABELS[target](y_class))
    assert run(clf, X)["label"].dtype == kind


@pytest.mark.parametrize("more", [{}, AVERAGE], ids=["one network", "average"])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_several_labels_per_row(X, y_class, form, more):
    Y = np.stack([y_class > 0, y_class > 1, y_class == 1], axis=1).astype(int)
    clf = InitMLPClassifier((7,), solver="lbfgs", max_iter=15, random_state=0, **more)
    outputs = run(clf.fit(X, form(Y)), X)
    np.testing.assert_allclose(outputs["probabilities"], clf.predict_proba(X), rtol=0, atol=1e-5)
    labels = clf.predict(X)
    labels = labels.toarray() if form is csr_array else labels
    np.testing.assert_array_equal(outputs["label"], labels)
    assert outputs["label"].dtype == np.int64
    assert 0 < labels.mean() < 1


@pytest.mark.parametrize("more", [{}, AVERAGE], ids=["one network", "average"])
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_numbers(X, y_number, loss, n_outputs, more):
    y = np.abs(y_number[:, np.newaxis] + np.arange(n_outputs)).squeeze()
    reg = InitMLPRegressor(loss, hidden_layer_sizes=(7, 4), activation="tanh", random_state=0)
    check_regressor(reg.set_params(solver="lbfgs", max_iter=20, **more).fit(X, y), X)


@pytest.mark.parametrize("more", [{}, AVERAGE], ids=["one network", "average"])
def test_no_hidden_layer(X, y_class, y_number, more):
    more = {"hidden_layer_sizes": (), "max_iter": 9, "random_state": 0, **more}
    check_classifier(InitMLPClassifier(**more).fit(X, y_class), X)
    check_regressor(InitMLPRegressor(**more).fit(X, y_number), X)


def test_one_activation_per_layer(X, y_class):
    activation = ("sine", "identity", ACTIVATIONS["leaky_relu"])
    clf = InitMLPClassifier((7, 4, 6), activation, max_iter=9, random_state=0)
    check_classifier(clf.fit(X.astype(np.float32), y_class), X.astype(np.float32))


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e3, 1e7])
@pytest.mark.parametrize("activation", ["relu", "tanh", "elu", "gelu", "silu", "mish", "softplus"])
def test_unusual_scales(X, y_class, y_number, scale, activation):
    X = (X * scale).astype(np.float32)  # what the model would round, too
    more = {"hidden_layer_sizes": (7,), "activation": activation, "max_iter": 5, "random_state": 0}
    clf = InitMLPClassifier(**more).fit(X, y_class)
    largest = max(np.abs(X @ clf.coefs_[0]).max(), 1)  # the outputs' logits have its rounding
    check_classifier(clf, X, atol=1e-6 * largest if scale > 1 else 1e-5)
    reg = InitMLPRegressor(loss="squared_error", **more).fit(X, y_number * scale)
    check_regressor(reg, X)


def test_probabilities_that_round_to_0_and_1(X, y_class):
    for y in (y_class, y_class > 0):
        clf = InitMLPClassifier((), random_state=0).initialize(X, y)
        clf.coefs_ = [W * 1e6 for W in clf.coefs_]
        outputs = run(clf, X)["probabilities"]
        assert np.isfinite(outputs).all()
        assert (outputs.max(axis=1) == 1).mean() > 0.9


def test_ties_go_to_the_class_that_predict_takes(X, y_class):
    for y in (y_class, y_class > 0):
        clf = InitMLPClassifier((), weight_init="zeros", bias_init="zeros").initialize(X, y)
        check_classifier(clf, X)
        assert np.ptp(clf.predict_proba(X)) == 0


def test_the_other_networks_are_those_kept(X, y_number):
    reg = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=5, random_state=0, **AVERAGE)
    reg.fit(X, y_number)
    mean = check_regressor(reg, X)
    singles = [check_regressor(reg.restart(index), X) for index in reg.kept_restarts_.tolist()]
    np.testing.assert_allclose(mean, np.mean(singles, axis=0), rtol=0, atol=1e-5)
    assert np.ptp(singles, axis=0).max() > 0.1
    constants = {
        constant.name: onnx.numpy_helper.to_array(constant)
        for constant in reg.to_onnx().graph.initializer
    }
    for index in reg.kept_restarts_.tolist():
        W = reg.restart(index).coefs_[1]
        np.testing.assert_array_equal(constants[f"restart{index}_coefs_1"], W.astype(np.float32))


def test_it_is_the_network_as_it_is_now(X, y_number):
    reg = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=2).fit(X, y_number)
    reg.coefs_[1] *= 3
    check_regressor(reg, X)


def test_it_runs_on_one_row_and_on_none(X, y_class):
    clf = InitMLPClassifier((7,), max_iter=2).fit(X, y_class)
    check_classifier(clf, X[:1])
    assert {name: len(array) for name, array in run(clf, X[:0]).items()} == {
        "label": 0,
        "probabilities": 0,
    }


def test_metadata(X, y_class):
    frame = pd.DataFrame(X, columns=["a", "b", "é c", 'd"', "e"])
    model = InitMLPClassifier((7,), max_iter=2).fit(frame, y_class).to_onnx()
    assert (model.producer_name, model.producer_version) == (
        "sklearn_init",
        sklearn_init.__version__,
    )
    (entry,) = model.metadata_props
    assert (entry.key, json.loads(entry.value)) == ("feature_names", list(frame.columns))
    assert not InitMLPClassifier((7,), max_iter=2).fit(X, y_class).to_onnx().metadata_props


def test_old_runtimes_can_read_it(X, y_class):
    model = InitMLPClassifier((7,)).initialize(X, y_class).to_onnx()
    assert model.ir_version == 8
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 15)]


def square(z, out):
    np.square(z, out=out)


def twice(z, a, out):
    np.multiply(z, 2, out=out)


@pytest.mark.parametrize("name", ["square", "relu"])
def test_an_activation_of_the_user_is_an_error_that_says_what_to_do(X, y_number, name):
    activation = ("tanh", Activation(square, twice, name=name))
    reg = InitMLPRegressor(hidden_layer_sizes=(7, 4), activation=activation, max_iter=2)
    message = rf"activation=Activation\(name='{name}'\) is not of the table.* fit with one of"
    with pytest.raises(ValueError, match=message):
        reg.fit(X, y_number).to_onnx()


def test_a_weight_that_float32_cannot_hold_is_an_error(X, y_number):
    reg = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=2).fit(X, y_number)
    reg.coefs_[1][3] = 1e39
    with pytest.raises(ValueError, match="coefs_ or intercepts_ are not finite in float32.*scale"):
        reg.to_onnx()


def test_it_needs_a_fit():
    with pytest.raises(sklearn.exceptions.NotFittedError):
        InitMLPRegressor().to_onnx()


def test_without_onnx_the_error_says_what_to_install(X, y_number, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    reg = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=2).fit(X, y_number)
    with pytest.raises(ImportError, match="pip install onnx$"):
        reg.to_onnx()
