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

Which one? With one or two hidden layers, sane starts mostly tie: `"he_normal"` for relu,
`"glorot_uniform"` for tanh, or the default `"sklearn"`. With more layers, `"auto"`, which
[chooses](#what-auto-chooses-and-why) for every activation.

Every name is a value of `weight_init`, for the network or for one layer, and stands for the object
beside it, whose parameters can be changed and searched. Where the column "biases" says so, it can
be a `bias_init`, too. The *law* is the distribution of what is drawn; the check that would fail if
it were wrong stands in the file below the name.

n is the number of inputs of a layer, m the number of its units, W has the shape (n, m) with
columns w, z = x W + b, and phi is the activation. N(0, v) is a normal law of variance v, U(+-a) is
uniform from -a to a. g is a gain of phi (`sklearn_init.theory.compute_gain`): the forward one, or
in schemes that take the mean out, the centered one. s_w and s_b are those of a critical point
(`find_critical_point`). Biases are zero where the law does not mention b.

"""


NOT_HERE = """
## Not here, and why

* Delta-orthogonal and dirac starts are for convolutions, mimetic ones for vision.
* MetaInit and GradInit train the scale of a start by gradient descent of their own; to search a
  scale, use `BestOfDraws` or a grid over `weight_init__scale`.
* The NTK and muP parametrizations need a learning rate per layer.
* torch's `sparse_` leaves out a share of every *input's* weights; `"sparse"` gives every *unit* so
  many, as the paper does.
* The gradient calibration between layers of Krähenbühl et al. is left out; `"within_layer"` is the
  rest.
* The geometric starts of Shimodaira, of Yam and Chow, and of Denoeux and Lengellé are covered by
  `"nguyen_widrow"`, `"least_squares_output"` and `"kmeans"`.

This page is made from the table in `sklearn_init/initializers/_table.py` by
`python docs/make_schemes.py`; a test compares the two.
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
        parts.append(f"## {title}\n\n| name | object | law | suits | biases | source |\n")
        parts.append("|---|---|---|---|---|---|\n")
        for name, row in section.items():
            with config_context(print_changed_only=False):
                shown = show(row.initializer)
            test = file_of.get(name, "law missing: see tests/laws")
            cells = [
                f"`{name}`<br>[check](../tests/laws/{test}.py)",
                f"`{shown}`",
                f"`{row.formula}`",
                row.suits,
                "no" if row.initializer.draws_matrices_only else "yes",
                row.source,
            ]
            parts.append("| " + " | ".join(map(escape, cells)) + " |\n")
        parts.append("\n")
    parts.append("## What `auto` chooses, and why\n\n")
    parts.append("The first rule that holds for a layer decides.\n\n")
    parts.append("| layer | hidden layers | output layer | why |\n|---|---|---|---|\n")
    for rule in RULES:
        cells = [rule.case, f"`{show(rule.hidden)}`", f"`{show(rule.output)}`", rule.why]
        parts.append("| " + " | ".join(map(escape, cells)) + " |\n")
    return "".join([*parts, NOT_HERE])


if __name__ == "__main__":
    (ROOT / "docs" / "schemes.md").write_text(make_page(), encoding="utf-8")
