"""The table of initializers: every name users can give, and the object it stands for."""

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._fixed import Constant, Normal, TruncatedNormal, Uniform
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._presets import Sklearn, Torch
from sklearn_init.initializers._scaling import VarianceScaling

INITIALIZERS: dict[str, Initializer] = {
    "sklearn": Sklearn(),
    "torch": Torch(),
    "zeros": Constant(0.0),
    "ones": Constant(1.0),
    "constant": Constant(),
    "normal": Normal(),
    "uniform": Uniform(),
    "truncated_normal": TruncatedNormal(),
    "lecun_normal": VarianceScaling(1.0, "fan_in", "normal"),
    "lecun_uniform": VarianceScaling(1.0, "fan_in", "uniform"),
    "glorot_normal": VarianceScaling(1.0, "fan_avg", "normal"),
    "glorot_uniform": VarianceScaling(1.0, "fan_avg", "uniform"),
    "he_normal": VarianceScaling(2.0, "fan_in", "normal"),
    "he_uniform": VarianceScaling(2.0, "fan_in", "uniform"),
    "orthogonal": Orthogonal(),
}


def get_initializer_names() -> list[str]:
    """Return the names that `weight_init` and `bias_init` accept, sorted.

    Each stands for an initializer whose parameters are set. ``"orthogonal"`` draws matrices only
    and is an error as `bias_init`.

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
    >>> get_initializer_names()[:3]
    ['constant', 'glorot_normal', 'glorot_uniform']
    """
    return sorted(INITIALIZERS)
