"""Weights from points that fill space more evenly than random ones."""

import inspect
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from sklearn_init._lookup import lookup
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer

SMALLEST = 2.0**-31
"""Half the distance of the points of a Sobol sequence: keeps quantiles finite."""


def _make(engine: type[qmc.QMCEngine], n_dimensions: int, rng: Generator) -> qmc.QMCEngine:
    # SciPy called the argument `seed` before 1.15
    name = "rng" if "rng" in inspect.signature(engine).parameters else "seed"
    return engine(n_dimensions, **{name: rng})


def _sobol(n_points: int, n_dimensions: int, rng: Generator) -> NDArray:
    if n_dimensions > qmc.Sobol.MAXDIM:
        raise ValueError(
            f"QuasiRandom: sequence='sobol' has {qmc.Sobol.MAXDIM} dimensions, one per input, and "
            f"the layer has {n_dimensions} inputs; use 'latin_hypercube'."
        )
    exponent = (n_points - 1).bit_length()  # the points are even in powers of two
    return _make(qmc.Sobol, n_dimensions, rng).random_base2(exponent)[:n_points]


SEQUENCES: dict[str, Callable[[int, int, Generator], NDArray]] = {
    "sobol": _sobol,
    "halton": lambda n, d, rng: _make(qmc.Halton, d, rng).random(n),
    "latin_hypercube": lambda n, d, rng: _make(qmc.LatinHypercube, d, rng).random(n),
}

QUANTILES = {
    "normal": ndtri,
    "uniform": lambda probability: np.sqrt(3) * (2 * probability - 1),
}
"""Inverse distribution functions of laws of variance 1."""


class QuasiRandom(Initializer):
    """Weights of mean 0 and variance ``scale / fan_in`` whose units are spread evenly.

    The units are points, one dimension per input, of a sequence that fills the unit cube more
    evenly than independent points do, scrambled at random, and taken through the inverse of the
    distribution function. Each weight alone has the law of `VarianceScaling`; the weights from one
    input to all units are its quantiles, nearly [1]_. As `bias_init`, the units are points on a
    line.

    Parameters
    ----------
    sequence : {"sobol", "halton", "latin_hypercube"}, default="sobol"
        What spreads the units.

        - ``"sobol"``: the first of a power of two of points, so widths that are powers of two
          suit it best. At most 21201 inputs.
        - ``"halton"``: a sequence, for any width. Slow beyond a thousand inputs, and with
          hundreds, few units are not spread well.
        - ``"latin_hypercube"``: even in each dimension alone.
    scale : float or str, default="auto"
        Variance times fan_in; at least 0. A word makes it the square of a gain, as in
        `VarianceScaling`.
    distribution : {"normal", "uniform"}, default="normal"
        The law, scaled to the variance ``scale / fan_in``.

    See Also
    --------
    sklearn_init.VarianceScaling : The same laws, with independent numbers.

    References
    ----------
    .. [1] Miranskyy, Sorrenti, Thakar. "On using quasirandom sequences in machine learning for
       model weight initialization". 2024. arXiv:2408.02654.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import QuasiRandom
    >>> coefs, intercepts = draw((2, 8, 1), QuasiRandom(distribution="uniform"), random_state=0)
    >>> np.sort(np.floor(4 + 4 * coefs[0][0] / np.sqrt(3)))  # one in each eighth of the range
    array([0., 1., 2., 3., 4., 5., 6., 7.])
    """

    def __init__(
        self,
        sequence: str = "sobol",
        scale: float | str = "auto",
        distribution: str = "normal",
    ):
        self.sequence = sequence
        self.scale = scale
        self.distribution = distribution

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        spread = lookup(SEQUENCES, self.sequence, "QuasiRandom: sequence")
        quantile = lookup(QUANTILES, self.distribution, "QuasiRandom: distribution")
        is_word = isinstance(self.scale, str)
        scale = self._gain(layer, "scale") ** 2 if is_word else self._number("scale", minimum=0)
        points = spread(layer.fan_out, 1 if layer.is_bias else layer.fan_in, rng)
        numbers = quantile(np.clip(points, SMALLEST, 1 - SMALLEST))
        return np.sqrt(scale / layer.fan_in) * numbers.T.reshape(layer.shape)
