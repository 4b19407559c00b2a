"""What trains, or predicts: an engine takes a problem and returns what a turn calls.

Called, that trains anew and returns the loss curves, of shape (n_restarts, n_epochs), so that
they can be compared.
"""

import subprocess
import sys
from functools import partial

import numpy as np
from scipy.linalg import blas
from sklearn.neural_network import MLPClassifier

from sklearn_init import InitMLPClassifier


def scikit_learn(problem):
    def train():
        return _curves(MLPClassifier(**problem.parameters).fit(problem.X, problem.y))

    return train


def ours(problem, n_jobs=None):
    def train():
        estimator = InitMLPClassifier(
            **problem.parameters,
            n_restarts=problem.n_restarts,
            n_jobs=n_jobs,
            dtype=str(problem.X.dtype),
        )
        estimator.fit(problem.X, problem.y)
        return _curves(estimator) if problem.n_restarts == 1 else estimator.restarts_.loss_curves

    return train


def _curves(estimator):
    """Return the loss curve; L-BFGS has none, but a number of iterations and a last loss."""
    return [getattr(estimator, "loss_curve_", None) or [estimator.n_iter_, estimator.loss_]]


def floor(problem):
    """Return what does the matrix products of a training and nothing else.

    That is for every batch: forward, weight gradients, and deltas of all layers but the first. No
    engine that multiplies through the same BLAS can be faster.
    """
    n_full, rest = divmod(len(problem.X), problem.batch_size)
    full = list(_products(problem, problem.batch_size))
    epoch = full * n_full + (list(_products(problem, rest)) if rest else [])

    def multiply():
        for _ in range(problem.n_restarts * problem.n_epochs):
            for product in epoch:
                product()

    return multiply


def _products(problem, n_rows):
    """Yield the products of a batch. BLAS sees rows as columns: ``Z = A W`` is ``Z' = W' A'``."""
    dtype, rng = problem.X.dtype, np.random.default_rng(0)
    for layer, (fan_in, fan_out) in enumerate(zip(problem.sizes, problem.sizes[1:], strict=False)):
        W = rng.normal(size=(fan_in, fan_out)).astype(dtype).T
        A = rng.normal(size=(n_rows, fan_in)).astype(dtype).T
        D = rng.normal(size=(n_rows, fan_out)).astype(dtype).T
        yield _product(W, A, np.empty_like(D))
        yield _product(D, A, np.empty_like(W), trans_b=True)
        if layer > 0:
            yield _product(W, D, np.empty_like(A), trans_a=True)


def _product(a, b, out, trans_a=False, trans_b=False):
    """Return ``out = a b`` as a function; BLAS gets the very arrays, without a copy."""
    gemm = {"float64": blas.dgemm, "float32": blas.sgemm}[str(out.dtype)]
    assert all(m.flags.f_contiguous and m.dtype == out.dtype for m in (a, b, out))
    product = partial(gemm, 1.0, a, b, 0.0, out, trans_a, trans_b, True)
    assert np.shares_memory(product(), out)
    return product


def scikit_learn_predicts(problem):
    estimator = InitMLPClassifier(**problem.parameters | {"max_iter": 1})
    return _predictions(estimator.fit(problem.X, problem.y).to_sklearn(), problem)


def ours_predicts(problem):
    estimator = InitMLPClassifier(**problem.parameters | {"max_iter": 1})
    return _predictions(estimator.fit(problem.X, problem.y), problem)


def _predictions(estimator, problem):
    def predict():
        for _ in range(problem.n_epochs):
            probabilities = estimator.predict_proba(problem.X)
        return probabilities

    return predict


class ImportClock:
    """A clock that goes while a module is imported in a new process, in that one's time."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


import_clock = ImportClock()


def imports(module, after="time"):
    """Return an engine that imports a module in a process that has imported another one.

    The difference of two imports would be all noise: both spend a second on the same modules.
    """
    code = (
        f"import {after}; from time import process_time; begin = process_time()\n"
        f"import {module}; print(process_time() - begin)"
    )

    def run():
        child = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)
        import_clock.seconds += float(child.stdout)

    return lambda problem: run
