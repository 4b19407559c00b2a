"""The machine: layout, gradients against finite differences, reported losses."""

from itertools import product

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.losses import LOSSES, POISSON
from sklearn_init.network import Layout, Objective, ReferencePasses, predict

B, F, H, H2, K = 13, 2, 5, 4, 3


def make_objective(loss, activation="tanh", *, n_outputs=K, weighted=False, sparse=False, **more):
    rng = np.random.default_rng(0)
    layout = Layout((F, H, H2, n_outputs))
    X = rng.normal(size=(B, F)) * (rng.random((B, F)) < 0.7)
    y = {
        "squared_error": rng.normal(size=(B, n_outputs)),
        "poisson": rng.poisson(2.0, size=(B, n_outputs)).astype(float),
        "binary_log_loss": (rng.random((B, n_outputs)) < 0.5).astype(float),
        "log_loss": np.eye(n_outputs)[rng.integers(n_outputs, size=B)],
    }[loss]
    weights = rng.integers(0, 4, size=B).astype(float) if weighted else None
    X = csr_array(X) if sparse else X
    activations = (ACTIVATIONS[activation],) * 2
    return Objective(layout, activations, LOSSES[loss], 0.3, X, y, weights, **more)


def make_theta(objective, seed=1):
    return np.random.default_rng(seed).normal(scale=0.5, size=objective.layout.n_params)


def numerical_gradient(function, theta, step=1e-6):
    steps = step * np.eye(len(theta))
    return np.array([(function(theta + s) - function(theta - s)) / (2 * step) for s in steps])


def test_layout_puts_weights_before_biases():
    layout = Layout((2, 3, 1))
    row = np.arange(layout.n_params, dtype=float)
    weights, biases = layout.views(row)
    assert [W.shape for W in weights] == [(2, 3), (3, 1)]
    assert [b.shape for b in biases] == [(3,), (1,)]
    assert layout.n_weights == 9
    assert layout.n_params == 13
    np.testing.assert_array_equal(biases[0], [9, 10, 11])
    np.testing.assert_array_equal(layout.row(weights, biases), row)
    weights[1][2, 0] = -1
    assert row[8] == -1
    assert Layout.of(weights) == layout


@pytest.mark.parametrize(
    ("loss", "activation", "weighted", "sparse"),
    [  # every loss and every activation meets all four kinds of data
        (*pair, bool(n & 1), bool(n & 2)) for n, pair in enumerate(product(LOSSES, ACTIVATIONS))
    ],
)
def test_gradient_is_that_of_the_objective(loss, activation, weighted, sparse):
    objective = make_objective(loss, activation, weighted=weighted, sparse=sparse)
    passes, theta = ReferencePasses(objective, B), make_theta(objective)
    grad, scratch = np.empty((2, len(theta)))
    passes.objective_and_grad(theta, grad)
    expected = numerical_gradient(lambda row: passes.objective_and_grad(row, scratch), theta)
    np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
def test_both_passes_give_the_same_gradient(loss):
    objective = make_objective(loss, weighted=True)
    passes, theta = ReferencePasses(objective, B), make_theta(objective)
    whole, batch = np.empty((2, len(theta)))
    passes.objective_and_grad(theta, whole)
    passes.loss_and_grad(theta, np.arange(B), batch)
    np.testing.assert_allclose(whole, batch, rtol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
def test_reported_losses(weighted):
    def reported(name, n_outputs=K):
        objective = make_objective(name, n_outputs=n_outputs, weighted=weighted)
        theta = make_theta(objective)
        weights, biases = objective.layout.views(theta)
        p = predict(weights, biases, objective.activations, objective.loss, objective.X)
        penalty = 0.5 * 0.3 * sum((W**2).sum() for W in weights)
        total = B if objective.sample_weight is None else objective.sample_weight.sum()
        value = ReferencePasses(objective, B).loss(theta) - penalty / total
        return value, objective.y, p, {"sample_weight": objective.sample_weight}

    value, y, p, more = reported("squared_error")
    assert value == pytest.approx(mean_squared_error(y, p, **more) / 2, rel=1e-12)
    value, y, p, more = reported("poisson")
    deviances = [mean_poisson_deviance(y[:, k], p[:, k], **more) for k in range(K)]
    assert value == pytest.approx(sum(deviances) / 2, rel=1e-12)
    value, y, p, more = reported("log_loss")
    assert value == pytest.approx(log_loss(y, p, **more), rel=1e-12)
    value, y, p, more = reported("binary_log_loss")
    losses = [log_loss(y[:, k], p[:, k], **more) for k in range(K)]
    assert value == pytest.approx(sum(losses), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["log_loss", "binary_log_loss"])
def test_reported_log_losses_clip_probabilities(name, dtype):
    y = np.array([[1, 0], [0, 1], [1, 0]], dtype=dtype)
    p = np.array([[0, 1], [0, 1], [0.25, 0.75]], dtype=dtype)
    eps = np.finfo(dtype).eps
    losses = LOSSES[name].reported(p, y)
    factor = 1 if name == "log_loss" else 2
    expected = factor * np.array([-np.log(eps), -np.log1p(-eps), -np.log(0.25)])
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_objectives_are_not_clipped():
    z = np.array([[-800.0, 0.0]])
    assert LOSSES["log_loss"].objective(z, np.array([[1.0, 0.0]]))[0] == pytest.approx(800)
    z, y = np.array([[-800.0]]), np.array([[1.0]])
    assert LOSSES["binary_log_loss"].objective(z, y)[0] == pytest.approx(800)


def test_a_poisson_prediction_of_0_is_right_for_0():
    with np.errstate(divide="ignore"):
        losses = POISSON.reported(np.array([[0.0], [0.0], [2.0]]), np.array([[0.0], [3.0], [2.0]]))
    np.testing.assert_array_equal(losses, [0, np.inf, 0])


def test_squared_error_sums_over_outputs_and_reports_the_mean():
    y, p = np.array([[1.0, 3.0]]), np.array([[0.0, 0.0]])
    assert LOSSES["squared_error"].objective(p, y)[0] == 5.0
    assert LOSSES["squared_error"].reported(p, y)[0] == 2.5


@pytest.mark.parametrize("loss", LOSSES)
def test_null_loss_is_the_loss_of_zero_weights(loss):
    objective = make_objective(loss, "tanh", weighted=True)
    zeros = np.zeros(objective.layout.n_params)
    assert objective.null_loss() == pytest.approx(ReferencePasses(objective, B).loss(zeros))


def test_a_batch_of_weight_zero_has_no_gradient():
    objective = make_objective("log_loss", weighted=True)
    objective.sample_weight[:2] = 0
    grad = np.full(objective.layout.n_params, 7.0)
    passes = ReferencePasses(objective, B)
    assert passes.loss_and_grad(make_theta(objective), np.array([0, 1]), grad) is None
    assert (grad == 7).all()


def test_rows_select_the_data():
    rows = np.array([8, 2, 5, 11])
    some = make_objective("log_loss", weighted=True, rows=rows)
    assert some.n_rows == 4
    y, sample_weight = some.targets()
    theta = make_theta(some)
    passes = ReferencePasses(some, 4)
    weight_arrays, biases = some.layout.views(theta)
    p = predict(weight_arrays, biases, some.activations, some.loss, some.X[rows])
    np.testing.assert_allclose(passes.predict(theta, rows), p)
    penalty = 0.15 * (theta[: some.layout.n_weights] ** 2).sum() / sample_weight.sum()
    assert passes.loss(theta) == pytest.approx(
        log_loss(y, p, sample_weight=sample_weight) + penalty
    )
