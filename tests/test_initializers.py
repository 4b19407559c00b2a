"""Contracts of initializers, parametrized over the table: a newcomer is tested by itself."""

import pickle

import numpy as np
import pytest
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
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import INITIALIZERS, make_layers
from sklearn_init.initializers._scaling import DISTRIBUTIONS, MODES

FAN_IN, FAN_OUT = 7, 301
TRUNCATED_STD = 0.87962566103423978

# name -> (standard deviation, bound, distribution function) for fans (7, 301) and relu
LAWS = {
    "sklearn": ("uniform", np.sqrt(6 / 308)),
    "torch": ("uniform", 1 / np.sqrt(7)),
    "normal": ("normal", 0.05),
    "uniform": ("uniform", 0.05),
    "truncated_normal": ("truncated", 0.05),
    "lecun_normal": ("normal", 1 / np.sqrt(7)),
    "lecun_uniform": ("uniform", np.sqrt(3 / 7)),
    "glorot_normal": ("normal", np.sqrt(2 / 308)),
    "glorot_uniform": ("uniform", np.sqrt(6 / 308)),
    "he_normal": ("normal", np.sqrt(2 / 7)),
    "he_uniform": ("uniform", np.sqrt(6 / 7)),
}
"""The laws in closed form: normal(std), uniform(bound) or truncated(std before the cut)."""

DISTRIBUTION = {
    "uniform": lambda bound: stats.uniform(-bound, 2 * bound),
    "normal": lambda std: stats.norm(0, std),
    "truncated": lambda std: stats.truncnorm(-2, 2, scale=std),
}
CONSTANTS = {"zeros": 0.0, "ones": 1.0, "constant": 0.1}


def layer(fan_in=FAN_IN, fan_out=FAN_OUT, activation="relu"):
    return make_layers([(fan_in, fan_out), (fan_out, 2)], [ACTIVATIONS[activation]] * 2)[0]


def sample(initializer, n_draws, seed=0, **keywords):
    """Draw `n_draws` matrices from one generator."""
    rng = np.random.default_rng(seed)
    return np.stack([initializer.draw(layer(**keywords), rng) for _ in range(n_draws)])


def check_law(numbers, law):
    """Mean and variance within five standard errors, Kolmogorov-Smirnov, bounds attained."""
    n, std = numbers.size, law.std()
    kurtosis = float(law.stats(moments="k")) + 3
    assert abs(numbers.mean()) < 5 * std / np.sqrt(n)
    assert abs(numbers.var() / std**2 - 1) < 5 * np.sqrt((kurtosis - 1) / n)
    assert stats.kstest(numbers.ravel()[:100_000], law.cdf).pvalue > 1e-3
    low, high = law.support()
    if np.isfinite(high):
        assert low <= numbers.min() < 0.999 * low
        assert 0.999 * high < numbers.max() <= high


@pytest.mark.parametrize("name", get_initializer_names())
def test_every_name_has_a_declared_law(name):
    assert name in LAWS or name in CONSTANTS or name == "orthogonal"


@pytest.mark.parametrize("name", get_initializer_names())
def test_contract(name):
    initializer = INITIALIZERS[name]
    W = initializer.draw(layer(), np.random.default_rng(3))
    assert W.shape == (FAN_IN, FAN_OUT)
    assert W.dtype == np.float64
    assert np.isfinite(W).all()
    np.testing.assert_array_equal(W, initializer.draw(layer(), np.random.default_rng(3)))
    b = initializer.draw_biases(layer().biases(), np.random.default_rng(3))
    assert b.shape == (FAN_OUT,)
    if name not in CONSTANTS:
        assert not np.array_equal(W, initializer.draw(layer(), np.random.default_rng(4)))
    copied = clone(initializer)
    assert copied == initializer == pickle.loads(pickle.dumps(initializer))
    assert hash(copied) == hash(initializer)
    assert len(repr(initializer)) < 80
    assert np.array([initializer, None]).shape == (2,)


@pytest.mark.parametrize("name", LAWS)
def test_law_of_weights(name):
    distribution, parameter = LAWS[name]
    draws = sample(INITIALIZERS[name], 10**6 // (FAN_IN * FAN_OUT) + 1)
    check_law(draws, DISTRIBUTION[distribution](parameter))


@pytest.mark.parametrize("name", LAWS)
def test_law_as_bias_init(name):
    distribution, parameter = LAWS[name]
    rng = np.random.default_rng(1)
    draws = np.stack([INITIALIZERS[name].draw(layer().biases(), rng) for _ in range(400)])
    assert draws.shape == (400, FAN_OUT)
    check_law(draws, DISTRIBUTION[distribution](parameter))


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants(name):
    assert (INITIALIZERS[name].draw(layer(), None) == CONSTANTS[name]).all()


@pytest.mark.parametrize("name", get_initializer_names())
def test_only_presets_draw_biases(name):
    b = INITIALIZERS[name].draw_biases(layer().biases(), np.random.default_rng(0))
    if name not in ("sklearn", "torch"):
        assert (b == 0).all()
    else:
        bound = LAWS[name][1]
        assert 0.9 * bound < abs(b).max() <= bound


@pytest.mark.parametrize(
    ("activation", "bound"), [("relu", 0.1912730), ("tanh", 0.1912730), ("logistic", 0.1104315)]
)
def test_sklearn_bound_depends_on_activation(activation, bound):
    rng = np.random.default_rng(0)
    W = INITIALIZERS["sklearn"].draw(layer(64, 100, activation), rng)
    assert 0.999 * bound < abs(W).max() <= bound + 1e-7


@pytest.mark.parametrize(("fan_in", "fan_out"), [(11, 5), (5, 11), (6, 6), (1, 3), (3, 1)])
def test_orthogonal(fan_in, fan_out):
    W = Orthogonal(gain=1.5).draw(layer(fan_in, fan_out), np.random.default_rng(0))
    gram = W.T @ W if fan_in >= fan_out else W @ W.T
    np.testing.assert_allclose(gram, 1.5**2 * np.eye(min(fan_in, fan_out)), atol=1e-10)


def test_orthogonal_is_uniform():
    # of a Haar matrix: E tr Q = 0 and E (tr Q)^2 = 1; without the signs E tr Q is far from 0
    traces = np.trace(sample(Orthogonal(), 4000, fan_in=5, fan_out=5), axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 / np.sqrt(4000)
    assert abs((traces**2).mean() - 1) < 5 * np.sqrt(2 / 4000)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_variance_scaling(mode, distribution):
    fan = {"fan_in": 7, "fan_out": 301, "fan_avg": 154}[mode]
    draws = sample(VarianceScaling(1.7, mode, distribution), 475)
    std = np.sqrt(1.7 / fan)
    law = {
        "normal": stats.norm(0, std),
        "uniform": stats.uniform(-np.sqrt(3) * std, 2 * np.sqrt(3) * std),
        "truncated_normal": stats.truncnorm(-2, 2, scale=std / TRUNCATED_STD),
    }[distribution]
    assert law.std() == pytest.approx(std)
    check_law(draws, law)


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (VarianceScaling(mode="fan"), r"mode='fan' is not known. Did you mean .*'fan_in'"),
        (VarianceScaling(distribution="gauss"), "distribution='gauss' is not known"),
        (VarianceScaling(scale=-1.0), "VarianceScaling: scale=-1.0 must be a finite number >= 0"),
        (Normal(std="wide"), "Normal: std='wide'"),
        (Normal(std=np.nan), "Normal: std=nan"),
        (TruncatedNormal(std=-0.1), "TruncatedNormal: std=-0.1"),
        (Uniform(low=1.0, high=0.0), "Uniform: high=0.0 must be a finite number >= 1.0"),
        (Constant(value=True), "Constant: value=True"),
        (Orthogonal(gain=np.inf), "Orthogonal: gain=inf"),
    ],
)
def test_bad_parameters_are_named(initializer, message):
    with pytest.raises(ValueError, match=message):
        draw((3, 4, 2), initializer)


def test_orthogonal_biases_are_refused():
    with pytest.raises(ValueError, match="cannot serve as bias_init"):
        Orthogonal().draw(layer().biases(), np.random.default_rng(0))


def test_equality_goes_by_type_and_parameters():
    assert VarianceScaling(2.0) == INITIALIZERS["he_normal"]
    assert VarianceScaling(2.0) != VarianceScaling(1.0)
    assert Normal(0.1) != TruncatedNormal(0.1)
    assert len({Normal(0.1), Normal(0.1), Normal(0.2)}) == 2


def test_a_subclass_must_draw():
    class Nothing(Initializer):
        pass

    with pytest.raises(NotImplementedError, match="Nothing must implement draw"):
        draw((3, 4, 2), Nothing())
