"""Activations: each row of the table, tuples of them, and the user's own."""

import pickle

import numpy as np
import pytest
from scipy.special import erf, expit
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor, draw
from sklearn_init.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LAWS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: 2 / (1 + np.exp(-2 * z)) - 1,
    "relu": lambda z: (z + abs(z)) / 2,
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "selu": lambda z: (
        1.0507009873554805
        * np.where(z > 0, z, 1.6732632423543772 * (np.exp(np.minimum(z, 0)) - 1))
    ),
    "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "sine": np.sin,
    "hard_tanh": lambda z: np.minimum(np.maximum(z, -1), 1),
    "arctan": np.arctan,
}
"""The formulas, written again."""


def value(activation, z):
    z = np.atleast_1d(z).astype(float)
    out = np.empty_like(z)
    activation.value(z, out)
    return out


def derivative(activation, z):
    a, out = value(activation, z), np.empty_like(z)
    # what does not need z must not read it
    activation.derivative(z if activation.needs_z else np.full_like(z, np.nan), a, out)
    return out


def test_every_row_has_a_law():
    assert list(LAWS) == list(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value(name):
    z = np.linspace(-6, 6, 241)
    np.testing.assert_allclose(value(ACTIVATIONS[name], z), LAWS[name](z), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_in_place_where_z_is_not_needed(name):
    activation = ACTIVATIONS[name]
    z = np.linspace(-6, 6, 241)
    expected = value(activation, z)
    if not activation.needs_z:
        activation.value(z, z)
        np.testing.assert_array_equal(z, expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative(name):
    z = np.linspace(-6, 6, 41) + 0.013  # off the kinks
    law = LAWS[name]
    expected = (law(z + 1e-6) - law(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(derivative(ACTIVATIONS[name], z), expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu", 0.01), ("elu", 1)])
def test_slopes_at_zero(name, slope):
    assert derivative(ACTIVATIONS[name], np.zeros(1))[0] == pytest.approx(slope)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extremes_are_not_nan(name):
    z = np.array([-800.0, 800.0])
    with np.errstate(over="ignore"):
        assert np.isfinite(value(ACTIVATIONS[name], z)).all()
        assert np.isfinite(derivative(ACTIVATIONS[name], z)).all()


@pytest.mark.parametrize("name", [n for n, row in ACTIVATIONS.items() if row.active_range])
def test_active_range_ends_where_the_slope_is_small(name):
    activation = ACTIVATIONS[name]
    ends = np.array(activation.active_range)
    slopes = np.abs(derivative(activation, np.linspace(*ends, 1001)))
    # on the outer side of the ends, as a kink may be there
    at_ends = np.abs(derivative(activation, ends * (1 + 1e-9)))
    assert ends[0] < 0 < ends[1]
    assert (at_ends <= 0.1 * slopes.max()).all()
    assert (slopes[100:-100] > 0.09 * slopes.max()).all()  # and inside it is sensitive


def test_only_what_is_flat_on_both_sides_has_an_active_range():
    for activation in ACTIVATIONS.values():
        flat = np.abs(derivative(activation, np.array([-50.0, 50.0]))) < 0.01
        saturates = flat.all() or activation.name == "sine"  # its range is that of one rise
        assert (activation.active_range is not None) == saturates


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_activation_trains(X, y_number, name, solver, dtype):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7, 4), activation=name, solver=solver, max_iter=15, random_state=0,
        learning_rate_init=0.01,
    )  # fmt: skip
    X = X.astype(dtype)
    before = est.initialize(X, y_number).loss_
    assert est.fit(X, y_number).loss_ < before
    assert est.predict(X).dtype == dtype


def test_one_activation_per_layer(X, y_number):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7, 4), activation=("tanh", "silu"), solver="lbfgs", random_state=0
    ).fit(X, y_number)
    a = np.tanh(X @ est.coefs_[0] + est.intercepts_[0])
    a = LAWS["silu"](a @ est.coefs_[1] + est.intercepts_[1])
    np.testing.assert_allclose(est.predict(X), (a @ est.coefs_[2] + est.intercepts_[2]).ravel())


def test_schemes_see_the_activation_of_their_layer():
    coefs, _ = draw((50, 50, 50, 50), "sklearn", ("tanh", "logistic"), random_state=0)
    bounds = [abs(W).max() for W in coefs]
    expected = np.sqrt([6 / 100, 2 / 100, 2 / 100])  # the output layer goes with the last hidden
    np.testing.assert_allclose(bounds, expected, rtol=0.01)


def sine(z, out):
    np.sin(z, out=out)


def cosine(z, a, out):
    np.cos(z, out=out)


SINE = Activation(sine, cosine, name="my sine")


def test_an_activation_of_the_user(X, y_number):
    more = {"hidden_layer_sizes": (7, 4), "random_state": 0, "max_iter": 20}
    own = InitMLPRegressor(activation=SINE, **more).fit(X, y_number)
    named = InitMLPRegressor(activation="sine", **more).fit(X, y_number)
    np.testing.assert_allclose(own.predict(X), named.predict(X), rtol=1e-9)  # another engine
    assert repr(own.activation) == "Activation(name='my sine')"
    for other in (clone(own).fit(X, y_number), pickle.loads(pickle.dumps(own))):
        np.testing.assert_array_equal(other.predict(X), own.predict(X))
    mixed = InitMLPRegressor(activation=[SINE, "relu"], **more).fit(X, y_number)
    assert np.isfinite(mixed.predict(X)).all()


def test_activations_in_a_grid_search(X, y_class):
    grid = {"activation": ["gelu", SINE, ("tanh", "softplus")]}
    est = InitMLPClassifier((7, 4), max_iter=2, random_state=0)
    search = GridSearchCV(est, grid, cv=3, error_score="raise").fit(X, y_class)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("sin", "activation='sin' is not known. Did you mean 'sine'"),
        (("tanh",), r"activation=\('tanh',\) has 1 entries, but the network has 2 hidden layers"),
        (("tanh", "nope"), "activation='nope' is not known"),
        ((), "has 0 entries"),
        (np.tanh, "is not known"),
    ],
)
def test_wrong_activations(X, y_number, activation, message):
    with pytest.raises(ValueError, match=message):
        InitMLPRegressor(hidden_layer_sizes=(7, 4), activation=activation).fit(X, y_number)


@pytest.mark.parametrize("activation", ["silu", ("tanh", "relu"), SINE])
def test_scikit_learn_cannot_express_it(X, y_number, activation):
    est = InitMLPRegressor(hidden_layer_sizes=(7, 4), activation=activation).initialize(
        X, y_number
    )
    with pytest.raises(ValueError, match="activation=.* cannot be expressed in scikit-learn"):
        est.to_sklearn()


def test_scikit_learn_can_express_a_tuple_of_equals(X, y_number):
    est = InitMLPRegressor(hidden_layer_sizes=(7, 4), activation=("tanh", "tanh"))
    theirs = est.initialize(X, y_number).to_sklearn()
    assert theirs.activation == "tanh"
    np.testing.assert_allclose(theirs.predict(X), est.predict(X))


def test_no_hidden_layer_takes_any_activation(X, y_number):
    for activation in ("gelu", (), SINE):
        est = InitMLPRegressor(hidden_layer_sizes=(), activation=activation).initialize(
            X, y_number
        )
        assert est.predict(X).shape == y_number.shape
        np.testing.assert_allclose(est.to_sklearn().predict(X), est.predict(X), rtol=1e-12)
