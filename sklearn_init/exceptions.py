"""Warnings of this package."""


class SymmetryWarning(UserWarning):
    """Units of a hidden layer are identical at the start and will stay so.

    Units whose incoming weights, biases and outgoing weights are equal receive equal gradients,
    so the layer is worth no more than its distinct units. Random weights, random biases or
    dropout on that layer avoid it; ``warnings.simplefilter("error", SymmetryWarning)`` makes it an
    error.

    See Also
    --------
    Constant : Equal weights, which lead here.
    Uniform : Random weights, or random biases beside constant weights.

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
