"""Small data with odd, distinct sizes, so that a swapped axis cannot pass."""

import numpy as np
import pytest

from sklearn_init.network import compiled, is_engine_compiled
from sklearn_init.restarts import _workers

N, F = 53, 5


@pytest.fixture(autouse=True)
def _a_task_per_restart(monkeypatch):
    """Give every restart a task of its own, though the networks are too small to be worth it."""
    monkeypatch.setattr(_workers, "TASK", 1.0)


@pytest.fixture(params=["compiled", "reference"])
def engine(request, monkeypatch):
    """Run a test with both engines, if the compiled one is there."""
    if request.param == "reference":
        monkeypatch.setattr(compiled, "_passes", None)
    elif not is_engine_compiled():
        pytest.skip("the compiled engine was not built")
    return request.param


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
