"""`ComparisonDisplay`: scores of schemes with their intervals, and their ranks."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_init.inspection.displays._drawing import (
    BLUE,
    GRAY,
    INK,
    ORANGE,
    PAPER,
    find_color,
    find_colors,
    make_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ATTRIBUTES = ("baseline", "coverage", "friedman", "metric", "scores")
"""What a comparison has besides its columns."""

STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("baseline", {"marker": "D", "mfc": INK}),
    "better": ("better than the baseline ({level})", {"marker": ">", "mfc": BLUE, "ms": 9}),
    "worse": ("worse than the baseline ({level})", {"marker": "<", "mfc": ORANGE, "ms": 9}),
    "other": ("no significant difference", {"marker": "o", "mfc": PAPER}),
}
"""What a scheme is beside the baseline: its name in the legend, and its marker."""

SQUEEZED = 10
"""Scores spread over more than so many times the width of a scheme do not share an axis."""

LONGEST = 26
"""Characters of a line of a scheme's name, which has two lines at most."""


class ComparisonDisplay:
    """A comparison of schemes: scores with intervals, and ranks with their critical difference.

    A row per scheme, the best one on top. The left panel shows the mean score with its interval,
    by the corrected t test, and a faint dot per fold: the mean over its restarts. The marker says
    whether a scheme differs from the baseline after Holm's correction. A scheme so far behind
    that nothing could be told of the others has its marker at the left edge, with its score as a
    number. One that could not be trained has no marker.

    The right panel shows the mean ranks within folds, 1 for the best, and as a bar the critical
    difference of Nemenyi's test: bars at the side join schemes whose mean ranks differ by less.
    It is made for independent data sets; folds share rows, and it sees differences too often.
    The panel is absent where there are fewer than two schemes or folds.

    Use `from_comparison` to make one.

    Parameters
    ----------
    comparison : Comparison
        What `compare_initializers` returns.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes of shape (2,) or (1,)
        The panels: scores, ranks.
    figure_ : matplotlib Figure
        That holds them.

    See Also
    --------
    sklearn_init.compare_initializers : Compare schemes.

    References
    ----------
    J. Demšar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006.

    C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier, compare_initializers
    >>> from sklearn_init.inspection import ComparisonDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((7,), max_iter=9, random_state=0)
    >>> comparison = compare_initializers(clf, X, y, ["sklearn", "he_normal"], n_restarts=2)
    >>> display = ComparisonDisplay(comparison).plot()
    >>> [ax.get_xlabel() for ax in display.ax_]
    ['accuracy, with 95% interval', 'mean rank (1: best in all folds)']
    """

    def __init__(self, comparison: Any):
        self.comparison = comparison

    @classmethod
    def from_comparison(cls, comparison: Any, *, ax: "Axes | None" = None) -> "ComparisonDisplay":
        """Draw a comparison.

        Everything is in the comparison already: nothing is trained or tested again.

        Parameters
        ----------
        comparison : Comparison
            What `compare_initializers` returns.
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            With what was drawn.

        Raises
        ------
        TypeError
            If it is not a comparison.
        ValueError
            If `ax` is not in a grid.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        ComparisonDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier, compare_initializers
        >>> from sklearn_init.inspection import ComparisonDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((7,), max_iter=9, random_state=0)
        >>> comparison = compare_initializers(clf, X, y, ["sklearn", "zeros"], n_restarts=2)
        >>> display = ComparisonDisplay.from_comparison(comparison)
        >>> [label.get_text() for label in display.ax_[0].get_yticklabels()]
        ['sklearn', 'zeros']
        """
        is_like_one = isinstance(comparison, Mapping) and "p_value_holm" in comparison
        if not is_like_one or not all(hasattr(comparison, name) for name in ATTRIBUTES):
            raise TypeError(
                f"comparison is a {type(comparison).__name__}: expected the Comparison that "
                "compare_initializers(estimator, X, y, schemes) returns."
            )
        return cls(comparison).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "ComparisonDisplay":
        """Draw the panels.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        ComparisonDisplay
            Itself, with `ax_` and `figure_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `ax` is not in a grid.

        See Also
        --------
        ComparisonDisplay.from_comparison : Check what is drawn, and draw it.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier, compare_initializers
        >>> from sklearn_init.inspection import ComparisonDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((7,), max_iter=9, random_state=0)
        >>> comparison = compare_initializers(clf, X, y, ["sklearn", "zeros"], n_restarts=2)
        >>> ComparisonDisplay(comparison).plot().ax_.shape
        (2,)
        """
        comparison = self.comparison
        order = np.argsort(comparison["rank_test_score"], kind="stable")
        n_panels = 1 if comparison.friedman is None else 2
        size = (2.6 + 3.7 * n_panels, 2.3 + 0.42 * len(order))
        self.figure_, axes = make_axes(ax, 1, n_panels, size)
        self.ax_ = axes[0]
        self._draw_scores(self.ax_[0], order)
        names = ["\n".join(_shorten(name)) for name in comparison["scheme"][order]]
        for panel in self.ax_:
            panel.set(ylim=(len(order) - 0.4, -0.6 if n_panels == 1 else -1.2))
            panel.set_yticks(
                range(len(order)), names if panel is self.ax_[0] else [""] * len(names)
            )
            panel.grid(axis="x", color=GRAY, alpha=0.22, zorder=0)
            panel.set_axisbelow(True)
        self.ax_[0].set_ylabel("scheme")
        if n_panels == 2:
            self._draw_ranks(self.ax_[1], order)
        for panel in self.ax_:
            if panel.get_legend_handles_labels()[1]:
                place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 5}
                panel.legend(**place, fontsize="small")
        return self

    def _draw_scores(self, ax: "Axes", order: NDArray) -> None:
        comparison, states = self.comparison, find_states(self.comparison)[order]
        folds = comparison.scores.mean(axis=2)[order]
        means, lower, upper = (
            comparison[name][order] for name in ("mean_test_score", "lower", "upper")
        )
        extents = np.column_stack([folds, means, lower, upper])
        n_known = int(np.isfinite(means).sum())  # the others have the last ranks
        n_shown = count_shown(means[:n_known], extents[:n_known])
        if n_shown:
            low, high = np.nanmin(extents[:n_shown]), np.nanmax(extents[:n_shown])
            pad = 0.06 * (high - low) or 0.05
            ax.set_xlim(low - pad, high + pad)
            ax.locator_params(axis="x", nbins=6)
        label = "a fold: mean over its restarts"
        for row in range(n_shown):
            ax.hlines(row, lower[row], upper[row], color=find_color(INK), lw=1.2, zorder=2)
            below = np.full(folds.shape[1], row + 0.24)
            ax.plot(folds[row], below, "o", ms=3, color=GRAY, alpha=0.7, mew=0, label=label)
            label = "_"  # no further line in the legend
        notes = {row: f"← {means[row]:.3g}, off the scale" for row in range(n_shown, n_known)}
        notes |= dict.fromkeys(range(n_known, len(order)), "could not be trained")
        beside, box = ax.get_yaxis_transform(), find_colors(fc=PAPER, ec="none", pad=1)
        for row, text in notes.items():
            ax.text(0.06, row, text, transform=beside, va="center", fontsize="small", bbox=box)
        level = f"p < {1 - comparison.coverage:.2g}, Holm"
        for state, (name, style) in STATES.items():
            label = name.format(level=level)
            for row in np.flatnonzero(states[:n_known] == state).tolist():
                is_shown = row < n_shown
                place: dict[str, Any] = {} if is_shown else {"transform": beside}
                look = find_colors(**{"ms": 7, "mec": INK, "ls": "", "zorder": 3, **style})
                ax.plot(means[row] if is_shown else 0.03, row, **look, **place, label=label)
                label = "_"
        (middle,) = means[states == "baseline"]
        if middle in means[:n_shown]:
            look = find_colors(color=INK, lw=0.9, ls="--", zorder=1)
            ax.axvline(middle, **look, label="mean of the baseline")
        ax.set_xlabel(f"{comparison.metric}, with {comparison.coverage:.0%} interval")

    def _draw_ranks(self, ax: "Axes", order: NDArray) -> None:
        friedman = self.comparison.friedman
        ranks = self.comparison["mean_rank"][order]
        distance = friedman.critical_difference
        n_ranked = int(np.isfinite(ranks).sum())
        p_value = f"= {friedman.p_value:.2g}" if friedman.p_value >= 0.001 else "< 0.001"
        ax.plot(ranks, np.arange(len(ranks)), "o", ms=6, color=find_color(INK), zorder=3)
        ends = np.array([1.0, 1.0 + distance])
        label = f"critical difference: {distance:.2f}"
        ax.plot(ends, [-0.75, -0.75], color=BLUE, lw=2, marker="|", ms=9, mew=2, label=label)
        label = "joined: differ by less"
        beside = ax.get_yaxis_transform()
        for number, rows in enumerate(find_groups(ranks, distance)):
            places = np.full(len(rows), 1.04 + 0.04 * number)
            style: dict[str, Any] = {"color": GRAY, "lw": 3, "marker": "o", "ms": 6}
            ax.plot(places, rows, **style, transform=beside, clip_on=False, label=label)
            label = "_"
        ax.set(
            xlim=(max(n_ranked, ends[1]) + 0.3, 0.7),  # the best to the right, as in the scores
            xlabel="mean rank (1: best in all folds)",
            title=f"Friedman's test: p {p_value}",
        )


def find_states(comparison: Any) -> NDArray:
    """Return the key of `STATES` for every scheme, as the verdict has it."""
    is_found = comparison["p_value_holm"] <= 1 - comparison.coverage
    states = np.where(comparison["difference"] > 0, "better", "worse")
    states = np.where(is_found, states, "other").astype(object)
    states[comparison["scheme"] == comparison.baseline] = "baseline"
    return states


def count_shown(means: NDArray, extents: NDArray) -> int:
    """Return how many schemes, from the best one on, can share an axis.

    That is as many as do not spread over more than `SQUEEZED` times the width, in the median, of
    what is drawn of each of them; all of them, if the best one would be alone.

    Parameters
    ----------
    means : ndarray of shape (n_schemes,)
        Falling.
    extents : ndarray of shape (n_schemes, n)
        Numbers that are drawn.
    """
    widths = [np.nanmax(row) - np.nanmin(row) for row in extents]
    fits = [
        n
        for n in range(2, len(means) + 1)
        if means[0] - means[n - 1] <= SQUEEZED * (np.median(widths[:n]) or np.inf)
    ]
    return max(fits, default=len(means))


def find_groups(ranks: ArrayLike, distance: float) -> list[NDArray]:
    """Return the groups of rows whose ranks differ by less than a distance, the largest ones.

    Parameters
    ----------
    ranks : array-like of shape (n_schemes,)
        NaN belongs to no group.
    distance : float

    Returns
    -------
    list of ndarray of int
        Rows in order; none is alone, and no group is part of another one.
    """
    ranks = np.asarray(ranks)
    known = ranks[np.isfinite(ranks)]
    groups: list[NDArray] = []
    for lowest in np.unique(known):
        rows = np.flatnonzero((ranks >= lowest) & (ranks - lowest < distance))
        if len(rows) > 1 and not (groups and np.isin(rows, groups[-1]).all()):
            groups.append(rows)
    return groups


def _shorten(name: str) -> list[str]:
    """Return the lines of a name, two at most."""
    return wrap(name, LONGEST, max_lines=2, placeholder="…") or [""]
