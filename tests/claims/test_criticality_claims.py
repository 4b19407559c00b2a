"""Claims of the literature on how deep signals go in random networks, reproduced.

Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli 2016, "Exponential expressivity in deep neural
networks through transient chaos", arXiv 1606.05340: the map of correlations, its two phases.
Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017, "Deep information propagation", arXiv
1611.01232: depth scales, and that networks much deeper than them do not train. And what the maps
say of the defaults of libraries with relu.
"""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, Normal, VarianceScaling, draw
from sklearn_init.theory import (
    compute_depth_scales,
    find_critical_point,
    map_correlation,
    map_variance,
    predict_variances,
)

VARIANCE_B = 0.05
SIGMA_B = VARIANCE_B**0.5


def test_the_edge_of_chaos_of_tanh():
    point = find_critical_point("tanh", SIGMA_B)
    assert point.sigma_w**2 == pytest.approx(1.760955, abs=1e-6)
    assert point.variance == pytest.approx(0.570048, abs=1e-6)


@pytest.mark.parametrize(
    ("variance_w", "correlation", "scale"),
    [
        (1.3, 1, 7.83),
        (1.5, 1, 15.79),
        (1.7, 1, 74.9),
        (2.0, 0.744, 25.2),
        (2.5, None, 11.8),
        (4.0, None, 6.98),
    ],
)
def test_the_depth_scales_of_tanh(variance_w, correlation, scale):
    scales = compute_depth_scales("tanh", variance_w**0.5, SIGMA_B)
    assert scales.correlation_scale == pytest.approx(scale, rel=0.005)
    assert (scales.chi < 1) == (variance_w < 1.760955)
    if variance_w == 1.3:
        assert scales.chi == pytest.approx(0.880164, abs=1e-6)
    if correlation:
        assert scales.correlation == pytest.approx(correlation, abs=5e-4)


def correlate(a, b):
    """Return the correlations, through the origin, of the rows of a and those of b."""
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.sum(a * b, axis=-1) / norms


@pytest.mark.parametrize(("variance_w", "correlation"), [(1.3, 0.9), (2.5, 0.0)])
def test_the_map_of_correlations_in_a_wide_network(variance_w, correlation):
    width, n_pairs, n_networks, depth = 300, 40, 5, 8
    law = "tanh", variance_w**0.5, SIGMA_B
    q = compute_depth_scales(*law).variance
    rng = np.random.default_rng(0)
    u, other = np.sqrt(q) * rng.normal(size=(2, n_networks, n_pairs, width))
    v = correlation * u + np.sqrt(1 - correlation**2) * other
    for _ in range(depth):
        W = rng.normal(size=(n_networks, width, width)) * np.sqrt(variance_w / width)
        b = rng.normal(size=(n_networks, 1, width)) * SIGMA_B
        u, v = np.tanh(u) @ W + b, np.tanh(v) @ W + b
        correlation = map_correlation(correlation, *law, variance=q)
    # of a single pair it is off by about 1 / sqrt(width) per layer, and pairs of one network are
    # alike in that: hence the mean over several
    assert correlate(u, v).mean() == pytest.approx(correlation, abs=0.02)


def fit_digits(depth, variance_w):
    """Return the training accuracy of a deep network of critical biases, trained by SGD."""
    X, y = load_digits(return_X_y=True)
    X, y = scale(X).astype(np.float32)[:900], y[:900]
    net = InitMLPClassifier(
        (100,) * depth, activation="tanh", solver="sgd", learning_rate_init=0.003,
        weight_init=VarianceScaling(variance_w, "fan_in", "normal"), bias_init=Normal(SIGMA_B),
        alpha=0, batch_size=50, max_iter=30, tol=0, n_iter_no_change=100, random_state=0,
    )  # fmt: skip
    return net.fit(X, y).score(X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_networks_much_deeper_than_their_scale_do_not_train():
    depth_scale = compute_depth_scales("tanh", 1.0, SIGMA_B).correlation_scale
    assert depth_scale == pytest.approx(3.63, abs=0.01)
    assert fit_digits(round(3 * depth_scale), 1.0) > 0.9
    too_deep = round(12 * depth_scale)
    assert fit_digits(too_deep, 1.0) < 0.7
    assert fit_digits(too_deep, 1.76) > 0.9  # depth is no obstacle on the edge of chaos


WIDTH, DEPTH = 200, 30


@pytest.mark.parametrize(
    ("scheme", "variance_w", "variance_b", "fixed", "factor"),
    [
        ("torch", 1 / 3, 1 / (3 * WIDTH), 0.4 / WIDTH, 1 / 6),
        ("sklearn", 1.0, 1 / WIDTH, 2 / WIDTH, 1 / 2),
    ],
)
def test_default_biases_are_all_that_is_left_of_relu_networks(
    scheme, variance_w, variance_b, fixed, factor
):
    law = "relu", variance_w**0.5, variance_b**0.5
    scales = compute_depth_scales(*law)
    assert scales.variance == pytest.approx(fixed, rel=1e-9)
    # the part of the signal dies by this factor in every layer
    assert scales.variance_scale == pytest.approx(-1 / np.log(factor), rel=1e-9)
    q = map_variance(map_variance(1.0, *law), *law) - fixed
    assert q == pytest.approx(factor**2 * (1 - fixed), rel=1e-9)
    # what was drawn has this law, within what the entries of 200 x 200 matrices leave open
    coefs, intercepts = draw((WIDTH,) * (DEPTH + 1), scheme, "relu", random_state=0)
    deep = predict_variances(coefs, intercepts, "relu")[DEPTH // 2 :]
    np.testing.assert_allclose(deep, fixed, rtol=0.3)
    assert deep.mean() == pytest.approx(fixed, rel=0.05)


def test_half_of_the_signal_is_left_per_layer_by_glorot_with_relu():
    q = 1.0
    for layer in range(1, DEPTH + 1):
        q = map_variance(q, "relu", 1.0)
        assert q == pytest.approx(2.0**-layer, rel=1e-9)
    coefs, intercepts = draw((WIDTH,) * DEPTH, "glorot_normal", "relu", random_state=0)
    drawn = predict_variances(coefs, intercepts, "relu", 2.0)  # so that the first one is 2
    np.testing.assert_allclose(drawn, 2.0 ** (1 - np.arange(len(drawn))), rtol=0.1)
