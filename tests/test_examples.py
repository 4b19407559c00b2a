"""The examples run without a display or a warning, and show the numbers they promise."""

import io
import os
import runpy
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn
from sklearn.utils.fixes import parse_version

from sklearn_init import SymmetryWarning

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("plot_*.py"))
SLOW = {"plot_grid_search_initializers"}


@pytest.fixture(scope="module")
def make_folder(tmp_path_factory):
    """Return a function that copies the examples: their pictures stay out of the source tree."""
    without = shutil.ignore_patterns("*.png", "__pycache__")
    return lambda name: shutil.copytree(
        EXAMPLES, tmp_path_factory.mktemp(name) / "examples", ignore=without
    )


@pytest.fixture(scope="module")
def run(make_folder):
    """Return a function that runs an example once, in this process: a warning is an error.

    It returns the example's variables, what it printed, and its folder.
    """
    plt.switch_backend("Agg")

    @cache
    def run(name):
        folder = make_folder(name)
        with redirect_stdout(io.StringIO()) as printed:
            variables = runpy.run_path(str(folder / f"{name}.py"), run_name="__main__")
        return variables, printed.getvalue(), folder

    yield run
    plt.close("all")


def assert_shown(name, printed, folder):
    """Assert that an example has left its picture, and a number in its last line."""
    assert [path.name for path in folder.glob("*.png")] == [f"{name}.png"]
    assert plt.imread(folder / f"{name}.png").std() > 0.01  # not an empty picture
    assert any(character.isdigit() for character in printed.splitlines()[-1])


def test_there_are_examples():
    assert SLOW.issubset(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SLOW])
def test_example_runs(name, run):
    _, *shown = run(name)
    assert_shown(name, *shown)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_example_runs_as_a_script(name, make_folder):
    folder = make_folder(name)
    process = subprocess.run(
        [sys.executable, f"{name}.py"],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "Agg", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    # before 1.7, scikit-learn did not hand the warning filters on to worker processes
    workers_may_warn = parse_version(sklearn.__version__) < parse_version("1.7")
    assert workers_may_warn or "Warning" not in process.stderr, process.stderr
    assert_shown(name, process.stdout, folder)


def test_xor_symmetry(run):
    variables, printed, _ = run("plot_xor_symmetry")
    expected = {"zeros": 1 / 4, "constant 0.5": 1 / 6, "random weights": 0}
    assert variables["errors"] == pytest.approx(expected, abs=1e-6)
    losses = {name: net.loss_ for name, net in variables["networks"].items()}
    assert losses == pytest.approx({name: e / 2 for name, e in expected.items()}, abs=1e-6)
    assert [w.category for w in variables["caught"]] == 2 * [SymmetryWarning]
    assert "all 2 units are identical" in printed
    assert all(f"{error:.6f}" in printed.splitlines()[-1] for error in expected.values())


def test_restarts_xor(run):
    variables, _, _ = run("plot_restarts_xor")
    errors, share, needed = (variables[name] for name in ("errors", "share", "needed"))
    assert errors.shape == (100,)
    for outcome in 0, 1 / 8, 1 / 6:
        assert np.abs(errors - outcome).min() < 1e-6
    assert share == np.mean(errors < 1e-3)
    # 67% is the share over many starts; three standard errors of a hundred starts are 14%
    assert share == pytest.approx(0.67, abs=0.14)
    for confidence, n_restarts in needed.items():
        assert (1 - share) ** n_restarts <= 1 - confidence < (1 - share) ** (n_restarts - 1)
