"""The machine: layout of a network in a row of numbers, and its passes."""

from sklearn_init.network.layout import Layout
from sklearn_init.network.objective import Features, Objective
from sklearn_init.network.reference import ReferencePasses, forward_hidden, predict

__all__ = ["Features", "Layout", "Objective", "ReferencePasses", "forward_hidden", "predict"]
