"""The classifier: labels in and out, probabilities."""

from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.data import (
    apply_class_weight,
    check_classes,
    check_labels,
    check_n_labels,
    check_sample_weight,
    check_seen,
    find_classes,
    fix_class_weight,
    learn_classes,
    read_weights,
)
from sklearn_init.estimators._base import BaseInitMLP
from sklearn_init.estimators._docs import documented
from sklearn_init.estimators._fit import Call, fit_estimator
from sklearn_init.estimators._parameters import solver_is_stochastic
from sklearn_init.estimators._validation import ValidationSet, gather_validation_set
from sklearn_init.losses import BINARY_LOG_LOSS, LOG_LOSS, Loss
from sklearn_init.network import Features, Objective
from sklearn_init.persistence import OF_A_FIT
from sklearn_init.scores import Score, accuracy, class_accuracy


@documented
class InitMLPClassifier(ClassifierMixin, BaseInitMLP):
    """Multi-layer perceptron classifier whose initialization is a hyperparameter.

    It is `sklearn.neural_network.MLPClassifier` with `weight_init`, `bias_init`, `n_restarts` on
    `n_jobs` cores, which can race and be averaged, `dtype`, `dropout` and `class_weight` on top.
    With their defaults a fit gives scikit-learn's numbers; Notes lists the exceptions.

    Parameters
    ----------
    {parameters}
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weights of the classes, which multiply the sample weights, in the validation score too:
        a dict from class to weight, or a list of one dict per label. ``"balanced"`` is
        ``n_samples / (n_classes * n_samples_of_class)``, an error with `partial_fit`. None
        weighs all classes alike.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted; for several labels per row, their indices.
    {attributes}

    See Also
    --------
    InitMLPRegressor : The same for numbers.
    sklearn.neural_network.MLPClassifier : The estimator this one extends.
    get_initializer_names : The names `weight_init` and `bias_init` accept.
    draw : Draw initial weights without an estimator.

    Notes
    -----
    {log_loss}

    {deviations}
    and a single class in `y`.

    {references}

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> scheme = {"hidden": "he_normal", "output": "glorot_uniform"}
    >>> clf = InitMLPClassifier((10,), tol=0.01, weight_init=scheme, n_restarts=3, random_state=0)
    >>> clf.set_params(learning_rate_init=0.02).fit(X, y).score(X, y) > 0.9
    True
    >>> len(clf.restarts_["loss"]), bool(clf.loss_ == clf.restarts_["loss"].min())
    (3, True)
    """

    classes_: NDArray
    _label_binarizer: Any
    _check_targets = staticmethod(check_labels)

    _of_a_fit = (*OF_A_FIT, "classes_", "_label_binarizer")

    def __init__(
        self,
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
        class_weight: dict | list[dict] | str | None = None,
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
    ) -> "InitMLPClassifier":
        """Train the network from new starts, or go on if ``warm_start=True``.

        Every restart is trained for `max_iter` epochs at most, in full or in a race, and the best
        one is kept, or the best ones to be averaged.

        {labeled_data}
        {validation_set}

        {fit_results}

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), learning_rate_init=0.02, tol=0.01, random_state=0)
        >>> clf.fit(X, y).predict(X[:3])
        array([0, 0, 0])
        """
        validation_set = gather_validation_set(X_val, y_val, sample_weight_val)
        call = Call(self.max_iter, self.warm_start, validation_set=validation_set)
        fit_estimator(self, X, y, sample_weight, call)
        return self

    @available_if(solver_is_stochastic)
    @documented
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> "InitMLPClassifier":
        """Train every restart for one epoch, but for those a race has dropped, and keep the best.

        The first call draws the starts, later ones go on. Only with ``"adam"`` and ``"sgd"``.

        {labeled_data}
        classes : array-like of shape (n_classes,), default=None
            All classes that `y` will ever have. Required in the call that draws the starts.
            For several labels per row, their indices.

        {partial_fit_results}

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), random_state=0)
        >>> for epoch in range(5):
        ...     clf = clf.partial_fit(X, y, classes=[0, 1, 2])
        >>> len(clf.loss_curve_)
        5
        """
        call = Call(1, resume=True, partial=True, classes=classes)
        fit_estimator(self, X, y, sample_weight, call)
        return self

    @documented
    def initialize(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "InitMLPClassifier":
        """Draw the starts of all restarts without training.

        {initialize}

        {labeled_data}

        {initialize_results}

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), weight_init="he_normal", random_state=0)
        >>> [W.shape for W in clf.initialize(X, y).coefs_], clf.n_iter_
        ([(4, 10), (10, 3)], 0)
        """
        fit_estimator(self, X, y, sample_weight, Call(0))
        return self

    @documented
    def predict(self, X: Any) -> NDArray:
        """Predict class labels.

        The class of the highest probability, or every label of a probability above 1/2. A
        probability that is NaN is an error.

        {new_data}

        Returns
        -------
        ndarray of shape (n_samples,) or {ndarray, sparse matrix} of shape (n_samples, n_labels)
            Class labels, or a matrix of zeros and ones, sparse if `y` was.

        {predict_results}

        Examples
        --------
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = [[0.0], [0.2], [0.8], [1.0]], ["low", "low", "high", "high"]
        >>> clf = InitMLPClassifier((10,), solver="lbfgs", random_state=0).fit(X, y)
        >>> clf.predict([[0.1], [0.9]])
        array(['low', 'high'], dtype='<U4')
        """
        outputs = self._predict_outputs(X)
        if np.isnan(outputs).any():
            raise ValueError(
                "The probabilities are NaN: coefs_ or intercepts_ are not finite, or X is too "
                "large."
            )
        return self._decode(outputs)

    def _decode(self, outputs: NDArray) -> Any:
        """Return the labels of outputs, or of an indicator of labels."""
        flat = outputs.ravel() if outputs.shape[1] == 1 else outputs
        return self._label_binarizer.inverse_transform(flat)

    @documented
    def predict_proba(self, X: Any, return_std: bool = False) -> NDArray | tuple[NDArray, NDArray]:
        """Predict probabilities of the classes.

        They sum to 1 in every row, except for several labels per row. With several kept
        restarts, the mean of their probabilities.

        {new_data}
        return_std : bool, default=False
            Whether to return the spread over the restarts that are averaged, too: large where
            they disagree.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            One column per class, in the order of `classes_`.
        std : ndarray of shape (n_samples, n_classes)
            Standard deviation of the kept restarts' probabilities, with the divisor n_kept. Only
            with ``return_std=True``.

        {predict_results}

        Examples
        --------
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = [[0.0], [0.2], [0.8], [1.0]], [0, 0, 1, 1]
        >>> clf = InitMLPClassifier((10,), solver="lbfgs", random_state=0).fit(X, y)
        >>> clf.predict_proba([[0.1], [0.9]]).round(1)
        array([[1., 0.],
               [0., 1.]])
        """
        if not return_std:
            return self._make_columns(self._predict_outputs(X))
        outputs, std = self._predict_with_std(X)
        return self._make_columns(outputs), np.hstack([std, std]) if std.shape[1] == 1 else std

    def _make_columns(self, outputs: NDArray) -> NDArray:
        """Return a column per class, where the network has one output for two classes."""
        return np.hstack([1 - outputs, outputs]) if self.n_outputs_ == 1 else outputs

    @documented
    @with_default_errors
    def predict_log_proba(self, X: Any) -> NDArray:
        """Predict the logarithms of the probabilities of the classes.

        The natural logarithm of `predict_proba`; minus infinity where that is 0.

        {class_columns}

        Examples
        --------
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = [[0.0], [0.2], [0.8], [1.0]], [0, 0, 1, 1]
        >>> clf = InitMLPClassifier((10,), solver="lbfgs", random_state=0).fit(X, y)
        >>> clf.predict_log_proba([[0.1], [0.9]]).argmax(axis=1)
        array([0, 1])
        """
        probabilities = self._make_columns(self._predict_outputs(X))
        with np.errstate(divide="ignore"):
            return np.log(probabilities, out=probabilities)

    @documented
    @with_default_errors
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy of the predictions.

        It is the weighted share of the rows whose label, or whose every label, is right.

        {new_data}
        {y_labels}
        {score_weight}

        Returns
        -------
        float
            Accuracy, from 0 to 1.

        {predict_results}

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), learning_rate_init=0.02, tol=0.01, random_state=0)
        >>> clf.fit(X, y).score(X, y) > 0.9
        True
        """
        labels = self._check_targets(y)
        return super().score(X, labels, read_weights(sample_weight, labels.shape[:1]))

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call
    ) -> tuple[Features, NDArray, NDArray | None]:
        X, y = self._validate(X, y, self._choose_dtype(call), reset=not call.resume)
        if call.resume:
            check_classes(y, call.classes, self.classes_, partial=call.partial)
            check_n_labels(y, self._label_binarizer)
        else:
            self._label_binarizer, self.classes_ = learn_classes(
                y, call.classes, partial=call.partial
            )
        weights = check_sample_weight(sample_weight, X.shape[0], X.dtype)
        if self.class_weight is not None:
            if call.partial and isinstance(self.class_weight, str):
                raise ValueError(
                    f"class_weight={self.class_weight!r} is not supported for partial_fit, which "
                    "sees a part of the data: give a dict of weights."
                )
            weights = apply_class_weight(self.class_weight, y, weights, X.dtype)
        return X, self._label_binarizer.transform(y).astype(X.dtype), weights

    def _check_validation_set(
        self, given: ValidationSet, objective: Objective
    ) -> tuple[Features, NDArray, NDArray | None]:
        X, y = self._validate(given.X, given.y, objective.X.dtype, reset=False)
        check_seen(find_classes(y), self.classes_)
        weights = check_sample_weight(given.sample_weight, X.shape[0], X.dtype)
        if self.class_weight is not None:
            class_weight = fix_class_weight(self.class_weight, self._decode(objective.y))
            weights = apply_class_weight(class_weight, y, weights, X.dtype)
        return X, self._label_binarizer.transform(y).astype(X.dtype), weights

    def _choose_loss(self) -> tuple[Loss, Score]:
        if self._label_binarizer.y_type_ == "multiclass":
            return LOG_LOSS, class_accuracy
        return BINARY_LOG_LOSS, accuracy

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
