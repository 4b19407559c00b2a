"""Parameters and pitfalls of the blind schemes without structure."""

import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor, Layer, Uniform, draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.exceptions import SymmetryWarning
from sklearn_init.initializers import (
    Cauchy,
    Critical,
    DoublyCritical,
    KimRa,
    LayerConstant,
    LinearWarmStart,
    MirroredPairs,
    Rademacher,
    RandomBiases,
    Scawi,
    Siren,
    TiedColumns,
    UniformWithBiases,
    ZeroOutput,
)
from sklearn_init.network import forward_hidden
from sklearn_init.theory import compute_gain, find_critical_point, find_doubly_critical_point

RNG = np.random.default_rng(3)
X = RNG.normal(size=(43, 6))
Y = np.tanh(X @ RNG.normal(size=(6, 2)))
CLASSES = np.arange(43) % 3


def start(scheme, estimator=InitMLPRegressor, target=Y, **more):
    defaults = {"hidden_layer_sizes": (9, 7), "activation": "tanh", "random_state": 0}
    return estimator(weight_init=scheme, **{**defaults, **more}).initialize(X, target)


@pytest.mark.parametrize("scheme", ["layer_constant_random", "tied_columns"])
@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_identical_units_stay_identical(scheme, solver):
    reg = InitMLPRegressor(
        hidden_layer_sizes=(8, 7), activation="tanh", solver=solver, weight_init=scheme,
        max_iter=10, random_state=0,
    )  # fmt: skip
    with pytest.warns(SymmetryWarning):
        reg.fit(X, Y)
    first, second, output = reg.coefs_
    for W in (first, second):
        np.testing.assert_allclose(W, np.tile(W[:, :1], W.shape[1]), atol=1e-9)
    for W in (second, output):
        np.testing.assert_allclose(W, np.tile(W[:1], (len(W), 1)), atol=1e-9)
    assert not np.array_equal(first, draw((6, 8, 7, 2), scheme, "tanh", 0)[0][0])  # has learned


def test_gain_of_tied_columns():
    plain, scaled = (
        draw((5, 7, 3), TiedColumns(gain), "tanh", random_state=0)[0] for gain in (1.0, "auto")
    )
    for W, expected in zip(scaled, plain, strict=True):
        np.testing.assert_allclose(W, compute_gain("tanh") * expected)


def test_random_biases_wake_one_layer_per_step():
    reg = InitMLPRegressor(
        hidden_layer_sizes=(9, 7), activation="tanh", solver="sgd", batch_size=43, alpha=0,
        weight_init="zero_weights_random_bias", random_state=0,
    )  # fmt: skip
    for awake in range(1, 4):
        reg.partial_fit(X, Y)
        assert [bool(W.any()) for W in reg.coefs_] == [index >= 3 - awake for index in range(3)]
    assert len(np.unique(reg.coefs_[1], axis=1).T) == 7  # and units are different


def test_a_base_that_sets_all_layers_leaves_the_output_zero():
    est = InitMLPRegressor(hidden_layer_sizes=(9, 7), weight_init=ZeroOutput(LinearWarmStart()))
    est.initialize(X, Y)
    assert not est.coefs_[-1].any()
    assert not est.intercepts_[-1].any()
    assert est.coefs_[0].any()


@pytest.mark.parametrize("family", [ZeroOutput, MirroredPairs])
@pytest.mark.parametrize("base", [None, Scawi(), Uniform(), UniformWithBiases(0.3)])
def test_networks_that_begin_with_zero(family, base):
    clf = start(family(base), InitMLPClassifier, CLASSES)
    np.testing.assert_allclose(clf.predict_proba(X), 1 / 3, rtol=1e-12)
    reg = start(family(base))
    np.testing.assert_allclose(reg.predict(X), 0, atol=1e-12)
    alone = start("autoinit" if base is None else base)
    np.testing.assert_array_equal(reg.coefs_[0], alone.coefs_[0])  # the base sees the rows, too
    np.testing.assert_array_equal(reg.intercepts_[0], alone.intercepts_[0])


@pytest.mark.parametrize("family", [ZeroOutput, MirroredPairs])
def test_zeros_as_bias_init_and_without_hidden_layers(family):
    assert not any(b.any() for b in start("he_normal", bias_init=family()).intercepts_)
    assert not start(family(), hidden_layer_sizes=()).coefs_[0].any()


def test_mirrored_pairs_part():
    reg = start("mirrored_pairs", hidden_layer_sizes=(8,), max_iter=1)
    assert (reg.coefs_[0][:, :4] == reg.coefs_[0][:, 4:]).all()
    reg.partial_fit(X, Y)
    assert abs(reg.coefs_[0][:, :4] - reg.coefs_[0][:, 4:]).min() > 0


def test_scawi_makes_up_for_the_scale_of_the_data():
    reg = InitMLPRegressor(activation="tanh", weight_init="scawi", random_state=0)
    plain, large = (clone(reg).initialize(c * X, Y) for c in (1.0, 1e6))
    square = np.mean(np.sum(X**2, axis=1))
    scale = np.sqrt((1 + square) / (1 + 1e12 * square))
    np.testing.assert_allclose(large.coefs_[0], scale * plain.coefs_[0])


def test_scawi_for_one_part():
    both, weights = start("scawi"), start("scawi", bias_init="zeros")
    np.testing.assert_array_equal(weights.coefs_[0], both.coefs_[0])
    assert not any(b.any() for b in weights.intercepts_)
    biases = start("he_normal", bias_init="scawi")
    np.testing.assert_array_equal(biases.coefs_[0], start("he_normal").coefs_[0])
    bound = 1.3 / np.sqrt(1 + np.mean(np.sum(X**2, axis=1)))
    assert 0.5 * bound < abs(biases.intercepts_[0]).max() <= bound


def test_scawi_measures_an_output_that_the_data_reach():
    W = start("scawi", hidden_layer_sizes=()).coefs_[0]
    bound = 1.3 / np.sqrt(1 + np.mean(np.sum(X**2, axis=1)))
    assert 0.5 * bound < abs(W).max() <= bound


def test_scawi_measures_so_many_rows():
    few, all_rows = start(Scawi(max_samples=5)).coefs_[0], start("scawi").coefs_[0]
    ratio = few / all_rows
    np.testing.assert_allclose(ratio, ratio[0, 0])
    assert ratio[0, 0] != 1


@pytest.mark.parametrize(
    ("name", "activation", "point"),
    [
        ("critical", "tanh", find_critical_point("tanh")),
        ("critical", "elu", find_critical_point("elu")),
        ("critical", "mish", find_doubly_critical_point("mish")),
        ("critical_ryh", "gelu", find_doubly_critical_point("gelu")),
    ],
)
def test_critical_laws_keep_the_variance(name, activation, point):
    depth, width, squares = 6, 200, []
    for seed in range(3):
        coefs, biases = draw((width,) * (depth + 2), name, activation, random_state=seed)
        rng = np.random.default_rng(seed)
        moment = (point.variance - point.sigma_b**2) / point.sigma_w**2
        rows = np.sqrt(moment) * rng.normal(size=(20, width))  # the first layer is at q, too
        hidden = [ACTIVATIONS[activation]] * (depth + 1)
        a = forward_hidden(coefs[:depth], biases[:depth], hidden[:depth], rows)
        squares.append(np.mean((a @ coefs[depth] + biases[depth]) ** 2))
    assert np.mean(squares) == pytest.approx(point.variance, rel=0.2)


MEAN_FIELD = [
    # sigma_w^2 and sigma_b^2 of Critical (for biases of variance 0.05) and DoublyCritical
    (Critical(matrix="orthogonal"), "tanh", 1.760955, 0.05),
    (Critical(0.0, "orthogonal"), "relu", 2.0, 0.0),
    (DoublyCritical("orthogonal"), "gelu", 1.983058, 0.172922),
]


@pytest.mark.parametrize(("initializer", "activation", "variance_w", "variance_b"), MEAN_FIELD)
def test_orthogonal_critical_matrices(initializer, activation, variance_w, variance_b):
    sizes = (11, 31, 31, 13, 1501)  # wide, square, tall, and many biases
    coefs, intercepts = draw(sizes, initializer, activation, random_state=0)
    for W in coefs:
        n, m = W.shape
        # orthonormal rows or columns, times what makes the variance of an entry sigma_w^2 / n
        gram = W @ W.T if m > n else W.T @ W
        np.testing.assert_allclose(
            gram, variance_w * max(1, m / n) * np.eye(min(n, m)), rtol=1e-6, atol=1e-9
        )
        assert np.mean(W**2) == pytest.approx(variance_w / n, rel=1e-6)
    biases = np.hstack(intercepts)
    if variance_b:
        assert stats.kstest(biases, stats.norm(0, variance_b**0.5).cdf).pvalue > 1e-3
        error = np.sqrt(2 / biases.size)
        assert biases.var() == pytest.approx(variance_b, rel=5 * error)
    else:
        assert not biases.any()


@pytest.mark.parametrize("family", [Critical, DoublyCritical])
def test_orthogonal_critical_matrices_are_uniformly_random(family):
    layer = Layer(5, 5, 0, 2, ACTIVATIONS["gelu"])
    rng = np.random.default_rng(0)
    draws = np.stack([family(matrix="orthogonal").draw(layer, rng) for _ in range(2000)])
    draws /= np.linalg.norm(draws[0, 0])
    assert abs(draws.mean(axis=0)).max() < 5 / np.sqrt(5 * 2000)
    traces = np.trace(draws, axis1=1, axis2=2)  # of variance 1 for Haar's law
    assert traces.var() == pytest.approx(1, abs=5 * np.sqrt(2 / 2000))


class Tanh:
    """A callable that has no hash."""

    __hash__ = None

    def __call__(self, z, *others):
        value = np.tanh(z)
        others[-1][...] = 1 - value**2 if len(others) == 2 else value


def test_critical_laws_of_callables_that_cannot_be_hashed():
    own = Activation(Tanh(), Tanh(), name="own")
    (found,), _ = draw((5, 3), "critical", own, random_state=0)
    (expected,), _ = draw((5, 3), "critical", "tanh", random_state=0)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_critical_as_bias_init():
    biases = start("zeros", hidden_layer_sizes=(2000,), bias_init="critical").intercepts_[0]
    assert biases.var() == pytest.approx(0.05, rel=5 * np.sqrt(2 / 2000))


def test_h2o_classifies_with_a_wider_output():
    bound = np.sqrt(6 / (101 + 3))
    more = {"hidden_layer_sizes": (101,), "activation": "relu"}
    clf = start("h2o", InitMLPClassifier, CLASSES, **more)
    assert 3.8 * bound < abs(clf.coefs_[1]).max() <= 4 * bound
    assert (clf.intercepts_[0] == 0.5).all()
    reg = start("h2o", target=np.column_stack([Y, Y[:, 0]]), **more)
    np.testing.assert_allclose(4 * reg.coefs_[1], clf.coefs_[1])
    biases = start("he_normal", bias_init="h2o", activation="relu").intercepts_
    assert [b[0] for b in biases] == [0.5, 1.0, 0.0]


@pytest.mark.parametrize(
    ("initializer", "activation", "message"),
    [
        (LayerConstant(std=-1.0), "tanh", "LayerConstant: std=-1.0"),
        (TiedColumns(gain="much"), "tanh", "TiedColumns: gain='much' is not known"),
        (RandomBiases(bound=-0.1), "tanh", "RandomBiases: bound=-0.1"),
        (ZeroOutput(base="he_normal"), "tanh", "ZeroOutput: base='he_normal' must be None or"),
        (MirroredPairs(base=0), "tanh", "MirroredPairs: base=0 must be None or"),
        (Rademacher(magnitude=-1), "tanh", "Rademacher: magnitude=-1"),
        (Cauchy(scale=np.inf), "tanh", "Cauchy: scale=inf"),
        (KimRa(eta=-0.1), "tanh", "KimRa: eta=-0.1"),
        (KimRa(factor=0.5), "tanh", "KimRa: factor=0.5 must be a finite number >= 1"),
        (Siren(w0=0.0), "sine", "Siren: w0=0.0"),
        (UniformWithBiases(bound=-1.0), "tanh", "UniformWithBiases: bound=-1.0"),
        (Critical(matrix="ortogonal"), "tanh", "Critical: matrix='ortogonal' is not known. Did"),
        (DoublyCritical("gauss"), "gelu", "DoublyCritical: matrix='gauss' is not known. Choose"),
        (DoublyCritical(["normal"]), "gelu", "DoublyCritical: matrix=.* is not known"),
        (Critical(sigma_b=1e200), "tanh", r"Critical: sigma_b=1e\+200 is not allowed"),
        (Critical(sigma_b=-1.0), "tanh", "Critical: sigma_b=-1.0 is not allowed"),
        (Critical(sigma_b="aut"), "tanh", "Critical: sigma_b='aut' is not known. Did you mean"),
        (Critical(sigma_b=0.1), "relu", "Critical: .* no critical point .*: try sigma_b=0"),
        (Critical(), "softplus", "Critical: activation='softplus' has no doubly critical point"),
        (Critical(0.0), "softplus", "Critical: activation='softplus' has no critical point"),
    ],
)
def test_what_cannot_work_says_so(initializer, activation, message):
    with pytest.raises(ValueError, match=message):
        draw((3, 4, 2), initializer, activation)


def test_blind_schemes_work_with_every_activation():
    names = ["autoinit", "autoinit_centered", "tied_columns", "siren", "h2o", "mirrored_pairs"]
    for activation in ACTIVATIONS:
        for name in [*names, *(["critical"] if activation != "softplus" else [])]:
            coefs, intercepts = draw((3, 5, 4, 2), name, activation)
            assert all(np.isfinite(array).all() for array in coefs + intercepts)
