"""A fitted scikit-learn estimator that predicts the same, made through public API only."""

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import block_diag
from scipy.sparse import csr_matrix
from sklearn.base import is_classifier
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sklearn_init._checks import is_integer
from sklearn_init._text import show
from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.losses import LOSS_OF_OUTPUT

SKLEARN_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")

FITTED = (
    "coefs_",
    "intercepts_",
    "n_iter_",
    "t_",
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
    "feature_names_in_",
)

ONE_BY_ONE = (
    "write the networks one by one, est.restart(r).to_sklearn() for each r of est.kept_restarts_."
)


def to_sklearn(estimator: Any, activations: Sequence[Activation]) -> Any:
    """Return scikit-learn's estimator with the parameters and weights of a fitted one of ours.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    activations : sequence of Activation
        One per hidden layer.

    Raises
    ------
    ValueError
        If scikit-learn does not have the loss, the activations, or the average.
    """
    members = [estimator, *map(estimator.restart, estimator.kept_restarts_[1:].tolist())]
    if len(members) == 1:
        return make_mlp(estimator, activations)
    if estimator.n_outputs_ > 1 and not is_classifier(estimator):
        return make_mlp(_merge(members), activations)
    if is_classifier(estimator) and _is_multilabel(estimator):
        raise ValueError(
            "VotingClassifier does not take several labels per row, so that scikit-learn cannot "
            f"express their average: {ONE_BY_ONE}"
        )
    named = {
        f"restart{member.best_restart_}": _make_member(member, activations) for member in members
    }
    # frozen, since the weights are there; but whoever fits a clone wants to train
    frozen = [(name, FrozenEstimator(member)) for name, member in named.items()]
    if is_classifier(estimator):
        voting = VotingClassifier(frozen, voting="soft")
    else:
        voting = VotingRegressor(frozen)
    X, y, _ = _blank_data(estimator)
    return voting.fit(X, y).set_params(**named)


def _make_member(
    estimator: Any, activations: Sequence[Activation]
) -> MLPClassifier | MLPRegressor:
    """Return a network of an average; fitted anew, it differs from the others."""
    member = make_mlp(estimator, activations)
    if is_integer(member.random_state):
        member.set_params(random_state=member.random_state + estimator.best_restart_)
    return member


def make_mlp(estimator: Any, activations: Sequence[Activation]) -> MLPClassifier | MLPRegressor:
    """Return scikit-learn's MLP with the parameters and weights of a fitted one of ours.

    It is fitted for one epoch on zeros, silently, so that it knows classes and sizes; then its
    parameters and fitted attributes are replaced.
    """
    activation = _sklearn_activation(estimator, activations)
    target = MLPClassifier() if is_classifier(estimator) else MLPRegressor()
    parameters = target.get_params()
    if estimator.out_activation_ == "exp" and "loss" not in parameters:
        raise ValueError(
            f"loss={estimator.loss!r} needs scikit-learn >= 1.7 to be written as MLPRegressor."
        )
    parameters = {name: getattr(estimator, name) for name in parameters}
    parameters["activation"] = activation
    blank = {
        "hidden_layer_sizes": [b.shape[0] for b in estimator.intercepts_[:-1]],
        "solver": estimator.solver if hasattr(estimator, "partial_fit") else "adam",
        "batch_size": "auto",
        "early_stopping": False,
        "random_state": 0,
        "verbose": False,
        "warm_start": False,
    }
    if "loss" in parameters:
        blank["loss"] = LOSS_OF_OUTPUT[estimator.out_activation_].name
    target.set_params(**{**parameters, **blank})
    X, y, keywords = _blank_data(estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target.partial_fit(X, y, **keywords)
    target.set_params(**parameters)
    for name in FITTED:
        target.__dict__.pop(name, None)
        if hasattr(estimator, name):
            setattr(target, name, copy.deepcopy(getattr(estimator, name)))
    return target


def _merge(members: list[Any]) -> Any:
    """Return one network whose outputs are the mean over the members', its blocks."""
    merged, n_members = copy.copy(members[0]), len(members)
    if merged.out_activation_ != "identity":
        raise ValueError(
            f"loss={merged.loss!r} with several outputs: neither VotingRegressor nor one "
            f"MLPRegressor can express the average of such networks: {ONE_BY_ONE}"
        )
    *hidden, output = zip(*(member.coefs_ for member in members), strict=True)
    blocks = [block_diag(*W) if layer else np.hstack(W) for layer, W in enumerate(hidden)]
    last = np.vstack(output) / n_members if hidden else np.mean(output, axis=0)
    merged.coefs_ = [*blocks, last]
    *biases, output_biases = zip(*(member.intercepts_ for member in members), strict=True)
    merged.intercepts_ = [*map(np.concatenate, biases), np.mean(output_biases, axis=0)]
    merged.hidden_layer_sizes = tuple(len(b) for b in merged.intercepts_[:-1])
    return merged


def _is_multilabel(estimator: Any) -> bool:
    return estimator._label_binarizer.y_type_.startswith("multilabel")


def _sklearn_activation(estimator: Any, activations: Sequence[Activation]) -> str:
    """Return the name of the activation, or raise an error if scikit-learn cannot express it."""
    hidden = set(activations)
    names = [name for name in SKLEARN_ACTIVATIONS if hidden <= {ACTIVATIONS[name]}]
    if not names:
        raise ValueError(
            f"activation={show(estimator.activation)} cannot be expressed in scikit-learn, "
            f"whose MLPs have one of {SKLEARN_ACTIVATIONS} for all layers."
        )
    # without hidden layers any name does: keep the user's if there is one
    return estimator.activation if estimator.activation in names else names[0]


def _blank_data(estimator: Any) -> tuple[np.ndarray, np.ndarray, dict]:
    """Return features that are all zero, and targets from which classes and sizes show."""
    dtype, n_features = estimator.coefs_[0].dtype, estimator.n_features_in_
    if not is_classifier(estimator):
        n_outputs = estimator.n_outputs_
        y = np.zeros(2) if n_outputs == 1 else np.zeros((2, n_outputs))
        return np.zeros((2, n_features), dtype), y, {}
    classes = estimator.classes_
    if _is_multilabel(estimator):
        y = np.eye(len(classes), dtype=int)
        y = np.vstack([y, np.ones_like(y[:1])])
        if estimator._label_binarizer.sparse_input_:
            y = csr_matrix(y)
    else:
        y = classes
    return np.zeros((y.shape[0], n_features), dtype), y, {"classes": classes}
