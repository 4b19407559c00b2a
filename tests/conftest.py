"""Small data with odd, distinct sizes, so that a swapped axis cannot pass."""

import numpy as np
import pytest

N, F = 53, 5


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(N, F))


@pytest.fixture
def y_class(X):
    noise = np.random.default_rng(1).normal(scale=0.3, size=N)
    return np.digitize(X[:, 0] * X[:, 1] + noise, [-0.3, 0.3])


@pytest.fixture
def y_number(X):
    return np.sin(X[:, 0]) + X[:, 1] * X[:, 2]


@pytest.fixture(params=["adam", "sgd"])
def stochastic(request):
    return request.param
