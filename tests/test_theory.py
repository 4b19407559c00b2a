"""Gains and critical points against tables of them; what the theory does not take."""

from decimal import Decimal

import numpy as np
import pytest

from sklearn_init import Activation
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.theory import (
    compute_depth_scales,
    compute_gain,
    compute_mean,
    find_critical_point,
    find_doubly_critical_point,
    map_correlation,
    map_variance,
    predict_variances,
)
from sklearn_init.theory._gains import second_moment, slope_second_moment


def make_activation(value, derivative, name="custom"):
    """Return an activation of the user's, made of two functions of z."""
    return Activation(
        lambda z, out: np.copyto(out, value(z)),
        lambda z, a, out: np.copyto(out, derivative(z)),
        name=name,
    )


OWN = {
    own.name: own
    for own in (
        make_activation(
            lambda z: 1.7159 * np.tanh(2 * z / 3),
            lambda z: 1.7159 * 2 / 3 / np.cosh(2 * z / 3) ** 2,
            "lecun_tanh",
        ),
        make_activation(
            lambda z: np.maximum(z, 0.2 * z), lambda z: np.where(z > 0, 1, 0.2), "leaky_relu_0.2"
        ),
        make_activation(
            lambda z: np.clip(z / 6 + 0.5, 0, 1), lambda z: (np.abs(z) < 3) / 6, "hard_sigmoid"
        ),
    )
}
"""Known ones that the table does not have."""


def get(name):
    return OWN.get(name, name)


def printed(number):
    """Return an approximation to a number as printed: one unit of the last digit."""
    digit = 10.0 ** Decimal(number).as_tuple().exponent
    return pytest.approx(float(number), abs=digit, rel=0)


MOMENTS = {
    # E phi, E phi^2, Var phi, E phi'^2 for N(0, 1)
    "identity": ("0", "1", "1", "1"),
    "logistic": (".500000", ".293379", ".043379", ".044836"),
    "tanh": ("0", ".394294", ".394294", ".464403"),
    "lecun_tanh": ("0", ".750430", ".750430", ".803989"),
    "relu": (".398942", ".500000", ".340845", ".500000"),
    "leaky_relu": (".394953", ".500050", ".344062", ".500050"),
    "leaky_relu_0.2": (".319154", ".520000", ".418141", ".520000"),
    "elu": (".160521", ".644945", ".619179", ".668102"),
    "selu": ("0", "1.000000", "1.000000", "1.071575"),
    "gelu": (".282095", ".425221", ".345644", ".455851"),
    "silu": (".206621", ".355776", ".313083", ".379482"),
    "mish": (".240404", ".452342", ".394548", ".479084"),
    "softplus": (".806059", ".921246", ".271515", ".293379"),
    "softsign": ("0", ".183014", ".183014", ".227671"),
    "sine": ("0", ".432332", ".432332", ".567668"),
    "hard_tanh": ("0", ".516059", ".516059", ".682689"),
    "hard_sigmoid": (".500000", ".277639", ".027639", ".027703"),
    "arctan": ("0", ".449701", ".449701", ".500000"),
}

GAINS = {
    # forward, centered, backward, and chi at the forward gain
    "identity": ("1.000000", "1.000000", "1.000000", "1"),
    "logistic": ("1.846229", "4.801313", "4.722646", ".152827"),
    "tanh": ("1.592537", "1.592537", "1.467414", "1.177807"),
    "lecun_tanh": ("1.154369", "1.154369", "1.115257", "1.071371"),
    "relu": ("1.414214", "1.712859", "1.414214", "1"),
    "leaky_relu": ("1.414143", "1.704832", "1.414143", "1"),
    "leaky_relu_0.2": ("1.386750", "1.546460", "1.386750", "1"),
    "elu": ("1.245198", "1.270843", "1.223429", "1.035905"),
    "selu": ("1.000000", "1.000000", ".966026", "1.071575"),
    "gelu": ("1.533530", "1.700926", "1.481114", "1.072032"),
    "silu": ("1.676532", "1.787187", "1.623320", "1.066634"),
    "mish": ("1.486848", "1.592025", "1.444755", "1.059118"),
    "softplus": ("1.041867", "1.919126", "1.846229", ".318459"),
    "softsign": ("2.337533", "2.337533", "2.095781", "1.244010"),
    "sine": ("1.520867", "1.520867", "1.327251", "1.313035"),
    "hard_tanh": ("1.392036", "1.392036", "1.210287", "1.322892"),
    "hard_sigmoid": ("1.897840", "6.015034", "6.008116", ".099780"),
    "arctan": ("1.491208", "1.491208", "1.414214", "1.111850"),
}


def test_every_activation_has_golden_numbers():
    assert set(ACTIVATIONS) <= set(MOMENTS)
    assert set(MOMENTS) == set(GAINS)


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name):
    activation = OWN.get(name) or ACTIVATIONS[name]
    mean, square, variance, slopes = (float(number) for number in MOMENTS[name])
    assert compute_mean(activation) == pytest.approx(mean, abs=1e-6)
    assert second_moment(activation, 1.0) == pytest.approx(square, abs=1e-6)
    assert compute_gain(activation, "centered") ** -2 == pytest.approx(variance, abs=1e-6)
    assert slope_second_moment(activation, 1.0) == pytest.approx(slopes, abs=1e-6)


@pytest.mark.parametrize("name", GAINS)
def test_gains(name):
    *gains, chi = (float(number) for number in GAINS[name])
    for kind, gain in zip(("forward", "centered", "backward"), gains, strict=True):
        assert compute_gain(get(name), kind) == pytest.approx(gain, abs=1e-6)
    ratio = compute_gain(get(name)) / compute_gain(get(name), "backward")
    assert ratio**2 == pytest.approx(chi, abs=1e-6)


VARIANCES_B = (0.0025, 0.01, 0.05, 0.1, 0.3, 1.0)
EDGES = {
    # q and sigma_w of the critical point, for biases of these variances
    "tanh": """.153692/1.122539 .273301/1.193401 .570048/1.327010
               .805799/1.409281 1.461169/1.582759 3.036396/1.855589""",
    "lecun_tanh": """.251416/.956099 .436821/1.003682 .876219/1.093725
               1.211732/1.149315 2.106360/1.266755 4.133344/1.451869""",
    "softsign": """.068628/1.361051 .153958/1.512868 .412183/1.772356
               .641938/1.922013 1.331834/2.222196 3.098322/2.667422""",
    "sine": """.196748/1.092817 .314773/1.142267 .552070/1.225590
               .711812/1.269571 1.100778/1.341931 1.961180/1.400421""",
    "hard_tanh": """.177052/1.008853 .259146/1.025700 .463864/1.079604
               .632155/1.124013 1.123115/1.235957 2.387810/1.439690""",
    "arctan": """.171262/1.124391 .316213/1.196448 .691675/1.331250
               .996779/1.413429 1.852679/1.584609 3.896737/1.848592""",
    "elu": """.189174/1.131870 .437829/1.176148 1.300913/1.238434
               2.212778/1.267574 5.811580/1.313556 21.77755/1.357977""",
    "selu": """.140655/.822013 .308942/.871913 .827302/.949614
               1.313497/.990115 2.945257/1.062165 8.399089/1.147917""",
    "gelu": """.075173/1.851903 .183483/1.727078 .722036/1.517406
               1.632426/1.441068 8.772172/1.398627 82.31278/1.405945""",
    "silu": """.113635/1.905014 .259713/1.820052 .826576/1.651851
               1.551915/1.561907 5.662189/1.441772 39.39459/1.402512""",
    "mish": """.110865/1.597167 .263156/1.540975 .905400/1.450792
               1.771591/1.416635 6.858615/1.392314 50.68415/1.400781""",
    "logistic": """45.63/10.149562 45.646331/10.150456 45.734481/10.155220
               45.844531/10.161158 46.283222/10.184724 47.800484/10.264993""",
}
UNSTABLE = {"gelu": 4, "silu": 5, "mish": 3}
"""At how many of them, counted from the left, variances drift away."""


@pytest.mark.parametrize("name", EDGES)
def test_critical_points(name):
    for index, (variance_b, pair) in enumerate(zip(VARIANCES_B, EDGES[name].split(), strict=True)):
        point = find_critical_point(get(name), variance_b**0.5)
        assert (point.variance, point.sigma_w) == tuple(map(printed, pair.split("/")))
        assert point.sigma_b == variance_b**0.5
        assert (point.chi_parallel > 1) == (index < UNSTABLE.get(name, 0))
        # it is a fixed point, and its gradients neither grow nor shrink
        kept = map_variance(point.variance, get(name), point.sigma_w, point.sigma_b)
        assert kept == pytest.approx(point.variance, rel=1e-9)
        gain = compute_gain(get(name), "backward", point.variance)
        assert point.sigma_w == pytest.approx(gain, rel=1e-9)


def test_critical_points_of_sine_in_closed_form():
    for q in (0.1, 1.0, 3.0):
        point = find_critical_point("sine", (q - np.tanh(q)) ** 0.5)
        expected = (2 / (1 + np.exp(-2 * q))) ** 0.5
        assert (point.variance, point.sigma_w) == pytest.approx((q, expected), rel=1e-9)


SMALL_SIGNALS = {
    # sigma_w at which small signals are critical, without biases: the slope at 0 and its inverse
    "identity": 1.0,
    "tanh": 1.0,
    "softsign": 1.0,
    "sine": 1.0,
    "hard_tanh": 1.0,
    "arctan": 1.0,
    "elu": 1.0,
    "gelu": 2.0,
    "silu": 2.0,
    "mish": 5 / 3,  # tanh(ln 2) = 3/5
    "lecun_tanh": 3 / (2 * 1.7159),
    # of two slopes, their root mean square
    "relu": 2**0.5,
    "leaky_relu": (2 / 1.0001) ** 0.5,
    "leaky_relu_0.2": (2 / 1.04) ** 0.5,
    "selu": (2 / (1.0507009873554805**2 * (1 + 1.6732632423543772**2))) ** 0.5,
}


@pytest.mark.parametrize("name", SMALL_SIGNALS)
def test_critical_points_of_small_signals(name):
    point = find_critical_point(get(name), 0.0)
    assert point.sigma_w == pytest.approx(SMALL_SIGNALS[name], rel=1e-9)
    assert point[1:] == (0.0, 0.0, 1.0)


def test_small_biases_lead_to_the_limit():
    assert SMALL_SIGNALS["selu"] == pytest.approx(0.690486, abs=1e-6)
    for name in ("tanh", "arctan"):
        assert find_critical_point(name, 1e-6).sigma_w == pytest.approx(1, abs=1e-3)


def test_logistic_without_biases_is_saturated():
    assert find_critical_point("logistic", 0.0)[::2] == (
        printed("10.149264"),
        printed("45.624278"),
    )


DOUBLY = {
    # sigma_w^2, sigma_b^2, q
    "gelu": ("1.98305826", ".17292239", "3.56155"),
    "silu": ("1.98800468", ".55514317", "14.32017"),
    "mish": ("2.01352407", ".09452179", "1.67017"),
}


@pytest.mark.parametrize("name", DOUBLY)
def test_doubly_critical_points(name):
    point = find_doubly_critical_point(name)
    found = point.sigma_w**2, point.sigma_b**2, point.variance
    assert found == tuple(map(printed, DOUBLY[name]))
    assert point.chi_parallel == pytest.approx(1, abs=1e-9)
    kept = map_variance(point.variance, name, point.sigma_w, point.sigma_b)
    assert kept == pytest.approx(point.variance, rel=1e-9)


def make_cubic(c):
    """Return c + z - z^3/3: E phi^2 = c^2 + q - 2 q^2 + 5/3 q^3, E phi'^2 = 1 - 2 q + 3 q^2."""
    return make_activation(lambda z: c + z - z**3 / 3, lambda z: 1 - z**2, "cubic")


@pytest.mark.parametrize("variance_b", [2 / 3, 1e-3, 1e-6])
def test_doubly_critical_points_in_closed_form(variance_b):
    # both derivatives are 1 at q = 1, with sigma_w^2 = 1/2
    point = find_doubly_critical_point(make_cubic((4 / 3 - 2 * variance_b) ** 0.5))
    assert point == pytest.approx((0.5**0.5, variance_b**0.5, 1, 1), rel=1e-6)


@pytest.mark.parametrize("variance_b", [-1e-6, -5e-4, -0.1])
def test_no_biases_have_a_variance_below_0(variance_b):
    with pytest.raises(ValueError, match="'cubic' has no doubly critical point"):
        find_doubly_critical_point(make_cubic((4 / 3 - 2 * variance_b) ** 0.5))


@pytest.mark.parametrize("name", ["tanh", "sine", "arctan", "softsign", "elu", "relu", "selu"])
def test_doubly_critical_points_of_small_signals(name):
    assert find_doubly_critical_point(name) == find_critical_point(name, 0.0)


@pytest.mark.parametrize(
    ("name", "sigma_w", "variance_b"),
    [
        ("tanh", "1.467414", ".150965"),
        ("sine", "1.327251", ".238406"),
        ("softsign", "2.095781", ".196148"),
        ("arctan", "1.414214", ".100598"),
        ("selu", ".966026", ".066794"),
        ("elu", "1.223429", ".034660"),
    ],
)
def test_critical_points_of_variance_1(name, sigma_w, variance_b):
    gain = compute_gain(name, "backward")
    needed = 1 - map_variance(1.0, name, gain)
    assert (gain, needed) == (printed(sigma_w), printed(variance_b))
    point = find_critical_point(name, needed**0.5)
    assert (point.variance, point.sigma_w) == pytest.approx((1, gain), rel=1e-9)


COMPENSATED_LOGISTIC = make_activation(
    lambda z: np.tanh(z / 2) / 2, lambda z: 0.25 / np.cosh(z / 2) ** 2
)
DEEP = [
    # activation, sigma_w, q after 10 and 50 layers from 1 without biases, chi at the fixed point
    ("tanh", 1.0, ".052", ".0102", None),
    ("tanh", 5 / 3, "1.178", "1.178", "1.21"),
    ("tanh", 2**0.5, ".619", ".618", "1.106"),
    ("logistic", 3**-0.5, ".085", ".085", ".0200"),
    ("logistic", 1.0, ".265", ".265", ".0557"),
    ("logistic", 4.0, "5.86", "5.86", ".399"),
    (COMPENSATED_LOGISTIC, 4.801313, "1.0", "1.0", "1.034"),
    ("relu", 1.0, "9.8e-4", "8.9e-16", None),
    ("relu", 3**-0.5, "1.7e-8", "1e-39", None),
    ("relu", 2**0.5, "1", "1", "1"),
    ("selu", 1.0, "1", "1", "1.0716"),
    ("selu", 0.75, ".067", ".024", "1.004"),
    ("selu", 2**0.5, "30", "2924", None),
    ("elu", 1.0, ".059", ".0027", None),
    ("elu", 1.245198, "1", "1", "1.036"),
    ("elu", 2**0.5, "5.3", "34", None),
    ("gelu", 2**0.5, ".029", "3e-14", None),
    ("silu", 2**0.5, ".0036", "3e-15", None),
    ("softplus", 2**0.5, "7.7", "24.7", None),
    ("softplus", 1.041867, "1", "1", ".318"),
    ("sine", 1.520867, "1", "1", "1.313"),
    ("sine", 1.0, ".084", ".019", None),
]


@pytest.mark.parametrize(("activation", "sigma_w", "after_10", "after_50", "chi"), DEEP)
def test_deep_networks_without_biases(activation, sigma_w, after_10, after_50, chi):
    q = [1.0]
    for _ in range(50):
        q.append(map_variance(q[-1], activation, sigma_w))
    assert (q[10], q[50]) == (printed(after_10), printed(after_50))
    if chi:
        assert compute_depth_scales(activation, sigma_w).chi == printed(chi)


def test_compensated_logistic_at_gain_4_decays_slowly():
    q = 1.0
    for _ in range(100):
        previous, q = q, map_variance(q, COMPENSATED_LOGISTIC, 4.0)
    assert 0.98 < q / previous < 1  # as tanh(z) does at gain 1, after the scaling of z by 2
    first = map_variance(1.0, COMPENSATED_LOGISTIC, 4.0)
    assert first == printed(".694")


TINY, HUGE = 1e-300, 1e300


@pytest.mark.parametrize(
    ("name", "tiny", "huge"),
    [
        ("identity", 1.0, 1.0),
        ("relu", 2**0.5, 2**0.5),
        ("tanh", 1.0, HUGE**0.5),
        ("gelu", 2.0, 2**0.5),
        ("logistic", 2 * TINY**0.5, (2 * HUGE) ** 0.5),
    ],
)
def test_gains_at_extreme_variances(name, tiny, huge):
    assert compute_gain(name, variance=TINY) == pytest.approx(tiny, rel=1e-6)
    assert compute_gain(name, variance=HUGE) == pytest.approx(huge, rel=1e-6)


def test_sine_is_resolved_at_large_variances():
    assert compute_gain("sine", variance=2e4) == pytest.approx((2 * 2e4) ** 0.5, rel=1e-9)


def test_numbers_of_numpy_and_of_python():
    for number in (2, np.float64(2), np.float32(2), np.int64(2)):
        assert compute_gain("tanh", variance=number) == compute_gain("tanh", variance=2.0)


def test_as_large_as_is_allowed():
    assert compute_depth_scales("relu", 1e150).variance == np.inf
    assert compute_depth_scales("tanh", 1.0, 1e150).variance == np.inf
    assert map_variance(1.0, "relu", 1e150) == pytest.approx(5e299)
    with pytest.raises(ValueError, match="has no critical point"):
        find_critical_point("tanh", 1e150)


def test_variance_0_is_the_value_at_0():
    assert map_variance(0, "logistic", 2.0, 1.0) == 2.0
    assert map_variance(0.0, "relu", 2.0) == 0
    assert compute_mean("softplus", 0.0) == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (compute_gain, ("rely",), "activation='rely' is not known. Did you mean 'relu'"),
        (compute_gain, (np.tanh,), "is not known. Choose one of: 'identity'"),
        (compute_gain, ("relu", "forwards"), "kind='forwards' is not known. Did you mean"),
        (compute_gain, ("relu", ["forward"]), "kind=['forward'] is not known"),
        (compute_gain, ("relu", "forward", 0), "variance=0 is not allowed: expected a number > 0"),
        (compute_gain, ("relu", "forward", np.nan), "variance=nan is not allowed"),
        (compute_gain, ("relu", "forward", np.inf), "variance=inf is not allowed"),
        (compute_gain, ("relu", "forward", True), "variance=True is not allowed"),
        (compute_mean, ("relu", -1), "variance=-1 is not allowed: expected a number >= 0"),
        (compute_mean, ("relu", None), "variance=None is not allowed"),
        (find_critical_point, ("tanh", -0.1), "sigma_b=-0.1 is not allowed"),
        (find_critical_point, ("tanh", "0"), "sigma_b='0' is not allowed"),
        (find_critical_point, ("softplus",), "has no critical point with sigma_b=0.223607: try"),
        (find_critical_point, ("softplus", 0), "with sigma_b=0: try biases that take the mean"),
        (find_critical_point, ("relu", 0.1), "with sigma_b=0.1: try sigma_b=0, or biases"),
        (find_critical_point, ("identity", 0.1), "with sigma_b=0.1: try sigma_b=0, or biases"),
        (find_doubly_critical_point, ("logistic",), "'logistic' has no doubly critical point"),
        (find_doubly_critical_point, ("softplus",), "'softplus' has no doubly critical point"),
        (map_variance, (-1, "tanh", 1), "variance=-1 is not allowed"),
        (map_variance, (1, "tanh", -1), "sigma_w=-1 is not allowed"),
        (map_variance, (1, "tanh", 1, np.nan), "sigma_b=nan is not allowed"),
        (map_correlation, (1.1, "tanh", 1, 1), "correlation=1.1 is not allowed: expected -1 to 1"),
        (map_correlation, ("1", "tanh", 1, 1), "correlation='1' is not allowed"),
        (map_correlation, (0.5, "tanh", 1, 1, 0), "variance=0 is not allowed"),
        (map_correlation, (0.5, "tanh", 0, 0, 1), "are all 0: they have no correlation"),
        (compute_depth_scales, ("tanh", -1), "sigma_w=-1 is not allowed"),
        (compute_depth_scales, ("relu", 1e200), "sigma_w=1e+200 is not allowed: expected"),
        (compute_depth_scales, ("relu", 1, 1e200), ">= 0 and <= 1e+150"),
        (compute_depth_scales, ("relu", 10**400), "is not allowed"),
        (map_variance, (1, "relu", 1e200), "sigma_w=1e+200 is not allowed"),
        (map_variance, (10**400, "relu", 1), "is not allowed"),
        (map_correlation, (0.5, "relu", 1, 1e200), "sigma_b=1e+200 is not allowed"),
        (find_critical_point, ("tanh", 1e200), "sigma_b=1e+200 is not allowed"),
        (compute_depth_scales, ("tanh", 1, "a"), "sigma_b='a' is not allowed"),
        (predict_variances, ([np.eye(2)] * 2, [np.ones(2)] * 2, ["relu"] * 2), "has 2 entries"),
        (predict_variances, ([np.eye(2)] * 2, [np.ones(2)], "relu"), "intercepts has 1 entries"),
        (predict_variances, ([], [], "relu", -1), "input_second_moment=-1 is not allowed"),
    ],
)
def test_wrong_input(function, arguments, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the message is compared below
        function(*arguments)
    assert message in str(error.value)
