"""A row of the table of schemes."""

from dataclasses import dataclass

from sklearn_init.initializers._base import Initializer


@dataclass(frozen=True)
class Row:
    """A scheme of the table.

    Attributes
    ----------
    initializer : Initializer
        What the name stands for.
    formula : str
        The law of weights W of shape (n, m), and of biases b where they are not zero.
    suits : str
        The activations, or the purpose, it is made for.
    source : str
        Where it comes from.
    """

    initializer: Initializer
    formula: str
    suits: str
    source: str
