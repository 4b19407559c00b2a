"""Do restarts that copy each other end lower than those of a race, for the same gradient work?

Walkers on islands: now and then, the worse ones of an island copy the rows of the better ones and
shake them. Settings are tuned on one half of the problems of a kind and tried on the other, both
ways; everybody gets the work of halving. Reported in ``docs/exchange.md``. Takes about ten
minutes: ``python tests/benchmarks/exchange.py``.
"""

import argparse
import copy
import itertools
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from exchange_problems import FIRST_RUNG, KINDS, N_RESTARTS, PROBLEMS, get_names, make_trial
from joblib import Parallel, delayed
from scipy.stats import wilcoxon

from sklearn_init._random import Stream
from sklearn_init.training import Rung, make_rungs
from sklearn_init.training._race import rank

TUNING_SEED = 1000
"""The first seed of those that settings are tuned with; others report."""


@dataclass(frozen=True)
class Exchange:
    """Walkers on islands, of which the best one is never shaken.

    Attributes
    ----------
    shape : {"six", "twelve", "clones", "screened"}
        Six walkers for all epochs; twelve for half of them; the rungs of halving, in which half
        of those that go on are copies; 32 for the first rung and the best four from there on.
    every : float
        Share of the epochs between two exchanges ("clones": the rungs).
    noise : float
        Standard deviation of the shaking over the root mean square of a layer's weights.
    copies_moments : bool
        Whether a copy takes over what adam and sgd remember, or begins with nothing.
    talks : bool
        Whether losers copy winners; silent ones shake their own rows at the same epochs.
    n_islands : int
    migrates_every : int
        So many exchanges until the worst of each island copies the best of its neighbor.
    """

    shape: str
    noise: float
    every: float = 1 / 8
    copies_moments: bool = True
    talks: bool = True
    n_islands: int = 2
    migrates_every: int = 3

    def make_rounds(self, trial):
        """Return who trains how far between two exchanges."""
        n_epochs = trial.n_epochs
        race = make_rungs(N_RESTARTS, n_epochs, first=FIRST_RUNG)
        if self.shape == "clones":
            return race
        n, end = {"six": (6, 1), "twelve": (12, 0.5), "screened": (4, 1)}[self.shape]
        rounds = race[:1] if self.shape == "screened" else ()
        begin, step = sum(r.n_epochs for r in rounds), max(1, round(self.every * n_epochs))
        # L-BFGS, whose walkers converge, goes on until the work is done
        end = round(end * n_epochs) if trial.in_epochs else 40 * n_epochs
        ends = [*range(begin + step, end, step), end]
        return (*rounds, *(Rung(n, epoch) for epoch in ends))

    def run(self, trial, budget, seed):
        """Return the restarts after training."""
        rng, rounds = np.random.default_rng((seed, 5)), self.make_rounds(trial)
        restarts = trial.copy_starts(rounds[0].n_restarts)
        islands = [restarts[i :: self.n_islands] for i in range(self.n_islands)]
        for number, rung in enumerate(rounds):
            if number:
                n_left = ceil(rung.n_restarts / self.n_islands)
                islands = self.exchange(islands, n_left, number, trial, rng)
            before = trial.count_work(restarts)
            trial.train(restarts, rung.n_epochs, budget)
            if trial.count_work(restarts) == before:  # all have converged, or the work is done
                break
        return restarts

    def exchange(self, islands, n_left, number, trial, rng):
        """Drop all but so many of each island; of these, the worse half copies the better."""
        layout = trial.plan.objective.layout
        islands = [rank(island, by_score=False) for island in islands]
        for loser in itertools.chain(*(island[n_left:] for island in islands)):
            loser.drop()
        bests = [island[0] for island in islands]
        islands = [island[:n_left] for island in islands]
        for place, island in enumerate(islands):
            pairs = list(zip(island, reversed(island), strict=True))[: n_left // 2]
            if pairs and number % self.migrates_every == 0:
                pairs[0] = (bests[place - 1], island[-1])
            for winner, loser in pairs:
                self.copy(winner if self.talks else loser, loser, layout, rng)
        return islands

    def copy(self, winner, loser, layout, rng):
        """Let a loser go on from where a winner is, shaken, in an order of rows of its own."""
        moments = copy.deepcopy(winner.moments) if self.copies_moments else None
        loser.begin_anew(self.shake(layout, winner.theta, rng))
        loser.moments, loser.n_iter = moments, max(winner.n_iter, loser.n_iter)
        loser.rng = Stream(seed=int(rng.integers(2**31)))

    def shake(self, layout, theta, rng):
        shaken = theta.copy()
        for W, b in zip(*layout.views(shaken), strict=True):
            size = self.noise * np.sqrt(np.mean(W**2))
            W += rng.normal(0, size, W.shape)
            b += rng.normal(0, size, b.shape)
        return shaken

    def __str__(self):
        parts = [self.shape]
        if self.shape != "clones":
            parts.append(f"every 1/{1 / self.every:.0f}")
        parts.append(f"noise {self.noise:g}")
        if not self.copies_moments:
            parts.append("fresh moments")
        if self.n_islands != 2:
            parts.append(f"{self.n_islands} islands")
        if self.migrates_every != 3:
            parts.append("no migrants")
        return ", ".join(parts)


SIZES = (0.03, 0.1, 0.3, 1.0)
GRIDS = {
    "exchange": [
        Exchange("six", 0.0, 1 / 4),
        *(Exchange("six", n, e) for n in SIZES for e in (1 / 16, 1 / 4)),
        Exchange("six", 0.3, 1 / 8, n_islands=3),
        Exchange("six", 0.3, 1 / 8, migrates_every=1000),
        Exchange("twelve", 0.3, 1 / 8),
    ],
    "hybrid": [
        *(Exchange("clones", n) for n in SIZES),
        *(Exchange("screened", n, e) for n in SIZES for e in (1 / 16, 1 / 4)),
    ],
    "fresh": [
        *(Exchange("six", n, e, False) for n in (0.0, 0.03) for e in (1 / 16, 1 / 4)),
        Exchange("clones", 0.03, copies_moments=False),
        Exchange("screened", 0.03, 1 / 4, copies_moments=False),
    ],
}


def get_seeds(kind, first, n_seeds):
    """Return the seeds, half as many for ordinary networks, which take longer."""
    return range(first, first + (n_seeds // 2 if kind == "ordinary" else n_seeds))


def tune(parallel, n_seeds):
    """Return the setting of every grid that each problem is tried with.

    It is the one whose training loss is the lowest on the other half of the problems of its kind.
    """
    chosen = {name: {} for name in PROBLEMS}
    for kind in KINDS:
        names, seeds = get_names(kind), get_seeds(kind, TUNING_SEED, n_seeds)
        print(f"\n{kind}: training loss over that of halving, for every setting tried")
        found = parallel(
            delayed(try_settings)(PROBLEMS[name], seed) for name in names for seed in seeds
        )
        for grid in found[0]:
            logs = np.reshape([row[grid] for row in found], (len(names), len(seeds), -1))
            means = logs.mean(axis=1)
            for setting, column in zip(GRIDS[grid], means.T, strict=True):
                print(f"{setting}: {np.exp(column.mean()):.3f}")
            for half in (0, 1):
                best = GRIDS[grid][int(np.argmin(means[1 - half :: 2].mean(axis=0)))]
                for name in names[half::2]:
                    chosen[name][grid] = best
    return chosen


def try_settings(problem, seed):
    """Return the logs of training losses over that of halving, for every setting of every grid."""
    trial = make_trial(problem, seed)
    loss, _, work = trial.measure(trial.race(FIRST_RUNG))
    return {
        name: [np.log(trial.measure(e.run(trial, work, seed))[0] / loss) for e in grid]
        for name, grid in GRIDS.items()
        if trial.in_epochs or name != "fresh"
    }


def compare(problem, seed, settings):
    """Return training loss, test loss and work of halving and of all its rivals."""
    trial = make_trial(problem, seed)
    halving = trial.measure(trial.race(FIRST_RUNG))
    rivals = {"six in full": trial.race_in_full(halving[2])}
    for name, setting in settings.items():
        rivals[name] = setting.run(trial, halving[2], seed)
    silent = replace(settings["exchange"], talks=False)
    rivals["silent"] = silent.run(trial, halving[2], seed)
    if trial.in_epochs:
        rivals["halving, fresh"] = trial.race_with_fresh_moments()
        rate = 3 * problem.settings["learning_rate_init"]
        tripled = replace(problem, settings={**problem.settings, "learning_rate_init": rate})
        rivals["halving, rate x 3"] = make_trial(tripled, seed).race(FIRST_RUNG)
    return {"halving": halving} | {name: trial.measure(rival) for name, rival in rivals.items()}


TABLES = {
    "exchange": [
        ("exchange", "halving"),
        ("hybrid", "halving"),
        ("silent", "halving"),
        ("exchange", "silent"),
        ("six in full", "halving"),
    ],
    "exchange with fresh moments": [
        ("fresh", "halving"),
        ("halving, fresh", "halving"),
        ("fresh", "halving, fresh"),
        ("halving, rate x 3", "halving"),
    ],
}
"""What is compared: pairs of a rival and what its losses are divided by."""


NOTICED = 0.05
"""What a user would notice: a share of the loss."""


def test(logs):
    """Return p of Wilcoxon's signed-rank test (less than 0.1 percent is a tie) and an arrow."""
    rounded = np.round(logs, 3)
    if not rounded.any():
        return 1.0, ""
    is_lower = wilcoxon(rounded, alternative="less").pvalue < 0.5
    return wilcoxon(rounded).pvalue, " ↓" if is_lower else " ↑"


def correct(p_values):
    """Return p-values after Holm's correction."""
    order = np.argsort(p_values)
    raised = np.asarray(p_values)[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return corrected


def make_column(found, rival, baseline, measure):
    """Return a cell per problem, per kind and for all.

    It is a ratio of geometric means, and in how many seeds it is noticeably lower and higher.
    """
    logs = {
        name: np.log(values[rival][:, measure] / values[baseline][:, measure])
        for name, values in found.items()
        if rival in values and np.isfinite(values[rival][:, measure]).all()
    }
    cells, tests = {}, {name: test(ratios) for name, ratios in logs.items()}
    p_values = correct([p for p, _ in tests.values()])
    for (name, ratios), p in zip(logs.items(), p_values, strict=True):
        n_lower, n_higher = (np.sum(sign * ratios > np.log(1 + NOTICED)) for sign in (-1, 1))
        arrow = tests[name][1] if p < 0.05 else ""
        cells[name] = f"{np.exp(ratios.mean()):.2f} ({n_lower}, {n_higher}){arrow}"
    means = {name: ratios.mean() for name, ratios in logs.items()}
    for kind in KINDS:
        of_kind = [means[name] for name in get_names(kind) if name in means]
        if of_kind:
            cells[f"*{kind}*"] = f"{np.exp(np.mean(of_kind)):.2f}"
    cells["*all*"] = f"{np.exp(np.mean([*means.values()])):.2f}"
    cells["*p, over problems*"] = f"{wilcoxon([*means.values()]).pvalue:.2g}"
    return cells


def report(title, found, pairs, measure):
    """Print a table of ratios; an arrow marks p < 0.05 after Holm's correction over problems."""
    columns = [make_column(found, rival, baseline, measure) for rival, baseline in pairs]
    print(f"\n{title}\n\n| | median of halving | {' | '.join(map(' / '.join, pairs))} |")
    print("|---" * (len(columns) + 2) + "|")
    for row in [*PROBLEMS, *(f"*{kind}*" for kind in KINDS), "*all*", "*p, over problems*"]:
        if row in columns[0]:
            median = f"{np.median(found[row]['halving'][:, measure]):.2g}" if row in found else ""
            print(f"| {row} | {median} | {' | '.join(column[row] for column in columns)} |")


def main(n_seeds, n_tuning, n_jobs):
    parallel = Parallel(n_jobs)
    chosen = tune(parallel, n_tuning)
    print("\nchosen on the other half")
    for name, settings in chosen.items():
        print(f"{name}: {'; '.join(map(str, settings.values()))}")
    found = {}
    for name, problem in PROBLEMS.items():
        seeds = get_seeds(problem.kind, 0, n_seeds)
        rows = parallel(delayed(compare)(problem, seed, chosen[name]) for seed in seeds)
        found[name] = {rival: np.array([row[rival] for row in rows]) for rival in rows[0]}
    for title, pairs in TABLES.items():
        for measure, what in enumerate(("training loss", "test loss")):
            report(f"{title}: {what}", found, pairs, measure)
    print("\nnot solved, a training loss above 0.02, in so many seeds")
    for name, values in found.items():
        if np.isnan(values["halving"][:, 1]).any():  # no rows held out: XOR and parity
            counts = (f"{rival} {np.sum(rows[:, 0] > 0.02)}" for rival, rows in values.items())
            print(f"{name}: {', '.join(counts)}")
    ratios = [
        values[rival][:, 2].sum() / values["halving"][:, 2].sum()
        for values in found.values()
        for rival in values
    ]
    print(f"\nwork over that of halving: {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=24, help="half of them for ordinary networks")
    parser.add_argument("--tuning", type=int, default=4, help="the same, for tuning")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    main(arguments.seeds, arguments.tuning, arguments.jobs)
