"""Claims of the literature on hinges and active regions in the data, reproduced.

Two-layer relu networks without biases do not fit six points, whatever their width, and biases that
put hinges into the data do: Holzmüller & Steinwart 2022, "Training two-layer ReLU networks with
gradient descent is inconsistent", arXiv 2002.04861. Fewer steps where active regions tile the
range: Nguyen & Widrow 1990, "Improving the learning speed of 2-layer neural networks by choosing
initial values of the adaptive weights" (truck backer-upper: two days become four hours). How far
the best of ten starts gets with two sigmoids: Hastie, Tibshirani & Friedman 2009, "The elements
of statistical learning", section 11.6.
"""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LinearRegression

from sklearn_init import InitMLPRegressor, Uniform

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

POINTS = np.array([[-3.0], [-2.0], [-1.0], [1.0], [2.0], [3.0]])
VALUES = np.array([-1.0, 2.0, -1.0, 1.0, -2.0, 1.0])  # no line on either side does better than 0


def descend(weight_init, bias_init):
    """Return the mean squared errors of ten wide relu networks after 12 000 steps of descent."""
    net = InitMLPRegressor(
        hidden_layer_sizes=256, weight_init=weight_init, bias_init=bias_init, solver="sgd",
        momentum=0, learning_rate_init=0.1 / 256, batch_size=6, alpha=0, max_iter=12_000, tol=0,
        n_iter_no_change=12_000, n_restarts=10, random_state=0,
    ).fit(POINTS, VALUES)  # fmt: skip
    return 2 * net.restarts_["loss"]


@pytest.mark.parametrize(
    ("weight_init", "bias_init", "low", "high"),
    [
        ("he_normal", "zeros", 1.95, 2.001),  # the variance of the values is 2
        ("he_normal", Uniform(-1, 1), 0.5, 1.9),
        ("he+5", None, 0, 0.1),
        ("kink_uniform", None, 0, 0.01),
    ],
)
def test_hinges_have_to_be_in_the_data(weight_init, bias_init, low, high):
    errors = descend(weight_init, bias_init)
    assert ((low <= errors) & (errors < high)).sum() >= 9


def test_nguyen_and_widrow_need_fewer_steps():
    x = np.linspace(-1, 1, 201)[:, np.newaxis]
    small = Uniform(-0.5, 0.5)

    def median_error(weight_init, bias_init, n_steps):
        net = InitMLPRegressor(
            hidden_layer_sizes=21, activation="tanh", weight_init=weight_init,
            bias_init=bias_init, solver="lbfgs", alpha=0, tol=0, max_iter=n_steps,
            n_restarts=11, random_state=0,
        ).fit(x, np.sin(4 * np.pi * x[:, 0]))  # fmt: skip
        return np.median(2 * net.restarts_["loss"])

    assert median_error("nguyen_widrow", None, 25) < 0.01
    assert median_error(small, small, 200) > 0.03  # eight times as many, and not there


def test_the_best_of_ten_starts_finds_two_sigmoids():
    rng = np.random.default_rng(0)

    def make(n_rows):
        X = rng.normal(size=(n_rows, 2))
        signal = expit(3 * X[:, 0] + 3 * X[:, 1]) + expit(3 * X[:, 0] - 3 * X[:, 1])
        return X, signal, signal + noise * rng.normal(size=n_rows)

    noise = 1.0
    noise = make(10_000)[1].std() / 2  # four times as much signal as noise, in variance
    (X, _, y), (X_test, _, y_test) = make(100), make(10_000)
    start = Uniform(-0.7, 0.7)
    net = InitMLPRegressor(
        hidden_layer_sizes=2, activation="logistic", weight_init=start, bias_init=start,
        solver="lbfgs", alpha=0.0005, max_iter=2000, n_restarts=10, random_state=0,
    ).fit(X, y)  # fmt: skip

    def relative_error(model):
        return np.mean((model.predict(X_test) - y_test) ** 2) / noise**2

    assert relative_error(LinearRegression().fit(X, y)) > 1.5
    assert relative_error(net) < 1.2
