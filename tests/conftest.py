"""Small data with odd, distinct sizes, so that a swapped axis cannot pass."""

import io
import runpy
import shutil
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sklearn_init.network import compiled, is_engine_compiled
from sklearn_init.training import _workers

N, F = 53, 5
EXAMPLES = Path(__file__).parents[1] / "examples"


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


@pytest.fixture
def figures():
    """Draw figures without a screen, and close them at the end."""
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def run_example(tmp_path_factory):
    """Return a function that runs an example once, in this process: a warning is an error.

    It returns the example's variables, what it printed, and its folder: a copy, so that pictures
    stay out of the source tree.
    """
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    without = shutil.ignore_patterns("*.png", "__pycache__")

    @cache
    def run(name):
        folder = tmp_path_factory.mktemp(name) / "examples"
        shutil.copytree(EXAMPLES, folder, ignore=without)
        with redirect_stdout(io.StringIO()) as printed:
            variables = runpy.run_path(str(folder / f"{name}.py"), run_name="__main__")
        plt.close("all")
        return variables, printed.getvalue(), folder

    return run
