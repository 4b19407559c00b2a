"""Depth: what becomes of variances and correlations layer by layer, and how deep they go."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sklearn_init._checks import is_real
from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.activations import Activation, get_activation
from sklearn_init.theory._criticality import chi_parallel
from sklearn_init.theory._gains import second_moment
from sklearn_init.theory._mesh import remember
from sklearn_init.theory._numbers import check_number, check_std
from sklearn_init.theory._quadrature import expect_pair

GROWTH = 1.05
"""Step of the walk from variance 1 to the fixed point it leads to."""

VANISHED, EXPLODED = 1e-8, 1e8
"""Variances at which the walk ends."""

EDGE = 1e-9
"""A factor per layer that is as near to 1 as this is taken to be 1."""


@with_default_errors
def map_variance(
    variance: float, activation: str | Activation, sigma_w: float, sigma_b: float = 0.0
) -> float:
    r"""Return the variance of the next layer's pre-activations.

    .. math:: F(q) = \sigma_w^2 E[\phi(z)^2] + \sigma_b^2, \qquad z \sim N(0, q)

    in the limit of wide layers [1]_.

    Parameters
    ----------
    variance : float
        Variance q of this layer's pre-activations, at least 0.
    activation : str or Activation
        A name that the estimators accept, or an object.
    sigma_w : float
        Weights have the standard deviation ``sigma_w / sqrt(fan_in)``; at least 0.
    sigma_b : float, default=0.0
        Standard deviation of the biases, at least 0.

    Returns
    -------
    float
        The variance.

    Raises
    ------
    ValueError
        If a name is not known, or a number is below 0 or too large to be squared.

    See Also
    --------
    map_correlation : The same for the correlation of two inputs.
    predict_variances : All layers of a given network.

    References
    ----------
    .. [1] Poole et al. "Exponential expressivity in deep neural networks through transient
       chaos". NeurIPS 2016. arXiv:1606.05340.

    Examples
    --------
    >>> from sklearn_init.theory import map_variance
    >>> round(map_variance(3.0, "relu", sigma_w=2**0.5), 6)
    3.0
    """
    sigma_w, sigma_b = check_std("sigma_w", sigma_w), check_std("sigma_b", sigma_b)
    variance = check_number("variance", variance)
    return _next_variance(variance, get_activation(activation), sigma_w, sigma_b)


def _next_variance(
    variance: float, activation: Activation, sigma_w: float, sigma_b: float
) -> float:
    return sigma_w**2 * second_moment(activation, variance) + sigma_b**2


@with_default_errors
def map_correlation(
    correlation: float,
    activation: str | Activation,
    sigma_w: float,
    sigma_b: float = 0.0,
    variance: float | None = None,
) -> float:
    r"""Return the correlation of two inputs in the next layer.

    .. math:: c' = (\sigma_w^2 E[\phi(u)\,\phi(v)] + \sigma_b^2) / F(q)

    for normal pre-activations u and v of variance q and correlation c, over the random weights
    of a wide network [1]_.

    Parameters
    ----------
    correlation : float
        The correlation c in this layer, from -1 to 1.
    activation : str or Activation
        A name that the estimators accept, or an object.
    sigma_w : float
        Weights have the standard deviation ``sigma_w / sqrt(fan_in)``; at least 0.
    sigma_b : float, default=0.0
        Standard deviation of the biases, at least 0.
    variance : float or None, default=None
        The variance q of both pre-activations, above 0. None takes the fixed point that ``q = 1``
        leads to.

    Returns
    -------
    float
        The correlation c'.

    Raises
    ------
    ValueError
        If a name is not known, a number is out of its range, there is no fixed point above 0, or
        the next layer's pre-activations are all 0.

    See Also
    --------
    compute_depth_scales : In how many layers correlations converge.

    References
    ----------
    .. [1] Poole et al. "Exponential expressivity in deep neural networks through transient
       chaos". NeurIPS 2016. arXiv:1606.05340.

    Examples
    --------
    >>> from sklearn_init.theory import map_correlation
    >>> round(map_correlation(0.0, "relu", sigma_w=2**0.5, variance=1.0), 6)  # 1 / pi
    0.31831
    """
    if not is_real(correlation) or not -1 <= correlation <= 1:
        raise ValueError(f"correlation={correlation!r} is not allowed: expected -1 to 1.")
    activation = get_activation(activation)
    sigma_w, sigma_b = check_std("sigma_w", sigma_w), check_std("sigma_b", sigma_b)
    if variance is None:
        variance = _find_fixed_point(activation, sigma_w, sigma_b)
        if not 0 < variance < np.inf:
            raise ValueError(
                f"with sigma_w={sigma_w!r} and sigma_b={sigma_b!r} the variance goes to "
                f"{variance:g}: give the variance to look at."
            )
    variance = check_number("variance", variance, positive=True)
    if _next_variance(variance, activation, sigma_w, sigma_b) == 0:
        raise ValueError(
            f"with sigma_w={sigma_w!r} and sigma_b={sigma_b!r} the next layer's pre-activations "
            "are all 0: they have no correlation."
        )
    return _next_correlation(float(correlation), activation, sigma_w, sigma_b, variance)


def _next_correlation(
    correlation: float, activation: Activation, sigma_w: float, sigma_b: float, variance: float
) -> float:
    together = expect_pair(lambda a, slope: a, activation, variance, correlation)
    next_variance = _next_variance(variance, activation, sigma_w, sigma_b)
    return (sigma_w**2 * together + sigma_b**2) / next_variance


class DepthScales(NamedTuple):
    """How many layers it takes until all inputs look the same.

    Both scales belong to wide networks of random weights, before training.

    Parameters
    ----------
    variance : float
        The fixed point of the variance that ``q = 1`` leads to; 0 or infinite if signals vanish
        or explode, to less than 1e-8 or more than 1e8.
    correlation : float
        The fixed point of the correlation: 1 in the ordered phase, below 1 in the chaotic one.
    chi : float
        ``sigma_w**2 E[phi'(z)**2]``, the factor by which squared gradients grow per layer going
        backwards; 1 on the edge of chaos.
    variance_scale : float
        Layers in which the distance from the fixed variance falls by e; 0 if one layer is enough,
        infinite if it does not fall.
    correlation_scale : float
        Layers in which the distance from the fixed correlation falls by e; infinite on the edge.

    See Also
    --------
    compute_depth_scales : Compute them.

    Examples
    --------
    >>> from sklearn_init.theory import compute_depth_scales
    >>> scales = compute_depth_scales("tanh", sigma_w=1.3**0.5, sigma_b=0.05**0.5)
    >>> round(scales.chi, 6), round(scales.correlation_scale, 2)
    (0.880164, 7.83)
    """

    variance: float
    correlation: float
    chi: float
    variance_scale: float
    correlation_scale: float


@with_default_errors
def compute_depth_scales(
    activation: str | Activation, sigma_w: float, sigma_b: float = 0.0
) -> DepthScales:
    r"""Return the depth scales of random networks.

    With :math:`c^*` the fixed point of the correlation,

    .. math:: \xi_q = -1 / \ln|F'(q^*)|, \qquad
              \xi_c = -1 / \ln|\sigma_w^2 E[\phi'(u)\,\phi'(v)]_{c^*}|

    Networks train up to about six times :math:`\xi_c` layers [1]_.

    Parameters
    ----------
    activation : str or Activation
        A name that the estimators accept, or an object.
    sigma_w : float
        Weights have the standard deviation ``sigma_w / sqrt(fan_in)``; at least 0.
    sigma_b : float, default=0.0
        Standard deviation of the biases, at least 0.

    Returns
    -------
    DepthScales
        Where the variance goes to 0 or to infinity, only `variance` is a number; the rest is NaN.

    Raises
    ------
    ValueError
        If a name is not known, or a number is below 0 or too large to be squared.

    See Also
    --------
    find_critical_point : Where the depth scale of correlations is infinite.
    map_correlation : One layer's step.

    References
    ----------
    .. [1] Schoenholz, Gilmer, Ganguli, Sohl-Dickstein. "Deep information propagation". ICLR 2017.
       arXiv:1611.01232.

    Examples
    --------
    >>> from sklearn_init.theory import compute_depth_scales
    >>> scales = compute_depth_scales("tanh", sigma_w=2**0.5, sigma_b=0.05**0.5)
    >>> round(scales.correlation, 3), round(scales.correlation_scale, 1)
    (0.744, 25.2)
    """
    sigma_w, sigma_b = check_std("sigma_w", sigma_w), check_std("sigma_b", sigma_b)
    return _compute_depth_scales(get_activation(activation), sigma_w, sigma_b)


@remember  # slow, above all next to the edge of chaos
def _compute_depth_scales(activation: Activation, sigma_w: float, sigma_b: float) -> DepthScales:
    q = _find_fixed_point(activation, sigma_w, sigma_b)
    if not 0 < q < np.inf:
        return DepthScales(q, np.nan, np.nan, np.nan, np.nan)

    def slope(correlation: float) -> float:
        return sigma_w**2 * expect_pair(lambda a, slope: slope, activation, q, correlation)

    chi, c = slope(1.0), 1.0
    if chi > 1 + EDGE:  # the fixed point 1 is unstable: the map, which is convex, meets another
        c = _find_correlation(activation, sigma_w, sigma_b, q)
    return DepthScales(q, c, chi, _scale(chi_parallel(activation, q, sigma_w)), _scale(slope(c)))


def _scale(factor: float) -> float:
    """Return the number of layers for a fall by e, given the factor of one layer."""
    if abs(factor) >= 1 - EDGE:
        return np.inf
    return float(-1 / np.log(abs(factor))) if factor else 0.0


def _find_correlation(
    activation: Activation, sigma_w: float, sigma_b: float, variance: float
) -> float:
    """Return the fixed point of the correlation from 0 to 1, below 1 if there is one."""

    def excess(correlation: float) -> float:
        following = _next_correlation(correlation, activation, sigma_w, sigma_b, variance)
        return following - correlation

    nearly_1 = 1 - 1e-7
    if excess(0.0) < 1e-12:  # odd activations without biases
        return 0.0
    return float(brentq(excess, 0.0, nearly_1)) if excess(nearly_1) < 0 else 1.0


@remember  # map_correlation looks it up in every layer
def _find_fixed_point(activation: Activation, sigma_w: float, sigma_b: float) -> float:
    """Return the fixed point of the variance that 1 leads to; 0 or infinite if none is met."""

    def excess(log_q: float) -> float:
        q = float(np.exp(log_q))
        return _next_variance(q, activation, sigma_w, sigma_b) / q - 1

    begin, log_q = excess(0.0), 0.0
    if np.isnan(begin):
        return np.nan
    if abs(begin) < 1e-12:
        return 1.0
    step = float(np.copysign(np.log(GROWTH), begin))
    # the fixed point is at least the variance of the biases
    lowest = np.log(min(VANISHED, sigma_b**2) or VANISHED)
    while lowest < log_q < np.log(EXPLODED):
        if excess(log_q + step) * begin <= 0:
            return float(np.exp(brentq(excess, log_q, log_q + step, xtol=1e-14)))
        log_q += step
    return 0.0 if step < 0 else np.inf
