"""Expectations of functions of an activation under normal laws, to 1e-8 and mostly to 1e-14.

Gauss-Legendre rules on panels. The panels follow from the activation alone: it is smooth inside
every one, as kinks and jumps, wherever they are, lie between them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation
from sklearn_init.theory._mesh import NODES, WEIGHTS, evaluate, make_mesh

REACH = 10.0
"""How many standard deviations are integrated over; what is beyond has a share of 1e-23."""

MOST_STEPS = 500
MOST_STEPS_OF_PAIRS = 100
"""Into how many panels a wide normal law is divided where the mesh of the activation ends."""

BLOCK = 500_000
"""How many pairs are looked at together."""


def expect(
    function: Callable[[NDArray, NDArray, NDArray], NDArray],
    activation: Activation,
    variance: float,
) -> float:
    """Return ``E[function(z, phi(z), phi'(z))]`` for z ~ N(0, variance)."""
    if not np.isfinite(variance):
        return np.nan
    z, weights = _normal_rule(activation, np.sqrt(variance), MOST_STEPS)
    with np.errstate(all="ignore"):
        return float(weights @ function(z, *evaluate(activation, z)))


def expect_pair(
    function: Callable[[NDArray, NDArray], NDArray],
    activation: Activation,
    variance: float,
    correlation: float,
) -> float:
    """Return ``E[f(u) f(v)]`` for normal u and v of this variance, above 0, and correlation.

    `function` makes ``f(u)`` of ``phi(u)`` and ``phi'(u)``. The sum and the difference of u and v
    are independent: ``u = s + d`` and ``v = s - d``. For every s, panels in d end where u or v
    meets a kink.
    """
    if correlation == 1:
        return expect(lambda z, a, slope: function(a, slope) ** 2, activation, variance)
    correlation = np.clip(correlation, -1 + 1e-14, 1 - 1e-14)  # so that neither is constant
    std_s, std_d = np.sqrt(variance * (1 + np.array([correlation, -correlation])) / 2)
    s, weights_s = _normal_rule(activation, std_s, MOST_STEPS_OF_PAIRS)
    end = REACH * std_d
    steps = np.linspace(0, end, _count_steps(activation, end, 10, MOST_STEPS_OF_PAIRS // 2) + 1)
    kinks = make_mesh(activation).kinks
    kinks = kinks[np.abs(kinks) < REACH * std_s + end]

    def integrate_over_d(s: NDArray) -> NDArray:
        s = s[:, np.newaxis]
        every_step = np.broadcast_to(steps, (len(s), len(steps)))
        edges = np.sort(np.minimum(np.hstack([np.abs(kinks - s), every_step]), end))
        d, weights_d = _rule(edges, std_d)
        with np.errstate(all="ignore"):
            f_u, f_v = (function(*evaluate(activation, s + x)) for x in (d, -d))
            return 2 * np.sum(weights_d * f_u * f_v, axis=1)  # even in d: both halves are alike

    n_blocks = 1 + s.size * (kinks.size + steps.size) * NODES.size // BLOCK
    over_d = np.hstack([integrate_over_d(block) for block in np.array_split(s, n_blocks)])
    return float(weights_s @ over_d)


def _normal_rule(activation: Activation, std: float, most_steps: int) -> tuple[NDArray, NDArray]:
    """Return nodes and weights for N(0, std**2) that suit the activation."""
    if std == 0:
        return np.zeros(1), np.ones(1)
    end = REACH * std
    steps = np.linspace(-end, end, _count_steps(activation, 2 * end, 40, most_steps) + 1)
    edges = np.hstack([make_mesh(activation).edges, steps])
    return _rule(np.unique(edges[np.abs(edges) <= end]), std)


def _count_steps(activation: Activation, length: float, least: int, most: int) -> int:
    """Return into how many panels to divide a length, at most two panels of the mesh long."""
    return int(np.clip(np.ceil(length / (2 * make_mesh(activation).width)), least, most))


def _rule(edges: NDArray, std: float) -> tuple[NDArray, NDArray]:
    """Return nodes and weights for N(0, std**2), given edges along the last axis."""
    low, high = edges[..., :-1, np.newaxis], edges[..., 1:, np.newaxis]
    nodes = (low + high) / 2 + (high - low) / 2 * NODES
    density = np.exp(-0.5 * (nodes / std) ** 2) / (np.sqrt(2 * np.pi) * std)
    weights = (high - low) / 2 * WEIGHTS * density
    shape = (*edges.shape[:-1], -1)
    return nodes.reshape(shape), weights.reshape(shape)
