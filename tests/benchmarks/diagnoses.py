"""How often `diagnose` is right: silent about healthy networks, loud about sick ones.

    python tests/benchmarks/diagnoses.py [n_draws]

Every draw has its own depth, width, data and seed. Healthy are he_normal with relu and critical
with tanh; sick are other starts, and these after all weights were multiplied by one of `FACTORS`.
The exit code is 1 if a healthy network is named, or a sick one is not, or not rightly.
"""

import sys
import time
import warnings
from functools import cache

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, SymmetryWarning
from sklearn_init.inspection import diagnose

HEALTHY = {"he_normal": "relu", "critical": "tanh"}

DEPTHS, WIDTHS = (2, 21), (30, 201)
"""From the first to below the second."""

NAMES = {
    "zeros": {"symmetry"},
    "constant": {"symmetry"},
    "tied_columns": {"symmetry"},
    "x100": {"saturated", "exploding"},
    "/1000": {"vanishing"},
}
"""What may be said of the sick: all zeros, ..., and after weights were multiplied."""

FACTORS = {"x100": 100.0, "/1000": 1e-3}


def make_data(rng, name):
    """Return a data set with standardized features."""
    if name == "normal":
        X = rng.normal(size=(300, int(rng.integers(5, 100))))
        return X, (X[:, 0] > 0).astype(int)
    return load(name)


@cache
def load(name):
    """Return a data set of scikit-learn's, standardized."""
    X, y = {"digits": load_digits, "cancer": load_breast_cancer}[name](return_X_y=True)
    return scale(X), y


def make_network(rng, scheme, activation, depth=None):
    """Return an initialized estimator of a depth and width of its own, and its data."""
    X, y = make_data(rng, rng.choice(["normal", "digits", "cancer"]))
    depth = int(rng.integers(*DEPTHS)) if depth is None else depth
    clf = InitMLPClassifier(
        (int(rng.integers(*WIDTHS)),) * depth,
        activation=activation,
        weight_init=scheme,
        bias_init=0.0 if scheme in NAMES else None,
        random_state=int(rng.integers(2**31)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SymmetryWarning)
        return clf.initialize(X, y), X, y


def make_sick(rng, kind):
    """Return a sick network, and its data."""
    scheme, activation = list(HEALTHY.items())[rng.integers(2)]
    depth = 10 if kind == "/1000" else None
    if kind not in FACTORS:
        return make_network(rng, kind, activation, depth)
    clf, X, y = make_network(rng, scheme, activation, depth)
    for W in clf.coefs_:
        W *= FACTORS[kind]
    return clf, X, y


def main(n_draws):
    """Print how many of the healthy and of the sick are named; return whether any is wrong."""
    rng, begin, n_wrong = np.random.default_rng(0), time.perf_counter(), 0
    for scheme, activation in HEALTHY.items():
        found = [diagnose(*make_network(rng, scheme, activation)).findings for _ in range(n_draws)]
        n_wrong += sum(map(bool, found))
        print(f"{scheme} + {activation}: {sum(map(bool, found))} of {n_draws} named")
        for findings in filter(None, found):
            print("   ", *findings, sep=" ")
    for kind, names in NAMES.items():
        found = [
            {f.name for f in diagnose(*make_sick(rng, kind)).findings} for _ in range(n_draws)
        ]
        n_right = sum(not names.isdisjoint(findings) for findings in found)
        n_wrong += n_draws - n_right
        print(f"{kind}: {n_right} of {n_draws} named, as {sorted(set().union(*found))}")
    print(f"{time.perf_counter() - begin:.0f} s")
    return n_wrong > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
