"""Train restarts over joblib's workers, in full or in a race, and keep the best ones."""

from sklearn_init.restarts._audience import Audience
from sklearn_init.restarts._blas import one_blas_thread
from sklearn_init.restarts._checkpoint import Folder, Save, TakeUp, describe_failure
from sklearn_init.restarts._enough import BATCH, Enough, train_until_enough
from sklearn_init.restarts._expected_best import ExpectedBest
from sklearn_init.restarts._minima import MAX_ROWS, TINY, Minima
from sklearn_init.restarts._progress import ProgressPrinter, describe_seconds
from sklearn_init.restarts._race import Rung, is_race, make_rungs, select
from sklearn_init.restarts._record import Restarts
from sklearn_init.restarts._resumption import TellResumption
from sklearn_init.restarts._run import End, Plan, measure_starts, train_restarts
from sklearn_init.restarts._ticker import Ticker
from sklearn_init.restarts._workers import StopFlag, Workers

__all__ = [
    "BATCH",
    "MAX_ROWS",
    "TINY",
    "Audience",
    "End",
    "Enough",
    "ExpectedBest",
    "Folder",
    "Minima",
    "Plan",
    "ProgressPrinter",
    "Restarts",
    "Rung",
    "Save",
    "StopFlag",
    "TakeUp",
    "TellResumption",
    "Ticker",
    "Workers",
    "describe_failure",
    "describe_seconds",
    "is_race",
    "make_rungs",
    "measure_starts",
    "one_blas_thread",
    "select",
    "train_restarts",
    "train_until_enough",
]
