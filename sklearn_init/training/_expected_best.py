"""How many restarts are worth it: the expected best of fewer, by order statistics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

WITHIN = 0.01
"""What the sentence of `ExpectedBest` calls close: one percent."""


def expect_best(ordered: ArrayLike) -> NDArray:
    """Return the expected value of the best of 1, ..., R, of shape (R,).

    It is the mean over all choices of n out of R restarts of what the best one of them reached
    [1]_, and so free of bias for restarts that are independent of each other::

        E_n = sum_i C(R - 1 - i, n - 1) / C(R, n) ordered[i],    i = 0, ..., R - 1

    Parameters
    ----------
    ordered : array-like of shape (R,)
        What each restart reached, in the order in which one is chosen, the best one first.

    References
    ----------
    .. [1] Tang et al. "Showing your work doesn't always work". ACL 2020.
    """
    ordered = np.asarray(ordered, dtype=np.float64)
    n_restarts = len(ordered)
    index = np.arange(n_restarts)
    chances = np.full(n_restarts, 1 / n_restarts)  # that i is the best of n, for n = 1
    expected = np.empty(n_restarts)
    for n in range(1, n_restarts + 1):
        # a mean of differences: exact where restarts are equal, and for the best of all
        expected[n - 1] = ordered[0] + chances @ (ordered - ordered[0])
        if n < n_restarts:
            chances *= (n + 1) / n * np.maximum(n_restarts - n - index, 0) / (n_restarts - n)
    return expected


def find_interval(ordered: NDArray, n: int, coverage: float) -> tuple[float, float]:
    """Return what the best of `n` lies between with probability `coverage`.

    The restarts are drawn from those seen, with replacement; both tails are equally likely.
    """
    n_restarts = len(ordered)
    chances = -np.diff((np.arange(n_restarts, -1, -1) / n_restarts) ** n)
    by_value = np.argsort(ordered, kind="stable")
    below = np.cumsum(chances[by_value])
    tail = (1 - coverage) / 2
    # a sum that is 1 - tail but for rounding
    places = np.searchsorted(below, [tail + 1e-12, 1 - tail - 1e-12])
    low, high = ordered[by_value[np.minimum(places, n_restarts - 1)]]
    return float(low), float(high)


@dataclass(frozen=True)
class ExpectedBest:
    """What the best of n restarts is expected to reach.

    Attributes
    ----------
    n : ndarray of shape (R,)
        Numbers of restarts, 1 to R.
    mean : ndarray of shape (R,)
        The expected value of the best of `n`, free of bias.
    lower, upper : ndarray of shape (R,)
        What the best of `n` lies between with probability `coverage`, if restarts are drawn from
        those seen, with replacement.
    coverage : float
    meaning : str
        What was counted, in sentences that end the text.
    """

    n: NDArray
    mean: NDArray
    lower: NDArray
    upper: NDArray
    coverage: float
    meaning: str = ""

    @classmethod
    def of(cls, ordered: NDArray, coverage: float, meaning: str = "") -> "ExpectedBest":
        """Return it for what restarts reached, the best one first."""
        n = np.arange(1, len(ordered) + 1)
        lower, upper = np.transpose([find_interval(ordered, int(k), coverage) for k in n])
        return cls(n, expect_best(ordered), lower, upper, coverage, meaning)

    def find_n_within(self, tolerance: float) -> int:
        """Return the least n whose expectation is within a share of that of all.

        Parameters
        ----------
        tolerance : float
            The share, at least 0.

        Raises
        ------
        ValueError
            If it is negative or NaN.
        """
        if not tolerance >= 0:
            raise ValueError(f"tolerance={tolerance!r} is not allowed: expected a number >= 0.")
        far = np.abs(self.mean - self.mean[-1]) > tolerance * np.abs(self.mean[-1])
        return int(self.n[far].max(initial=0)) + 1

    def __str__(self) -> str:
        n, total = self.find_n_within(WITHIN), len(self.n)
        if n == total:
            sentence = (
                f"No fewer restarts are within {WITHIN:.0%} of the best of {total}, "
                f"{self.mean[-1]:.4g}: more may be better still."
            )
        else:
            sentence = (
                f"The best of {n} is within {WITHIN:.0%} of the best of {total}: "
                f"{self.mean[n - 1]:.4g} against {self.mean[-1]:.4g} expected."
            )
        return f"{sentence} {self.meaning}".rstrip()
