"""Laws of blind schemes without structure, for fans (7, 301) and relu if nothing else is said."""

from dataclasses import replace

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.sparse import csr_array

from laws.material import (
    FAN_IN,
    FAN_OUT,
    check_law,
    independent,
    make_layer,
    normal,
    sample,
    uniform,
)
from sklearn_init import VarianceScaling, draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import SCHEMES, Network
from sklearn_init.initializers._layer import make_layers
from sklearn_init.losses import LOG_LOSS, SQUARED_ERROR
from sklearn_init.network import forward_hidden


def sample_biases(initializer, **layer):
    """Draw a million biases of few large layers, which is faster."""
    return sample(initializer, 334, biases=True, fan_out=3001, **layer)


def same_as(name):
    """Return a check that a name is another one for a scheme whose law is checked."""

    def check(initializer):
        assert initializer == SCHEMES[name].initializer

    return check


def layer_constant_random(initializer):
    numbers = sample(initializer, 3000, fan_in=3, fan_out=5)
    assert (numbers == numbers[:, :1, :1]).all()
    check_law(numbers[:, 0, 0], normal(1.0))
    assert not initializer.draw_biases(make_layer().biases(), np.random.default_rng(0)).any()


def tied_columns(initializer):
    first = sample(initializer, 3000, fan_in=7, fan_out=5)
    assert (first == first[:, :, :1]).all()
    check_law(first[:, :, 0], normal(1 / np.sqrt(7)))
    between = sample(initializer, 3000, fan_in=7, fan_out=5, index=1, n_layers=3)
    assert (between == between[:, :1, :1]).all()
    # seven equal inputs: 7 c must have the variance of a sum of seven numbers of variance 1/7
    check_law(7 * between[:, 0, 0], normal(1.0))
    output = sample(initializer, 3000, fan_in=7, fan_out=5, index=1)
    assert (output == output[:, :1, :]).all()
    check_law(7 * output[:, 0, :], normal(1.0))
    assert abs(np.corrcoef(output[:, 0, 0], output[:, 0, 1])[0, 1]) < 5 / np.sqrt(3000)
    check_law(sample(initializer, 3000, fan_in=7, fan_out=5, n_layers=1), normal(1 / np.sqrt(7)))


def zero_weights_random_bias(initializer):
    assert not sample(initializer, 2).any()
    check_law(sample(initializer, 3000, biases=True), uniform(0.05))


def zero_output(initializer):
    coefs, intercepts = draw((5, 7, 9, 3), initializer, "tanh", random_state=0)
    expected = draw((5, 7, 9, 3), VarianceScaling(1.592537440**2), "tanh", random_state=0)[0]
    np.testing.assert_allclose(coefs[0], expected[0], rtol=1e-6)
    np.testing.assert_allclose(coefs[1], expected[1], rtol=1e-6)
    assert not coefs[2].any()
    assert not any(b.any() for b in intercepts)


def mirrored_pairs(initializer):
    for width in (8, 9):
        coefs, intercepts = draw((5, 7, width, 3), initializer, "relu", random_state=0)
        assert (coefs[1][:, :4] == coefs[1][:, 4:8]).all()
        assert (coefs[2][:4] == -coefs[2][4:8]).all()
        assert not coefs[2][8:].any()
        assert len(np.unique(coefs[2])) == (8 * 3 if width == 8 else 8 * 3 + 1)
        X = np.random.default_rng(0).normal(size=(11, 5))
        hidden = forward_hidden(coefs[:2], intercepts[:2], [ACTIVATIONS["relu"]] * 2, X)
        np.testing.assert_allclose(hidden @ coefs[2] + intercepts[2], 0, atol=1e-14)
    assert not draw((5, 3), initializer)[0][0].any()
    wide = draw((7, 201, 301, 2), initializer, "relu", random_state=1)[0]
    check_law(np.hstack([wide[1][:, :150], wide[1][:, 300:]]), normal(np.sqrt(2 / 201)))


def signs(magnitude):
    def check(initializer):
        numbers = sample(initializer)
        np.testing.assert_allclose(abs(numbers), magnitude)
        assert abs(np.sign(numbers).mean()) < 5 / np.sqrt(numbers.size)
        assert not sample(initializer, 2, biases=True).any()

    return check


def cauchy(initializer):
    numbers = sample(initializer, 48).ravel()
    assert stats.kstest(numbers, stats.cauchy(scale=0.01).cdf).pvalue > 1e-3
    assert not sample(initializer, 2, biases=True).any()


def auto_scale(gains):
    """Return a check of normal weights of given gains, N(0, g^2/n)."""

    def check(initializer):
        for activation, gain in gains.items():
            check_law(sample(initializer, activation=activation), normal(gain / np.sqrt(7)))
        assert not sample(initializer, 2, biases=True).any()

    return check


def scawi(initializer):
    rng = np.random.default_rng(0)
    check_law(sample(initializer), uniform(1.0))  # what is scaled
    check_law(sample(initializer, 3000, biases=True), uniform(1.0))
    layers = make_layers([(5, 7), (7, 9), (9, 2)], [ACTIVATIONS["tanh"]] * 3)
    drawn = [initializer.draw(layer, rng) for layer in layers]
    drawn_biases = [initializer.draw(layer.biases(), rng) for layer in layers]
    X = rng.normal(3.0, 2.0, size=(11, 5)) * (rng.random((11, 5)) < 0.5)
    weight = rng.integers(1, 4, size=11)
    for rows in (X, csr_array(X)):
        weights, biases = [W.copy() for W in drawn], [b.copy() for b in drawn_biases]
        network = Network(layers, weights, biases, sample_weight=weight)
        for layer in layers:
            initializer.adjust(layer, network, rows, np.zeros((11, 2)), rng)
        a = np.repeat(X, weight, axis=0)  # a row of weight 2 counts as two rows
        for index, (W, b) in enumerate(zip(weights, biases, strict=True)):
            v2 = np.mean(a**2) if index < 2 else 0.3
            bound = 1.3 / np.sqrt(1 + len(W) * v2)
            np.testing.assert_allclose(W, bound * drawn[index])
            np.testing.assert_allclose(b, bound * drawn_biases[index])
            a = np.tanh(a @ W + b)


def kim_ra(initializer):
    numbers, smallest = sample(initializer), np.sqrt(0.1 / 7)
    check_law(abs(numbers), stats.uniform(smallest, smallest))
    assert abs(np.sign(numbers).mean()) < 5 / np.sqrt(numbers.size)
    assert not sample(initializer, 2, biases=True).any()


def siren(w0):
    def check(initializer):
        n = FAN_IN
        # the authors' bounds of weights and biases, and what multiplies both: sin(w0 * (xW + b))
        theirs = [(1 / n, 1 / np.sqrt(n), w0), (np.sqrt(6 / n) / w0, 1 / np.sqrt(n), w0)]
        theirs.append((np.sqrt(6 / n) / w0, 1 / np.sqrt(n), 1.0))  # the output has no sine
        for index, (bound, bias_bound, factor) in enumerate(theirs):
            layer = {"index": index, "n_layers": 3, "activation": "sine"}
            check_law(sample(initializer, **layer), uniform(factor * bound))
            drawn_biases = sample_biases(initializer, **layer)
            check_law(drawn_biases, uniform(factor * bias_bound))
        # an only layer is an output: the authors' first layers have sines
        only = {"activation": "sine", "n_layers": 1}
        check_law(sample(initializer, **only), uniform(np.sqrt(6 / n) / w0))
        check_law(sample_biases(initializer, **only), uniform(1 / np.sqrt(n)))

    return check


def mean_field(variances):
    """Return a check of sigma_w^2 and sigma_b^2, per activation; layers have one law."""

    def check(initializer):
        for index, (activation, (variance_w, variance_b)) in enumerate(variances.items()):
            layer = {"activation": activation, "index": index, "n_layers": len(variances)}
            check_law(sample(initializer, **layer), normal(np.sqrt(variance_w / FAN_IN)))
            if variance_b:
                check_law(sample_biases(initializer, **layer), normal(np.sqrt(variance_b)))
            else:
                assert not sample(initializer, 2, biases=True, **layer).any()

    return check


# E sin^2 = (1 - e^-2q) / 2 and E cos^2 = (1 + e^-2q) / 2, so q - tanh q = sigma_b^2
SINE_Q = brentq(lambda q: q - np.tanh(q) - 0.05, 0.1, 1.0)
# of Roberts, Yaida, Hanin 2022
GELU, SILU = (1.98305826, 0.17292239), (1.98800468, 0.55514317)

CRITICAL = {
    "tanh": (1.760955, 0.05),
    "sine": (2 / (1 + np.exp(-2 * SINE_Q)), 0.05),
    "relu": (2.0, 0.0),
    "identity": (1.0, 0.0),
    "gelu": GELU,
}
CRITICAL_WITHOUT_BIASES = {
    "tanh": (1.0, 0.0),
    "relu": (2.0, 0.0),
    "leaky_relu": (2 / (1 + 0.01**2), 0.0),
    "silu": (4.0, 0.0),
}
DOUBLY_CRITICAL = {"gelu": GELU, "silu": SILU, "relu": (2.0, 0.0), "tanh": (1.0, 0.0)}


def h2o(initializer):
    glorot = np.sqrt(6 / (FAN_IN + FAN_OUT))
    rng = np.random.default_rng(0)
    for index, loss, factor in [
        (0, LOG_LOSS, 1),
        (1, LOG_LOSS, 1),
        (2, LOG_LOSS, 4),
        (2, SQUARED_ERROR, 1),
        (2, None, 1),
    ]:
        layer = replace(make_layer(index=index, n_layers=3), loss=loss)
        numbers = np.stack([initializer.draw(layer, rng) for _ in range(100)])
        check_law(numbers, uniform(factor * glorot))
    for index, expected in enumerate([0.5, 1.0, 0.0]):
        assert (sample(initializer, 2, biases=True, index=index, n_layers=3) == expected).all()
        tanh = {"activation": "tanh", "index": index, "n_layers": 3}
        assert not sample(initializer, 2, biases=True, **tanh).any()


LAWS = {
    "layer_constant_random": layer_constant_random,
    "tied_columns": tied_columns,
    "positive_uniform": independent(stats.uniform(0, 1)),
    "zero_weights_random_bias": zero_weights_random_bias,
    "zero_output": zero_output,
    "mirrored_pairs": mirrored_pairs,
    "normal_0.01": independent(normal(0.01)),
    "normal_0.001": independent(normal(0.001)),
    "thimm_fiesler": independent(uniform(0.77)),
    "esl": independent(uniform(0.7)),
    "rademacher": signs(0.05),
    "cauchy": cauchy,
    "he_normal_fan_out": independent(normal(np.sqrt(2 / 301))),
    "he_uniform_fan_out": independent(uniform(np.sqrt(6 / 301))),
    "he_rademacher": signs(np.sqrt(2 / 7)),
    "he_laplace": independent(stats.laplace(0, np.sqrt(1 / 7))),
    "he_student_t": independent(stats.t(5, scale=np.sqrt(2 / 7 * 3 / 5))),
    "xavier_uniform": same_as("glorot_uniform"),
    "xavier_normal": same_as("glorot_normal"),
    "kaiming_uniform": same_as("he_uniform"),
    "kaiming_normal": same_as("he_normal"),
    "selu": same_as("lecun_normal"),
    "glorot_sigmoid4": independent(uniform(4 * np.sqrt(6 / 308))),
    "haykin": same_as("lecun_uniform"),
    "bottou": independent(uniform(2.38 / np.sqrt(7))),
    "wessels_barnard": independent(uniform(3 / np.sqrt(7))),
    "boers_kuiper": same_as("wessels_barnard"),
    "scawi": scawi,
    "kim_ra": kim_ra,
    "autoinit": auto_scale({"relu": np.sqrt(2), "tanh": 1.592537, "logistic": 1.846229}),
    "autoinit_centered": auto_scale({"relu": (0.5 - 0.5 / np.pi) ** -0.5, "logistic": 4.801313}),
    "siren": siren(30.0),
    "siren_w0_1": siren(1.0),
    "critical": mean_field(CRITICAL),
    "critical_k0": mean_field(CRITICAL_WITHOUT_BIASES),
    "critical_ryh": mean_field(DOUBLY_CRITICAL),
    "keras": same_as("glorot_uniform"),
    "flax": independent(stats.truncnorm(-2, 2, scale=np.sqrt(1 / 7) / 0.87962566103423978)),
    "weka": independent(uniform(0.05), uniform(0.05)),
    "nnet": independent(uniform(0.7), uniform(0.7)),
    "h2o": h2o,
}
"""Checks of the laws, in closed form."""
