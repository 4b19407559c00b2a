"""Which engine trains; and without a compiler, everything works on the reference passes."""

import inspect
import json
import os
import runpy
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_material import make_objective, make_solver, name_of, needs_compiler, use_engine

import sklearn_init
from sklearn_init import Activation, InitMLPRegressor
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.losses import LOSSES
from sklearn_init.network import (
    CompiledPasses,
    ReferencePasses,
    compiled,
    is_compiled,
    is_engine_compiled,
    make_passes,
)
from sklearn_init.solvers._epochs import CompiledEpochs, ReferenceEpochs, make_epochs

# ---- without a compiler ----


def do_everything():
    """Return numbers that a compiler should not change; this runs in a process of its own, too."""
    import pickle

    import numpy as np
    from scipy.sparse import csr_array
    from sklearn.base import clone

    from sklearn_init import InitMLPClassifier, InitMLPRegressor
    from sklearn_init.network import is_engine_compiled

    rng = np.random.default_rng(0)
    X, noise = rng.normal(size=(53, 5)), rng.normal(size=53)
    y = np.sin(X[:, 0]) + 0.1 * noise
    labels, weights = (y > 0) + (X[:, 1] > 0), rng.uniform(0.5, 2, size=53)
    found = {"is_engine_compiled": is_engine_compiled()}

    def keep(name, est):
        found[name] = [float(loss) for loss in est.restarts_["loss"]]
        found[name] += [float(np.abs(W).sum()) for W in est.coefs_ + est.intercepts_]

    more = {"hidden_layer_sizes": (7, 4), "max_iter": 12, "random_state": 3, "batch_size": 16}
    for solver in ("lbfgs", "adam", "sgd"):
        est = InitMLPClassifier(solver=solver, n_restarts=2, **more)
        keep(solver, est.fit(X, labels, weights))
    keep("parallel", est.set_params(n_jobs=2).fit(X, labels, weights))
    keep("CSR", clone(est).set_params(n_jobs=1).fit(csr_array(X * (X > 0)), labels))
    est = InitMLPRegressor(dropout=0.3, dtype="float64", activation=("gelu", "sine"), **more)
    keep("dropout", est.fit(X, y))
    keep("partial_fit", est.partial_fit(X, y))
    keep("pickle", pickle.loads(pickle.dumps(est)))
    keep("early stopping", est.set_params(early_stopping=True).fit(X, y))
    keep("initialize", est.set_params(weight_init="he_normal").initialize(X, y))
    est = InitMLPRegressor(loss="poisson", weight_init="orthogonal", **more)
    keep("poisson", est.fit(X, np.exp(y)))
    found["predictions"] = est.predict(X).tolist()
    est = InitMLPRegressor(weight_init="orthogonal", **more).fit(X, y)
    found["to_sklearn"] = est.to_sklearn().predict(X).tolist()
    return found


def run(code, **more):
    """Return what code prints in a new process."""
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_without_a_compiler_everything_is_the_same(tmp_path):
    package = Path(sklearn_init.__file__).parent
    binaries = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__")
    shutil.copytree(package, tmp_path / "sklearn_init", ignore=binaries)
    code = inspect.getsource(do_everything) + "\nimport json; print(json.dumps(do_everything()))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    found, expected = json.loads(run(code, cwd=tmp_path, env=environment)), do_everything()
    assert expected.pop("is_engine_compiled") == is_engine_compiled()
    assert found.pop("is_engine_compiled") is False
    assert found.keys() == expected.keys()
    for name, numbers in found.items():
        np.testing.assert_allclose(numbers, expected[name], rtol=1e-7, err_msg=name)
    assert found["parallel"] == found["sgd"]


@pytest.mark.parametrize("module", ["_kernels", "_passes"])
def test_a_module_that_cannot_be_imported(module, monkeypatch):
    """Without either of the two, all is as without both."""
    monkeypatch.setitem(sys.modules, f"sklearn_init.network.{module}", None)
    anew = runpy.run_path(compiled.__file__)
    assert not anew["is_engine_compiled"]()
    assert [anew[name] for name in ("_kernels", "_passes", "Progress", "Rule")] == [None] * 4


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("layer", [0, 1])
def test_training_goes_on_from_weights_of_another_type(X, y_number, engine, layer, warm_start):
    X = X.astype(np.float32)
    est = InitMLPRegressor(
        hidden_layer_sizes=7, max_iter=3, random_state=0, warm_start=warm_start
    ).fit(X, y_number)
    est.coefs_[layer] = 1.5 * est.coefs_[layer].astype(np.float64)
    before = est.loss_
    est.partial_fit(X, y_number)
    assert est.loss_ != before
    assert np.isfinite(est.predict(X)).all()


HIDDEN = """
import sys, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from sklearn_init import InitMLPRegressor
    InitMLPRegressor(hidden_layer_sizes=(3,), max_iter=1).fit([[0.0], [1.0]], [0.0, 1.0])
print([str(w.message) for w in caught if "engine" in str(w.message)])
"""


@needs_compiler
@pytest.mark.parametrize("has_leftovers", [False, True])
@pytest.mark.parametrize("is_installed", [True, False])
def test_a_source_folder_that_hides_the_installed_package_is_named(
    tmp_path, is_installed, has_leftovers
):
    package, suffixes = Path(sklearn_init.__file__).parent, ("*.so", "*.pyd")
    installed, source = tmp_path / "site", tmp_path / "source"
    shutil.copytree(package, source / "sklearn_init", ignore=shutil.ignore_patterns(*suffixes))
    (installed / "sklearn_init-0.dist-info").mkdir(parents=True)
    (installed / "sklearn_init-0.dist-info" / "METADATA").write_text("Name: sklearn-init\n")
    if is_installed:
        shutil.copytree(package, installed / "sklearn_init")
    if has_leftovers:  # of building, as 'pip install .' leaves them
        (source / "sklearn_init.egg-info").mkdir()
        (source / "sklearn_init.egg-info" / "PKG-INFO").write_text("Name: sklearn-init\n")
        (source / "sklearn_init.egg-info" / "SOURCES.txt").write_text("sklearn_init/_warn.py\n")
    files = [path for path in installed.rglob("*") if path.is_file()]
    record = "".join(f"{path.relative_to(installed).as_posix()},,\n" for path in files)
    (installed / "sklearn_init-0.dist-info" / "RECORD").write_text(record)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", HIDDEN], cwd=source, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    if is_installed:
        assert f"imported from {source / 'sklearn_init'}, which has no compiled" in done.stdout
        assert f"hides the package installed in {installed / 'sklearn_init'}" in done.stdout
    else:
        assert "Install a C compiler and reinstall sklearn-init" in done.stdout


# ---- the choice ----


def choose(objective):
    """Return what passes and epochs are made for an objective."""
    epochs = make_epochs(objective, make_solver().rule, 16, True, None)
    return type(make_passes(objective)), type(epochs)


COMPILED, REFERENCE = (CompiledPasses, CompiledEpochs), (ReferencePasses, ReferenceEpochs)


@needs_compiler
@pytest.mark.parametrize("loss", LOSSES)
def test_what_has_a_name_is_compiled(loss):
    for activation in ACTIVATIONS:
        objective = make_objective(loss, activation)
        assert choose(objective) == COMPILED
        with use_engine("reference"):
            assert not is_engine_compiled()
            assert not is_compiled(objective.activations)
            assert choose(objective) == REFERENCE


def zero(z, out):
    out[...] = 0


TANH = ACTIVATIONS["tanh"]
OWN = {
    "custom": Activation(TANH.value, TANH.derivative),
    "another value": replace(TANH, value=zero),
    "another derivative": replace(TANH, derivative=lambda z, a, out: zero(z, out)),
    "a name of the table": replace(TANH, name="relu"),
    "a name of a kernel's number": replace(TANH, name="0"),
}


@needs_compiler
@pytest.mark.parametrize("name", OWN)
def test_an_activation_of_the_user_is_not(name):
    for activations in [(OWN[name], TANH), (TANH, OWN[name])]:
        objective = replace(make_objective(), activations=activations)
        assert choose(objective) == REFERENCE
        assert not is_compiled(objective.activations)


@needs_compiler
def test_a_network_without_hidden_layers_is_compiled():
    assert choose(make_objective(sizes=(5, 3))) == COMPILED


@needs_compiler
@pytest.mark.parametrize(
    "more",
    [{"index_type": "int64"}, {"dtype": "float32"}, {"dropout": (0.5, 0.5)}, {"held_out": True}],
    ids=name_of,
)
def test_data_of_all_kinds_is_compiled(more):
    assert choose(make_objective(**more)) == COMPILED


@needs_compiler
def test_passes_for_large_data_go_batch_by_batch():
    objective = make_objective(n=20_000)
    small = make_passes(objective)._network
    large = make_passes(objective, 20_000)._network
    assert (small.batch_size, large.batch_size) == (256, 20_000)
    assert small.n_work < large.n_work / 3
