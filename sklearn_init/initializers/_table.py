"""The table of schemes: every name users can give, and the initializer it stands for.

A new variant is one row; a new family is one file and one row. The rows are the documentation,
too: `docs/schemes.md` is made of them.
"""

from dataclasses import dataclass

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._compensated import Compensated
from sklearn_init.initializers._fixed import Constant, Normal, TruncatedNormal, Uniform
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._presets import Sklearn, Torch
from sklearn_init.initializers._scaling import VarianceScaling


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


LECUN = "LeCun, Bottou, Orr, Müller 1998"
GLOROT = "Glorot, Bengio 2010"
HE = "He, Zhang, Ren, Sun 2015, arXiv:1502.01852"

DEGENERATE = {
    "zeros": Row(Constant(0.0), "W = 0", "to see why it fails; biases", "folklore"),
    "ones": Row(Constant(1.0), "W = 1", "to see why it fails", "folklore"),
    "constant": Row(Constant(), "W = 0.1", "to see why it fails; biases", "folklore"),
}

FIXED_SCALE = {
    "normal": Row(Normal(), "N(0, 0.05^2)", "small networks", "Keras' RandomNormal"),
    "uniform": Row(Uniform(), "U(-0.05, 0.05)", "small networks", "Keras' RandomUniform"),
    "truncated_normal": Row(
        TruncatedNormal(), "N(0, 0.05^2) cut at +-0.1", "small networks", "Keras' TruncatedNormal"
    ),
}

VARIANCE_SCALING = {
    "lecun_normal": Row(VarianceScaling(1.0, "fan_in", "normal"), "N(0, 1/n)", "selu", LECUN),
    "lecun_uniform": Row(
        VarianceScaling(1.0, "fan_in", "uniform"), "U(+-sqrt(3/n))", "tanh, identity", LECUN
    ),
    "glorot_normal": Row(
        VarianceScaling(1.0, "fan_avg", "normal"), "N(0, 2/(n+m))", "tanh", GLOROT
    ),
    "glorot_uniform": Row(
        VarianceScaling(1.0, "fan_avg", "uniform"), "U(+-sqrt(6/(n+m)))", "tanh", GLOROT
    ),
    "he_normal": Row(VarianceScaling(2.0, "fan_in", "normal"), "N(0, 2/n)", "relu", HE),
    "he_uniform": Row(VarianceScaling(2.0, "fan_in", "uniform"), "U(+-sqrt(6/n))", "relu", HE),
}

PRESETS = {
    "sklearn": Row(
        Sklearn(),
        "W, b ~ U(+-sqrt(6/(n+m))), sqrt(2/(n+m)) with logistic",
        "the default",
        "scikit-learn",
    ),
    "torch": Row(Torch(), "W, b ~ U(+-1/sqrt(n))", "shallow networks", "torch.nn.Linear"),
}

STRUCTURED = {
    "orthogonal": Row(
        Orthogonal(), "W.T @ W = I or W @ W.T = I", "deep tanh", "Saxe 2014, arXiv:1312.6120"
    ),
}

HINGES: dict[str, Row] = {}

DATA_SCALING: dict[str, Row] = {}

BIASES = {
    "compensated": Row(
        Compensated(),
        "N(0, g^2/n), b = -E[phi] sum W",
        "logistic, softplus; biases",
        "derived here: logistic is tanh(z/2)/2 + 1/2",
    ),
}

SECTIONS = {
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
