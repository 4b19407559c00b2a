"""Symmetry is named: one warning per fit, with the layer and the number of distinct units."""

import warnings

import numpy as np
import pytest

from sklearn_init import (
    Constant,
    InitMLPClassifier,
    InitMLPRegressor,
    SymmetryWarning,
    diagnose,
    get_initializer_names,
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.diagnostics import count_distinct_units

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def has_zero_at_zero(name):
    zero = np.zeros(1)
    ACTIVATIONS[name].value(zero.copy(), zero)
    return zero[0] == 0


def fit(X, y, **more):
    defaults = {"hidden_layer_sizes": (7, 4), "max_iter": 1, "random_state": 0}
    return InitMLPClassifier(**{**defaults, **more}).fit(X, y)


def test_one_warning_names_layers_and_counts(X, y_class):
    with pytest.warns(SymmetryWarning) as caught:
        fit(X, y_class, weight_init="constant")
    caught = [w for w in caught if w.category is SymmetryWarning]
    assert len(caught) == 1
    message = str(caught[0].message)
    assert message.startswith(
        "hidden layer 1: all 7 units are identical; the layer is worth one unit; "
        "hidden layer 2: all 4 units are identical"
    )
    assert 'weight_init="glorot_uniform"' in message
    assert caught[0].filename == __file__


def test_only_the_symmetric_layer_is_named(X, y_class):
    W = np.random.default_rng(0).normal(size=(5, 7))
    W[:, 5] = W[:, 2]
    W[:, 6] = W[:, 2]
    V = np.random.default_rng(1).normal(size=(7, 4))
    V[5:] = V[2]
    with pytest.warns(SymmetryWarning, match="^hidden layer 1: 2 of 7 units are copies") as caught:
        fit(X, y_class, weight_init=[W, V, None], bias_init=0.0)
    assert "hidden layer 2" not in str(caught[0].message)


SYMMETRIC = {"zeros", "ones", "constant", "layer_constant_random", "tied_columns"}
SYMMETRIC_IF_WIDE = {"identity"}
"""Schemes whose units are identical: all of them, or those beyond the number of inputs."""


@pytest.mark.parametrize(
    "name", sorted({*get_initializer_names()} - SYMMETRIC - SYMMETRIC_IF_WIDE)
)
def test_random_schemes_are_not_symmetric(X, y_class, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SymmetryWarning)
        fit(X, y_class, weight_init=name)


@pytest.mark.parametrize("name", sorted(SYMMETRIC | SYMMETRIC_IF_WIDE))
def test_symmetric_schemes_warn(X, y_class, name):
    with pytest.warns(SymmetryWarning, match="hidden layer 1"):
        fit(X, y_class, weight_init=name)


@pytest.mark.parametrize(
    "more",
    [
        {"bias_init": "uniform"},  # random biases break it
        {"hidden_layer_sizes": (1,), "weight_init": "constant"},  # one unit has no twin
        {"hidden_layer_sizes": ()},
        # so do outgoing weights, if the slope at 0 is not 0
        {"weight_init": ["zeros", "normal", "normal"], "activation": "tanh"},
    ],
)
def test_what_is_not_symmetric(X, y_class, more):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SymmetryWarning)
        fit(X, y_class, **{"weight_init": "zeros", "hidden_layer_sizes": (7, 4), **more})


ZERO_LAYER = "^hidden layer 1: all weights into and out of it are zero .* never learns"


def find_symmetry_warnings(caught):
    return [str(w.message) for w in caught if w.category is SymmetryWarning]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if has_zero_at_zero(name)])
def test_a_layer_of_zeros_that_never_learns_is_named(X, y_class, activation, dropout):
    more = {"activation": activation, "dropout": dropout, "bias_init": 0.0, "max_iter": 3}
    with pytest.warns(SymmetryWarning, match=ZERO_LAYER):
        clf = fit(X, y_class, weight_init="zeros", **more)
    for array in (*clf.coefs_, *clf.intercepts_[:-1]):
        np.testing.assert_array_equal(array, 0)


@pytest.mark.parametrize(
    ("activation", "bias_init"), [("logistic", 0.0), ("softplus", 0.0), ("tanh", 0.3)]
)
def test_zeros_learn_with_dropout_where_units_are_on(X, y_class, activation, bias_init):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SymmetryWarning)
        clf = fit(
            X, y_class, activation=activation, dropout=0.5, bias_init=bias_init,
            weight_init="zeros", max_iter=3,
        )  # fmt: skip
    assert np.ptp(clf.coefs_[-1], axis=0).min() > 0


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("bias_init", [0.0, -0.3, 4.0])
@pytest.mark.parametrize("outgoing", ["zeros", "normal"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_zeros_are_named_if_and_only_if_they_never_change(
    X, y_class, activation, outgoing, bias_init, dropout
):
    more = {"activation": activation, "bias_init": bias_init, "dropout": dropout}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = {"weight_init": ["zeros", outgoing], "hidden_layer_sizes": (7,), "max_iter": 3}
        clf = fit(X, y_class, **more, **start)
    never_learns = not clf.coefs_[0].any() and (clf.intercepts_[0] == bias_init).all()
    texts = find_symmetry_warnings(caught)
    assert any("never learns" in text for text in texts) == never_learns
    if never_learns:
        assert texts[0].startswith("hidden layer 1: all weights into ")
        assert "rounding" not in texts[0]  # nothing is there that it could part


def test_a_single_unit_without_gradient_is_named(X, y_class):
    more = {"hidden_layer_sizes": (1,), "activation": "tanh", "bias_init": 0.0, "max_iter": 3}
    with pytest.warns(SymmetryWarning, match=ZERO_LAYER):
        clf = fit(X, y_class, weight_init="zeros", **more)
    assert not clf.coefs_[0].any()
    assert "never learns" in clf._repr_html_()


def make_mirror_images(kind):
    rng = np.random.default_rng(0)
    W, V = rng.normal(size=(5, 3)), rng.normal(size=(3, 3))
    if kind == "outgoing weights only":
        W[:] = 0
    twins = -W
    if kind == "ties but for rounding":  # whichever of them is the largest
        W = np.sign(W)
        twins = -W * (1 + np.finfo(float).eps * rng.integers(-2, 3, size=W.shape))
    return [np.hstack([W, twins]), np.vstack([V, -V])]


@pytest.mark.parametrize("kind", ["random", "outgoing weights only", "ties but for rounding"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mirror_images_are_named_where_the_activation_is_odd(X, y_class, activation, kind):
    more = {"hidden_layer_sizes": (6,), "activation": activation, "max_iter": 20}
    start = {"weight_init": make_mirror_images(kind), "bias_init": 0.0, "solver": "sgd"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf = fit(X, y_class, **more, **start)
    texts = [text for text in find_symmetry_warnings(caught) if "never learns" not in text]
    W = clf.coefs_[0]
    stays = W.any() and np.abs(W[:, :3] + W[:, 3:]).max() < 1e-10
    assert bool(texts) == stays
    if stays:
        assert texts[0].startswith("hidden layer 1: 3 of 6 units are mirror images")


@pytest.mark.parametrize("sizes", [(64, 64), (31, 31, 31)])
def test_warning_and_diagnosis_agree(y_class, sizes):
    X = np.random.default_rng(0).normal(size=(len(y_class), sizes[0]))
    more = {"hidden_layer_sizes": sizes, "activation": "tanh", "weight_init": "sinusoidal"}
    clf = InitMLPClassifier(**more, bias_init=0.0, random_state=0)
    with pytest.warns(SymmetryWarning, match="units are (copies or )?mirror images") as caught:
        clf.initialize(X, y_class)
    diagnosis = diagnose(clf, X, y_class)
    finding = next(f for f in diagnosis.findings if f.name == "symmetry")
    assert str(caught[0].message).startswith(finding.verdict)
    worth = int(diagnosis["distinct_up_to_sign"][0, finding.layer])
    assert f"the layer is worth {worth} units" in finding.verdict
    row = next(line for line in str(diagnosis).splitlines() if line.split()[:1] == ["1"])
    assert row.split()[1:3] == [str(sizes[0]), str(worth)]


def test_continuing_says_nothing_new(X, y_class):
    with pytest.warns(SymmetryWarning):
        est = InitMLPClassifier((7,), weight_init="zeros", warm_start=True, max_iter=1)
        est.initialize(X, y_class)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SymmetryWarning)
        est.fit(X, y_class)


def test_count_distinct_units():
    incoming = np.array([[1.0, 1.0, 1.0, 2.0], [0.0, 0.0, 0.0, 5.0]])
    outgoing = np.array([[3.0], [3.0], [4.0], [3.0]])
    assert count_distinct_units(incoming, np.zeros(4), outgoing) == 3
    assert count_distinct_units(incoming, np.array([0.0, 0.1, 0.0, 0.0]), outgoing) == 4
    assert count_distinct_units(incoming[:, :1], np.zeros(1), outgoing[:1]) == 1


@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu"])
def test_identical_units_stay_identical(X, y_number, activation, solver):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), activation=activation, solver=solver, weight_init="constant",
        max_iter=20, random_state=0,
    ).fit(X, y_number)  # fmt: skip
    spread = np.ptp(est.coefs_[0], axis=1).max()
    assert spread < 1e-10
    assert np.abs(est.coefs_[0] - 0.1).max() > 1e-3  # though they moved


@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
@pytest.mark.parametrize(("weight_init", "mean_squared_error"), [("zeros", 1 / 4), (0.5, 1 / 6)])
def test_xor_floors(weight_init, mean_squared_error):
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    scheme = Constant(weight_init) if weight_init == 0.5 else weight_init
    est = InitMLPRegressor(
        hidden_layer_sizes=(2,), activation="tanh", solver="lbfgs", alpha=0, bias_init=0.0,
        weight_init=scheme, tol=1e-10, max_iter=5000,
    ).fit(X, y)  # fmt: skip
    assert 2 * est.loss_ == pytest.approx(mean_squared_error, abs=1e-6)
