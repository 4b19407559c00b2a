"""The score of a network on rows held out."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.network import make_passes
from sklearn_init.solvers._state import Restart, Validation


class Judge:
    """Scores networks on the validation rows, a batch at a time."""

    def __init__(self, validation: Validation, batch_size: int = 200):
        rows = validation.objective.rows
        assert rows is not None
        n_batches = -(-len(rows) // batch_size)
        self._passes = make_passes(validation.objective, batch_size)
        self._batches = np.array_split(rows, n_batches)
        self._y, self._weights = validation.objective.targets()
        self._score = validation.score

    def score(self, theta: NDArray) -> float:
        """Return the score, or NaN if a prediction is not finite."""
        prediction = np.concatenate([self._passes.predict(theta, b) for b in self._batches])
        if not np.isfinite(prediction).all():
            return np.nan
        return self._score(self._y, prediction, self._weights)

    def judge_result(self, restart: Restart) -> None:
        """Write into a restart the score of the row it would predict with."""
        score = self.score(restart.result)
        restart.best_score = score if np.isfinite(score) else -np.inf
