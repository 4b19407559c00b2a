"""The examples run without a display or a warning, and show the numbers they promise."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import EXAMPLES
from sklearn.metrics import log_loss

from sklearn_init import SymmetryWarning, diagnose

NAMES = sorted(path.stem for path in EXAMPLES.glob("plot_*.py"))
LONG = {"plot_grid_search_initializers"}
"""Those that only `.ci/run` runs."""


def assert_shown(name, printed, folder):
    """Assert that an example has left its picture, and a number in its last line."""
    assert [path.name for path in folder.glob("*.png")] == [f"{name}.png"]
    assert plt.imread(folder / f"{name}.png").std() > 0.01  # not an empty picture
    assert any(character.isdigit() for character in printed.splitlines()[-1])


def test_there_are_examples():
    assert set(NAMES) > LONG


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LONG])
def test_example_runs(name, run_example):
    _, *shown = run_example(name)
    assert_shown(name, *shown)


def test_xor_symmetry(run_example):
    variables, printed, _ = run_example("plot_xor_symmetry")
    expected = {"zeros": 1 / 4, "constant 0.5": 1 / 6, "random weights": 0}
    assert variables["errors"] == pytest.approx(expected, abs=1e-6)
    losses = {name: net.loss_ for name, net in variables["networks"].items()}
    assert losses == pytest.approx({name: e / 2 for name, e in expected.items()}, abs=1e-6)
    assert [w.category for w in variables["caught"]] == 2 * [SymmetryWarning]
    assert "all weights into and out of it are zero" in printed
    assert all(f"{error:.6f}" in printed.splitlines()[-1] for error in expected.values())


def test_restarts_xor(run_example):
    variables, _, _ = run_example("plot_restarts_xor")
    errors, share, needed = (variables[name] for name in ("errors", "share", "needed"))
    assert errors.shape == (100,)
    for outcome in 0, 1 / 8, 1 / 6:
        assert np.abs(errors - outcome).min() < 1e-6
    assert share == np.mean(errors < 1e-3)
    # 67% is the share over many starts; three standard errors of a hundred starts are 14%
    assert share == pytest.approx(0.67, abs=0.14)
    for confidence, n_restarts in needed.items():
        assert (1 - share) ** n_restarts <= 1 - confidence < (1 - share) ** (n_restarts - 1)


def test_helicopter(run_example):
    variables, printed, _ = run_example("plot_helicopter")
    race, full, epochs, paths, n_steps = (
        variables[name] for name in ("race", "full", "epochs", "paths", "n_steps")
    )
    # the map shows all there is: both biases stay zero, and its height is the loss
    ends = [full.restart(r) for r in range(32)]
    assert max(np.abs(np.concatenate(end.intercepts_)).max() for end in ends) < 1e-12
    heights = variables["measure_height"](*paths[:, 19].T)  # a step tells the loss before it
    assert heights == pytest.approx(full.restarts_.loss_curves[:, 19], rel=1e-9)
    # they go downhill with every step
    assert np.diff(variables["measure_height"](*np.moveaxis(paths, 2, 0))).max() < 1e-12
    # those who race walk the same ways, step by step, until they are sent home
    walked = paths[range(32), np.searchsorted(epochs, n_steps)]
    assert np.array_equal(variables["get_places"](race), walked)
    assert np.array_equal(n_steps < 160, race.restarts_["dropped"])
    assert n_steps.sum() == 6 * 160
    # four valleys, most ways lead to others than the deepest, and the race ends in that one
    labels = variables["valleys"].labels
    assert np.bincount(labels).tolist() == [8, 8, 8, 8]
    assert labels[race.best_restart_] == 0
    assert race.loss_ == pytest.approx(full.loss_, rel=1e-6)
    assert "25%, one of 6 with 82%" in printed


def test_landscape(run_example):
    variables, printed, _ = run_example("plot_landscape")
    clf, middle, X, y = (variables[name] for name in ("clf", "middle", "X_test", "y_test"))
    networks = [clf.restart(r) for r in range(3)]
    for layer in range(2):
        mean = sum(network.coefs_[layer] for network in networks) / 3
        np.testing.assert_allclose(middle.coefs_[layer], mean)
    probabilities = [network.predict_proba(X) for network in networks]
    singles = [log_loss(y, p) for p in probabilities]
    of_predictions = log_loss(y, np.mean(probabilities, axis=0))
    of_weights = log_loss(y, middle.predict_proba(X))
    assert of_predictions < np.mean(singles) < of_weights / 3
    assert of_predictions < min(singles) + 0.02
    for loss in np.mean(singles), of_predictions, of_weights:
        assert f"{loss:.3f}" in printed.splitlines()[-1]


def test_displays(run_example):
    variables, printed, _ = run_example("plot_displays")
    accuracy = variables["accuracy"]
    assert accuracy["small"] < 0.2 < accuracy["large"] < 0.8 < 0.95 < accuracy["Glorot"]
    assert all(f"{share:.0%}" in printed.splitlines()[-1] for share in accuracy.values())
    assert "signals vanish" in printed
    assert "are saturated" in printed
    # what is said below the pictures of the starts
    starts = {
        n: diagnose(s, variables["X"], variables["y"]) for n, s in variables["starts"].items()
    }
    for variance in "z_variance", "delta_variance":
        lowest, highest = (
            {name: getattr(start[variance], extreme)(axis=1) for name, start in starts.items()}
            for extreme in ("min", "max")
        )
        assert (highest["small"] / lowest["small"] > 1e12).all()
        assert (highest["Glorot"] / lowest["Glorot"] < 10).all()
        assert min(map(np.min, lowest.values())) > 1e-21  # in the picture
        assert max(map(np.max, highest.values())) < 1e5
    assert (np.diff(starts["large"]["z_variance"][:, [0, -1]]) > 0).all()
    assert (np.diff(starts["large"]["delta_variance"][:, [0, -1]]) < 0).all()
    assert (np.nanmean(starts["large"]["saturated"], axis=1) > 0.5).all()
    assert np.nanmax(starts["Glorot"]["saturated"]) == 0
