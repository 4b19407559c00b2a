"""What classifier and regressor share but for `fit`: checks of data, restarts, predictions."""

import copy
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_init.estimators._export import to_sklearn
from sklearn_init.estimators._fit import Call
from sklearn_init.estimators._fitted import get_kept_networks, set_kept
from sklearn_init.estimators._parameters import (
    DTYPES,
    is_integer,
    is_stochastic,
    resolve_activations,
)
from sklearn_init.estimators._training import Training, get_dtype
from sklearn_init.losses import LOSS_OF_OUTPUT, Loss
from sklearn_init.network import Features, Layout, predict
from sklearn_init.scores import Score


class BaseInitMLP(BaseEstimator):
    """Base of `InitMLPClassifier` and `InitMLPRegressor`; not to be used directly."""

    _training: Training | None

    def __init__(self, **parameters: Any):
        for name, value in parameters.items():
            setattr(self, name, value)

    @abstractmethod
    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call
    ) -> tuple[Features, NDArray, NDArray | None]:
        """Check X, y and the weights; return X, the targets as a matrix, and the weights."""

    @abstractmethod
    def _choose_loss(self) -> tuple[Loss, Score]:
        """Return the loss and the score for early stopping, given checked data."""

    def restart(self, index: int) -> "BaseInitMLP":
        """Return the fitted estimator that has one restart as the kept one.

        `coefs_`, `intercepts_`, their initial values, `loss_`, curves, scores and `best_restart_`
        are that restart's, and so are predictions. Training it further chooses among all
        restarts again.

        Parameters
        ----------
        index : int
            Which restart, from 0 to ``n_restarts - 1``.

        Returns
        -------
        InitMLPClassifier or InitMLPRegressor
            A shallow copy; the estimator itself is not changed.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is no such restart, or its weights are not finite.

        See Also
        --------
        to_sklearn : Get scikit-learn's estimator with the same weights.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), n_restarts=3, random_state=0).initialize(X, y)
        >>> second = clf.restart(1)
        >>> second.best_restart_, bool(second.loss_ == clf.restarts_["loss"][1])
        (1, True)
        """
        check_is_fitted(self)
        n_restarts = len(self.restarts_["loss"])
        if not (is_integer(index) and 0 <= index < n_restarts):
            raise ValueError(
                f"index={index!r} is not allowed: expected an integer from 0 to {n_restarts - 1}."
            )
        estimator = copy.copy(self)
        if self._training is not None:
            restart = self._training.restarts[index]
            if not restart.is_usable:
                raise ValueError(f"index={index!r}: this restart diverged to NaN or infinity.")
            set_kept(estimator, [restart], self._training, Layout.of(self.coefs_))
        return estimator

    def to_sklearn(self) -> Any:
        """Return scikit-learn's fitted estimator with the same parameters and weights.

        It is made to predict where this package is not installed. Its predictions are the same.
        Parameters that scikit-learn does not have are left out, and so is the solver's state: to
        go on training, use this estimator.

        Returns
        -------
        MLPClassifier, MLPRegressor, VotingClassifier or VotingRegressor
            A new estimator that shares no arrays with this one. Several kept restarts vote,
            classes by their mean probabilities; fitted anew, restart ``r`` has the random state
            ``random_state + r``, if that is an int. With several outputs, kept restarts are the
            blocks of one `MLPRegressor`.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If scikit-learn does not have the activations; if it is older than 1.7, which does
            not have ``loss="poisson"``; or if several restarts are averaged for several labels
            per row, or for several outputs with ``loss="poisson"``.

        See Also
        --------
        restart : Get the fitted estimator of another restart.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), learning_rate_init=0.02, tol=0.01, random_state=0)
        >>> clf.fit(X, y).to_sklearn()
        MLPClassifier(hidden_layer_sizes=(10,), learning_rate_init=0.02, random_state=0,
                      tol=0.01)
        """
        check_is_fitted(self)
        return to_sklearn(self)

    def _validate(self, X: Any, y: Any, call: Call, **check: Any) -> tuple[Features, NDArray]:
        """Check X and y; return X as an array or CSR, and y of one or two dimensions."""
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            dtype=get_dtype(self) if call.resume else DTYPES[self.dtype],
            order="C",
            reset=not call.resume,
            **check,
        )
        if isinstance(X, np.ndarray):
            X = np.require(X, requirements=["ALIGNED"])  # compiled code needs it
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _predict_each(self, X: Any) -> Iterator[NDArray]:
        """Yield the output layer's values of each kept restart, (n_samples, n_outputs)."""
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        activations = resolve_activations(self.activation, len(self.coefs_) - 1)[:-1]
        loss = LOSS_OF_OUTPUT[self.out_activation_]
        for network in get_kept_networks(self):
            yield predict(*network, activations, loss, X)

    def _predict_outputs(self, X: Any) -> NDArray:
        """Return the mean over the kept restarts, of shape (n_samples, n_outputs)."""
        check_is_fitted(self)
        networks = self._predict_each(X)
        mean = next(networks)
        for outputs in networks:
            mean += outputs
        mean /= len(self.kept_restarts_)
        return mean

    def _predict_with_std(self, X: Any) -> tuple[NDArray, NDArray]:
        """Return mean and standard deviation over the kept restarts."""
        check_is_fitted(self)
        if len(self.kept_restarts_) == 1:
            raise ValueError(
                "return_std=True needs several networks, but predictions come from one: fit with "
                "restart_combine='average' and restart_keep=2 or more."
            )
        mean = self._predict_outputs(X)
        squares = sum((outputs - mean) ** 2 for outputs in self._predict_each(X))
        return mean, np.sqrt(squares / len(self.kept_restarts_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def solver_is_stochastic(estimator: BaseInitMLP) -> bool:
    """Whether `partial_fit` exists; the error says why not."""
    if not is_stochastic(estimator.solver):
        raise AttributeError(
            f"partial_fit is only available for the stochastic solvers 'adam' and 'sgd'; "
            f"solver={estimator.solver!r} sees the whole data in every step."
        )
    return True
