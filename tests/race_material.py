"""Races and full training of small networks, and which restart leaves a race when."""

import numpy as np

from sklearn_init import InitMLPClassifier
from sklearn_init.solvers import Restart
from sklearn_init.training import Rung

R, T = 9, 32
RUNGS = (Rung(9, 2), Rung(5, 4), Rung(3, 8), Rung(2, 16), Rung(1, 32))
"""Of the default race among 9 restarts in 32 epochs."""

ROWS = 53
WEIGHTS = np.random.default_rng(5).uniform(size=ROWS)


def make(Estimator=InitMLPClassifier, **more):
    defaults = {
        "hidden_layer_sizes": (7, 4), "random_state": 3, "max_iter": T, "n_restarts": R,
        "restart_strategy": "halving", "batch_size": 16, "learning_rate_init": 0.02,
    }  # fmt: skip
    return Estimator(**{**defaults, **more})


def row(est):
    return np.concatenate([a.ravel() for a in est.coefs_ + est.intercepts_])


def get_row(est, index):
    return row(est.restart(index))


def get_curves(est):
    """Return the loss curve of every restart."""
    return [curve[np.isfinite(curve)] for curve in est.restarts_.loss_curves]


def replay(full, rungs, get_value):
    """Return the epoch in which each restart leaves a race, from full training.

    ``get_value(restart, epoch)`` is what restarts are ranked by, lower being better.
    """
    lengths = [len(curve) for curve in get_curves(full)]
    running, epoch, left = list(range(len(lengths))), 0, dict(enumerate(lengths))
    for rung in rungs:
        running = [r for r in running if lengths[r] > epoch]
        running.sort(key=lambda r: get_value(r, epoch) if epoch else 0)
        left.update(dict.fromkeys(running[rung.n_restarts :], epoch))
        running, epoch = sorted(running[: rung.n_restarts]), rung.n_epochs
    return [left[r] for r in sorted(left)]


def stub(index, loss, score=-np.inf, *, theta=0.0, start_loss=1.0, dropped=False):
    """Return a restart of one weight that has trained, or so it says."""
    theta = np.array([theta])
    return Restart(
        index, theta, theta, None, loss=loss, best_score=score, start_loss=start_loss,
        dropped=dropped,
    )  # fmt: skip


def blow_up_some(fan_in, fan_out, rng):
    """Draw weights of which every second matrix overflows."""
    return rng.normal(size=(fan_in, fan_out)) * (1e160 if rng.random() < 0.5 else 0.1)
