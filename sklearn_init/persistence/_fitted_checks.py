"""What fitted attributes can be: asked before a model is written, and after one is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from sklearn_init._checks import is_integer, is_real
from sklearn_init.initializers import Initializer
from sklearn_init.losses import LOSS_OF_OUTPUT
from sklearn_init.network import Layout
from sklearn_init.training import Restarts, Training


@dataclass(frozen=True)
class Frame:
    """What the attributes have to agree with.

    Attributes
    ----------
    sizes : tuple of int
        Those of all layers.
    n_restarts : int
    is_classifier : bool
    """

    sizes: tuple[int, ...]
    n_restarts: int
    is_classifier: bool

    @property
    def n_params(self) -> int:
        """Number of weights and biases."""
        return Layout(self.sizes).n_params


def check_fitted(estimator: Any) -> None:
    """Raise an error that names a fitted attribute which no fit can have made.

    Raises
    ------
    ValueError
    """
    state = vars(estimator)
    frame = Frame(_get_sizes(state), _count_restarts(state), is_classifier(estimator))
    needed = REQUIRED | (OF_CLASSIFIERS if frame.is_classifier else set())
    if missing := needed - state.keys():
        raise ValueError(f"the attributes {sorted(missing)} of a fitted estimator are missing")
    for name, is_allowed in ATTRIBUTES.items():
        if name in state and not _holds(is_allowed, state[name], frame):
            raise ValueError(f"{name} is not what a fit makes of it: {state[name]!r:.60}")
    _check_kept(state)


def _holds(is_allowed: Callable[[Any, Frame], bool], value: Any, frame: Frame) -> bool:
    try:
        return bool(is_allowed(value, frame))
    except Exception:  # what is asked is not even there
        return False


def _get_sizes(state: dict[str, Any]) -> tuple[int, ...]:
    """Return the sizes of the layers, or raise an error if the arrays do not make a network."""
    weights: Any = state.get("coefs_")
    biases: Any = state.get("intercepts_")
    if not (_is_list_of_rows(weights, 2) and _is_list_of_rows(biases, 1) and weights):
        raise ValueError("coefs_ or intercepts_ are no lists of arrays of float32 or float64")
    sizes = (len(weights[0]), *(W.shape[1] for W in weights))
    shapes = [array.shape for array in (*weights, *biases)]
    if not all(np.isfinite(array).all() for array in (*weights, *biases)):
        raise ValueError("coefs_ or intercepts_ are not finite")
    if 0 in sizes or shapes != Layout(sizes).shapes:
        raise ValueError(f"coefs_ and intercepts_ have the shapes {shapes}: this is no network")
    return sizes


def _is_list_of_rows(value: Any, n_dimensions: int) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(a, np.ndarray)
        and a.dtype in (np.float32, np.float64)
        and a.ndim == n_dimensions
        for a in value
    )


def _count_restarts(state: dict[str, Any]) -> int:
    record = state.get("restarts_")
    if not isinstance(record, Restarts) or vars(record).keys() != vars(Restarts([])).keys():
        raise ValueError("restarts_ is not what a fit makes of it")
    return len(record._curves)


KINDS = {
    "loss": "f",
    "n_iter": "i",
    "validation_score": "f",
    "diverged": "b",
    "dropped": "b",
    "time": "f",
    "start_loss": "f",
    "_order": "i",
}
"""Of which kind the numbers per restart are."""


def _is_record(record: Any, frame: Frame) -> bool:
    columns, predictions = record._columns, record._predictions
    arrays = {**columns, "start_loss": record.start_loss, "_order": record._order}
    return (
        arrays.keys() == KINDS.keys()
        and all(isinstance(a, np.ndarray) for a in arrays.values())
        and all(a.shape == (frame.n_restarts,) for a in arrays.values())
        and all(a.dtype.kind == KINDS[name] for name, a in arrays.items())
        and np.array_equal(np.sort(record._order), np.arange(frame.n_restarts))
        and isinstance(record._by_score, bool | np.bool_)
        and isinstance(record.stop_reason, str)
        and (predictions is None or _are_predictions(predictions, frame))
    )


def _are_predictions(value: Any, frame: Frame) -> bool:
    shape = (frame.n_restarts, frame.sizes[-1])
    is_array = isinstance(value, np.ndarray) and value.dtype == np.float32
    return is_array and value.ndim == 3 and (value.shape[0], value.shape[2]) == shape


def _is_training(value: Any, frame: Frame) -> bool:
    return value is None or (
        isinstance(value, Training)
        and len(value.restarts) == frame.n_restarts
        and all(r.theta.size == frame.n_params or r.is_absent for r in value.restarts)
        and all(r.dropped or not r.is_absent for r in value.restarts)
        and len({r.theta.dtype for r in value.restarts}) == 1
        and all(type(flag) is bool for flag in (value.has_curves, value.has_scores))
        and type(value.stops_early) is bool
        and isinstance(value.stop_reason, str)
        and (value.split is None or value.split.fraction is None or is_real(value.split.fraction))
    )


def _are_kept(value: Any, frame: Frame) -> bool:
    is_array = isinstance(value, np.ndarray) and value.dtype.kind == "i" and value.ndim == 1
    return is_array and 0 < len(set(value.tolist()) & set(range(frame.n_restarts))) == len(value)


def _check_kept(state: dict[str, Any]) -> None:
    """Raise an error if a network that predicts is not there."""
    best, *others = state["kept_restarts_"].tolist()
    training = state["_training"]
    if best != state["best_restart_"] or (others and training is None):
        raise ValueError(f"kept_restarts_ is {state['kept_restarts_']}, which are not all there")
    if training is not None and any(training.restarts[r].is_absent for r in (best, *others)):
        raise ValueError("restarts that predict have no weights")


def _is_binarizer(value: Any, frame: Frame) -> bool:
    n_classes, is_binary = len(value.classes_), value.y_type_ == "binary"
    return (
        value.classes_.ndim == 1
        and value.classes_.dtype.kind in "biufUO"
        and n_classes >= 2
        and frame.sizes[-1] == (1 if is_binary else n_classes)
    )


def _is_curve(value: Any, frame: Frame) -> bool:
    return value is None or (isinstance(value, list) and all(map(is_real, value)))


def _is_number(value: Any, frame: Frame) -> bool:
    return value is None or is_real(value)


def _is_count(value: Any, frame: Frame) -> bool:
    return is_integer(value) and value >= 0


def _equals(get: Callable[[Frame], int]) -> Callable[[Any, Frame], bool]:
    return lambda value, frame: is_integer(value) and value == get(frame)


ATTRIBUTES: dict[str, Callable[[Any, Frame], bool]] = {
    "n_features_in_": _equals(lambda frame: frame.sizes[0]),
    "n_layers_": _equals(lambda frame: len(frame.sizes)),
    "n_outputs_": _equals(lambda frame: frame.sizes[-1]),
    "coefs_": lambda value, frame: True,  # `_get_sizes` has asked them
    "intercepts_": lambda value, frame: True,
    "initial_coefs_": lambda value, frame: _is_list_of_rows(value, 2),
    "initial_intercepts_": lambda value, frame: _is_list_of_rows(value, 1),
    "out_activation_": lambda value, frame: isinstance(value, str) and value in LOSS_OF_OUTPUT,
    "feature_names_in_": lambda value, frame: (
        isinstance(value, np.ndarray)
        and value.shape == frame.sizes[:1]
        and all(isinstance(name, str) for name in value)
    ),
    "classes_": lambda value, frame: (
        isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biufUO"
    ),
    "_label_binarizer": _is_binarizer,
    "weight_init_": lambda value, frame: (
        isinstance(value, list)
        and len(value) == len(frame.sizes) - 1
        and all(scheme is None or isinstance(scheme, Initializer) for scheme in value)
    ),
    "best_restart_": lambda value, frame: is_integer(value) and 0 <= value < frame.n_restarts,
    "kept_restarts_": _are_kept,
    "restarts_": _is_record,
    "_training": _is_training,
    "loss_": _is_number,
    "loss_curve_": _is_curve,
    "validation_loss_curve_": _is_curve,
    "validation_scores_": _is_curve,
    "best_loss_": _is_number,
    "best_validation_score_": _is_number,
    "n_iter_": _is_count,
    "t_": _is_count,
}
"""What fits make, and what each can be."""

KNOWN = ATTRIBUTES.keys()
OF_CLASSIFIERS = {"classes_", "_label_binarizer"}
OPTIONAL = {
    "initial_coefs_",
    "initial_intercepts_",
    "feature_names_in_",
    "loss_curve_",
    "validation_loss_curve_",
    "validation_scores_",
    "best_loss_",
    "best_validation_score_",
}
REQUIRED = KNOWN - OPTIONAL - OF_CLASSIFIERS
