"""Train restarts over workers, in full or in a race, and keep the best ones."""

from sklearn_init.training._blas import one_blas_thread
from sklearn_init.training._callback import Audience
from sklearn_init.training._divergence import describe_remedy
from sklearn_init.training._enough import BATCH, Enough, train_until_enough
from sklearn_init.training._expected_best import ExpectedBest
from sklearn_init.training._minima import MAX_ROWS, TINY, Minima
from sklearn_init.training._progress import ProgressPrinter, describe_seconds
from sklearn_init.training._race import Rung, is_race, make_rungs, select
from sklearn_init.training._record import Restarts
from sklearn_init.training._run import (
    End,
    Plan,
    measure_starts,
    train_restarts,
)
from sklearn_init.training._sklearn_callbacks import (
    Callbacks,
    CallbackSupportMixin,
    FitTask,
    telling_callbacks,
    with_callbacks,
)
from sklearn_init.training._split import Split, split_rows
from sklearn_init.training._state import Starts, Training
from sklearn_init.training._ticker import Ticker
from sklearn_init.training._warnings import (
    describe_total_divergence,
    warn_about_absent_classes,
    warn_about_average,
    warn_about_batch_size,
    warn_about_chance,
    warn_about_end,
    warn_about_engine,
    warn_about_scores,
    warn_about_start,
)
from sklearn_init.training._workers import StopFlag, Workers

__all__ = [
    "BATCH",
    "MAX_ROWS",
    "TINY",
    "Audience",
    "CallbackSupportMixin",
    "Callbacks",
    "End",
    "Enough",
    "ExpectedBest",
    "FitTask",
    "Minima",
    "Plan",
    "ProgressPrinter",
    "Restarts",
    "Rung",
    "Split",
    "Starts",
    "StopFlag",
    "Ticker",
    "Training",
    "Workers",
    "describe_remedy",
    "describe_seconds",
    "describe_total_divergence",
    "is_race",
    "make_rungs",
    "measure_starts",
    "one_blas_thread",
    "select",
    "split_rows",
    "telling_callbacks",
    "train_restarts",
    "train_until_enough",
    "warn_about_absent_classes",
    "warn_about_average",
    "warn_about_batch_size",
    "warn_about_chance",
    "warn_about_end",
    "warn_about_engine",
    "warn_about_scores",
    "warn_about_start",
    "with_callbacks",
]
