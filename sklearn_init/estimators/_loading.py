"""Reading what ``est.save(path)`` has written."""

import os

from sklearn_init.estimators._parameters import check_parameters
from sklearn_init.estimators.classifier import InitMLPClassifier
from sklearn_init.estimators.regressor import InitMLPRegressor
from sklearn_init.persistence import read_model

ESTIMATORS = {cls.__name__: cls for cls in (InitMLPClassifier, InitMLPRegressor)}


def load(path: str | os.PathLike) -> InitMLPClassifier | InitMLPRegressor:
    """Read an estimator that ``est.save(path)`` has written.

    No code runs, whatever the file holds, and what it claims is checked. Predictions are bit by
    bit those of the estimator that was saved, and so is further training where it is exact.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    InitMLPClassifier or InitMLPRegressor
        Fitted, if the one that was saved was.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InvalidFileError
        If the file was damaged, is of another program or of another kind, or was written by a
        version whose format is newer.

    Warns
    -----
    UserWarning
        If another version of this package wrote the file.

    See Also
    --------
    InitMLPClassifier.save : Write the file.
    InitMLPRegressor.save : Write the file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier, load
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((10,), solver="lbfgs", tol=0.01, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "iris.mlp")
    ...     clf.save(path)
    ...     again = load(path)
    >>> bool((again.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    return read_model(path, ESTIMATORS, check_parameters)
