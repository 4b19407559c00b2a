"""Solvers: what lowers the objective, from the start of a restart to its end."""

from sklearn_init.solvers._adam import Adam
from sklearn_init.solvers._epochs import UpdateRule
from sklearn_init.solvers._lbfgs import MAX_FUN, MAX_ITER, NO_DESCENT, Lbfgs
from sklearn_init.solvers._report import report, report_nothing, report_with_index
from sklearn_init.solvers._sgd import SCHEDULES, Sgd
from sklearn_init.solvers._state import Moments, Restart, Solver, Validation, Watch
from sklearn_init.solvers._stochastic import Stochastic

__all__ = [
    "MAX_FUN",
    "MAX_ITER",
    "NO_DESCENT",
    "SCHEDULES",
    "Adam",
    "Lbfgs",
    "Moments",
    "Restart",
    "Sgd",
    "Solver",
    "Stochastic",
    "UpdateRule",
    "Validation",
    "Watch",
    "report",
    "report_nothing",
    "report_with_index",
]
