"""Which rule, which rungs: races simulated on recorded curves of full training."""

import itertools
from functools import partial
from statistics import mean

import cases
import numpy as np
from cases import Case
from race_tasks import (
    FAST,
    N_EPOCHS,
    N_RESTARTS,
    breast_cancer,
    find_rank,
    fit,
    spiral,
    standardized,
)

from sklearn_init.training import Rung, make_rungs


def last(curves):
    return curves[:, -1]


def mean_of(share, curves):
    """Return the mean of the last part of each curve."""
    return curves[:, -max(1, int(curves.shape[1] * share)) :].mean(axis=1)


def extrapolate(share, factor, law, curves):
    """Return where each curve is at so many times its epochs, by a line through its last part.

    With the law "power", both axes are logarithmic.
    """
    n_epochs = curves.shape[1]
    epochs = np.arange(1, n_epochs + 1)[-max(2, int(n_epochs * share)) :]
    x, at, y = epochs, factor * n_epochs, curves[:, -len(epochs) :]
    if law == "power":
        x, at, y = np.log(x), np.log(at), np.log(np.maximum(y, 1e-12))
    slope = y @ (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    return y.mean(axis=1) + slope * (at - x.mean())


LINE, POWER = (
    partial(extrapolate, 0.25, 1.5, "linear"),
    partial(extrapolate, 0.5, 2.0, "power"),
)
RULES = {
    "last loss": [last],
    "mean of the last 10%": [partial(mean_of, 0.1)],
    "mean of the last 25%": [partial(mean_of, 0.25)],
    "line, 1.5 times the epochs": [LINE],
    "line, twice the epochs": [partial(extrapolate, 0.25, 2.0, "linear")],
    "power law, twice the epochs": [POWER],
    "power law, four times": [partial(extrapolate, 0.5, 4.0, "power")],
    "half by last loss, half by line": [last, LINE],
    "half by last loss, half by law": [last, POWER],
}
LADDERS = {
    f"first rung 1/{n}, factor {factor}": {"first": 1 / n, "factor": factor}
    for n, factor in itertools.product((32, 20, 16, 12, 8, 4), (1.41, 2.0, 3.0))
}
SETTINGS = [
    {},
    FAST,
    {"activation": "tanh"},
    {"solver": "sgd"} | FAST,
]
SETS = {
    "digits": (cases.digits, (100,), (32, 32)),
    "breast_cancer": (breast_cancer, (50,), (16, 16)),
    "wine": (cases.wine, (16, 16), (50,)),
    "iris": (cases.iris, (10,), (16, 16)),
    "diabetes": (partial(standardized, "diabetes"), (50,), (16, 16)),
    "friedman1": (partial(standardized, "friedman1"), (20,), (16, 16, 16)),
    "many classes": (partial(standardized, "many classes"), (50,), (16, 16)),
    "moons": (partial(standardized, "moons"), (5,), (16, 16)),
    "spiral": (spiral, (10,), (16, 16)),
}


def record_curves(n_seeds):
    """Return the curves of full training, each of shape (n_restarts, n_epochs)."""
    recorded = []
    for (load, *shapes), more in itertools.product(SETS.values(), SETTINGS):
        for sizes, seed in itertools.product(shapes, range(n_seeds)):
            problem = Case(load, sizes, N_EPOCHS, more, n_rows=700).problem("float64", N_RESTARTS)
            recorded.append(fit(problem, random_state=seed).restarts_.loss_curves)
    return recorded


def simulate(curves, rungs, rules):
    """Return the rank of the winner and the share of work of a race on recorded curves.

    Of several rules, each names one restart in turn.
    """
    alive, work, begin = np.arange(len(curves)), 0, 0
    for rung in rungs:
        if begin:
            orders = [alive[np.argsort(r(curves[alive, :begin]), kind="stable")] for r in rules]
            named = itertools.chain.from_iterable(zip(*orders, strict=True))
            alive = np.array(list(dict.fromkeys(named))[: rung.n_restarts])
        work += len(alive) * (rung.n_epochs - begin)
        begin = rung.n_epochs
    reached = curves[:, -1]
    return find_rank(reached, reached[alive].min()), work / curves.size


def report_rules(arguments):
    recorded = record_curves(max(1, arguments.seeds // 20))
    print(f"Which rule, which rungs? Simulated on {len(recorded)} recordings of 32 restarts")
    rungs = make_rungs(N_RESTARTS, N_EPOCHS, first=1 / 16)
    one = [*(Rung(r.n_restarts, r.n_epochs) for r in rungs[:-1]), Rung(1, N_EPOCHS)]
    trials = {rule: (rungs, RULES[rule]) for rule in RULES}
    trials["last loss, one finalist"] = one, [last]
    for name, how in LADDERS.items():
        trials[name] = make_rungs(N_RESTARTS, N_EPOCHS, **how), [last]
    for name, (ladder, rules) in trials.items():
        ranks, shares = zip(*(simulate(c, ladder, rules) for c in recorded), strict=True)
        print(
            f"{name:32} work 1/{1 / shares[0]:.2f}  rank: mean {mean(ranks):5.2f}, "
            f"90% <= {int(np.quantile(ranks, 0.9)):2}, first {np.mean(np.array(ranks) == 1):.0%}, "
            f"of the best three {np.mean(np.array(ranks) <= 3):.0%}"
        )
    return []
