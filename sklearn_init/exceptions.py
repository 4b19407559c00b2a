"""Warnings and errors of this package."""


class SymmetryWarning(UserWarning):
    """Units of a hidden layer are identical at the start, or learn nothing at all.

    Units whose incoming weights, biases and outgoing weights are equal receive equal gradients,
    so the layer is worth no more than its distinct units. The same holds for mirror images, whose
    weights have the opposite sign, if the activation is odd. In exact arithmetic training never
    makes such units different. In floating point, rounding may: matrix products may add in another
    order for another unit, and the differences may grow over hundreds of epochs. Random weights,
    random biases or dropout on that layer avoid the warning.

    Weights into a layer that are all zero never change if the slopes of the activation are zero
    there, as that of relu is at 0, or if the outputs and the outgoing weights are zero, too: their
    gradient is zero. Dropout does not help then, and the warning names the layer as well.
    ``warnings.simplefilter("error", SymmetryWarning)`` makes the warning an error.

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


class DivergedError(ValueError):
    """Training has left nothing finite: the weights of all restarts are NaN or infinite.

    `fit` raises it, and the message says what to do about it. Where other restarts have finite
    weights, those that diverged are a `ConvergenceWarning`.

    See Also
    --------
    sklearn_init.diagnose : Says why a network does not learn.

    Examples
    --------
    >>> from sklearn_init import DivergedError, InitMLPRegressor
    >>> X, y = [[-1.0], [0.5], [1.0]], [0.0, 1.0, 3.0]
    >>> reg = InitMLPRegressor(activation="identity", solver="sgd", learning_rate_init=1e9)
    >>> try:
    ...     reg.fit(X, y)
    ... except DivergedError as error:
    ...     print(str(error).rpartition(". ")[2])
    Try this: lower learning_rate_init=1000000000.0.
    """


class InvalidFileError(ValueError):
    """A file is not what this package has written, or cannot be read by this version.

    It was cut or changed, is of another program or of another kind, or was written by a later
    version; the message names the file and says which. A file that is not there is Python's
    FileNotFoundError.

    See Also
    --------
    load : Read a model that ``est.save(path)`` has written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn_init import InvalidFileError, load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "notes.txt")
    ...     _ = path.write_text("buy milk")
    ...     try:
    ...         load(path)
    ...     except InvalidFileError as error:
    ...         print(str(error).partition("notes.txt: ")[2])
    this is not a file of sklearn_init, or its beginning is damaged. Give the path of a model file.
    """


class UnhealthyNetworkError(RuntimeError):
    """Something is wrong with a network, as `diagnose` found out.

    The message says what, and what to do about it, a sentence per line.

    See Also
    --------
    sklearn_init.diagnose : Its result has the method `raise_if_unhealthy`.

    Examples
    --------
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.exceptions import UnhealthyNetworkError
    >>> from sklearn_init.inspection import diagnose
    >>> X, y = [[0.0, 0.3], [0.2, 1.0], [0.4, 0.1]], [0.0, 0.2, 1.0]
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(7,), weight_init="cauchy", bias_init=-9.0)
    >>> try:
    ...     diagnose(reg.initialize(X, y), X, y).raise_if_unhealthy()
    ... except UnhealthyNetworkError as error:
    ...     print(str(error).partition(" units")[0])
    hidden layer 1: 100% of relu
    """
