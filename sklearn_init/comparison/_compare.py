"""Comparing initializers: schemes x folds x restarts in one parallel pass."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state, indexable

from sklearn_init._checks import is_integer, is_real
from sklearn_init._lookup import lookup
from sklearn_init._numpy_errors import with_default_errors
from sklearn_init._warn import warn_user
from sklearn_init.comparison._columns import find_failed_folds
from sklearn_init.comparison._folds import Cut, describe_classes, prepare_fold
from sklearn_init.comparison._progress import ComparisonProgress
from sklearn_init.comparison._record import Comparison, Question
from sklearn_init.comparison._run import Outcome, run
from sklearn_init.comparison._schemes import (
    check_schemes,
    choose_baseline,
    find_network,
    name_schemes,
)
from sklearn_init.comparison._text import advise_on_classes
from sklearn_init.estimators import check_parameter, resolve_parameters

MAX_SEED = np.iinfo(np.int32).max


@with_default_errors
def compare_initializers(
    estimator: Any,
    X: Any,
    y: Any,
    schemes: Any,
    *,
    cv: Any = 5,
    n_restarts: int = 5,
    scoring: Any = None,
    n_jobs: int | None = None,
    baseline: str | None = None,
    groups: Any = None,
    coverage: float = 0.95,
    error_score: float | str = np.nan,
    verbose: bool | int | None = None,
    checkpoint: str | os.PathLike | None = None,
) -> Comparison:
    """Compare initialization schemes by cross-validation with restarts, and test differences.

    Every scheme is trained on every fold with `n_restarts` restarts, all in one parallel pass. It
    is a paired comparison: for every scheme, the folds, the split for early stopping, the batches
    of every epoch and the seeds of restarts are the same. The seeds differ between folds, since a
    scheme that is lucky with one seed would be so in every fold.

    The score of a fold is the mean over restarts: what one expects of the scheme, rather than of
    the best seed. Differences from the baseline are tested with the corrected resampled t test
    of Nadeau and Bengio, which allows for folds that share training rows; `cv` may repeat, as in
    ``RepeatedKFold``. Results do not depend on `n_jobs`.

    Parameters
    ----------
    estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or TransformedTargetRegressor
        The last two end in one of the first two, and may be nested. What stands before the
        network is fitted once per fold, for all schemes; scores are in the unit of `y`. The
        estimator is not changed. Its `random_state` makes the seeds of folds, also if it is an
        int; `weight_init`, `n_restarts`, `restart_strategy`, `n_jobs`, `warm_start`, `verbose`,
        `checkpoint` and callbacks are not used.
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        The data, whose copies for all folds are held in memory.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Class labels or numbers.
    schemes : list or dict
        What `weight_init` takes, or names and schemes.
    cv : int, cross-validation generator or iterable, default=5
        As in scikit-learn's `cross_validate`; rows may be given as masks, too.
    n_restarts : int, default=5
        The number of restarts per scheme and fold.
    scoring : str, callable or None, default=None
        A scorer of scikit-learn, higher is better; None is accuracy, or R^2 of a regressor. It
        sees the network and rows that have passed the steps before it.
    n_jobs : int or None, default=None
        The number of workers, as in scikit-learn; a fit of a scheme on a fold is a task. They are
        threads where the compiled engine trains.
    baseline : str or None, default=None
        The name of the scheme that the others are compared with; None is the first one.
    groups : array-like of shape (n_samples,) or None, default=None
        Groups for splitters such as ``GroupKFold``.
    coverage : float, default=0.95
        The probability of intervals; one minus it is the level of tests.
    error_score : "raise" or float, default=numpy.nan
        The score where a fit fails. With NaN, the scheme is a row without scores, with its error.
        A fold on which all schemes fail is left out, and the others count.
    verbose : bool, int or None, default=None
        None prints a line to stderr every few seconds once the comparison lasts longer than that:
        how many fits there are, how many are done, and about how long the others will take. True
        prints a line to stdout per scheme and fold, with the time left; False prints nothing.
    checkpoint : str, path-like or None, default=None
        The folder where fits are saved while they train. If the comparison was killed, the same
        call resumes it: fits that had ended are not trained again, and the scores are bit-for-bit
        those of an uninterrupted comparison. What stands before the network is fitted again. The
        estimator's `random_state` has to be an int.

    Returns
    -------
    Comparison
        A mapping of arrays with an entry per scheme; ``print(comparison)`` shows a table and the
        verdict.

    Raises
    ------
    TypeError
        If `estimator` neither is a network of this package nor ends in one.
    ValueError
        If a parameter is not allowed, the name of a scheme is not known, or all fits fail.

    See Also
    --------
    sklearn_init.comparison.Comparison : What it tells.

    Notes
    -----
    A restart that diverged has the score of a `DummyClassifier` or `DummyRegressor`: with its
    predictions of 1e20, a single one would hide all else, and left out, a scheme would profit.
    Where `scoring` cannot judge a dummy, it has the worst score of the scheme's other restarts on
    the fold.

    There is no `sample_weight`, and there are no `params` for the steps of a pipeline, the
    splitter or the scorer: fits and scores count all rows alike.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.comparison import compare_initializers
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((10,), max_iter=40, learning_rate_init=0.01, random_state=0)
    >>> pipe = make_pipeline(StandardScaler(), clf)
    >>> comparison = compare_initializers(pipe, X, y, ["sklearn", "he_normal", "zeros"])
    >>> comparison.scores.shape
    (3, 5, 5)
    >>> comparison["failure_rate"].tolist()
    [0.0, 0.0, 1.0]
    >>> print(comparison.verdict.partition(" by ")[0])
    Compared with 'sklearn', 'zeros' is worse
    """
    _check(n_restarts=n_restarts, coverage=coverage, error_score=error_score, verbose=verbose)
    stages, network = find_network(estimator)
    _check_checkpoint(checkpoint, network)
    named = name_schemes(schemes)
    baseline = choose_baseline(baseline, list(named))
    scorer = _find_scorer(network, scoring)
    metric = _name_metric(scoring, is_classifier(network))
    if y is None:
        raise ValueError("y=None is not allowed: expected labels or numbers, one per row of X.")
    X, y, groups = indexable(network._check_before_split(X, y), y, groups)
    splitter = check_cv(cv, y, classifier=is_classifier(network))
    cuts = _make_cuts(splitter.split(X, y, groups), X, cv, metric)
    seeds = check_random_state(network.random_state).randint(MAX_SEED, size=len(cuts))
    networks = [
        _make_network(network, scheme, n_restarts, checkpoint) for scheme in named.values()
    ]
    resolve_parameters(networks[0])
    check_schemes(named, network)
    with ComparisonProgress(list(named), len(cuts), n_restarts, verbose, checkpoint) as progress:
        folds, outcomes = run(
            networks,
            cuts,
            partial(prepare_fold, X=X, y=y, stages=stages, network=network, scorer=scorer),
            [int(seed) for seed in seeds],
            scorer,
            n_jobs,
            progress.tell,
        )
    splitter_that_shuffles = _suggest_splitter(splitter)
    explain = partial(
        _explain_failure, cuts=cuts, y=y, network=network, splitter=splitter_that_shuffles
    )
    _tell_errors(outcomes, list(named), error_score, explain)
    question = Question(
        named,
        baseline,
        n_restarts,
        seeds,
        sum(len(cut.test) for cut in cuts) / sum(len(cut.training) for cut in cuts),
        coverage,
        np.nan if isinstance(error_score, str) else float(error_score),
        metric,
        splitter_that_shuffles,
    )
    return Comparison(question, folds, outcomes)


def _check_checkpoint(checkpoint: Any, network: Any) -> None:
    """Make the folder, or raise an error, also if the same call would not find it again."""
    check_parameter("checkpoint", checkpoint)
    if checkpoint is None:
        return
    if not is_integer(network.random_state):
        raise ValueError(
            f"checkpoint={os.fspath(checkpoint)!r} needs an int as random_state of the estimator, "
            f"not {network.random_state!r}: the same call would not find what this one saves."
        )
    try:
        os.makedirs(os.path.expanduser(checkpoint), exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"checkpoint={os.fspath(checkpoint)!r} is no folder and cannot be made one "
            f"({error.strerror}): give another one."
        ) from error


def _find_scorer(network: Any, scoring: Any) -> Any:
    """Return the scorer of a name, a callable or None."""
    if isinstance(scoring, list | tuple | dict | set):
        raise ValueError(f"scoring={scoring!r} is not allowed: expected a single score.")
    if isinstance(scoring, str):
        lookup(dict.fromkeys(get_scorer_names()), scoring, "scoring")
    return check_scoring(network, scoring=scoring)


def _suggest_splitter(splitter: Any) -> str:
    """Return a splitter that shuffles in the place of one that does not; else an empty text."""
    if getattr(splitter, "shuffle", True) is not False:
        return ""
    n_splits = splitter.get_n_splits()
    return f"cv={type(splitter).__name__}({n_splits}, shuffle=True, random_state=0)"


def _check(*, n_restarts: Any, coverage: Any, error_score: Any, verbose: Any) -> None:
    """Raise an error that names the first parameter that is not allowed."""
    rules = {
        "n_restarts": (
            n_restarts,
            is_integer(n_restarts) and n_restarts >= 1,
            "an integer >= 1",
        ),
        "coverage": (coverage, is_real(coverage) and 0 < coverage < 1, "above 0, below 1"),
        "error_score": (
            error_score,
            is_real(error_score) or (isinstance(error_score, str) and error_score == "raise"),
            "'raise' or a number",
        ),
        "verbose": (
            verbose,
            verbose is None
            or isinstance(verbose, bool | np.bool_)
            or (is_integer(verbose) and verbose >= 0),
            "None, True, False or an integer >= 0",
        ),
    }
    for name, (value, is_allowed, expected) in rules.items():
        if not is_allowed:
            raise ValueError(f"{name}={value!r} is not allowed: expected {expected}.")


def _make_network(network: Any, scheme: Any, n_restarts: int, checkpoint: Any) -> Any:
    """Return a copy of the network to be fitted with a scheme, which nobody follows."""
    copied = clone(network).set_params(
        weight_init=scheme,
        n_restarts=n_restarts,
        restart_strategy="full",
        n_jobs=1,
        warm_start=False,
        verbose=False,
        checkpoint=checkpoint,
    )
    if hasattr(copied, "set_callbacks"):  # scikit-learn < 1.9 has no callbacks
        copied.set_callbacks()
    return copied


def _make_cuts(splits: Iterable[Any], X: Any, cv: Any, metric: str) -> list[Cut]:
    """Return the rows of each fold as integers, or raise an error that names `cv`."""
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    cuts = [
        Cut(index, *(_find_rows(rows, n_rows) for rows in split))
        for index, split in enumerate(splits)
    ]
    if not cuts:
        raise ValueError(f"cv={cv!r:.60} has no folds: give one or more, or their number.")
    if metric in ("R2", "r2") and min(len(cut.test) for cut in cuts) < 2:
        raise ValueError(
            f"cv={cv!r:.60} tests on a single row, but R^2 needs two or more: take larger folds, "
            "or scoring='neg_mean_squared_error'."
        )
    return cuts


def _find_rows(rows: Any, n_rows: int) -> NDArray:
    """Return numbers of rows, which may be given as a mask."""
    rows = np.asarray(rows)
    if rows.dtype != bool:
        return rows
    if len(rows) != n_rows:
        raise ValueError(f"cv has a mask of {len(rows)} entries, but X has {n_rows} rows.")
    return np.flatnonzero(rows)


def _explain_failure(fold: int, cuts: Sequence[Cut], y: Any, network: Any, splitter: str) -> str:
    """Return which class a fold lacks and what to do; an empty text if that is not the cause."""
    if not is_classifier(network) or np.ndim(y) != 1:
        return ""
    text = describe_classes(cuts[fold], y)
    return f" {text} {advise_on_classes(splitter)}" if text else ""


def _tell_errors(
    outcomes: list[Outcome],
    names: list[str],
    error_score: float | str,
    explain: Callable[[int], str],
) -> None:
    """Raise an error if all fits failed, or any if that is asked for; else warn of each scheme."""
    failed = [outcome for outcome in outcomes if outcome.error]
    if failed and (error_score == "raise" or len(failed) == len(outcomes)):
        first = failed[0]
        which = "All fits" if len(failed) == len(outcomes) else f"{len(failed)} fits"
        raise ValueError(
            f"{which} failed; that of {names[first.scheme]!r} on fold {first.fold + 1}: "
            f"{first.error}{explain(first.fold)}"
        ) from first.exception
    n_folds = len(outcomes) // len(names)
    lost = find_failed_folds(outcomes, len(names))
    for fold, error in lost.items():
        warn_user(
            f"Fold {fold + 1} of {n_folds} is left out, as no scheme could be trained or scored "
            f"on it: {error} The other folds count.{explain(fold)}",
            FitFailedWarning,
        )
    for scheme, name in enumerate(names):
        of_scheme = [o for o in failed if o.scheme == scheme and o.fold not in lost]
        if of_scheme:
            warn_user(
                f"{len(of_scheme)} of {n_folds} fits of {name!r} failed: {of_scheme[0].error}",
                FitFailedWarning,
            )


def _name_metric(scoring: Any, is_classification: bool) -> str:
    """Return the name of a score."""
    if scoring is None:
        return "accuracy" if is_classification else "R2"
    if isinstance(scoring, str):
        return scoring
    made = re.match(r"make_scorer\((\w+)(, greater_is_better=False)?", repr(scoring))
    if made:
        return f"neg_{made[1]}" if made[2] else made[1]
    return getattr(scoring, "__name__", repr(scoring))
