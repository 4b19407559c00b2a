"""Does a killed worker cost its restarts a rerun, and nothing else?

``python tests/benchmarks/kills.py`` fits 20 times over processes (loky), and kills a random one
with SIGKILL at a random moment of each fit. Every fit has to finish, with the weights of all
restarts bit by bit those of an undisturbed run. It takes about three minutes on two idle cores:
new processes have to import scikit-learn. The exit code is 1 if a fit fails or differs.
"""

import argparse
import multiprocessing
import os
import signal
import threading
import warnings
from time import perf_counter

import cases
import joblib
import numpy as np
from machine import describe_machine
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPClassifier

FITS = {
    "adam": {"max_iter": 60},
    "adam, race": {"max_iter": 200, "restart_strategy": "halving"},
    "L-BFGS, race": {"max_iter": 200, "restart_strategy": "halving", "solver": "lbfgs"},
}
"""Each takes seconds, and a restart takes long enough to have a task of its own."""


def make(more):
    return InitMLPClassifier(
        (50,), n_restarts=16, n_jobs=2, random_state=0, tol=0.0, n_iter_no_change=np.inf, **more
    )


def get_bits(estimator):
    """Return the weights of all restarts, their losses and which one is kept."""
    restarts = [estimator.restart(r) for r in range(estimator.n_restarts)]
    weights = [array.tobytes() for r in restarts for array in r.coefs_ + r.intercepts_]
    return weights, estimator.restarts_["loss"].tobytes(), estimator.best_restart_


def fit(estimator):
    """Return the bits of a fit over processes, and the seconds it took."""
    begin = perf_counter()
    with joblib.parallel_config(backend="loky"):
        estimator.fit(*cases.digits())
    return get_bits(estimator), perf_counter() - begin


def fit_and_kill(estimator, moment, rng):
    """Fit, and kill a worker after so many seconds; return bits, seconds, and if one was hit."""
    hits = []

    def kill():
        victim = rng.choice(sorted(p.pid for p in multiprocessing.active_children()))
        os.kill(victim, signal.SIGKILL)
        hits.append(victim)

    timer = threading.Timer(moment, kill)
    timer.start()
    try:
        return *fit(estimator), bool(hits)
    finally:
        timer.cancel()
        timer.join()


def run(n_fits, rng):
    """Fit and kill in turns; return how many fits were the same as undisturbed."""
    undisturbed = {}
    for name, more in FITS.items():
        fit(make(more))  # starts the processes
        undisturbed[name] = fit(make(more))
        print(f"{name:14} undisturbed {undisturbed[name][1]:5.1f} s", flush=True)
    n_same, n_done = 0, 0
    while n_done < n_fits:
        name = list(FITS)[n_done % len(FITS)]
        expected, usual = undisturbed[name]
        moment = rng.uniform() * usual
        try:
            bits, seconds, is_hit = fit_and_kill(make(FITS[name]), moment, rng)
            if not is_hit:
                continue  # this fit was over before
            outcome = "same" if bits == expected else "DIFFERENT"
        except Exception as error:
            seconds, outcome = np.nan, f"FAILED: {error}"
        n_done += 1
        n_same += outcome == "same"
        share = moment / usual
        print(
            f"{n_done:3} {name:14} killed after {moment:5.2f} s, {share:4.0%} of the fit; ", end=""
        )
        print(f"done after {seconds:5.1f} s: {outcome}", flush=True)
    return n_same


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(describe_machine())
    n_same = run(arguments.fits, np.random.default_rng(arguments.seed))
    print(f"{n_same} of {arguments.fits} fits finished with the bits of an undisturbed run")
    return int(n_same < arguments.fits)


if __name__ == "__main__":
    # what processes leave that are killed is cleaned up at the end, which is reported
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        raise SystemExit(main())
