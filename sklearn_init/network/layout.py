"""Where the weights and biases of each layer lie in a row of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layout:
    """Layout of a network in a row: the weights of all layers, then the biases of all layers.

    Weights come first so that the L2 penalty is a slice. Per-layer arrays are views.

    Parameters
    ----------
    sizes : tuple of int
        ``(n_features, *hidden_layer_sizes, n_outputs)``.
    """

    sizes: tuple[int, ...]

    @classmethod
    def of(cls, weights: Sequence[NDArray]) -> "Layout":
        """Return the layout of a network with these weights."""
        return cls((*(np.shape(W)[0] for W in weights), np.shape(weights[-1])[-1]))

    @cached_property
    def fans(self) -> list[tuple[int, int]]:
        """The pair ``(fan_in, fan_out)`` of each layer."""
        return list(pairwise(self.sizes))

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the weights of all layers, and then of their biases."""
        return [*self.fans, *((size,) for size in self.sizes[1:])]

    @cached_property
    def n_weights(self) -> int:
        """Number of weights, which come first in the row."""
        return sum(fan_in * fan_out for fan_in, fan_out in self.fans)

    @cached_property
    def n_params(self) -> int:
        """Number of weights and biases."""
        return self.n_weights + sum(self.sizes[1:])

    def views(self, row: NDArray) -> tuple[list[NDArray], list[NDArray]]:
        """Split a row of shape (n_params,) into views.

        Returns
        -------
        weights : list of ndarray of shape (fan_in, fan_out)
        biases : list of ndarray of shape (fan_out,)
        """
        weights, biases, at = [], [], 0
        for fan_in, fan_out in self.fans:
            weights.append(row[at : at + fan_in * fan_out].reshape(fan_in, fan_out))
            at += fan_in * fan_out
        for _, fan_out in self.fans:
            biases.append(row[at : at + fan_out])
            at += fan_out
        return weights, biases

    def row(self, weights: Sequence[NDArray], biases: Sequence[NDArray]) -> NDArray:
        """Return the row of shape (n_params,) that holds these weights and biases."""
        return np.concatenate([np.ravel(array) for array in [*weights, *biases]])
