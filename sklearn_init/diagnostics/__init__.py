"""Diagnostics: arrays in, arrays out, to see why a network does or does not learn."""

from sklearn_init.diagnostics._symmetry import (
    count_distinct_units,
    count_distinct_units_per_layer,
)

__all__ = ["count_distinct_units", "count_distinct_units_per_layer"]
