"""Diagnostics: arrays in, arrays out, to see why a network does or does not learn."""

from sklearn_init.diagnostics._findings import DATA, INITIALIZATION, TRAINING, Finding
from sklearn_init.diagnostics._measures import DIAGNOSTICS, Diagnostic, measure
from sklearn_init.diagnostics._remedies import name_layers
from sklearn_init.diagnostics._rules import RULES, find_faults
from sklearn_init.diagnostics._rules_of_units import describe_symmetries, explain_symmetries
from sklearn_init.diagnostics._symmetry import ALIKE, ROUNDED, count_distinct_units
from sklearn_init.diagnostics._trace import Trace, choose_rows, trace
from sklearn_init.diagnostics._training import Outcome, judge_training

__all__ = [
    "ALIKE",
    "DATA",
    "DIAGNOSTICS",
    "INITIALIZATION",
    "ROUNDED",
    "RULES",
    "TRAINING",
    "Diagnostic",
    "Finding",
    "Outcome",
    "Trace",
    "choose_rows",
    "count_distinct_units",
    "describe_symmetries",
    "explain_symmetries",
    "find_faults",
    "judge_training",
    "measure",
    "name_layers",
    "trace",
]
