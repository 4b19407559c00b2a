"""Rules that look at units: symmetric, saturated, dead, linear."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation
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
from sklearn_init.diagnostics._symmetry import (
    ALIKE,
    are_unlike,
    count_distinct_units_up_to_sign,
    explain_zero_gradients,
)
from sklearn_init.diagnostics._trace import Trace
from sklearn_init.network import Layout

MOST_SATURATED, MOST_DEAD = 0.6, 0.9
"""Larger shares are named."""

LASTING = (
    "In exact arithmetic training never makes such units different; rounding may, after many "
    "epochs"
)

MOST_SENTENCES = 3
"""So many layers are described; of more, the first ones."""

ADVICE = 'Use random weights, such as weight_init="glorot_uniform"'


class Symmetry(NamedTuple):
    """What is wrong with the units of a hidden layer.

    Attributes
    ----------
    verdict : str
        A sentence without its end, which names the layer.
    can_part : bool
        Whether rounding can make the units different; it cannot where gradients are zero.
    """

    verdict: str
    can_part: bool


def find_not_finite(trace: Trace, measures: Measures) -> Finding | None:
    """Find pre-activations that are NaN or infinite."""
    layers = where(np.array([not np.isfinite(z).all() for z in trace.z]))
    if not layers:
        return None
    verdict = f"{name_layers(layers[:1], trace.n_layers)}: pre-activations are NaN or infinite"
    return Finding("not_finite", layers[0], verdict, blame_depth(trace, layers[0]))


def describe_symmetries(
    layout: Layout,
    theta: NDArray,
    activations: Sequence[Activation],
    rates: Sequence[float],
    tolerance: float,
) -> dict[int, Symmetry]:
    """Say of which hidden layers units are identical or mirror images, or never learn.

    Parameters
    ----------
    layout : Layout
    theta : ndarray of shape (n_params,)
    activations, rates
        The activation and the dropout rate of every hidden layer. Dropout makes the units of its
        layer different, if there is any gradient at all.
    tolerance : float
        By how much equal numbers may differ, as a share of the largest one: `ROUNDED` at a start,
        `ALIKE` after training, in which rounding errors grow.

    Returns
    -------
    dict
        From the index of a hidden layer to what is wrong with it.
    """
    weights, biases = layout.views(theta)
    found, limit = {}, tolerance * float(np.abs(theta).max())
    for layer, (activation, rate) in enumerate(zip(activations, rates, strict=True)):
        first = weights[layer][0]
        if len(first) > 1 and are_unlike(np.abs(first), limit):  # as random weights are
            continue
        unit = weights[layer], biases[layer], weights[layer + 1]
        name = f"hidden layer {layer + 1}"
        reason = explain_zero_gradients(*unit, activation)
        if reason:
            found[layer] = Symmetry(
                f"{name}: {reason}, so that these weights have no gradient and the layer never "
                "learns, with or without dropout",
                can_part=False,
            )
        elif not rate:
            counts = count_distinct_units_up_to_sign(*unit, activation, tolerance)
            if min(counts) < len(biases[layer]):
                verdict = f"{name}: {_describe_counts(len(biases[layer]), *counts)}"
                found[layer] = Symmetry(verdict, can_part=True)
    return found


def explain_symmetries(symmetries: Iterable[Symmetry]) -> list[str]:
    """Return what training makes of units that only rounding can part, and what to do."""
    lasting = [LASTING] if any(symmetry.can_part for symmetry in symmetries) else []
    return [*lasting, ADVICE]


def _describe_counts(n_units: int, n_distinct: int, n_unsigned: int) -> str:
    """Say how many units of a layer are worth something, given the distinct ones."""
    worth = "one unit" if n_unsigned == 1 else f"{n_unsigned} units"
    if n_distinct == 1:
        return f"all {n_units} units are identical; the layer is worth {worth}"
    if n_distinct == n_unsigned:
        kind = "copies"
    elif n_distinct == n_units:
        kind = "mirror images (of the opposite sign)"
    else:
        kind = "copies or mirror images (of the opposite sign)"
    return (
        f"{n_units - n_unsigned} of {n_units} units are {kind} of others; the layer is worth "
        f"{worth}"
    )


def find_symmetry(trace: Trace, measures: Measures) -> Finding | None:
    """Find units that are identical or mirror images, and layers without any gradient."""
    layout = Layout.of(trace.weights)
    theta = layout.row(trace.weights, trace.biases)
    found = describe_symmetries(layout, theta, trace.activations, trace.rates, ALIKE)
    if not found:
        return None
    verdict = "; ".join([symmetry.verdict for symmetry in found.values()][:MOST_SENTENCES])
    if len(found) > MOST_SENTENCES:
        verdict += f"; and so on in {len(found) - MOST_SENTENCES} layers more"
    remedy = ". ".join(reversed(explain_symmetries(found.values())))
    return Finding("symmetry", min(found), verdict, f"{remedy[0].lower()}{remedy[1:]}")


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
