"""Where the variance of scores comes from: schemes, folds, restarts, or what is left."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SOURCES = "scheme", "fold", "restart", "rest"


def split_variance(scores: ArrayLike) -> dict[str, float]:
    """Return the components of the variance of scores.

    ::

        score = mean + scheme + fold + rest(scheme, fold) + restart

    by the method of moments: the mean squares of an analysis of variance are set to what they are
    expected to be [1]_, ::

        MS(restart) = v_restart                        MS(rest) = v_restart + R v_rest
        MS(scheme) = MS(rest) + K R v_scheme           MS(fold) = MS(rest) + S R v_fold

    and a component that would be negative is 0. `rest` is what a scheme does better in some folds
    than in others.

    Parameters
    ----------
    scores : array-like of shape (S, K, R)
        Of S schemes on K folds with R restarts each; all finite.

    Returns
    -------
    dict
        With the keys "scheme", "fold", "restart" and "rest". What cannot be told apart is NaN: the
        scheme from one scheme, the fold from one fold, the rest from either. From one restart,
        `restart` is NaN and part of `rest`.

    References
    ----------
    .. [1] Searle, Casella and McCulloch. "Variance components". Wiley, 1992.

    Examples
    --------
    >>> split_variance([[[1.0, 3.0], [5.0, 7.0]], [[2.0, 4.0], [6.0, 8.0]]])
    {'scheme': 0.5, 'fold': 8.0, 'restart': 2.0, 'rest': 0.0}
    """
    scores = np.asarray(scores, dtype=np.float64)
    n_schemes, n_folds, n_restarts = scores.shape
    cells = scores.mean(axis=2)
    of_scheme = cells.mean(axis=1) - cells.mean()
    of_fold = cells.mean(axis=0) - cells.mean()
    left = cells - cells.mean() - of_scheme[:, np.newaxis] - of_fold
    restart = _divide(
        ((scores - cells[:, :, np.newaxis]) ** 2).sum(), cells.size * (n_restarts - 1)
    )
    # mean squares over R, as they are of cells
    ms_rest = _divide((left**2).sum(), (n_schemes - 1) * (n_folds - 1))
    ms_scheme = _divide(n_folds * (of_scheme**2).sum(), n_schemes - 1)
    ms_fold = _divide(n_schemes * (of_fold**2).sum(), n_folds - 1)
    of_restarts = 0.0 if np.isnan(restart) else restart / n_restarts
    below = of_restarts if np.isnan(ms_rest) else ms_rest
    components = (ms_scheme - below) / n_folds, (ms_fold - below) / n_schemes
    found = *components, restart, ms_rest - of_restarts
    return {source: float(np.maximum(v, 0)) for source, v in zip(SOURCES, found, strict=True)}


def share_variance(components: dict[str, float]) -> dict[str, float]:
    """Return the components as shares of their sum; all are 0 if it is."""
    total = np.nansum(list(components.values()))
    return {k: float(v / total) if total > 0 else 0.0 * v for k, v in components.items()}


def measure_spread(scores: ArrayLike) -> dict[str, float]:
    """Return standard deviations between means of schemes, of folds, and between restarts.

    What chance adds to means is in them; it is not in the components of `split_variance`.

    Parameters
    ----------
    scores : array-like of shape (n_schemes, n_folds, n_restarts)

    Returns
    -------
    dict
        With the keys "scheme", "fold" and "restart"; NaN where there is only one.
    """
    scores = np.asarray(scores, dtype=np.float64)
    squares = ((scores - scores.mean(axis=2, keepdims=True)) ** 2).sum()
    degrees = scores.size - scores.shape[0] * scores.shape[1]
    return {
        "scheme": _find_std(scores.mean(axis=(1, 2))),
        "fold": _find_std(scores.mean(axis=(0, 2))),
        "restart": float(np.sqrt(_divide(squares, degrees))),
    }


def _find_std(means: NDArray) -> float:
    return float(means.std(ddof=1)) if len(means) > 1 else np.nan


def _divide(squares: float, n: int) -> float:
    """Return a mean square; NaN without degrees of freedom."""
    return squares / n if n > 0 else np.nan
