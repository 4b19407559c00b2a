"""What a comparison says: a sentence, and a small table."""

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from sklearn_init._text import shorten
from sklearn_init.comparison._statistics import ROUNDING
from sklearn_init.comparison._variance import measure_spread

POINTS = (
    "accuracy",
    "balanced_accuracy",
    "f1",
    "jaccard",
    "precision",
    "recall",
    "roc_auc",
    "top_k",
)
"""Beginnings of the names of scores that people quote in percent."""

LEAST = 1e-3
"""The share of the way from the dummy's score to a perfect one that counts as learning."""

LOST = 0.5
"""From this share of failed restarts on, a scheme is not part of a tie."""

LONG = 200
"""Characters of an error in a sentence."""

LARGE = 1000
"""From this size on, scores have four digits in all, rather than behind the point."""

OFTEN = 0.05
"""The share of failed restarts that the verdict mentions."""

WIDTH = 99
"""The longest line of a text."""

SMALL = 0.5
"""The largest difference that does not matter, as a share of the spread between folds."""

AT_MOST_ONE = (
    "R2",
    "r2",
    "explained_variance",
    "d2_absolute_error_score",
    "d2_brier_score",
    "d2_log_loss_score",
    "matthews_corrcoef",
)
"""The scores of at most 1 that are not told in points."""

NOBODY_LEARNS = (
    "No scheme has learned: on most folds, no scheme scores better than a constant prediction. "
    "Scale X and y, or change learning_rate_init or max_iter; diagnose(est, X, y) says more."
)

NOTHING_TO_LEARN = (
    "These folds tell nothing: on each of them a constant prediction has the highest score that "
    "is possible, so that no scheme can be better. Choose other folds or another scoring."
)

RARE = (
    "If a class is rare, leave it out or use fewer folds: every fold needs training rows of each "
    "class."
)

SHUFFLE = "If the rows are in some order, give a splitter that shuffles, such as {}."


def is_in_points(metric: str) -> bool:
    """Whether differences of a score are told in points of a hundred."""
    return metric.startswith(POINTS)


def format_size(value: float, metric: str, *, unit: bool = True) -> str:
    """Return a difference in the words of the score."""
    value = 0.0 if abs(value) < ROUNDING else value
    if not is_in_points(metric):
        return f"{value:.3g}"
    points = 100 * value
    text = f"{points:.1f}" if abs(points) >= 0.05 or points == 0 else f"{points:.1g}"
    return f"{text} points" if unit else text


def format_p(p_value: float) -> str:
    """Return a p value in a sentence; nothing if there is none."""
    if np.isnan(p_value):
        return ""
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"


def format_interval(lower: float, upper: float, metric: str) -> str:
    """Return the interval of a difference in a sentence; nothing if there is none."""
    if np.isnan(lower):
        return ""
    if is_in_points(metric):  # no difference is larger
        lower, upper = np.clip([lower, upper], -1, 1)
    low, high = format_size(lower, metric, unit=False), format_size(upper, metric)
    return f"interval {low} to {high}"


def join(words: Sequence[str]) -> str:
    """Return words in a sentence, at most three of them by name."""
    words = [repr(word) for word in words]
    if len(words) > 3:
        words = [*words[:2], f"{len(words) - 2} others"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def describe(comparison: Any) -> str:
    """Return the verdict of a comparison."""
    names, errors = comparison["scheme"], comparison["error"]
    is_trained = errors == ""
    is_learned = not is_trained.any() or has_learned(comparison)
    sentences = [
        _describe_differences(comparison) if is_learned else _describe_failure(comparison)
    ]
    failed = [name for name, error in zip(names, errors, strict=True) if error]
    if failed:
        sentences.append(f"{join(failed)} could not be trained: see ['error'].")
    sentences += _describe_folds(comparison)
    if is_learned:
        sentences += _describe_rates(comparison, is_trained)
    return " ".join(sentences)


def has_learned(comparison: Any) -> bool:
    """Whether any scheme is better than a constant, by more than a share of what is possible.

    What counts is its best restart in each fold, and the median of folds: in a fold or two, chance
    is better than a constant, and a network that has learned may be worse.
    """
    if (comparison["failure_rate"][comparison["error"] == ""] == 1).all():
        return False
    constant, possible = _find_constant(comparison), find_perfect(comparison.metric)
    if np.isnan(possible) or np.isnan(constant).any():  # there is nothing to compare with
        return True
    best = comparison.scores[np.isfinite(comparison["mean_test_score"])].max(axis=2)
    gains = np.median(best - constant - LEAST * (possible - constant), axis=1)
    return bool((gains > 0).any())


def _find_constant(comparison: Any) -> Any:
    """Return the highest known score of a constant prediction, per fold."""
    return np.fmax(comparison.dummy_scores, comparison.constant_scores)


def _describe_failure(comparison: Any) -> str:
    """Say that no scheme has learned, or that there is nothing to learn."""
    is_perfect = _find_constant(comparison) >= find_perfect(comparison.metric)
    return NOTHING_TO_LEARN if is_perfect.all() else NOBODY_LEARNS


def find_perfect(metric: str) -> float:
    """Return the highest score there can be; NaN if it is not known."""
    if is_in_points(metric) or metric in AT_MOST_ONE:
        return 1.0
    return 0.0 if metric.startswith("neg_") else np.nan


def _describe_folds(comparison: Any) -> list[str]:
    """Return sentences on folds that are left out, and on folds that differ as sorted rows do."""
    sentences = [
        f"Fold {fold + 1} is left out, as no scheme could be trained or scored on it "
        f"({shorten(error, LONG)})."
        for fold, error in comparison.failed_folds.items()
    ]
    if comparison.has_sorted_rows:
        sentences.append("Folds differ by more than chance explains, and cv does not shuffle.")
    if comparison.failed_folds and comparison.splitter.startswith("cv=Stratified"):
        sentences.append(RARE)
    elif sentences and comparison.splitter:
        sentences.append(SHUFFLE.format(comparison.splitter))
    return sentences


def advise_on_classes(splitter: str) -> str:
    """Return what to do if a fold lacks a class, from the splitter that would shuffle."""
    is_sorted = splitter and not splitter.startswith("cv=Stratified")
    return SHUFFLE.format(splitter) if is_sorted else RARE


def _describe_rates(comparison: Any, is_trained: Any) -> list[str]:
    """Return a sentence per share of restarts that fail often, on the schemes that have it."""
    by_rate: dict[str, list[str]] = {}
    for name, rate in zip(
        comparison["scheme"][is_trained], comparison["failure_rate"][is_trained], strict=True
    ):
        if rate >= OFTEN:
            by_rate.setdefault(f"{rate:.0%}", []).append(name)
    return [
        f"{rate} of the restarts of {join(names)} diverged or are no better than a dummy."
        for rate, names in by_rate.items()
    ]


def _describe_differences(comparison: Any) -> str:
    names, baseline = comparison["scheme"], comparison.baseline
    known = np.isfinite(comparison["mean_test_score"])
    others = known & (names != baseline)
    if not known[names == baseline].all():
        return f"The baseline {baseline!r} could not be trained: choose another one."
    if not others.any():
        return f"There is nothing to compare {baseline!r} with."
    if comparison.scores.shape[1] < 2:
        return "One fold cannot tell differences from chance: give cv two folds or more."
    is_found = others & (comparison["p_value_holm"] <= 1 - comparison.coverage)
    found = [
        _describe_found(comparison, is_found & (sign * comparison["difference"] > 0), word)
        for sign, word in ((1, "better"), (-1, "worse"))
    ]
    return " ".join(filter(None, [*found, _describe_others(comparison, known, is_found)]))


def _describe_found(comparison: Any, which: Any, word: str) -> str:
    """Return the sentence on the schemes that are better, or worse."""
    if not which.any():
        return ""
    parts = [
        f"{name!r} is {word} by {format_size(abs(gain), comparison.metric)} ({format_p(p_value)})"
        for name, gain, p_value in zip(
            comparison["scheme"][which],
            comparison["difference"][which],
            comparison["p_value_holm"][which],
            strict=True,
        )
    ]
    if len(parts) > 3:
        parts = [*parts[:2], f"{len(parts) - 2} others are {word}"]
    return f"Compared with {comparison.baseline!r}, {', '.join(parts)}."


def _describe_others(comparison: Any, known: Any, is_found: Any) -> str:
    """Return the sentence on the schemes that are neither, and on what to compare with."""
    metric, is_baseline = comparison.metric, comparison["scheme"] == comparison.baseline
    is_lost = comparison["failure_rate"] >= LOST
    which = known & ~is_found & (~is_lost | is_baseline)
    spread = measure_spread(comparison.scores[which])
    of_chance = f"{format_size(spread['fold'], metric)} between folds"
    if comparison.scores.shape[2] > 1:
        of_chance += f" and {format_size(spread['restart'], metric)} between restarts"
    if which.sum() == 1:  # the baseline alone
        return f"For scale: {of_chance}."
    is_all = which.sum() == len(which)
    group = "The schemes" if is_all else f"The other {which.sum()} schemes"
    seen = f"{format_size(spread['scheme'], metric)} between schemes against {of_chance}"
    ends = [comparison[name][which & ~is_baseline] for name in ENDS]
    largest, low_high = float(np.abs(ends).max()), find_extent(comparison)
    # folds of sorted rows differ much, whatever matters
    small = 0.0 if comparison.has_sorted_rows else SMALL * spread["fold"]
    if largest <= small + ROUNDING:
        bound = f"more than {format_size(largest, metric)} from {comparison.baseline!r}"
        tail = f" A difference of {bound} is unlikely." if largest else ""
        among = "" if is_all else f" among the other {which.sum()}"
        return f"No difference that matters{among}: {seen}.{tail}"
    sentence = f"{group} cannot be told apart with these folds: {seen}."
    if not largest <= low_high[1] - low_high[0]:  # also where it is not known
        return f"{sentence} There are too few folds to bound a difference."
    return (
        f"{sentence} A difference of up to {format_size(largest, metric)} from "
        f"{comparison.baseline!r} is possible; more folds would tell more."
    )


ENDS = ("difference_lower", "difference_upper")


def find_extent(comparison: Any) -> tuple[float, float]:
    """Return the scores that are possible, or, where they have no limits, those seen."""
    seen = np.concatenate([comparison.scores.ravel(), comparison.dummy_scores])
    if is_in_points(comparison.metric):
        seen = np.append(seen, [0.0, 1.0])
    return float(np.nanmin(seen)), float(np.nanmax(seen))


HEADER = ("scheme", "score", "interval", "difference", "p (Holm)", "failed", "epochs", "seconds")
"""Of the table; the interval's probability comes before it."""


def make_header(comparison: Any) -> tuple[str, ...]:
    """Return the titles of the columns."""
    interval = f"{comparison.coverage:.0%} interval"
    return tuple(interval if title == "interval" else title for title in HEADER)


def make_rows(comparison: Any) -> list[tuple[str, ...]]:
    """Return the cells of the table, the best scheme first; a failure's last one is its error."""
    rows: list[tuple[str, ...]] = []
    has_curves = comparison.loss_curves.shape[-1] > 0
    for i in np.argsort(comparison["rank_test_score"], kind="stable"):
        row = {name: column[i] for name, column in comparison.items()}
        mark = " *" if row["scheme"] == comparison.baseline else ""
        name = f"{' '.join(row['scheme'].split())}{mark}"
        if np.isnan(row["mean_test_score"]):
            rows.append((name, "failed", shorten(row["error"])))
            continue
        is_other = not mark and not np.isnan(row["difference"])
        rows.append(
            (
                name,
                _format_score(row["mean_test_score"]),
                _format_scores(row["lower"], row["upper"], comparison),
                _format_score(row["difference"], "+") if is_other else "",
                format_p(row["p_value_holm"]).removeprefix("p = ").removeprefix("p ")
                if is_other
                else "",
                f"{row['failure_rate']:.0%}",
                _format_epochs(row["median_epochs"], has_curves),
                f"{row['mean_fit_time']:.2g}",
            )
        )
    return rows


def _format_scores(lower: float, upper: float, comparison: Any) -> str:
    """Return what an interval and the scores that are possible have in common."""
    if np.isnan(lower):
        return ""
    if is_in_points(comparison.metric):
        lower, upper = np.clip([lower, upper], *find_extent(comparison))
    return f"{_format_score(lower)} to {_format_score(upper)}"


def _format_score(value: float, sign: str = "") -> str:
    return f"{value:{sign}.4f}" if abs(value) < LARGE else f"{value:{sign}.4g}"


def _format_epochs(epochs: float, has_curves: bool) -> str:
    if not has_curves:
        return ""
    return "" if np.isnan(epochs) else f"{epochs:g}"


def describe_size(comparison: Any) -> str:
    """Return what was compared: schemes, folds, restarts and score."""
    sizes = zip(comparison.scores.shape, ("scheme", "fold", "restart"), strict=True)
    counts = [f"{n} {word}{'s' * (n != 1)}" for n, word in sizes]
    n_left_out = len(comparison.failed_folds)
    counts[1] += f" ({n_left_out} left out)" * bool(n_left_out)
    return f"{' x '.join(counts)}, {comparison.metric}; * is the baseline"


def explain_epochs(comparison: Any) -> str:
    """Return what the column of epochs tells, if a cell of it is empty."""
    has_curves = comparison.loss_curves.shape[-1] > 0
    is_empty = np.isnan(comparison["median_epochs"]) & (comparison["error"] == "")
    if not (has_curves and is_empty.any()):
        return ""
    return (
        "epochs: until the training loss at which the baseline ends; empty if most restarts never "
        "reach it"
    )


def make_text(comparison: Any) -> str:
    """Return the table and the verdict as text."""
    rows = [make_header(comparison), *make_rows(comparison)]
    whole = [row for row in rows if len(row) == len(HEADER)]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    widths[0] = max(len(row[0]) for row in rows)
    lines = [_align(row, widths) for row in rows]
    verdict = textwrap.fill(comparison.verdict, WIDTH)
    legend = textwrap.wrap(explain_epochs(comparison), WIDTH)
    return "\n".join([describe_size(comparison), *lines, *legend, verdict])


def _align(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line of the table; an error at the end of a short one goes over several columns."""
    name, score, *cells = row
    if len(row) == len(widths):
        cells = [cell.rjust(width) for cell, width in zip(cells, widths[2:], strict=True)]
    return "  ".join([name.ljust(widths[0]), score.rjust(widths[1]), *cells]).rstrip()


def make_html(comparison: Any) -> str:
    """Return the same as HTML."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in make_header(comparison))
    body = "".join(f"<tr>{_make_cells(row)}</tr>" for row in make_rows(comparison))
    notes = "; ".join(filter(None, [describe_size(comparison), explain_epochs(comparison)]))
    return (
        f"<p>{html.escape(comparison.verdict)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p><small>{html.escape(notes)}</small></p>"
    )


def _make_cells(row: Sequence[str]) -> str:
    """Return the cells of a row; the last one of a short row takes the place of those left out."""
    n_left = len(HEADER) - len(row) + 1
    last = f' colspan="{n_left}"' if n_left > 1 else ""
    cells = [f"<td>{html.escape(cell)}</td>" for cell in row[:-1]]
    return "".join([*cells, f"<td{last}>{html.escape(row[-1])}</td>"])
