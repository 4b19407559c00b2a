"""One fit: parameters and data in, fitted attributes out; the steps of the architecture page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from sklearn_init._random import copy_stream, read_state
from sklearn_init.estimators._data import check_main_stream
from sklearn_init.estimators._fitted import set_fitted
from sklearn_init.estimators._parameters import (
    Settings,
    is_integer,
    is_stochastic,
    resolve_parameters,
)
from sklearn_init.estimators._schemes import choose_schemes, resolve_schemes
from sklearn_init.estimators._training import Starts, Training, take_up
from sklearn_init.estimators._warnings import (
    describe_total_divergence,
    warn_about_average,
    warn_about_batch_size,
    warn_about_end,
    warn_about_engine,
    warn_about_start,
)
from sklearn_init.initializers._layer import make_layers
from sklearn_init.initializers._start import Schemes
from sklearn_init.losses import Loss
from sklearn_init.network import Features, Layout, Objective
from sklearn_init.restarts import (
    Plan,
    measure_starts,
    select,
    train_restarts,
    train_until_enough,
)
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


def fit_estimator(estimator: Any, X: Any, y: Any, sample_weight: Any, call: Call) -> None:
    """Fit an estimator in the steps of ``docs/architecture.md``."""
    settings = resolve_parameters(estimator)
    if call.partial and settings.validation_fraction is not None:
        raise ValueError(
            "partial_fit does not support early_stopping=True or restart_criterion='validation'"
        )
    schemes = resolve_schemes(estimator, len(settings.hidden_sizes) + 1)
    call = replace(call, resume=call.resume and hasattr(estimator, "coefs_"))
    stream = main = check_main_stream(estimator.random_state)
    # an int has made a stream that nobody else sees
    shared = None if is_integer(estimator.random_state) else stream
    if not call.trains and stream is estimator.random_state:
        main = copy_stream(stream)  # so that `fit` draws the same after `initialize`
    with unchanged_on_error(estimator, shared):
        X, y, sample_weight = estimator._check_data(X, y, sample_weight, call)
        loss, score = estimator._choose_loss()
        objective = make_objective(estimator, settings, loss, X, y, sample_weight)
        training, starts = begin_training(estimator, settings, schemes, objective, main, call)
        warn_before_training(estimator, training, objective, call)
        # whoever has drawn from the stream since the last call keeps what was drawn
        is_ours = shared and (not call.resume or read_state(main) == training.main)
        interrupted = train(estimator, training, starts, settings, objective, score, call)
        kept = training.restarts[:1]
        if call.trains:
            kept = select(training.restarts, settings.n_kept, by_score=settings.by_score)
        if not kept and interrupted:
            raise KeyboardInterrupt
        if not kept:
            raise ValueError(describe_total_divergence(describe_remedy(estimator)))
        if is_ours:
            main.set_state(read_state(kept[0].rng))
        keep_state = call.partial or estimator.warm_start
        training.main = read_state(stream) if shared and keep_state else None
        set_fitted(
            estimator,
            training,
            kept,
            objective,
            by_score=settings.by_score,
            keep_state=keep_state,
        )
    if interrupted:
        raise KeyboardInterrupt
    warn_after_training(estimator, training, len(kept), call)


def begin_training(
    estimator: Any,
    settings: Settings,
    schemes: Schemes,
    objective: Objective,
    main: RandomState,
    call: Call,
) -> tuple[Training, Starts | None]:
    """Return the restarts to train, drawn or taken up, and what draws more of the same."""
    fraction, starts = settings.validation_fraction, None
    in_epochs = is_stochastic(estimator.solver)
    if call.resume:
        training = take_up(estimator, objective, fraction, settings.stops_early, main)
        # what L-BFGS calls converged may go on a little: only patience is worth keeping
        keeps_patience = training.has_curves and in_epochs
        training.wake(beside_others=call.partial or not keeps_patience)
    else:
        fans, loss = objective.layout.fans, objective.loss
        layers = make_layers(fans, settings.activations, loss, in_epochs)
        schemes = choose_schemes(schemes, layers)
        starts = Starts(objective, layers, schemes, fraction, main)
        training = Training(starts.draw(range(settings.n_first)), starts.split)
        estimator.weight_init_ = list(schemes.weights)
    training.has_curves = in_epochs
    training.has_scores = settings.stops_early
    return training, starts


def warn_before_training(
    estimator: Any, training: Training, objective: Objective, call: Call
) -> None:
    """Warn about starts, data and parameters that do not do what one may expect."""
    if not call.resume:
        warn_about_start(training.restarts, objective, estimator.n_restarts)
    if not call.trains:
        return
    if training.has_curves:
        warn_about_batch_size(estimator.batch_size, training.n_training_rows)
    warn_about_engine()


def warn_after_training(estimator: Any, training: Training, n_kept: int, call: Call) -> None:
    """Warn about averages of too few networks, and about restarts that did not converge."""
    if call.trains:
        warn_about_average(estimator, n_kept)
    max_iter = np.inf if call.partial else call.n_epochs
    warn_about_end(training.restarts, training.has_curves, max_iter, describe_remedy(estimator))


def make_objective(
    estimator: Any,
    settings: Settings,
    loss: Loss,
    X: Features,
    y: NDArray,
    weights: NDArray | None,
) -> Objective:
    """Return the objective on all rows."""
    layout = Layout((X.shape[1], *settings.hidden_sizes, y.shape[1]))
    activations = settings.activations[:-1]
    return Objective(
        layout, activations, loss, estimator.alpha, X, y, weights, dropout=settings.dropout
    )


def train(
    estimator: Any,
    training: Training,
    starts: Starts | None,
    settings: Settings,
    objective: Objective,
    score: Score,
    call: Call,
) -> bool:
    """Train all restarts in place; return whether the user interrupted it."""
    assert training.split is not None
    objective, held_out = (
        replace(objective, rows=rows)
        for rows in (training.split.training, training.split.validation)
    )
    if not call.trains:
        measure_starts(training.restarts, objective)
        return False
    plan = Plan(
        settings.solver,
        settings.solver.prepare(objective),
        None if held_out.rows is None else Validation(held_out, score),
        settings.make_rungs(len(training.restarts), call.n_epochs),
        stops_early=settings.stops_early,
        by_score=settings.by_score,
    )
    if settings.enough is None or call.partial or starts is None:
        training.restarts, interrupted = train_restarts(training.restarts, plan, estimator.n_jobs)
        return interrupted
    training.restarts, interrupted, training.stop_reason = train_until_enough(
        training.restarts, starts.draw, plan, settings.enough, estimator.n_jobs
    )
    return interrupted


def describe_remedy(estimator: Any) -> str:
    """Say what to do about divergence."""
    if is_stochastic(estimator.solver):
        return f"lower learning_rate_init={estimator.learning_rate_init!r}, or scale X and y"
    return "scale X and y, or start from smaller weights with weight_init"
