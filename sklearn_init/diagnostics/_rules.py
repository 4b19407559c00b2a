"""The table of rules, and how it is read."""

import numpy as np

from sklearn_init.diagnostics._findings import Finding, Measures, Rule
from sklearn_init.diagnostics._rules_of_data import (
    find_constant_inputs,
    find_unscaled_inputs,
    find_unscaled_targets,
)
from sklearn_init.diagnostics._rules_of_signals import (
    find_collapsed,
    find_exploding,
    find_exploding_gradient,
    find_vanishing,
    find_vanishing_gradient,
)
from sklearn_init.diagnostics._rules_of_units import (
    find_dead,
    find_linear,
    find_not_finite,
    find_saturated,
    find_symmetry,
)
from sklearn_init.diagnostics._trace import Trace

EQUAL, NAN = "constant_inputs", "not_finite"

RULES = {
    rule.name: rule
    for rule in (
        Rule(EQUAL, find_constant_inputs),
        Rule("unscaled_inputs", find_unscaled_inputs, (EQUAL,)),
        Rule("unscaled_targets", find_unscaled_targets),
        Rule(NAN, find_not_finite),
        Rule("symmetry", find_symmetry),
        Rule("saturated", find_saturated, (NAN,)),
        Rule("dead", find_dead, (NAN, EQUAL, "symmetry", "saturated")),
        Rule("linear", find_linear, (NAN, EQUAL, "symmetry")),
        Rule("exploding", find_exploding, (NAN,)),
        Rule("vanishing", find_vanishing, (NAN, EQUAL, "symmetry", "saturated", "dead")),
        Rule("exploding_gradient", find_exploding_gradient, (NAN, "exploding")),
        Rule(
            "vanishing_gradient",
            find_vanishing_gradient,
            (NAN, "symmetry", "saturated", "dead", "vanishing"),
        ),
        Rule("collapsed", find_collapsed, (NAN, EQUAL, "symmetry", "dead", "vanishing")),
    )
}
"""The table: what may be wrong with a network, the plainest reason first."""


def find_faults(trace: Trace, measures: Measures) -> list[Finding]:
    """Return what the rules find in a network, in the order of the table."""
    found: dict[str, Finding] = {}
    with np.errstate(all="ignore"):
        for name, rule in RULES.items():
            if not found.keys().isdisjoint(rule.unless):
                continue
            finding = rule.find(trace, measures)
            if finding is not None:
                found[name] = finding
    return list(found.values())
