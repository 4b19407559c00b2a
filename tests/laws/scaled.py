"""Laws of independent numbers, for fans (7, 301) and relu, and of structured blind schemes."""

import numpy as np
from scipy import stats

from laws.material import FAN_IN, FAN_OUT, independent, make_layer, normal, sample, uniform


def constant(value):
    def check(initializer):
        assert (initializer.draw(make_layer(), None) == value).all()
        assert (initializer.draw_biases(make_layer().biases(), None) == 0).all()

    return check


def orthogonal(initializer):
    for fan_in, fan_out in [(11, 5), (5, 11), (6, 6), (1, 3), (3, 1), (FAN_IN, FAN_OUT)]:
        W = initializer.draw(make_layer(fan_in, fan_out), np.random.default_rng(0))
        gram = W.T @ W if fan_in >= fan_out else W @ W.T
        np.testing.assert_allclose(gram, np.eye(min(fan_in, fan_out)), atol=1e-10)
    # of a Haar matrix: E tr Q = 0 and E (tr Q)^2 = 1; without the signs E tr Q is far from 0
    traces = np.trace(sample(initializer, 4000, fan_in=5, fan_out=5), axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 / np.sqrt(4000)
    assert abs((traces**2).mean() - 1) < 5 * np.sqrt(2 / 4000)


LAWS = {
    "zeros": constant(0.0),
    "ones": constant(1.0),
    "constant": constant(0.1),
    "normal": independent(normal(0.05)),
    "uniform": independent(uniform(0.05)),
    "truncated_normal": independent(stats.truncnorm(-2, 2, scale=0.05)),
    "lecun_normal": independent(normal(1 / np.sqrt(7))),
    "lecun_uniform": independent(uniform(np.sqrt(3 / 7))),
    "glorot_normal": independent(normal(np.sqrt(2 / 308))),
    "glorot_uniform": independent(uniform(np.sqrt(6 / 308))),
    "he_normal": independent(normal(np.sqrt(2 / 7))),
    "he_uniform": independent(uniform(np.sqrt(6 / 7))),
    "he_truncated_normal": independent(
        stats.truncnorm(-2, 2, scale=np.sqrt(2 / 7) / 0.87962566103423978)
    ),
    "glorot_truncated_normal": independent(
        stats.truncnorm(-2, 2, scale=np.sqrt(2 / 308) / 0.87962566103423978)
    ),
    "he_leaky_0.2": independent(normal(np.sqrt(2 / 1.04 / 7))),
    "sklearn": independent(uniform(np.sqrt(6 / 308)), uniform(np.sqrt(6 / 308))),
    "torch": independent(uniform(1 / np.sqrt(7)), uniform(1 / np.sqrt(7))),
    "orthogonal": orthogonal,
}
"""Checks of the laws, in closed form."""
