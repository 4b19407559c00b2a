"""Loss and score of a network on the validation rows."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.network import make_passes
from sklearn_init.scores import mean_loss
from sklearn_init.solvers._state import Restart, Validation


class Judge:
    """Measures networks on the validation rows, a batch at a time."""

    def __init__(self, validation: Validation, batch_size: int = 200):
        objective = validation.objective
        rows = np.arange(objective.n_rows) if objective.rows is None else objective.rows
        self._passes = make_passes(objective, batch_size)
        self._batches = np.array_split(rows, -(-len(rows) // batch_size))
        self._y, self._weights = objective.targets()
        self._loss, self._score = objective.loss, validation.score

    def measure(self, theta: NDArray) -> tuple[float, float]:
        """Return loss and score, which are NaN if a prediction is not finite."""
        prediction = np.concatenate([self._passes.predict(theta, b) for b in self._batches])
        if not np.isfinite(prediction).all():
            return np.nan, np.nan
        loss = mean_loss(self._loss, self._y, prediction, self._weights)
        return loss, self._score(theta, self._y, prediction, self._weights)

    def judge_result(self, restart: Restart) -> None:
        """Write into a restart the score of the row it would predict with."""
        _, score = self.measure(restart.result)
        restart.best_score = score if np.isfinite(score) else -np.inf
