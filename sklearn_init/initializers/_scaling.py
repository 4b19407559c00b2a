"""Variance scaling: one law, of which LeCun's, Glorot's and He's schemes are parameters."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._lookup import lookup
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._fixed import TRUNCATED_STD, truncated_normal
from sklearn_init.initializers._layer import Layer

MODES = {
    "fan_in": lambda layer: layer.fan_in,
    "fan_out": lambda layer: layer.fan_out,
    "fan_avg": lambda layer: (layer.fan_in + layer.fan_out) / 2,
    "fan_geo_avg": lambda layer: np.sqrt(layer.fan_in * layer.fan_out),
}

DISTRIBUTIONS = {
    "normal": lambda std, shape, rng: rng.normal(0.0, std, shape),
    "truncated_normal": lambda std, shape, rng: std / TRUNCATED_STD * truncated_normal(shape, rng),
    "uniform": lambda std, shape, rng: rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, shape),
    "rademacher": lambda std, shape, rng: std * (2.0 * rng.integers(2, size=shape) - 1),
    "laplace": lambda std, shape, rng: rng.laplace(0.0, std / np.sqrt(2), shape),
    "student_t": lambda std, shape, rng: std * np.sqrt(3 / 5) * rng.standard_t(5, shape),
}


class VarianceScaling(Initializer):
    """Independent numbers of mean 0 and variance ``scale / fan``.

    ============  =======  =============  ==========
    name          scale    mode           keeps the variance of
    ============  =======  =============  ==========
    ``lecun_*``   1        ``"fan_in"``   signals, for identity and selu [1]_
    ``glorot_*``  1        ``"fan_avg"``  signals and gradients, in between [2]_
    ``he_*``      2        ``"fan_in"``   signals, for relu [3]_
    ============  =======  =============  ==========

    Parameters
    ----------
    scale : float or str, default=1.0
        Variance times fan; at least 0. A word makes it the square of a gain, see
        `sklearn_init.theory.compute_gain`: ``"auto"`` of the forward gain of the activation whose
        values enter the layer (in the first layer, of its own), ``"centered"`` of that one's
        centered gain, ``"small_signals"`` of the one small signals keep their size with, and
        ``"backward"`` of the backward gain of the layer's own activation.
    mode : {"fan_in", "fan_out", "fan_avg", "fan_geo_avg"}, default="fan_in"
        Which fan: the number of inputs, of units, or the arithmetic or geometric mean of both.
    distribution : str, default="normal"
        The law, scaled to the variance ``scale / fan``.

        - ``"normal"``.
        - ``"truncated_normal"``: cut at two standard deviations, then rescaled.
        - ``"uniform"``: within the bound ``sqrt(3 * scale / fan)``.
        - ``"rademacher"``: plus or minus ``sqrt(scale / fan)``.
        - ``"laplace"``, ``"student_t"`` (5 degrees of freedom): heavy tails, for comparison.

    See Also
    --------
    Orthogonal : Orthonormal columns or rows instead of independent numbers.
    Normal : Normal numbers of the same variance for all layers.
    get_initializer_names : The names, those in the table among them.

    Notes
    -----
    With a leaky relu of slope a, He's scale is ``2 / (1 + a**2)``, which is what ``"auto"`` gives.
    The names of this package that end in ``_normal`` draw plain normals, as torch and Flux do.
    In Keras and JAX they are truncated normals, with the same variance; here that is
    ``distribution="truncated_normal"``.

    References
    ----------
    .. [1] LeCun, Bottou, Orr, Müller. "Efficient BackProp". 1998.
    .. [2] Glorot, Bengio. "Understanding the difficulty of training deep feedforward neural
       networks". AISTATS 2010.
    .. [3] He, Zhang, Ren, Sun. "Delving deep into rectifiers". ICCV 2015. arXiv:1502.01852.

    Examples
    --------
    >>> from sklearn_init import InitMLPClassifier, VarianceScaling, draw
    >>> coefs, intercepts = draw((200, 300, 2), VarianceScaling(scale=2.0), random_state=0)
    >>> float((coefs[0].var() * 200).round(1))
    2.0
    >>> clf = InitMLPClassifier(weight_init=VarianceScaling(scale=2.0))
    >>> clf.set_params(weight_init__mode="fan_avg").weight_init
    VarianceScaling(mode='fan_avg', scale=2.0)
    """

    def __init__(
        self, scale: float | str = 1.0, mode: str = "fan_in", distribution: str = "normal"
    ):
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        fan = lookup(MODES, self.mode, "mode")(layer)
        sample = lookup(DISTRIBUTIONS, self.distribution, "distribution")
        is_word = isinstance(self.scale, str)
        scale = self._gain(layer, "scale") ** 2 if is_word else self._number("scale", minimum=0)
        return sample(np.sqrt(scale / fan), layer.shape, rng)
