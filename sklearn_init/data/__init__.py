"""Checks of X, y and weights, and labels as indicators."""

from sklearn_init.data._labels import (
    ClassBinarizer,
    check_classes,
    check_n_labels,
    check_seen,
    find_classes,
    learn_classes,
)
from sklearn_init.data._sparse import check_sparse
from sklearn_init.data._types import check_features, check_labels, check_numbers
from sklearn_init.data._weights import (
    apply_class_weight,
    check_sample_weight,
    fix_class_weight,
    read_weights,
)

__all__ = [
    "ClassBinarizer",
    "apply_class_weight",
    "check_classes",
    "check_features",
    "check_labels",
    "check_n_labels",
    "check_numbers",
    "check_sample_weight",
    "check_seen",
    "check_sparse",
    "find_classes",
    "fix_class_weight",
    "learn_classes",
    "read_weights",
]
