"""The forms of `weight_init` and `bias_init`, and what goes with them in scikit-learn."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import (
    Constant,
    Initializer,
    InitMLPClassifier,
    InitMLPRegressor,
    Normal,
    VarianceScaling,
    get_initializer_names,
)
from sklearn_init.initializers import SCHEMES, Sklearn, Torch
from sklearn_init.initializers._given import FromFunction, Given

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn_init.SymmetryWarning"
)

W1 = np.random.default_rng(7).normal(size=(5, 7))
W2 = np.random.default_rng(8).normal(size=(7, 1))
HE = VarianceScaling(2.0)


def fan_in_normal(fan_in, fan_out, rng):
    return rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)


def start(X, y, weight_init, bias_init=None, **more):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,),
        weight_init=weight_init,
        bias_init=bias_init,
        random_state=0,
        **more,
    )
    return est.initialize(X, y)


@pytest.mark.parametrize(
    ("weight_init", "resolved"),
    [
        ("he_normal", [HE, HE]),
        (HE, [HE, HE]),
        (fan_in_normal, [FromFunction(fan_in_normal)] * 2),
        ({"hidden": "he_normal", "output": "zeros"}, [HE, Constant(0.0)]),
        ({"output": Normal(), "hidden": None}, [Sklearn(), Normal()]),
        ([None, "torch"], [Sklearn(), Torch()]),
        (("he_normal", fan_in_normal), [HE, FromFunction(fan_in_normal)]),
        ([W1, W2], [Given(W1), Given(W2)]),
        ([W1.tolist(), None], [Given(W1.tolist()), Sklearn()]),
    ],
)
def test_weight_init(X, y_number, weight_init, resolved):
    est = start(X, y_number, weight_init)
    assert str(est.weight_init_) == str(resolved)
    for array, scheme in zip(est.coefs_, resolved, strict=True):
        if isinstance(scheme, Given):
            np.testing.assert_array_equal(array, scheme.array)


def test_none_in_a_list_means_sklearn_with_its_biases(X, y_number):
    default = start(X, y_number, "sklearn")
    mixed = start(X, y_number, [None, "zeros"])
    np.testing.assert_array_equal(mixed.coefs_[0], default.coefs_[0])
    np.testing.assert_array_equal(mixed.intercepts_[0], default.intercepts_[0])
    assert (mixed.intercepts_[1] == 0).all()


@pytest.mark.parametrize("weight_init", ["sklearn", "torch", "he_normal", [W1, W2], fan_in_normal])
@pytest.mark.parametrize(
    "bias_init",
    [
        0.25,
        np.float64(0.25),
        Constant(0.25),
        {"hidden": 0.25, "output": "normal"},
        [np.full(7, 0.25), None],
        [0.25, "sklearn"],
        [lambda fan_in, fan_out, rng: np.full(fan_out, 0.25), "zeros"],
    ],
)
def test_bias_init_leaves_the_weights_alone(X, y_number, weight_init, bias_init):
    without, given = start(X, y_number, weight_init), start(X, y_number, weight_init, bias_init)
    for expected, W in zip(without.coefs_, given.coefs_, strict=True):
        np.testing.assert_array_equal(W, expected)
    assert (given.intercepts_[0] == 0.25).all()


@pytest.mark.parametrize("name", get_initializer_names())
def test_every_name_is_a_bias_init_or_says_no(X, y_number, name):
    if SCHEMES[name].initializer.draws_matrices_only:
        with pytest.raises(ValueError, match="cannot serve as bias_init"):
            start(X, y_number, "he_normal", name)
    else:
        est = start(X, y_number, "he_normal", name)
        np.testing.assert_array_equal(est.coefs_[0], start(X, y_number, "he_normal").coefs_[0])
        assert all(
            b.shape == (W.shape[1],) for b, W in zip(est.intercepts_, est.coefs_, strict=True)
        )


def test_a_callable_gets_a_generator_of_its_own_per_layer_and_restart(X, y_number):
    seen = []

    def record(fan_in, fan_out, rng):
        assert isinstance(rng, np.random.Generator)
        numbers = rng.normal(size=(fan_in, fan_out))
        seen.append((fan_in, fan_out, numbers[0, 0]))
        return numbers

    start(X, y_number, record, n_restarts=3)
    assert [fans[:2] for fans in seen] == [(5, 7), (7, 1)] * 3
    assert len({number for *_, number in seen}) == 6


@pytest.mark.parametrize("parameter", ["weight_init", "bias_init"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "he_nomal",
            r"='he_nomal' is not known. Did you mean 'he_normal', .*\? get_initializer_names\(\)",
        ),
        ("qqqq", r"='qqqq' is not known. get_initializer_names\(\) lists all"),
        (W1, "=.*is not allowed.*arrays are entries of that list"),
        (object(), "=<object object.*is not allowed"),
        (Normal, "=Normal is a class: give an instance"),
        ({"hidden": "zeros"}, "needs exactly the keys 'hidden' and 'output'"),
        (["zeros"], "has 1 entries, but the network has 2 layers"),
        (["zeros"] * 3, "has 3 entries, but the network has 2 layers"),
        (
            [np.zeros((5, 6)), None],
            r"for the hidden layer 1 \(fan_in=5, fan_out=7\): expected .* sh",
        ),
        ([None, np.zeros((1, 7))], r"for the output layer \(fan_in=7, fan_out=1\): expected"),
        (
            lambda fan_in, fan_out, rng: np.zeros(99),
            r"expected an array of finite numbers of shape .*got shape \(99",
        ),
        (
            lambda fan_in, fan_out, rng: "many",
            "expected an array of finite .* got 'many'",
        ),
        (lambda fan_in, rng: 0.0, r"for the hidden layer 1 .* failed: .*positional argument"),
        (lambda fan_in, fan_out, rng: np.full(99, 1j), "got an array of type complex128"),
        (VarianceScaling(mode="x"), "for the hidden layer 1 .* failed: mode='x' is not known"),
        (
            lambda fan_in, fan_out, rng: None,
            "expected an array of finite numbers.* got None: the function has to return",
        ),
    ],
)
def test_wrong_forms_get_a_sentence(X, y_number, parameter, value, message):
    with pytest.raises(ValueError, match=parameter + ".*" + message):
        start(X, y_number, **{"weight_init": "sklearn", parameter: value})


def test_non_finite_arrays_are_refused(X, y_number):
    W = W1.copy()
    W[2, 3] = np.nan
    with pytest.raises(ValueError, match=r"weight_init for the hidden layer 1.*got NaN"):
        start(X, y_number, [W, W2])


@pytest.mark.parametrize("value", [True, 0.5, None])
def test_weight_init_is_no_number(X, y_number, value):
    with pytest.raises(ValueError, match="weight_init="):
        start(X, y_number, value)


def test_numbers_that_the_type_of_the_data_cannot_hold(X, y_number):
    with pytest.raises(ValueError, match="weight_init for the hidden layer 1.* float32 cannot"):
        start(X.astype(np.float32), y_number, [1e300 * W1, None])


@pytest.mark.parametrize("sparse", [False, True])
def test_adjust_cannot_change_the_data(X, y_number, sparse):
    class Greedy(Normal):
        def adjust(self, layer, network, X, y, rng):
            inputs = network.inputs(layer, X)
            (inputs.data if sparse else inputs)[...] = 0

    before = X.copy()
    with pytest.raises(ValueError, match="read-only"):
        start(csr_array(X) if sparse else X, y_number, Greedy())
    np.testing.assert_array_equal(X, before)


class Clumsy(Normal):
    def __init__(self, std=0.05, fault="error"):
        super().__init__(std)
        self.fault = fault

    def adjust(self, layer, network, X, y, rng):
        if self.fault == "error":
            raise ValueError("oops")
        if self.fault == "replace":
            network.weights[layer.index] = np.ones(layer.shape)
        network.weights[-1][...] = np.nan


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("error", "for the hidden layer 1 .* failed: oops"),
        ("replace", "for the hidden layer 1 .* failed: 'tuple' object does not support"),
        ("nan", "for the output layer .* got NaN"),
    ],
)
def test_faults_of_adjust_are_named(X, y_number, fault, message):
    with pytest.raises(ValueError, match="weight_init " + message):
        start(X, y_number, [Clumsy(fault=fault), None])


def test_objects_with_arrays_are_compared():
    assert Given([np.ones(3)]) == Given([np.ones(3)]) != Given([np.zeros(3)])
    assert len({Given([np.ones(3)]), Given([np.ones(3)])}) == 1


class Shifted(Normal):
    """Adds the mean of what reaches the layer to its biases: a scheme that sees data."""

    def adjust(self, layer, network, X, y, rng):
        network.weights[layer.index][...] *= 2
        network.biases[layer.index][...] = np.mean(network.inputs(layer, X)) + rng.normal()
        self.seen = X.shape, y.shape  # never do this: an initializer is stateless


def test_adjust_sees_training_rows_in_order(X, y_number):
    scheme = Shifted(0.5)
    plain = start(X, y_number, Normal(0.5), activation="tanh")
    est = start(X, y_number, [scheme, scheme], activation="tanh", early_stopping=True)
    assert scheme.seen == ((47, 5), (47, 1))  # six of 53 rows are held out
    np.testing.assert_array_equal(est.coefs_[0], 2 * plain.coefs_[0])
    noise = [est.intercepts_[0][0], est.intercepts_[1][0]]
    assert noise[0] != noise[1]
    other = est.set_params(n_restarts=2).fit(X, y_number).restart(1)
    assert not np.array_equal(other.initial_intercepts_[0], est.initial_intercepts_[0])


def test_an_explicit_bias_survives_adjust(X, y_number):
    est = start(X, y_number, Shifted(0.5), [0.75, None])
    assert (est.intercepts_[0] == 0.75).all()
    assert (est.intercepts_[1] != 0).all()


@pytest.mark.parametrize(
    "weight_init", ["he_normal", HE, fan_in_normal, [W1, None], {"hidden": HE, "output": "zeros"}]
)
def test_clone_pickle_and_cross_validation(X, y_number, weight_init):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), weight_init=weight_init, random_state=0, max_iter=3
    )
    fitted = est.fit(X, y_number)
    for other in (clone(est).fit(X, y_number), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(other.predict(X), fitted.predict(X))
    assert np.isfinite(cross_val_score(est, X, y_number, cv=3)).all()


def test_nested_parameters(X, y_number):
    est = InitMLPRegressor(weight_init=VarianceScaling(), hidden_layer_sizes=(7,), random_state=0)
    assert est.get_params()["weight_init__scale"] == 1.0
    search = GridSearchCV(
        est.set_params(max_iter=3), {"weight_init__scale": [0.1, 2.0]}, cv=3, error_score="raise"
    ).fit(X, y_number)
    assert est.weight_init == VarianceScaling()  # the search works on clones
    assert search.best_params_["weight_init__scale"] in (0.1, 2.0)


def test_every_form_in_a_grid_search(X, y_class):
    # every name: tests/test_schemes_on_data.py
    schemes = ["he_normal", HE, fan_in_normal, ["he_normal", "zeros"], [W1, None]]
    pipe = make_pipeline(StandardScaler(), InitMLPClassifier((7,), max_iter=2, random_state=0))
    search = GridSearchCV(
        pipe, {"initmlpclassifier__weight_init": schemes}, cv=3, error_score="raise"
    ).fit(X, y_class)
    results = search.cv_results_
    assert len(results["params"]) == len(schemes)
    assert np.isfinite(results["mean_test_score"]).all()
    assert results["param_initmlpclassifier__weight_init"][1] == HE


def test_names_give_objects_that_can_be_changed_safely(X, y_number):
    est = start(X, y_number, "he_normal")
    est.weight_init_[0].set_params(scale=99.0)
    assert start(X, y_number, "he_normal").weight_init_ == [HE, HE]


def test_a_local_subclass(X, y_number):
    class Ramp(Initializer):
        def __init__(self, slope=1.0):
            self.slope = slope

        def draw(self, layer, rng):
            return self.slope * np.arange(np.prod(layer.shape)).reshape(layer.shape)

    est = start(X, y_number, Ramp(0.01), bias_init=Ramp(2.0))
    assert est.coefs_[0][0, 1] == 0.01
    assert est.intercepts_[0][3] == 6.0
    assert repr(Ramp(0.5)) == "Ramp(slope=0.5)"
