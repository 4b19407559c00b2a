"""Validate the parameters of an estimator and convert them to objects.

Every error names the parameter, its value, and what is allowed. Below `estimators/` no string
means a choice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import Any

import numpy as np

from sklearn_init._checks import is_integer, is_real
from sklearn_init._lookup import lookup
from sklearn_init._random import check_main_stream
from sklearn_init._text import show
from sklearn_init.activations import Activation
from sklearn_init.estimators._layers import (
    find_parameter,
    resolve_activations,
    resolve_dropout,
    resolve_sizes,
)
from sklearn_init.estimators._validation import MakeScore, resolve_scoring
from sklearn_init.losses import REGRESSION_LOSSES, Loss
from sklearn_init.solvers import (
    SCHEDULES,
    Adam,
    Lbfgs,
    Sgd,
    Solver,
    Stochastic,
    UpdateRule,
    report,
    report_nothing,
    report_with_index,
)
from sklearn_init.training import BATCH, Enough, Rung, make_rungs

Check = tuple[Callable[[Any], bool], str]


def _is_bool(value: object) -> bool:
    return isinstance(value, bool | np.bool_)


def _to_float(value: Any) -> float:
    """Return a real number of any type in the one it is used in."""
    try:
        return float(value)
    except OverflowError:  # a large int
        return np.inf


AT_LEAST_ONE: Check = (lambda v: is_integer(v) and v >= 1, "an integer >= 1")
NOT_NEGATIVE: Check = (lambda v: is_real(v) and 0 <= _to_float(v) < np.inf, "a number >= 0")
POSITIVE: Check = (lambda v: is_real(v) and 0 < _to_float(v) < np.inf, "a number > 0")
BELOW_ONE: Check = (lambda v: is_real(v) and 0 <= _to_float(v) < 1, "a number >= 0 and < 1")
AUTO_OR_COUNT: Check = (
    lambda v: AT_LEAST_ONE[0](v) or (isinstance(v, str) and v == "auto"),
    '"auto" or an integer >= 1',
)
BOOL: Check = (_is_bool, "True or False")
SHARE: Check = (lambda v: is_real(v) and 0 < _to_float(v) <= 1, "a number > 0 and <= 1")

DTYPES: dict[str | None, Any] = {
    None: (np.float64, np.float32),
    "float32": np.float32,
    "float64": np.float64,
}
"""What `dtype` stands for: the types to train in, of which the first is what others become."""

CHECKS: dict[str, Check] = {
    "alpha": NOT_NEGATIVE,
    "batch_size": AUTO_OR_COUNT,
    "learning_rate_init": POSITIVE,
    "power_t": NOT_NEGATIVE,
    "max_iter": AT_LEAST_ONE,
    "shuffle": BOOL,
    "tol": NOT_NEGATIVE,
    "verbose": (
        lambda v: _is_bool(v) or (is_integer(v) and v >= 0),
        "True, False or an integer >= 0",
    ),
    "warm_start": BOOL,
    "momentum": (lambda v: is_real(v) and 0 <= v <= 1, "a number >= 0 and <= 1"),
    "nesterovs_momentum": BOOL,
    "early_stopping": BOOL,
    "validation_fraction": BELOW_ONE,
    "beta_1": BELOW_ONE,
    "beta_2": BELOW_ONE,
    "epsilon": POSITIVE,
    "n_iter_no_change": (
        lambda v: (is_integer(v) and v >= 1) or (is_real(v) and v == np.inf),
        "an integer >= 1 or numpy.inf",
    ),
    "max_fun": AT_LEAST_ONE,
    "n_restarts": AUTO_OR_COUNT,
    "restart_first_rung": SHARE,
    "restart_factor": (
        lambda v: is_real(v) and 1.1 <= _to_float(v) < np.inf,
        "a number >= 1.1",
    ),
    "restart_keep": AT_LEAST_ONE,
    "restart_tol": NOT_NEGATIVE,
    "max_restarts": AT_LEAST_ONE,
    "dtype": (
        lambda v: (v is None or isinstance(v, str)) and v in DTYPES,
        'None, "float32" or "float64", as text',
    ),
    "checkpoint": (
        lambda v: v is None or (isinstance(v, str | PathLike) and "\0" not in str(v) != ""),
        "None or the path of a folder",
    ),
    "n_jobs": (lambda v: v is None or (is_integer(v) and v != 0), "None or an integer but 0"),
}


@dataclass(frozen=True)
class Settings:
    """The parameters of an estimator as objects, apart from the schemes.

    Attributes
    ----------
    hidden_sizes : tuple of int
    activations : tuple of Activation
        One per layer; the output layer's, which only some schemes look at, is the last hidden
        layer's.
    solver : Solver
    dropout : tuple of float
        The rate of every hidden layer; empty if all are 0.
    validation_fraction : float or None
        The share of rows held out, to stop early or to choose a restart; None for none.
    stops_early : bool
        Whether the score on validation rows stops training, as never with L-BFGS.
    by_score : bool
        Whether restarts are ranked by their score on validation rows, not by their loss.
    make_score : callable
        Makes that score, of objective and estimator.
    make_rungs : callable
        ``make_rungs(n_restarts, n_epochs)`` returns the rungs of the race.
    enough : Enough or None
        Tells when there are enough restarts; None but for ``n_restarts="auto"``.
    n_first : int
        The number of restarts that are drawn at first; all, but for ``n_restarts="auto"``.
    n_kept : int
        The number of restarts whose predictions are averaged.
    """

    hidden_sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    solver: Solver
    dropout: tuple[float, ...]
    validation_fraction: float | None
    stops_early: bool
    by_score: bool
    make_score: MakeScore
    make_rungs: Callable[[int, int], tuple[Rung, ...]]
    enough: Enough | None
    n_first: int
    n_kept: int


def resolve_parameters(estimator: Any, *, has_validation_set: bool = False) -> Settings:
    """Check the parameters of an estimator and return them as objects.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    has_validation_set : bool, default=False
        Whether the user gives validation rows, so that no rows are held out.

    Returns
    -------
    Settings

    Raises
    ------
    ValueError
        Naming the first parameter that is not allowed.
    """
    if hasattr(estimator, "loss"):  # first, as it may be the sizes that are meant for another
        resolve_loss(estimator.loss)
    for name in CHECKS:
        check_parameter(name, getattr(estimator, name))
    # looked up even where they are not used, so that a typing error is not silent
    lookup(SCHEDULES, estimator.learning_rate, "learning_rate")
    solver = lookup(SOLVERS, estimator.solver, "solver")
    stops_early = bool(estimator.early_stopping and is_stochastic(estimator.solver))
    criterion = lookup(CRITERIA, estimator.restart_criterion, "restart_criterion")
    by_score = criterion(stops_early or has_validation_set)
    holds_out = (stops_early or by_score) and not has_validation_set
    is_auto = isinstance(estimator.n_restarts, str)
    n_first = min(BATCH, estimator.max_restarts) if is_auto else estimator.n_restarts
    if estimator.restart_keep > n_first:
        limit = f"{n_first}, a batch of n_restarts='auto'" if is_auto else f"n_restarts={n_first}"
        raise ValueError(
            f"restart_keep={show(estimator.restart_keep)} is not allowed: expected at most "
            f"{limit}."
        )
    hidden_sizes = resolve_sizes(estimator.hidden_layer_sizes, "hidden_layer_sizes")
    dropout = resolve_dropout(estimator.dropout, len(hidden_sizes))
    if np.any(estimator.dropout) and not is_stochastic(estimator.solver):
        raise ValueError(
            f"dropout={show(estimator.dropout)} is not allowed with "
            f"solver={show(estimator.solver)}, "
            "whose steps need the same objective every time: choose solver='adam' or 'sgd', or "
            "dropout=0.0."
        )
    return Settings(
        hidden_sizes=hidden_sizes,
        activations=resolve_activations(estimator.activation, len(hidden_sizes)),
        solver=solver(estimator),
        dropout=dropout,
        validation_fraction=estimator.validation_fraction if holds_out else None,
        stops_early=stops_early,
        by_score=by_score,
        make_score=resolve_scoring(estimator),
        make_rungs=lookup(STRATEGIES, estimator.restart_strategy, "restart_strategy")(estimator),
        enough=Enough(estimator.restart_tol, estimator.max_restarts) if is_auto else None,
        n_first=n_first,
        n_kept=lookup(COMBINATIONS, estimator.restart_combine, "restart_combine")(estimator),
    )


def check_parameter(name: str, value: Any) -> None:
    """Raise an error if a value is not allowed for the parameter of this name."""
    is_allowed, expected = CHECKS[name]
    if not is_allowed(value):
        raise ValueError(f"{name}={show(value)} is not allowed: expected {expected}.")


def check_parameters(estimator: Any) -> None:
    """Raise an error if a parameter is not allowed, apart from the schemes, which need layers."""
    resolve_parameters(estimator)
    check_main_stream(estimator.random_state)


def resolve_loss(loss: object) -> Loss:
    """Return the loss of a regressor."""
    meant = find_parameter(loss)
    if meant and not (isinstance(loss, str) and loss in REGRESSION_LOSSES):
        raise ValueError(
            f"loss={show(loss)} is not known: the first argument of InitMLPRegressor is loss, as "
            f"in scikit-learn. {meant}"
        )
    return lookup(REGRESSION_LOSSES, loss, "loss")


def is_stochastic(solver: object) -> bool:
    """Whether a solver, given by name, trains in epochs of batches."""
    return solver in UPDATE_RULES


def solver_is_stochastic(estimator: Any) -> bool:
    """Whether `partial_fit` exists; the error says why not."""
    if not is_stochastic(estimator.solver):
        raise AttributeError(
            f"partial_fit is only available for the stochastic solvers 'adam' and 'sgd'; "
            f"solver={show(estimator.solver)} sees the whole data in every step."
        )
    return True


def _adam(estimator: Any) -> Adam:
    names = "learning_rate_init", "beta_1", "beta_2", "epsilon"
    return Adam(*(float(getattr(estimator, name)) for name in names))


def _sgd(estimator: Any) -> Sgd:
    return Sgd(
        float(estimator.learning_rate_init),
        lookup(SCHEDULES, estimator.learning_rate, "learning_rate"),
        float(estimator.momentum),
        estimator.nesterovs_momentum,
        float(estimator.power_t),
    )


UPDATE_RULES: Mapping[str, Callable[[Any], UpdateRule]] = {"adam": _adam, "sgd": _sgd}


def _report(estimator: Any) -> Callable:
    if int(estimator.verbose) < 2:
        return report_nothing
    return report if estimator.n_restarts == 1 else report_with_index


def _stochastic(estimator: Any) -> Stochastic:
    return Stochastic(
        UPDATE_RULES[estimator.solver](estimator),
        200 if estimator.batch_size == "auto" else int(estimator.batch_size),
        estimator.shuffle,
        estimator.tol,
        min(estimator.n_iter_no_change, 2**53),  # which a float holds
        _report(estimator),
    )


def _lbfgs(estimator: Any) -> Lbfgs:
    return Lbfgs(estimator.tol, estimator.max_fun, _report(estimator))


SOLVERS: Mapping[str, Callable[[Any], Solver]] = {
    "lbfgs": _lbfgs,
    "sgd": _stochastic,
    "adam": _stochastic,
}


def _halving(estimator: Any) -> Callable[[int, int], tuple[Rung, ...]]:
    return partial(
        make_rungs,
        first=estimator.restart_first_rung,
        factor=estimator.restart_factor,
        keep=estimator.restart_keep,
    )


STRATEGIES: Mapping[str, Callable[[Any], Callable[[int, int], tuple[Rung, ...]]]] = {
    "full": lambda estimator: make_rungs,
    "halving": _halving,
}
"""What makes the rungs of a race."""

CRITERIA: Mapping[str, Callable[[bool], bool]] = {
    "auto": lambda is_validated: is_validated,
    "loss": lambda is_validated: False,
    "validation": lambda is_validated: True,
}
"""Whether restarts are ranked by their score on validation rows."""

COMBINATIONS: Mapping[str, Callable[[Any], int]] = {
    "best": lambda estimator: 1,
    "average": lambda estimator: estimator.restart_keep,
}
"""The number of restarts whose predictions are averaged."""
