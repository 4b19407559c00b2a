"""A mapping of names to arrays, as the records are."""

from collections.abc import Iterator, Mapping

from numpy.typing import NDArray


class ArrayMapping(Mapping):
    """A mapping of names to arrays, equal to itself alone."""

    _columns: dict[str, NDArray]

    # a mapping compares its values, and arrays have no truth value
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __getitem__(self, name: str) -> NDArray:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
