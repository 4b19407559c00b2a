"""Expectations of functions of an activation under normal laws, exact to about 1e-10.

Gauss-Legendre rules on panels. The panels follow from the activation alone: they are halved until
every one is smooth inside, so that kinks and jumps, wherever they are, end between panels.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)

REACH = 10.0
"""How many standard deviations are integrated over; what is beyond has a share of 1e-23."""

MESH_END = 40.0
"""Beyond this, an activation is taken to have no kinks."""

SMALLEST_PANEL = 1e-15
TOLERANCE = 1e-12


def evaluate(activation: Activation, z: NDArray) -> tuple[NDArray, NDArray]:
    """Return the value and the derivative of an activation."""
    with np.errstate(over="ignore", under="ignore"):
        value, slope = np.empty_like(z), np.empty_like(z)
        activation.value(z.copy(), value)
        activation.derivative(z.copy(), value, slope)
    return value, slope


def expect(
    function: Callable[[NDArray, NDArray, NDArray], NDArray],
    activation: Activation,
    variance: float,
) -> float:
    """Return ``E[function(z, phi(z), phi'(z))]`` for z ~ N(0, variance)."""
    std = np.sqrt(variance)
    z, weights = _rule(_normal_edges(activation, std), std)
    return float(weights @ function(z, *evaluate(activation, z)))


def expect_pair(
    function: Callable[[NDArray, NDArray], NDArray],
    activation: Activation,
    variance: float,
    correlation: float,
) -> float:
    """Return ``E[f(u) f(v)]`` for normal u and v of this variance and correlation.

    `function` makes ``f(u)`` of ``phi(u)`` and ``phi'(u)``. The sum and the difference of u and v
    are independent: ``u = s + d`` and ``v = s - d``. For every s, panels in d end where u or v
    meets a kink.
    """
    if correlation == 1:
        return expect(lambda z, a, slope: function(a, slope) ** 2, activation, variance)
    correlation = np.clip(correlation, -1 + 1e-14, 1 - 1e-14)  # so that neither is constant
    std_s, std_d = np.sqrt(variance * (1 + np.array([correlation, -correlation])) / 2)
    s, weights_s = _rule(_normal_edges(activation, std_s), std_s)
    kinks = np.abs(_find_kinks(activation) - s[:, np.newaxis])
    steps = np.broadcast_to(np.linspace(0, REACH * std_d, 11), (len(s), 11))
    edges = np.sort(np.minimum(np.hstack([kinks, steps]), REACH * std_d))
    d, weights_d = _rule(edges, std_d)
    f_u, f_v = (function(*evaluate(activation, s[:, np.newaxis] + x)) for x in (d, -d))
    # even in d: both halves are alike
    return float(weights_s @ (2 * np.sum(weights_d * f_u * f_v, axis=1)))


def _normal_edges(activation: Activation, std: float) -> NDArray:
    """Return the edges of panels over the bulk of N(0, std**2)."""
    edges = np.hstack([make_mesh(activation), np.linspace(-REACH * std, REACH * std, 41)])
    return np.unique(edges[np.abs(edges) <= REACH * std])


def _rule(edges: NDArray, std: float) -> tuple[NDArray, NDArray]:
    """Return nodes and weights for N(0, std**2), given edges along the last axis."""
    low, high = edges[..., :-1, np.newaxis], edges[..., 1:, np.newaxis]
    nodes = (low + high) / 2 + (high - low) / 2 * NODES
    scale = max(std, np.finfo(float).tiny)
    density = np.exp(-0.5 * (nodes / scale) ** 2) / (np.sqrt(2 * np.pi) * scale)
    weights = (high - low) / 2 * WEIGHTS * density
    shape = (*edges.shape[:-1], -1)
    return nodes.reshape(shape), weights.reshape(shape)


@lru_cache(maxsize=64)  # a pure function of the activation
def make_mesh(activation: Activation) -> NDArray:
    """Return edges between which value and derivative are smooth, from -40 to 40.

    They begin at odd numbers, so that a kink at a round one is inside a panel and is found.
    """
    edges = np.arange(-MESH_END, MESH_END) + 0.1234567
    panels = np.stack([edges[:-1], edges[1:]], axis=1)
    kept = [edges]
    while len(panels) and np.ptp(panels[0]) > SMALLEST_PANEL:
        middle = panels.mean(axis=1)
        left = np.stack([panels[:, 0], middle], axis=1)
        right = np.stack([middle, panels[:, 1]], axis=1)
        whole, halves = _means(activation, panels), _means(activation, left, right)
        rough = (np.abs(whole - halves) > TOLERANCE * (1 + np.abs(whole))).any(axis=0)
        kept.append(middle[rough])
        panels = np.vstack([left[rough], right[rough]])
    return np.unique(np.hstack(kept))


def _means(activation: Activation, *panels: NDArray) -> NDArray:
    """Return the means of value and derivative over panels, or over pairs of them."""
    rules = []
    for part in panels:
        low, high = part[:, :1], part[:, 1:]
        z = (low + high) / 2 + (high - low) / 2 * NODES
        rules.append(np.stack([f @ WEIGHTS / 2 for f in evaluate(activation, z)]))
    return np.mean(rules, axis=0)


def _find_kinks(activation: Activation) -> NDArray:
    """Return the edges of the smallest panels, which lie at jumps and kinks."""
    mesh = make_mesh(activation)
    return mesh[:-1][np.diff(mesh) < 4 * SMALLEST_PANEL]
