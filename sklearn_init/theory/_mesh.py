"""Where an activation is smooth: found by looking at it, so that any of the user's will do."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from sklearn_init.activations import Activation

P = ParamSpec("P")
R = TypeVar("R")

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)

HIGH = np.polynomial.legendre.legvander(NODES, 15)[:, -3:] * WEIGHTS[:, np.newaxis]
"""What gives the last Legendre coefficients, which are tiny for smooth functions."""

MESH_END = 40.0
"""Beyond this, an activation is taken to have no kinks."""

MOST_HALVINGS = 50
TOLERANCE = 1e-12

MOST_PANELS = 4096
"""An activation with more rough panels is rough everywhere: computed in 32 bits, perhaps."""

KINK, NEST = 1e-7, 1e-3
"""Panels narrower than the first lie at a kink; those within the second of it are its nest."""


class Mesh(NamedTuple):
    """Where an activation is smooth.

    Attributes
    ----------
    edges : ndarray
        Edges of panels, from -40 to 40, inside which value and derivative are smooth.
    kinks : ndarray
        Those edges at which they are not.
    width : float
        Width of the panels, on average over the points in them.
    """

    edges: NDArray
    kinks: NDArray
    width: float


def remember(
    function: Callable[Concatenate[Activation, P], R],
) -> Callable[Concatenate[Activation, P], R]:
    """Make a pure function of an activation remember its latest results."""
    remembered = lru_cache(maxsize=256)(function)

    @wraps(function)
    def call(activation: Activation, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            hash(activation)
        except TypeError:  # made of callables that cannot be looked up
            return function(activation, *args, **kwargs)
        return remembered(activation, *args, **kwargs)  # type: ignore[arg-type]

    return call


def evaluate(activation: Activation, z: NDArray) -> tuple[NDArray, NDArray]:
    """Return the value and the derivative of an activation."""
    value, slope = np.empty_like(z), np.empty_like(z)
    with np.errstate(all="ignore"):
        activation.value(z.copy(), value)
        activation.derivative(z.copy(), value, slope)
    return value, slope


@remember  # looked up for every expectation
def make_mesh(activation: Activation) -> Mesh:
    """Halve panels until an activation is smooth inside all of them.

    They begin at odd numbers, so that a kink at a round one is inside a panel and is found.
    """
    edges = np.arange(-MESH_END, MESH_END) + 0.1234567
    panels = np.stack([edges[:-1], edges[1:]], axis=1)
    kept = [edges]
    for _ in range(MOST_HALVINGS):
        rough = panels[_are_rough(activation, panels)]
        if not 0 < len(rough) <= MOST_PANELS:
            break
        middle = rough.mean(axis=1)
        kept.append(middle)
        left = np.stack([rough[:, 0], middle], axis=1)
        right = np.stack([middle, rough[:, 1]], axis=1)
        panels = np.vstack([left, right])
    return _replace_nests(np.unique(np.hstack(kept)))


def _are_rough(activation: Activation, panels: NDArray) -> NDArray:
    """Whether value or derivative have high Legendre coefficients, for each panel."""
    low, high = panels[:, :1], panels[:, 1:]
    # a bit beyond the ends, or a kink could hide between the last node and the end
    z = (low + high) / 2 + 1.02 * (high - low) / 2 * NODES
    both = np.stack(evaluate(activation, z))
    with np.errstate(all="ignore"):
        return (np.abs(both @ HIGH) > TOLERANCE * (1 + np.abs(both))[..., :1]).any(axis=(0, 2))


def _replace_nests(edges: NDArray) -> Mesh:
    """Put one edge in the place of all that crowd around a kink."""
    widths = np.diff(edges)
    narrow = np.flatnonzero(widths < KINK)
    nests = np.split(narrow, np.flatnonzero(np.diff(edges[narrow]) > NEST) + 1)
    kinks = np.array([edges[nest[np.argmin(widths[nest])]] for nest in nests if len(nest)])
    distances = np.abs(edges[:, np.newaxis] - kinks).min(axis=1, initial=np.inf)
    edges = np.union1d(edges[distances > NEST], kinks)
    widths = np.diff(edges)
    return Mesh(edges, kinks, float(np.average(widths, weights=widths)))
