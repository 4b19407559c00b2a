"""The record that `compare_initializers` returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init._mapping import ArrayMapping
from sklearn_init.comparison import _text
from sklearn_init.comparison._columns import (
    count_epochs,
    find_failed,
    find_failed_folds,
    find_target_losses,
    make_columns,
    stack,
)
from sklearn_init.comparison._folds import Fold
from sklearn_init.comparison._order import differ_as_sorted_rows
from sklearn_init.comparison._run import Outcome
from sklearn_init.comparison._statistics import estimate_mean, find_wilcoxon_p, subtract
from sklearn_init.comparison._variance import share_variance, split_variance

if TYPE_CHECKING:
    import pandas


CHANCE = " This may be chance."


@dataclass(frozen=True)
class Question:
    """What a comparison was asked.

    Attributes
    ----------
    schemes : dict
        By name.
    baseline : str
    n_restarts : int
    seeds : ndarray of shape (n_folds,)
    test_over_train : float
    coverage : float
    error_score : float
    metric : str
        The name of the score.
    splitter : str
        What to give as `cv` so that it shuffles; empty if it does, or if that is not known.
    """

    schemes: dict[str, Any]
    baseline: str
    n_restarts: int
    seeds: NDArray
    test_over_train: float
    coverage: float
    error_score: float
    metric: str
    splitter: str = ""


@dataclass(frozen=True)
class Difference:
    """How much better one scheme is than another, over the same folds.

    `Comparison.compare` returns it; ``print(difference)`` says it in a sentence.

    Parameters
    ----------
    a, b : str
        Names of the schemes.
    mean : float
        The mean score of `a` minus that of `b`.
    lower, upper : float
        Its interval, by the corrected t test; NaN where there are too few folds for one.
    p_value : float
        Of the corrected t test; NaN where there are too few folds for it.
    p_value_wilcoxon : float
        Of Wilcoxon's signed-rank test.
    n_won, n_lost, n_folds : int
        Folds in which `a` is better, in which it is worse, and all of them.
    metric : str
        The name of the score.

    See Also
    --------
    Comparison.compare : Makes it.

    Examples
    --------
    >>> from sklearn_init.comparison import Difference
    >>> found = Difference("he_normal", "zeros", 0.3, 0.2, 0.4, 0.002, 0.06, 5, 0, 5, "accuracy")
    >>> print(str(found).partition(" (")[0])
    'he_normal' is better than 'zeros' by 30.0 points
    """

    a: str
    b: str
    mean: float
    lower: float
    upper: float
    p_value: float
    p_value_wilcoxon: float
    n_won: int
    n_lost: int
    n_folds: int
    metric: str

    def __str__(self) -> str:
        if not (self.n_won or self.n_lost):
            return f"{self.a!r} and {self.b!r} have the same score on every fold."
        sign = 1 if self.mean >= 0 else -1
        verb = "won" if sign > 0 else "lost"
        is_certain = bool(self.lower * self.upper > 0)  # not if there are too few folds
        word = {
            (True, 1): "is better than",
            (True, -1): "is worse than",
            (False, 1): "scores above",
            (False, -1): "scores below",
        }[is_certain, sign]
        low, high = sorted([sign * self.lower, sign * self.upper])
        n_such = self.n_won if sign > 0 else self.n_lost
        interval = _text.format_interval(low, high, self.metric)
        known = "; ".join(filter(None, [interval, _text.format_p(self.p_value)]))
        return (
            f"{self.a!r} {word} {self.b!r} by "
            f"{_text.format_size(sign * self.mean, self.metric)}{f' ({known})' if known else ''}, "
            f"and has {verb} in {n_such} of {self.n_folds} folds."
            f"{'' if is_certain else CHANCE}"
        )


class Comparison(ArrayMapping):
    """What became of each scheme: a mapping of arrays of shape (n_schemes,).

    `compare_initializers` returns it. The unit of all statistics is a fold, and its score the mean
    over restarts. The restarts of a fold share its rows; counted one by one, they would make few
    data look like many.

    ================================  =================================================
    ``scheme``                        the name
    ``mean_test_score``               the mean over folds of the mean over restarts
    ``std_test_score``                the standard deviation over folds
    ``lower``, ``upper``              the interval of the mean, by Nadeau and Bengio
    ``rank_test_score``               1 has the highest mean
    ``mean_rank``                     the mean over folds of the rank within the fold
    ``mean_chosen_score``             that of what the estimator predicts with: of the
                                      restart it chooses, or of the average
    ``std_restarts``                  the standard deviation between restarts of a fold
    ``failure_rate``                  the share of restarts that diverged, or are no
                                      better than a dummy
    ``median_epochs``                 epochs until the loss at which the median restart
                                      of the baseline ends; NaN if half never get there
    ``mean_fit_time``                 seconds for all restarts of a fold
    ``difference``                    the mean score minus the baseline's
    ``difference_lower``, ``_upper``  its interval
    ``p_value``                       of the corrected t test against the baseline
    ``p_value_holm``                  the same, corrected for the number of schemes
    ``p_value_wilcoxon``              of Wilcoxon's signed-rank test, corrected as well
    ``error``                         what went wrong; empty if nothing did
    ================================  =================================================

    Intervals and p values are NaN for a single fold, and for two or three in which the scores, or
    differences, are equal. A record is equal to itself alone.

    Parameters
    ----------
    question : Question
        What `compare_initializers` was asked.
    folds : sequence of Fold
        The rows.
    outcomes : sequence of Outcome
        What became of every scheme on every fold.

    Attributes
    ----------
    verdict : str
        What it comes to, in plain words.
    baseline : str
    schemes : dict
        The schemes by name.
    failed_folds : dict
        The error by the index of a fold on which no scheme could be trained or scored. Such folds
        are left out of all else, also of `n_folds`.
    has_sorted_rows : bool
        Whether folds differ by more than chance explains, while `cv` does not shuffle.
    scores, losses : ndarray of shape (n_schemes, n_folds, n_restarts)
        Scores on the test rows, and training losses; NaN where a fit failed. A restart that
        diverged has the score of a dummy.
    n_iter, diverged, failed : ndarray of shape (n_schemes, n_folds, n_restarts)
        Epochs; whether the restart diverged; whether it counts as a failure.
    epochs_to_loss : ndarray of shape (n_schemes, n_folds, n_restarts)
        Epochs until the loss was that of `target_losses`; NaN for never.
    loss_curves : ndarray of shape (n_schemes, n_folds, n_restarts, max_epochs)
        The loss after every epoch, filled up with NaN.
    chosen_scores, fit_times : ndarray of shape (n_schemes, n_folds)
    dummy_scores, constant_scores, target_losses, seeds : ndarray of shape (n_folds,)
        What a dummy scores; what the best constant prediction for the test rows scores; the
        baseline's loss; the `random_state` of all networks.
    variance : dict
        Components of the variance of scores: "scheme", "fold", "restart" and "rest".
    variance_shares : dict
        The same as shares of their sum.
    friedman : Friedman or None
        `mean_ranks`, `statistic`, `p_value` and `critical_difference` over the schemes that did
        not fail; None for fewer than two schemes or folds.
    coverage : float
        The probability of the intervals.
    metric : str
        The name of the score.
    test_over_train : float
        The number of test rows over that of training rows.

    See Also
    --------
    sklearn_init.compare_initializers : Makes it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.comparison import compare_initializers
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((10,), max_iter=5, random_state=0)
    >>> comparison = compare_initializers(clf, X, y, ["sklearn", "he_normal"], n_restarts=2)
    >>> list(comparison)[:3], comparison.scores.shape
    (['scheme', 'mean_test_score', 'std_test_score'], (2, 5, 2))
    """

    def __init__(self, question: Question, folds: Sequence[Fold], outcomes: Sequence[Outcome]):
        names = list(question.schemes)
        shape = len(names), len(folds), question.n_restarts
        self.failed_folds = find_failed_folds(outcomes, len(names))
        is_kept = np.array([fold.index not in self.failed_folds for fold in folds])
        arrays = {name: a[:, is_kept] for name, a in stack(outcomes, shape).items()}
        is_error = np.zeros(shape[:2], dtype=bool)
        errors = [""] * len(names)
        for outcome in outcomes:
            if outcome.error and is_kept[outcome.fold]:
                is_error[outcome.scheme, outcome.fold] = True
                errors[outcome.scheme] = errors[outcome.scheme] or outcome.error
        is_error = is_error[:, is_kept]
        baseline = names.index(question.baseline)
        folds = [fold for fold in folds if is_kept[fold.index]]
        self.dummy_scores = np.array([fold.dummy_score for fold in folds])
        self.constant_scores = np.array([fold.constant_score for fold in folds])
        self.target_losses = find_target_losses(
            arrays["losses"][baseline], arrays["diverged"][baseline]
        )
        arrays["epochs_to_loss"] = count_epochs(arrays["loss_curves"], self.target_losses)
        arrays["failed"] = find_failed(
            arrays["scores"], arrays["diverged"], self.dummy_scores, is_error
        )
        for name in ("scores", "chosen_scores"):
            arrays[name][is_error] = question.error_score
        columns, self.friedman = make_columns(
            arrays, baseline, question.test_over_train, question.coverage
        )
        self._columns = {
            "scheme": np.array(names, dtype=object),
            **columns,
            "error": np.array(errors, dtype=object),
        }
        self.scores, self.losses = arrays["scores"], arrays["losses"]
        self.chosen_scores, self.fit_times = arrays["chosen_scores"], arrays["fit_times"]
        self.n_iter, self.diverged = arrays["n_iter"], arrays["diverged"]
        self.failed, self.epochs_to_loss = arrays["failed"], arrays["epochs_to_loss"]
        self.loss_curves = arrays["loss_curves"]
        self.schemes, self.baseline = question.schemes, question.baseline
        self.seeds, self.metric = question.seeds[is_kept], question.metric
        self.coverage, self.test_over_train = question.coverage, question.test_over_train
        is_known = np.isfinite(self.scores).all(axis=(1, 2))
        self.splitter = question.splitter
        is_learned = is_known & (self["failure_rate"] < _text.LOST)
        self.has_sorted_rows = bool(question.splitter) and differ_as_sorted_rows(
            self.scores[is_learned].mean(axis=2), folds, self.metric
        )
        self.variance = split_variance(self.scores[is_known])
        self.variance_shares = share_variance(self.variance)

    @property
    def verdict(self) -> str:
        """What it comes to, in plain words."""
        return _text.describe(self)

    def compare(self, a: str, b: str) -> Difference:
        """Return how much better one scheme is than another.

        The p values are those of a single question: who looks at many pairs will find some that
        differ by chance.

        Parameters
        ----------
        a, b : str
            Names of schemes.

        Returns
        -------
        Difference
            With `mean`, `lower`, `upper`, `p_value` and `p_value_wilcoxon`.

        Raises
        ------
        ValueError
            If a name is not that of a scheme, or the scheme failed.

        See Also
        --------
        to_frame : See all of them.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.comparison import compare_initializers
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), max_iter=30, learning_rate_init=0.01, random_state=0)
        >>> comparison = compare_initializers(clf, X, y, ["zeros", "he_normal"], n_restarts=2)
        >>> comparison.compare("he_normal", "zeros").mean > 0.1
        True
        """
        names = list(self["scheme"])
        rows = []
        for parameter, name in (("a", a), ("b", b)):
            if name not in names:
                raise ValueError(f"{parameter}={name!r} is not known: choose one of {names}.")
            row = self.scores[names.index(name)].mean(axis=1)
            if not np.isfinite(row).all():
                raise ValueError(
                    f"{parameter}={name!r} could not be trained: "
                    f"{self['error'][names.index(name)]}"
                )
            rows.append(row)
        differences = subtract(*rows)
        estimate = estimate_mean(differences, self.test_over_train, self.coverage)
        return Difference(
            a=a,
            b=b,
            **vars(estimate),
            p_value_wilcoxon=find_wilcoxon_p(differences),
            n_won=int((differences > 0).sum()),
            n_lost=int((differences < 0).sum()),
            n_folds=len(differences),
            metric=self.metric,
        )

    def to_frame(self) -> "pandas.DataFrame":
        """Return the record as a data frame with one row per scheme.

        Its columns are the keys of the record, and its index the names of the schemes.

        Returns
        -------
        pandas.DataFrame
            One that shares nothing with the record.

        Raises
        ------
        ImportError
            If pandas is not installed.

        See Also
        --------
        compare : Compare two schemes.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.comparison import compare_initializers
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((10,), max_iter=5, random_state=0)
        >>> comparison = compare_initializers(clf, X, y, ["zeros", "he_normal"], n_restarts=2)
        >>> float(comparison.to_frame().loc["zeros", "difference"])
        0.0
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("Comparison.to_frame() needs pandas: pip install pandas.") from error
        return pandas.DataFrame(self._columns).set_index("scheme")

    def __repr__(self) -> str:
        return _text.make_text(self)

    def _repr_html_(self) -> str:
        return _text.make_html(self)
