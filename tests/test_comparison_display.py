"""The picture of a comparison: scores beside the baseline, and ranks with who differs."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_init.comparison._statistics import rank_schemes
from sklearn_init.inspection import ComparisonDisplay
from sklearn_init.inspection.displays._comparison import (
    LONGEST,
    STATES,
    count_shown,
    find_groups,
    find_states,
)

pytestmark = pytest.mark.usefixtures("figures")


class Like(dict):
    """Has what a comparison has."""


def make(means, *, p_values=None, baseline=0, width=0.01, n_folds=5, names=None, coverage=0.95):
    """Return what looks like a comparison of schemes with these mean scores; NaN failed."""
    means = np.array(means, dtype=float)
    names = np.array(names or [f"s{i}" for i in range(len(means))], dtype=object)
    folds = means[:, np.newaxis] + width * np.linspace(-1, 1, n_folds)
    known = folds[np.isfinite(means)]
    like = Like(
        scheme=names,
        mean_test_score=means,
        lower=means - 1.5 * width,
        upper=means + 2 * width,
        rank_test_score=1 + np.argsort(np.argsort(-np.nan_to_num(means, nan=-9), kind="stable")),
        mean_rank=np.full(len(means), np.nan),
        difference=means - means[baseline],
        p_value_holm=np.full(len(means), 0.5) if p_values is None else np.array(p_values),
    )
    like["p_value_holm"][baseline] = np.nan
    like.baseline, like.coverage, like.metric = names[baseline], coverage, "accuracy"
    like.scores = np.stack([folds - 0.001, folds + 0.001], axis=2)
    like.friedman = rank_schemes(known, coverage) if min(known.shape) > 1 else None
    if like.friedman is not None:
        like["mean_rank"][np.isfinite(means)] = like.friedman.mean_ranks
    return like


def get_markers(ax, marker):
    return [line.get_xydata()[0].tolist() for line in ax.lines if line.get_marker() == marker]


def get_notes(ax):
    return {int(text.get_position()[1]): text.get_text() for text in ax.texts}


def labels(ax):
    return ax.get_legend_handles_labels()[1]


# scores


def test_the_best_scheme_is_on_top_with_its_interval_and_folds():
    comparison = make([0.91, 0.93, 0.9])
    ax = ComparisonDisplay.from_comparison(comparison).ax_[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["s1", "s0", "s2"]
    bottom, top = ax.get_ylim()
    assert top < 0 < 2 < bottom  # row 0 is on top
    for row, scheme in enumerate([1, 0, 2]):
        (interval,) = ax.collections[row].get_segments()
        lower, upper = comparison["lower"][scheme], comparison["upper"][scheme]
        np.testing.assert_allclose(interval, [[lower, row], [upper, row]])
    faint = [line for line in ax.lines if line.get_alpha() is not None]
    for dots, scheme in zip(faint, [1, 0, 2], strict=True):
        np.testing.assert_allclose(dots.get_xdata(), comparison.scores[scheme].mean(axis=1))
    (dashed,) = [line for line in ax.lines if line.get_ls() == "--"]
    assert dashed.get_xdata() == [0.91, 0.91]
    assert ax.get_xlabel() == "accuracy, with 95% interval"


def test_the_marker_tells_who_differs_from_the_baseline():
    comparison = make([0.9, 0.93, 0.92, 0.87, 0.88], p_values=[np.nan, 0.04, 0.06, 0.01, 0.05])
    assert list(find_states(comparison)) == ["baseline", "better", "other", "worse", "worse"]
    ax = ComparisonDisplay.from_comparison(comparison).ax_[0]
    expected = {"D": [[0.9, 2]], ">": [[0.93, 0]], "o": [[0.92, 1]], "<": [[0.88, 3], [0.87, 4]]}
    found = {style["marker"]: get_markers(ax, style["marker"]) for _, style in STATES.values()}
    found["o"] = [place for place in found["o"] if place[1] % 1 == 0]  # the others are folds
    assert found == expected
    assert "better than the baseline (p < 0.05, Holm)" in labels(ax)
    assert "worse than the baseline (p < 0.05, Holm)" in labels(ax)
    careful = make([0.9, 0.93], p_values=[np.nan, 0.04], coverage=0.99)
    assert list(find_states(careful)) == ["baseline", "other"]


def test_the_legend_is_below_the_label():
    display = ComparisonDisplay(make([0.91, 0.93, 0.9])).plot(plt.subplots()[1])
    display.figure_.draw_without_rendering()
    for ax in display.ax_:
        label, legend = ax.xaxis.label, ax.get_legend()
        assert legend.get_window_extent().y1 < label.get_window_extent().y0 - 5


def test_markers_have_the_colors_of_the_style():
    with plt.style.context("dark_background"):
        ax = ComparisonDisplay(make([0.91, 0.93, np.nan])).plot().ax_[0]
    (diamond,) = [line for line in ax.lines if line.get_marker() == "D"]
    (circle,) = [line for line in ax.lines if line.get_marker() == "o" and line.get_ms() == 7]
    assert (diamond.get_mfc(), circle.get_mfc(), circle.get_mec()) == ("white", "black", "white")
    assert ax.texts[0].get_bbox_patch().get_facecolor() == (0, 0, 0, 1)


def test_the_states_are_those_of_the_verdict():
    from test_compare_texts import make as compare

    comparison = compare([0.0, 0.1, -0.1, 0.001])
    assert list(find_states(comparison)) == ["baseline", "better", "worse", "other"]


def test_who_is_far_behind_does_not_squeeze_the_others():
    ax = ComparisonDisplay.from_comparison(make([0.91, 0.1, 0.93, 0.92])).ax_[0]
    low, high = ax.get_xlim()
    assert 0.88 < low < 0.91 - 0.015
    assert 0.93 + 0.02 < high < 0.97
    assert get_notes(ax) == {3: "← 0.1, off the scale"}
    assert [0.03, 3] in get_markers(ax, "o")  # at the left edge
    assert "mean of the baseline" in labels(ax)


def test_a_baseline_far_behind_has_no_line():
    ax = ComparisonDisplay.from_comparison(make([0.1, 0.91, 0.92])).ax_[0]
    assert get_notes(ax) == {2: "← 0.1, off the scale"}
    assert get_markers(ax, "D") == [[0.03, 2]]
    assert "mean of the baseline" not in labels(ax)


@pytest.mark.parametrize(
    ("means", "width", "expected"),
    [
        ([0.9, 0.88, 0.8], 0.01, 3),
        ([0.9, 0.88, 0.5], 0.01, 2),
        ([0.9, 0.88, 0.5], 0.04, 3),
        ([0.9, 0.88, 0.3, 0.28], 0.01, 2),
        ([0.9, 0.5], 0.01, 2),
        ([0.9, 0.5, 0.1], 0.01, 3),
        ([0.9, 0.88, 0.5], 0.0, 3),
        ([0.9], 0.01, 1),
        ([], 0.01, 0),
    ],
)
def test_how_many_share_an_axis(means, width, expected):
    means = np.array(means)
    extents = means[:, np.newaxis] + width * np.array([-1.5, np.nan, 2])
    assert count_shown(means, extents) == expected


def test_a_scheme_that_failed_is_named_without_a_point():
    display = ComparisonDisplay.from_comparison(make([0.91, np.nan, 0.93]))
    left, right = display.ax_
    assert [label.get_text() for label in left.get_yticklabels()] == ["s2", "s0", "s1"]
    assert get_notes(left) == {2: "could not be trained"}
    for ax in display.ax_:
        rows = np.concatenate([line.get_ydata() for line in ax.lines if line.get_ls() == "None"])
        assert not (np.floor(rows[np.isfinite(rows)]) == 2).any() or ax is right
    assert np.isnan(right.lines[0].get_xdata()[2])


@pytest.mark.parametrize("means", [[np.nan, 0.9, 0.91], [np.nan]])
def test_without_a_baseline_there_is_a_picture_still(means):
    display = ComparisonDisplay.from_comparison(make(means))
    assert not [line for line in display.ax_[0].lines if line.get_ls() == "--"]
    display.figure_.draw_without_rendering()


def test_long_names_are_cut():
    name = "a scheme of many parameters, " * 5
    ax = ComparisonDisplay.from_comparison(make([0.9, 0.91], names=["", name])).ax_[0]
    first, second = [label.get_text() for label in ax.get_yticklabels()]
    assert max(map(len, first.split("\n"))) <= LONGEST
    assert (first.count("\n"), first[-1], second) == (1, "…", "")


# ranks


def test_ranks_are_drawn_with_their_critical_difference():
    comparison = make([0.91, 0.93, 0.9])
    ax = ComparisonDisplay.from_comparison(comparison).ax_[1]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 0], [2, 1], [3, 2]])
    bar = ax.lines[1]
    distance = comparison.friedman.critical_difference
    assert bar.get_xdata() == pytest.approx([1, 1 + distance])
    assert bar.get_ydata()[0] < -0.5  # above the rows
    assert labels(ax)[0] == f"critical difference: {distance:.2f}"
    left, right = ax.get_xlim()
    assert left > max(3, 1 + distance) > right  # the best to the right
    assert ax.get_title() == f"Friedman's test: p = {comparison.friedman.p_value:.2g}"


def test_bars_join_the_rows_that_do_not_differ():
    comparison = make([0.91, 0.93, 0.9, 0.92], n_folds=9)
    assert 1 < comparison.friedman.critical_difference < 2
    ax = ComparisonDisplay.from_comparison(comparison).ax_[1]
    bars = [line for line in ax.lines if not line.get_clip_on()]
    assert [bar.get_ydata().tolist() for bar in bars] == [[0, 1], [1, 2], [2, 3]]
    places = [bar.get_xdata()[0] for bar in bars]
    assert places[0] > 1  # beside the panel
    assert (np.diff(places) > 0).all()


@pytest.mark.parametrize(
    ("ranks", "distance", "expected"),
    [
        # Demsar 2006, fig. 1a: 3.143, 2.000, 2.893, 1.964 with 1.25
        ([1.964, 2.0, 2.893, 3.143], 1.25, [[0, 1, 2, 3]]),
        ([1.964, 2.0, 2.893, 3.143], 1.16, [[0, 1, 2], [1, 2, 3]]),
        ([1.0, 2.0, 3.0], 1.0, []),
        ([1.0, 3.5, 1.5, np.nan, 3.6], 1.0, [[0, 2], [1, 4]]),
        ([2.0, 2.0, 2.0], 0.5, [[0, 1, 2]]),
        ([np.nan], 1.0, []),
    ],
)
def test_groups_are_the_largest_ones_of_equals(ranks, distance, expected):
    assert [group.tolist() for group in find_groups(ranks, distance)] == expected


def test_without_ranks_there_is_one_panel():
    display = ComparisonDisplay.from_comparison(make([0.9, 0.91], n_folds=1))
    assert display.ax_.shape == (1,)


@pytest.mark.parametrize(
    "other", [{}, "zeros", SimpleNamespace(baseline="zeros"), make([0.9]).keys()]
)
def test_what_is_no_comparison_is_refused(other):
    with pytest.raises(
        TypeError, match=r"comparison is a .*: expected the Comparison that compare"
    ):
        ComparisonDisplay.from_comparison(other)


def test_a_mapping_alone_is_no_comparison():
    with pytest.raises(TypeError, match="comparison is a dict"):
        ComparisonDisplay.from_comparison(dict(make([0.9, 0.91])))
