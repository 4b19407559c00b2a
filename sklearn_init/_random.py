"""The random streams: what makes a comparison of initializers fair.

The *main stream* is scikit-learn's `RandomState`. It draws scikit-learn's default weights, then
the split for early stopping, then one permutation per epoch, whatever the scheme: so every
scheme and every restart sees the split and the batches of ``MLPClassifier(random_state=s)``.
All other draws come from streams keyed by (restart, layer), so that a restart does not depend
on how many others run beside it. Dropout masks are hashes of a seed that has such a key.
"""

from typing import Any

import numpy as np
from numpy.random import MT19937, Generator, RandomState, SeedSequence
from numpy.random.bit_generator import ISeedSequence
from sklearn.utils import check_random_state

from sklearn_init._checks import is_integer
from sklearn_init._text import show


class _NoSeed(ISeedSequence):
    """Seeds with zeros, for a generator whose state is set at once: seeding takes far longer."""

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        return [0] * n_words  # a list, which is read faster than an array


class Stream(RandomState):
    """A main stream, or a copy of one, that shows its bit generator to compiled code.

    It starts from a state, or else from a seed.
    """

    def __init__(self, state: tuple | None = None, seed: Any = None):
        self.bit_generator = MT19937(_NoSeed())  # type: ignore[arg-type]
        super().__init__(self.bit_generator)
        if state is None:
            self.seed(seed)
        else:
            self.set_state(state)

    def __reduce__(self) -> tuple:
        return Stream, (read_state(self),)


def read_state(stream: RandomState) -> tuple:
    """Return the state of a stream; as a list, it is compared, and set again, faster."""
    kind, key, *rest = stream.get_state()
    return (kind, np.asarray(key).tolist(), *rest)


def copy_stream(stream: RandomState) -> Stream:
    """Return a copy of a stream that goes on independently."""
    return copy_streams(stream, 1)[0]


def copy_streams(stream: RandomState, n_copies: int) -> list[Stream]:
    """Return copies of a stream; its state is read once, as that takes longer than the copies."""
    state = read_state(stream)
    return [Stream(state) for _ in range(n_copies)]


class Streams:
    """Generators, and a seed for dropout masks, keyed by restart and layer.

    Parameters
    ----------
    main : RandomState
        The main stream, before its first draw. It is not advanced.
    """

    def __init__(self, main: RandomState):
        self._entropy = copy_stream(main).randint(2**32, size=4, dtype=np.uint32)

    def generator(self, restart: int, layer: int) -> Generator:
        """Return the generator of a layer of a restart.

        The index one past the last layer belongs to the moves that see data.
        """
        return np.random.default_rng(self._sequence(restart, layer))

    def mask_seed(self, restart: int, n_layers: int) -> int:
        """Return 64 bits for the dropout masks of a restart; their index is two past the last."""
        return int(self._sequence(restart, n_layers + 1).generate_state(1, np.uint64)[0])

    def _sequence(self, restart: int, index: int) -> SeedSequence:
        return SeedSequence(self._entropy, spawn_key=(restart, index))


def check_main_stream(random_state: object) -> RandomState:
    """Return the main stream of a `random_state`."""
    try:
        if is_integer(random_state):
            return Stream(seed=random_state)  # as RandomState(seed), which takes far longer
        stream = check_random_state(random_state)
    except ValueError as error:
        raise ValueError(
            f"random_state={show(random_state)} is not allowed: expected None, an integer "
            "from 0 to 2**32 - 1 or a numpy.random.RandomState."
        ) from error
    bit_generator = stream.get_state(legacy=False)["bit_generator"]
    if bit_generator != "MT19937":
        raise ValueError(
            f"random_state={show(random_state)} has the bit generator {bit_generator}; expected "
            "MT19937, as numpy.random.RandomState(0) has it."
        )
    return stream
