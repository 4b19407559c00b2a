"""What is compared: a table has cases, engines, and what is made of their seconds."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from statistics import geometric_mean
from time import perf_counter, process_time

import cases
import engines
import numpy as np
import peers
import turns

N_EQUAL_EPOCHS = 5
"""Rounding is amplified from epoch to epoch, so that only the first few are equal up to `RTOL`."""

RTOL = {"float64": 1e-9, "float32": 1e-3}
RTOL_OF_LATER_EPOCHS = 0.05
RTOL_OF_L_BFGS = 1e-6  # its line searches amplify more


@dataclass(frozen=True)
class Table:
    """Engines that take turns on each of the cases.

    Attributes
    ----------
    title : str
    cases : dict of Case
    engines : dict of callables
        Each takes a problem and returns what is timed. The results of the first are the ones
        that the others' must equal.
    compared : dict of callables
        Each makes one number of the seconds of a turn.
    clock : callable
        The processor's time, which other processes disturb less than the one on the wall, can
        only be asked where one thread works.
    setting : callable
        Makes the context of preparation and turns.
    dtypes : tuple of str
    n_restarts : int
    """

    title: str
    cases: dict
    engines: dict
    compared: dict
    clock: Callable = perf_counter
    setting: Callable[[], AbstractContextManager] = nullcontext
    dtypes: tuple = ("float64",)
    n_restarts: int = 1

    def run(self, name, dtype, n_turns, budget):
        """Return a row: seconds per epoch, what was compared, and who computed otherwise."""
        case = self.cases[name]
        problem = case and case.problem(dtype, self.n_restarts)
        n_epochs = problem.n_epochs if problem else 1
        with self.setting():
            runs = {
                engine: prepare(problem)
                for engine, prepare in self.engines.items()
                if engine != FLOOR or has_floor(problem)
            }
            results = {engine: run() for engine, run in runs.items()}  # warms up, too
            seconds = turns.take_turns(runs, self.clock, n_turns, budget)
        return {
            "case": name,
            "dtype": dtype,
            "turns": len(seconds),
            "seconds per epoch": {
                engine: turns.quartiles([turn[engine] / n_epochs for turn in seconds])
                for engine in runs
            },
            "compared": {
                label: turns.quartiles([compare(turn) for turn in seconds])
                for label, compare in self.compared.items()
                if label != OVER_FLOOR or FLOOR in runs
            },
            "wrong": find_wrong(results, problem),
        }


def has_floor(problem):
    """Whether the layers are so wide that matrix products are most of the work."""
    return min(problem.sizes[1:-1]) >= 64 and "solver" not in problem.parameters


def find_wrong(results, problem):
    """Return the engines whose results are not those of the first, up to rounding."""
    is_lbfgs = problem is not None and problem.parameters.get("solver") == "lbfgs"
    wrong, (expected, *_) = [], results.values()
    for engine, result in results.items():
        if engine == FLOOR or problem is None:
            continue
        rtol = RTOL_OF_L_BFGS if is_lbfgs else RTOL[str(problem.X.dtype)]
        rtols = np.full(np.shape(expected)[1], RTOL_OF_LATER_EPOCHS)
        rtols[:N_EQUAL_EPOCHS] = rtol
        same_shape = np.shape(result) == np.shape(expected)
        if not (same_shape and np.allclose(result, expected, rtol=rtols, atol=0)):
            wrong.append(engine)
    return wrong


def ratio(of, to):
    return lambda seconds: seconds[of] / seconds[to]


def summarize(rows):
    """Return geometric mean and smallest and largest of every ratio, per type, over the shapes."""
    of_shapes = [row for row in rows if row["case"] in cases.SHAPES]
    medians = {}
    for row in of_shapes:
        for label, numbers in row["compared"].items():
            medians.setdefault((label, row["dtype"]), []).append(numbers["median"])
    return [
        {
            "compared": label,
            "dtype": dtype,
            "geometric mean": geometric_mean(numbers),
            "smallest": min(numbers),
            "largest": max(numbers),
            "shapes": len(numbers),
        }
        for (label, dtype), numbers in medians.items()
        if len(numbers) > 1
    ]


REFERENCE, OURS, FLOOR = "scikit-learn", "ours", "products"
OVER_FLOOR = f"{OURS} / {FLOOR}"
SPEED = {f"{REFERENCE} / {OURS}": ratio(REFERENCE, OURS)}
ENGINES_OF_A_FIT = {
    REFERENCE: engines.scikit_learn,
    OURS: engines.ours,
    FLOOR: engines.floor,
}
IMPORT = "sklearn_init after that"
BOTH = ("float64", "float32")
PEERS = {
    name: prepare
    for name, module, prepare in (
        ("JAX", "jax", peers.jax_vmap),
        ("PyTorch", "torch", peers.torch_stacked),
    )
    if peers.is_installed(module)
}

TABLES = {
    "fit": Table(
        "A fit on one BLAS thread, processor time",
        cases.SHAPES,
        ENGINES_OF_A_FIT,
        SPEED | {OVER_FLOOR: ratio(OURS, FLOOR)},
        process_time,
        turns.one_blas_thread,
        BOTH,
    ),
    "variants": Table(
        "The same for other activations, sizes and solvers",
        cases.VARIANTS,
        ENGINES_OF_A_FIT,
        SPEED | {OVER_FLOOR: ratio(OURS, FLOOR)},
        process_time,
        turns.one_blas_thread,
    ),
    "threads": Table(
        "A fit with the default threads of both, time on the wall",
        cases.SHAPES,
        {REFERENCE: engines.scikit_learn, OURS: engines.ours},
        SPEED,
    ),
    "restarts": Table(
        "16 restarts on one core, processor time",
        cases.RESTARTS,
        {OURS: engines.ours, **PEERS, FLOOR: engines.floor},
        {f"{peer} / {OURS}": ratio(peer, OURS) for peer in PEERS}
        | {OVER_FLOOR: ratio(OURS, FLOOR)},
        process_time,
        turns.one_core,
        BOTH,
        n_restarts=16,
    ),
    "cores": Table(
        "16 restarts on one core and on two, time on the wall",
        cases.CORES,
        {"n_jobs=1": partial(engines.ours, n_jobs=1), "n_jobs=2": partial(engines.ours, n_jobs=2)},
        {"n_jobs=1 / n_jobs=2": ratio("n_jobs=1", "n_jobs=2")},
        n_restarts=16,
    ),
    "predict": Table(
        "predict_proba with the default threads of both, time on the wall, per call",
        cases.PREDICTIONS,
        {REFERENCE: engines.scikit_learn_predicts, OURS: engines.ours_predicts},
        SPEED,
    ),
    "import": Table(
        "An import in a new process, processor time",
        {"import": None},
        {
            "sklearn.neural_network": engines.imports("sklearn.neural_network"),
            IMPORT: engines.imports("sklearn_init", after="sklearn.neural_network"),
        },
        {"more than theirs, ms": lambda seconds: 1e3 * seconds[IMPORT]},
        engines.import_clock,
    ),
}
