"""A plane through three networks: rows of numbers to places on a map, and back."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THIN = 1e-3
"""Three points whose triangle is flatter than this, height over longest side, are on a line."""


@dataclass(frozen=True)
class Plane:
    """A plane in the space of weights, with equal units along both axes.

    Attributes
    ----------
    origin : ndarray of shape (n_params,)
    basis : ndarray of shape (2, n_params)
        Two directions of length 1, at right angles.
    """

    origin: NDArray
    basis: NDArray

    @classmethod
    def through(cls, a: NDArray, b: NDArray, c: NDArray) -> "Plane":
        """Return the plane through three points, by Gram and Schmidt: a is the origin.

        The first axis goes from a to b; on the second one, c is above zero.
        """
        along = _normalize(b - a)
        return cls(a, np.stack([along, _normalize(_reject(c - a, along))]))

    def project(self, rows: NDArray) -> NDArray:
        """Return the places of rows, (n_rows, 2), orthogonally."""
        return (rows - self.origin) @ self.basis.T

    def lift(self, place: NDArray) -> NDArray:
        """Return the row of shape (n_params,) at a place."""
        return self.origin + place @ self.basis

    def find_share(self, path: NDArray) -> float:
        """Return which share of the squared length of a path's steps lies in the plane."""
        steps = np.diff(path, axis=0)
        total = np.sum(steps**2)
        return float(np.sum((steps @ self.basis.T) ** 2) / total) if total else 1.0


def choose_corners(candidates: Iterable[tuple[str, NDArray]]) -> dict[str, NDArray]:
    """Return the first candidates, three at most, that are not on a line with those before."""
    chosen: dict[str, NDArray] = {}
    for name, row in candidates:
        if len(chosen) < 3 and _is_aside(row, list(chosen.values())):
            chosen[name] = row
    return chosen


def find_farthest(path: NDArray, end: NDArray) -> NDArray:
    """Return the point of a path that is farthest from the line from its first point to `end`."""
    along = _normalize(end - path[0])
    return path[np.argmax([np.linalg.norm(_reject(row - path[0], along)) for row in path])]


def _is_aside(row: NDArray, others: list[NDArray]) -> bool:
    """Whether a row is away from the point, or the line through the two points, that is there."""
    if not others:
        return True
    sides = [row - others[0], *([row - others[1], others[1] - others[0]] if others[1:] else [])]
    longest = max(np.linalg.norm(side) for side in sides)
    if len(others) == 1:
        return bool(longest > 0)
    height = np.linalg.norm(_reject(sides[0], _normalize(sides[-1])))
    return bool(height > THIN * longest)


def _normalize(row: NDArray) -> NDArray:
    length = np.linalg.norm(row)
    return row / length if length else row


def _reject(row: NDArray, along: NDArray) -> NDArray:
    """Return what of a row is at right angles to a direction of length 1."""
    return row - (row @ along) * along
