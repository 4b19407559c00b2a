"""Thirty-two starts for the price of one? The figures of ``docs/restarts.md``.

``python tests/benchmarks/race.py`` takes a quarter of an hour on two cores; name parts to see only
those. Every training has 200 epochs or iterations; but for L-BFGS, none ends before. Features are
standardized, those of digits divided by 16. The exit code is 1 if a figure is missed, or if a race
is not a part of full training, bit by bit.
"""

import argparse
import sys
import warnings
from dataclasses import replace
from functools import partial
from statistics import mean, median
from time import perf_counter

import engines
import numpy as np
import turns
from cases import Case
from machine import describe_machine
from race_rules import report_rules
from race_tasks import (
    ALL,
    FAST,
    FULL,
    LBFGS,
    N_RESTARTS,
    OTHERWISE,
    RACE,
    REGRESSIONS,
    THREE,
    find_rank,
    fit,
    is_regression,
)
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import train_test_split


def work_of(estimator):
    return int(estimator.restarts_["n_iter"].sum())


# Time


OVER = {
    "n_jobs=2 / default threads": ("n_jobs=2", "default threads"),
    "n_jobs=2 / one thread": ("n_jobs=2", "one thread"),
    "n_jobs=1 / one thread": ("n_jobs=1", "one thread"),
}
"""The first is the figure. Two BLAS threads that wait for each other flatter it under load."""


def report_time(arguments):
    print(
        "Time on the wall of 32 raced restarts over one fit of MLPClassifier, and its BLAS threads"
    )
    missed = []
    for name, case in THREE.items():
        problem = case.problem("float64", N_RESTARTS)
        theirs = engines.scikit_learn(problem)
        runs = {
            "default threads": theirs,
            "one thread": turns.one_blas_thread()(theirs),
            "n_jobs=2": partial(fit, problem, **RACE),
            "n_jobs=1": partial(fit, problem, **RACE, n_jobs=1),
        }
        seconds = turns.take_turns(runs, perf_counter, arguments.turns, budget=40)
        print(f"{name}, {len(seconds)} turns")
        for run in runs:
            print(f"    {run:30} {median(turn[run] for turn in seconds):.2f} s")
        for label, (of, to) in OVER.items():
            ratio = turns.quartiles([turn[of] / turn[to] for turn in seconds])
            print("    {:30} {median:.2f} ({low:.2f} - {high:.2f})".format(label, **ratio))
            if to == "default threads" and ratio["median"] > 1:
                missed.append(f"time of {name}: {ratio['median']:.2f} > 1")
    return missed


# Rank and work


def compare_with_full(problem, seed):
    """Return rank of the winner, its loss over the best one's, share of work, and what differs."""
    full, raced = (fit(problem, random_state=seed, **how) for how in (FULL, RACE))
    losses = full.restarts_["loss"]
    is_part = problem.parameters.get("solver") == "lbfgs" or is_prefix(raced, full)
    return (
        find_rank(losses, raced.loss_),
        raced.loss_ / losses.min(),
        work_of(raced) / work_of(full),
        is_part,
    )


def is_prefix(raced, full):
    """Whether each restart's losses in a race are the first ones of its full training."""
    ours, theirs = raced.restarts_.loss_curves, full.restarts_.loss_curves
    return bool((np.isnan(ours) | (ours == theirs[:, : ours.shape[1]])).all())


def report_row(name, rows):
    """Print ranks and work; return the ranks, and what is wrong."""
    ranks, ratios, shares, are_parts = zip(*rows, strict=True)
    print(
        f"{name:30} rank: median {median(ranks):3.1f}, mean {mean(ranks):4.2f}, "
        f"first {ranks.count(1):2} of {len(ranks)}, worst {max(ranks):2}   "
        f"loss / best: median {median(ratios):.3f}   work: 1/{1 / max(shares):.2f} at most",
        flush=True,
    )
    return ranks, max(shares), [] if all(are_parts) else [f"{name}: no part of full training"]


def report_rank(arguments):
    print(f"Rank of the winner among 32 trained in full, adam, {arguments.seeds} seeds")
    ranks, share, missed = [], 0.0, []
    for name, case in THREE.items():
        problem = case.problem("float64", N_RESTARTS)
        rows = [compare_with_full(problem, seed) for seed in range(arguments.seeds)]
        its_ranks, its_share, wrong = report_row(name, rows)
        ranks, share, missed = [*ranks, *its_ranks], max(share, its_share), missed + wrong
    print(f"all: median {median(ranks):.1f}, mean {mean(ranks):.2f}")
    if median(ranks) > 2:
        missed.append(f"median rank {median(ranks)} > 2")
    if share > 1 / 5:
        missed.append(f"work 1/{1 / share:.2f} > 1/5")
    return missed


SOLVERS = {
    "sgd, rate 0.01": {"solver": "sgd"} | FAST,
    "sgd, rate 0.1": {"solver": "sgd", "learning_rate_init": 0.1},
    "lbfgs": LBFGS,
}


def report_solvers(arguments):
    n_seeds = max(1, arguments.seeds // 10)
    print(f"The same with other solvers, {n_seeds} seeds")
    missed = []
    for solver, parameters in SOLVERS.items():
        for name, case in (THREE | REGRESSIONS).items():
            problem = replace(case, parameters=parameters).problem("float64", N_RESTARTS)
            rows = [compare_with_full(problem, seed) for seed in range(n_seeds)]
            missed += report_row(f"{name} {solver}", rows)[2]
    return missed


# What it is worth

N_SINGLE = 8
"""So many single starts, each trained in full, tell what to expect of one."""

WAYS = {
    "best": RACE,
    "average": {**RACE, "restart_keep": 8, "restart_combine": "average"},
    "longer": {"n_restarts": 1},
}
"""The best of 32, the average of the 8 best, and one start with the epochs of `LONGER`."""

LONGER = 6
"""The work of a race of 32 restarts, and a bit more."""

BY_SCORE = {"restart_criterion": "validation", "validation_fraction": 0.2}
NUMBERS = {"training loss": -1, "test loss": -1, "test score": 1}
"""With the sign of what is better. A test loss is a log-loss, or a mean squared error."""


def split(problem, seed):
    """Return a function that fits a part of the rows, and what the other rows make of a fit."""
    stratify = None if is_regression(problem) else problem.y
    X, test_X, y, test_y = train_test_split(
        problem.X, problem.y, test_size=0.3, random_state=seed, stratify=stratify
    )

    def measure(estimator):
        if is_regression(problem):
            test_loss = mean_squared_error(test_y, estimator.predict(test_X))
        else:
            test_loss = log_loss(test_y, estimator.predict_proba(test_X))
        return estimator.loss_, test_loss, estimator.score(test_X, test_y)

    return partial(fit, problem, X=X, y=y, random_state=seed), measure


def each(estimator):
    return [estimator.restart(index) for index in range(estimator.n_restarts)]


def report_worth(arguments):
    n = arguments.splits
    print(
        f"Means over {n} splits: single starts, and what else may be done. In brackets: in how\n"
        "many splits it is better than the mean single start, than the first one, and than what\n"
        f"share of {N_SINGLE} single starts. Longer: one start for {LONGER} times the epochs."
    )
    missed = []
    for name, case in (ALL | OTHERWISE).items():
        measured = []
        for seed in range(n):
            train, measure = split(case.problem("float64", N_RESTARTS), seed)
            epochs = {"longer": {"max_iter": LONGER * case.n_epochs}}
            fits = [train(**how, **epochs.get(way, {})) for way, how in WAYS.items()]
            measured.append([measure(one) for one in each(train(n_restarts=N_SINGLE)) + fits])
        print(name)
        for (what, sign), numbers in zip(
            NUMBERS.items(), np.moveaxis(measured, 2, 0), strict=True
        ):
            n_better = report_ways(what, sign, numbers[:, :N_SINGLE], numbers[:, N_SINGLE:])
            if what == "test loss" and name in list(THREE)[:2] and n_better < 0.9 * n:
                missed.append(f"average on {name}: a lower log-loss in {n_better} of {n} splits")
    return missed


def report_ways(what, sign, single, others):
    """Print means, and how often each way is better than single starts.

    Returns in how many splits the average is better than the first start, which is that of a fit
    without restarts.
    """
    print(f"    {what:14} one {single.mean():.4g}", end="")
    for way, reached in zip(WAYS, others.T, strict=True):
        is_better = sign * reached[:, np.newaxis] > sign * single
        n_better = np.sum(sign * reached > sign * single.mean(axis=1)), is_better[:, 0].sum()
        print(f"   {way} {reached.mean():.4g} ({{}}, {{}}, ".format(*n_better), end="")
        print(f"{is_better.mean():.0%})", end="")
        if way == "average":
            n_average = n_better[1]
    print(flush=True)
    return n_average


def report_curse(arguments):
    n = arguments.splits
    print(f"Single starts, and the best of 32 raced by validation score; means over {n} splits")
    for name, case in ALL.items():
        problem = case.problem("float64", N_RESTARTS)
        scores = [measure_curse(*split(problem, seed)) for seed in range(n)]
        one, test_one, best, test_best = np.mean(scores, axis=0)
        print(
            f"{name:20} one: validation {one:.4f}, test {test_one:.4f}, gap {one - test_one:+.4f}"
            f"   best: validation {best:.4f}, test {test_best:.4f}, gap {best - test_best:+.4f}",
            flush=True,
        )
    return []


def measure_curse(train, measure):
    """Return validation and test score, expected of a single start and of the chosen one."""
    singles, raced = train(n_restarts=N_SINGLE, **BY_SCORE), train(**BY_SCORE, **RACE)
    tests = [measure(single)[2] for single in each(singles)]
    chosen = raced.restarts_["validation_score"][raced.best_restart_]
    return (
        singles.restarts_["validation_score"].mean(),
        np.mean(tests),
        chosen,
        measure(raced)[2],
    )


# How many are enough


def report_enough(arguments):
    print("How many are enough? Expected of the best of 1, 2, 4, ..., 32, by training loss")
    for name, case in ALL.items():
        train, measure = split(case.problem("float64", N_RESTARTS), 0)
        full = train()
        tested = full.restarts_.expected_best([measure(single)[1] for single in each(full)])
        print(name)
        for what, expected in {"training": full.restarts_.expected_best(), "test": tested}.items():
            shown = "  ".join(f"{expected.mean[2**k - 1]:.4f}" for k in range(6))
            print(f"    {what:9} {shown}")
        print(f"    {full.restarts_.expected_best()}")
        for how, strategy in {"full": FULL, "halving": RACE}.items():
            reason = train(n_restarts="auto", **strategy).restarts_.stop_reason
            print(f'    n_restarts="auto", {how}: {reason}', flush=True)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    for activation in ("tanh", "relu"):
        parameters = LBFGS | {"activation": activation, "tol": 1e-6, "alpha": 0.01}
        case = Case(lambda: (corners, corners[:, 0] ^ corners[:, 1]), (2,), 1000, parameters)
        print(f"XOR (2,) {activation}: {fit(case.problem('float64', 100)).restarts_.n_minima()}")
    return []


PARTS = {
    "time": report_time,
    "rank": report_rank,
    "solvers": report_solvers,
    "worth": report_worth,
    "curse": report_curse,
    "enough": report_enough,
    "rules": report_rules,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--turns", type=int, default=9)
    arguments = parser.parse_args()
    if set(arguments.parts) - set(PARTS):
        parser.error(f"{sorted(set(arguments.parts) - set(PARTS))} not in {list(PARTS)}")
    warnings.simplefilter("ignore")  # every training ends at its 200 epochs, as it should
    machine = describe_machine()
    print(f"{machine['processor']}, {machine['cores']} cores, load {machine['load'][0]:.2f}")
    missed = []
    for part in arguments.parts or PARTS:
        begin = perf_counter()
        print()
        missed += PARTS[part](arguments)
        print(f"({perf_counter() - begin:.0f} s)", flush=True)
    for what in missed:
        print(f"MISSED: {what}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
