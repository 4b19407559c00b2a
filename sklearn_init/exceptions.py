"""Warnings of this package."""


class SymmetryWarning(UserWarning):
    """Units of a hidden layer are identical at the start and will stay so.

    Examples
    --------
    >>> import warnings
    >>> from sklearn_init import InitMLPClassifier, SymmetryWarning
    >>> clf = InitMLPClassifier((5,), weight_init="zeros", max_iter=1)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = clf.fit([[0.0], [1.0]], [0, 1])
    >>> any(issubclass(w.category, SymmetryWarning) for w in caught)
    True
    """
