"""The random streams: what makes a comparison of initializers fair.

The *main stream* is scikit-learn's `RandomState`. It draws scikit-learn's default weights, then
the split for early stopping, then one permutation per epoch, whatever the scheme: so every
scheme and every restart sees the split and the batches of ``MLPClassifier(random_state=s)``.
All other draws come from streams keyed by (restart, layer), so that a restart does not depend
on how many others run beside it.
"""

import numpy as np
from numpy.random import Generator, RandomState, SeedSequence


def copy_stream(stream: RandomState) -> RandomState:
    """Return a copy of a stream that goes on independently."""
    # copy.copy would share the generator, copy.deepcopy takes twice as long
    twin = RandomState(0)
    twin.set_state(stream.get_state())
    return twin


class Streams:
    """Generators keyed by restart and layer.

    Parameters
    ----------
    main : RandomState
        The main stream, before its first draw. It is not advanced.
    """

    def __init__(self, main: RandomState):
        self._entropy = [
            int(word) for word in copy_stream(main).randint(2**32, size=4, dtype=np.uint32)
        ]

    def generator(self, restart: int, layer: int) -> Generator:
        """Return the generator of a layer of a restart.

        The index one past the last layer belongs to the moves that see data.
        """
        return np.random.default_rng(SeedSequence(self._entropy, spawn_key=(restart, layer)))
