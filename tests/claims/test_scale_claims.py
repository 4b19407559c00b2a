"""Claims of the literature about the scale of the weights at the start.

* How long a network takes to leave a small start: a logarithm of the scale with one hidden layer,
  a power of it with more. Saxe, McClelland & Ganguli 2014, "Exact solutions to the nonlinear
  dynamics of learning in deep linear neural networks", arXiv 1312.6120.
* selu's fixed point: Klambauer, Unterthiner, Mayr & Hochreiter 2017, "Self-normalizing neural
  networks", arXiv 1706.02515.
* 30 layers of relu train from variance 2/n and not from 1/n: He, Zhang, Ren & Sun 2015, "Delving
  deep into rectifiers", arXiv 1502.01852, figure 3; 1/n in the name of Glorot & Bengio 2010,
  "Understanding the difficulty of training deep feedforward neural networks".
"""

import numpy as np
import pytest
from scipy.integrate import quad
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale

from sklearn_init import Constant, InitMLPClassifier, InitMLPRegressor, VarianceScaling
from sklearn_init.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# Escape from a small start (Saxe, McClelland & Ganguli 2014)


def exact_escape_time(n_layers, start, strength):
    """Return when da/dt = (s - a^L) a^(L-1) brings a^L to s / 2."""
    if n_layers == 2:  # then u = a^2 is a logistic curve
        u = start**2
        return np.log((strength - u) / u) / (2 * strength)
    time, _ = quad(
        lambda a: 1 / ((strength - a**n_layers) * a ** (n_layers - 1)),
        start,
        (strength / 2) ** (1 / n_layers),
        limit=200,
    )
    return time


def escape_time(n_layers, start, strength, rate):
    """Return when gradient descent brings the product of equal weights to s / 2."""
    # one unit per layer; with inputs -1 and 1, gradients of the biases are 0
    X = np.array([[-1.0], [1.0]])
    net = InitMLPRegressor(
        hidden_layer_sizes=(1,) * (n_layers - 1), activation="identity", solver="sgd", alpha=0,
        learning_rate_init=rate, momentum=0, nesterovs_momentum=False, batch_size=2,
        shuffle=False, weight_init=Constant(start), bias_init=0.0, random_state=0,
        max_iter=int(1.02 * exact_escape_time(n_layers, start, strength) / rate),
        n_iter_no_change=np.inf,
    ).fit(X, strength * X.ravel())  # fmt: skip
    is_there = np.array(net.loss_curve_) <= (strength / 2) ** 2 / 2
    assert is_there[-1]
    return np.argmax(is_there) * rate


@pytest.mark.parametrize(
    ("n_layers", "start", "strength", "expected", "rate"),
    [
        (2, 0.1, 1, 2.2976, 1e-3),
        (2, 0.01, 1, 4.6051, 1e-3),
        (2, 0.01, 2, 2.4759, 1e-3),
        (3, 0.1, 1, 9.145, 1e-3),
        # plateaus this long may be walked in larger steps
        (3, 0.01, 1, 99.15, 1e-2),
        (4, 0.1, 1, 49.73, 1e-2),
        (4, 0.01, 1, 4999.7, 0.2),
    ],
)
def test_escape_from_a_small_start_takes_the_time_in_closed_form(
    n_layers, start, strength, expected, rate
):
    assert exact_escape_time(n_layers, start, strength) == pytest.approx(expected, rel=1e-4)
    assert escape_time(n_layers, start, strength, rate) == pytest.approx(expected, rel=0.01)


def test_escape_is_a_logarithm_of_the_scale_with_one_hidden_layer_and_a_power_with_more():
    # "is 0.01 a magic number?" A tenth of the scale adds ln(10) or multiplies by 10^(L-2)
    added = escape_time(2, 0.001, 1, 1e-3) - escape_time(2, 0.01, 1, 1e-3)
    assert added == pytest.approx(np.log(10), rel=0.01)
    for n_layers, start, rate in [(3, 0.002, 5e-2), (4, 0.02, 5e-2)]:
        time = escape_time(n_layers, start, 1, rate)
        factor = time / escape_time(n_layers, 10 * start, 1, rate)
        assert factor == pytest.approx(10 ** (n_layers - 2), rel=0.05)
        assert time == pytest.approx(start ** (2 - n_layers) / (n_layers - 2), rel=0.01)


# selu's fixed point (Klambauer, Unterthiner, Mayr & Hochreiter 2017)


def gaussian_nodes():
    """Return nodes and weights of a quadrature for standard normal z, split at selu's kink."""
    nodes, weights = np.polynomial.legendre.leggauss(100)
    z = np.concatenate([6 * (nodes - 1), 6 * (nodes + 1)])
    return z, np.tile(6 * weights, 2) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def values(activation, z):
    out = np.empty_like(z)
    ACTIVATIONS[activation].value(z.copy(), out)
    return out


def derivatives(activation, z):
    out = np.empty_like(z)
    ACTIVATIONS[activation].derivative(z.copy(), values(activation, z), out)
    return out


def second_moment_after(n_layers, activation, gain):
    """Return the mean square that infinitely wide layers make of standard normal inputs."""
    z, weights = gaussian_nodes()
    q = gain**2
    for _ in range(n_layers - 1):
        q = gain**2 * weights @ values(activation, np.sqrt(q) * z) ** 2
    return q


def outputs(activation, gain, n_layers, X, seed):
    """Return what leaves the last of `n_layers` layers, as wide as X, at the start."""
    net = InitMLPRegressor(
        hidden_layer_sizes=(X.shape[1],) * (n_layers - 1), activation=activation,
        weight_init=VarianceScaling(gain**2, "fan_in", "normal"), bias_init=0.0,
        random_state=seed,
    ).initialize(X, X)  # fmt: skip
    return net.predict(X)


def normal_rows(n_columns, std=1.0):
    return np.random.default_rng(0).normal(scale=std, size=(40, n_columns))


def test_selu_keeps_mean_0_and_variance_1():
    z, weights = gaussian_nodes()
    a = values("selu", z)
    assert weights @ a == pytest.approx(0, abs=1e-12)
    assert weights @ a**2 == pytest.approx(1, abs=1e-12)
    assert weights @ derivatives("selu", z) ** 2 == pytest.approx(1.071575, abs=1e-6)


def test_selu_pulls_mean_and_variance_to_its_fixed_point():
    # The map takes mean and variance of what enters a layer to those of what leaves it. With
    # weights of sum 0 and squared sum 1, the mean has no effect, and derivatives by the variance
    # are integrals with (z^2 - 1) / 2.
    z, weights = gaussian_nodes()
    a = values("selu", z)
    d_mean = weights @ (a * (z**2 - 1)) / 2
    d_variance = weights @ (a**2 * (z**2 - 1)) / 2 - 2 * (weights @ a) * d_mean
    jacobian = np.array([[0, d_mean], [0, d_variance]])
    assert np.linalg.norm(jacobian, ord=2) == pytest.approx(0.7877, abs=5e-5)


def test_deep_selu_networks_normalize_their_signals():
    def moments(activation, gain):
        a = [
            [values(activation, outputs(activation, gain, 50, X, seed)) for seed in range(4)]
            for X in (normal_rows(150, std=0.5), normal_rows(150, std=2.0))
        ]
        return np.mean(a, axis=(1, 2, 3)), np.var(a, axis=(1, 2, 3))

    mean, variance = moments("selu", 1.0)
    np.testing.assert_allclose(mean, 0, atol=0.05)
    np.testing.assert_allclose(variance, 1, atol=0.1)
    mean, variance = moments("relu", np.sqrt(2))  # as is usual for relu, which does not forget
    assert variance[1] / variance[0] == pytest.approx(16)
    assert mean.min() > 0.1


@pytest.mark.parametrize(
    ("gain", "expected", "factor"),
    [
        (np.sqrt(2), 2924, 2.5),  # He's for relu; finite layers scatter about it
        (0.75, 0.0239, 1.3),  # torch's for selu; its limit is 0.0230
    ],
)
def test_other_gains_lead_selu_elsewhere(gain, expected, factor):
    assert second_moment_after(50, "selu", gain) == pytest.approx(expected, rel=0.005)
    X = normal_rows(150)
    logs = [np.log(np.mean(outputs("selu", gain, 50, X, seed) ** 2)) for seed in range(8)]
    assert np.mean(logs) == pytest.approx(np.log(expected), abs=np.log(factor))


# 30 layers of relu (He, Zhang, Ren & Sun 2015, figure 3)

XAVIER, HE = VarianceScaling(1.0, "fan_in", "normal"), VarianceScaling(2.0, "fan_in", "normal")


@pytest.mark.parametrize(("gain", "factor"), [(1.0, 2.0**-30), (np.sqrt(2), 2.0)])
def test_thirty_relu_layers_shrink_what_one_over_n_sends(gain, factor):
    # the logarithms are 21 apart; one draw scatters by 1.2
    X = normal_rows(100)
    logs = [np.log(np.mean(outputs("relu", gain, 31, X, seed) ** 2)) for seed in range(8)]
    assert np.mean(logs) == pytest.approx(np.log(factor), abs=2)


def train_thirty_layers(weight_init, rate, solver, n_epochs=40):
    """Return medians over three starts: the loss, and the accuracy on the training rows."""
    X, y = load_digits(return_X_y=True)
    X = scale(X)
    net = InitMLPClassifier(
        hidden_layer_sizes=(64,) * 30, solver=solver, learning_rate_init=rate, momentum=0,
        nesterovs_momentum=False, batch_size=100, max_iter=n_epochs, n_iter_no_change=np.inf,
        weight_init=weight_init, bias_init=0.0, dtype="float32", n_restarts=3, random_state=0,
    ).fit(X, y)  # fmt: skip
    accuracies = [net.restart(r).score(X, y) for r in range(3)]
    return np.median(net.restarts_["loss"]), np.median(accuracies)


def test_xavier_leaves_thirty_relu_layers_where_they_start():
    # The literature's |loss - ln 10| < 1e-3 is too narrow: the batches move it further, and a
    # single start may creep to 2.27 and an accuracy of 0.22 in these epochs. With momentum 0.9,
    # ten times the step, single starts do leave: to 1.3 and 0.6. The rate is ten times the one
    # at which He's start trains.
    loss, accuracy = train_thirty_layers(XAVIER, 0.1, "sgd")
    assert loss == pytest.approx(np.log(10), abs=0.01)
    assert accuracy <= 0.2


def test_he_trains_thirty_relu_layers():
    loss, accuracy = train_thirty_layers(HE, 0.01, "sgd")
    assert loss < 1
    assert accuracy >= 0.6


@pytest.mark.parametrize("weight_init", [XAVIER, HE], ids=["xavier", "he"])
def test_adam_trains_thirty_relu_layers_from_both(weight_init):
    # its steps do not depend on the scale of the gradient
    _, accuracy = train_thirty_layers(weight_init, 0.001, "adam", 20)
    assert accuracy >= 0.6
