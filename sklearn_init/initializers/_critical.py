"""Schemes at a critical point: signals and gradients keep their size through many layers."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init._lookup import lookup
from sklearn_init.activations import Activation
from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.theory import (
    CriticalPoint,
    find_critical_point,
    find_doubly_critical_point,
    remember,
)


def _draw_normal(layer: Layer, sigma_w: float, rng: Generator) -> NDArray:
    return rng.normal(0.0, sigma_w / np.sqrt(layer.fan_in), layer.shape)


def _draw_orthogonal(layer: Layer, sigma_w: float, rng: Generator) -> NDArray:
    # with more units than inputs, an orthogonal matrix has a smaller variance than 1 / fan_in
    gain = sigma_w * np.sqrt(max(1.0, layer.fan_out / layer.fan_in))
    return Orthogonal(gain).draw(layer, rng)


MATRICES = {"normal": _draw_normal, "orthogonal": _draw_orthogonal}
"""How weights of variance ``sigma_w**2 / fan_in`` are drawn."""


class _MeanField(Initializer):
    """Weights and normal biases of the variances of a critical point."""

    matrix: str

    def _find_point(self, activation: Activation) -> CriticalPoint:
        raise NotImplementedError

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        draw_matrix = lookup(MATRICES, self.matrix, f"{type(self).__name__}: matrix")
        try:
            point = self._find_point(layer.entering)
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}: {error}") from error
        if layer.is_bias:
            return rng.normal(0.0, point.sigma_b, layer.shape)
        return draw_matrix(layer, point.sigma_w, rng)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.draw(layer, rng)


@remember  # called for every layer of every restart
def _find_stable_point(activation: Activation) -> CriticalPoint:
    """Return the usual critical point if there is one at which variances stay, else the double."""
    try:
        point = find_critical_point(activation)
    except ValueError:
        return find_doubly_critical_point(activation)
    return point if point.chi_parallel <= 1 else find_doubly_critical_point(activation)


RULES = {"auto": _find_stable_point}
"""What can be given for the standard deviation of biases."""


class Critical(_MeanField):
    """A critical point: ``W ~ N(0, sigma_w**2 / n)`` and ``b ~ N(0, sigma_b**2)``.

    For the given biases, ``sigma_w`` is such that gradients neither vanish nor explode with depth,
    at the edge between order and chaos [1]_ [2]_. All layers follow the law, the output layer
    included. As `bias_init`, the scheme draws its biases.

    Parameters
    ----------
    sigma_b : float or "auto", default="auto"
        Standard deviation of the biases, at least 0. ``"auto"`` is the square root of 0.05 where
        the variance of signals is stable there, else that of the doubly critical point, which has
        no biases for relu and identity.
    matrix : {"normal", "orthogonal"}, default="normal"
        Whether weights are independent normal numbers, or random orthogonal matrices of the same
        variance, which keep the size of every signal, not only the mean, and so reach deeper.

    See Also
    --------
    DoublyCritical : The point at which variances neither grow nor shrink, either.
    sklearn_init.theory.find_critical_point : Find the point.

    Notes
    -----
    softplus has no critical point; it is an error. logistic has one at ``sigma_w = 10.2`` only,
    where its units are saturated: choose ``"compensated"`` there.

    References
    ----------
    .. [1] Poole et al. "Exponential expressivity in deep neural networks through transient
       chaos". NeurIPS 2016. arXiv:1606.05340.
    .. [2] Schoenholz, Gilmer, Ganguli, Sohl-Dickstein. "Deep information propagation". ICLR 2017.
       arXiv:1611.01232.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import Critical
    >>> coefs, intercepts = draw((400, 300, 2), Critical(), "tanh", random_state=0)
    >>> float((400 * coefs[0].var()).round(2)), float(intercepts[0].var().round(2))
    (1.76, 0.05)
    """

    def __init__(self, sigma_b: float | str = "auto", matrix: str = "normal"):
        self.sigma_b = sigma_b
        self.matrix = matrix

    def _find_point(self, activation: Activation) -> CriticalPoint:
        if isinstance(self.sigma_b, str):
            return lookup(RULES, self.sigma_b, "sigma_b")(activation)
        return find_critical_point(activation, self.sigma_b)


class DoublyCritical(_MeanField):
    """The critical point at which the variance of signals neither grows nor shrinks, either.

    Weights ``W ~ N(0, sigma_w**2 / n)`` and biases ``b ~ N(0, sigma_b**2)`` have both derivatives
    of the recursion over layers at 1 [1]_. For gelu, silu and mish it is the only critical point
    that deep networks stay at; for relu it is He's law, and for odd activations the limit of small
    signals without biases. All layers follow the law. As `bias_init`, the scheme draws its biases.

    Parameters
    ----------
    matrix : {"normal", "orthogonal"}, default="normal"
        Whether weights are independent normal numbers, or random orthogonal matrices of the same
        variance.

    See Also
    --------
    Critical : A critical point for given biases.
    sklearn_init.theory.find_doubly_critical_point : Find the point.

    Notes
    -----
    logistic and softplus have no such point; they are an error.

    References
    ----------
    .. [1] Roberts, Yaida, Hanin. "The principles of deep learning theory". 2022.
       arXiv:2106.10165.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import DoublyCritical
    >>> coefs, intercepts = draw((400, 300, 2), DoublyCritical(), "gelu", random_state=0)
    >>> float((400 * coefs[0].var()).round(1))
    2.0
    """

    def __init__(self, matrix: str = "normal"):
        self.matrix = matrix

    def _find_point(self, activation: Activation) -> CriticalPoint:
        return find_doubly_critical_point(activation)
