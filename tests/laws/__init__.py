"""The law of every scheme of the table: a check that fails if the formula were wrong."""

from laws import biases, scaled

MODULES = [scaled, biases]
LAWS = {name: law for module in MODULES for name, law in module.LAWS.items()}
