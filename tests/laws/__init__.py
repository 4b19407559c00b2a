"""The law of every scheme of the table: a check that fails if the formula were wrong."""

from laws import biases, blind, choice, geometry, scaled, solved, structured

MODULES = [choice, scaled, blind, structured, solved, geometry, biases]
LAWS = {name: law for module in MODULES for name, law in module.LAWS.items()}

IMPOSSIBLE = {("critical_ryh", "logistic"): "DoublyCritical: .*'logistic' has no doubly critical"}
"""Schemes and activations that do not go together, and what the error says."""
