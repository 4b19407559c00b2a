"""scikit-learn's callbacks: they hear of the fit, of rungs, restarts and epochs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from sklearn_init.network import Objective
from sklearn_init.solvers import Restart, Watch
from sklearn_init.training._callback import Audience
from sklearn_init.training._race import Rung, is_race
from sklearn_init.training._split import Split
from sklearn_init.training._state import Training

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn < 1.9 has no callbacks

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands for scikit-learn's class, which gives `set_callbacks`."""

    def with_callbacks(method: Callable) -> Callable:
        """Return a method as it is."""
        return method


@dataclass(frozen=True)
class FitTask:
    """What callbacks know of a fit.

    Attributes
    ----------
    context : CallbackContext
        Its tasks are rungs, or else restarts.
    hooks : dict
        What callbacks may ask for: the estimator, and X, y and metadata as the user gave them.
    is_race : bool
        Whether restarts belong to rungs.
    """

    context: Any
    hooks: dict
    is_race: bool


@contextmanager
def telling_callbacks(
    estimator: Any,
    rungs: tuple[Rung, ...],
    n_restarts: int | None,
    X: Any,
    y: Any,
    sample_weight: Any,
) -> Iterator[FitTask | None]:
    """Tell the callbacks of an estimator of the beginning and end of a fit.

    None is yielded if there are none, or if there are no `rungs`. `n_restarts` is None if nobody
    knows how many there will be.
    """
    if not rungs or not getattr(estimator, "_skl_callbacks", None):
        yield None
        return
    n_tasks = len(rungs) if is_race(rungs) else n_restarts
    context = estimator._init_callback_context(
        max_subtasks=None if n_restarts is None else n_tasks,
        sequential_subtasks=is_race(rungs),
    )
    metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
    hooks = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
    context.call_on_fit_task_begin(**hooks)
    yield FitTask(context, hooks, is_race(rungs))
    context.call_on_fit_task_end(**hooks, reconstruction_attributes={})


class Callbacks(Audience):
    """Tells callbacks of rungs, if it is a race, of restarts and of epochs.

    Parameters
    ----------
    task : FitTask
    training : Training
    objective : Objective
    set_fitted : callable
        Writes the fitted attributes of a training into an object.
    """

    def __init__(
        self,
        task: FitTask,
        training: Training,
        objective: Objective,
        set_fitted: Callable[..., None],
    ):
        self._fit = self._of_restarts = task.context
        self._hooks, self._is_race = task.hooks, task.is_race
        self._set_fitted = set_fitted
        # what callbacks see of a network: neither data nor other restarts
        self._training = replace(training, restarts=[], split=Split(0), main=None)
        self._objective = replace(
            objective, X=None, y=np.empty((0, 0)), sample_weight=None, rows=None
        )

    def begin_rung(self, rung: Rung, n_restarts: int, n_workers: int) -> None:
        """Tell of a rung, if it is one of a race."""
        if self._is_race:
            self._of_restarts = self._fit.subcontext(
                "rung", max_subtasks=n_restarts, sequential_subtasks=False
            )
            self._of_restarts.call_on_fit_task_begin(**self._hooks)

    @contextmanager
    def follow(self, restart: Restart, n_epochs: int) -> Iterator[Watch]:
        """Tell of a restart; what is yielded tells of its epochs."""
        n_more = n_epochs - restart.n_iter
        context = self._of_restarts.subcontext("restart", restart.index, max_subtasks=n_more)
        context.call_on_fit_task_begin(**self._hooks)
        yield _Epochs(self, context)
        restart.ends_fit = self.end_task(context, restart)

    def gather(self, restart: Restart) -> bool:
        """Return whether a callback ended the fit at the end of this restart."""
        return restart.ends_fit

    def end_rung(self) -> bool:
        """Tell of the end of a rung; return whether a callback ends the fit."""
        return self._is_race and self._of_restarts.call_on_fit_task_end(**self._hooks)

    def begin_task(self, context: Any) -> None:
        """Tell of the beginning of a task."""
        context.call_on_fit_task_begin(**self._hooks)

    def end_task(self, context: Any, restart: Restart) -> bool:
        """Tell of the end of a task of a restart; return whether a callback wants it to end."""

        def reconstruct() -> dict:
            fitted, one = SimpleNamespace(), replace(restart, index=0)
            training = replace(self._training, restarts=[one])
            self._set_fitted(
                fitted, training, [one], self._objective, by_score=False, keep_state=False
            )
            return vars(fitted)

        return context.call_on_fit_task_end(**self._hooks, reconstruction_attributes=reconstruct)


class _Epochs(Watch):
    """Tells callbacks of the epochs of a restart (or iterations of L-BFGS)."""

    def __init__(self, callbacks: Callbacks, context: Any):
        self._callbacks, self._context = callbacks, context
        self._epoch: Any = None

    def choose_chunk(self, longest: int) -> int:
        self._begin()
        return 1

    def look(self, restart: Restart) -> bool:
        if self._epoch is None:  # L-BFGS does not tell before an iteration
            self._begin()
        epoch, self._epoch = self._epoch, None
        return self._callbacks.end_task(epoch, restart)

    def _begin(self) -> None:
        self._epoch = self._context.subcontext("epoch")
        self._callbacks.begin_task(self._epoch)
