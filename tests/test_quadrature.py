"""The integrals behind the theory: every activation of the table, and odd ones of the user's."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm

from sklearn_init import Activation
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.theory import (
    compute_depth_scales,
    compute_gain,
    compute_mean,
    find_critical_point,
    find_doubly_critical_point,
    map_correlation,
)
from sklearn_init.theory._gains import second_moment, slope_second_moment
from sklearn_init.theory._mesh import evaluate, make_mesh
from sklearn_init.theory._quadrature import expect_pair


def integrate(function, variance=1.0):
    """Return E[function(z)] for z ~ N(0, variance), with SciPy."""
    std = math.sqrt(variance)
    cuts = np.multiply([-12, -3, -1, 0, 1, 3, 12], std)
    kinks = [-1, 0, 1]

    def density(z):
        return math.exp(-0.5 * z * z / variance) / (std * math.sqrt(2 * math.pi))

    return sum(
        quad(lambda z: function(z) * density(z), low, high, epsabs=1e-13, points=kinks)[0]
        for low, high in pairwise(cuts)
    )


def at(activation, z):
    value, slope = evaluate(activation, np.array([z]))
    return value[0], slope[0]


@pytest.mark.parametrize("variance", [3.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gains_against_scipy(name, variance):
    activation = ACTIVATIONS[name]
    mean = integrate(lambda z: at(activation, z)[0], variance)
    moments = {
        "forward": integrate(lambda z: at(activation, z)[0] ** 2, variance),
        "centered": integrate(lambda z: (at(activation, z)[0] - mean) ** 2, variance),
        "backward": variance * integrate(lambda z: at(activation, z)[1] ** 2, variance),
    }
    assert compute_mean(name, variance) == pytest.approx(mean, abs=1e-9)
    for kind, moment in moments.items():
        expected = (variance / moment) ** 0.5
        assert compute_gain(name, kind, variance) == pytest.approx(expected, rel=1e-9)


def gelu_second_moment(q):
    """Return E[z^2 Phi(z)^2], by Stein's lemma and the law of the orthants."""
    s = q / (1 + q)
    bent = 1 / (np.pi * np.sqrt(1 + 2 * q)) - s / (np.pi * np.sqrt((1 + q) * (1 + s)))
    return q * (1 / 4 + np.arcsin(s) / (2 * np.pi)) + q**2 * bent


def elu_second_moment(q):
    std = np.sqrt(q)
    return q / 2 + np.exp(2 * q) * ndtr(-2 * std) - 2 * np.exp(q / 2) * ndtr(-std) + 1 / 2


def inside(q):
    """Return the probability that |z| < 1."""
    return 1 - 2 * ndtr(-1 / np.sqrt(q))


CLOSED_FORMS = {
    # E phi^2 and E phi'^2, as functions of the variance q
    "identity": (lambda q: q, lambda q: 1.0),
    "relu": (lambda q: q / 2, lambda q: 1 / 2),
    "leaky_relu": (lambda q: q * 1.0001 / 2, lambda q: 1.0001 / 2),
    "sine": (lambda q: (1 - np.exp(-2 * q)) / 2, lambda q: (1 + np.exp(-2 * q)) / 2),
    "hard_tanh": (
        lambda q: q * inside(q) - 2 * np.sqrt(q / (2 * np.pi)) * np.exp(-0.5 / q) + 1 - inside(q),
        inside,
    ),
    "elu": (elu_second_moment, lambda q: 1 / 2 + np.exp(2 * q) * ndtr(-2 * np.sqrt(q))),
    "gelu": (gelu_second_moment, None),
    "softplus": (None, lambda q: second_moment(ACTIVATIONS["logistic"], q)),
}


@pytest.mark.parametrize("q", [0.01, 1.0, 7.0, 50.0])
@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_moments_in_closed_form(name, q):
    for moment, law in zip((second_moment, slope_second_moment), CLOSED_FORMS[name], strict=True):
        if law:
            assert moment(ACTIVATIONS[name], q) == pytest.approx(law(q), rel=1e-9)


def test_means_in_closed_form():
    for q in (0.04, 1.0, 30.0):
        assert compute_mean("relu", q) == pytest.approx(np.sqrt(q / (2 * np.pi)), rel=1e-9)
        gelu = q / np.sqrt(2 * np.pi * (1 + q))
        assert compute_mean("gelu", q) == pytest.approx(gelu, rel=1e-9)
        assert compute_mean("logistic", q) == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_pairs_against_monte_carlo(name):
    rng = np.random.default_rng(0)
    u = rng.normal(size=100_000)
    v = -0.4 * u + np.sqrt(1 - 0.16) * rng.normal(size=u.size)
    for which in (0, 1):
        products = evaluate(ACTIVATIONS[name], u)[which] * evaluate(ACTIVATIONS[name], v)[which]
        found = expect_pair(lambda *both: both[which], ACTIVATIONS[name], 1.0, -0.4)  # noqa: B023
        error = products.std() / np.sqrt(u.size)
        assert found == pytest.approx(products.mean(), abs=5 * error + 1e-9)


def make_activation(value, derivative, name="odd"):
    return Activation(
        lambda z, out: np.copyto(out, value(z)),
        lambda z, a, out: np.copyto(out, derivative(z)),
        name=name,
    )


KINKS = (-17.3, -np.pi, 1 / 3, 0.3334, 2.0)


def test_kinks_are_found_wherever_they_are():
    odd = make_activation(
        lambda z: sum(np.abs(z - k) for k in KINKS), lambda z: sum(np.sign(z - k) for k in KINKS)
    )
    mesh = make_mesh(odd)
    # two of them are so close that one nest of panels holds both
    np.testing.assert_allclose(mesh.kinks, np.delete(KINKS, 3), atol=1e-4)
    smooth = make_activation(lambda z: z * z, lambda z: 2 * z)
    assert make_mesh(smooth).kinks.size == 0


def test_a_kink_of_the_users():
    k = 1 / 3
    hinge = make_activation(lambda z: np.maximum(z - k, 0), lambda z: (z > k) * 1.0)
    assert compute_mean(hinge) == pytest.approx(norm.pdf(k) - k * norm.sf(k), abs=1e-12)
    assert compute_gain(hinge, "backward") ** -2 == pytest.approx(norm.sf(k), abs=1e-12)


def test_a_staircase():
    steps = make_activation(lambda z: np.round(10 * z) / 10, np.zeros_like)
    k = np.arange(-200, 201) / 10
    moment = np.sum(k**2 * (norm.cdf(k + 0.05) - norm.cdf(k - 0.05)))
    assert compute_gain(steps) ** -2 == pytest.approx(moment, rel=1e-9)
    with pytest.raises(ValueError, match="has no backward gain at variance 1"):
        compute_gain(steps, "backward")


@pytest.mark.parametrize("frequency", [1.0, 30.0])
@pytest.mark.parametrize("correlation", [0.9999, 0.3, -0.99])
def test_waves(frequency, correlation):
    wave = make_activation(
        lambda z: np.sin(frequency * z), lambda z: frequency * np.cos(frequency * z)
    )
    for q in (1.0, 1000.0) if frequency == 1 else (1.0,):
        f, c = frequency**2 * q, correlation
        expected = (np.exp(-f * (1 - c)) - np.exp(-f * (1 + c))) / (1 - np.exp(-2 * f))
        assert map_correlation(c, wave, 1.0, 0.0, q) == pytest.approx(expected, abs=1e-9)


def test_rounding_to_32_bits_is_not_refined_for_ever():
    coarse = make_activation(
        lambda z: np.tanh(z.astype(np.float32)),
        lambda z: 1 - np.tanh(z.astype(np.float32)) ** 2,
    )
    assert compute_gain(coarse) == pytest.approx(compute_gain("tanh"), abs=1e-6)
    found = find_critical_point(coarse)
    assert found == pytest.approx(find_critical_point("tanh"), rel=1e-5)


class Cubed:
    __hash__ = None

    def __call__(self, z, *others):
        others[-1][...] = 3 * z**2 if len(others) == 2 else z**3


def test_callables_that_cannot_be_hashed():
    cube = Activation(Cubed(), Cubed(), name="cube")
    assert compute_gain(cube) == pytest.approx(15**-0.5)
    assert find_critical_point(cube).chi_parallel == pytest.approx(5 / 3)


FLAT = make_activation(lambda z: np.full_like(z, 3.0), np.zeros_like, "flat")
NOTHING = make_activation(np.zeros_like, np.zeros_like, "nothing")
SQUARE = make_activation(np.square, lambda z: 2 * z, "square")
ROOT = make_activation(np.sqrt, lambda z: 0.5 / np.sqrt(z), "root")


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (compute_gain, (FLAT, "centered"), "has no centered gain at variance 1, as what is to be"),
        (
            compute_gain,
            (NOTHING,),
            "has no forward gain at variance 1, as what is to be kept is 0",
        ),
        (compute_gain, (ROOT,), "what is to be kept is nan"),
        (find_critical_point, (FLAT,), "'flat' has no critical point"),
        (find_critical_point, (NOTHING,), "'nothing' has no critical point"),
        (find_critical_point, (ROOT,), "'root' has no critical point"),
        (find_critical_point, (SQUARE, 0.0), "'square' is flat at 0"),
        (find_doubly_critical_point, (SQUARE,), "'square' is flat at 0"),
        (find_doubly_critical_point, (FLAT,), "'flat' has no doubly critical point"),
        (map_correlation, (0.5, ROOT, 1.0), "the variance goes to nan"),
    ],
)
def test_activations_without_what_is_asked_for(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_square_is_critical_with_biases():
    # E phi^2 = 3 q^2 and E phi'^2 = 4 q, so that q = 4 sigma_b^2
    point = find_critical_point(SQUARE, 0.05**0.5)
    assert point == pytest.approx((0.8**-0.5, 0.05**0.5, 0.2, 1.5))


def test_overflow_is_no_fault():
    exponential = make_activation(np.exp, np.exp, "exp")
    assert compute_gain(exponential) == pytest.approx(np.exp(-1))
    point = find_critical_point(exponential, 0.05**0.5)  # E phi^2 = E phi'^2 = exp(2 q)
    assert point[::2] == pytest.approx((np.exp(-1.05), 1.05))
    assert compute_depth_scales(exponential, 1.0).variance == np.inf
