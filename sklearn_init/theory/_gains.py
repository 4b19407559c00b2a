"""Gains: by how much weights make up for what an activation does to the size of signals."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_init._lookup import lookup
from sklearn_init._numpy_errors import with_default_errors
from sklearn_init.activations import Activation, get_activation
from sklearn_init.theory._mesh import remember
from sklearn_init.theory._numbers import check_number
from sklearn_init.theory._quadrature import expect


@remember  # searches for fixed points and critical points ask for the same variances
def second_moment(activation: Activation, variance: float) -> float:
    """Return ``E[phi(z)**2]``."""
    return expect(lambda z, a, slope: a * a, activation, variance)


@remember  # as above
def slope_second_moment(activation: Activation, variance: float) -> float:
    """Return ``E[phi'(z)**2]``."""
    return expect(lambda z, a, slope: slope * slope, activation, variance)


def _variance(activation: Activation, variance: float) -> float:
    center = _compute_mean(activation, variance)
    found = expect(lambda z, a, slope: (a - center) ** 2, activation, variance)
    return found if found > (ROUNDING * center) ** 2 else 0.0  # of a constant


ROUNDING = 1e-13
"""A smaller standard deviation, as a share of the mean, is a rounding error of the mean."""

MOMENTS: dict[str, Callable[[Activation, float], float]] = {
    "forward": second_moment,
    "centered": _variance,
    "backward": slope_second_moment,
}
"""What each kind of gain brings back to the variance of z."""


@with_default_errors
def compute_gain(
    activation: str | Activation, kind: str = "forward", variance: float = 1.0
) -> float:
    r"""Return the gain of an activation.

    Weights of standard deviation ``gain / sqrt(fan_in)`` give the next layer pre-activations of
    the same variance, q:

    .. math:: g = \sqrt{q / m}, \qquad z \sim N(0, q)

    where m is ``E[phi(z)**2]`` for the forward gain, the variance of ``phi(z)`` for the centered
    one (which goes with biases that take the mean out, such as ``"compensated"``), and for the
    backward gain ``q E[phi'(z)**2]``, so that gradients keep their size [1]_ [2]_.

    Parameters
    ----------
    activation : str or Activation
        A name that the estimators accept, or an object.
    kind : {"forward", "centered", "backward"}, default="forward"
        What is kept.
    variance : float, default=1.0
        Variance q of the pre-activations, above 0. Gains depend on it unless the activation is
        linear on both sides of zero, as relu is.

    Returns
    -------
    float
        The gain, by quadrature, exact to 1e-6 and better.

    Raises
    ------
    ValueError
        If a name is not known, the variance is not above 0, or the activation gives nothing to
        keep, such as a constant.

    See Also
    --------
    find_critical_point : The gain, with biases, that suits very deep networks.
    sklearn_init.VarianceScaling : Takes ``scale="auto"``, the square of this gain.

    References
    ----------
    .. [1] He, Zhang, Ren, Sun. "Delving deep into rectifiers". ICCV 2015. arXiv:1502.01852.
    .. [2] Bingham, Miikkulainen. "AutoInit". AAAI 2023. arXiv:2109.08958.

    Examples
    --------
    >>> from sklearn_init.theory import compute_gain
    >>> round(compute_gain("relu"), 6), round(compute_gain("tanh"), 6)
    (1.414214, 1.592537)
    >>> round(compute_gain("logistic", "centered"), 6)
    4.801313
    """
    lookup(MOMENTS, kind, "kind")
    variance = check_number("variance", variance, positive=True)
    return _compute_gain(get_activation(activation), kind, variance)


@with_default_errors
def compute_mean(activation: str | Activation, variance: float = 1.0) -> float:
    """Return ``E[phi(z)]``, the mean of what a unit gives, for z ~ N(0, variance).

    It is what the biases of ``"compensated"`` take out of the inputs of the next layer.

    Parameters
    ----------
    activation : str or Activation
        A name that the estimators accept, or an object.
    variance : float, default=1.0
        Variance of the pre-activations, at least 0.

    Returns
    -------
    float
        The mean: 0 for odd activations, 1/2 for logistic at any variance.

    Raises
    ------
    ValueError
        If a name is not known, or the variance is below 0.

    See Also
    --------
    compute_gain : The gain that goes with biases that take the mean out: ``kind="centered"``.

    Examples
    --------
    >>> from sklearn_init.theory import compute_mean
    >>> round(compute_mean("relu"), 6)  # 1 / sqrt(2 pi)
    0.398942
    """
    return _compute_mean(get_activation(activation), check_number("variance", variance))


@remember  # called for every layer of every restart
def _compute_mean(activation: Activation, variance: float) -> float:
    return expect(lambda z, a, slope: a, activation, variance)


@remember  # as above
def _compute_gain(activation: Activation, kind: str, variance: float) -> float:
    moment = MOMENTS[kind](activation, variance)
    if kind == "backward":
        moment *= variance
    if not 0 < moment < np.inf:
        raise ValueError(
            f"activation={activation.name!r} has no {kind} gain at variance {variance:g}, as what "
            f"is to be kept is {moment:g}: give a number for the gain, or another activation."
        )
    return float(np.sqrt(variance / moment))


def predict_variances(
    coefs: list[NDArray],
    intercepts: list[NDArray],
    activation: str | Activation | tuple | list,
    input_second_moment: float = 1.0,
) -> NDArray:
    r"""Return what theory expects of the size of signals in a given network, layer by layer.

    With `m` the mean square of what enters a layer, its pre-activations have the mean square

    .. math:: q = n\,\overline{W^2}\,m + \overline{b^2}

    over units, where n is the fan-in and bars are means over the entries. What enters the next
    layer is ``m = E[phi(z)**2]`` for z ~ N(0, q) [1]_. It holds for wide layers of independent
    weights of mean zero; a measured value far from it shows that weights are not like that.

    Parameters
    ----------
    coefs, intercepts : list of ndarray
        Weights of shape (fan_in, fan_out) and biases of shape (fan_out,), as in the estimators.
    activation : str, Activation, list or tuple
        Activation of the hidden units, or one per hidden layer.
    input_second_moment : float, default=1.0
        Mean square of the features; 1 if they are standardized.

    Returns
    -------
    ndarray of shape (n_layers,)
        The mean squares of the pre-activations, the output layer's last.

    Raises
    ------
    ValueError
        If a name is not known, there is not one activation per hidden layer, there are not as many
        biases as weights, or the mean square of the features is below 0.

    See Also
    --------
    map_variance : The same for a layer of given laws.
    sklearn_init.draw : Draw weights and biases.

    References
    ----------
    .. [1] Poole et al. "Exponential expressivity in deep neural networks through transient
       chaos". NeurIPS 2016. arXiv:1606.05340.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.theory import predict_variances
    >>> coefs, intercepts = draw((400, 400, 400, 1), "he_normal", random_state=0)
    >>> predict_variances(coefs, intercepts, "relu").round(1)[:2]
    array([2., 2.])
    """
    n_hidden = max(len(coefs) - 1, 0)
    names = activation if isinstance(activation, list | tuple) else [activation] * n_hidden
    if len(names) != n_hidden:
        raise ValueError(
            f"activation={activation!r} has {len(names)} entries, but the network has {n_hidden} "
            "hidden layers: give one entry per hidden layer."
        )
    if len(intercepts) != len(coefs):
        raise ValueError(
            f"intercepts has {len(intercepts)} entries, but coefs has {len(coefs)}: give both for "
            "every layer."
        )
    moment = check_number("input_second_moment", input_second_moment)
    variances = []
    for layer, (W, b) in enumerate(zip(coefs, intercepts, strict=True)):
        variances.append(len(W) * _mean_square(W) * moment + _mean_square(b))
        if layer < n_hidden:
            moment = second_moment(get_activation(names[layer]), variances[-1])
    return np.array(variances)


def _mean_square(numbers: NDArray) -> float:
    with np.errstate(over="ignore", under="ignore"):
        return float(np.mean(np.square(numbers, dtype=float)))
