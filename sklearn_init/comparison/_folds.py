"""The folds: rows as they reach the network, and what a dummy scores on them."""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor

from sklearn_init.training import one_blas_thread

Scorer = Callable[[Any, Any, Any], float]


def leave_out_exception(self: Any) -> dict[str, Any]:
    """Leave out an exception that cannot be unpickled: it would break all worker processes."""
    state = dict(vars(self))
    try:
        pickle.loads(pickle.dumps(self.exception))
    except Exception:
        state["exception"] = None
    return state


@dataclass(frozen=True)
class Cut:
    """Which rows of the data train and which test in a fold."""

    index: int
    training: NDArray
    test: NDArray


@dataclass(frozen=True)
class Fold:
    """Rows of a fold as they reach the network.

    Attributes
    ----------
    index : int
    X_train, y_train, X_test, y_test : array-like
        As they reach the network, but for `y_test`, which is as the user gave it.
    dummy_score : float
        That of `DummyClassifier` or `DummyRegressor`; NaN if the score cannot judge it.
    constant_score : float
        That of the constant prediction that is the best one for the test rows.
    targets : tuple of TransformedTargetRegressor
        What changed `y_train`, fitted, from the outside in: predictions go back through them.
    error : str
        What went wrong in a step before the network; there are no rows then. Empty if nothing did.
    exception : Exception or None
    """

    index: int
    X_train: Any
    y_train: Any
    X_test: Any
    y_test: Any
    dummy_score: float
    constant_score: float = np.nan
    targets: tuple[TransformedTargetRegressor, ...] = ()
    error: str = ""
    exception: Exception | None = None

    __getstate__ = leave_out_exception

    def adapt(self, network: Any) -> Any:
        """Return what predicts as the network does, in the unit of `y_test`."""
        return PredictorOfTargets(network, self.targets) if self.targets else network


class PredictorOfTargets(RegressorMixin, BaseEstimator):
    """Predicts with a fitted network whose targets were transformed.

    Parameters
    ----------
    network : InitMLPRegressor
    targets : tuple of TransformedTargetRegressor
        Fitted, from the outside in.
    """

    def __init__(self, network: Any, targets: tuple[TransformedTargetRegressor, ...]):
        self.network = network
        self.targets = targets

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> NDArray:
        """Return predictions in the unit of the targets before they were transformed."""
        prediction = self.network.predict(X)
        for target in reversed(self.targets):
            column = prediction.ndim == 1
            rows = prediction[:, np.newaxis] if column else prediction
            prediction = np.asarray(target.transformer_.inverse_transform(rows))
            prediction = prediction[:, 0] if column else prediction
        return prediction


def prepare_fold(
    cut: Cut, X: Any, y: Any, stages: Sequence[Any], network: Any, scorer: Scorer
) -> Fold:
    """Return a fold's rows, after what stands before the network, fitted on those that train.

    If that raises an error, the fold has the error, and no rows.
    """
    try:
        return _prepare(cut, X, y, stages, network, scorer)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return Fold(cut.index, None, None, None, None, np.nan, error=text, exception=error)


def _prepare(
    cut: Cut, X: Any, y: Any, stages: Sequence[Any], network: Any, scorer: Scorer
) -> Fold:
    X_train, X_test = take(X, cut.training), take(X, cut.test)
    y_train, y_test = take(y, cut.training), take(y, cut.test)
    targets, y_given = [], y_train
    with one_blas_thread:
        for stage in map(clone, stages):
            if isinstance(stage, TransformedTargetRegressor):
                y_train = fit_targets(stage, y_train)
                targets.append(stage)
            else:
                X_train = stage.fit_transform(X_train, y_train)
                X_test = stage.transform(X_test)
        dummy = DummyClassifier() if is_classifier(network) else DummyRegressor()
        of_training = judge_dummy(dummy, (X_train, y_given), scorer, (X_test, y_test))
        of_test = judge_dummy(dummy, (X_test, y_test), scorer, (X_test, y_test))
    return Fold(cut.index, X_train, y_train, X_test, y_test, of_training, of_test, tuple(targets))


def judge_dummy(dummy: Any, training: tuple, scorer: Scorer, test: tuple) -> float:
    """Fit a dummy and return its score; NaN if it cannot be judged."""
    try:
        return float(scorer(dummy.fit(*training), *test))
    except Exception:  # a score of what only networks have
        return np.nan


def fit_targets(stage: TransformedTargetRegressor, y: Any) -> NDArray:
    """Fit what transforms targets, in place, and return them transformed."""
    y = np.asarray(y)
    rows = y.reshape(len(y), -1)
    # its public way to fit the transformer is to fit it with a regressor
    stage.set_params(regressor=DummyRegressor()).fit(np.zeros((len(y), 1)), y)
    transformed = np.asarray(stage.transformer_.transform(rows))
    return transformed[:, 0] if y.ndim == 1 and transformed.shape[1] == 1 else transformed


def take(rows: Any, indices: NDArray) -> Any:
    """Return some rows of an array, sparse matrix, data frame or list."""
    if hasattr(rows, "iloc"):
        return rows.iloc[indices]
    if hasattr(rows, "shape"):
        return rows[indices]
    return [rows[index] for index in indices]


def describe_classes(cut: Cut, y: Any) -> str:
    """Return which classes a fold lacks, if it lacks any: in training rows or in test rows."""
    training, test = (
        set(np.asarray(take(y, rows)).ravel().tolist()) for rows in (cut.training, cut.test)
    )
    missing = sorted(map(repr, test - training))
    if missing:
        more = " and others" * (len(missing) > 1)
        return f"Class {missing[0]}{more} has no training row in fold {cut.index + 1}."
    if len(test) == 1 < len(training):
        return f"All test rows of fold {cut.index + 1} are of class {next(iter(test))!r}."
    return ""
