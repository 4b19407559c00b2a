"""Structured matrices: parameters and pitfalls beyond the law of each name."""

import numpy as np
import pytest
from laws.material import make_layer
from scipy.linalg import hadamard as sylvester

from sklearn_init import draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import (
    SCHEMES,
    HadamardSigns,
    Identity,
    LooksLinear,
    QuasiRandom,
    Sinusoidal,
    Sparse,
)
from sklearn_init.initializers._hadamard import hadamard, next_power_of_two
from sklearn_init.network import forward_hidden
from sklearn_init.theory import compute_gain

RNG = np.random.default_rng(0)


def draw_one(initializer, fan_in, fan_out, **layer):
    return initializer.draw(make_layer(fan_in, fan_out, **layer), np.random.default_rng(0))


def test_hadamard_is_that_of_sylvester():
    rows, columns = RNG.permutation(64)[:7], RNG.permutation(64)[:11]
    np.testing.assert_array_equal(hadamard(rows, columns), sylvester(64)[np.ix_(rows, columns)])
    assert [next_power_of_two(size) for size in (1, 2, 3, 64, 65)] == [1, 2, 4, 64, 128]


@pytest.mark.parametrize(
    "initializer",
    [Identity("auto"), HadamardSigns(), Sinusoidal()],
    ids=lambda i: type(i).__name__,
)
def test_gain_is_that_of_the_activation(initializer):
    drawn = [draw_one(initializer, 11, 7, activation=name) for name in ("identity", "tanh")]
    np.testing.assert_allclose(drawn[1], compute_gain("tanh") * drawn[0])
    initializer.set_params(gain=3.0)
    np.testing.assert_allclose(draw_one(initializer, 11, 7, activation="tanh"), 3 * drawn[0])


def test_identity_wraps():
    wide = {wrap: draw_one(Identity(wrap=wrap), 2, 5) for wrap in ("none", "inputs", "both")}
    np.testing.assert_array_equal(wide["none"], np.eye(2, 5))
    np.testing.assert_array_equal(wide["inputs"], np.eye(2, 5))
    np.testing.assert_array_equal(wide["both"], [[1, 0, 1, 0, 1], [0, 1, 0, 1, 0]])
    narrow = {wrap: draw_one(Identity(2.0, wrap=wrap), 5, 2) for wrap in wide}
    np.testing.assert_array_equal(narrow["none"], 2 * np.eye(5, 2))
    np.testing.assert_array_equal(narrow["inputs"], 2 * wide["both"].T)
    np.testing.assert_array_equal(narrow["both"], 2 * wide["both"].T)


@pytest.mark.parametrize(
    ("activation", "factor"),
    [("relu", 1), ("gelu", 1), ("silu", 1), ("softplus", 1), ("leaky_relu", 1.01)],
)
@pytest.mark.parametrize("width", [22, 23])
def test_pairs_look_linear(activation, factor, width):
    coefs, intercepts = draw((5, width, width, 3), LooksLinear(0.7), activation, random_state=0)
    X = RNG.normal(size=(9, 5))
    hidden = forward_hidden(coefs[:2], intercepts[:2], [ACTIVATIONS[activation]] * 2, X)
    half = width // 2
    expected = X @ coefs[0][:, :half] @ coefs[1][:half, :half] @ coefs[2][:half] * factor**2
    np.testing.assert_allclose(hidden @ coefs[2], expected, atol=1e-12)
    lengths = np.linalg.norm(X @ coefs[0][:, :half] @ coefs[1][:half, :half], axis=1)
    np.testing.assert_allclose(lengths, 0.7**2 * np.linalg.norm(X, axis=1))


def test_the_unit_without_a_partner_learns():
    coefs, _ = draw((5, 23, 7, 3), LooksLinear(), random_state=0)
    assert (coefs[1][11] == 0).all()  # outgoing weights
    assert np.linalg.norm(coefs[0][:, 11]) == pytest.approx(1)
    assert np.linalg.norm(coefs[1][:, 3]) == pytest.approx(np.sqrt(2))
    assert (coefs[2][3] == 0).all()


def test_sparse_has_places_of_its_own_per_unit():
    W = draw_one(Sparse(3, std=0.2), 64, 500)
    assert len(np.unique(W != 0, axis=1).T) > 490
    assert W[W != 0].std() == pytest.approx(0.2, rel=5 / np.sqrt(2 * 1500))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_biases_of_sparse(name):
    bias = 0.5 * (name in {"tanh", "softsign", "sine", "hard_tanh", "arctan"})
    intercepts = draw((20, 5, 3), Sparse(), name, random_state=0)[1]
    assert (intercepts[0] == bias).all()
    assert (intercepts[1] == 0).all()


def test_sinusoidal_units_can_be_equal():
    W = draw_one(Sinusoidal(), 11, 22)  # fan_in divides half of fan_out
    np.testing.assert_allclose(W[:, 0], W[:, 9], atol=1e-15)


@pytest.mark.parametrize("sequence", ["sobol", "halton", "latin_hypercube"])
def test_quasi_random_laws(sequence):
    initializer = QuasiRandom(sequence, scale=1.7, distribution="uniform")
    bound = np.sqrt(3 * 1.7 / 5)
    W = draw_one(initializer, 5, 301)
    assert 0.98 * bound < abs(W).max() <= bound
    assert 5 * W.var() == pytest.approx(1.7, rel=0.05)
    b = initializer.draw(make_layer(5, 128).biases(), np.random.default_rng(0))
    assert b.shape == (128,)
    quantiles = np.sort((1 + b / bound) / 2)
    assert abs(quantiles - (np.arange(128) + 0.5) / 128).max() <= 1.01 / 128
    word = draw_one(QuasiRandom(sequence, "backward"), 5, 301, activation="tanh")
    number = QuasiRandom(sequence, compute_gain("tanh", "backward") ** 2)
    np.testing.assert_array_equal(word, draw_one(number, 5, 301))


def test_points_on_the_border_stay_finite(monkeypatch):
    from sklearn_init.initializers import _quasi_random

    corners = {"sobol": lambda n, d, rng: np.tile([[0.0], [1 - 2.0**-53]], (n // 2, d))}
    monkeypatch.setattr(_quasi_random, "SEQUENCES", corners)
    W = draw_one(QuasiRandom(scale=1.0), 1, 2)
    assert 6 < -W[0, 0] == pytest.approx(W[0, 1])


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (Identity(wrap="all"), "Identity: wrap='all' is not known"),
        (Identity(noise=-1.0), "Identity: noise=-1.0 must be a finite number >= 0"),
        (HadamardSigns(gain="self"), "HadamardSigns: gain='self' is not known"),
        (Sparse(n_nonzero=0), "Sparse: n_nonzero=0 must be an integer >= 1"),
        (Sparse(n_nonzero=1.5), "Sparse: n_nonzero=1.5 must be an integer >= 1"),
        (Sparse(std=-1.0), "Sparse: std=-1.0"),
        (LooksLinear(gain="auto"), "LooksLinear: gain='auto' must be a finite number"),
        (Sinusoidal(gain=np.nan), "Sinusoidal: gain=nan"),
        (QuasiRandom("sobal"), "QuasiRandom: sequence='sobal' is not known. Did you mean 'sobol'"),
        (QuasiRandom(distribution="cauchy"), "QuasiRandom: distribution='cauchy' is not known"),
        (QuasiRandom(scale=-1.0), "QuasiRandom: scale=-1.0 must be a finite number >= 0"),
    ],
)
def test_bad_parameters_are_named(initializer, message):
    with pytest.raises(ValueError, match=message):
        draw((3, 4, 2), initializer)


@pytest.mark.parametrize(
    ("initializer", "sizes", "message"),
    [
        (LooksLinear(), (3, 1, 2), "LooksLinear: one unit makes no pair"),
        (Sinusoidal(), (2, 2, 1), "Sinusoidal: all weights of a layer of 2 inputs and 2 units"),
        (QuasiRandom(), (21202, 2, 1), "QuasiRandom: sequence='sobol' has 21201 dimensions"),
    ],
)
def test_what_cannot_work_is_named(initializer, sizes, message):
    with pytest.raises(ValueError, match=message):
        draw(sizes, initializer)


@pytest.mark.parametrize("name", ["identity", "zero_hadamard", "hadamard_signs", "sobol"])
@pytest.mark.parametrize("fan_in", [1, 2])
@pytest.mark.parametrize("fan_out", [1, 2])
def test_smallest_layers(name, fan_in, fan_out):
    W = draw_one(SCHEMES[name].initializer, fan_in, fan_out)
    assert W.shape == (fan_in, fan_out)
    assert (W != 0).any()
