"""A trace: what it keeps is what the passes compute, and its derivatives are derivatives."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.diagnostics import trace
from sklearn_init.diagnostics._trace import MAX_ROWS, MIN_ROWS, choose_n_rows, choose_rows
from sklearn_init.losses import LOSSES, SQUARED_ERROR
from sklearn_init.network import Layout, Objective, ReferencePasses, predict

B, SIZES = 7, (3, 5, 4, 2)
LAYOUT = Layout(SIZES)


def make_theta(layout=LAYOUT, seed=1):
    return np.random.default_rng(seed).normal(scale=0.5, size=layout.n_params)


def make_rows(loss="squared_error"):
    rng = np.random.default_rng(0)
    targets = {
        "squared_error": rng.normal(size=(B, SIZES[-1])),
        "poisson": rng.poisson(2.0, size=(B, SIZES[-1])).astype(float),
        "binary_log_loss": (rng.random((B, SIZES[-1])) < 0.5).astype(float),
        "log_loss": np.eye(SIZES[-1])[rng.integers(SIZES[-1], size=B)],
    }
    return rng.normal(size=(B, SIZES[0])), targets[loss]


def make_trace(activation="tanh", loss="squared_error", theta=None, X=None):
    rows, y = make_rows(loss)
    X, theta = rows if X is None else X, make_theta() if theta is None else theta
    return trace(LAYOUT, theta, [ACTIVATIONS[activation]] * 2, LOSSES[loss], X, y)


def differentiate(function, at, step=1e-6):
    """Return the derivatives of an array's function, with a last axis for the entries of `at`."""
    steps = step * np.eye(at.size).reshape(-1, *at.shape)
    return np.stack([(function(at + s) - function(at - s)) / (2 * step) for s in steps], axis=-1)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_gradients_are_those_of_the_passes(activation, loss):
    X, y = make_rows(loss)
    objective = Objective(LAYOUT, (ACTIVATIONS[activation],) * 2, LOSSES[loss], 0.0, X, y)
    grad = np.empty(LAYOUT.n_params)
    ReferencePasses(objective, B).loss_and_grad(make_theta(), slice(None), grad)
    traced = make_trace(activation, loss)
    for found, wanted in zip(traced.gradients, LAYOUT.views(grad)[0], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_deltas_are_derivatives_of_each_row_s_loss(activation):
    _, y = make_rows()
    traced = make_trace(activation)

    def losses(biases):  # what is added to a bias is added to z
        theta = make_theta()
        theta[LAYOUT.n_weights :] = biases
        return SQUARED_ERROR.objective(make_trace(activation, theta=theta).z[-1], y)

    numerical = differentiate(losses, make_theta()[LAYOUT.n_weights :])
    np.testing.assert_allclose(np.hstack(traced.deltas), numerical, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobians_are_derivatives_of_the_output(activation):
    X, _ = make_rows()
    traced = make_trace(activation)
    of_inputs = np.stack(
        [
            differentiate(lambda x: make_trace(activation, X=np.tile(x, (B, 1))).z[-1][0], x)
            for x in X[:2]
        ]
    )
    np.testing.assert_allclose(traced.jacobians[0][:2], of_inputs, rtol=1e-5, atol=1e-7)
    assert [J.shape for J in traced.jacobians] == [(B, 2, 3), (B, 2, 5), (B, 2, 4)]
    np.testing.assert_array_equal(traced.jacobians[-1][3], traced.weights[-1].T)


def test_singular_values_are_those_of_the_jacobians():
    traced = make_trace()
    numpy = np.linalg.svd(traced.jacobians[1], compute_uv=False)
    np.testing.assert_allclose(traced.singular_values[1], numpy)


def test_it_keeps_what_enters_and_what_comes_out():
    X, _ = make_rows()
    traced = make_trace("relu", "log_loss")
    np.testing.assert_array_equal(traced.inputs[0], X)
    np.testing.assert_array_equal(traced.inputs[2], np.maximum(traced.z[1], 0))
    np.testing.assert_array_equal(traced.slopes[1], traced.z[1] > 0)
    weights, biases = LAYOUT.views(make_theta())
    relu = ACTIVATIONS["relu"]
    expected = predict(weights, biases, [relu, relu], LOSSES["log_loss"], X)
    np.testing.assert_allclose(traced.prediction, expected)


def test_without_targets_random_directions_go_back():
    X, _ = make_rows()
    layout, tanh = Layout((3, 5, 401)), [ACTIVATIONS["tanh"]]
    first, second = (
        trace(layout, make_theta(layout, seed), tanh, SQUARED_ERROR, X) for seed in (1, 2)
    )
    assert first.gradients is None
    np.testing.assert_array_equal(first.deltas[-1], second.deltas[-1])
    assert abs(first.deltas[-1].mean()) < 0.1
    assert abs(first.deltas[-1].std() - 1) < 0.1
    expected = first.deltas[-1] @ first.weights[-1].T * first.slopes[0]
    np.testing.assert_allclose(first.deltas[0], expected)


def test_sparse_rows_and_float32_give_float64():
    X, y = make_rows()
    X = (X * (X > 0)).astype(np.float32)
    theta, tanh = make_theta().astype(np.float32), [ACTIVATIONS["tanh"]] * 2
    sparse = trace(LAYOUT, theta, tanh, SQUARED_ERROR, csr_array(X), y)
    dense = trace(LAYOUT, theta, tanh, SQUARED_ERROR, X, y)
    assert sparse.z[-1].dtype == np.float64
    np.testing.assert_array_equal(sparse.z[-1], dense.z[-1])


def test_rows_are_chosen_evenly():
    assert choose_rows(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert choose_rows(101, 5).tolist() == [0, 25, 50, 75, 100]
    assert len(np.unique(choose_rows(203, 200))) == 200
    X = np.arange(1001.0)[:, np.newaxis]
    traced = trace(Layout((1, 1)), np.zeros(2), [], SQUARED_ERROR, X, X)
    np.testing.assert_array_equal(traced.inputs[0], X[choose_rows(1001, MAX_ROWS)])
    np.testing.assert_array_equal(traced.y, traced.inputs[0])


def test_large_networks_are_looked_at_with_fewer_rows():
    assert choose_n_rows(Layout((64, 64, 10))) == MAX_ROWS
    assert MIN_ROWS < choose_n_rows(Layout((10**5, 17))) < MAX_ROWS
    assert choose_n_rows(Layout((10**7, 17))) == MIN_ROWS


def test_numbers_that_overflow_are_kept_without_a_warning():
    traced = make_trace("relu", theta=1e200 * make_theta())
    assert not np.isfinite(traced.z[-1]).all()
    assert len(traced.deltas) == len(traced.singular_values) == 3
