"""Time of a fit, ours against scikit-learn's.

Run it with ``python tests/benchmarks/bench_fit.py``; name cases to run only those, and say
``--repeats 30`` on a noisy machine. All engines train in float64 with one BLAS thread for a fixed
number of epochs. They take turns, and a ratio is taken within each turn, so that a load that
comes and goes hits both of its sides; the table shows the medians over all turns. Time is the
processor's, which other processes disturb less than the clock on the wall.

The exit code is 1 if an engine did not compute what scikit-learn computed.

A further case is a row of `CASES`, a further engine a row of `ENGINES`.
"""

import argparse
import gc
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import process_time

import numpy as np
from sklearn.datasets import load_digits, load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from sklearn_init import InitMLPClassifier


def _iris():
    X, y = load_iris(return_X_y=True)
    return scale(X), y


def _digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def _synthetic():
    return make_classification(20_000, 100, n_informative=20, random_state=0)


@dataclass(frozen=True)
class Case:
    """What is trained, and for how many epochs (L-BFGS: iterations)."""

    load: Callable
    hidden_layer_sizes: tuple
    n_epochs: int
    parameters: dict = field(default_factory=dict)


CASES = {
    "iris (100,)": Case(_iris, (100,), 100),
    "digits (100,)": Case(_digits, (100,), 20),
    "digits (64, 64, 64)": Case(_digits, (64, 64, 64), 15),
    "20000 x 100 (100,)": Case(_synthetic, (100,), 3),
    "digits (100,) lbfgs": Case(_digits, (100,), 30, {"solver": "lbfgs"}),
}

REFERENCE = "scikit-learn"
ENGINES = {
    REFERENCE: MLPClassifier,
    "ours": InitMLPClassifier,
}
"""What makes an estimator of scikit-learn's parameters."""


def fit(engine, case, X, y):
    """Return a fitted estimator and the seconds that took."""
    estimator = ENGINES[engine](
        hidden_layer_sizes=case.hidden_layer_sizes,
        max_iter=case.n_epochs,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=0,
        **case.parameters,
    )
    gc.collect()
    begin = process_time()
    estimator.fit(X, y)
    return estimator, process_time() - begin


def is_same(estimator, expected):
    """Whether two estimators computed the same, up to rounding."""
    if estimator.n_iter_ != expected.n_iter_:
        return False
    if hasattr(expected, "loss_curve_"):
        return np.allclose(estimator.loss_curve_, expected.loss_curve_, rtol=1e-9, atol=0)
    return np.isclose(estimator.loss_, expected.loss_, rtol=1e-6, atol=0)  # line searches


def run(case, n_repeats):
    """Return the seconds of each repeat per engine, and the engines that computed otherwise."""
    X, y = case.load()
    fitted = {engine: fit(engine, case, X, y)[0] for engine in ENGINES}  # warms up, too
    wrong = [engine for engine in ENGINES if not is_same(fitted[engine], fitted[REFERENCE])]
    seconds = {engine: [] for engine in ENGINES}
    for repeat in range(n_repeats):
        for engine in list(ENGINES)[:: 1 if repeat % 2 else -1]:
            seconds[engine].append(fit(engine, case, X, y)[1])
    return seconds, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {list(CASES)}")
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - set(CASES)
    if unknown:
        parser.error(f"{sorted(unknown)} not in {list(CASES)}")
    if arguments.repeats < 2:
        parser.error("--repeats must be at least 2, for quartiles")

    others = [engine for engine in ENGINES if engine != REFERENCE]
    print(f"{arguments.repeats} repeats; ratio: {REFERENCE}'s time / the engine's, > 1 is faster")
    print(f"{'case':22}{REFERENCE + ' s/epoch':>22}", end="")
    print(*(f"{engine + ' s/epoch':>18}{'ratio':>7}  {'quartiles':12}" for engine in others))
    failed = False
    for name in arguments.cases or CASES:
        case = CASES[name]
        seconds, wrong = run(case, arguments.repeats)
        print(f"{name:22}{median(seconds[REFERENCE]) / case.n_epochs:22.6f}", end="")
        for engine in others:
            pairs = zip(seconds[REFERENCE], seconds[engine], strict=True)
            low, middle, high = quantiles([theirs / ours for theirs, ours in pairs], n=4)
            per_epoch = median(seconds[engine]) / case.n_epochs
            print(f"{per_epoch:18.6f}{middle:7.2f}  {f'{low:.2f} - {high:.2f}':12}", end="")
        print(f"  NOT THE SAME: {', '.join(wrong)}" if wrong else "", flush=True)
        failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        raise SystemExit(main())
