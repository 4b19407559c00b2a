"""Texts cut to a length that a line of an error or a table can hold."""

SHORT = 60
"""The longest part of a sentence."""


def shorten(text: str, length: int = SHORT) -> str:
    """Return the beginning of a text, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 3]}..."


def show(value: object) -> str:
    """Return a value as errors quote it."""
    return shorten(repr(value))
