"""What a comparison says: verdict, table, and the sentence on a pair."""

import dataclasses
import re

import numpy as np
import pytest

from sklearn_init.comparison._folds import Fold
from sklearn_init.comparison._record import Comparison, Question
from sklearn_init.comparison._run import Outcome
from sklearn_init.comparison._text import OFTEN


def make(
    means,
    *,
    folds=0.02,
    restarts=0.01,
    noise=0.004,
    metric="accuracy",
    shape=(8, 3),
    dummy=0.1,
    error="ValueError: no",
    names=None,
    lost=None,
    splitter="",
    n_rows=40,
):
    """Return a comparison of schemes with given mean scores, or errors where they are NaN."""
    names = [f"s{i}" for i in range(len(means))] if names is None else names
    rng = np.random.default_rng(0)
    fold = 0.8 + rng.normal(0, folds, shape[0])
    scores = (
        np.reshape(means, (-1, 1, 1))
        + fold[:, np.newaxis]
        + rng.normal(0, noise, (len(means), shape[0], 1))
        + rng.normal(0, restarts, (len(means), *shape))
    )
    question = Question(
        schemes={name: i for i, name in enumerate(names)},
        baseline=names[0],
        n_restarts=shape[1],
        seeds=np.arange(shape[0]),
        test_over_train=1 / (shape[0] - 1) if shape[0] > 1 else 0.25,
        coverage=0.95,
        error_score=np.nan,
        metric=metric,
        splitter=splitter,
    )
    nothing = {
        "n_iter": 3,
        "diverged": False,
        "loss_curves": np.ones((shape[1], 3)),
        "fit_times": 1.0,
    }
    outcomes = [
        Outcome(0, s, k, error=error)
        if np.isnan(row).any() or k == lost
        else Outcome(
            0,
            s,
            k,
            arrays={"scores": row, "losses": -row, "chosen_scores": row[0], **nothing},
        )
        for s, of_scheme in enumerate(scores)
        for k, row in enumerate(of_scheme)
    ]
    return Comparison(
        question,
        [Fold(k, None, None, None, np.zeros(n_rows), dummy) for k in range(shape[0])],
        outcomes,
    )


def test_the_verdict_on_equals_is_that_no_difference_matters():
    found = make([0.0, 0.001, 0.0], folds=0.05)
    assert re.fullmatch(
        r"No difference that matters: 0\.\d points between schemes against \d\.\d points between "
        r"folds and \d\.\d points between restarts\. A difference of more than \d\.\d points from "
        r"'s0' is unlikely\.",
        found.verdict,
    )
    ends = [found["difference_lower"][1:], found["difference_upper"][1:]]
    assert f"more than {100 * np.abs(ends).max():.1f} points" in found.verdict


def test_the_verdict_names_who_is_better_or_worse_and_tells_of_the_others():
    found = make([0.0, 0.1, -0.1, 0.001], folds=0.05)
    assert re.match(
        r"Compared with 's0', 's1' is better by \d+\.\d points \(p < 0\.001\)\. "
        r"Compared with 's0', 's2' is worse by \d+\.\d points \(p < 0\.001\)\. "
        r"No difference that matters among the other 2: ",
        found.verdict,
    )
    many = make([0.0, 0.1, 0.1, 0.1, 0.1, 0.1]).verdict
    assert "2 others are better" not in many
    assert "'s2' is better" in many
    assert "3 others are better" in many
    assert "For scale:" in many


def test_the_verdict_does_not_call_equal_what_it_cannot_tell():
    found = make([0.0, 0.05], folds=0.001, noise=0.05, shape=(3, 2))
    assert not found["p_value"][1] < 0.05
    assert found.verdict.startswith("The schemes cannot be told apart with these folds: ")
    assert re.search(r"up to \d+\.\d points from 's0' is possible; more folds", found.verdict)


def test_what_has_failed_is_not_part_of_the_tie():
    # unsorted rows, in which folds differ as much as the schemes
    shape = {"folds": 0.1, "noise": 0.05, "shape": (5, 3)}
    alone = make([0.0, 0.01], **shape)
    found = make([0.0, 0.01, -0.75], **shape, dummy=0.3)
    assert found["failure_rate"].tolist() == [0, 0, 1]
    tie = re.search(r"(No difference that matters|cannot be told apart).*", found.verdict)[0]
    bounds = [float(x) for x in re.findall(r"(?:more than|up to) (\d+\.\d) points", tie)]
    ends = [found[f"difference_{end}"][1] for end in ("lower", "upper")]
    assert bounds == [round(100 * np.abs(ends).max(), 1)]
    assert "100% of the restarts of 's2'" in found.verdict
    assert "failed" not in alone.verdict


def test_a_bound_larger_than_the_spread_of_folds_is_no_tie():
    found = make([0.888 - 0.8, 0.768 - 0.8], folds=0.01, noise=0.15, shape=(4, 1))
    assert "No difference that matters" not in found.verdict
    assert "cannot be told apart with these folds" in found.verdict
    tight = make([0.0, 0.0], folds=0.03, noise=0.001, shape=(8, 3))
    assert tight.verdict.startswith("No difference that matters: ")


def test_scores_no_better_than_a_constant_are_no_tie():
    found = make([0.0, 1e-9], folds=0, noise=1e-10, restarts=0, metric="R2", dummy=0.8)
    assert found.verdict.startswith("No scheme has learned: ")
    assert "No difference" not in found.verdict


@pytest.mark.parametrize("gap", [0.4, 0.6])
def test_what_does_not_matter_is_small_against_the_spread_of_folds(gap):
    found = make([0.0, 0.0], noise=0.01)
    spread = np.std(found.scores.mean(axis=(0, 2)), ddof=1)
    # as bounds are not a parameter of the scores
    found._columns["difference_lower"] = found._columns["difference_upper"] = np.full(
        2, gap * spread
    )
    assert found.verdict.startswith("No difference that matters: ") == (gap < 0.5)
    assert ("cannot be told apart" in found.verdict) == (gap > 0.5)


def test_the_spread_of_sorted_folds_makes_no_difference_small():
    tight = {"shape": (5, 2), "folds": 0.15, "n_rows": 900}
    assert make([0.0, 0.0], **tight).verdict.startswith("No difference that matters")
    found = make([0.0, 0.0], **tight, splitter="cv=KFold(5, shuffle=True, random_state=0)")
    assert found.has_sorted_rows
    assert "No difference that matters" not in found.verdict


@pytest.mark.parametrize("n_lucky", [0, 1, 3, 5])
def test_a_lucky_fold_is_no_learning(n_lucky):
    found = make([0.0, 0.01], shape=(5, 2), folds=0, noise=0, restarts=0, metric="roc_auc")
    found.dummy_scores[:] = 0.9
    found.dummy_scores[:n_lucky] = 0.5
    found._columns["failure_rate"][:] = 0.8
    assert found.verdict.startswith("No scheme has learned") == (n_lucky < 3)


def test_where_a_constant_is_perfect_nothing_can_be_learned():
    found = make([0.2, 0.2], **EQUAL, shape=(5, 2), dummy=1.0, lost=4)
    assert found.verdict.startswith("These folds tell nothing: on each of them a constant")
    assert "learned" not in found.verdict
    assert repr(found).startswith("2 schemes x 4 folds (1 left out) x 2 restarts, ")


def test_equal_schemes_are_not_ahead_of_each_other():
    pair = make([0.0, 0.0], **EQUAL).compare("s1", "s0")
    assert str(pair) == "'s1' and 's0' have the same score on every fold."


def test_large_scores_are_short():
    found = make([0.0, -12345678.9], metric="neg_mean_squared_error")
    assert "-1.235e+07" in repr(found)
    assert "0.8" in repr(found)


@pytest.mark.parametrize(("gain", "word"), [(-0.05, "scores above"), (0.2, "is better than")])
def test_better_is_said_of_what_is_certain(gain, word):
    pair = make([0.0, gain], noise=0.05, shape=(8, 2)).compare("s1", "s0")
    if pair.mean < 0:
        pair = dataclasses.replace(pair, mean=-pair.mean, lower=-pair.upper, upper=-pair.lower)
    assert (pair.p_value < 0.05) == (word == "is better than")
    assert f"'s1' {word} 's0' by" in str(pair)
    assert str(pair).endswith(" This may be chance.") == (pair.p_value >= 0.05)


def test_a_fold_on_which_all_schemes_fail_is_left_out_and_named():
    found = make([0.0, 0.01], shape=(5, 2), lost=2)
    whole = make([0.0, 0.01], shape=(5, 2))
    assert found.failed_folds == {2: "ValueError: no"}
    assert found.scores.shape == (2, 4, 2)
    assert found.seeds.tolist() == [0, 1, 3, 4]
    np.testing.assert_array_equal(found.scores, np.delete(whole.scores, 2, axis=1))
    assert "Fold 3 is left out, as no scheme could be trained or scored on it" in found.verdict
    assert "(ValueError: no)" in found.verdict
    assert found["rank_test_score"].tolist() != [1, 1]
    assert (found["error"] == "").all()


@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize("splitter", ["", "cv=KFold(5, shuffle=True, random_state=0)"])
def test_folds_of_sorted_rows_get_a_hint(is_sorted, splitter):
    found = make(
        [0.0, 0.01],
        shape=(5, 2),
        folds=0.15 if is_sorted else 0.005,
        splitter=splitter,
        n_rows=900,
    )
    assert found.has_sorted_rows == bool(is_sorted and splitter)
    hint = "Folds differ by more than chance explains, and cv does not shuffle. If the rows are"
    assert (hint in found.verdict) == found.has_sorted_rows
    assert (splitter in found.verdict) == found.has_sorted_rows or not splitter


def test_the_verdict_knows_when_there_is_nothing_to_say():
    assert make([0.0]).verdict == "There is nothing to compare 's0' with."
    assert make([0.0, 0.1], shape=(1, 2)).verdict.startswith("One fold cannot tell")
    assert make([np.nan, 0.1]).verdict.startswith("The baseline 's0' could not be trained")
    assert make([0.0, np.nan]).verdict.startswith("There is nothing to compare 's0' with. 's1'")
    assert "between restarts" not in make([0.0, 0.0], shape=(8, 1)).verdict
    assert "points" not in make([0.0, 0.0], metric="r2").verdict


def test_the_table_has_the_best_first_and_the_verdict_last():
    found = make([0.0, 0.1, -0.1])
    size, header, *rows = repr(found).splitlines()
    rows, legend, verdict = rows[:3], rows[3], rows[4:]
    assert size == "3 schemes x 8 folds x 3 restarts, accuracy; * is the baseline"
    assert " ".join(header.split()) == (
        "scheme score 95% interval difference p (Holm) failed epochs seconds"
    )
    assert [row.split()[0] for row in rows] == ["s1", "s0", "s2"]
    assert rows[1].split()[1] == "*"
    assert " ".join(verdict) == found.verdict
    assert legend == (
        "epochs: until the training loss at which the baseline ends; empty if most restarts never "
        "reach it"
    )
    assert max(map(len, [legend, *verdict])) < 100
    assert f"{size}; {legend}" in found._repr_html_()


def test_a_difference_that_is_rounding_is_none():
    pair = make([0.0, 0.0]).compare("s0", "s1")
    noise = dataclasses.replace(pair, mean=2e-17, lower=-1e-16, upper=1e-16)
    assert "by 0.0 points (interval 0.0 to 0.0 points" in str(noise)


def test_a_pair_is_compared_in_a_sentence():
    found = make([0.0, 0.1, -0.1])
    pair = found.compare("s1", "s2")
    assert pair.mean == pytest.approx(
        found["mean_test_score"][1] - found["mean_test_score"][2], rel=1e-9
    )
    assert (pair.n_won, pair.n_lost, pair.n_folds) == (8, 0, 8)
    assert pair.p_value_wilcoxon == 2 / 2**8
    assert found.compare("s2", "s1").lower == pytest.approx(-pair.upper)
    pattern = (
        r"'s2' is worse than 's1' by \d+\.\d points \(interval \d+\.\d to \d+\.\d points; "
        r"p < 0\.001\), and has lost in 8 of 8 folds\."
    )
    assert re.fullmatch(pattern, str(found.compare("s2", "s1")))
    with pytest.raises(ValueError, match="a='x' is not known"):
        found.compare("x", "s1")


def test_the_frame_has_a_row_per_scheme():
    pytest.importorskip("pandas")
    found = make([0.0, 0.1, -0.1])
    frame = found.to_frame()
    assert frame.index.tolist() == ["s0", "s1", "s2"]
    assert frame.columns.tolist() == list(found)[1:]
    assert frame.loc["s1", "rank_test_score"] == 1
    assert set(found.variance_shares) == {"scheme", "fold", "restart", "rest"}
    assert found.variance_shares["scheme"] > 0.9 > OFTEN


EQUAL = {"folds": 0, "noise": 0, "restarts": 0}
"""Every fold is like every other."""


def test_one_fold_has_no_p_value_and_no_interval():
    found = make([0.0, 0.1], shape=(1, 2))
    assert "nan" not in repr(found)
    assert "0.001" not in repr(found)
    gain = 100 * (found["mean_test_score"][1] - found["mean_test_score"][0])
    assert str(found.compare("s1", "s0")) == (
        f"'s1' scores above 's0' by {gain:.1f} points, and has won in 1 of 1 folds. This may be "
        "chance."
    )


def test_equal_differences_in_two_folds_are_not_certain():
    found = make([0.0, 0.25], **EQUAL, shape=(2, 1))
    assert np.isnan(found["p_value_holm"][1])
    assert found.verdict.startswith("The schemes cannot be told apart with these folds: ")
    assert found.verdict.endswith(" There are too few folds to bound a difference.")
    assert "nan" not in repr(found)
    assert str(found.compare("s0", "s1")) == (
        "'s0' scores below 's1' by 25.0 points, and has lost in 2 of 2 folds. This may be chance."
    )


def test_no_difference_at_all_has_no_bound():
    found = make([0.0, 0.0, 0.0], **EQUAL, shape=(5, 2))
    assert found.verdict == (
        "No difference that matters: 0.0 points between schemes against 0.0 points between folds "
        "and 0.0 points between restarts."
    )


@pytest.mark.parametrize("metric", ["accuracy", "r2"])
def test_bounds_that_say_nothing_are_not_told(metric):
    wide = {"noise": 0.2, "restarts": 0, "metric": metric}
    found = make([0.0, 0.0], **wide, shape=(2, 3))
    assert found["difference_upper"][1] - found["difference_lower"][1] > 3
    assert found.verdict.endswith("There are too few folds to bound a difference.")
    many = make([0.0, 0.0], **wide, shape=(29, 3)).verdict
    assert many.endswith((" is unlikely.", "more folds would tell more."))
    inside = "0.0000 to 1.0000" in repr(found)
    assert inside == (metric == "accuracy")
    sentence = str(found.compare("s1", "s0"))
    assert ("(interval -100.0 to 100.0 points; " in sentence) == (metric == "accuracy")


def test_what_nobody_learns_is_said_first_and_once():
    found = make([0.0, 0.001, np.nan, -0.3], dummy=0.99)
    assert found.verdict.startswith(
        "No scheme has learned: on most folds, no scheme scores better"
    )
    assert found.verdict.count("learned") == 1
    assert found.verdict.endswith("'s2' could not be trained: see ['error'].")


def test_schemes_that_fail_alike_share_a_sentence():
    verdict = make([0.0, 0.001, -5, -9], names=["a", "b", "c", "d"]).verdict
    assert verdict.endswith(
        " 100% of the restarts of 'c' and 'd' diverged or are no better than a dummy."
    )
    assert verdict.count("restarts of") == 1


def test_errors_are_shown_in_their_row_and_break_no_line():
    error = "ValueError: first\n  second <b>, " + 60 * "x"
    found = make([0.0, np.nan, 0.1], error=error, names=["a", "b\nc", "d"])
    shown = "ValueError: first second <b>, " + 27 * "x" + "..."
    header, *rows = repr(found).splitlines()[1:]
    assert [re.split("  +", row)[0] for row in rows[:3]] == ["d", "a *", "b c"]
    assert rows[2].endswith(f"  failed  {shown}")
    assert header.index("score") + len("score") == rows[2].index("failed") + len("failed")
    assert len(shown) == 60
    html = found._repr_html_()
    assert f'<td>failed</td><td colspan="6">{shown.replace("<b>", "&lt;b&gt;")}</td>' in html
    assert html.count("<td>") == 2 * 8 + 2
    assert found["error"][1] == error


def test_a_comparison_is_equal_to_itself_alone():
    one, other = make([0.0, 0.1]), make([0.0, 0.1])
    assert one == one
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("metric", ["explained_variance", "d2_absolute_error_score"])
def test_scores_of_at_most_one_can_tell_that_nothing_is_learned(metric):
    found = make([0.0, 1e-10], **EQUAL, metric=metric, dummy=0.8)
    assert found.verdict.startswith("No scheme has learned")
