"""Who goes on in a race, and how far: a function of restart, epoch, loss and score alone."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import ceil

import numpy as np
import pytest
from engine_material import make_objective
from race_material import RUNGS, R, T, stub

from sklearn_init.solvers import Restart
from sklearn_init.solvers._state import Moments
from sklearn_init.training import End, Plan, Rung, _run, make_rungs, select, train_restarts

# ---- the rungs ----


def count_work(rungs):
    """Return the number of epochs of all restarts."""
    begins = [0, *(rung.n_epochs for rung in rungs[:-1])]
    return sum(
        rung.n_restarts * (rung.n_epochs - begin)
        for rung, begin in zip(rungs, begins, strict=True)
    )


def test_the_rungs_of_races_known_by_heart():
    assert make_rungs(R, T, first=1 / 16) == RUNGS
    rungs = make_rungs(32, 200, first=1 / 16)
    assert rungs == (Rung(32, 12), Rung(16, 25), Rung(8, 50), Rung(4, 100), Rung(2, 200))
    assert count_work(rungs) == 32 * 12 + 16 * 13 + 8 * 25 + 4 * 50 + 2 * 100 <= 32 * 200 / 5
    assert make_rungs(27, 90, first=1 / 9, factor=3) == (Rung(27, 10), Rung(9, 30), Rung(3, 90))


@pytest.mark.parametrize("more", [{}, {"first": 1.0}, {"factor": 1e9}])
def test_one_rung_for_all_is_no_race(more):
    assert make_rungs(5, 7, **more) == (Rung(5, 7),)


def test_a_race_in_a_single_epoch_is_none():
    assert make_rungs(32, 1, first=1 / 16) == (Rung(32, 1),)


GRID = list(
    product(
        [1, 7, 32, 81],
        [1, 3, 16, 33],
        [Fraction(1, 16), Fraction(3, 8), Fraction(15, 16), Fraction(1)],
        [Fraction(9, 8), Fraction(3, 2), Fraction(2), Fraction(40)],
        [1, 2, 81],
    )
)


def list_ideal_rungs(n_restarts, n_epochs, first, factor, keep):
    """Return pairs of epoch and number of restarts in exact arithmetic."""
    n_steps = 0
    while first * factor**n_steps < 1:
        n_steps += 1
    shares = [min(first * factor**k, Fraction(1)) for k in range(n_steps + 1)]
    return [
        (max(1, round(share * n_epochs)), max(keep, ceil(n_restarts / factor**k)))
        for k, share in enumerate(shares)
    ]


def make_exact(n_restarts, n_epochs, first, factor, keep):
    keep = min(keep, n_restarts)
    rungs = make_rungs(n_restarts, n_epochs, first=float(first), factor=float(factor), keep=keep)
    return rungs, keep


def test_rungs_are_those_of_exact_arithmetic():
    for n_restarts, n_epochs, first, factor, wanted in GRID:
        rungs, keep = make_exact(n_restarts, n_epochs, first, factor, wanted)
        ideal = list_ideal_rungs(n_restarts, n_epochs, first, factor, keep)
        # who may train in an epoch: as many as the first rung that reaches it says
        for epoch in range(1, n_epochs + 1):
            expected = next(n for until, n in ideal if until >= epoch)
            assert next(r.n_restarts for r in rungs if r.n_epochs >= epoch) == expected


def test_what_holds_for_all_rungs():
    for n_restarts, n_epochs, first, factor, wanted in GRID:
        rungs, keep = make_exact(n_restarts, n_epochs, first, factor, wanted)
        counts, epochs = [r.n_restarts for r in rungs], [r.n_epochs for r in rungs]
        assert counts[0] == n_restarts
        assert epochs[-1] == n_epochs
        assert all(a >= b for a, b in pairwise(counts))
        assert all(a < b for a, b in pairwise(epochs))
        assert counts[-1] >= keep


def test_the_work_of_a_race_is_bounded():
    # every rung but the first costs (1 - 1 / factor) of the first; rounding adds at most an
    # epoch of every restart, and the least number of restarts all epochs of theirs
    for n_restarts, n_epochs, first, factor, wanted in GRID:
        rungs, keep = make_exact(n_restarts, n_epochs, first, factor, wanted)
        n_more = len(list_ideal_rungs(n_restarts, n_epochs, first, factor, keep)) - 1
        full = n_restarts * n_epochs
        bound = full * first * (1 + n_more * (1 - 1 / factor)) + keep * n_epochs + n_restarts
        assert count_work(rungs) <= min(bound, full)


# ---- who goes on, by losses that are written down ----


@dataclass(frozen=True)
class Scripted:
    """A solver whose restarts have the losses, and scores, of a script."""

    losses: np.ndarray
    scores: np.ndarray | None = None
    last_epochs: tuple = ()  # pairs of a restart and the epoch in which it stops by itself
    start_losses: tuple = (1.0,) * R

    def prepare(self, objective):
        return objective

    def train(self, restart, objective, validation, n_epochs, stop_requested, watches=()):
        restart.start_loss = self.start_losses[restart.index]
        restart.moments = Moments(Scripted, np.zeros((2, 1)))
        while restart.n_iter < n_epochs and not restart.stopped:
            restart.end_epoch(float(self.losses[restart.index, restart.n_iter]), 1)
            if self.scores is not None:
                restart.best_score = self.scores[restart.index, restart.n_iter - 1]
            restart.stopped = restart.n_iter == dict(self.last_epochs).get(restart.index)


OBJECTIVE = make_objective()


def run(solver, rungs=RUNGS, *, order=None, n_jobs=None):
    """Return restarts after a race, by index."""
    restarts = [Restart(i, np.zeros(1), np.zeros(1), None) for i in order or range(R)]
    plan = Plan(solver, OBJECTIVE, None, rungs, by_score=solver.scores is not None)
    trained, end = train_restarts(restarts, plan, n_jobs)
    assert end is End.COMPLETE
    assert [restart.index for restart in trained] == [restart.index for restart in restarts]
    return sorted(trained, key=lambda restart: restart.index)


def get_epochs(restarts):
    return [restart.n_iter for restart in restarts]


def constant(*losses):
    """Losses of restarts that stay where they are."""
    return np.tile(np.array(losses)[:, None], (1, T))


def test_the_better_part_goes_on():
    losses = constant(0.5, 0.9, 0.3, 0.8, 0.1, 0.7, 0.2, 0.6, 0.4)
    trained = run(Scripted(losses))
    #                   fifth, ..          third, ..  first, ..
    assert get_epochs(trained) == [4, 2, 8, 2, 32, 2, 16, 2, 4]
    assert [r.dropped for r in trained] == [True] * 4 + [False] + [True] * 4
    assert not any(r.stopped for r in trained)
    assert [r.index for r in select(trained, 9, by_score=False)] == [4]


def test_the_loss_at_the_rung_counts_and_no_other():
    losses = constant(*np.linspace(0.1, 0.9, R))
    losses[8, 1] = 0.05  # the worst of all is the best in the second epoch alone
    losses[7, [0, 2]] = 0.01  # and another one is where nobody looks
    assert get_epochs(run(Scripted(losses))) == [32, 16, 8, 4, 2, 2, 2, 2, 4]


def test_equal_losses_keep_the_lower_indices():
    assert get_epochs(run(Scripted(constant(*[0.5] * R)))) == [32, 16, 8, 4, 4, 2, 2, 2, 2]


def test_equal_scores_are_told_apart_by_loss():
    losses = constant(0.9, 0.1, 0.5, 0.5, 0.3, 0.2, 0.4, 0.6, 0.7)
    scores = constant(0.8, 0.7, 0.8, 0.8, 0.1, 0.2, 0.3, 0.4, 0.5)
    trained = run(Scripted(losses, scores))
    assert get_epochs(trained) == [8, 4, 32, 16, 2, 2, 2, 2, 4]


@pytest.mark.parametrize(
    ("last_epoch", "epochs"),
    [
        (2, [2, 32, 16, 8, 4, 4, 2, 2, 2]),  # it leaves its place in the second rung to another
        (3, [3, 32, 16, 8, 4, 2, 2, 2, 2]),
        (11, [11, 32, 8, 4, 4, 2, 2, 2, 2]),
    ],
)
def test_what_stops_by_itself_leaves_with_its_loss_and_can_win(last_epoch, epochs):
    trained = run(Scripted(constant(*np.linspace(0.1, 0.9, R)), last_epochs=((0, last_epoch),)))
    assert get_epochs(trained) == epochs
    assert (trained[0].stopped, trained[0].dropped) == (True, False)
    assert [r.index for r in select(trained, 3, by_score=False)] == [0, 1]


def test_what_stops_early_can_lose_against_what_ends():
    losses = constant(*np.linspace(0.1, 0.9, R))
    losses[1, 20:] = 0.05
    trained = run(Scripted(losses, last_epochs=((0, 9),)))
    assert [r.index for r in select(trained, 3, by_score=False)] == [1, 0]


def test_what_diverged_is_dropped_first_whatever_its_loss():
    losses = constant(*np.linspace(0.1, 0.9, R))
    start_losses = (0.005, 0.01, 0.02, *[1.0] * 6)  # ten times the start is too much
    trained = run(Scripted(losses, start_losses=start_losses))
    assert get_epochs(trained) == [2, 2, 2, 32, 16, 8, 4, 4, 2]
    losses[:5] = np.nan
    assert get_epochs(run(Scripted(losses))) == [4, 2, 2, 2, 2, 32, 16, 8, 4]


def test_losses_that_are_not_finite_leave_places_to_others():
    losses = constant(*np.linspace(0.1, 0.9, R))
    losses[:3, 1] = np.nan
    trained = run(Scripted(losses, last_epochs=((0, 2), (1, 2), (2, 2))))
    assert get_epochs(trained) == [2, 2, 2, 32, 16, 8, 4, 4, 2]


def test_what_is_dropped_gives_memory_back():
    restart = Restart(
        0, np.zeros(3), np.zeros(3), None, order=np.arange(5), message="no",
        moments=Moments(type(None), np.zeros((2, 3))), losses=[0.5], loss=0.5,
    )  # fmt: skip
    restart.drop()
    assert (restart.moments, restart.order, restart.message) == (None, None, "")
    assert (restart.losses, restart.loss) == ([0.5], 0.5)
    assert not restart.is_running
    trained = run(Scripted(constant(*np.linspace(0.1, 0.9, R))))
    assert [r.moments is None for r in trained] == [r.dropped for r in trained]
    assert trained[0].moments is not None


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_restarts_and_workers_changes_nothing(monkeypatch, seed):
    losses = np.random.default_rng(seed).integers(1, 5, size=(R, T)) / 10  # with many ties
    expected = get_epochs(run(Scripted(losses)))
    order = np.random.default_rng(seed + 7).permutation(R).tolist()
    assert get_epochs(run(Scripted(losses), order=order)) == expected
    assert get_epochs(run(Scripted(losses), n_jobs=2)) == expected

    def run_backwards(self, work, restarts, cost):
        yield from [work(restart) for restart in restarts][::-1]

    monkeypatch.setattr(_run.Workers, "run", run_backwards)
    assert get_epochs(run(Scripted(losses))) == expected


@pytest.mark.parametrize(
    ("stubs", "kept"),
    [
        ([stub(0, 0.1, dropped=True), stub(1, 0.9), stub(2, 0.8)], [2, 1]),
        ([stub(0, 0.2, dropped=True), stub(1, 0.1, dropped=True)], [1]),
        ([stub(0, 0.1, dropped=True), stub(1, np.nan), stub(2, 0.2, theta=np.nan)], [0]),
        ([stub(0, 0.1, dropped=True), stub(1, 0.05, start_loss=0.001)], [0]),
        ([stub(0, 0.1, start_loss=0.001), stub(1, 0.2, start_loss=0.001)], [0]),
        ([stub(0, np.nan), stub(1, np.inf), stub(2, 9.0, start_loss=0.001)], [2]),
        ([stub(0, 0.1, dropped=True, theta=np.nan)], []),
    ],
)
def test_what_was_dropped_is_kept_only_if_nothing_else_can_be(stubs, kept):
    assert [restart.index for restart in select(stubs, 3, by_score=False)] == kept
