"""The compiled passes measure, differentiate and predict what the reference does."""

import ctypes
import mmap
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from engine_material import (
    TOLERANCES,
    make_objective,
    make_restart,
    make_solver,
    make_theta,
    measure_difference,
    needs_compiler,
    weights_with_zeros,
)
from scipy.sparse import csr_array

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.losses import LOSSES
from sklearn_init.network import CompiledPasses, ReferencePasses
from sklearn_init.solvers._epochs import make_epochs

pytestmark = needs_compiler

N = 13
BATCH_SIZES = [1, 5, 12, 13, 1000]

each_dtype = pytest.mark.parametrize("dtype", TOLERANCES)
each_batch_size = pytest.mark.parametrize("batch_size", BATCH_SIZES)
each_container = pytest.mark.parametrize("index_type", [None, "int32", "int64"])
each_weighting = pytest.mark.parametrize("weights", [None, weights_with_zeros])


def make(*args, **more):
    return make_objective(*args, **{"n": N, **more})


def assert_close(a, b, dtype):
    difference = measure_difference("", a, b)
    assert difference.value <= TOLERANCES[dtype]


def numerical_gradient(function, theta, step=1e-6):
    steps = step * np.eye(len(theta))
    return np.array([(function(theta + s) - function(theta - s)) / (2 * step) for s in steps])


def spoil(passes):
    """Let what an earlier call has left be no help."""
    passes._work[:] = np.nan


def call(passes, method, theta):
    """Return all that a method returns or writes, as bytes."""
    if method == "objective_and_grad":
        grad = np.full_like(theta, np.nan)
        return np.float64(passes.objective_and_grad(theta, grad)).tobytes() + grad.tobytes()
    if method == "loss":
        return np.float64(passes.loss(theta)).tobytes()
    return passes.predict(theta, np.arange(N)[::-1].copy()).tobytes()


METHODS = ("objective_and_grad", "loss", "predict")


# ---- the gradient ----


@pytest.mark.parametrize(("loss", "activation"), list(product(LOSSES, ACTIVATIONS)))
def test_gradient_is_that_of_the_objective(loss, activation):
    for weights, index_type in product([None, weights_with_zeros], [None, "int32"]):
        objective = make(loss, activation, weights=weights, index_type=index_type)
        passes, theta = CompiledPasses(objective, 5), make_theta(objective)
        grad, scratch = np.full((2, len(theta)), np.nan)
        value = passes.objective_and_grad(theta, grad)
        expected = numerical_gradient(lambda row: passes.objective_and_grad(row, scratch), theta)  # noqa: B023
        np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=1e-7)
        assert value == passes.objective_and_grad(theta, scratch)


@each_dtype
@each_batch_size
@each_weighting
@each_container
def test_gradient_is_that_of_the_reference(index_type, weights, batch_size, dtype):
    for loss, alpha in product(LOSSES, [0.0, 0.3, 1e4]):
        objective = make(loss, dtype=dtype, weights=weights, index_type=index_type, alpha=alpha)
        theta = make_theta(objective)
        grad, expected = np.full((2, len(theta)), np.nan, dtype)
        value = CompiledPasses(objective, batch_size).objective_and_grad(theta, grad)
        reference = ReferencePasses(objective, N).objective_and_grad(theta, expected)
        assert value == pytest.approx(reference, rel=TOLERANCES[dtype])
        assert_close(grad, expected, dtype)


@pytest.mark.parametrize("n_layers", range(5))
def test_gradient_of_networks_of_all_depths(n_layers):
    objective = make("squared_error", "gelu", sizes=(*(5, 7, 4, 6, 2, 3)[: n_layers + 1], 3))
    passes, theta = CompiledPasses(objective, 5), make_theta(objective)
    grad, scratch = np.empty((2, len(theta)))
    passes.objective_and_grad(theta, grad)
    expected = numerical_gradient(lambda row: passes.objective_and_grad(row, scratch), theta)
    np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=1e-7)


EDGES = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 97]
"""Numbers of rows and columns at which products change their ways: vectors, tiles, panels."""

LARGE = [
    {"sizes": (1023, 9, 3), "n": 9},
    {"sizes": (1024, 47, 3), "n": 9},
    {"sizes": (1025, 49, 3), "n": 9},
    {"sizes": (5, 1024, 48, 1025, 3), "n": 9},
    {"sizes": (9, 48, 8), "n": 1024},
    {"sizes": (9, 31, 8), "n": 1025},
    {"sizes": (131, 163, 149, 3), "n": 211},
    {"sizes": (151, 133, 16), "n": 199},
]


def draw_sizes(seed):
    rng = np.random.default_rng(seed)
    return {"sizes": rng.choice(EDGES, size=rng.integers(2, 5)).tolist(), "n": rng.choice(EDGES)}


@each_dtype
@pytest.mark.parametrize("case", [*LARGE, *range(70)], ids=str)
def test_products_of_all_sizes(case, dtype):
    case = draw_sizes(case) if isinstance(case, int) else case
    objective = make_objective("squared_error", **case, dtype=dtype)
    n, theta = case["n"], make_theta(objective, scale=0.1)
    reference = ReferencePasses(objective, n)
    expected, rows = np.empty_like(theta), np.arange(n)
    reference.objective_and_grad(theta, expected)
    for batch_size in {n, -(-n // 2), max(1, n - 1)}:
        passes, grad = CompiledPasses(objective, batch_size), np.full_like(theta, np.nan)
        passes.objective_and_grad(theta, grad)
        assert_close(passes.predict(theta, rows), reference.predict(theta, rows), dtype)
        for ours, theirs in zip(*map(split(objective), (grad, expected)), strict=True):
            assert_close(ours, theirs, dtype)


def split(objective):
    """Return a function that splits a row into its weights and biases."""
    return lambda row: [array for arrays in objective.layout.views(row) for array in arrays]


# ---- losses and predictions ----


@each_dtype
@each_batch_size
@each_weighting
@each_container
@pytest.mark.parametrize("held_out", [False, True])
def test_loss_is_that_of_the_reference(held_out, index_type, weights, batch_size, dtype):
    for loss in LOSSES:
        objective = make(
            loss, dtype=dtype, weights=weights, index_type=index_type, held_out=held_out
        )
        theta = make_theta(objective)
        value = CompiledPasses(objective, batch_size).loss(theta)
        assert isinstance(value, float)
        reference = ReferencePasses(objective, N).loss(theta)
        assert value == pytest.approx(reference, rel=TOLERANCES[dtype])


@each_dtype
@each_batch_size
@each_container
def test_predictions_are_those_of_the_reference(index_type, batch_size, dtype):
    for loss, activation in product(LOSSES, ACTIVATIONS):
        objective = make(loss, activation, dtype=dtype, index_type=index_type)
        theta = make_theta(objective)
        for rows in ([0], [7, 3, 3, 12, 0], [*range(N), *range(N)]):
            rows = np.array(rows)
            prediction = CompiledPasses(objective, batch_size).predict(theta, rows)
            assert prediction.shape == (len(rows), 3)
            assert prediction.dtype == dtype
            reference = ReferencePasses(objective, 2 * N).predict(theta, rows)
            assert_close(prediction, reference, dtype)


def test_dropout_is_for_training_alone():
    theta = make_theta(make())
    without, with_dropout = (
        CompiledPasses(make(dropout=dropout), 5) for dropout in [(), (0.5, 0.5)]
    )
    for method in METHODS:
        assert call(with_dropout, method, theta) == call(without, method, theta)


@pytest.mark.parametrize("method", METHODS)
def test_a_dense_and_a_sparse_matrix_are_one_matrix(method):
    sparse = make("squared_error", index_type="int32", weights=weights_with_zeros)
    assert not sparse.X.has_canonical_format  # unsorted, with duplicates
    dense = replace(sparse, X=sparse.X.toarray())
    theta = make_theta(sparse)
    results = (
        np.frombuffer(call(CompiledPasses(objective, 5), method, theta))
        for objective in (sparse, dense)
    )
    assert_close(*results, "float64")


def test_a_matrix_without_a_stored_number():
    objective = replace(make("squared_error"), X=csr_array((N, 5)))
    dense = replace(objective, X=np.zeros((N, 5)))
    theta = make_theta(objective)
    for method in METHODS:
        results = (call(CompiledPasses(o, 5), method, theta) for o in (objective, dense))
        assert_close(*map(np.frombuffer, results), "float64")


# ---- memory ----


@each_dtype
@each_container
@pytest.mark.parametrize("method", METHODS)
def test_what_an_earlier_call_left_does_not_matter(method, index_type, dtype):
    for activation in ACTIVATIONS:
        objective = make("poisson", activation, dtype=dtype, index_type=index_type)
        passes, theta = CompiledPasses(objective, 5), make_theta(objective)
        first = call(passes, method, theta)
        spoil(passes)
        assert call(passes, method, theta) == first
        call(passes, "objective_and_grad", 2 * theta)
        assert call(passes, method, theta) == first


@each_container
@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_written_into_the_data(method, index_type):
    objective = make("squared_error", index_type=index_type, weights=weights_with_zeros)
    theta, X = make_theta(objective), objective.X
    arrays = [X] if index_type is None else [X.data, X.indices, X.indptr]
    for array in [*arrays, objective.y, objective.sample_weight, theta]:
        array.flags.writeable = False
    call(CompiledPasses(objective, 5), method, theta)


@each_dtype
@each_container
def test_data_of_the_right_type_is_not_copied(index_type, dtype):
    objective = make(dtype=dtype, index_type=index_type, weights=weights_with_zeros)
    X = objective.X if index_type is None else objective.X.data
    passes = CompiledPasses(objective, 5)
    for ours, given in [
        (passes._features[0], X),
        (passes._targets[0], objective.y),
        (passes._targets[1], objective.sample_weight),
    ]:
        assert np.shares_memory(ours, given)
    if index_type == "int32":
        assert np.shares_memory(passes._features[1], objective.X.indices)


@each_dtype
def test_nothing_is_written_beyond_the_work_array(dtype):
    sizes_and_n = [((5, 3), 13), ((5, 7, 4, 3), 13), ((1, 1, 1), 13), ((3, 1, 19, 2), 13)]
    for sizes, n in [*sizes_and_n, ((1024, 48, 1024, 3), 9), ((3, 48, 2), 1024)]:
        for batch_size in (1, 5, 1024):
            objective = make("squared_error", sizes=sizes, n=n, dtype=dtype)
            passes, theta = CompiledPasses(objective, batch_size), make_theta(objective)
            n_work = len(passes._work)
            around = np.full(n_work + 64, 7, dtype)
            passes._work = around[32:-32]
            grads = np.full(len(theta) + 64, 7, dtype)
            passes.objective_and_grad(theta, grads[32:-32])
            passes.loss(theta)
            passes.predict(theta, np.arange(n))
            for array in (around, grads):
                assert (array[:32] == 7).all()
                assert (array[-32:] == 7).all()


def guard(array, at_end):
    """Return a copy that lies between pages which end the process if they are touched."""
    page = mmap.PAGESIZE
    n_pages = -(-array.nbytes // page)
    memory = np.frombuffer(mmap.mmap(-1, (n_pages + 2) * page), np.uint8)
    protect = ctypes.CDLL(None).mprotect
    for begin in (0, (n_pages + 1) * page):
        address = ctypes.c_void_p(memory.ctypes.data + begin)
        assert protect(address, ctypes.c_size_t(page), 0) == 0
    begin = page if not at_end else (n_pages + 1) * page - array.nbytes
    copy = memory[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def stay_within_the_data():
    """Call everything on data between guarded pages; a touch of them ends the process."""
    for seed, dtype, at_end in product(range(20), TOLERANCES, [False, True]):
        index_type = "int32" if seed % 5 == 0 else None
        objective = make_objective(
            "squared_error", list(ACTIVATIONS)[seed % len(ACTIVATIONS)], dtype=dtype,
            index_type=index_type, weights=weights_with_zeros, dropout=(), **draw_sizes(seed),
        )  # fmt: skip
        X = objective.X if index_type is None else objective.X.copy()
        theta = guard(make_theta(objective, scale=0.1), at_end)
        if index_type is None:
            X = guard(X, at_end)
        else:
            X.data = guard(X.data, at_end)
        objective = replace(
            objective,
            X=X,
            y=guard(objective.y, at_end),
            sample_weight=guard(objective.sample_weight + 1, at_end),
        )
        n = objective.n_rows
        passes = CompiledPasses(objective, max(1, n - 1))
        passes._work = guard(passes._work, at_end)
        passes.objective_and_grad(theta, guard(theta, at_end))
        passes.loss(theta)
        passes.predict(theta, guard(np.arange(n), at_end))
        solver = make_solver(solver="adam" if seed % 2 else "sgd", batch_size=max(1, n - 1))
        restart = make_restart(objective)
        solver._prepare(restart, objective, None)
        restart.theta = theta
        restart.moments.arrays = guard(restart.moments.arrays, at_end)
        restart.order = guard(restart.order, at_end)
        epochs = make_epochs(objective, solver.rule, max(1, n - 1), True, None)
        epochs._passes._work = guard(epochs._passes._work, at_end)
        epochs.run(restart, 2, lambda: False)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect")
def test_nothing_is_read_or_written_beyond_the_data():
    code = "import test_passes; test_passes.stay_within_the_data(); print('alive')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parent
    )
    assert done.stdout == "alive\n", (done.returncode, done.stderr)
