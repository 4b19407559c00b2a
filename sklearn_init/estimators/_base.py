"""What classifier and regressor share: one fit, from checked input to fitted attributes."""

import copy
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_init._random import copy_stream, read_state
from sklearn_init.estimators._data import check_main_stream
from sklearn_init.estimators._export import to_sklearn
from sklearn_init.estimators._fitted import set_fitted, set_kept
from sklearn_init.estimators._parameters import (
    DTYPES,
    Settings,
    is_integer,
    is_stochastic,
    resolve_activations,
    resolve_parameters,
)
from sklearn_init.estimators._schemes import choose_schemes, resolve_schemes
from sklearn_init.estimators._training import Training, draw_start, get_dtype, take_up
from sklearn_init.estimators._warnings import (
    describe_total_divergence,
    warn_about_batch_size,
    warn_about_end,
    warn_about_engine,
    warn_about_start,
)
from sklearn_init.initializers._layer import make_layers
from sklearn_init.losses import LOSS_OF_OUTPUT, Loss
from sklearn_init.network import Features, Layout, Objective, predict
from sklearn_init.restarts import Plan, measure_starts, select_best, train_restarts
from sklearn_init.scores import Score
from sklearn_init.solvers import Validation


@contextmanager
def unchanged_on_error(estimator: BaseEstimator, stream: RandomState | None) -> Iterator[None]:
    """Restore an estimator and the user's stream if an error is raised: nothing is lost."""
    before, state = dict(vars(estimator)), stream and read_state(stream)
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        if stream is not None:
            stream.set_state(state)  # type: ignore[arg-type]
        raise


@dataclass(frozen=True)
class Call:
    """Which of `fit`, `partial_fit` and `initialize` was called.

    Attributes
    ----------
    n_epochs : int
        The largest number of epochs to train for.
    resume : bool
        Whether to go on with the fitted network, if there is one.
    partial : bool
        Whether it is `partial_fit`, which trains restarts that have converged, too.
    classes : array-like or None
        The argument of `partial_fit`.
    """

    n_epochs: int
    resume: bool = False
    partial: bool = False
    classes: ArrayLike | None = None

    @property
    def trains(self) -> bool:
        """Whether it trains at all, as `initialize` does not."""
        return self.n_epochs > 0


class BaseInitMLP(BaseEstimator):
    """Base of `InitMLPClassifier` and `InitMLPRegressor`; not to be used directly."""

    _training: Training | None

    def __init__(
        self,
        *,
        hidden_layer_sizes: Any,
        activation: Any,
        solver: str,
        alpha: float,
        batch_size: int | str,
        learning_rate: str,
        learning_rate_init: float,
        power_t: float,
        max_iter: int,
        shuffle: bool,
        random_state: int | RandomState | None,
        tol: float,
        verbose: bool | int,
        warm_start: bool,
        momentum: float,
        nesterovs_momentum: bool,
        early_stopping: bool,
        validation_fraction: float,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        n_iter_no_change: float,
        max_fun: int,
        weight_init: Any,
        bias_init: Any,
        n_restarts: int,
        n_jobs: int | None,
        dtype: str | None,
        dropout: Any,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.weight_init = weight_init
        self.bias_init = bias_init
        self.n_restarts = n_restarts
        self.n_jobs = n_jobs
        self.dtype = dtype
        self.dropout = dropout

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
            set_kept(estimator, restart, self._training, Layout.of(self.coefs_))
        return estimator

    def to_sklearn(self) -> Any:
        """Return scikit-learn's fitted estimator with the same parameters and weights.

        It is made to predict where this package is not installed. Its predictions are the same.
        Parameters that scikit-learn does not have are left out, and so is the solver's state: to
        go on training, use this estimator.

        Returns
        -------
        MLPClassifier or MLPRegressor
            A new estimator of `sklearn.neural_network` that shares no arrays with this one.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If scikit-learn does not have the activations, or is older than 1.7, which does not
            have ``loss="poisson"``.

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

    def _fit(self, X: Any, y: Any, sample_weight: Any, call: Call) -> None:
        """Fit in the steps of ``docs/architecture.md``."""
        settings = resolve_parameters(self)
        if call.partial and settings.validation_fraction is not None:
            raise ValueError("partial_fit does not support early_stopping=True")
        schemes = resolve_schemes(self, len(settings.hidden_sizes) + 1)
        call = replace(call, resume=call.resume and hasattr(self, "coefs_"))
        stream = main = check_main_stream(self.random_state)
        # an int has made a stream that nobody else sees
        shared = None if is_integer(self.random_state) else stream
        if not call.trains and stream is self.random_state:
            main = copy_stream(stream)  # so that `fit` draws the same after `initialize`
        with unchanged_on_error(self, shared):
            X, y, sample_weight = self._check_data(X, y, sample_weight, call)
            loss, score = self._choose_loss()
            objective = self._make_objective(settings, loss, X, y, sample_weight)
            if call.resume:
                training = take_up(self, objective, settings.validation_fraction, main)
                training.wake(beside_others=call.partial)
            else:
                in_batches = is_stochastic(self.solver)
                fans = objective.layout.fans
                layers = make_layers(fans, settings.activations, loss, in_batches)
                schemes = choose_schemes(schemes, layers)
                fraction = settings.validation_fraction
                training = draw_start(objective, layers, schemes, fraction, main, self.n_restarts)
                self.weight_init_ = list(schemes.weights)
                warn_about_start(training.restarts, objective)
            training.has_curves = is_stochastic(self.solver)
            training.has_scores = settings.validation_fraction is not None
            if training.has_curves and call.trains:
                warn_about_batch_size(self.batch_size, training.n_training_rows)
            # whoever has drawn from the stream since the last call keeps what was drawn
            is_ours = shared and (not call.resume or read_state(main) == training.main)
            if call.trains:
                warn_about_engine()
            interrupted = self._train(training, settings, objective, score, call.n_epochs)
            kept = select_best(training.restarts) if call.trains else training.restarts[0]
            if kept is None and interrupted:
                raise KeyboardInterrupt
            if kept is None:
                raise ValueError(describe_total_divergence(self._remedy()))
            if is_ours:
                main.set_state(read_state(kept.rng))
            keep_state = call.partial or self.warm_start
            training.main = read_state(stream) if shared and keep_state else None
            set_fitted(self, training, kept, objective, keep_state=keep_state)
        if interrupted:
            raise KeyboardInterrupt
        max_iter = np.inf if call.partial else call.n_epochs
        warn_about_end(training.restarts, training.has_curves, max_iter, self._remedy())

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

    def _make_objective(
        self, settings: Settings, loss: Loss, X: Features, y: NDArray, weights: NDArray | None
    ) -> Objective:
        layout = Layout((X.shape[1], *settings.hidden_sizes, y.shape[1]))
        activations = settings.activations[:-1]
        return Objective(
            layout, activations, loss, self.alpha, X, y, weights, dropout=settings.dropout
        )

    def _train(
        self,
        training: Training,
        settings: Settings,
        objective: Objective,
        score: Score,
        n_epochs: int,
    ) -> bool:
        """Train all restarts in place; return whether the user interrupted it."""
        assert training.split is not None
        objective, held_out = (
            replace(objective, rows=rows)
            for rows in (training.split.training, training.split.validation)
        )
        if n_epochs == 0:
            measure_starts(training.restarts, objective)
            return False
        validation = None if held_out.rows is None else Validation(held_out, score)
        plan = Plan(settings.solver, objective, validation, n_epochs)
        training.restarts, interrupted = train_restarts(training.restarts, plan, self.n_jobs)
        return interrupted

    def _remedy(self) -> str:
        """Say what to do about divergence."""
        if is_stochastic(self.solver):
            return f"lower learning_rate_init={self.learning_rate_init!r}, or scale X and y"
        return "scale X and y, or start from smaller weights with weight_init"

    def _predict_outputs(self, X: Any) -> NDArray:
        """Return the output layer's values, of shape (n_samples, n_outputs)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        return predict(
            self.coefs_,
            self.intercepts_,
            resolve_activations(self.activation, len(self.coefs_) - 1)[:-1],
            LOSS_OF_OUTPUT[self.out_activation_],
            X,
        )

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
