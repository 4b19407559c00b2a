"""Labels: which classes there are, and that those of later calls are the same."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target, unique_labels

from sklearn_init._text import shorten, show
from sklearn_init.data._types import check_classes_argument

LONGEST = 200
"""Number of characters of scikit-learn's error about labels, which would list them all."""


class ClassBinarizer:
    """`LabelBinarizer` for one label per row, whose checks would take longer than many a training.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        All labels, sorted; at least two.
    """

    sparse_input_ = False

    def __init__(self, classes: NDArray):
        self.classes_ = classes
        self.y_type_ = "binary" if len(classes) == 2 else "multiclass"

    def transform(self, y: NDArray) -> NDArray:
        """Return an indicator of shape (n_samples, n_classes), or of one column for two."""
        if y.ndim == 2:
            raise ValueError("The object was not fitted with multilabel input.")
        columns = np.arange(len(self.classes_))[len(self.classes_) == 2 :]
        return np.searchsorted(self.classes_, y)[:, np.newaxis] == columns

    def inverse_transform(self, outputs: NDArray) -> NDArray:
        """Return the labels of the highest outputs, or of a single one above 1/2."""
        index = outputs.argmax(axis=1) if outputs.ndim == 2 else (outputs > 0.5).astype(int)
        return self.classes_[index]


def learn_classes(
    y: NDArray, given: ArrayLike | None, *, partial: bool
) -> tuple[ClassBinarizer | LabelBinarizer, NDArray]:
    """Return what turns labels into an indicator, and the classes.

    They are those of y, or those `given` to the first `partial_fit`.

    Raises
    ------
    ValueError
        If that argument is missing or does not have all labels of y, or if there is only one
        class.
    """
    if partial and given is None:
        raise ValueError("classes must be passed on the first call to partial_fit.")
    if y.ndim == 2:  # several labels per row
        binarizer = fit_binarizer(y)
        if given is not None:
            check_label_indices(given, binarizer.classes_)
        return binarizer, binarizer.classes_
    seen = find_classes(y)
    classes = seen if given is None else find_classes(given, "classes")
    if len(classes) < 2:
        where = "y" if given is None else "classes"
        raise ValueError(
            f"{where} has only one class, {show(classes.tolist()[0])}; a classifier needs two."
        )
    if classes is not seen:
        check_seen(seen, classes)
    return ClassBinarizer(classes), classes


def fit_binarizer(y: Any) -> LabelBinarizer:
    """Return what turns several labels per row into an indicator, or raise an error."""
    try:
        return LabelBinarizer().fit(y)
    except ValueError as error:
        raise ValueError(
            f"y has the shape {y.shape}, so that it must hold a column of zeros and ones per "
            f"label, but it holds other values ({shorten(str(error), LONGEST)}). Several targets "
            "that are numbers are for InitMLPRegressor."
        ) from error


def check_label_indices(classes: ArrayLike, columns: NDArray) -> None:
    """Raise an error if `classes` are not the indices of the columns of y."""
    if not np.array_equal(find_classes(classes, "classes"), columns):
        raise ValueError(
            f"classes={show(classes)} is not allowed: y has several labels per row, so that "
            f"classes are the indices of its {len(columns)} columns, "
            f"numpy.arange({len(columns)})."
        )


def find_classes(y: Any, name: str = "y") -> NDArray:
    """Return `unique_labels`, without its checks where nothing can be wrong: these take long."""
    if isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "biuU":
        return np.array(list(np.unique(y)))  # the type that `unique_labels` gives strings
    if name == "classes":
        y = check_classes_argument(y)
    try:
        if is_continuous(y):
            raise ValueError(
                f"Unknown label type: continuous. The values of {name} are no class labels: use "
                "InitMLPRegressor, or turn them into classes."
            )
        return unique_labels(y)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The labels of {name} are not allowed: {shorten(str(error), LONGEST)}"
            f"{advise_one_type(y)}"
        ) from error


def is_continuous(y: Any) -> bool:
    """Whether y has fractions, be they objects or not."""
    values = np.asarray(y)
    if values.dtype.kind == "O" and all(isinstance(value, float) for value in values.flat):
        values = values.astype(float)
    return values.dtype.kind == "f" and type_of_target(values).startswith("continuous")


def advise_one_type(y: Any) -> str:
    """Return what to do if labels are of several types, which have no order; else nothing."""
    values = np.asarray(y)
    names = {type(value).__name__ for value in values.flat} if values.dtype.kind == "O" else set()
    if len(names) < 2:
        return ""
    return (
        f". They have the types {shorten(', '.join(sorted(names)))}: convert them to one, for "
        "example with y.astype(str)."
    )


def check_classes(y: NDArray, given: ArrayLike | None, known: NDArray, *, partial: bool) -> None:
    """Raise an error if y, or what `partial_fit` is given, has other classes than before."""
    # NumPy < 1.25 warns where it compares arrays of text with arrays of numbers; lists do not
    if given is not None and (known.tolist() != find_classes(given, "classes").tolist()):
        raise ValueError(
            f"classes={show(given)} is not the same as on last call to partial_fit, was: "
            f"{shorten(str(known))}"
        )
    classes = find_classes(y)
    if not partial and set(classes) != set(known):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous "
            f"call to fit. Previously got {shorten(str(known))}, `y` has "
            f"{shorten(str(classes))}"
        )
    check_seen(classes, known)


def check_seen(classes: NDArray, known: NDArray) -> None:
    """Raise an error if y has a class that is not among those known."""
    if not set(classes) <= set(known):
        raise ValueError(
            "y has classes that were not seen before: y has "
            f"{shorten(str(classes))}, classes_ has {shorten(str(known))}."
        )


def check_n_labels(y: NDArray, binarizer: ClassBinarizer | LabelBinarizer) -> None:
    """Raise an error if y has one label per row where it had several, or the other way around."""
    had_several = binarizer.y_type_.startswith("multilabel")
    if had_several != (y.ndim == 2):
        before, now = "one label", "several labels"
        if had_several:
            before, now = now, before
        raise ValueError(
            f"y has {now} per row, but the fitted estimator to go on with had {before}: "
            "set warm_start=False, or clone the estimator."
        )
