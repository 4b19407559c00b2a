"""Solvers: what lowers the objective, from the start of a restart to its end."""

from sklearn_init.solvers._adam import Adam
from sklearn_init.solvers._lbfgs import MAX_FUN, MAX_ITER, NO_DESCENT, Lbfgs
from sklearn_init.solvers._packing import (
    pack_restart,
    pack_stream,
    unpack_restart,
    unpack_stream,
)
from sklearn_init.solvers._report import report, report_nothing, report_with_index
from sklearn_init.solvers._sgd import SCHEDULES, Sgd
from sklearn_init.solvers._state import Restart, Solver, Validation, Watch
from sklearn_init.solvers._stochastic import Stochastic, UpdateRule

__all__ = [
    "MAX_FUN",
    "MAX_ITER",
    "NO_DESCENT",
    "SCHEDULES",
    "Adam",
    "Lbfgs",
    "Restart",
    "Sgd",
    "Solver",
    "Stochastic",
    "UpdateRule",
    "Validation",
    "Watch",
    "pack_restart",
    "pack_stream",
    "report",
    "report_nothing",
    "report_with_index",
    "unpack_restart",
    "unpack_stream",
]
