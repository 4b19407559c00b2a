"""When another batch of restarts is not worth it: the rule of ``n_restarts="auto"``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sklearn_init.solvers import Restart
from sklearn_init.training._expected_best import expect_best
from sklearn_init.training._race import select
from sklearn_init.training._run import End, Plan, train_restarts

BATCH = 8
"""Number of restarts between two looks: fixed, so that `n_jobs` changes nothing."""


@dataclass(frozen=True)
class Enough:
    """Tells when there are enough restarts.

    The expected best of n falls ever more slowly with n. So what the last batch was expected to
    bring, which the restarts seen tell without bias, is at least what the next one would.

    Attributes
    ----------
    tol : float
        The least expected improvement, as a share of the best so far, that is worth a batch.
    n_max : int
        The largest number of restarts.
    """

    tol: float
    n_max: int

    def explain(self, batches: Sequence[Sequence[Restart]], *, by_score: bool) -> str:
        """Return why there are enough restarts, or an empty text if there are not."""
        n_restarts = sum(map(len, batches))
        gain = expect_gain(batches, by_score=by_score)
        outlook = f"{BATCH} more are expected to improve the best one by at most {gain:.2g} of it"
        if gain <= self.tol:
            return f"{n_restarts} are enough: {outlook}, and restart_tol={self.tol!r}."
        if n_restarts >= self.n_max:
            return f"max_restarts={self.n_max!r} is reached" + (
                f"; {outlook}." if gain < np.inf else "."
            )
        return ""


def expect_gain(batches: Sequence[Sequence[Restart]], *, by_score: bool) -> float:
    """Return by what share of itself the best restart is expected to be better for one batch.

    What was raced counts by the best of its batch alone, as the others were not trained to the
    end. A restart that diverged counts as the worst.
    """
    is_race = any(restart.dropped for batch in batches for restart in batch)
    if is_race:  # a batch without finite weights counts, too, as one that diverged
        batches = [select(batch, by_score=by_score) or batch[:1] for batch in batches]
    values = np.array([_get_value(r, by_score) for batch in batches for r in batch])
    n_new = 1 if is_race else BATCH  # the last batch may be smaller
    is_finite = np.isfinite(values)
    if len(values) <= n_new or is_finite.sum() < 2:
        return np.inf
    values[~is_finite] = values[is_finite].max()
    expected = expect_best(np.sort(values))
    gain, best = expected[-1 - n_new] - expected[-1], abs(expected[-1])
    if gain <= 0:
        return 0.0
    return gain / best if best else np.inf


def _get_value(restart: Restart, by_score: bool) -> float:
    """Return what a restart reached, lower being better."""
    if restart.diverged:
        return np.inf
    return -restart.best_score if by_score else restart.loss


def train_until_enough(
    first: Sequence[Restart],
    draw: Callable[[range], list[Restart]],
    plan: Plan,
    enough: Enough,
    n_jobs: int | None,
) -> tuple[list[Restart], End, str]:
    """Train batch after batch of restarts until there are enough.

    Parameters
    ----------
    first : sequence of Restart
        The first batch.
    draw : callable
        Returns the restarts of these indices.
    plan : Plan
    enough : Enough
    n_jobs : int or None
        As in scikit-learn.

    Returns
    -------
    restarts : list of Restart
    end : End
    reason : str
        Why there are enough; empty if it ended before its time.
    """
    batches: list[list[Restart]] = []
    restarts: list[Restart] = []
    batch = list(first)
    while True:
        trained, end = train_restarts(batch, plan, n_jobs)
        batches.append(trained)
        restarts += trained
        if end is not End.COMPLETE:
            return restarts, end, ""
        try:
            reason = enough.explain(batches, by_score=plan.by_score)
            if reason:
                return restarts, end, reason
            batch = draw(range(len(restarts), min(len(restarts) + BATCH, enough.n_max)))
        except KeyboardInterrupt:
            return restarts, End.INTERRUPTED, ""
