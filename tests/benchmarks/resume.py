"""Is a fit that was killed, and done again with its checkpoints, the fit that was not?

``python tests/benchmarks/resume.py`` kills a fitting process with SIGKILL at random moments, 20
times for each kind of fit, every other time twice in a row, and then lets it end. Weights of all
restarts, curves, scores and what became of every restart have to be bit by bit those of a fit
without checkpoints. It takes about a quarter of an hour. The exit code is 1 if a fit differs.
"""

import argparse
import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import cases
import joblib
import numpy as np
from joblib.externals.loky import get_reusable_executor
from machine import describe_machine

from sklearn_init import InitMLPClassifier
from sklearn_init.persistence._files import read_file

FOREVER = {"tol": 0.0, "n_iter_no_change": np.inf}
RACE = {"restart_strategy": "halving"}

FITS = {
    "full": {"n_restarts": 4, "max_iter": 150, **FOREVER},
    "one restart": {"max_iter": 600, **FOREVER},
    "halving": {"n_restarts": 16, "max_iter": 250, **RACE, **FOREVER},
    "early stopping": {"n_restarts": 5, "max_iter": 200, "early_stopping": True, **FOREVER},
    "sgd, adaptive": {
        "n_restarts": 6, "max_iter": 400, "solver": "sgd", "learning_rate": "adaptive",
        "learning_rate_init": 0.2, "tol": 1e-4, "n_iter_no_change": 9,
    },
    "auto": {"n_restarts": "auto", "max_iter": 30, "restart_tol": 0.0, "max_restarts": 19},
    "lbfgs": {"n_restarts": 12, "max_iter": 120, "solver": "lbfgs"},
    "threads": {"n_restarts": 7, "max_iter": 150, "n_jobs": 2, **FOREVER},
    "processes": {"n_restarts": 12, "max_iter": 800, "n_jobs": 2, **RACE, **FOREVER},
}  # fmt: skip

KILLED = []
"""Identifiers of the processes that were killed."""

FORK = multiprocessing.get_context("fork")  # so that nobody has to import anything again


def fit(name, checkpoint, result):
    """Fit, and leave all that has to be the same in a file."""
    warnings.simplefilter("ignore")
    os.setpgid(0, 0)  # so that what it leaves behind can be found
    est = InitMLPClassifier((100,), random_state=0, checkpoint=checkpoint, **FITS[name])
    backend = {"backend": "loky"} if name == "processes" else {}
    with joblib.parallel_config(**backend):
        est.fit(*cases.digits())
    if backend:  # the end of this process would wait for them
        get_reusable_executor().shutdown(kill_workers=True)
    record = est.restarts_
    networks = [est.restart(r) for r in range(len(record["loss"]))]
    bits = {
        "weights": [a.tobytes() for n in networks for a in n.coefs_ + n.intercepts_],
        "starts": [a.tobytes() for n in networks for a in n.initial_coefs_],
        "record": {name: record[name].tobytes() for name in record if name != "time"},
        "curves": [
            record.loss_curves.tobytes(),
            record.validation_loss_curves.tobytes(),
            record.validation_score_curves.tobytes(),
        ],
        "counts": [(n.t_, n.n_iter_, n.best_restart_) for n in networks],
        "end": (record.stop_reason, est.best_restart_),
    }
    temporary = result.with_suffix(".tmp")
    temporary.write_bytes(pickle.dumps(bits))
    temporary.rename(result)


def run(name, checkpoint, result, moment=None):
    """Fit in a process of its own, perhaps killed; return bits, or None, and the seconds."""
    result.unlink(missing_ok=True)
    process = FORK.Process(target=fit, args=(name, checkpoint, result))
    begin = perf_counter()
    process.start()
    process.join(moment)
    if process.is_alive():
        process.kill()  # it alone: its workers, if it has some, are left behind
        process.join()
        KILLED.append(process.pid)
    seconds = perf_counter() - begin
    return pickle.loads(result.read_bytes()) if result.exists() else None, seconds


def kill_workers():
    """Kill what the killed processes have left behind, each in a group of its own."""
    while KILLED:
        with suppress(ProcessLookupError):
            os.killpg(KILLED.pop(), signal.SIGKILL)


def count_saved_epochs(checkpoint):
    """Return how many epochs of training lie in a folder."""
    best = {}
    for path in checkpoint.glob("*/restart-*.npz"):
        restart = read_file(path, "checkpoint").header["restart"]
        best[restart["index"]] = max(restart["n_iter"], best.get(restart["index"], 0))
    return sum(best.values())


def kill_and_resume(name, usual, n_kills, rng, folder):
    """Return bits, kills, epochs saved at the last one, and seconds of the last fit."""
    checkpoint, done = folder / "checkpoint", 0
    shutil.rmtree(checkpoint, ignore_errors=True)
    moments, saved = [], 0
    while True:
        moment = rng.uniform() * usual if len(moments) < n_kills else None
        bits, seconds = run(name, checkpoint, folder / "bits", moment)
        if bits is not None:
            kill_workers()
            return bits, moments, saved, seconds
        moments.append(moment)
        saved = count_saved_epochs(checkpoint)
        usual -= moment * (saved > done)  # so much is left, about
        done = saved


def measure(name, n_fits, rng, folder):
    """Kill fits of one kind; return how many of them were the same as undisturbed."""
    expected, usual = run(name, None, folder / "bits")
    with_checkpoint, seconds = run(name, folder / "undisturbed", folder / "bits")
    print(f"{name}: {usual:.1f} s, with checkpoints {seconds:.1f} s", flush=True)
    assert with_checkpoint == expected
    n_same, n_done = 0, 0
    while n_done < n_fits:
        bits, moments, saved, seconds = kill_and_resume(name, usual, 1 + n_done % 2, rng, folder)
        if not moments:
            continue  # this fit was over before
        n_done += 1
        n_same += bits == expected
        print(
            f"{n_done:4} killed after {', '.join(f'{m:.2f}' for m in moments)} s with {saved:4} "
            f"epochs saved, then {seconds:5.2f} s: {'same' if bits == expected else 'DIFFERENT'}",
            flush=True,
        )
    return n_same


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=FITS)
    arguments = parser.parse_args()
    print(describe_machine())
    rng, failed = np.random.default_rng(arguments.seed), False
    for name in [arguments.only] if arguments.only else FITS:
        with tempfile.TemporaryDirectory() as folder:
            n_same = measure(name, arguments.fits, rng, Path(folder))
        print(f"{name}: {n_same} of {arguments.fits} the same", flush=True)
        failed |= n_same < arguments.fits
    return int(failed)


if __name__ == "__main__":
    # what processes leave that are killed is cleaned up at the end, which is reported
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    raise SystemExit(main())
