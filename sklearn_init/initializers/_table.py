"""The table of schemes: every name users can give, and the initializer it stands for.

A new variant is one row of `_table_blind.py` or `_table_seeing.py`; a new family is one file and
one row. The rows are the documentation, too: `docs/schemes.md` is made of them.
"""

from sklearn_init.initializers._table_blind import (
    DEGENERATE,
    FIXED_SCALE,
    PRESETS,
    STRUCTURED,
    VARIANCE_SCALING,
)
from sklearn_init.initializers._table_seeing import BIASES, CHOICE, DATA_SCALING, HINGES

SECTIONS = {
    "A choice": CHOICE,
    "Degenerate starts, for teaching": DEGENERATE,
    "Independent numbers of a fixed scale": FIXED_SCALE,
    "Variance scaling": VARIANCE_SCALING,
    "Other libraries' defaults": PRESETS,
    "Structured matrices": STRUCTURED,
    "Hinges and directions in the data": HINGES,
    "Scaled or solved with the data": DATA_SCALING,
    "Biases": BIASES,
}
"""The kinds of schemes, as the pages show them."""

SCHEMES = {name: row for section in SECTIONS.values() for name, row in section.items()}


def get_initializer_names() -> list[str]:
    """Return the names that `weight_init` and `bias_init` accept, sorted.

    Each stands for an initializer whose parameters are set. Those that draw matrices only, such as
    ``"orthogonal"``, are an error as `bias_init`.

    Returns
    -------
    list of str
        The names.

    See Also
    --------
    draw : Draw the weights a name stands for.
    VarianceScaling : The family of the LeCun, Glorot and He schemes.

    Examples
    --------
    >>> from sklearn_init import get_initializer_names
    >>> "he_normal" in get_initializer_names()
    True
    """
    return sorted(SCHEMES)
