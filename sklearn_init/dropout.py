"""Dropout masks: which hidden units a batch leaves out.

A mask is a hash of where it is used, so that it needs neither memory nor a stream of random
numbers, and does not depend on what else is computed. Inverted dropout (Srivastava et al. 2014):
what is kept is divided by the share kept, so that predictions need no correction.

The compiled passes have the same in C: `drop_out` in ``network/_layers.pxi`` and `drop` in
``network/_steps_of_type.h``. The masks are part of what a `random_state` promises, so that a
change here changes results.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MASK_64 = 2**64 - 1


def mix(key: int) -> int:
    """Return 64 bits that look random, from 64 bits (splitmix64, Steele et al. 2014)."""
    key = (key + 0x9E3779B97F4A7C15) & MASK_64
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & MASK_64
    return key ^ (key >> 31)


@dataclass(frozen=True)
class Masks:
    """The masks of one batch.

    Attributes
    ----------
    rates : tuple of float
        The share of units left out, per hidden layer.
    seed : int
        Of the restart, 64 bits.
    epoch, batch : int
        Epochs since the start of the restart; batches since that of the epoch.
    """

    rates: tuple[float, ...]
    seed: int
    epoch: int
    batch: int

    def apply(self, layer: int, a: NDArray, out: NDArray) -> None:
        """Write what the mask of a hidden layer leaves of `a` into `out`, which may be `a`.

        Both have the shape (n_rows, n_units); a place is an index into them, row by row.
        """
        rate = self.rates[layer]
        key = mix(mix(mix(mix(self.seed) + self.epoch) + self.batch) + layer)
        kept = hash_places(key, a.size) >= np.uint32(rate * 2**32)
        factors = np.where(kept, a.dtype.type(1 / (1 - rate)), a.dtype.type(0))
        np.multiply(a, factors.reshape(a.shape), out=out)


def hash_places(key: int, n: int) -> NDArray:
    """Return 32 bits that look random for each of n places (after Wellons' lowbias32)."""
    h = np.arange(n, dtype=np.uint32)
    h += np.uint32(key & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x7FEB352D)
    h ^= h >> np.uint32(15)
    h += np.uint32(key >> 32)
    h *= np.uint32(0x846CA68B)
    h ^= h >> np.uint32(16)
    return h
