"""Measuring a restart that is not trained."""

from sklearn_init.network import Objective, ReferencePasses
from sklearn_init.solvers._state import Restart


def measure_start(restart: Restart, objective: Objective) -> None:
    """Write the loss a restart starts with into it."""
    passes = ReferencePasses(objective, objective.n_rows)
    restart.loss = passes.loss(restart.theta)
    restart.start_loss = max(objective.null_loss(), restart.loss)
