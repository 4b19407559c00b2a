"""The classifier: labels in and out, probabilities."""

from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels

from sklearn_init.estimators._base import BaseInitMLP, Call, solver_is_stochastic
from sklearn_init.estimators._data import check_sample_weight, check_total_weight
from sklearn_init.losses import BINARY_LOG_LOSS, LOG_LOSS, Loss
from sklearn_init.network import Features
from sklearn_init.scores import accuracy, class_accuracy
from sklearn_init.solvers import Score


class InitMLPClassifier(ClassifierMixin, BaseInitMLP):
    """Multi-layer perceptron classifier whose initialization is a hyperparameter."""

    def __init__(
        self,
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
        class_weight: dict | list[dict] | str | None = None,
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
        self.class_weight = class_weight

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPClassifier":
        self._fit(X, y, sample_weight, Call(self.max_iter, self.warm_start))
        return self

    @available_if(solver_is_stochastic)
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> "InitMLPClassifier":
        self._fit(X, y, sample_weight, Call(1, resume=True, partial=True, classes=classes))
        return self

    def initialize(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPClassifier":
        self._fit(X, y, sample_weight, Call(0))
        return self

    def predict(self, X: Any) -> NDArray:
        outputs = self._predict_outputs(X)
        if np.isnan(outputs).any():
            raise ValueError(
                "The probabilities are NaN: coefs_ or intercepts_ are not finite, or X is too large."
            )
        if self.n_outputs_ == 1:
            outputs = outputs.ravel()
        return self._label_binarizer.inverse_transform(outputs)

    def predict_proba(self, X: Any) -> NDArray:
        outputs = self._predict_outputs(X)
        return np.hstack([1 - outputs, outputs]) if self.n_outputs_ == 1 else outputs

    def predict_log_proba(self, X: Any) -> NDArray:
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(probabilities, out=probabilities)

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        return super().score(X, y, sample_weight)

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call, resume: bool
    ) -> tuple[Features, NDArray, NDArray | None]:
        X, y = self._validate(X, y, resume)
        if resume:
            self._check_classes(y, call)
        else:
            self._set_classes(y, call)
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        if self.class_weight is not None:
            weights = self._apply_class_weight(y, weights, call, X.dtype)
        return X, self._label_binarizer.transform(y).astype(X.dtype), weights

    def _set_classes(self, y: NDArray, call: Call) -> None:
        """Learn the classes, from y or from the argument of the first `partial_fit`."""
        if call.partial and call.classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        is_multilabel = type_of_target(y, input_name="y").startswith("multilabel")
        labels = y if call.classes is None or is_multilabel else call.classes
        self._label_binarizer = LabelBinarizer().fit(labels)
        given = self._label_binarizer.classes_ if call.classes is None else call.classes
        self.classes_ = unique_labels(given)
        if len(self.classes_) < 2 and not is_multilabel:
            where = "y" if call.classes is None else "classes"
            raise ValueError(
                f"{where} has only one class, {self.classes_[0]!r}: a classifier needs two."
            )

    def _check_classes(self, y: NDArray, call: Call) -> None:
        """Raise an error if y, or the argument of `partial_fit`, has other classes than before."""
        if call.classes is not None and not np.array_equal(
            self.classes_, unique_labels(call.classes)
        ):
            raise ValueError(
                f"classes={call.classes!r} is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        classes = unique_labels(y)
        if not call.partial and set(classes) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {classes}"
            )
        if len(np.setdiff1d(classes, self.classes_)):
            raise ValueError(
                f"y has classes that were not seen before: y has {classes}, classes_ has "
                f"{self.classes_}."
            )

    def _apply_class_weight(
        self, y: NDArray, weights: NDArray | None, call: Call, dtype: np.dtype
    ) -> NDArray:
        if call.partial and isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight={self.class_weight!r} is not supported for partial_fit, which sees "
                "a part of the data: give a dict of weights."
            )
        dense: Any = y.toarray() if issparse(y) else y  # type: ignore[attr-defined]
        class_weights = compute_sample_weight(self.class_weight, dense).astype(dtype)
        combined = class_weights if weights is None else weights * class_weights
        check_total_weight(combined)
        return combined

    def _choose_loss(self) -> tuple[Loss, Score]:
        if self._label_binarizer.y_type_ == "multiclass":
            return LOG_LOSS, class_accuracy
        return BINARY_LOG_LOSS, accuracy

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
