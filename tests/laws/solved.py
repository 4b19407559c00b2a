"""Laws of schemes that are scaled or solved with the data."""

import warnings

import numpy as np
import scipy.linalg
from scipy.special import expit
from scipy.stats import kstest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import Ridge

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.network import forward_hidden

RNG = np.random.default_rng(11)
# correlated columns of different sizes and means
X = RNG.normal(size=(83, 9)) @ RNG.normal(size=(9, 9)) * np.geomspace(0.1, 9, 9) + np.arange(9)
TARGETS = np.stack([np.sin(X[:, 0]) + X[:, 8], X[:, 2] * X[:, 7]], axis=1)
LABELS = (X[:, 0] > 0) + (X[:, 8] > 10).astype(int)


def start(initializer, y=TARGETS, data=X, hidden=(13, 7), activation="relu", **more):
    estimator = InitMLPClassifier if y.ndim == 1 and y.dtype.kind == "i" else InitMLPRegressor
    return estimator(
        hidden_layer_sizes=hidden,
        activation=activation,
        weight_init=initializer,
        alpha=0,
        random_state=0,
        **more,
    ).initialize(data, y)


def preactivations(net, activation="relu", data=X):
    """Return what every layer's units see, written with NumPy's own functions."""
    phi = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "logistic": expit}[activation]
    a, all_z = data, []
    for W, b in zip(net.coefs_, net.intercepts_, strict=True):
        all_z.append(a @ W + b)
        a = phi(all_z[-1])
    return all_z


def lsuv(initializer):
    for activation in ("relu", "tanh", "logistic"):
        net = start(initializer, activation=activation)
        for z in preactivations(net, activation):
            assert abs(z.std() - 1) < 1e-12
        assert not any(b.any() for b in net.intercepts_)
    W = start(initializer).coefs_[1]  # orthogonal, but for one factor
    np.testing.assert_allclose(W.T @ W, np.eye(7) * (W.T @ W)[0, 0], atol=1e-12)


def unit_variance(initializer):
    for activation in ("relu", "tanh", "logistic"):
        for z in preactivations(start(initializer, activation=activation), activation):
            np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-11)
            np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-11)
    check_directions(initializer)


def unit_std(initializer):
    net = start(initializer)
    for z in preactivations(net):
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-12)
    assert abs(preactivations(net)[0].mean(axis=0)).max() > 1
    assert not any(b.any() for b in net.intercepts_)
    check_directions(initializer)


def realmlp(initializer):
    net = start(initializer, hidden=(1301, 7))
    for z, b in zip(preactivations(net), net.intercepts_, strict=True):
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-12)
        assert (z.min(axis=0) <= 0).all() or not b.any()
        assert (z.max(axis=0) >= 0).all() or not b.any()
    # sums of 5 numbers of variance 1, times shares uniform on the simplex: 5 E[share^2] = 1/3
    means = preactivations(net)[0].mean(axis=0)
    assert abs(means.var() * 3 - 1) < 5 * np.sqrt(2 / 1301)
    assert not net.intercepts_[-1].any()
    check_directions(initializer)


def check_directions(initializer):
    """Units have uniformly random directions, as columns of normal numbers do."""
    W = start(initializer, hidden=(1301,)).coefs_[0]
    cosines = W[4] / np.linalg.norm(W, axis=0)
    assert kstest(np.sqrt(8) * cosines / np.sqrt(1 - cosines**2), "t", args=(8,)).pvalue > 1e-3


def within_layer_pca(initializer):
    net = start(initializer)
    for z in preactivations(net):
        np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-11)
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-11)
    W = net.coefs_[0]
    W = W / np.linalg.norm(W, axis=0)
    directions = np.linalg.svd(X - X.mean(axis=0))[2].T
    np.testing.assert_allclose(abs((directions * W[:, :9]).sum(axis=0)), 1, rtol=1e-10)
    assert abs(directions.T @ W[:, 9:]).max() < 0.99  # the rest is normal
    few = start(initializer, TARGETS[:5], X[:5]).coefs_[0]
    few = few / np.linalg.norm(few, axis=0)
    directions = np.linalg.svd(X[:5] - X[:5].mean(axis=0))[2].T[:, :4]
    np.testing.assert_allclose(abs((directions * few[:, :4]).sum(axis=0)), 1, rtol=1e-10)
    assert (np.linalg.norm(directions.T @ few[:, 4:], axis=0) < 0.999).all()


def class_prior(initializer):
    goldens = {load_digits: 2.302479, load_breast_cancer: 0.660316, load_wine: 1.086038}
    for load, golden in goldens.items():
        data, y = load(return_X_y=True)
        shares = np.bincount(y) / len(y)
        entropy = -(shares * np.log(shares)).sum()
        assert abs(entropy - golden) < 1e-6
        net = start(initializer, y, data)
        assert abs(net.loss_ - entropy) < 1e-9
        assert not net.coefs_[-1].any()
        assert net.coefs_[0].any()
    data, y = load_diabetes(return_X_y=True)
    net = start(initializer, y, data)
    assert abs(net.loss_ - 0.5 * y.var()) < 1e-9
    assert abs(net.loss_ - 2964.942448) < 1e-6
    net = start(initializer, abs(TARGETS[:, 0]), loss="poisson")
    np.testing.assert_allclose(net.predict(X), abs(TARGETS[:, 0]).mean(), rtol=1e-12)


def hidden_outputs(net, data=X):
    relu = [ACTIVATIONS["relu"]] * 2
    return forward_hidden(net.coefs_[:2], net.intercepts_[:2], relu, data)


def least_squares_output(initializer):
    net = start(initializer)
    H = hidden_outputs(net)
    residual = TARGETS - net.predict(X)
    scale = np.linalg.norm(H, axis=0)[:, np.newaxis] * np.linalg.norm(residual, axis=0)
    assert (abs(H.T @ residual) / scale).max() < 1e-8
    assert abs(residual.sum(axis=0)).max() < 1e-8
    check_log_loss(initializer, 0.01, 1e-5)


def swim_least_squares(initializer):
    least_squares_output(initializer)
    net, swim = start(initializer), start("swim")
    for W, W_swim in zip(net.coefs_[:2], swim.coefs_[:2], strict=True):
        np.testing.assert_array_equal(W, W_swim)


def ridge_output(initializer):
    net = start(initializer)
    ridge = Ridge(alpha=1.0).fit(hidden_outputs(net), TARGETS)
    np.testing.assert_allclose(net.coefs_[-1], ridge.coef_.T, rtol=1e-7)
    np.testing.assert_allclose(net.intercepts_[-1], ridge.intercept_, rtol=1e-7)
    check_log_loss(initializer, 1.0, 1e-5)


def check_log_loss(initializer, alpha, tolerance):
    """The penalized loss, convex in the output layer, has no slope there."""
    weight = np.linspace(0.2, 1.8, len(X))
    net = InitMLPClassifier((13, 7), weight_init=initializer, random_state=0)
    net.initialize(X, LABELS, sample_weight=weight)
    H, W = hidden_outputs(net), net.coefs_[-1]
    assert max_slope(H, W, net.predict_proba(X), weight, alpha) < tolerance


def max_slope(H, W, probabilities, weight, alpha):
    """Return the largest derivative by a standardized feature's weight, or by a bias, per row."""
    delta = weight[:, np.newaxis] * (probabilities - np.eye(3)[LABELS])
    slopes = (H - H.mean(axis=0)).T @ delta + alpha * W
    return max(
        abs(slopes / (H.std(axis=0) + 1e-9)[:, np.newaxis]).max(), abs(delta.sum(axis=0)).max()
    ) / len(H)


def linear_warm_start(initializer):
    for activation in ("relu", "leaky_relu", "gelu", "softplus"):
        check_is_linear(initializer, activation, 1e-10)
    for activation in ("tanh", "logistic", "arctan"):
        check_is_linear(initializer, activation, 0.01)
        check_is_linear(clone(initializer).set_params(scale=0.001), activation, 1e-6)
    # logistic regression of three classes: two directions, four carriers
    net = start(initializer, LABELS)
    logits = net.predict_log_proba(X)
    logits -= logits.mean(axis=1, keepdims=True)
    coef = np.linalg.lstsq(np.hstack([X, np.ones((len(X), 1))]), logits, rcond=None)[0]
    np.testing.assert_allclose(X @ coef[:-1] + coef[-1], logits, atol=1e-9)
    assert max_slope(X, coef[:-1], net.predict_proba(X), np.ones(len(X)), 1.0) < 1e-4
    assert [np.count_nonzero(W.any(axis=1)) for W in net.coefs_] == [9, 13, 4]
    for dtype, tolerance in [("float64", 1e-11), ("float32", 1e-4)]:
        for shape in ((83, 9), (23, 40)):
            check_scales(initializer, dtype, shape, tolerance)


def check_scales(initializer, dtype, shape, tolerance):
    """The linear model is ridge regression, however columns differ in scale."""
    rng = np.random.default_rng(0)
    scale = rng.permutation(np.geomspace(1e-6, 1e9, shape[1]))
    data = (rng.normal(size=shape) * scale).astype(dtype)
    y = (data / scale) @ rng.normal(size=(shape[1], 2)) + [0, 100]
    y += rng.normal(size=y.shape)
    for alpha in (1e-12, 1.0, 1e4):
        net = start(clone(initializer).set_params(alpha=alpha), y, data, dtype=dtype)
        # ridge regression of scaled columns, as least squares with rows for the penalty
        centered, targets = data - data.mean(axis=0, dtype=float), y - y.mean(axis=0)
        rows = np.vstack([centered, np.sqrt(alpha) * np.eye(shape[1])])
        norms = np.linalg.norm(rows, axis=0)
        targets = np.vstack([targets, np.zeros((shape[1], 2))])
        expected = centered @ (np.linalg.lstsq(rows / norms, targets, rcond=None)[0].T / norms).T
        assert abs(net.predict(data) - y.mean(axis=0) - expected).max() < tolerance * y.std()
        if alpha == 1.0 and shape[0] > shape[1]:
            with warnings.catch_warnings():  # ill-conditioned, but for the scales it is not
                warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
                ridge = Ridge(alpha, solver="cholesky").fit(data.astype(float), y)
            assert abs(net.predict(data) - ridge.predict(data)).max() < tolerance * y.std()


def check_is_linear(initializer, activation, tolerance):
    net = start(initializer, activation=activation, hidden=(13, 7, 5))
    ridge = Ridge(alpha=1.0).fit(X, TARGETS)
    error = (net.predict(X) - ridge.predict(X)) / TARGETS.std(axis=0)
    assert abs(error).max() < tolerance
    if tolerance < 1e-9:  # elsewhere, too
        np.testing.assert_allclose(net.predict(10 * X), ridge.predict(10 * X), rtol=1e-8)


def best_of_draws(initializer):
    candidates = []

    class Recorded(type(initializer._get_base())):
        def adjust(self, layer, network, X, y, rng):
            if layer.is_output:
                both = network.weights, network.biases
                candidates.append([[a.copy() for a in arrays] for arrays in both])

    base = Recorded(**initializer._get_base().get_params())
    net = start(clone(initializer).set_params(base=base))
    losses = [
        0.5 * np.mean((start([*W], bias_init=[*b]).predict(X) - TARGETS) ** 2)
        for W, b in candidates
    ]
    assert len(set(losses)) == 10
    np.testing.assert_allclose(net.loss_, min(losses), rtol=1e-12)
    plain = start(initializer)
    for kept, array in zip(plain.coefs_, net.coefs_, strict=True):
        np.testing.assert_array_equal(kept, array)


LAWS = {
    "lsuv": lsuv,
    "within_layer": unit_variance,
    "within_layer_pca": within_layer_pca,
    "weightnorm": unit_variance,
    "unit_std": unit_std,
    "realmlp": realmlp,
    "class_prior": class_prior,
    "least_squares_output": least_squares_output,
    "swim_least_squares": swim_least_squares,
    "ridge_output": ridge_output,
    "linear_warm_start": linear_warm_start,
    "best_of_draws": best_of_draws,
}
