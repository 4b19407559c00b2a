"""`PathRecorder`: a callback that notes where restarts are after every epoch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from sklearn_init._checks import is_integer
from sklearn_init.network import Layout


class PathRecorder:
    """A callback that records the way of every restart through the space of weights.

    From scikit-learn 1.9 on: ``clf.set_callbacks(recorder).fit(X, y)``. It looks and changes
    nothing: the fit has the same bits. What it takes down is the network as if training had ended
    there; with early stopping that is the best one so far. A row has as many numbers as the
    network, and 100 epochs of 8 restarts of 7,000 weights take 45 MB: `every` saves memory.

    A new fit begins anew, also one that continues another, by ``warm_start=True`` or from a
    checkpoint: its paths do not begin at the start, but at the first epoch in it that is recorded.
    `partial_fit` calls no callbacks, so that nothing is recorded.

    Restarts train in threads by default. In other processes, as in those of a grid search, or
    where the compiled engine is not there and ``n_jobs`` is not 1, copies of the recorder listen,
    and what they hear does not come back: `paths_` is empty then.

    Parameters
    ----------
    every : int, default=1
        How many epochs (iterations of L-BFGS) lie between two rows, 1 at least.

    Attributes
    ----------
    paths_ : dict of int to ndarray of shape (n_points, n_params)
        By restart, in the order of `coefs_`, then `intercepts_`, flattened: the start, unless
        the fit is a continuation, every `every`-th epoch, and the last one.

    Raises
    ------
    ValueError
        If `every` is not a positive integer.

    See Also
    --------
    LandscapeDisplay : Draws the paths on the map of the loss.
    LossCurvesDisplay : How high the walkers are.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.inspection import PathRecorder
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier(
    ...     (7,), learning_rate_init=0.01, tol=0.01, n_restarts=3, random_state=0
    ... )
    >>> recorder = PathRecorder(every=5)
    >>> if hasattr(clf, "set_callbacks"):  # from scikit-learn 1.9 on
    ...     clf = clf.set_callbacks(recorder).fit(X, y)
    ...     assert sorted(recorder.paths_) == [0, 1, 2]
    ...     assert recorder.paths_[2].shape[1] == 4 * 7 + 7 * 3 + 7 + 3
    """

    def __init__(self, every: int = 1):
        if not is_integer(every) or every < 1:
            raise ValueError(f"every={every!r} is not allowed: expected an integer, 1 at least.")
        self.every = every

    @property
    def paths_(self) -> dict[int, NDArray]:
        """The paths by restart."""
        if not hasattr(self, "_rows"):
            raise NotFittedError(
                "PathRecorder has recorded nothing yet: call clf.set_callbacks(recorder).fit(X, y)"
                ", which needs scikit-learn 1.9 or later."
            )
        return {restart: np.stack(rows) for restart, rows in sorted(self._rows.items())}

    def setup(self, estimator: Any, context: Any) -> None:
        """Begin anew: a fit begins.

        Paths of the last fit are forgotten.

        Parameters
        ----------
        estimator : estimator
            The one that is fitted.
        context : sklearn.callback.CallbackContext
            The task: the fit.

        See Also
        --------
        on_fit_task_end : Record.

        Examples
        --------
        >>> from sklearn_init.inspection import PathRecorder
        >>> recorder = PathRecorder()
        >>> recorder.setup(None, None)
        >>> recorder.paths_
        {}
        """
        self._rows: dict[int, list[NDArray]] = {}
        self._epochs: dict[int, int] = {}  # of the last row
        # such as fit understands it: epochs count from 1 again, but the start is the first fit's
        self._is_continued = getattr(estimator, "warm_start", False) and hasattr(
            estimator, "coefs_"
        )

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing.

        Nothing has changed since the end of the last task.

        Parameters
        ----------
        estimator : estimator
            The one that is fitted.
        context : sklearn.callback.CallbackContext
            The task.

        See Also
        --------
        on_fit_task_end : Record.

        Examples
        --------
        >>> from sklearn_init.inspection import PathRecorder
        >>> PathRecorder().on_fit_task_begin(None, None)
        """

    teardown = on_fit_task_begin

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        """Record where a restart is, at the end of an epoch, and of the restart.

        Other tasks are none of its business.

        Parameters
        ----------
        estimator : estimator
            The one that is fitted.
        context : sklearn.callback.CallbackContext
            The task: an epoch, a restart, a rung or the fit.
        fitted_estimator : InitMLPClassifier or InitMLPRegressor, default=None
            The network as if training had ended there.

        See Also
        --------
        setup : Begin anew.

        Examples
        --------
        >>> from types import SimpleNamespace as Some
        >>> import numpy as np
        >>> from sklearn_init.inspection import PathRecorder
        >>> recorder = PathRecorder()
        >>> recorder.setup(None, None)
        >>> restart = Some(task_name="restart", task_id=4, parent=None)
        >>> network = Some(coefs_=[np.array([[2.0], [3.0]])], intercepts_=[np.ones(1)], n_iter_=1)
        >>> recorder.on_fit_task_end(None, restart, fitted_estimator=network)
        >>> recorder.paths_[4].tolist()
        [[2.0, 3.0, 1.0]]
        """
        is_end = context.task_name == "restart"
        if not is_end and context.task_name != "epoch":
            return
        restart = context.task_id if is_end else context.parent.task_id
        epoch = fitted_estimator.n_iter_
        if not is_end and epoch % self.every:
            return
        rows = self._rows.setdefault(restart, [])
        # one that goes on from a checkpoint is seen late
        is_new = not (rows or self._is_continued) and epoch <= self.every
        if is_new and hasattr(fitted_estimator, "initial_coefs_"):
            rows.append(
                _flatten(fitted_estimator.initial_coefs_, fitted_estimator.initial_intercepts_)
            )
            self._epochs[restart] = 0
        last = self._epochs.get(restart)
        # the end of a rung may be no end, and lie between two of the epochs asked for
        if last is not None and (last == epoch or last % self.every):
            rows.pop()
        rows.append(_flatten(fitted_estimator.coefs_, fitted_estimator.intercepts_))
        self._epochs[restart] = epoch


def _flatten(weights: list[NDArray], biases: list[NDArray]) -> NDArray:
    return Layout.of(weights).row(weights, biases)
