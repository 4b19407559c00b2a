"""Networks, data and solvers in every variant, and training with either engine."""

from dataclasses import dataclass, replace
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from scipy.sparse import csr_array

from sklearn_init import InitMLPRegressor
from sklearn_init._random import copy_stream
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.estimators._parameters import SOLVERS, is_stochastic, resolve_parameters
from sklearn_init.losses import LOSSES
from sklearn_init.network import (
    Layout,
    Objective,
    compiled,
    is_compiled,
    is_engine_compiled,
)
from sklearn_init.scores import r2
from sklearn_init.solvers import SCHEDULES, Restart, Validation

needs_compiler = pytest.mark.skipif(
    not is_engine_compiled(), reason="the compiled engine was not built"
)

TOLERANCES = {"float64": 1e-10, "float32": 1e-4}
"""The largest relative difference between the engines, in the maximum norm."""

SIZES = (5, 7, 4, 3)
N, BATCH = 53, 16
MAIN_STREAM = np.random.RandomState(3)

SGD_VARIANTS = [
    {"learning_rate": schedule, "momentum": momentum, "nesterovs_momentum": nesterov}
    for schedule, (momentum, nesterov) in product(
        SCHEDULES, [(0.9, True), (0.9, False), (0.0, True)]
    )
]
VARIANTS = {
    name: [{"solver": name, **more} for more in (SGD_VARIANTS if name == "sgd" else [{}])]
    for name in SOLVERS
}
EVERY_SOLVER = [more for variants in VARIANTS.values() for more in variants]
EVERY_RULE = [more for more in EVERY_SOLVER if is_stochastic(more["solver"])]

TARGETS = {
    "squared_error": lambda rng, shape: rng.normal(size=shape),
    "poisson": lambda rng, shape: rng.poisson(2.0, size=shape).astype(float),
    "binary_log_loss": lambda rng, shape: rng.integers(2, size=shape).astype(float),
    "log_loss": lambda rng, shape: np.eye(shape[1])[rng.integers(shape[1], size=shape[0])],
}


def name_of(value):
    """Return what a test with this parameter is called."""
    if isinstance(value, dict):
        return "-".join(f"{v}" for v in value.values()) or "default"
    return getattr(value, "__name__", None)


def list_half(*factors):
    """Return every second combination of factors: all but any one of them meet in every way."""
    indexed = product(*map(enumerate, factors))
    return [
        tuple(value for _, value in combination)
        for combination in indexed
        if sum(index for index, _ in combination) % 2 == 0
    ]


# ---- data ----


def weights_with_zeros(rng, n):
    """Some rows do not count."""
    return rng.integers(4, size=n) * rng.uniform(0.5, 2, size=n)


def weights_of_an_empty_batch(rng, n):
    """Without shuffling, the first batch has the total weight 0; so has some other one."""
    weights = rng.uniform(0.5, 2, size=n)
    weights[:BATCH] = 0
    weights[2 * BATCH : 3 * BATCH] = 0
    return weights


def make_sparse(X, index_type):
    """Return CSR with empty rows, columns in any order, and zeros and duplicates that are stored.

    Its values are not those of X.
    """
    rng = np.random.default_rng(len(X))
    counts = rng.integers(0, 2 * X.shape[1], size=len(X)) * (rng.random(len(X)) < 0.8)
    counts[:1] = 0
    n_stored = counts.sum()
    data = np.resize(X.ravel(), n_stored) * (rng.random(n_stored) < 0.8)
    indices = rng.integers(X.shape[1], size=n_stored).astype(index_type)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(index_type)
    result = csr_array((data.astype(X.dtype), indices, indptr), shape=X.shape)
    assert result.indices.dtype == index_type
    return result


def make_objective(
    loss="log_loss",
    activation="tanh",
    *,
    sizes=SIZES,
    n=N,
    dtype="float64",
    weights=None,
    index_type=None,
    held_out=False,
    alpha=0.3,
    dropout=(),
    seed=0,
):
    """Return an objective; with `held_out`, on two thirds of the rows in any order."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    y = TARGETS[loss](rng, (n, sizes[-1])).astype(dtype)
    names = [activation] * (len(sizes) - 2) if isinstance(activation, str) else activation
    return Objective(
        Layout(tuple(sizes)),
        tuple(ACTIVATIONS[name] for name in names),
        LOSSES[loss],
        alpha,
        X if index_type is None else make_sparse(X, index_type),
        y,
        None if weights is None else weights(rng, n).astype(dtype),
        rng.permutation(n)[: -(n // 3)] if held_out else None,
        tuple(dropout),
    )


def make_validation(objective):
    """Return the rows that do not train, judged by r2."""
    held_out = np.setdiff1d(np.arange(len(objective.y)), objective.rows)
    return Validation(replace(objective, rows=held_out), r2)


def make_theta(objective, seed=1, scale=0.5):
    theta = np.random.default_rng(seed).normal(scale=scale, size=objective.layout.n_params)
    return theta.astype(objective.X.dtype)


# ---- training ----


def make_solver(**more):
    """Return the solver that an estimator with these parameters has."""
    defaults = {"batch_size": BATCH, "learning_rate_init": 0.01, "n_iter_no_change": 10}
    return resolve_parameters(InitMLPRegressor(**{**defaults, "tol": 1e-7, **more})).solver


def make_restart(objective, seed=1):
    theta = make_theta(objective, seed)
    return Restart(0, theta, theta.copy(), copy_stream(MAIN_STREAM), seed=2**64 - 1 - seed)


def never():
    return False


def use_engine(engine):
    """Return a context in which one engine trains."""
    return patch.object(compiled, "_passes", compiled._passes if engine == "compiled" else None)


def train(engine, objective, solver, n_epochs=3, *, validation=None, restart=None):
    """Return a restart trained with one engine; a given one is trained in place."""
    restart = make_restart(objective) if restart is None else restart
    with use_engine(engine), np.errstate(all="ignore"):
        assert is_compiled(objective.activations) == (engine == "compiled")
        solver.train(restart, solver.prepare(objective), validation, n_epochs, never)
    return restart


def train_with_both(objective, n_epochs=3, *, validation=None, **parameters):
    """Return what the compiled engine makes of a start, and what the reference makes of it."""
    return (
        train(engine, objective, make_solver(**parameters), n_epochs, validation=validation)
        for engine in ("compiled", "reference")
    )


# ---- what training left ----


@dataclass(frozen=True)
class Difference:
    """Of two arrays, in the maximum norm, relative to the second."""

    name: str
    value: float


def measure_difference(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert a.shape == b.shape, name
    finite = np.isfinite(b)
    assert np.array_equal(np.isfinite(a), finite), name
    size = np.abs(b[finite]).max(initial=0)
    error = np.abs(a[finite] - b[finite]).max(initial=0)
    return Difference(name, error / size if size else np.inf * error if error else 0.0)


def list_differences(ours, reference):
    """Return the difference of everything that is rounded."""
    names = ("theta", "losses", "scores", "best_loss", "best_score", "start_loss", "loss")
    found = [measure_difference(n, getattr(ours, n), getattr(reference, n)) for n in names]
    if reference.best_theta is not None:
        found.append(measure_difference("best_theta", ours.best_theta, reference.best_theta))
    if reference.moments is not None:
        pairs = zip(ours.moments.arrays, reference.moments.arrays, strict=True)
        found += [measure_difference(f"moments[{i}]", *pair) for i, pair in enumerate(pairs)]
    return found


def assert_close(ours, reference, tolerance, about=None):
    """Assert that a restart is the same up to rounding, and that all that counts is equal."""
    assert_equal_state(ours, reference)
    assert ours.theta.dtype == reference.theta.dtype
    worst = max(list_differences(ours, reference), key=lambda difference: difference.value)
    assert worst.value <= tolerance, (worst, about)


def assert_equal_state(ours, reference):
    """Assert that what is not rounded is equal: order, random state, counters, learning rate."""
    for name in ("n_iter", "n_seen", "patience", "stopped", "message", "seed"):
        assert getattr(ours, name) == getattr(reference, name), name
    assert np.array_equal(ours.order, reference.order)
    (_, key, *place), (_, expected_key, *expected_place) = (
        restart.rng.get_state() for restart in (ours, reference)
    )
    assert np.array_equal(key, expected_key)
    assert place == expected_place
    if reference.moments is not None:
        for name in ("n_steps", "rate", "rate_init", "rule"):
            assert getattr(ours.moments, name) == getattr(reference.moments, name), name


def assert_same_bits(ours, other):
    """Assert that a restart is the same to the last bit, patience and all."""
    assert_equal_state(ours, other)
    assert ours.theta.tobytes() == other.theta.tobytes()
    np.testing.assert_array_equal(ours.losses, other.losses)
    for name in ("best_loss", "start_loss", "loss"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(other, name), err_msg=name)
    if other.moments is not None:
        assert ours.moments.arrays.tobytes() == other.moments.arrays.tobytes()
