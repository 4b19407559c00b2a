"""Counting distinct units: what is a copy, a mirror image or a multiple of another."""

import numpy as np
import pytest

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.diagnostics import DIAGNOSTICS, count_distinct_units, measure, trace
from sklearn_init.losses import SQUARED_ERROR
from sklearn_init.network import Layout

B = 13


def make_trace(weights, biases, activation):
    layout, X = Layout.of(weights), np.random.default_rng(3).normal(size=(B, len(weights[0])))
    theta = layout.row(weights, biases)
    return trace(layout, theta, (ACTIVATIONS[activation],), SQUARED_ERROR, X)


def twins(activation):
    """Return a layer of five units: three and two of a kind but for sign and scale."""
    w, v = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.7])
    W = np.column_stack([w, -w, 4 * w, v[0] * np.ones(3), w])
    b = np.array([0.25, -0.25, 1.0, 0.0, 0.25])
    V = np.array([v, -v, 4 * v, v, v])
    traced = make_trace([W, V], [b, np.zeros(2)], activation)
    names = "distinct_units", "distinct_up_to_sign", "distinct_up_to_scale"
    return tuple(int(DIAGNOSTICS[name].measure(traced)[0]) for name in names)


def test_units_that_do_the_same_are_counted_once():
    assert twins("tanh") == (4, 3, 4)
    assert twins("relu") == (4, 4, 3)
    assert twins("identity") == (4, 3, 3)
    assert twins("gelu") == (4, 4, 4)


@pytest.mark.parametrize(("power", "n_distinct"), [(1, 1), (-1, 6)])
def test_multiples_are_counted_once_if_gradient_descent_keeps_them(power, n_distinct):
    rng, c = np.random.default_rng(0), np.linspace(0.5, 2, 6)
    w, b, v = rng.normal(size=(3, 1)), 0.7, rng.normal(size=(1, 2))
    layout = Layout((3, 6, 2))
    # what leaves is the same multiple, or compensates: then all units do the same, for now
    theta = layout.row([w * c, c[:, np.newaxis] ** power * v], [b * c, np.zeros(2)])
    X, y, counts = rng.normal(size=(B, 3)), rng.normal(size=(B, 2)), []
    for _ in range(20):
        traced = trace(layout, theta, (ACTIVATIONS["relu"],), SQUARED_ERROR, X, y)
        counts.append(int(measure(traced)["distinct_up_to_scale"][0]))
        grad = [traced.inputs[0].T @ traced.deltas[0], traced.inputs[1].T @ traced.deltas[1]]
        theta = theta - 0.1 * layout.row(grad, [delta.sum(axis=0) for delta in traced.deltas]) / B
    assert counts == [n_distinct] * 20
    assert measure(traced)["distinct_units"][0] == 6


def test_multiples_may_be_of_any_size():
    W, V = np.ones((3, 4)) * [1, 1e200, 1e-200, 1e9], np.ones((4, 2))
    V *= W[0][:, np.newaxis]
    traced = make_trace([W, V], [np.zeros(4), np.zeros(2)], "relu")
    assert measure(traced)["distinct_up_to_scale"][0] == 1


def test_equal_units_may_differ_by_a_tolerance():
    rng = np.random.default_rng(0)
    W, V = np.ones((3, 40)) * 5, np.ones((40, 2))
    W += 1e-8 * rng.normal(size=W.shape)
    assert count_distinct_units(W, np.zeros(40), V) == 40
    assert count_distinct_units(W, np.zeros(40), V, tolerance=1e-6) == 1
    W[:, 7:] += 1e-3 * np.arange(33)
    assert count_distinct_units(W, np.zeros(40), V, tolerance=1e-6) == 33


def test_the_tolerance_is_that_of_the_layer_whichever_input_is_first():
    W = np.ones((4, 6))
    W[0] = 1e-9 * np.random.default_rng(0).normal(size=6)
    for rows in (W, W[::-1]):
        assert count_distinct_units(rows, np.zeros(6), np.ones((6, 2)), tolerance=1e-6) == 1
        assert count_distinct_units(rows, np.zeros(6), np.ones((6, 2))) == 6
