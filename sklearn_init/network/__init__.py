"""The machine: layout of a network in a row of numbers, and its passes in two engines."""

from sklearn_init.network.compiled import (
    CompiledPasses,
    Progress,
    Rule,
    get_instruction_set,
    is_compiled,
    is_engine_compiled,
)
from sklearn_init.network.layout import Layout
from sklearn_init.network.objective import Features, Objective
from sklearn_init.network.reference import ReferencePasses, forward_hidden, predict

__all__ = [
    "CompiledPasses",
    "Features",
    "Layout",
    "Objective",
    "Progress",
    "ReferencePasses",
    "Rule",
    "forward_hidden",
    "get_instruction_set",
    "is_compiled",
    "is_engine_compiled",
    "make_passes",
    "predict",
]


def make_passes(
    objective: Objective, batch_size: int | None = None
) -> CompiledPasses | ReferencePasses:
    """Return the compiled passes where they can serve, else the reference passes.

    Parameters
    ----------
    objective : Objective
    batch_size : int or None
        The largest number of rows handled together; None leaves it to the engine.
    """
    passes = CompiledPasses if is_compiled(objective.activations) else ReferencePasses
    return passes(objective, batch_size or min(objective.n_rows, passes.default_batch_size))
