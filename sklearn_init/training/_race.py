"""The race among restarts: how far each goes, and which are better, by what they reached alone.

A race has rungs. All restarts train to the first one's epoch, the better part of them to the
second one's, and so on (successive halving [1]_). Every decision is a function of (restart, epoch,
loss or score): it depends neither on seconds nor on who finished first.

.. [1] Jamieson, Talwalkar. "Non-stochastic best arm identification and hyperparameter
   optimization". AISTATS 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from sklearn_init.solvers import Restart


@dataclass(frozen=True)
class Rung:
    """A part of a race.

    Attributes
    ----------
    n_restarts : int
        The largest number of restarts that train, the best ones so far.
    n_epochs : int
        The epoch until which they train.
    """

    n_restarts: int
    n_epochs: int


def make_rungs(
    n_restarts: int, n_epochs: int, *, first: float = 1.0, factor: float = 2.0, keep: int = 1
) -> tuple[Rung, ...]:
    """Return the rungs of a race.

    Parameters
    ----------
    n_restarts, n_epochs : int
        How many restarts begin, and the epoch at which those that are left end.
    first : float
        Share of the epochs that all restarts train; 1 is no race.
    factor : float
        From rung to rung, epochs are multiplied by this, and the number of restarts is divided.
    keep : int
        The least number of restarts that train to the end.
    """
    n_restarts_until: dict[int, int] = {}
    share, n_left = first, float(n_restarts)
    while share < 1:
        # a race so short that rungs fall on the same epoch takes the first of them
        n_restarts_until.setdefault(max(1, round(share * n_epochs)), max(keep, ceil(n_left)))
        share, n_left = share * factor, n_left / factor
    n_restarts_until.setdefault(n_epochs, max(keep, ceil(n_left)))
    return tuple(Rung(n, until) for until, n in n_restarts_until.items())


def is_race(rungs: Sequence[Rung]) -> bool:
    """Whether any restart can be dropped."""
    return rungs[-1].n_restarts < rungs[0].n_restarts


def rank(restarts: Sequence[Restart], *, by_score: bool) -> list[Restart]:
    """Return the restarts in order, the best one first.

    Restarts that diverged come last, before them those that were dropped. Then, if `by_score`, the
    highest validation score wins, then the lowest loss, then the lowest index.
    """
    return sorted(
        restarts,
        key=lambda r: (
            r.diverged,
            r.dropped,
            -r.best_score if by_score else 0.0,
            np.nan_to_num(r.loss, nan=np.inf),
            r.index,
        ),
    )


def select(restarts: Sequence[Restart], n: int = 1, *, by_score: bool) -> list[Restart]:
    """Return the `n` best restarts, the best one first.

    Fewer are returned, but at least one, if others diverged or were dropped; none is, if none has
    finite weights.
    """
    ranked = rank([restart for restart in restarts if restart.is_usable], by_score=by_score)
    return ranked[:1] + [r for r in ranked[1:n] if not (r.diverged or r.dropped)]
