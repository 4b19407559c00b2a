"""The regressor: numbers in and out."""

from typing import Any

from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from sklearn_init._lookup import lookup
from sklearn_init.estimators._base import BaseInitMLP, Call, solver_is_stochastic
from sklearn_init.estimators._data import check_sample_weight
from sklearn_init.losses import POISSON, REGRESSION_LOSSES, Loss
from sklearn_init.network import Features
from sklearn_init.scores import r2
from sklearn_init.solvers import Score


class InitMLPRegressor(RegressorMixin, BaseInitMLP):
    """Multi-layer perceptron regressor whose initialization is a hyperparameter."""

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
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
        n_restarts: int = 1,
        n_jobs: int | None = None,
    ):
        super().__init__(
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate=learning_rate,
            learning_rate_init=learning_rate_init,
            power_t=power_t,
            max_iter=max_iter,
            shuffle=shuffle,
            random_state=random_state,
            tol=tol,
            verbose=verbose,
            warm_start=warm_start,
            momentum=momentum,
            nesterovs_momentum=nesterovs_momentum,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            n_iter_no_change=n_iter_no_change,
            max_fun=max_fun,
            weight_init=weight_init,
            bias_init=bias_init,
            n_restarts=n_restarts,
            n_jobs=n_jobs,
        )
        self.loss = loss

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPRegressor":
        self._fit(X, y, sample_weight, Call(self.max_iter, self.warm_start))
        return self

    @available_if(solver_is_stochastic)
    def partial_fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPRegressor":
        self._fit(X, y, sample_weight, Call(1, resume=True, partial=True))
        return self

    def initialize(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPRegressor":
        self._fit(X, y, sample_weight, Call(0))
        return self

    def predict(self, X: Any) -> NDArray:
        outputs = self._predict_outputs(X)
        return outputs.ravel() if self.n_outputs_ == 1 else outputs

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        return super().score(X, y, sample_weight)

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call, resume: bool
    ) -> tuple[Features, NDArray, NDArray | None]:
        loss, _ = self._choose_loss()
        X, y = self._validate(X, y, resume, y_numeric=True)
        if loss is POISSON and y.min() < 0:
            raise ValueError(
                f"loss={self.loss!r} needs y >= 0, but y has the negative value {y.min()}."
            )
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        return X, y.reshape(len(y), -1).astype(X.dtype), weights

    def _choose_loss(self) -> tuple[Loss, Score]:
        return lookup(REGRESSION_LOSSES, self.loss, "loss"), r2
