"""The tables of diagnostics and of rules: laws that every row obeys, and known numbers."""

import dataclasses

import numpy as np
import pytest

from sklearn_init import draw
from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.diagnostics import (
    DIAGNOSTICS,
    RULES,
    find_faults,
    measure,
    trace,
)
from sklearn_init.diagnostics._expected import _pass_on
from sklearn_init.diagnostics._findings import DATA, INITIALIZATION
from sklearn_init.diagnostics._remedies import name_layers, percent, times
from sklearn_init.diagnostics._shapes import is_homogeneous, is_linear, is_odd
from sklearn_init.losses import LOG_LOSS, SQUARED_ERROR
from sklearn_init.network import Layout
from sklearn_init.theory import map_correlation

B, SIZES = 13, (3, 7, 5, 2)
HIDDEN_ONLY = {
    "distinct_units",
    "distinct_up_to_sign",
    "distinct_up_to_scale",
    "a_mean",
    "a_variance",
    "saturated",
    "dead",
    "always_on",
}
DEGREES = {
    "units": 0, "share": 0, "1": 0, "z": 1, "z^2": 2, "delta": 1, "delta^2": 2, "z delta": 2
}  # fmt: skip
"""How diagnostics grow with X and y in a relu network without biases, by unit."""


def make_trace(weights, biases=None, activation="tanh", *, X=None, y=None, loss=SQUARED_ERROR):
    layout = Layout.of(weights)
    biases = [np.zeros(W.shape[1]) for W in weights] if biases is None else biases
    X = np.random.default_rng(3).normal(size=(B, len(weights[0]))) if X is None else X
    activations = (ACTIVATIONS[activation],) * (len(weights) - 1)
    return trace(layout, layout.row(weights, biases), activations, loss, X, y)


def make_network(sizes=SIZES, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    return [scale * rng.normal(size=fans) / fans[0] ** 0.5 for fans in Layout(sizes).fans]


Y = np.random.default_rng(4).normal(size=(B, SIZES[-1]))
RANDOM = [make_trace(make_network(seed=seed), activation=a, y=Y) for seed, a in enumerate(
    ["tanh", "relu", "gelu", "identity"]
)]  # fmt: skip


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_there_is_a_number_per_layer(name):
    for traced in RANDOM:
        measured = DIAGNOSTICS[name].measure(traced)
        assert measured.shape == (3,)
        assert measured.dtype == float
        assert np.isnan(measured[-1]) == (name in HIDDEN_ONLY)
        if name != "saturated":
            assert np.isfinite(measured[:-1]).all()
    assert DIAGNOSTICS[name].name == name
    assert DIAGNOSTICS[name].unit in DEGREES


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_the_order_of_units_and_rows_does_not_matter(name):
    rng = np.random.default_rng(0)
    one, two, rows = (rng.permutation(size) for size in (7, 5, B))
    W, V, U = make_network(scale=2)
    b, c, d = (rng.normal(size=len(row)) for row in (W.T, V.T, U.T))
    X = rng.normal(size=(B, 3))
    first = make_trace([W, V, U], [b, c, d], X=X, y=Y)
    weights, biases = [W[:, one], V[one][:, two], U[two]], [b[one], c[two], d]
    second = make_trace(weights, biases, X=X[rows], y=Y[rows])
    measured = DIAGNOSTICS[name].measure
    np.testing.assert_allclose(measured(second), measured(first), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_units_of_measurement(name):
    weights, X = make_network(), np.random.default_rng(3).normal(size=(B, 3))
    measured = [
        DIAGNOSTICS[name].measure(make_trace(weights, activation="relu", X=c * X, y=c * Y))
        for c in (1.0, 3.0)
    ]
    factor = 3.0 ** DEGREES[DIAGNOSTICS[name].unit]
    np.testing.assert_allclose(measured[1], factor * measured[0], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", sorted(DIAGNOSTICS.keys() - {"gradient_norm", "gradient_ratio"}))
def test_gradients_alone_need_targets(name):
    measured = DIAGNOSTICS[name].measure(make_trace(make_network()))
    assert np.isfinite(measured[:-1]).all()


def test_shapes_of_activations():
    assert {n for n, a in ACTIVATIONS.items() if is_odd(a)} == {
        "identity", "tanh", "softsign", "sine", "hard_tanh", "arctan"
    }  # fmt: skip
    homogeneous = {n for n, a in ACTIVATIONS.items() if is_homogeneous(a)}
    assert homogeneous == {"identity", "relu", "leaky_relu"}
    assert [n for n, a in ACTIVATIONS.items() if is_linear(a)] == ["identity"]


def test_shares_of_saturated_dead_and_linear_units():
    X = np.array([[-1.0], [3.0]])
    W, V = np.array([[9.0, 0.1, 9.0, 9.0]]), np.ones((4, 1))
    b = np.array([0.0, 0.0, -50.0, 50.0])
    measured = measure(make_trace([W, V], [b, np.zeros(1)], "tanh", X=X))
    assert measured["saturated"][0] == 3 / 4
    assert measured["dead"][0] == 3 / 4
    assert measured["always_on"][0] == 0
    measured = measure(make_trace([W, V], [b, np.zeros(1)], "relu", X=X))
    assert np.isnan(measured["saturated"][0])
    assert measured["dead"][0] == measured["always_on"][0] == 1 / 4


def test_means_and_variances():
    X = np.array([[0.0], [2.0]])
    W, b = np.array([[1.0, 3.0]]), np.array([0.0, 1.0])
    measured = measure(make_trace([W, np.ones((2, 1))], [b, np.zeros(1)], "identity", X=X))
    assert measured["z_mean"][0] == measured["a_mean"][0] == (0 + 2 + 1 + 7) / 4
    assert measured["z_variance"][0] == measured["a_variance"][0] == (1 + 9) / 2
    assert measured["z_mean_square"][0] == (0 + 4 + 1 + 49) / 4
    assert measured["rank"].tolist() == [1, 1]


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_rank_is_that_of_what_leaves_the_layer(activation):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(5, 2)) @ rng.normal(size=(2, 9))
    traced = make_trace([W, np.ones((9, 1))], activation=activation)
    assert DIAGNOSTICS["rank"].measure(traced)[0] == (2 if activation == "identity" else 9)
    shifted = make_trace([W, np.ones((9, 1))], [np.full(9, 1e3), np.zeros(1)], "identity")
    assert DIAGNOSTICS["rank"].measure(shifted)[0] == 2


def test_orthogonal_weights_keep_all_lengths():
    weights, _ = draw((9, 9, 9, 9), "orthogonal", random_state=0)
    measured = measure(make_trace(weights, activation="identity"))
    np.testing.assert_allclose(measured["jacobian_largest"], 1)
    np.testing.assert_allclose(measured["jacobian_smallest"], 1)


def test_correlation_is_that_of_theory():
    X = np.linalg.qr(np.random.default_rng(0).normal(size=(201, B)))[0].T * 201**0.5
    measured = [
        DIAGNOSTICS["correlation"].measure(
            make_trace(make_network((201,) * 4, seed, 2**0.5), activation="relu", X=X)
        )
        for seed in range(12)
    ]
    expected = [0.0]
    for _ in range(2):
        expected.append(map_correlation(expected[-1], "relu", 2**0.5, variance=2.0))
    np.testing.assert_allclose(np.mean(measured, axis=0), expected, atol=0.04)


def test_noise_is_the_spread_over_networks():
    rng, logs, noises = np.random.default_rng(0), [], []
    x = rng.normal(size=(1, 29))
    for seed in range(130):
        weights = make_network((29, 31, 37, 41, 23), seed, scale=2**0.5)
        traced = make_trace(weights, activation="relu", X=x)
        expected = DIAGNOSTICS["expected_mean_square"].measure(traced)
        logs.append(np.log(DIAGNOSTICS["z_mean_square"].measure(traced) / expected))
        noises.append(DIAGNOSTICS["noise"].measure(traced))
    np.testing.assert_allclose(np.std(logs, axis=0), np.mean(noises, axis=0), rtol=0.25)


def test_noise_is_passed_on_by_the_gain_of_the_activation():
    z = np.random.default_rng(0).normal(size=(1, 11))
    spread = np.mean(z**8) / np.mean(z**4) ** 2 - 1
    assert _pass_on(0.3, z, z**2, 2 * z) == pytest.approx(2**2 * 0.3 + spread / 11)


def test_gradient_ratio_is_that_of_lengths():
    traced = RANDOM[0]
    measured = DIAGNOSTICS["gradient_ratio"].measure(traced)
    expected = [
        np.linalg.norm(g) / np.linalg.norm(W)
        for g, W in zip(traced.gradients, traced.weights, strict=True)
    ]
    np.testing.assert_allclose(measured, expected)


# rules

DEEP = (11, *(17,) * 8, 2)
"""Sizes of a network in which factors per layer add up."""


def narrow(activation, scale, sizes=DEEP):
    return make_trace(make_network(sizes, scale=scale), activation=activation)


def shifted(activation, bias):
    weights = make_network((3, 7, 2), scale=0.1)
    return make_trace(weights, [np.full(7, bias), np.zeros(2)], activation)


def chaotic():
    """Return a tanh network whose signals are bounded, and whose gradients are not."""
    return narrow("tanh", 20.0, (11, *(90,) * 8, 2))


def rank_one():
    W, V, U = make_network((5, 7, 6, 2))
    return make_trace([np.outer(W[:, 0], V[:, 0]), V, U], activation="identity")


X_SCALED = np.random.default_rng(3).normal(size=(B, 3))
SICK = {
    "constant_inputs": lambda: make_trace(make_network(), X=np.ones((B, 3))),
    "unscaled_inputs": lambda: make_trace(make_network(), X=1e3 * X_SCALED),
    "unscaled_targets": lambda: make_trace(make_network(), y=1e4 + Y),
    "not_finite": lambda: make_trace([1e200 * W for W in make_network()], activation="relu"),
    "symmetry": lambda: make_trace([np.ones_like(W) for W in make_network()]),
    "saturated": lambda: narrow("tanh", 9.0),
    "dead": lambda: shifted("relu", -9.0),
    "linear": lambda: shifted("relu", 9.0),
    "exploding": lambda: narrow("relu", 5.0),
    "vanishing": lambda: narrow("relu", 0.1),
    "exploding_gradient": chaotic,
    "vanishing_gradient": lambda: make_trace(
        [W * f for W, f in zip(make_network((5, 7, 6, 4, 2)), (25, 1e-2, 2e-2, 1), strict=True)],
        activation="identity",
    ),
    "collapsed": rank_one,
}
"""A network for every rule."""


def find(traced):
    return {finding.name: finding for finding in find_faults(traced, measure(traced))}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_finds_its_case(name):
    found = find(SICK[name]())
    assert name in found, list(found)
    sentence = str(found[name])
    assert ": " in sentence
    assert "; " in sentence
    assert sentence.endswith(".")
    is_data = name in {"constant_inputs", "unscaled_inputs", "unscaled_targets"}
    assert found[name].cause == (DATA if is_data else INITIALIZATION)
    assert ("initialization is not the problem" in sentence) == is_data
    assert RULES[name].name == name
    assert (found[name].layer is None) == is_data


@pytest.mark.parametrize("name", RULES)
def test_no_rule_finds_anything_in_a_healthy_network(name):
    activation = {"saturated": "tanh", "linear": "gelu"}.get(name, "relu")
    weights = make_network((11, 40, 40, 2), scale=2**0.5)
    assert find(make_trace(weights, activation=activation, y=Y)) == {}


def test_plain_reasons_stand_for_what_follows_from_them():
    position = list(RULES)
    for name, rule in RULES.items():
        assert all(position.index(reason) < position.index(name) for reason in rule.unless)
    zeros = [np.zeros_like(W) for W in make_network()]
    assert list(find(make_trace(zeros, activation="relu"))) == ["symmetry"]


def test_saturation_names_the_factor_the_inputs_and_a_scheme():
    weights = [8 * W for W in draw((64, 50, 10), "glorot_normal", random_state=0)[0]]
    finding = find(make_trace(weights))["saturated"]
    assert finding.layer == 0
    assert "of tanh units are saturated" in finding.verdict
    remedy = 'weights are 8x too large for 64 inputs; try weight_init="glorot_uniform"'
    assert finding.remedy == remedy


def test_saturation_by_unscaled_inputs_is_not_the_weights_fault():
    found = find(make_trace(make_network(), X=1e3 * X_SCALED))
    assert found["saturated"].cause == DATA
    assert "initialization is not the problem" in found["saturated"].remedy


def test_biases_beside_tiny_inputs_do_not_explode():
    biases = [np.full(size, 0.3) for size in SIZES[1:]]
    assert list(find(make_trace(make_network(), biases, X=1e-4 * X_SCALED))) == ["unscaled_inputs"]


def test_biases_that_are_too_large_are_named():
    found = find(shifted("relu", -9.0))
    assert "biases are too large, -9 on average" in found["dead"].remedy


def test_signals_that_vanish_name_the_factor_per_layer():
    weights, _ = draw((11, *(64,) * 30, 2), "lecun_normal", random_state=0)
    finding = find(make_trace(weights, activation="relu"))["vanishing"]
    factor = float(finding.verdict.rpartition(", ")[2].removesuffix(" times per layer"))
    assert abs(factor - 0.5**0.5) < 0.1
    assert "weights are 1.4x too small for 64 inputs" in finding.remedy
    assert 'try weight_init="he_uniform"' in finding.remedy


def test_of_many_layers_to_blame_the_usual_one_is_described():
    weights = make_network((4, *(20,) * 60, 2))  # half the variance that relu needs
    weights[0] /= 2
    finding = find(make_trace(weights, activation="relu", X=np.eye(5, 4)))["vanishing"]
    assert "weights are 1.4x too small for 20 inputs;" in finding.remedy


def test_mirror_images_are_named_where_the_activation_is_odd():
    W = np.random.default_rng(0).normal(size=(3, 4))
    V = np.random.default_rng(1).normal(size=(4, 2))
    weights = [np.hstack([W, -W]), np.vstack([V, -V])]
    finding = find(make_trace(weights, activation="tanh"))["symmetry"]
    assert "4 of 8 units are mirror images" in finding.verdict
    assert find(make_trace(weights, activation="relu")) == {}


def test_dropout_tells_identical_units_apart():
    traced = SICK["symmetry"]()
    assert "symmetry" not in find(dataclasses.replace(traced, rates=(0.5, 0.5)))
    assert find(dataclasses.replace(traced, rates=(0.5, 0.0)))["symmetry"].layer == 1


def test_an_output_layer_that_sends_nothing_back_is_no_fault():
    W, V, U = make_network((11, 40, 40, 2), scale=2**0.5)
    assert find(make_trace([W, V, 0 * U], activation="relu", y=Y)) == {}
    pairs = [W, np.hstack([V, V]), np.vstack([U, -U])]
    assert find(make_trace(pairs, activation="relu", y=Y)) == {}


def test_an_activation_of_one_s_own_is_diagnosed():
    square = Activation(
        lambda z, out: np.square(z, out=out), lambda z, a, out: np.multiply(z, 2, out=out)
    )
    layout = Layout((3, 7, 2))
    theta = 9 * np.random.default_rng(0).normal(size=layout.n_params)
    traced = trace(layout, theta, [square], LOG_LOSS, 9 * X_SCALED)
    assert set(measure(traced)) == set(DIAGNOSTICS)
    assert find_faults(traced, measure(traced)) is not None


def test_a_network_without_hidden_layers_has_little_to_go_wrong():
    assert find(make_trace(make_network((3, 2)))) == {}
    assert list(find(make_trace([np.full((3, 2), 1e308)]))) == ["not_finite"]


def test_numbers_in_sentences():
    assert [times(r) for r in (1.44, 8.02, 1234.5, 1e6, np.inf)] == [
        "1.4x", "8x", "1234x", "1e6x", "infx"
    ]  # fmt: skip
    assert [percent(s) for s in (0.0, 0.001, 0.93, 0.9999, 1.0)] == [
        "0%", "1%", "93%", "99%", "100%"
    ]  # fmt: skip
    assert name_layers([2], 4) == "hidden layer 3"
    assert name_layers([3], 4) == "output layer"
    assert name_layers([0, 1, 2], 4) == "hidden layers 1 to 3"
    assert name_layers([0, 2], 4) == "2 hidden layers, of which the first is number 1"
