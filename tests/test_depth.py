"""Depth: correlations in closed form, order and chaos, variances of networks that were drawn."""

import numpy as np
import pytest

from sklearn_init import draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.network import forward_hidden
from sklearn_init.theory import (
    compute_depth_scales,
    find_critical_point,
    map_correlation,
    map_variance,
    predict_variances,
)


def arc_cosine(c):
    """E[relu(u) relu(v)] / q (Cho & Saul 2009)."""
    return (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / (2 * np.pi)


CORRELATIONS = (-1.0, -0.7, 0.3, 0.999999, 1.0)
LAWS_OF_DEPTH = [(0.01, 0.0), (1.0, 0.3), (50.0, 2.0)]


@pytest.mark.parametrize(("q", "sigma_b"), LAWS_OF_DEPTH)
@pytest.mark.parametrize("c", CORRELATIONS)
def test_correlations_in_closed_form(q, sigma_b, c):
    laws = {
        "identity": q * c,
        "relu": q * arc_cosine(c),
        "leaky_relu": q * (1.0001 * arc_cosine(c) - 0.02 * arc_cosine(-c)),
        "sine": (np.exp(-q * (1 - c)) - np.exp(-q * (1 + c))) / 2,
    }
    for name, together in laws.items():
        found = map_correlation(c, name, 1.3, sigma_b, q)
        expected = (1.69 * together + sigma_b**2) / map_variance(q, name, 1.3, sigma_b)
        assert found == pytest.approx(expected, abs=1e-9)


def test_order_and_chaos():
    ordered = compute_depth_scales("tanh", 1.2, 0.3)
    chaotic = compute_depth_scales("tanh", 1.6, 0.3)
    assert ordered.chi < 1 == ordered.correlation
    assert ordered.correlation_scale == pytest.approx(-1 / np.log(ordered.chi))
    assert chaotic.chi > 1 > chaotic.correlation > 0
    for sigma_w, scales in ((1.2, ordered), (1.6, chaotic)):
        law = ("tanh", sigma_w, 0.3)
        # the scales are those at which the maps converge
        for c in (scales.correlation - 1e-4, scales.correlation + 1e-4):
            if c <= 1:
                step = (map_correlation(c, *law) - scales.correlation) / (c - scales.correlation)
                assert -1 / np.log(step) == pytest.approx(scales.correlation_scale, rel=0.01)
        q = scales.variance + 1e-4
        step = (map_variance(q, *law) - scales.variance) / 1e-4
        assert -1 / np.log(step) == pytest.approx(scales.variance_scale, rel=0.01)


def test_scales_are_remembered():
    first = compute_depth_scales("tanh", 1.6, 0.3)
    second = compute_depth_scales(ACTIVATIONS["tanh"], 1.6, 0.3)
    assert first is second


def test_chaos_without_biases_forgets_everything():
    scales = compute_depth_scales("tanh", 2.0)
    assert scales.correlation == 0
    assert scales.correlation_scale > 0


@pytest.mark.parametrize("name", ["tanh", "hard_tanh"])
@pytest.mark.parametrize("nudge", [1e-3, 1e-7, 1e-12, 0.0, -1e-8])
def test_near_the_edge(name, nudge):
    point = find_critical_point(name, 1.0)
    scales = compute_depth_scales(name, point.sigma_w * (1 + nudge), 1.0)
    assert scales.chi == pytest.approx(1, abs=0.01)
    assert 0.99 < scales.correlation <= 1
    assert scales.correlation_scale > 100


@pytest.mark.parametrize("nudge", [-3e-5, 3e-5])
@pytest.mark.parametrize("sigma_b", [0.2, 1.0])
def test_the_edge_is_narrow(sigma_b, nudge):
    sigma_w = find_critical_point("tanh", sigma_b).sigma_w * (1 + nudge)
    scales = compute_depth_scales("tanh", sigma_w, sigma_b)
    assert 1e-5 < abs(scales.chi - 1) < 1e-4
    assert (scales.chi > 1) == (nudge > 0) == (scales.correlation < 1)
    following = map_correlation(scales.correlation, "tanh", sigma_w, sigma_b, scales.variance)
    assert following == pytest.approx(scales.correlation, abs=1e-9)
    # where two fixed points meet, one attracts as much as the other one repels
    assert scales.correlation_scale == pytest.approx(1 / abs(scales.chi - 1), rel=1e-3)


@pytest.mark.parametrize(
    ("activation", "sigma_w", "sigma_b"),
    [
        ("mish", 1.42, 0.3),  # 1.14 attracts, 2.17 repels
        ("mish", 1.42, 0.303),  # closer together
        ("tanh", 1.2, 0.2),
        ("tanh", 5.0, 0.2),
    ],
)
def test_the_fixed_point_is_the_one_that_1_leads_to(activation, sigma_w, sigma_b):
    law = activation, sigma_w, sigma_b
    scales = compute_depth_scales(*law)
    assert map_variance(scales.variance, *law) == pytest.approx(scales.variance, rel=1e-9)
    assert 0 < scales.variance_scale < np.inf  # attracts
    way = np.geomspace(1, scales.variance, 50)[:-1]
    grows = [map_variance(q, *law) > q for q in way]
    assert grows == [scales.variance > 1] * 49  # no other one lies in between


@pytest.mark.parametrize(
    ("law", "variance"),
    [
        (("tanh", 1.0), 0.0),  # shrinks more slowly in every layer
        (("relu", 1.4), 0.0),
        (("relu", 0.0), 0.0),
        (("relu", 1.42), np.inf),
        (("identity", 1.0, 0.1), np.inf),
    ],
)
def test_where_there_is_no_fixed_point(law, variance):
    scales = compute_depth_scales(*law)
    assert scales.variance == variance
    assert np.isnan(scales[1:]).all()
    with pytest.raises(ValueError, match=f"the variance goes to {variance:g}: give the variance"):
        map_correlation(0.5, *law)


@pytest.mark.parametrize(
    ("law", "variance", "scale"),
    [
        (("relu", 0.0, 0.5), 0.25, 0.0),
        (("relu", 1.0, 1e-6), 2e-12, 1 / np.log(2)),  # F(q) = q / 2 + sigma_b^2
        (("relu", 2**0.5), 1.0, np.inf),
    ],
)
def test_variance_scales(law, variance, scale):
    scales = compute_depth_scales(*law)
    assert scales.variance == pytest.approx(variance, rel=1e-9)
    assert scales.variance_scale == pytest.approx(scale, rel=1e-9)


SIZES = (50, 400, 300, 200, 3)


@pytest.mark.parametrize(
    ("activation", "scheme"),
    [
        ("relu", "he_normal"),
        ("tanh", "glorot_uniform"),
        ("selu", "lecun_normal"),
        ("relu", "torch"),
    ],
)
def test_predicted_variances_of_wide_networks(activation, scheme):
    X = np.random.default_rng(0).normal(size=(500, 50))
    n_hidden = len(SIZES) - 2
    ratios = []
    for seed in range(4):
        coefs, intercepts = draw(SIZES, scheme, activation, random_state=seed)
        predicted = predict_variances(coefs, intercepts, activation, np.mean(X**2))
        a = forward_hidden(
            coefs[:n_hidden], intercepts[:n_hidden], [ACTIVATIONS[activation]] * n_hidden, X
        )
        ratios.append(np.mean((a @ coefs[-1] + intercepts[-1]) ** 2) / predicted[-1])
    # three outputs in each of four networks: a standard error of about sqrt(2 / 12)
    assert np.mean(ratios) == pytest.approx(1, abs=3 * (2 / 12) ** 0.5)


def test_predicted_variances_in_closed_form():
    coefs = [np.full((7, 5), 2.0), np.ones((5, 3), np.float32), np.ones((3, 2))]
    intercepts = [np.full(5, 3.0), np.zeros(3), np.array([1.0, 3.0])]
    first = 7 * 4 * 0.5 + 9
    second = 5 * first / 2
    expected = [first, second, 3 * second / 2 + 5]
    found = predict_variances(coefs, intercepts, "relu", 0.5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    mixed = predict_variances(coefs, intercepts, ["identity", ACTIVATIONS["relu"]], 0.5)
    np.testing.assert_allclose(mixed, [first, 5 * first, 3 * 5 * first / 2 + 5], rtol=1e-12)


def test_predicted_variances_of_a_network_of_zeros():
    zeros = [np.zeros((4, 4))] + [np.ones((4, 4))] * 2, [np.zeros(4)] * 3
    np.testing.assert_array_equal(predict_variances(*zeros, "tanh"), 0)
    np.testing.assert_allclose(predict_variances(*zeros, "logistic")[:2], [0, 4 * 0.5**2])
