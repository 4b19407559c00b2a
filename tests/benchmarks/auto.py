"""Is `weight_init="auto"` ever worse than scikit-learn's start? Paired over data sets and splits.

One to three hidden layers on 27 data sets: for every data set the mean difference of the test
scores over splits, then a Wilcoxon test over data sets. Deep networks, where scikit-learn's start
fails, on digits. Takes about ten minutes: ``python tests/benchmarks/auto.py``.
"""

import argparse
import itertools
import warnings
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import wilcoxon
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler, scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor

MAX_ROWS = 700


def relabeled(load, relabel):
    X, y = load(return_X_y=True)
    return X, relabel(y)


def one_column(load, column):
    """Return the task of predicting one column from the others."""
    X, _ = load(return_X_y=True)
    return np.delete(X, column, axis=1), X[:, column]


make = partial(datasets.make_classification, n_samples=500, random_state=0)
CLASSIFICATION = {
    "iris": partial(datasets.load_iris, return_X_y=True),
    "wine": partial(datasets.load_wine, return_X_y=True),
    "breast_cancer": partial(datasets.load_breast_cancer, return_X_y=True),
    "digits": partial(datasets.load_digits, return_X_y=True),
    "digits, odd or even": lambda: relabeled(datasets.load_digits, lambda y: y % 2),
    "digits, 0 to 4": partial(datasets.load_digits, n_class=5, return_X_y=True),
    "moons": partial(datasets.make_moons, 400, noise=0.3, random_state=0),
    "circles": partial(datasets.make_circles, 400, noise=0.2, factor=0.5, random_state=0),
    "blobs": partial(datasets.make_blobs, 400, 10, centers=6, cluster_std=5, random_state=0),
    "gaussian quantiles": partial(
        datasets.make_gaussian_quantiles, n_samples=500, n_features=6, n_classes=3, random_state=0
    ),
    "hastie": partial(datasets.make_hastie_10_2, 600, random_state=0),
    "easy": make,
    "wide": partial(make, n_features=80, n_informative=10),
    "noisy": partial(make, flip_y=0.2, n_informative=6),
    "imbalanced": partial(make, weights=[0.9], n_informative=5),
    "many classes": partial(make, n_classes=6, n_informative=8),
}
REGRESSION = {
    "diabetes": partial(datasets.load_diabetes, return_X_y=True),
    "linnerud": partial(datasets.load_linnerud, return_X_y=True),
    "iris petals": lambda: one_column(datasets.load_iris, 2),
    "wine alcohol": lambda: one_column(datasets.load_wine, 0),
    "friedman1": partial(datasets.make_friedman1, 400, noise=1.0, random_state=0),
    "friedman2": partial(datasets.make_friedman2, 400, noise=50.0, random_state=0),
    "friedman3": partial(datasets.make_friedman3, 400, noise=0.1, random_state=0),
    "linear": partial(datasets.make_regression, 300, 20, noise=20.0, random_state=0),
    "sparse linear": partial(datasets.make_sparse_uncorrelated, 300, random_state=0),
    "swiss roll": partial(datasets.make_swiss_roll, 500, noise=0.3, random_state=0),
    "s curve": partial(datasets.make_s_curve, 500, noise=0.1, random_state=0),
}


def load(name):
    X, y = (CLASSIFICATION | REGRESSION)[name]()
    chosen = np.random.default_rng(0).permutation(len(X))[:MAX_ROWS]
    return X[chosen], scale(y[chosen]) if name in REGRESSION else y[chosen]


def score_starts(name, schemes, more, split):
    """Return the test score of every scheme on one split."""
    X, y = load(name)
    cls, stratify = (InitMLPRegressor, None) if name in REGRESSION else (InitMLPClassifier, y)
    train_X, test_X, train_y, test_y = train_test_split(
        X, y, test_size=0.3, random_state=split, stratify=stratify
    )
    scaler = StandardScaler().fit(train_X)
    train_X, test_X = scaler.transform(train_X), scaler.transform(test_X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            cls(weight_init=scheme, random_state=split, **more)
            .fit(train_X, train_y)
            .score(test_X, test_y)
            for scheme in schemes
        ]


def compare(schemes, more, n_splits, n_jobs, names):
    """Return scores of shape (n_datasets, n_splits, n_schemes)."""
    jobs = itertools.product(names, range(n_splits))
    scores = Parallel(n_jobs)(
        delayed(score_starts)(name, schemes, more, split) for name, split in jobs
    )
    return np.reshape(scores, (len(names), n_splits, len(schemes)))


SHALLOW = {
    f"{activation}, {solver}, {sizes}": {
        "activation": activation,
        "solver": solver,
        "hidden_layer_sizes": sizes,
    }
    for activation, solver, sizes in [
        ("logistic", "adam", (100,)),
        ("logistic", "adam", (50, 50)),
        ("softplus", "adam", (100,)),
        ("relu", "adam", (50, 50, 50)),
        ("relu", "lbfgs", (50, 50, 50)),
        ("tanh", "adam", (50, 50, 50)),
        ("silu", "adam", (50, 50, 50)),
        ("logistic", "adam", (50, 50, 50)),
    ]
}
"""Networks for which "auto" differs from scikit-learn's start: with up to two hidden layers of
other activations, or L-BFGS, it is that start."""

DEEP = {
    "six logistic layers, adam": ("logistic", "adam", 6, {}),
    "30 relu layers, sgd": ("relu", "sgd", 30, {"learning_rate_init": 0.01}),
    "20 tanh layers, sgd": ("tanh", "sgd", 20, {"learning_rate_init": 0.01}),
    "20 tanh layers, adam": ("tanh", "adam", 20, {}),
    "20 gelu layers, sgd": ("gelu", "sgd", 20, {"learning_rate_init": 0.01}),
    "20 silu layers, sgd": ("silu", "sgd", 20, {"learning_rate_init": 0.01}),
}


def report_shallow(schemes, n_splits, n_jobs):
    names = [*CLASSIFICATION, *REGRESSION]
    print(f"{schemes[1]} minus {schemes[0]}, {len(names)} data sets, {n_splits} splits each")
    for label, more in SHALLOW.items():
        scores = compare(schemes, more, n_splits, n_jobs, names)
        means = np.diff(scores.mean(axis=1), axis=1).ravel()
        worst = np.argmin(means)
        p = wilcoxon(means, alternative="less").pvalue if np.any(means) else 1.0
        print(
            f"{label:32} mean {means.mean():+.4f}  median {np.median(means):+.4f}  better on "
            f"{np.sum(means > 0):2}, worse on {np.sum(means < 0):2}  p(worse) {p:.2f}  "
            f"worst: {names[worst]} {means[worst]:+.3f}"
        )


def report_deep(schemes, n_splits, n_jobs):
    print("\naccuracy on digits, width 64, 40 epochs")
    for label, (activation, solver, depth, more) in DEEP.items():
        settings = {
            "activation": activation,
            "solver": solver,
            "hidden_layer_sizes": (64,) * depth,
            "max_iter": 40,
            "n_iter_no_change": 40,
            **more,
        }
        scores = compare(schemes, settings, n_splits, n_jobs, ["digits"])[0]
        shown = "  ".join(
            f"{scheme!s} {scores[:, i].mean():.3f}" for i, scheme in enumerate(schemes)
        )
        print(f"{label:32} {shown}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    for report in (report_shallow, report_deep):
        report(("sklearn", "auto"), arguments.splits, arguments.jobs)
