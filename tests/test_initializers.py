"""Contracts of initializers, parametrized over the table: a newcomer is tested by itself."""

import pickle

import numpy as np
import pytest
from laws import LAWS, MODULES
from laws.material import FAN_IN, FAN_OUT, check_law, make_layer, sample
from scipy import stats
from sklearn.base import clone

from sklearn_init import (
    Constant,
    Initializer,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    draw,
    get_initializer_names,
    initializers,
)
from sklearn_init.initializers import SCHEMES, Critical
from sklearn_init.initializers._scaling import DISTRIBUTIONS, MODES
from sklearn_init.theory import compute_gain, find_critical_point


def test_every_name_has_one_declared_law():
    assert sorted(LAWS) == get_initializer_names()
    assert sum(len(module.LAWS) for module in MODULES) == len(LAWS)


# some start with pairs of mirror images, which odd activations do not tell apart
@pytest.mark.filterwarnings("ignore:.*mirror images:sklearn_init.SymmetryWarning")
@pytest.mark.parametrize("name", get_initializer_names())
def test_law(name):
    LAWS[name](clone(SCHEMES[name].initializer))


@pytest.mark.parametrize("name", get_initializer_names())
def test_row(name):
    row = SCHEMES[name]
    assert isinstance(row.initializer, Initializer)
    assert all([row.formula, row.suits, row.source])


@pytest.mark.parametrize("name", get_initializer_names())
def test_contract(name):
    initializer = SCHEMES[name].initializer
    for index in (0, 1, 2):
        layer = make_layer(index=index, n_layers=3)
        rng = np.random.default_rng(3)
        W, b = initializer.draw(layer, rng), initializer.draw_biases(layer.biases(), rng)
        assert W.shape == (FAN_IN, FAN_OUT)
        assert b.shape == (FAN_OUT,)
        assert W.dtype == b.dtype == np.float64
        assert np.isfinite(W).all()
        assert np.isfinite(b).all()
        rng = np.random.default_rng(3)
        np.testing.assert_array_equal(W, initializer.draw(layer, rng))
        np.testing.assert_array_equal(b, initializer.draw_biases(layer.biases(), rng))


@pytest.mark.parametrize("name", get_initializer_names())
def test_objects(name):
    initializer = SCHEMES[name].initializer
    copied = clone(initializer)
    assert copied == initializer == pickle.loads(pickle.dumps(initializer))
    assert hash(copied) == hash(initializer)
    assert len(repr(initializer)) < 120
    assert np.array([initializer, None]).shape == (2,)


@pytest.mark.parametrize("name", ["he_normal", "uniform", "sklearn", "torch", "truncated_normal"])
def test_law_as_bias_init(name):
    # fans are those of the weights, so that the law is the same
    initializer, rng = SCHEMES[name].initializer, np.random.default_rng(1)
    draws = np.stack([initializer.draw(make_layer().biases(), rng) for _ in range(400)])
    assert draws.shape == (400, FAN_OUT)
    scale = sample(initializer).std()
    assert draws.std() == pytest.approx(scale, rel=5 / np.sqrt(draws.size))


@pytest.mark.parametrize(
    ("activation", "bound"), [("relu", 0.1912730), ("tanh", 0.1912730), ("logistic", 0.1104315)]
)
def test_sklearn_bound_depends_on_activation(activation, bound):
    rng = np.random.default_rng(0)
    W = SCHEMES["sklearn"].initializer.draw(make_layer(64, 100, activation), rng)
    assert 0.999 * bound < abs(W).max() <= bound + 1e-7


def test_gain_of_orthogonal():
    W = Orthogonal(gain=1.5).draw(make_layer(11, 5), np.random.default_rng(0))
    np.testing.assert_allclose(W.T @ W, 1.5**2 * np.eye(5), atol=1e-10)
    W = Orthogonal(gain="auto").draw(make_layer(5, 11, "tanh"), np.random.default_rng(0))
    np.testing.assert_allclose(W @ W.T, 1.592537**2 * np.eye(5), rtol=1e-6, atol=1e-10)


FANS = {"fan_in": 7, "fan_out": 301, "fan_avg": 154, "fan_geo_avg": np.sqrt(7 * 301)}
DISTRIBUTION = {
    "normal": lambda std: stats.norm(0, std),
    "uniform": lambda std: stats.uniform(-np.sqrt(3) * std, 2 * np.sqrt(3) * std),
    "truncated_normal": lambda std: stats.truncnorm(-2, 2, scale=std / 0.87962566103423978),
    "laplace": lambda std: stats.laplace(0, std / np.sqrt(2)),
    "student_t": lambda std: stats.t(5, scale=std / np.sqrt(5 / 3)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("distribution", sorted(set(DISTRIBUTIONS) - {"rademacher"}))
def test_variance_scaling(mode, distribution):
    std = np.sqrt(1.7 / FANS[mode])
    law = DISTRIBUTION[distribution](std)
    assert law.std() == pytest.approx(std)
    check_law(sample(VarianceScaling(1.7, mode, distribution)), law)


def test_rademacher():
    draws = sample(VarianceScaling(1.7, "fan_in", "rademacher"))
    np.testing.assert_allclose(abs(draws), np.sqrt(1.7 / 7))
    assert abs(np.sign(draws).mean()) < 5 / np.sqrt(draws.size)


@pytest.mark.parametrize(
    ("activation", "gain"),
    [("tanh", 1), ("relu", np.sqrt(2)), ("logistic", 4), ("gelu", 2), ("selu", 0.690486)],
)
def test_gain_of_small_signals(activation, gain):
    W = Orthogonal("small_signals").draw(make_layer(5, 5, activation), np.random.default_rng(0))
    np.testing.assert_allclose(W @ W.T, gain**2 * np.eye(5), rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("word", ["auto", "centered", "backward"])
@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "gelu"])
def test_scale_is_the_square_of_a_gain(word, activation):
    kind = {"auto": "forward"}.get(word, word)
    scale = compute_gain(activation, kind) ** 2
    drawn, expected = (
        VarianceScaling(s).draw(make_layer(activation=activation), np.random.default_rng(0))
        for s in (word, scale)
    )
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize(
    ("scheme", "gain_of"),
    [
        (VarianceScaling("auto"), compute_gain),
        (VarianceScaling("centered"), lambda activation: compute_gain(activation, "centered")),
        (Critical(), lambda activation: find_critical_point(activation).sigma_w),
    ],
)
def test_gains_are_those_of_what_enters_the_layer(scheme, gain_of):
    coefs, _ = draw((5, 301, 307, 303, 2), scheme, ("tanh", "elu", "arctan"), random_state=0)
    for W, entering in zip(coefs, ["tanh", "tanh", "elu", "arctan"], strict=True):
        std = np.sqrt(len(W)) * W.std()
        assert std == pytest.approx(gain_of(entering), rel=5 / np.sqrt(2 * W.size))


def test_a_backward_gain_is_that_of_the_layer():
    coefs, _ = draw(
        (5, 301, 307, 2), VarianceScaling("backward"), ("tanh", "logistic"), random_state=0
    )
    expected = compute_gain("logistic", "backward") / np.sqrt(301)
    assert coefs[1].std() == pytest.approx(expected, rel=5 / np.sqrt(2 * coefs[1].size))


@pytest.mark.parametrize("name", get_initializer_names())
def test_every_family_is_public(name):
    cls = type(SCHEMES[name].initializer)
    assert cls.__name__ in initializers.__all__
    assert getattr(initializers, cls.__name__) is cls


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (VarianceScaling(mode="fan"), r"mode='fan' is not known. Did you mean .*'fan_in'"),
        (VarianceScaling(distribution="gauss"), "distribution='gauss' is not known"),
        (VarianceScaling(scale=-1.0), "VarianceScaling: scale=-1.0 must be a finite number >= 0"),
        (VarianceScaling(scale="big"), "VarianceScaling: scale='big' is not known"),
        (Normal(std="wide"), "Normal: std='wide'"),
        (Uniform(-1e308, 1e308), "for the hidden layer 1 .* failed: .*range"),
        (Normal(std=np.nan), "Normal: std=nan"),
        (TruncatedNormal(std=-0.1), "TruncatedNormal: std=-0.1"),
        (Uniform(low=1.0, high=0.0), "Uniform: high=0.0 must be a finite number >= 1.0"),
        (Constant(value=True), "Constant: value=True"),
        (Orthogonal(gain=np.inf), "Orthogonal: gain=inf"),
        (Orthogonal(gain="autos"), "Orthogonal: gain='autos' is not known. Did you mean 'auto'"),
    ],
)
def test_bad_parameters_are_named(initializer, message):
    with pytest.raises(ValueError, match=message):
        draw((3, 4, 2), initializer)


def test_equality_goes_by_type_and_parameters():
    assert VarianceScaling(2.0) == SCHEMES["he_normal"].initializer
    assert VarianceScaling(2.0) != VarianceScaling(1.0)
    assert Normal(0.1) != TruncatedNormal(0.1)
    assert len({Normal(0.1), Normal(0.1), Normal(0.2)}) == 2


def test_a_subclass_must_draw():
    class Nothing(Initializer):
        pass

    with pytest.raises(NotImplementedError, match="Nothing must implement draw"):
        draw((3, 4, 2), Nothing())
