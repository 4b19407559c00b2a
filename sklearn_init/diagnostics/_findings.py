"""What is wrong with a network, and what to do about it: findings, and the rules that find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from numpy.typing import NDArray

from sklearn_init.diagnostics._trace import Trace

Measures = Mapping[str, NDArray]

INITIALIZATION, DATA, TRAINING = "initialization", "data", "training"
"""What can be to blame."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a network, and what to do about it.

    Printed, it is a sentence: verdict and remedy.

    Parameters
    ----------
    name : str
        What is wrong, in one word.
    layer : int or None
        The first layer where it is so, an index into ``coefs_``; None for the whole network. Texts
        count layers from 1: hidden layer 1 has index 0.
    verdict : str
        What was found, with numbers.
    remedy : str
        What to try.
    cause : {"initialization", "data", "training"}, default="initialization"
        What is to blame.
    restarts : tuple of int, default=()
        The restarts where it was found.

    See Also
    --------
    Diagnosis : Has all findings.

    Examples
    --------
    >>> from sklearn_init.inspection import Finding
    >>> print(Finding("dead", 0, "hidden layer 1: 95% of units are dead", "try he_uniform"))
    hidden layer 1: 95% of units are dead; try he_uniform.
    """

    name: str
    layer: int | None
    verdict: str
    remedy: str
    cause: str = INITIALIZATION
    restarts: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.verdict}; {self.remedy}."


@dataclass(frozen=True)
class Rule:
    """One row of the table of rules.

    Attributes
    ----------
    name : str
        Of the findings.
    find : callable
        ``find(trace, measures)`` returns a finding or None.
    unless : tuple of str
        Earlier rules: what they find explains what this one would.
    """

    name: str
    find: Callable[[Trace, Measures], Finding | None]
    unless: tuple[str, ...] = ()
