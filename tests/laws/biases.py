"""Laws of biases."""

import numpy as np

from sklearn_init import InitMLPRegressor, Orthogonal, draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import Compensated
from sklearn_init.network import forward_hidden

MIXED = ("logistic", "softplus", "tanh")
MEANS = (0.5, 0.8060591831, 0.0)


def check_mixed(initializer):
    """What is taken out is the mean of the layer before, from the weights of any scheme."""
    X = np.random.default_rng(0).normal(size=(17, 5))
    reg = InitMLPRegressor(
        hidden_layer_sizes=(11, 7, 9), activation=MIXED, weight_init="he_normal",
        bias_init=initializer, random_state=0,
    ).initialize(X, X[:, :2])  # fmt: skip
    assert not reg.intercepts_[0].any()
    for W, b, mean in zip(reg.coefs_[1:], reg.intercepts_[1:], MEANS, strict=True):
        np.testing.assert_allclose(b, -mean * W.sum(axis=0), rtol=1e-8, atol=1e-15)


def check_means():
    """What enters a unit has the mean 0 over many rows, where z is N(0, 1) for all inputs."""
    # orthogonal matrices keep signals independent, and of the variance that is planned
    coefs, intercepts = draw((43, 41, 37, 5), Compensated(Orthogonal("centered")), MIXED[:2], 0)
    X = np.random.default_rng(0).normal(size=(20_000, 43)) / np.linalg.norm(coefs[0][:, 0])
    hidden = [ACTIVATIONS[name] for name in MIXED]
    for depth in (1, 2):
        a = forward_hidden(coefs[:depth], intercepts[:depth], hidden[:depth], X)
        z = a @ coefs[depth] + intercepts[depth]
        np.testing.assert_allclose(z.std(axis=0), 1, rtol=0.05)
        np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.05)


def compensated(initializer):
    coefs, intercepts = draw((5, 7, 9, 3), initializer, "logistic", random_state=0)
    X = np.random.default_rng(0).normal(size=(11, 5))
    logistic = forward_hidden(coefs[:2], intercepts[:2], [ACTIVATIONS["logistic"]] * 2, X)
    # a logistic network with such biases is one of units tanh(z / 2) / 2 without them
    a = np.tanh(X @ coefs[0] / 2) / 2
    a = np.tanh(a @ coefs[1] / 2) / 2
    np.testing.assert_allclose(logistic - 0.5, a, atol=1e-14)
    np.testing.assert_allclose(
        logistic @ coefs[2] + intercepts[2], a @ coefs[2], atol=1e-13
    )  # the output's biases, too
    assert (intercepts[0] == 0).all()
    check_mixed(initializer)
    check_means()
    wide = draw((50, 301, 307, 2), initializer, "logistic", random_state=1)[0]
    assert abs(np.sqrt(301) * wide[1].std() - 4.801313) < 5 * 4.8 / np.sqrt(2 * 301 * 307)


LAWS = {"compensated": compensated}
