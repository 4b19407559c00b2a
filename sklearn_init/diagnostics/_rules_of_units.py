"""Rules that look at units: symmetric, saturated, dead, linear."""

import numpy as np

from sklearn_init.diagnostics._findings import Finding, Measures
from sklearn_init.diagnostics._remedies import (
    blame_depth,
    blame_size,
    describe_biases,
    join,
    name_layers,
    percent,
    where,
)
from sklearn_init.diagnostics._shapes import is_linear
from sklearn_init.diagnostics._trace import Trace

MOST_SATURATED, MOST_DEAD = 0.6, 0.9
"""Larger shares are named."""

MOST_SENTENCES = 3
"""So many layers are described; of more, the first ones."""

ADVICE = 'Break the symmetry with random weights, such as weight_init="glorot_uniform"'


def find_not_finite(trace: Trace, measures: Measures) -> Finding | None:
    """Find pre-activations that are NaN or infinite."""
    layers = where(np.array([not np.isfinite(z).all() for z in trace.z]))
    if not layers:
        return None
    verdict = f"{name_layers(layers[:1], trace.n_layers)}: pre-activations are NaN or infinite"
    return Finding("not_finite", layers[0], verdict, blame_depth(trace, layers[0]))


def describe_symmetry(layer: int, n_distinct: int, n_units: int) -> str:
    """Say that units of a hidden layer are identical, and what follows."""
    name = f"hidden layer {layer + 1}"
    if n_distinct == 1:
        return (
            f"{name}: all {n_units} units are identical and will stay so; the layer is worth "
            "one unit"
        )
    return (
        f"{name}: only {n_distinct} of {n_units} units are distinct, the others are "
        f"copies and will stay so; the layer is worth {n_distinct} units"
    )


def find_symmetry(trace: Trace, measures: Measures) -> Finding | None:
    """Find units that are identical, or mirror images; dropout on their layer tells them apart."""
    sentences = {}
    for layer, rate in enumerate(trace.rates):
        n_units = len(trace.biases[layer])
        n_distinct, n_unsigned = (
            int(measures[name][layer]) for name in ("distinct_units", "distinct_up_to_sign")
        )
        if rate or n_unsigned == n_units:
            continue
        sentences[layer] = describe_symmetry(layer, min(n_distinct, n_unsigned), n_units)
        if n_distinct == n_units:
            sentences[layer] = (
                f"hidden layer {layer + 1}: {n_units - n_unsigned} of {n_units} "
                f"{trace.activations[layer].name} units are mirror images of others, of the "
                f"opposite sign, and will stay so; the layer is worth {n_unsigned} units"
            )
    if not sentences:
        return None
    verdict = "; ".join(list(sentences.values())[:MOST_SENTENCES])
    if len(sentences) > MOST_SENTENCES:
        verdict += f"; and so on in {len(sentences) - MOST_SENTENCES} layers more"
    remedy = ADVICE[0].lower() + ADVICE[1:]
    return Finding("symmetry", min(sentences), verdict, remedy)


def find_saturated(trace: Trace, measures: Measures) -> Finding | None:
    """Find layers whose units are nearly flat for most rows."""
    layers = where(measures["saturated"] > MOST_SATURATED)
    if not layers:
        return None
    layer = layers[0]
    verdict = (
        f"{name_layers(layers, trace.n_layers)}: {percent(measures['saturated'][layer])} of "
        f"{trace.activations[layer].name} units are saturated, so that they pass no gradient"
    )
    return Finding("saturated", layer, verdict, *blame_size(trace, layer))


def find_dead(trace: Trace, measures: Measures) -> Finding | None:
    """Find layers whose units are flat for every row."""
    layers = where(measures["dead"] >= MOST_DEAD)
    if not layers:
        return None
    layer = layers[0]
    verdict = (
        f"{name_layers(layers, trace.n_layers)}: {percent(measures['dead'][layer])} of "
        f"{trace.activations[layer].name} units are dead: flat for all {trace.n_rows} rows, so "
        "that they never learn"
    )
    return Finding("dead", layer, verdict, *blame_size(trace, layer))


def find_linear(trace: Trace, measures: Measures) -> Finding | None:
    """Find a network that is a linear model, though its activations are not linear."""
    is_bent = [not (phi.active_range or is_linear(phi)) for phi in trace.activations]
    if not any(is_bent) or not (measures["always_on"][:-1] == 1).all():
        return None
    verdict = (
        f"{name_layers(list(range(len(is_bent))), trace.n_layers)}: all units are on for all "
        f"{trace.n_rows} rows, so that the network is a linear model"
    )
    remedy = "use weights of both signs, and biases that put the units' hinges among the rows"
    return Finding("linear", 0, verdict, join(describe_biases(trace, 0), remedy))
