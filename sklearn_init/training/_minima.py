"""How many minima restarts found, and how many there may be: for tiny networks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

TINY = 1000
"""So many parameters a network may have to be called tiny here."""

MAX_ROWS = 50
"""Networks are compared by their predictions for so many training rows, at most."""


@dataclass(frozen=True)
class Minima:
    """The minima that restarts ended in.

    Two networks with permuted hidden units, or with signs flipped, are the same function: so
    minima are told apart by what the networks predict, never by their weights.

    Attributes
    ----------
    n_found : int
        Number of different minima found.
    labels : ndarray of int of shape (n_restarts,)
        The minimum each restart ended in, numbered by loss; -1 for one that diverged or was
        dropped.
    n_expected : float
        The posterior mean of how many there are, ``w (N - 1) / (N - w - 2)`` for ``w`` minima
        in ``N`` restarts [1]_; infinite where ``N <= w + 2``.
    coverage : float
        The expected share of all starts that lead to the minima found,
        ``(N - w - 1) (N + w) / (N (N - 1))`` [1]_; 0 at least.

    References
    ----------
    .. [1] Boender, Rinnooy Kan. "Bayesian stopping rules for multistart global optimization
       methods". Mathematical Programming 37, 1987.
    """

    n_found: int
    labels: NDArray
    n_expected: float
    coverage: float

    @classmethod
    def of(cls, labels: NDArray) -> "Minima":
        """Return it for the minimum of each restart."""
        n, w = int((labels >= 0).sum()), int(labels.max(initial=-1)) + 1
        expected = w * (n - 1) / (n - w - 2) if n > w + 2 else np.inf
        coverage = (n - w - 1) * (n + w) / (n * (n - 1)) if n > 1 else 0.0
        return cls(w, labels, expected, max(coverage, 0.0))

    @property
    def are_all_found(self) -> bool:
        """Whether fewer than half a further minimum is expected: ``N > 2 w**2 + 3 w + 2``."""
        return self.n_expected < self.n_found + 0.5

    def __str__(self) -> str:
        n = int((self.labels >= 0).sum())
        end = (
            "so that all seem to be found."
            if self.are_all_found
            else "so that more restarts may find more."
        )
        return (
            f"{n} restarts found {self.n_found} minima; {self.n_expected:.3g} are expected, {end}"
        )


def label_minima(predictions: NDArray, losses: NDArray, tol: float) -> NDArray:
    """Return which minimum each network is in, numbered from the lowest loss on.

    Two minima are the same if the root mean squared difference of their predictions is at most
    `tol`, for every two networks of theirs (complete linkage).

    Parameters
    ----------
    predictions : ndarray of shape (n_restarts, n_rows, n_outputs)
    losses : ndarray of shape (n_restarts,)
    tol : float
        In the unit of the predictions.
    """
    n_restarts = len(predictions)
    if n_restarts == 1:
        return np.zeros(1, dtype=int)
    flat = predictions.reshape(n_restarts, -1) / np.sqrt(predictions[0].size)
    groups = fcluster(linkage(flat, "complete"), tol, "distance") - 1
    lowest = np.array([losses[groups == group].min() for group in range(groups.max() + 1)])
    return lowest.argsort().argsort()[groups]
