"""Makes the page of all schemes from their table: ``python docs/make_schemes.py``."""

import sys
from pathlib import Path

from sklearn import config_context

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from laws import MODULES

from sklearn_init import Initializer
from sklearn_init.initializers._auto import RULES
from sklearn_init.initializers._table import SECTIONS

INTRODUCTION = """\
# All schemes

This page is made from the table in `sklearn_init/initializers/_table.py` by
`python docs/make_schemes.py`; a test compares the two.

Every name is a value of `weight_init`, for the network or for one layer, and stands for the object
beside it, whose parameters can be changed and searched. Most serve as `bias_init`, too; those that
draw matrices say so. n is the number of inputs of a layer, m the number of its units, W has the
shape (n, m), z = x W + b. N(0, v) is a normal law of variance v, U(+-a) is uniform from -a to a.
Biases are zero where the law does not mention b. "Law" says what is drawn; the check that would
fail if it were wrong stands in the file of the last column, under the scheme's name.

"""


def escape(text: str) -> str:
    return text.replace("|", "\\|")


def show(initializer: Initializer) -> str:
    return " ".join(repr(initializer).split())


def make_page() -> str:
    """Return the page."""
    file_of = {name: module.__name__.split(".")[-1] for module in MODULES for name in module.LAWS}
    parts = [INTRODUCTION]
    for title, section in SECTIONS.items():
        parts.append(f"## {title}\n\n| name | object | law | suits | source | test |\n")
        parts.append("|---|---|---|---|---|---|\n")
        for name, row in section.items():
            with config_context(print_changed_only=False):
                shown = show(row.initializer)
            cells = [f"`{name}`", f"`{shown}`", f"`{row.formula}`", row.suits, row.source]
            test = f"[{file_of[name]}](../tests/laws/{file_of[name]}.py)"
            parts.append("| " + " | ".join(map(escape, [*cells, test])) + " |\n")
        parts.append("\n")
    parts.append("## What `auto` chooses, and why\n\n")
    parts.append("The first rule that holds for a layer decides.\n\n")
    parts.append("| layer | hidden layers | output layer | why |\n|---|---|---|---|\n")
    for rule in RULES:
        cells = [rule.case, f"`{show(rule.hidden)}`", f"`{show(rule.output)}`", rule.why]
        parts.append("| " + " | ".join(map(escape, cells)) + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "schemes.md").write_text(make_page(), encoding="utf-8")
