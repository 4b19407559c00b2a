"""What classifier and regressor share but for `fit`: checks of data, restarts, predictions."""

import copy
import os
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.activations import Activation
from sklearn_init.data import check_features, check_sparse
from sklearn_init.estimators._fit import Call
from sklearn_init.estimators._fitted import get_kept_networks, take_restart
from sklearn_init.estimators._health import describe_in_html
from sklearn_init.estimators._layers import resolve_activations
from sklearn_init.estimators._nested import name_to_object
from sklearn_init.estimators._parameters import DTYPES, check_parameters
from sklearn_init.estimators._resume import get_dtype
from sklearn_init.estimators._validation import ValidationSet
from sklearn_init.export import to_onnx, to_sklearn
from sklearn_init.losses import LOSS_OF_OUTPUT, Loss
from sklearn_init.network import Features, Objective, predict
from sklearn_init.persistence import (
    OF_A_FIT,
    STARTS,
    VERSION,
    check_has_network,
    pack_state,
    save,
    unpack_state,
    warn_about_version,
)
from sklearn_init.scores import Score
from sklearn_init.training import CallbackSupportMixin, StopFlag, Training

LARGEST_COPY = 2**25
"""Rows of X that do not lie one after the other are copied up to so many bytes: reading columns
takes up to half as long again."""


class BaseInitMLP(CallbackSupportMixin, BaseEstimator):
    """Base of `InitMLPClassifier` and `InitMLPRegressor`; not to be used directly."""

    _training: Training | None
    # what predictions and further training need
    _of_a_fit: ClassVar[tuple[str, ...]] = OF_A_FIT
    # asks `fit` to stop, from another thread: what fits many estimators sets it on its own clones
    _stop: StopFlag | None = None

    def _store(self, given: dict[str, Any]) -> None:
        """Store the parameters, as they are: the local variables of `__init__`."""
        self.__dict__.update({name: value for name, value in given.items() if name != "self"})

    @abstractmethod
    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, call: Call
    ) -> tuple[Features, NDArray, NDArray | None]:
        """Check X, y and the weights; return X, the targets as a matrix, and the weights."""

    @abstractmethod
    def _check_validation_set(
        self, given: ValidationSet, objective: Objective
    ) -> tuple[Features, NDArray, NDArray | None]:
        """Do the same for validation rows; `objective` is the one on all training rows."""

    @abstractmethod
    def _decode(self, outputs: NDArray) -> Any:
        """Return predictions, or targets, from what the network has to predict."""

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
            If there is no such restart, its weights are not finite, or a pickle or file has left
            them out.

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
        check_has_network(self)
        return take_restart(self, index)

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
        check_has_network(self)
        return to_sklearn(self, self._get_activations())

    def to_onnx(self) -> Any:
        """Return the fitted network as an ONNX model, which predicts without Python.

        The model has one input ``X``, float32 of shape (n_samples, n_features). A classifier's
        outputs are ``label``, what `predict` returns, and ``probabilities``, what `predict_proba`
        returns, with one column per class in the order of `classes_`. A regressor's is
        ``variable``, of shape (n_samples, n_outputs). Several kept restarts are averaged.

        It computes in float32, whatever the type of the weights, and agrees with `predict_proba`
        and `predict` to about 1e-5 of the largest number that occurs on the way. A label may
        differ where two probabilities are as close as that. Needs the package onnx:
        ``pip install onnx``.

        Returns
        -------
        onnx.ModelProto
            With this package's version, and the names of the features, if there are any, as a
            JSON list ``feature_names`` in its metadata. ``model.SerializeToString()`` are the
            bytes of a file.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        ImportError
            If onnx is not installed.
        ValueError
            If an activation is your own `Activation`, or if a weight is not finite in float32.

        See Also
        --------
        to_sklearn : Get scikit-learn's estimator with the same weights.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), learning_rate_init=0.02, tol=0.01, random_state=0)
        >>> model = clf.fit(X, y).to_onnx()
        >>> [output.name for output in model.graph.output]
        ['label', 'probabilities']
        """
        check_has_network(self)
        return to_onnx(self, self._get_activations(), get_kept_networks(self))

    def save(self, path: str | os.PathLike) -> None:
        """Write the estimator to a file that `load` reads, without pickle and without code.

        It holds the parameters and, if there is one, the fitted network: weights and curves, and
        what exact continuation needs after ``warm_start=True`` or `partial_fit`. It does not hold
        callbacks, attributes of your own, and schemes of your own in `weight_init_`, which
        become None. An older file there is replaced once the new one is complete, and its
        permissions are kept.

        Parameters
        ----------
        path : str or path-like
            The file. Its name may be any; the format is ``.npz``, with a hash.

        Raises
        ------
        ValueError
            If `path` is empty, if a parameter is one that `fit` would refuse, or a function or an
            object of a class that is not this package's or NumPy's, or if a fitted attribute was
            changed into what no fit makes.
        IsADirectoryError, FileNotFoundError
            If `path` is a folder, or in a folder that does not exist.

        See Also
        --------
        load : Read the file.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from sklearn_init import InitMLPRegressor, load
        >>> reg = InitMLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0)
        >>> _ = reg.fit([[0.0], [1.0]], [0.0, 1.0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "model")
        ...     reg.save(path)
        ...     again = load(path)
        >>> bool(again.predict([[0.3]])[0] == reg.predict([[0.3]])[0])
        True
        """
        save(self, path, check_parameters)

    def __getstate__(self) -> dict[str, Any]:
        return pack_state(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        warn_about_version(state.get(VERSION))
        self.__dict__.update(unpack_state(state))

    def __copy__(self) -> "BaseInitMLP":
        copied = type(self).__new__(type(self))  # not by way of the state, which leaves things out
        copied.__dict__.update(self.__dict__)
        return copied

    def __deepcopy__(self, memo: dict) -> "BaseInitMLP":
        memo[id(self)] = copied = copy.copy(self)
        copied.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return copied

    def set_params(self, **params: Any) -> "BaseInitMLP":
        """Set parameters, also those of schemes, such as ``weight_init__scale``.

        A name of a scheme stands for an object: it takes the place of the name once one of its
        parameters is set.

        Parameters
        ----------
        **params : dict
            Parameters by name.

        Returns
        -------
        InitMLPClassifier or InitMLPRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            If there is no such parameter.

        See Also
        --------
        sklearn_init.draw : See what a scheme draws.

        Examples
        --------
        >>> from sklearn_init import InitMLPClassifier
        >>> InitMLPClassifier(weight_init="uniform").set_params(weight_init__high=0.5)
        InitMLPClassifier(weight_init=Uniform(high=0.5))
        """
        return super().set_params(**name_to_object(self, params))

    def __getattr__(self, name: str) -> Any:
        if name in STARTS and "coefs_" in vars(self):
            raise AttributeError(
                f"{name} is not here: pickles and files hold it only after warm_start=True or "
                "partial_fit."
            )
        return self.__getattribute__(name)  # which raises the error again

    def _choose_dtype(self, call: Call) -> Any:
        """Return the type, or the types, in which training data may be."""
        return get_dtype(self) if call.resume else DTYPES[self.dtype]

    def _check_before_split(self, X: Any, y: Any) -> Any:
        """Check what those who take rows read of X and y, and return X; `fit` checks the rest."""
        self._check_targets(y)
        return check_sparse(X, "X") if issparse(X) else X

    def _validate(self, X: Any, y: Any, dtype: Any, *, reset: bool) -> tuple[Features, NDArray]:
        """Check X and y; return X as an array or CSR, and y of one or two dimensions."""
        X, y = check_features(X), y if y is None else self._check_targets(y)
        # its sums and casts would warn before it looks
        with np.errstate(over="ignore", invalid="ignore"):
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse="csr",
                multi_output=True,
                dtype=dtype,
                reset=reset,
                y_numeric=isinstance(self, RegressorMixin),
            )
        if isinstance(X, np.ndarray):  # what compiled code needs
            X = np.require(X, X.dtype.newbyteorder("="), ["ALIGNED"])
            if X.nbytes <= LARGEST_COPY:
                X = np.ascontiguousarray(X)
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _validate_features(self, X: Any) -> Features:
        """Check features that have no targets; return them as an array or CSR."""
        X = check_features(X)
        with np.errstate(over="ignore", invalid="ignore"):  # as above
            return validate_data(self, X, accept_sparse="csr", dtype=DTYPES[None], reset=False)

    def _get_activations(self) -> tuple[Activation, ...]:
        """Return one activation per hidden layer of the fitted network."""
        return resolve_activations(self.activation, len(self.coefs_) - 1)[:-1]

    def _predict_each(self, X: Any) -> Iterator[NDArray]:
        """Yield the output layer's values of each kept restart, (n_samples, n_outputs)."""
        X = self._validate_features(X)
        activations = self._get_activations()
        loss = LOSS_OF_OUTPUT[self.out_activation_]
        for network in get_kept_networks(self):
            yield predict(*network, activations, loss, X)

    @with_default_errors
    def _predict_outputs(self, X: Any) -> NDArray:
        """Return the mean over the kept restarts, of shape (n_samples, n_outputs)."""
        check_has_network(self)
        networks = self._predict_each(X)
        mean = next(networks)
        with np.errstate(over="ignore", invalid="ignore"):
            for outputs in networks:
                mean += outputs
        mean /= len(self.kept_restarts_)
        return mean

    @with_default_errors
    def _predict_with_std(self, X: Any) -> tuple[NDArray, NDArray]:
        """Return mean and standard deviation over the kept restarts."""
        check_has_network(self)
        if len(self.kept_restarts_) == 1:
            raise ValueError(
                "return_std=True needs several networks, but predictions come from one: fit with "
                "restart_combine='average' and restart_keep=2 or more."
            )
        mean = self._predict_outputs(X)
        squares = sum((outputs - mean) ** 2 for outputs in self._predict_each(X))
        return mean, np.sqrt(squares / len(self.kept_restarts_))

    @property
    def _repr_html_(self) -> Callable[[], str]:
        diagram = super()._repr_html_  # an AttributeError where the user wants no diagrams
        return lambda: diagram() + describe_in_html(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += describe_in_html(self)
        return bundle

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
