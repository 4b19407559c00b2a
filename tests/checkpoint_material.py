"""What the tests of checkpoints share: a fit that is killed at a moment, and all its bits."""

import numpy as np

from sklearn_init import InitMLPClassifier
from sklearn_init.persistence import _checkpoint


class Killed(BaseException):
    """Stands for SIGKILL: nothing is written after it."""


class Saves:
    """Saves every epoch, and counts that; kills before the one that is too many."""

    def __init__(self, monkeypatch):
        self.n, self.most = 0, np.inf
        save = _checkpoint.Folder.save

        def count(folder, restart, n_epochs, *, durable):
            self.add()
            save(folder, restart, n_epochs, durable=False)

        monkeypatch.setattr(_checkpoint.Folder, "save", count)
        for name in "SECONDS_PER_WRITE", "SECONDS_PER_CHUNK", "N_COSTS":
            monkeypatch.setattr(_checkpoint, name, 0)

    def add(self):
        if self.n >= self.most:
            raise Killed
        self.n += 1

    def fit(self, estimator, *data, most=np.inf, **more):
        """Fit; return whether it came to its end, and how often it saved."""
        self.n, self.most = 0, most
        try:
            estimator.fit(*data, **more)
        except Killed:
            return False, self.n
        return True, self.n


def make(checkpoint=None, cls=InitMLPClassifier, **parameters):
    default = {"n_restarts": 2, "max_iter": 11, "random_state": 0, "batch_size": 17}
    return cls(hidden_layer_sizes=(7,), checkpoint=checkpoint, **{**default, **parameters})


def get_bits(est):
    """Return all that has to be the same."""
    record = est.restarts_
    networks = [est.restart(r) for r in range(len(record["loss"]))]
    return {
        "weights": [a.tobytes() for n in networks for a in n.coefs_ + n.intercepts_],
        "starts": [a.tobytes() for n in networks for a in n.initial_coefs_],
        "record": {name: record[name].tobytes() for name in record if name != "time"},
        "losses": record.loss_curves.tobytes(),
        "validation": record.validation_loss_curves.tobytes(),
        "scores": record.validation_score_curves.tobytes(),
        "counts": [(n.t_, n.n_iter_) for n in networks],
        "end": (record.stop_reason, est.best_restart_, est.kept_restarts_.tolist()),
    }


def get_files(folder):
    return sorted(folder.glob("*/restart-*.npz"))
