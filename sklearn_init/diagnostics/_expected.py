"""What theory expects of a network's signals, and how far chance may take them from it."""

import numpy as np
from numpy.typing import NDArray

from sklearn_init.diagnostics._trace import Trace
from sklearn_init.theory import predict_variances


def expected_mean_square(trace: Trace) -> NDArray:
    """Return the mean-field prediction of the mean square of `z`, given that of the inputs."""
    moment = _mean_square(trace.inputs[0])
    if not all(np.isfinite(W).all() for W in [*trace.weights, *trace.biases]):
        return np.full(trace.n_layers, np.nan)
    with np.errstate(all="ignore"):
        return predict_variances(
            trace.weights, trace.biases, list(trace.activations), min(moment, 1e300)
        )


def measured_mean_square(trace: Trace) -> NDArray:
    """Return the mean square of `z` over rows and units."""
    return np.array([_mean_square(z) for z in trace.z])


def noise(trace: Trace) -> NDArray:
    r"""Return the standard deviation of ln(measured / expected) for random weights.

    With :math:`n_l` units in layer l, whose squares vary by :math:`k_l = Var[a^2] / E[a^2]^2`, and
    with :math:`g_l = E[z \phi'(z) \phi(z)] / E[\phi(z)^2]` telling how a change of the variance of
    z is passed on, the variance :math:`s_l` of the logarithm is

    .. math:: s_{l+1} = g_l^2 s_l + k_l / n_l, \qquad s_0 = 0

    before, and :math:`2 / n_{l+1}` more after the layer's own units. The rows are counted as one,
    as they share the weights: for rows that are unlike, it is an upper limit.
    """
    passed_on, logs = 0.0, []
    for layer, z in enumerate(trace.z):
        logs.append(passed_on + 2 / z.shape[1])
        if layer < len(trace.slopes):
            passed_on = _pass_on(passed_on, z, trace.inputs[layer + 1], trace.slopes[layer])
    return np.sqrt(logs)


def _pass_on(variance: float, z: NDArray, a: NDArray, slope: NDArray) -> float:
    """Return the variance of the logarithm of the mean square of what leaves a layer."""
    moment = _mean_square(a)
    if not 0 < moment < np.inf:
        return np.nan
    with np.errstate(all="ignore"):
        squares = np.square(a)
        of_rows = squares.mean(axis=1, keepdims=True)
        # rows of different lengths are no noise: each is compared with its own mean
        spread = float(np.mean(np.square(squares / np.where(of_rows > 0, of_rows, 1)))) - 1
        gain = float(np.mean(z * slope * a)) / moment
    return gain**2 * variance + max(spread, 0.0) / a.shape[1]


def _mean_square(numbers: NDArray) -> float:
    with np.errstate(all="ignore"):
        return float(np.mean(np.square(numbers)))
