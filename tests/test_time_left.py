"""The time left counts epochs and workers: a table of cases, and simulated schedules."""

import numpy as np
import pytest
from race_material import RUNGS, stub

from sklearn_init.training import Rung
from sklearn_init.training._time_left import Run, Schedule, estimate_seconds_left

SCHEDULES = {
    "nothing is left": ([], 0, 5.0, [], 3, 0.0),
    "one restart": ([7.0], 0, 9.0, [], 1, 7.0),
    "one after the other": ([7.0], 3, 9.0, [], 1, 34.0),
    "two workers, of which one is free earlier": ([7.0, 1.0], 2, 9.0, [], 2, 16.0),
    "both take the same time": ([4.0, 4.0], 2, 4.0, [], 2, 8.0),
    "a worker has nothing to do": ([4.0], 0, 9.0, [], 5, 4.0),
    "more workers than restarts": ([1.0, 2.0], 2, 9.0, [], 5, 9.0),
    "later rungs": ([4.0, 3.0], 1, 5.0, [(4, 2.0), (2, 6.0), (1, 30.0)], 2, 8 + 4 + 6 + 30.0),
    "three in a rung for two workers": ([1.0], 0, 9.0, [(3, 2.0)], 2, 5.0),
}
"""Seconds of running restarts, how many wait, their seconds, later rungs, workers; the result."""


@pytest.mark.parametrize("case", SCHEDULES)
def test_what_is_left_is_spread_over_the_workers(case):
    *arguments, expected = SCHEDULES[case]
    assert estimate_seconds_left(*arguments) == expected


class Simulation:
    """Trains restarts on workers by a simulated clock, and compares estimates with the truth.

    Parameters
    ----------
    rungs : tuple of Rung
    n_workers : int
    is_here : bool
        Whether the training is seen, or only its end, as in other processes.
    get_seconds : callable
        ``get_seconds(restart)`` is what an epoch takes it.
    n_found : dict
        The epochs of restarts that a checkpoint has.
    """

    def __init__(self, rungs, n_workers, is_here, get_seconds=lambda index: 1.0, n_found=()):
        self.rungs, self.n_workers, self.is_here = rungs, n_workers, is_here
        self.get_seconds, self.n_found, self.now = get_seconds, dict(n_found), 0.0
        self.schedule = Schedule(rungs, lambda: self.now)
        self.estimates = []

    def run(self):
        """Return the times, the estimates at these, and the time of the end."""
        restarts = [stub(index, 1.0) for index in range(self.rungs[0].n_restarts)]
        for rung in self.rungs:
            self._run_rung(rung, restarts[: rung.n_restarts])
        times, estimates = np.array(self.estimates).T
        return times, estimates, self.now

    def _run_rung(self, rung, restarts):
        self.schedule.begin_rung(rung, len(restarts), self.n_workers)
        waiting, working = list(restarts), []
        while waiting or working:
            while waiting and len(working) < self.n_workers:
                working.append(self._begin(waiting.pop(0), rung))
            working.sort(key=lambda job: job[0])
            self.now, restart, run = working[0]
            restart.n_iter += 1
            restart.losses.append(1.0)
            restart.time += self.get_seconds(restart.index)
            if run is not None:
                run.look(restart)
            if restart.n_iter < rung.n_epochs:
                working[0] = (self.now + self.get_seconds(restart.index), restart, run)
            else:
                self._end(*working.pop(0)[1:])
            self.estimates.append((self.now, self.schedule.estimate_seconds_left()))

    def _begin(self, restart, rung):
        n_found = self.n_found.get(restart.index, 0)
        if restart.n_iter < n_found:
            restart.n_iter = restart.n_found = n_found
            restart.losses, restart.time = [1.0] * n_found, 0.5 * n_found  # on another machine
        run = self.schedule.begin(restart, rung.n_epochs) if self.is_here else None
        return self.now + self.get_seconds(restart.index), restart, run

    def _end(self, restart, run):
        if run is not None:
            self.schedule.end(run)
        self.schedule.gather(restart)


FULL = (Rung(7, 40),)


@pytest.mark.parametrize("n_workers", [1, 2, 3, 7, 11])
@pytest.mark.parametrize("rungs", [FULL, RUNGS, (Rung(1, 40),)])
def test_the_estimate_is_exact_where_all_epochs_take_the_same_time(rungs, n_workers):
    times, estimates, end = Simulation(rungs, n_workers, is_here=True).run()
    known = estimates > 0
    assert known[times < end - 1].all()
    np.testing.assert_allclose((times + estimates)[known], end, atol=1.001)  # an epoch


@pytest.mark.parametrize("n_workers", [2, 3])
@pytest.mark.parametrize("rungs", [FULL, RUNGS])
def test_in_other_processes_it_is_exact_from_the_first_restart_on(rungs, n_workers):
    times, estimates, end = Simulation(rungs, n_workers, is_here=False).run()
    known = estimates > 0
    first = np.flatnonzero(known)[0]
    assert times[first] <= rungs[0].n_epochs
    np.testing.assert_allclose((times + estimates)[known], end, atol=1.001)


@pytest.mark.parametrize("is_here", [True, False])
@pytest.mark.parametrize("n_workers", [1, 2, 3])
@pytest.mark.parametrize("rungs", [FULL, RUNGS])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_about_right_where_restarts_differ(rungs, n_workers, is_here, seed):
    spread = np.random.default_rng(seed).uniform(0.8, 1.25, rungs[0].n_restarts)
    simulation = Simulation(rungs, n_workers, is_here, lambda index: spread[index])
    times, estimates, end = simulation.run()
    counts = (estimates > 0) & (times < 0.8 * end)
    ratio = estimates[counts] / (end - times[counts])
    assert counts.any()
    assert ratio.min() > 1 / 1.6
    assert ratio.max() < 1.6


@pytest.mark.parametrize("n_workers", [1, 2])
def test_epochs_of_a_checkpoint_take_no_time(n_workers):
    n_found = {0: 39, 1: 13, 2: 39}
    times, estimates, end = Simulation(FULL, n_workers, is_here=True, n_found=n_found).run()
    assert end <= (7 * 40 - 91) / n_workers + 40
    seen = times > 30  # those that wait are only found when they begin
    assert (estimates[seen & (times < end)] > 0).all()
    np.testing.assert_allclose((times + estimates)[seen], end, atol=1.001)


def test_four_restarts_on_two_workers_take_twice_the_time_of_one():
    times, estimates, end = Simulation((Rung(4, 40),), 2, is_here=False).run()
    at_first_end = np.flatnonzero(estimates)[0]
    assert (times[at_first_end], estimates[at_first_end], end) == (40.0, 40.0, 80.0)


def test_a_restart_that_has_stopped_is_in_no_later_rung():
    schedule = Schedule(RUNGS, lambda: 0.0)
    schedule.begin_rung(RUNGS[0], 9, 1)
    for index in range(9):
        restart = stub(index, 1.0)
        restart.losses, restart.time, restart.stopped = [1.0] * 2, 2.0, index < 8
        schedule.gather(restart)
    assert schedule.estimate_seconds_left() == 30.0  # of one until epoch 32


def test_a_race_whose_first_rungs_are_left_out_begins_at_epoch_0():
    now = [0.0]
    schedule = Schedule(RUNGS, lambda: now[0])
    schedule.begin_rung(RUNGS[-1], 2, 1)
    run = schedule.begin(stub(0, 1.0), 32)
    run.restart.n_iter, now[0] = 8, 16.0
    run.look(run.restart)
    assert schedule.estimate_seconds_left() == 48.0 + 64.0  # another one waits


def test_a_further_batch_begins_at_epoch_0_with_the_speed_of_the_last():
    now = [0.0]
    schedule = Schedule((Rung(8, 10),), lambda: now[0])
    for n_restarts, expected in ((8, 0.0), (3, 3 * 20.0)):
        schedule.begin_rung(Rung(8, 10), n_restarts, 1)
        assert schedule.estimate_seconds_left() == expected
        for index in range(n_restarts):
            run = schedule.begin(stub(index, 1.0), 10)
            run.restart.n_iter, now[0] = 10, now[0] + 20
            schedule.end(run)
            schedule.gather(run.restart)


def test_chunks_grow_until_they_take_half_a_second():
    now = [0.0]
    restart = stub(0, 1.0)
    run = Run(restart, 1000, lambda: now[0])
    chunks = []
    for seconds in [0.01, 0.01, 0.01, 0.05, 2.0]:
        chunks.append(run.choose_chunk(60))
        restart.n_iter += chunks[-1]
        now[0] += seconds * chunks[-1]
        assert not run.look(restart)
    assert chunks == [1, 50, 50, 50, 21]
    assert Run(restart, 1000, lambda: 0.0).choose_chunk(200) == 1


def test_an_epoch_under_way_counts_by_the_clock():
    now = [0.0]
    run = Run(stub(0, 1.0), 10, lambda: now[0])
    run.restart.n_iter, now[0] = 1, 30.0
    run.look(run.restart)
    for since, left in ((0.0, 270.0), (29.0, 241.0), (400.0, 0.0)):
        now[0] = 30.0 + since
        assert run.estimate_seconds_left(30.0) == left
