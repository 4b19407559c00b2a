"""`LandscapeDisplay`: the loss on the plane through three networks, and walkers on it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_init._checks import is_integer
from sklearn_init.inspection._network import check_rows, enter_pipeline
from sklearn_init.inspection._paths import PathRecorder
from sklearn_init.inspection.displays._drawing import (
    GRAY,
    INK,
    ORANGE,
    PAPER,
    SIGNED,
    find_color,
    find_colors,
    make_axes,
)
from sklearn_init.inspection.displays._loss_curves import LABELS, WIDE
from sklearn_init.inspection.displays._plane import Plane, choose_corners
from sklearn_init.inspection.displays._terrain import (
    check_paths,
    find_fate,
    list_candidates,
    make_grid,
    measure_losses,
    sample_objective,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FATES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "best": ("best, restart {restarts}", {"color": INK, "lw": 2.2, "zorder": 2.5}, {"ms": 7}),
    "finished": ("others, to the end ({n})", {"color": INK, "lw": 0.9}, {}),
    "dropped": ("dropped at a rung ({n})", {"color": GRAY, "lw": 0.9}, {}),
    "diverged": ("diverged ({n})", {"color": ORANGE, "lw": 1.2, "ls": ":"}, {"marker": "X"}),
}
"""What may become of a walker: its name in the legend, how its path looks, and its start."""

N_LEVELS, MOST_TICKS = 16, 8
"""Levels of the contours, about, and how many of them have numbers."""

PALE = 0.6
"""The opacity of the ground, so that black lines are seen on its darkest parts."""


class LandscapeDisplay:
    """The loss on the plane through three networks, with the paths of walkers.

    The landscape has as many dimensions as the network has weights and biases; this is a cut
    through three points of it, to scale: equal distances in the picture are equal distances
    between weights, which are Euclidean. The losses are those on the plane; the paths are not on
    it, but are projected onto it, orthogonally, and may be far above or below. The legend says
    which share of the squared length of their steps lies in the plane.

    Use `from_estimator` to make one.

    Parameters
    ----------
    losses : ndarray of shape (n_y, n_x)
        The loss at every place of the grid.
    x, y : ndarray of shape (n_x,) and (n_y,)
        The coordinates of the grid, in units of weights.
    points : mapping of str to ndarray of shape (2,)
        Three names with their places; the horizontal axis goes from the first to the second.
    paths : mapping of int to ndarray of shape (n_points, 2), default=None
        Places of the walkers by restart, their starts first.
    shares : mapping of int to float, default=None
        Which share of a path's squared length lies in the plane, by restart.
    fates : mapping of int to {"best", "finished", "dropped", "diverged"}, default=None
        What became of the walkers; None is "finished" for all.
    label : str, default="loss"
        What the heights are called.

    Attributes
    ----------
    ax_ : matplotlib Axes
        With the map.
    figure_ : matplotlib Figure
        That holds it.

    See Also
    --------
    PathRecorder : Records paths.
    LossCurvesDisplay : How high the walkers are, epoch by epoch.

    References
    ----------
    T. Garipov, P. Izmailov, D. Podoprikhin, D. Vetrov and A. G. Wilson, "Loss surfaces, mode
    connectivity, and fast ensembling of DNNs", NeurIPS 2018, arXiv:1802.10026.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init.inspection import LandscapeDisplay
    >>> x, y = np.linspace(-1, 3, 9), np.linspace(-1, 2, 7)
    >>> display = LandscapeDisplay(
    ...     losses=x**2 + y[:, np.newaxis] ** 2,
    ...     x=x,
    ...     y=y,
    ...     points={"a": np.array([0, 0]), "b": np.array([2, 0]), "c": np.array([0.5, 1])},
    ... )
    >>> display.plot().ax_.get_xlabel()
    'from a towards b (units of weights)'
    """

    def __init__(
        self,
        *,
        losses: NDArray,
        x: NDArray,
        y: NDArray,
        points: Mapping[str, NDArray],
        paths: Mapping[int, NDArray] | None = None,
        shares: Mapping[int, float] | None = None,
        fates: Mapping[int, str] | None = None,
        label: str = "loss",
    ):
        self.losses, self.x, self.y = losses, x, y
        self.points = points
        self.paths = {} if paths is None else paths
        self.shares = {} if shares is None else shares
        self.fates = dict.fromkeys(self.paths, "finished") if fates is None else fates
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        paths: Mapping[int, NDArray] | PathRecorder | None = None,
        n_grid: int = 41,
        max_samples: int = 300,
        ax: "Axes | None" = None,
    ) -> "LandscapeDisplay":
        """Measure the loss around three networks of an estimator, and draw it.

        The three points are the weights of the best restart and of the two others with the lowest
        loss that were trained to the end (a race trains `restart_keep` at least). If there are
        fewer, their starts join, the best one's first, and then the point of the best path that
        is farthest from the line between its start and its end. A point on a line with those
        before it is passed over.

        The loss is that which training reports, penalty included, without dropout and without
        sample weights.

        Parameters
        ----------
        estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
            After `fit` or `partial_fit`; or a fitted pipeline that ends in one, whose other steps
            transform `X`.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows that trained it, or others, two at least.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets.
        paths : PathRecorder, or mapping of int to ndarray of shape (n_points, n_params), \
default=None
            The recorder that has seen the fit, or its `paths_`; None draws no walkers.
        n_grid : int, default=41
            The loss is measured at so many places along each side; 2 at least.
        max_samples : int, default=300
            At most so many rows are looked at, chosen at even distances.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        LandscapeDisplay
            With what was drawn.

        Raises
        ------
        NotFittedError
            If the estimator has no network yet.
        TypeError
            If it is not one of this package, or `paths` is no mapping.
        ValueError
            If no three points span a plane; if X or y do not fit the network, `paths` is empty or
            of another network, or `n_grid` or `max_samples` is not an integer, 2 at least.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        LandscapeDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import LandscapeDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier(
        ...     (7,), learning_rate_init=0.01, tol=0.01, n_restarts=3, random_state=0
        ... )
        >>> display = LandscapeDisplay.from_estimator(clf.fit(X, y), X, y, n_grid=11)
        >>> list(display.points)
        ['restart 0', 'restart 2', 'restart 1']
        """
        for name, value in (("n_grid", n_grid), ("max_samples", max_samples)):
            if not is_integer(value) or value < 2:
                raise ValueError(f"{name}={value!r} is not allowed: expected an integer > 1.")
        network, X, y = enter_pipeline(estimator, X, y)
        walks = check_paths(network, paths)
        corners = choose_corners(list_candidates(network, walks))
        if len(corners) < 3:
            raise ValueError(
                "estimator has no three networks that span a plane: train more restarts to the "
                "end (n_restarts=3, and in a race restart_keep=3), or record a path "
                "(PathRecorder) and give it as paths. (Pickles and files hold the restarts that "
                "predict; those of a fit with warm_start=True hold all.)"
            )
        X, targets = check_rows(network, X, y)
        if targets is None:
            raise ValueError("y is None, but the loss is measured against targets: give y.")
        objective = sample_objective(network, X, targets, max_samples)
        plane = Plane.through(*corners.values())
        points = {name: plane.project(row) for name, row in corners.items()}
        places = {restart: plane.project(walk) for restart, walk in walks.items()}
        fates = {restart: find_fate(network, restart) for restart in walks}
        x, y_grid = make_grid(np.stack(list(points.values())), places, fates, n_grid)
        display = cls(
            losses=measure_losses(objective, plane, x, y_grid),
            x=x,
            y=y_grid,
            points=points,
            paths=places,
            shares={restart: plane.find_share(walk) for restart, walk in walks.items()},
            fates=fates,
            label=LABELS[objective.loss.name],
        )
        return display.plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "LandscapeDisplay":
        """Draw the map.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        LandscapeDisplay
            Itself, with `ax_` and `figure_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        LandscapeDisplay.from_estimator : Draw that of an estimator.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init.inspection import LandscapeDisplay
        >>> x = np.linspace(-1, 3, 5)
        >>> corners = {"a": np.array([0, 0]), "b": np.array([2, 0]), "c": np.array([0.5, 1])}
        >>> display = LandscapeDisplay(losses=np.eye(5), x=x, y=x, points=corners, label="height")
        >>> display.plot().ax_.child_axes[0].get_ylabel()
        'height'
        """
        self.figure_, axes = make_axes(ax, 1, 1, (6.8, 5.0))
        self.ax_ = ax = axes.item()
        self._draw_ground(ax)
        for fate in FATES:
            self._draw_paths(ax, fate)
        self._draw_points(ax)
        first, second, _ = self.points
        ax.set(
            aspect="equal",
            xlim=(self.x[0], self.x[-1]),
            ylim=(self.y[0], self.y[-1]),
            xlabel=f"from {first} towards {second} (units of weights)",
            ylabel="at right angles to it (units of weights)",
        )
        if self.paths:
            ax.legend(
                title="paths, and which share of their squared length lies in the plane",
                loc="upper center",
                bbox_to_anchor=(0.5, 0),
                borderaxespad=5,
                fontsize="small",
                title_fontsize="small",
            )
        return self

    def _draw_ground(self, ax: "Axes") -> None:
        losses = np.ma.masked_invalid(self.losses)
        levels, norm = _choose_levels(losses.compressed())
        style: dict[str, Any] = {"levels": levels, "norm": norm}
        ground = ax.contourf(self.x, self.y, losses, cmap=SIGNED, alpha=PALE, **style)
        ax.contour(self.x, self.y, losses, levels, colors=find_color(PAPER), linewidths=0.4)
        beside = ax.inset_axes((1.03, 0, 0.04, 1))  # as high as the map
        ticks = levels[:: -(-len(levels) // MOST_TICKS)]
        bar = ax.figure.colorbar(ground, cax=beside, label=self.label, ticks=ticks, format="%.2g")
        bar.minorticks_off()

    def _draw_paths(self, ax: "Axes", fate: str) -> None:
        """Draw the paths of those who had the same fate, with dots where they started."""
        from matplotlib.patheffects import Normal, Stroke

        restarts = [restart for restart in self.paths if self.fates[restart] == fate]
        name, style, dot = FATES[fate]
        style = find_colors(**style)
        dot = find_colors(
            **{"marker": "o", "ms": 4.5, "mec": PAPER, "mew": 0.6, "zorder": 2.6, **dot}
        )
        halo = [Stroke(linewidth=style["lw"] + 1.6, foreground=find_color(PAPER)), Normal()]
        label = name.format(n=len(restarts), restarts=", ".join(map(str, restarts)))
        label += _describe([self.shares[restart] for restart in restarts if self.shares])
        for restart in restarts:
            path = self.paths[restart]
            ax.plot(*path.T, **style, label=label, path_effects=halo)
            ax.plot(*path[0], color=style["color"], **dot)
            label = "_"  # no further line in the legend

    def _draw_points(self, ax: "Axes") -> None:
        """Mark and label the three points."""
        from matplotlib.patheffects import withStroke

        halo = [withStroke(linewidth=2.5, foreground=find_color(PAPER))]
        diamond = find_colors(marker="D", ms=7, mfc=PAPER, mec=INK, mew=1.5, ls="", zorder=3)
        middle = (self.x[0] + self.x[-1]) / 2, (self.y[0] + self.y[-1]) / 2
        for name, place in self.points.items():
            ax.plot(*place, **diamond)
            is_left, is_low = np.less_equal(place, middle)  # paths come from the middle
            ax.annotate(
                name,
                (place[0], place[1]),
                xytext=(5 if is_left else -5, -8 if is_low else 8),
                textcoords="offset points",
                ha="left" if is_left else "right",
                va="top" if is_low else "bottom",
                path_effects=halo,
                zorder=3,
            )


def _choose_levels(losses: NDArray) -> tuple[NDArray, Any]:
    """Return the levels of the contours, and how they are spread over the colors."""
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.ticker import MaxNLocator

    low, high = float(losses.min()), float(losses.max())
    if low > 0 and high > WIDE * low:  # no rounding leaves the extremes out
        low, high = low * (1 - 1e-6), high * (1 + 1e-6)
        return np.geomspace(low, high, N_LEVELS), LogNorm(low, high)
    levels = np.asarray(MaxNLocator(N_LEVELS).tick_values(low, high))
    return levels, Normalize(levels[0], levels[-1])


def _describe(shares: list[float]) -> str:
    """Return which shares of paths lie in the plane, in percent."""
    percent = [f"{share:.0%}" for share in (min(shares), max(shares))] if shares else []
    return f": {' to '.join(dict.fromkeys(percent))}" if shares else ""
