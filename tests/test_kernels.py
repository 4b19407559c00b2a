"""The compiled kernels against the NumPy reference, at special values, and against themselves."""

import numpy as np
import pytest
from scipy import special

from sklearn_init import activations, losses
from sklearn_init.network.compiled import _kernels

DTYPES = [np.float64, np.float32]
SHAPES = [(1, 1), (2, 1), (37, 2), (211, 3), (19, 10), (3, 301), (17, 5)]  # (rows, outputs)
LONG = np.longdouble


# ---- material ----


def spread(dtype, n=3000):
    """Numbers of every size, both signs, and what is special; NaN is last."""
    rng = np.random.default_rng(0)
    integer = np.int64 if dtype == np.float64 else np.int32
    limits = np.iinfo(integer)
    any_bits = rng.integers(limits.min, limits.max, n, integer, endpoint=True).view(dtype)
    parts = [any_bits[np.isfinite(any_bits)]]
    parts += [rng.uniform(-w, w, n).astype(dtype) for w in (1e-3, 0.5, 2, 10, 45, 110, 760, 1e5)]
    info = np.finfo(dtype)
    special_values = [0, 1, info.tiny, info.smallest_subnormal, info.max, info.eps, np.inf]
    special_values += [37.6, 38.6, 13.1, 14.3, 88.72, 88.73, 103.98, 709.78, 709.79, 745.14]
    parts += [np.array(special_values, dtype), -np.array(special_values, dtype), [np.nan]]
    return np.concatenate(parts).astype(dtype)


def evaluate(name, z, out=None):
    out = np.empty_like(z) if out is None else out
    _kernels.value(_kernels.ACTIVATIONS.index(name), z, out)
    return out


def backpropagate(name, z, a, delta):
    number = _kernels.ACTIVATIONS.index(name)
    delta = delta.copy()
    _kernels.backpropagate(number, z if _kernels.NEEDS_Z[number] else None, a, delta)
    return delta


def targets(name, shape, dtype):
    rng = np.random.default_rng(1)
    if name == "log_loss":
        return np.eye(shape[1], dtype=dtype)[rng.integers(shape[1], size=shape[0])]
    if name == "binary_log_loss":
        return rng.integers(2, size=shape).astype(dtype)
    return rng.poisson(1, size=shape).astype(dtype)


def call_loss(name, z, y, delta=None):
    delta, reported = np.empty_like(z) if delta is None else delta, np.empty(len(z))
    _kernels.loss(_kernels.LOSSES.index(name), z, y, delta, reported)
    return delta, reported


def call_objective(name, z, y):
    values = np.empty(len(z))
    _kernels.objective(_kernels.LOSSES.index(name), z, y, np.empty_like(z), values)
    return values


def call_output(name, z, out=None):
    out = np.empty_like(z) if out is None else out
    _kernels.output(_kernels.LOSSES.index(name), z, out)
    return out


each_activation = pytest.mark.parametrize("name", _kernels.ACTIVATIONS)
each_loss = pytest.mark.parametrize("name", _kernels.LOSSES)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_shape = pytest.mark.parametrize("shape", SHAPES)


# ---- the tables ----


def test_tables_are_those_of_the_reference():
    expected = {row.name: row.needs_z for row in activations.ACTIVATIONS.values()}
    assert dict(zip(_kernels.ACTIVATIONS, _kernels.NEEDS_Z, strict=True)) == expected
    assert set(_kernels.LOSSES) == set(losses.LOSSES)


# ---- activations: values ----


@each_dtype
@each_activation
def test_value_is_that_of_the_reference(name, dtype):
    z = spread(dtype)
    with np.errstate(all="ignore"):
        # as far as the sine of the reference is NumPy's own, and no product is inf * 0
        z = z[np.abs(z) < (1e5 if name == "sine" else np.finfo(dtype).max / 2)]
        expected = np.empty(z.shape)
        activations.ACTIVATIONS[name].value(z.astype(float), expected)
        a = evaluate(name, z)
        # the reference itself loses digits (1 + erf, log of a sum): an absolute error, too
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(a, expected.astype(dtype), rtol=4 * eps, atol=16 * eps)


def gelu(z):
    """In float64, for float32: 1 + erf would cancel."""
    return z * special.ndtr(z.astype(float))


def silu(z):
    e = np.exp(-np.abs(z))
    return z * np.where(z < 0, e, 1) / (1 + e)


def mish(z):
    e = np.exp(-np.abs(z))
    top = 2 * e + np.where(z < 0, e * e, 1)
    return z * top / (top + np.where(z < 0, 2, 2 * e * e))


SELU_SCALE, SELU_ALPHA = LONG(activations.SELU_SCALE), LONG(activations.SELU_ALPHA)
LONGER = {
    "logistic": lambda z: np.where(z < 0, np.exp(-np.abs(z)), 1) / (1 + np.exp(-np.abs(z))),
    "tanh": np.tanh,
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    "gelu": gelu,
    "silu": silu,
    "mish": mish,
    "softplus": lambda z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "sine": np.sin,
    "arctan": np.arctan,
}
"""Without cancellation, in the type of z; what is not here rounds nothing in the reference."""


def ulps(got, expected):
    """|got - expected| in units of the last place of expected, in the type of got."""
    rounded = expected.astype(got.dtype)
    unit = np.spacing(np.minimum(np.abs(rounded), np.finfo(got.dtype).max)).astype(LONG)
    return np.where(got == rounded, 0, np.abs(got.astype(LONG) - expected) / unit)


@each_dtype
@pytest.mark.parametrize("name", LONGER)
def test_value_is_within_four_ulp(name, dtype):
    if dtype == np.float64 and np.finfo(LONG).eps == np.finfo(float).eps:
        pytest.skip("no type longer than float64 here")
    z = spread(dtype)[:-1]
    z = z[np.isfinite(z)]
    if name == "gelu" and dtype == np.float64:
        z = z[z > -1]  # ndtr is float64 itself, and good to a few ulp only near 0
    with np.errstate(all="ignore"):
        error = ulps(evaluate(name, z), LONGER[name](z.astype(LONG)))
    assert error.max() <= 4


@each_dtype
def test_exp_is_within_four_ulp(dtype):
    z = spread(dtype)[:-1]
    with np.errstate(all="ignore"):
        expected = np.exp(z.astype(LONG))
        got = call_output("poisson", z[:, np.newaxis])[:, 0]
        assert ulps(got, expected).max() <= 4


@each_dtype
@each_activation
def test_value_at_infinity_and_nan(name, dtype):
    z = np.array([np.inf, -np.inf, np.nan], dtype)
    limits = {"gelu": [np.inf, 0], "silu": [np.inf, 0], "mish": [np.inf, 0]}  # reference: inf * 0
    limits |= {"softsign": [1, -1]}
    a = evaluate(name, z)
    expected = np.empty(3, dtype)
    with np.errstate(all="ignore"):
        activations.ACTIVATIONS[name].value(z, expected)
    expected[:2] = limits.get(name, expected[:2])
    np.testing.assert_allclose(a, expected, rtol=1e-6)


def test_sine_of_huge_numbers():
    z = np.array([0.5, 1e6, -3e22, 1.7e308, 2])
    np.testing.assert_allclose(evaluate("sine", z), np.sin(z), rtol=1e-15)
    slope = backpropagate("sine", z, evaluate("sine", z), np.ones(5))
    np.testing.assert_allclose(slope, np.cos(z), rtol=1e-15)


# ---- activations: derivatives ----


@each_dtype
@each_activation
def test_derivative_is_that_of_the_reference(name, dtype):
    z = np.random.default_rng(2).normal(0, 3, 1999).astype(dtype)
    delta = np.random.default_rng(3).normal(size=z.size).astype(dtype)
    row = activations.ACTIVATIONS[name]
    a, slope = np.empty(z.shape), np.empty(z.shape)
    row.value(z.astype(float), a)
    row.derivative(z.astype(float), a, slope)
    got = backpropagate(name, z, evaluate(name, z), delta)
    np.testing.assert_allclose(got, delta * slope, rtol=0, atol=16 * np.finfo(dtype).eps)


@each_dtype
@each_activation
def test_derivative_at_special_values(name, dtype):
    z = np.array([0, 1, -1, np.inf, -np.inf, np.nan], dtype)
    a, ones = evaluate(name, z), np.ones(6, dtype)
    slope = backpropagate(name, z, a, ones)
    expected = np.empty(3, dtype)
    activations.ACTIVATIONS[name].derivative(z[:3], a[:3], expected)  # its side of every kink
    np.testing.assert_allclose(slope[:3], expected, rtol=8 * np.finfo(dtype).eps)
    assert name == "sine" or np.isfinite(slope[3:5]).all()
    if name not in ("identity", "relu", "leaky_relu", "hard_tanh"):  # piecewise constant
        assert np.isnan(slope[5])
    assert np.isnan(backpropagate(name, z[:3], a[:3], np.nan * ones[:3])).all()


# ---- activations: bits ----


@each_dtype
@each_activation
def test_bits_depend_on_the_element_alone(name, dtype):
    rng = np.random.default_rng(4)
    z = np.concatenate([rng.normal(0, 3, 60), rng.normal(0, 300, 27), [1e6, np.inf]])
    z = rng.permutation(z).astype(dtype)
    delta = rng.normal(size=z.size).astype(dtype)
    a = evaluate(name, z)
    passed_back = backpropagate(name, z, a, delta)
    for length in (1, 2, 7, 15, 16, 17, 31, 33, 64, 71):
        for offset in range(17):  # within 64 bytes, every place an element can have
            chosen = slice(offset, offset + length)
            part = np.zeros(z.size, dtype)[chosen]
            part[:] = z[chosen]
            assert evaluate(name, part.copy()).tobytes() == a[chosen].tobytes()
            assert evaluate(name, part, out=part).tobytes() == a[chosen].tobytes()  # in place
            again = backpropagate(name, z[chosen], part, delta[chosen])
            assert again.tobytes() == passed_back[chosen].tobytes()


@each_activation
def test_nothing_is_written_beyond_the_end(name):
    z, a, delta = np.ones(23), np.full(40, 7.0), np.full(40, 7.0)
    evaluate(name, z, out=a[:23])
    number = _kernels.ACTIVATIONS.index(name)
    _kernels.backpropagate(number, z, a[:23].copy(), delta[:23])
    assert (a[23:] == 7).all()
    assert (delta[23:] == 7).all()
    evaluate(name, z[:0])


# ---- losses ----


@each_dtype
@each_shape
@each_loss
@pytest.mark.parametrize("scale", [1, 12])
def test_loss_is_that_of_the_reference(name, shape, dtype, scale):
    z = np.random.default_rng(5).normal(0, scale, shape).astype(dtype)
    y = targets(name, shape, dtype)
    row = losses.LOSSES[name]
    prediction, single = np.empty(shape), np.empty_like(z)
    row.output(z.astype(float), prediction)
    row.output(z, single)
    rtol = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(call_output(name, z), prediction, rtol=rtol)
    delta, reported = call_loss(name, z, y)
    np.testing.assert_allclose(delta, prediction - y, rtol=rtol, atol=rtol)
    # 1 - p has few digits where p is almost 1: as few in the reference, of the same type
    rough = name == "binary_log_loss" and scale > 1
    expected = row.reported(single, y)
    np.testing.assert_allclose(reported, expected, rtol=0.1 if rough else 10 * rtol, atol=rtol)
    exact = row.objective(z.astype(float), y.astype(float))
    np.testing.assert_allclose(call_objective(name, z, y), exact, rtol=10 * rtol, atol=rtol)


@each_loss
def test_delta_is_the_derivative_of_the_objective(name):
    z, step = np.random.default_rng(6).normal(size=(7, 3)), 1e-6
    y = targets(name, z.shape, float)
    delta, _ = call_loss(name, z, y)
    for k in range(3):
        moved = step * (np.arange(3) == k)
        difference = call_objective(name, z + moved, y) - call_objective(name, z - moved, y)
        np.testing.assert_allclose(difference / (2 * step), delta[:, k], atol=1e-8)


@each_dtype
@each_shape
@each_loss
def test_bits_of_a_row_depend_on_the_row_alone(name, shape, dtype):
    z = np.random.default_rng(7).normal(0, 3, shape).astype(dtype)
    y = targets(name, shape, dtype)
    delta, reported = call_loss(name, z, y)
    values, predictions = call_objective(name, z, y), call_output(name, z)
    for first in {0, shape[0] // 3, shape[0] - 1}:
        part, y_part = z[first:].copy(), y[first:].copy()
        assert call_objective(name, part, y_part).tobytes() == values[first:].tobytes()
        assert call_output(name, part).tobytes() == predictions[first:].tobytes()
        in_place = part.copy()
        assert call_output(name, in_place, out=in_place).tobytes() == predictions[first:].tobytes()
        _, again = call_loss(name, part, y_part, delta=part)  # in place
        assert part.tobytes() == delta[first:].tobytes()
        assert again.tobytes() == reported[first:].tobytes()


@each_dtype
@each_loss
@pytest.mark.parametrize("n_outputs", [1, 2, 3, 17, 40])
def test_nan_shows_in_the_loss_of_its_row_alone(name, n_outputs, dtype):
    shape = (n_outputs + 2, n_outputs)
    z, y = np.ones(shape, dtype), targets(name, shape, dtype)
    for k in range(n_outputs):
        z[k + 1, k] = np.nan
    bad = np.isnan(z).any(axis=1)
    assert (np.isnan(call_loss(name, z, y)[1]) == bad).all()
    assert (np.isnan(call_objective(name, z, y)) == bad).all()
    assert (np.isnan(call_output(name, z)).any(axis=1) == bad).all()


@each_dtype
def test_losses_far_out(dtype):
    z = np.array([[1e4, -1e4, 0], [-1e4, -1e4, 1e4]], dtype)
    y = np.array([[0, 0, 1], [0, 0, 1]], dtype)
    np.testing.assert_allclose(call_output("log_loss", z), [[1, 0, 0], [0, 0, 1]])
    clipped = -np.log(np.finfo(dtype).eps)
    np.testing.assert_allclose(call_loss("log_loss", z, y)[1], [clipped, 0], atol=1e-6)
    np.testing.assert_allclose(call_objective("log_loss", z, y), [1e4, 0])
    np.testing.assert_allclose(call_objective("binary_log_loss", z, y), [1e4 + np.log(2), 0])


@each_dtype
def test_poisson_loss_of_zero_counts(dtype):
    z = np.array([[-np.inf, 0.5], [np.log(2), -1]], dtype)
    y = np.array([[0, 0], [2, 0]], dtype)
    expected = [np.exp(0.5), np.exp(-1)]
    np.testing.assert_allclose(call_loss("poisson", z, y)[1], expected, rtol=1e-6)
    finite = np.maximum(z, -50)
    np.testing.assert_allclose(call_objective("poisson", finite, y), expected, rtol=1e-6)
