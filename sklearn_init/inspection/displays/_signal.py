"""`SignalDisplay`: what becomes of signals on their way through a network and back."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_init.inspection._diagnose import diagnose
from sklearn_init.inspection._diagnosis import Diagnosis
from sklearn_init.inspection.displays._drawing import (
    BLUE,
    GRAY,
    INK,
    ORANGE,
    find_colors,
    make_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VARIANCES = {
    "z_variance": ("forward", "variance of z\n(units of z, squared)"),
    "delta_variance": ("backward", "variance of delta\n(units of delta, squared)"),
}
"""Measures of panels: what they are called, and their axes."""

SHARES: dict[str, tuple[str, dict[str, Any]]] = {
    "saturated": ("saturated activations", {"color": BLUE, "ls": "-", "marker": "s"}),
    "dead": ("dead units", {"color": ORANGE, "ls": "--", "marker": "^"}),
}
"""Measures of the panel of shares: what they are called, and how they look."""

LEAST_SPAN = 100.0
"""The factor that axes of variances span at least, so that what is nearly level looks level."""

MOST_TICKS = 12
"""More layers are not all numbered; of numbers with three digits, half as many have room."""

MOST_MARKERS = 50
"""Lines through more layers have no markers, which would hide the lines."""


class SignalDisplay:
    """Signals through depth: forward and backward variance, and saturation.

    Three panels, from the first hidden layer to the output layer. Signals that neither grow nor
    shrink are level lines in the first two, whose axes are logarithmic; a cross at the lower edge
    is a variance of zero, one at the upper edge a variance that is infinite or unknown. The third
    one shows the share of activations that are saturated, where the activation can be, and of
    units that pass no gradient for any row.

    Use `from_estimator` to make one.

    Parameters
    ----------
    diagnosis : Diagnosis
        What `diagnose` returns. The first of its networks, the best restart, has thick lines.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes of shape (3,)
        The panels: forward, backward, shares.
    figure_ : matplotlib Figure
        That holds them.

    See Also
    --------
    sklearn_init.diagnose : Measures all this, and says what is wrong.
    SymmetryDisplay : Whether units are different.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.inspection import SignalDisplay, diagnose
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((20, 20), random_state=0).initialize(scale(X), y)
    >>> display = SignalDisplay(diagnose(clf, scale(X), y)).plot()
    >>> [ax.get_title() for ax in display.ax_]
    ['forward', 'backward', 'shares']
    """

    def __init__(self, diagnosis: Diagnosis):
        self.diagnosis = diagnosis

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike | None = None, *, ax: "Axes | None" = None
    ) -> "SignalDisplay":
        """Send rows through the networks of an estimator, and draw what becomes of them.

        All kept networks are drawn. `diagnose` takes the same arguments.

        Parameters
        ----------
        estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
            After `initialize`, `fit` or `partial_fit`; or a fitted pipeline that ends in one.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows like those that train, two at least.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Their targets. Without them the backward signal is that of random directions in the
            output.
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        SignalDisplay
            With what was drawn.

        Raises
        ------
        NotFittedError
            If the estimator has no network yet.
        TypeError
            If it is not one of this package.
        ValueError
            If X or y do not fit the network, or if `ax` is not in a grid.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        SignalDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.preprocessing import scale
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import SignalDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((20, 20), activation="tanh", random_state=0)
        >>> display = SignalDisplay.from_estimator(clf.initialize(scale(X), y), scale(X), y)
        >>> display.ax_[0].get_yscale()
        'log'
        """
        return cls(diagnose(estimator, X, y)).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "SignalDisplay":
        """Draw the panels.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        SignalDisplay
            Itself, with `ax_` and `figure_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `ax` is not in a grid.

        See Also
        --------
        SignalDisplay.from_estimator : Draw those of an estimator.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import SignalDisplay, diagnose
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((20, 20), random_state=0).initialize(X, y)
        >>> len(SignalDisplay(diagnose(clf, X, y)).plot().ax_)
        3
        """
        self.figure_, axes = make_axes(ax, 1, 3, (10.0, 3.4))
        self.ax_ = axes[0]
        for panel, (name, (title, label)) in zip(self.ax_[:2], VARIANCES.items(), strict=True):
            _draw_variances(panel, self.diagnosis[name], self.diagnosis.restarts)
            panel.set(title=title, ylabel=label)
        _draw_shares(self.ax_[2], self.diagnosis)
        for panel in self.ax_:
            _number_layers(panel, len(self.diagnosis.sizes) - 1)
            if panel.get_legend_handles_labels()[1]:
                panel.legend(fontsize="small")
        return self


def _draw_variances(ax: "Axes", variances: NDArray, restarts: NDArray) -> None:
    """Draw a line per network, the first one thick, and crosses for what has no logarithm."""
    ax.set_yscale("log")
    layers = np.arange(1, variances.shape[1] + 1)
    with np.errstate(invalid="ignore"):
        is_positive = (variances > 0) & np.isfinite(variances)
    shown = np.where(is_positive, variances, np.nan)
    label = "other kept restarts"
    for line in shown[1:]:
        ax.plot(layers, line, color=GRAY, lw=0.9, label=label)
        label = "_"  # no further line in the legend
    look = find_colors(color=INK, lw=2, marker="o" if len(layers) <= MOST_MARKERS else "", ms=4)
    ax.plot(layers, shown[0], **look, label=f"restart {restarts[0]}")
    low, high = ax.get_ylim()
    widening = max(LEAST_SPAN * low / high, 1.0) ** 0.5
    ax.set_ylim(low / widening, high * widening)
    for height, is_there, label in (
        (0, (variances == 0).any(axis=0), "zero"),
        (1, (~np.isfinite(variances)).any(axis=0), "not finite"),
    ):
        if is_there.any():
            style = find_colors(ls="", marker="X", mfc=ORANGE, mec=INK, clip_on=False)
            heights = np.full(is_there.sum(), float(height))
            edge = ax.get_xaxis_transform()  # from 0, the lower edge, to 1, the upper one
            ax.plot(layers[is_there], heights, transform=edge, **style, label=label, zorder=3)


def _draw_shares(ax: "Axes", diagnosis: Diagnosis) -> None:
    layers = np.arange(1, len(diagnosis.sizes))
    for name, (label, style) in SHARES.items():
        percent = 100 * diagnosis[name]
        if np.isnan(percent).all():  # the activation does not saturate
            continue
        for line in percent[1:]:
            ax.plot(layers, line, color=style["color"], ls=style["ls"], lw=0.9, alpha=0.4)
        if len(layers) > MOST_MARKERS:
            style = {**style, "marker": ""}
        ax.plot(layers, percent[0], **style, lw=2, ms=4, label=label)
    ax.set(title="shares", ylabel="share (%)", ylim=(-4, 104))


def _number_layers(ax: "Axes", n_layers: int) -> None:
    """Label hidden layers by number, not all of many, and the output layer."""
    step = -(-n_layers // (MOST_TICKS if n_layers < 100 else MOST_TICKS // 2))
    hidden = list(range(1, n_layers - step + 1, step))
    ax.set(xlabel="layer", xlim=(0.7, n_layers + 0.3))
    ax.set_xticks([*hidden, n_layers], [*map(str, hidden), "out"])
