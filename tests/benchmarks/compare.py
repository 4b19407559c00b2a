"""Comparing eight schemes on digits, against the same number of fits of scikit-learn's MLP.

``python tests/benchmarks/compare.py`` trains 8 schemes x 5 folds x 4 restarts of a network with
100 hidden units for 50 epochs, on two cores, in float64 and float32, and as many `MLPClassifier`
by `cross_validate(n_jobs=2)` on rows of the same type. It takes some minutes. The exit
code is 1 if a figure is missed.
"""

import argparse
import sys
import warnings
from statistics import median
from time import perf_counter

import numpy as np
from machine import describe_machine
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_validate
from sklearn.neural_network import MLPClassifier

from sklearn_init import InitMLPClassifier
from sklearn_init.comparison import compare_initializers

SCHEMES = [
    "sklearn",
    "glorot_uniform",
    "he_normal",
    "lecun_normal",
    "orthogonal",
    "torch",
    "lsuv",
    "zeros",
]
FIGURES = {"float64": 2.7, "float32": 3.5}
SECONDS = 60
N_RESTARTS, N_FOLDS = 4, 5
NETWORK = {"hidden_layer_sizes": (100,), "max_iter": 50, "tol": 0, "n_iter_no_change": 1000}


def compare(X, y):
    begin = perf_counter()
    found = compare_initializers(
        InitMLPClassifier(**NETWORK, random_state=0),
        X,
        y,
        SCHEMES,
        cv=N_FOLDS,
        n_restarts=N_RESTARTS,
        n_jobs=2,
    )
    return perf_counter() - begin, found


def cross_validate_sklearn(X, y):
    """Return the seconds that as many fits take; the workers are there already."""
    begin = perf_counter()
    for seed in range(N_RESTARTS * len(SCHEMES)):
        network = MLPClassifier(**NETWORK, random_state=seed)
        cross_validate(network, X, y, cv=N_FOLDS, n_jobs=2)
    return perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = load_digits(return_X_y=True)
    X /= 16
    cross_validate(MLPClassifier((5,), max_iter=1), X, y, cv=2, n_jobs=2)  # starts the workers
    print(describe_machine())
    missed = False
    for dtype, figure in FIGURES.items():
        rows = X.astype(dtype)
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            seconds, found = compare(rows, y)
            ours.append(seconds)
            theirs.append(cross_validate_sklearn(rows, y))
        ratios = np.divide(theirs, ours)
        print(
            f"{dtype}: {median(ours):.1f} s against {median(theirs):.1f} s of MLPClassifier, "
            f"{median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f}; "
            f"figures: {SECONDS} s, {figure} times)"
        )
        missed |= median(ratios) < figure or median(ours) > SECONDS
    print(found)
    return missed


if __name__ == "__main__":
    sys.exit(main())
