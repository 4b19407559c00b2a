"""The scales: schemes compared on the same folds, batches and seeds, with statistics."""

from sklearn_init.comparison._compare import compare_initializers
from sklearn_init.comparison._record import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare_initializers"]
