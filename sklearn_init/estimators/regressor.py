"""The regressor: numbers in and out."""

from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.data import check_numbers, check_sample_weight, read_weights
from sklearn_init.estimators._base import BaseInitMLP
from sklearn_init.estimators._docs import documented
from sklearn_init.estimators._fit import Call, fit_estimator
from sklearn_init.estimators._parameters import resolve_loss, solver_is_stochastic
from sklearn_init.estimators._validation import ValidationSet, gather_validation_set
from sklearn_init.losses import POISSON, Loss
from sklearn_init.network import Features, Objective
from sklearn_init.scores import Score, r2


@documented
class InitMLPRegressor(RegressorMixin, BaseInitMLP):
    """Multi-layer perceptron regressor whose initialization is a hyperparameter.

    It is `sklearn.neural_network.MLPRegressor` with `weight_init`, `bias_init`, `n_restarts` on
    `n_jobs` cores, which can race and be averaged, `dtype` and `dropout` on top. With their
    defaults a fit gives scikit-learn's numbers; Notes lists the exceptions.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}, default="squared_error"
        What is minimized; see Notes.

        - ``"squared_error"``: half the squared error.
        - ``"poisson"``: half the Poisson deviance, for counts and rates. Targets are at least 0,
          and predictions above 0.
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    InitMLPClassifier : The same for classes.
    sklearn.neural_network.MLPRegressor : The estimator this one extends.
    get_initializer_names : The names `weight_init` and `bias_init` accept.
    draw : Draw initial weights without an estimator.

    Notes
    -----
    {objective}

    **Loss.** Up to a term that does not depend on the network, a negative log-likelihood.

    - ``"squared_error"`` (``out_activation_="identity"``): that of normal variables of variance
      1, ``1/2 sum_k (y_k - z_k)**2``.
    - ``"poisson"`` (``out_activation_="exp"``): that of Poisson variables,
      ``sum_k (y_k log(y_k / mu_k) - y_k + mu_k)`` with ``mu_k = exp(z_k)``, where 0 log 0 is 0.

    With several outputs ``k``, the reported `loss_` has the mean over outputs of the squared
    error instead of the sum, as in scikit-learn. All solvers lower the sum.

    {deviations}
    and targets below 0 with ``loss="poisson"``. With several outputs, ``"lbfgs"`` is given the
    sum of the squared errors together with the gradient of the sum; in scikit-learn it is given
    the mean, with the gradient of the sum.

    {references}

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn_init import InitMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = InitMLPRegressor(
    ...     hidden_layer_sizes=(10,),
    ...     learning_rate_init=0.02,
    ...     tol=0.01,
    ...     random_state=0,
    ...     weight_init="he_normal",
    ...     n_restarts=3,
    ... )
    >>> reg.fit(X, y / 100).score(X, y / 100) > 0.4
    True
    >>> len(reg.restarts_["loss"]), bool(reg.loss_ == reg.restarts_["loss"].min())
    (3, True)
    """

    _check_targets = staticmethod(check_numbers)

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        weight_init: Any = "sklearn",
        bias_init: Any = None,
        n_restarts: int | str = 1,
        restart_strategy: str = "full",
        restart_first_rung: float = 0.0625,
        restart_factor: float = 2.0,
        restart_keep: int = 1,
        restart_criterion: str = "auto",
        restart_combine: str = "best",
        restart_tol: float = 0.01,
        max_restarts: int = 64,
        n_jobs: int | None = None,
        dtype: str | None = None,
        dropout: Any = 0.0,
        scoring: Any = None,
        checkpoint: Any = None,
    ):
        self._store(locals())

    @documented
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> "InitMLPRegressor":
        """Train the network from new starts, or go on if ``warm_start=True``.

        Every restart is trained for `max_iter` epochs at most, in full or in a race, and the best
        one is kept, or the best ones to be averaged.

        {numeric_data}
        {validation_set}

        {fit_results}

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn_init import InitMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> reg = InitMLPRegressor("poisson", learning_rate_init=0.02, tol=0.01, random_state=0)
        >>> bool((reg.fit(X, y / 100).predict(X) > 0).all())
        True
        """
        validation_set = gather_validation_set(X_val, y_val, sample_weight_val)
        call = Call(self.max_iter, self.warm_start, validation_set=validation_set)
        fit_estimator(self, X, y, sample_weight, call)
        return self

    @available_if(solver_is_stochastic)
    @documented
    def partial_fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPRegressor":
        """Train every restart for one epoch, but for those a race has dropped, and keep the best.

        The first call draws the starts, later ones go on. Only with ``"adam"`` and ``"sgd"``.

        {numeric_data}

        {partial_fit_results}

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn_init import InitMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> reg = InitMLPRegressor(hidden_layer_sizes=(10,), random_state=0)
        >>> for epoch in range(5):
        ...     reg = reg.partial_fit(X, y)
        >>> len(reg.loss_curve_)
        5
        """
        fit_estimator(self, X, y, sample_weight, Call(1, resume=True, partial=True))
        return self

    @documented
    def initialize(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPRegressor":
        """Draw the starts of all restarts without training.

        {initialize}

        {numeric_data}

        {initialize_results}

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn_init import InitMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> reg = InitMLPRegressor(hidden_layer_sizes=(10,), bias_init=0.1, random_state=0)
        >>> reg.initialize(X, y).intercepts_[1], reg.n_iter_
        (array([0.1]), 0)
        """
        fit_estimator(self, X, y, sample_weight, Call(0))
        return self

    @documented
    def predict(self, X: Any, return_std: bool = False) -> NDArray | tuple[NDArray, NDArray]:
        """Predict targets.

        The means of the targets' distribution: the output layer's values, or with
        ``loss="poisson"`` their exponentials; averaged over the kept restarts.

        {new_data}
        return_std : bool, default=False
            Whether to return the spread over the restarts that are averaged, too: large where
            they disagree. It does not contain the noise of the targets.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions; one-dimensional if there is one output.
        std : ndarray of the same shape
            Standard deviation of the kept restarts' predictions, with the divisor n_kept. Only
            with ``return_std=True``.

        {predict_results}

        Examples
        --------
        >>> from sklearn_init import InitMLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0]
        >>> reg = InitMLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0)
        >>> reg.fit(X, y).predict([[0.5], [2.5]]).round(1)
        array([0.5, 2.5])
        >>> reg.set_params(n_restarts=8, restart_keep=4, restart_combine="average").fit(X, y)
        ... # doctest: +ELLIPSIS
        InitMLPRegressor(...)
        >>> _, std = reg.predict([[1.5], [30.0]], return_std=True)
        >>> bool(std[0] < std[1])
        True
        """
        if not return_std:
            outputs = self._predict_outputs(X)
            if not np.isfinite(outputs).all():
                raise ValueError(
                    "The predictions are not finite: coefs_ or intercepts_ are not finite, or X "
                    "is too large."
                )
            return self._decode(outputs)
        mean, std = self._predict_with_std(X)
        return self._decode(mean), self._decode(std)

    def _decode(self, outputs: NDArray) -> NDArray:
        """Return outputs as `predict` does."""
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    @documented
    @with_default_errors
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination R^2 of the predictions.

        It is ``1 - sum_i w_i (y_i - prediction_i)**2 / sum_i w_i (y_i - mean)**2`` with the sample
        weights ``w`` and the weighted mean of `y`; with several outputs, the mean over these.

        {new_data}
        {y_numbers}
        {score_weight}

        Returns
        -------
        float
            R^2: 1 at best, 0 for the mean of `y`, negative for what is worse.

        {predict_results}

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn_init import InitMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> reg = InitMLPRegressor(
        ...     hidden_layer_sizes=(10,), learning_rate_init=0.02, tol=0.01, random_state=0
        ... )
        >>> reg.fit(X, y / 100).score(X, y / 100) > 0.4
        True
        """
        with np.errstate(over="ignore", invalid="ignore"):  # squares of very large targets
            targets = self._check_targets(y)
            return super().score(X, targets, read_weights(sample_weight, targets.shape[:1]))

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call
    ) -> tuple[Features, NDArray, NDArray | None]:
        return self._check_rows(X, y, sample_weight, self._choose_dtype(call), not call.resume)

    def _check_validation_set(
        self, given: ValidationSet, objective: Objective
    ) -> tuple[Features, NDArray, NDArray | None]:
        return self._check_rows(given.X, given.y, given.sample_weight, objective.X.dtype, False)

    def _check_rows(
        self, X: Any, y: Any, sample_weight: Any, dtype: Any, reset: bool
    ) -> tuple[Features, NDArray, NDArray | None]:
        loss, _ = self._choose_loss()
        X, y = self._validate(X, y, dtype, reset=reset)
        if issparse(y):
            raise ValueError("y is sparse, but a regressor needs a dense array: use y.toarray().")
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        with np.errstate(over="ignore"):
            targets = np.ascontiguousarray(y.reshape(len(y), -1), X.dtype)
        if not np.isfinite(targets).all():
            raise ValueError(describe_not_finite(y, X.dtype))
        if loss is POISSON and targets.min() < 0:
            raise ValueError(
                f"loss={self.loss!r} needs y >= 0, but y has the negative value {targets.min()}."
            )
        return X, targets, weights

    def _choose_loss(self) -> tuple[Loss, Score]:
        return resolve_loss(self.loss), r2


def describe_not_finite(y: NDArray, dtype: np.dtype) -> str:
    """Say what is wrong with targets that are not finite in the type of the network."""
    if np.isnan(y.astype(np.float64)).any():
        return "Input y contains missing values (NaN): drop these rows, or impute the values."
    return f"y has numbers that {dtype} cannot hold: scale y."
