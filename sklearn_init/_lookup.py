"""Looking a name up in a table, with an error that helps."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

Row = TypeVar("Row")


def lookup(table: Mapping[str, Row], name: object, parameter: str) -> Row:
    """Return the row called `name`; the error names the parameter, the value, the choices."""
    if isinstance(name, str) and name in table:
        return table[name]
    close = _find_close(name, table) if isinstance(name, str) else []
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    choices = ", ".join(map(repr, table))
    raise ValueError(f"{parameter}={name!r} is not known.{hint} Choose one of: {choices}.")


def _find_close(name: str, table: Mapping[str, Row]) -> list[str]:
    """Return names that begin alike, or else that are spelled alike."""
    beginnings = [row for row in table if name and row.startswith(name.lower())]
    return beginnings or get_close_matches(name.lower(), table, cutoff=0.45)
