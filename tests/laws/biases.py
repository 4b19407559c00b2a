"""Laws of biases."""

import numpy as np

from sklearn_init import draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.network import forward_hidden


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
    wide = draw((50, 301, 307, 2), initializer, "logistic", random_state=1)[0]
    assert abs(np.sqrt(301) * wide[1].std() - 4.801313) < 5 * 4.8 / np.sqrt(2 * 301 * 307)


LAWS = {"compensated": compensated}
