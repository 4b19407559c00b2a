"""`LossCurvesDisplay`: the losses of all restarts, and what became of each."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init.inspection._network import find_network
from sklearn_init.inspection.displays._drawing import (
    BLUE,
    GRAY,
    INK,
    ORANGE,
    PAPER,
    count_in_integers,
    find_color,
    find_colors,
    make_axes,
)
from sklearn_init.losses import LOSS_OF_OUTPUT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {
    "squared_error": "half squared error + penalty (units of y, squared)",
    "poisson": "half Poisson deviance + penalty (units of y)",
    "binary_log_loss": "log loss + penalty (nats)",
    "log_loss": "log loss + penalty (nats)",
}
"""What the axis is called, by the name of the loss."""

WIDE = 20
"""Losses that span more than this factor have a logarithmic axis."""


class LossCurvesDisplay:
    """Loss curves of all restarts.

    The best restart has a thick line, and a dashed one on the validation rows if there are any.
    Those that lost a race fade until the rung where they were dropped, which a circle marks. A
    cross marks where a restart diverged, or left the picture.

    Use `from_estimator` to make one.

    Parameters
    ----------
    loss_curves : ndarray of shape (n_restarts, n_epochs)
        The loss after every epoch, NaN after the last one of a restart.
    best_restart : int
        Which restart is highlighted.
    dropped : ndarray of bool of shape (n_restarts,)
        Which restarts lost a race.
    diverged : ndarray of bool of shape (n_restarts,)
        Which restarts diverged.
    validation_loss_curve : ndarray of shape (n_epochs,), default=None
        The loss of the best restart on the validation rows.
    label : str, default="loss"
        What the vertical axis is called.

    Attributes
    ----------
    ax_ : matplotlib Axes
        With the curves.
    figure_ : matplotlib Figure
        That holds them.

    See Also
    --------
    sklearn_init.InitMLPClassifier : Its `restarts_` has the curves.
    SignalDisplay : What may be wrong if no curve goes down.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init.inspection import LossCurvesDisplay
    >>> display = LossCurvesDisplay(
    ...     loss_curves=np.array([[0.9, 0.5, 0.4], [1.0, 0.8, np.nan]]),
    ...     best_restart=0,
    ...     dropped=np.array([False, True]),
    ...     diverged=np.array([False, False]),
    ... )
    >>> display.plot().ax_.get_xlabel()
    'epoch'
    """

    def __init__(
        self,
        *,
        loss_curves: NDArray,
        best_restart: int,
        dropped: NDArray,
        diverged: NDArray,
        validation_loss_curve: NDArray | None = None,
        label: str = "loss",
    ):
        self.loss_curves = loss_curves
        self.best_restart = best_restart
        self.dropped, self.diverged = dropped, diverged
        self.validation_loss_curve = validation_loss_curve
        self.label = label

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: "Axes | None" = None) -> "LossCurvesDisplay":
        """Draw the loss curves of a fitted estimator.

        They are those of `restarts_`, the losses that training reported, penalty included.

        Parameters
        ----------
        estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
            Trained with ``solver="adam"`` or ``"sgd"``; or a pipeline that ends in one.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        LossCurvesDisplay
            With what was drawn.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it is not one of this package.
        ValueError
            If it has no loss curve: after `initialize`, and with ``solver="lbfgs"``.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        LossCurvesDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import LossCurvesDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier(
        ...     (7,), learning_rate_init=0.01, tol=0.01, n_restarts=9, random_state=0,
        ...     restart_strategy="halving",
        ... )
        >>> display = LossCurvesDisplay.from_estimator(clf.fit(X, y))
        >>> display.ax_.get_ylabel()
        'log loss + penalty (nats)'
        """
        network = find_network(estimator)
        record, best = network.restarts_, network.best_restart_
        if record.loss_curves.shape[1] == 0:
            raise ValueError(
                "estimator has no loss curve, as it trained no epoch: call fit, with "
                "solver='adam' or 'sgd'."
            )
        validation_curve = record.validation_loss_curves[best]
        display = cls(
            loss_curves=record.loss_curves,
            best_restart=best,
            dropped=record["dropped"],
            diverged=record["diverged"],
            validation_loss_curve=(None if np.isnan(validation_curve).all() else validation_curve),
            label=LABELS[LOSS_OF_OUTPUT[network.out_activation_].name],
        )
        return display.plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "LossCurvesDisplay":
        """Draw the curves.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        LossCurvesDisplay
            Itself, with `ax_` and `figure_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        LossCurvesDisplay.from_estimator : Draw those of an estimator.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init.inspection import LossCurvesDisplay
        >>> display = LossCurvesDisplay(
        ...     loss_curves=np.array([[0.9, 0.5, 0.4]]),
        ...     best_restart=0,
        ...     dropped=np.array([False]),
        ...     diverged=np.array([False]),
        ... )
        >>> display.plot().figure_.get_layout_engine() is not None
        True
        """
        figure, axes = make_axes(ax, 1, 1, (6.4, 4.0))
        ax = axes.item()
        self.ax_, self.figure_ = ax, figure
        is_measured = ~self.diverged if not self.diverged.all() else self.diverged
        if _is_wide(self.loss_curves[is_measured]):
            ax.set_yscale("log")
        rest = np.arange(len(self.loss_curves)) != self.best_restart
        self._draw_best(ax)
        _draw_finished(ax, self.loss_curves[rest & ~self.dropped & ~self.diverged])
        _draw_dropped(ax, self.loss_curves[rest & self.dropped & ~self.diverged])
        _draw_diverged(ax, self.loss_curves[self.diverged], is_alone=bool(self.diverged.all()))
        ax.set(xlabel="epoch", ylabel=self.label)
        count_in_integers(ax)
        ax.legend()
        return self

    def _draw_best(self, ax: "Axes") -> None:
        best = self.loss_curves[self.best_restart]
        look: dict[str, Any] = {"lw": 2.2, "zorder": 2.5}
        label = f"best, restart {self.best_restart}"
        _draw_curve(ax, best, **look, color=find_color(INK), label=label)
        curve = self.validation_loss_curve
        if curve is not None:
            label = "best, on validation rows (no penalty)"
            _draw_curve(ax, curve, **look, color=BLUE, ls="--", label=label)


def _draw_curve(ax: "Axes", curve: NDArray, **look: Any) -> None:
    """Draw a curve, or a dot if it has one point only."""
    marker = "o" if np.isfinite(curve).sum() == 1 else ""
    ax.plot(_count(curve), curve, marker=marker, **look)


def _draw_finished(ax: "Axes", curves: NDArray) -> None:
    label = f"others, to the end ({len(curves)})"
    for curve in curves:
        _draw_curve(ax, curve, color=GRAY, lw=0.9, label=label)
        label = "_"  # no further line in the legend


def _draw_dropped(ax: "Axes", curves: NDArray) -> None:
    """Draw curves that fade, with a circle where they end."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    ends = []
    for curve in curves:
        points = np.stack([_count(curve), curve], axis=1)[np.isfinite(curve)]
        segments = np.stack([points[:-1], points[1:]], axis=1)
        colors = np.tile(to_rgba(GRAY), (len(segments), 1))
        colors[:, 3] = np.linspace(1.0, 0.25, len(segments))
        ax.add_collection(LineCollection(list(segments), colors=colors, linewidths=0.9))
        ends.append(points[-1])
    if ends:
        label = f"dropped at a rung ({len(ends)})"
        style = find_colors(ls="", marker="o", ms=4, mfc=PAPER, mec=GRAY)
        ax.plot(*np.transpose(ends), **style, label=label)


def _draw_diverged(ax: "Axes", curves: NDArray, *, is_alone: bool) -> None:
    """Draw curves that leave the picture, if others need it, with a cross where they do."""
    if len(curves) == 0:
        return
    if not is_alone:
        ax.set_ylim(ax.get_ylim())  # what was drawn so far fills the picture
    for curve in curves:
        ax.plot(_count(curve), curve, color=ORANGE, lw=1.2, ls=":")
    top = ax.get_ylim()[1]
    exits = [_find_exit(curve, top) for curve in curves]
    style = find_colors(marker="X", ms=7, mfc=ORANGE, mec=INK, clip_on=False)
    label = f"diverged ({len(curves)})"
    ax.plot(*np.transpose(exits), **style, ls="", label=label, zorder=3, scaley=False)


def _count(curve: NDArray) -> NDArray:
    """Return the epochs of a curve; the first one is number 1."""
    return np.arange(1, len(curve) + 1)


def _is_wide(curves: NDArray) -> bool:
    """Whether losses are positive and span orders of magnitude."""
    measured = curves[np.isfinite(curves)]
    return bool(measured.size and measured.min() > 0 and np.ptp(np.log(measured)) > np.log(WIDE))


def _find_exit(curve: NDArray, top: float) -> tuple[int, float]:
    """Return epoch and loss where a curve ends, or rises above the top of the picture."""
    last = np.flatnonzero(~np.isnan(curve))[-1:]
    if not last.size:
        return 1, top
    is_above = curve[: last[0] + 1] > top
    index = int(is_above.argmax()) if is_above.any() else int(last[0])
    return index + 1, min(float(curve[index]), top)
