"""The hall: restarts are planned, spread over joblib's workers, gathered, and the best is kept."""

from sklearn_init.restarts._blas import one_blas_thread
from sklearn_init.restarts._record import Restarts
from sklearn_init.restarts._run import Plan, measure_starts, select_best, train_restarts

__all__ = [
    "Plan",
    "Restarts",
    "measure_starts",
    "one_blas_thread",
    "select_best",
    "train_restarts",
]
