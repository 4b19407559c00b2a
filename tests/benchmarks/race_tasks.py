"""What is raced: data and networks of ``race.py``, and the training of them."""

from dataclasses import replace
from functools import cache, partial

import auto
import cases
import numpy as np
from cases import Case
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor

N_RESTARTS, N_EPOCHS = 32, 200
FULL, RACE = {"restart_strategy": "full"}, {"restart_strategy": "halving"}


@cache
def breast_cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@cache
def standardized(name):
    X, y = auto.load(name)
    return scale(X), y


@cache
def xor(n_rows=300):
    """Return noisy XOR: four clouds, neighbors of different classes."""
    rng = np.random.default_rng(0)
    corner = rng.integers(2, size=(n_rows, 2))
    return scale(corner + 0.25 * rng.normal(size=(n_rows, 2))), corner[:, 0] ^ corner[:, 1]


@cache
def spiral(n_rows=600):
    """Return two spirals of one and a half turns, one per class."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=n_rows)
    angle = 3 * np.pi * np.sqrt(rng.random(n_rows))
    side = 2 * y - 1
    return scale(np.transpose([side * angle * np.cos(angle), side * angle * np.sin(angle)])), y


FAST = {"learning_rate_init": 0.01}
LBFGS = {"solver": "lbfgs", "tol": 1e-4}
THREE = {
    "digits (100,)": Case(cases.digits, (100,), N_EPOCHS),
    "breast_cancer (50,)": Case(breast_cancer, (50,), N_EPOCHS),
    "wine (16, 16)": Case(cases.wine, (16, 16), N_EPOCHS),
}
REGRESSIONS = {
    "diabetes (50,)": Case(partial(standardized, "diabetes"), (50,), N_EPOCHS),
    "friedman1 (20,)": Case(partial(standardized, "friedman1"), (20,), N_EPOCHS, FAST),
}
SMALL = {
    "iris (10,)": Case(cases.iris, (10,), N_EPOCHS),
    "moons (5,)": Case(partial(standardized, "moons"), (5,), N_EPOCHS, FAST),
    "spiral (10,)": Case(spiral, (10,), N_EPOCHS, FAST),
    "XOR (2,) tanh": Case(xor, (2,), N_EPOCHS, {"activation": "tanh"} | FAST),
}
ALL = THREE | REGRESSIONS | SMALL
OTHERWISE = {
    f"{name} {label}": replace(THREE[name], parameters=parameters)
    for label, parameters in {"rate 0.01": FAST, "lbfgs": LBFGS}.items()
    for name in ("digits (100,)", "breast_cancer (50,)")
} | {f"{name} 1200 epochs": replace(case, n_epochs=1200) for name, case in SMALL.items()}


def fit(problem, *, X=None, y=None, **more):
    """Return restarts trained on the data of a problem, or on a part of it."""
    cls = InitMLPRegressor if is_regression(problem) else InitMLPClassifier
    estimator = cls(**problem.parameters | {"n_restarts": problem.n_restarts, "n_jobs": 2} | more)
    if X is None:
        X, y = problem.X, problem.y
    return estimator.fit(X, y)


def is_regression(problem):
    return problem.y.dtype.kind == "f"


def find_rank(losses, loss):
    """Return which place a loss takes among others; 1 is the best."""
    return 1 + int(np.sum(losses < loss))
