"""One fit: parameters and data in, fitted attributes out; the steps of the architecture page."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from sklearn_init._checks import is_integer
from sklearn_init._numpy_errors import with_default_errors
from sklearn_init._random import check_main_stream, copy_stream, read_state
from sklearn_init.estimators._audience import make_audience
from sklearn_init.estimators._fitted import set_fitted
from sklearn_init.estimators._interrupt import UNCHANGED, describe_interrupt
from sklearn_init.estimators._parameters import (
    Settings,
    is_stochastic,
    resolve_parameters,
)
from sklearn_init.estimators._resume import get_classes, take_up
from sklearn_init.estimators._schemes import choose_schemes, resolve_schemes
from sklearn_init.estimators._validation import ValidationSet, make_validation_objective
from sklearn_init.exceptions import DivergedError
from sklearn_init.initializers import Schemes, make_layers
from sklearn_init.losses import Loss
from sklearn_init.network import Features, Layout, Objective
from sklearn_init.persistence import check_has_network
from sklearn_init.scores import Score
from sklearn_init.solvers import Restart, Validation
from sklearn_init.training import (
    End,
    FitTask,
    Plan,
    Rung,
    Starts,
    Training,
    describe_remedy,
    describe_total_divergence,
    measure_starts,
    select,
    telling_callbacks,
    train_restarts,
    train_until_enough,
    warn_about_absent_classes,
    warn_about_average,
    warn_about_batch_size,
    warn_about_chance,
    warn_about_end,
    warn_about_engine,
    warn_about_scores,
    warn_about_start,
    with_callbacks,
)


@contextmanager
def unchanged_on_error(estimator: BaseEstimator, stream: RandomState | None) -> Iterator[None]:
    """Restore an estimator and the user's stream if an error is raised: nothing is lost."""
    before, state = dict(vars(estimator)), stream and read_state(stream)
    try:
        yield
    except BaseException as error:
        vars(estimator).clear()
        vars(estimator).update(before)
        if stream is not None:
            stream.set_state(state)  # type: ignore[arg-type]
        if isinstance(error, KeyboardInterrupt) and not error.args:
            error.args = (UNCHANGED,)
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
    validation_set : ValidationSet or None
        The validation rows that `fit` was given.
    """

    n_epochs: int
    resume: bool = False
    partial: bool = False
    classes: ArrayLike | None = None
    validation_set: ValidationSet | None = None

    @property
    def trains(self) -> bool:
        """Whether it trains at all, as `initialize` does not."""
        return self.n_epochs > 0


@with_callbacks
@with_default_errors
def fit_estimator(estimator: Any, X: Any, y: Any, sample_weight: Any, call: Call) -> None:
    """Fit an estimator in the steps of ``docs/architecture.md``."""
    has_validation_set = call.validation_set is not None
    settings = resolve_parameters(estimator, has_validation_set=has_validation_set)
    if call.partial and settings.validation_fraction is not None:
        raise ValueError(
            "partial_fit does not support early_stopping=True or restart_criterion='validation'"
        )
    schemes = resolve_schemes(estimator, len(settings.hidden_sizes) + 1)
    call = replace(call, resume=call.resume and hasattr(estimator, "coefs_"))
    if call.resume:
        check_has_network(estimator)
    stream = main = check_main_stream(estimator.random_state)
    # an int has made a stream that nobody else sees
    shared = None if is_integer(estimator.random_state) else stream
    if not call.trains and stream is estimator.random_state:
        main = copy_stream(stream)  # so that `fit` draws the same after `initialize`
    rungs: tuple[Rung, ...] = ()
    if call.trains and not call.partial:
        rungs = settings.make_rungs(settings.n_first, call.n_epochs)
    n_restarts = settings.n_first if settings.enough is None else None
    with (
        telling_callbacks(estimator, rungs, n_restarts, X, y, sample_weight) as task,
        unchanged_on_error(estimator, shared),
    ):
        X, y, sample_weight = estimator._check_data(X, y, sample_weight, call)
        loss, score = estimator._choose_loss()
        objective = make_objective(estimator, settings, loss, X, y, sample_weight)
        training, starts = begin_training(estimator, settings, schemes, objective, main, call)
        warn_before_training(estimator, training, objective, call)
        # whoever has drawn from the stream since the last call keeps what was drawn
        is_ours = shared and (not call.resume or read_state(main) == training.main)
        validation = make_validation(estimator, training, settings, objective, score, call)
        training.has_scores = validation is not None
        plan = make_plan(settings, training, objective, validation, call)
        end = train(estimator, training, starts, settings, plan, task, call)
        kept = choose_kept(estimator, training, settings, objective, end, call)
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
    if end is End.INTERRUPTED:
        raise KeyboardInterrupt(describe_interrupt(estimator, kept[0], partial=call.partial))
    warn_after_training(estimator, training, objective, kept, call)


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
        starts = Starts(objective, layers, schemes, fraction, main, get_classes(estimator))
        training = Training(starts.draw(range(settings.n_first)), starts.split)
        estimator.weight_init_ = list(schemes.weights)
    training.has_curves = in_epochs
    training.stops_early = settings.stops_early
    return training, starts


def warn_before_training(
    estimator: Any, training: Training, objective: Objective, call: Call
) -> None:
    """Warn about starts, data and parameters that do not do what one may expect."""
    if not call.resume:
        schemes = estimator.weight_init_
        warn_about_start(training.restarts, objective, estimator.n_restarts, schemes)
    if not call.trains:
        return
    warn_about_absent_classes(get_classes(estimator), objective, training.split)
    if training.has_curves:
        warn_about_batch_size(estimator.batch_size, training.n_training_rows)
    warn_about_engine()


def warn_after_training(
    estimator: Any,
    training: Training,
    objective: Objective,
    kept: Sequence[Restart],
    call: Call,
) -> None:
    """Warn about averages of too few networks, and about restarts that did not converge."""
    if call.trains:
        warn_about_average(estimator, len(kept))
    if call.trains and training.stops_early:
        warn_about_scores(training.restarts, estimator.scoring)
    if call.trains and not call.partial and training.split is not None:
        on_training_rows = replace(objective, rows=training.split.training)
        warn_about_chance(kept[0], on_training_rows)
    max_iter = np.inf if call.partial else call.n_epochs
    remedy = partial(describe_remedy, training.restarts, objective, get_rate(estimator))
    warn_about_end(training.restarts, training.has_curves, max_iter, remedy)


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


def make_validation(
    estimator: Any,
    training: Training,
    settings: Settings,
    objective: Objective,
    score: Score,
    call: Call,
) -> Validation | None:
    """Return what restarts are judged by: the rows of the user, or else those held out."""
    if call.validation_set is not None:
        objective = make_validation_objective(estimator, objective, call.validation_set)
    elif training.split is None or training.split.validation is None:
        return None
    else:
        objective = replace(objective, rows=training.split.validation)
    score = settings.make_score(estimator, objective, score)
    return Validation(objective, score, settings.stops_early)


def make_plan(
    settings: Settings,
    training: Training,
    objective: Objective,
    validation: Validation | None,
    call: Call,
) -> Plan:
    """Return what is done with every restart."""
    assert training.split is not None
    return Plan(
        settings.solver,
        settings.solver.prepare(replace(objective, rows=training.split.training)),
        validation,
        settings.make_rungs(len(training.restarts), max(1, call.n_epochs)),
        settings.by_score,
    )


def train(
    estimator: Any,
    training: Training,
    starts: Starts | None,
    settings: Settings,
    plan: Plan,
    task: FitTask | None,
    call: Call,
) -> End:
    """Train all restarts in place."""
    if not call.trains:
        measure_starts(training.restarts, plan.objective)
        return End.COMPLETE
    checkpoint = None if call.partial else estimator.checkpoint
    enough = None if call.partial or starts is None else settings.enough
    audience = make_audience(
        estimator, training, plan, task, checkpoint, in_batches=enough is not None
    )
    plan = replace(plan, audience=audience, stop=estimator._stop)
    with ExitStack() as stack:
        for each in audience:
            stack.enter_context(each)
        if enough is None or starts is None:
            training.restarts, end = train_restarts(training.restarts, plan, estimator.n_jobs)
            return end
        training.restarts, end, training.stop_reason = train_until_enough(
            training.restarts, starts.draw, plan, enough, estimator.n_jobs
        )
        return end


def choose_kept(
    estimator: Any,
    training: Training,
    settings: Settings,
    objective: Objective,
    end: End,
    call: Call,
) -> list[Restart]:
    """Return the restarts to predict with, the best one first."""
    if not call.trains:
        return training.restarts[:1]
    kept = select(training.restarts, settings.n_kept, by_score=settings.by_score)
    if kept:
        return kept
    if end is End.INTERRUPTED:
        raise KeyboardInterrupt
    remedy = describe_remedy(training.restarts, objective, get_rate(estimator))
    raise DivergedError(describe_total_divergence(remedy))


def get_rate(estimator: Any) -> float | None:
    """Return the first learning rate, or None with L-BFGS, which has none."""
    return estimator.learning_rate_init if is_stochastic(estimator.solver) else None
