"""Critical points: the laws of weights and biases with which signals survive many layers.

Weights ``~ N(0, sigma_w**2 / fan_in)`` and biases ``~ N(0, sigma_b**2)`` make of pre-activations
of variance q the variance ``F(q) = sigma_w**2 E[phi(z)**2] + sigma_b**2`` in the next layer.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.activations import Activation, get_activation
from sklearn_init.theory._gains import second_moment, slope_second_moment
from sklearn_init.theory._mesh import evaluate, remember
from sklearn_init.theory._numbers import check_std
from sklearn_init.theory._quadrature import expect

VARIANCES = np.geomspace(1e-8, 1e4, 97)
"""Where critical points are looked for."""

NOISE = 1e-12
"""Numbers that differ by less, relatively, are taken to be equal."""

NEAR_ZERO = 1e-12
"""Where slopes on both sides of 0 are looked at."""


class CriticalPoint(NamedTuple):
    """A law of weights and biases, and the variance of pre-activations that it keeps.

    Weights and biases are independent normal numbers of mean 0.

    Parameters
    ----------
    sigma_w : float
        Weights have the standard deviation ``sigma_w / sqrt(fan_in)``.
    sigma_b : float
        Standard deviation of the biases.
    variance : float
        The variance q of the pre-activations that stays from layer to layer; 0 where it is the
        limit of small signals.
    chi_parallel : float
        ``dF/dq``; above 1, a variance that differs from q drifts away from it.

    See Also
    --------
    find_critical_point : Find the one of given biases.

    Examples
    --------
    >>> from sklearn_init.theory import find_critical_point
    >>> point = find_critical_point("tanh", sigma_b=0.05**0.5)
    >>> round(point.sigma_w**2, 6), round(point.variance, 6)
    (1.760955, 0.570048)
    """

    sigma_w: float
    sigma_b: float
    variance: float
    chi_parallel: float


def chi_parallel(activation: Activation, variance: float, sigma_w: float) -> float:
    """Return ``dF/dq = sigma_w**2 E[z phi(z) phi'(z)] / q``."""
    return sigma_w**2 * _variance_slope(activation, variance)


def _variance_slope(activation: Activation, variance: float) -> float:
    return expect(lambda z, a, slope: z * a * slope, activation, variance) / variance


@with_default_errors
def find_critical_point(activation: str | Activation, sigma_b: float = 0.05**0.5) -> CriticalPoint:
    r"""Return the critical point for given biases: where gradients keep their size.

    It is the pair of ``sigma_w`` and the fixed point q for which

    .. math:: q = \sigma_w^2 E[\phi(z)^2] + \sigma_b^2, \qquad
              \chi_1 = \sigma_w^2 E[\phi'(z)^2] = 1, \qquad z \sim N(0, q)

    On one side of it ("order") different inputs become alike layer by layer and gradients vanish,
    on the other ("chaos") alike inputs become different and gradients explode [1]_ [2]_.

    Parameters
    ----------
    activation : str or Activation
        A name that the estimators accept, or an object.
    sigma_b : float, default=0.2236
        Standard deviation of the biases, at least 0; the default's square is 0.05.

    Returns
    -------
    CriticalPoint
        With the smallest q, if there are several; with ``sigma_b=0`` the limit of small signals,
        if there is one.

    Raises
    ------
    ValueError
        If the activation has no critical point with such biases: softplus has none at all, and
        relu only with ``sigma_b=0``.

    See Also
    --------
    find_doubly_critical_point : Find the one at which variances are stable, too.
    compute_depth_scales : How deep signals go elsewhere.

    References
    ----------
    .. [1] Poole et al. "Exponential expressivity in deep neural networks through transient
       chaos". NeurIPS 2016. arXiv:1606.05340.
    .. [2] Schoenholz, Gilmer, Ganguli, Sohl-Dickstein. "Deep information propagation". ICLR 2017.
       arXiv:1611.01232.

    Examples
    --------
    >>> from sklearn_init.theory import find_critical_point
    >>> find_critical_point("relu", sigma_b=0.0).sigma_w.__round__(6)
    1.414214
    """
    return _find_critical_point(get_activation(activation), check_std("sigma_b", sigma_b))


@remember  # called for every layer of every restart
def _find_critical_point(activation: Activation, sigma_b: float) -> CriticalPoint:
    if sigma_b == 0 and keeps_zero(activation):
        return _small_signals(activation)

    # without sigma_w, which is E[phi'(z)^2]^(-1/2): what is kept of q, and what it is made of
    q = _find_crossing(
        lambda q: q * slope_second_moment(activation, q),
        lambda q: second_moment(activation, q) + sigma_b**2 * slope_second_moment(activation, q),
    )
    if q is None:
        advice = "sigma_b=0, or " if sigma_b else ""
        raise ValueError(
            f"activation={activation.name!r} has no critical point with sigma_b={sigma_b:g}: try "
            f"{advice}biases that take the mean out, as the scheme 'compensated' does."
        )
    sigma_w = slope_second_moment(activation, q) ** -0.5
    return CriticalPoint(sigma_w, sigma_b, q, chi_parallel(activation, q, sigma_w))


@with_default_errors
def find_doubly_critical_point(activation: str | Activation) -> CriticalPoint:
    r"""Return the critical point at which the variance neither grows nor shrinks, either.

    Both derivatives of the recursion over layers are 1 [1]_:

    .. math:: \chi_\perp = \sigma_w^2 E[\phi'(z)^2] = 1, \qquad
              \chi_\parallel = \sigma_w^2 E[z\,\phi(z)\,\phi'(z)] / q = 1

    For gelu, silu and mish it is the only critical point that a deep network can stay at. Odd
    activations such as tanh have it in the limit of small signals, with ``sigma_b = 0``.

    Parameters
    ----------
    activation : str or Activation
        A name that the estimators accept, or an object.

    Returns
    -------
    CriticalPoint
        The law and its fixed point.

    Raises
    ------
    ValueError
        If there is none, as for logistic and softplus.

    See Also
    --------
    find_critical_point : Find a critical point for given biases.

    References
    ----------
    .. [1] Roberts, Yaida, Hanin. "The principles of deep learning theory". 2022.
       arXiv:2106.10165.

    Examples
    --------
    >>> from sklearn_init.theory import find_doubly_critical_point
    >>> point = find_doubly_critical_point("gelu")
    >>> round(point.sigma_w**2, 6), round(point.sigma_b**2, 6), round(point.variance, 4)
    (1.983058, 0.172922, 3.5616)
    """
    return _find_doubly_critical_point(get_activation(activation))


@remember  # as above
def _find_doubly_critical_point(activation: Activation) -> CriticalPoint:
    q = _find_crossing(
        lambda q: _variance_slope(activation, q), lambda q: slope_second_moment(activation, q)
    )
    if q is not None:
        sigma_w = slope_second_moment(activation, q) ** -0.5
        variance_b = q - sigma_w**2 * second_moment(activation, q)
        if variance_b >= 0:
            sigma_b = float(np.sqrt(variance_b))
            return CriticalPoint(sigma_w, sigma_b, q, chi_parallel(activation, q, sigma_w))
    if keeps_zero(activation):
        return _small_signals(activation)
    raise ValueError(
        f"activation={activation.name!r} has no doubly critical point: try find_critical_point, "
        "or biases that take the mean out, as the scheme 'compensated' does."
    )


def keeps_zero(activation: Activation) -> bool:
    return evaluate(activation, np.zeros(1))[0][0] == 0


def _small_signals(activation: Activation) -> CriticalPoint:
    """Return the limit q -> 0, where only the slopes on both sides of 0 count."""
    slopes = evaluate(activation, np.array([-NEAR_ZERO, NEAR_ZERO]))[1]
    if not np.max(np.abs(slopes)) > 1e6 * NEAR_ZERO:
        raise ValueError(
            f"activation={activation.name!r} is flat at 0, where it has no critical point: try "
            "find_critical_point with sigma_b > 0, or another activation."
        )
    return CriticalPoint(float(np.mean(slopes**2) ** -0.5), 0.0, 0.0, 1.0)


def _find_crossing(
    left: Callable[[float], float], right: Callable[[float], float]
) -> float | None:
    """Return the smallest variance where two functions cross, or None.

    Where they differ only by rounding errors they touch: functions that are equal everywhere, as
    for relu, do not cross.
    """
    low, below = None, False
    for high in VARIANCES:
        a, b = left(high), right(high)
        if not abs(a - b) > NOISE * (abs(a) + abs(b)):
            continue  # nor where they are NaN or infinite, as an activation overflows
        if low is not None and (a < b) != below:
            return float(brentq(lambda q: left(q) - right(q), low, high, xtol=1e-14))
        low, below = high, a < b
    return None
