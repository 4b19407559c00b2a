"""Schemes scaled or solved with the data: parameters, and data that is not as it should be."""

import tracemalloc

import numpy as np
import pytest
from laws.material import make_layer
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, Ridge

from sklearn_init import (
    Activation,
    InitMLPClassifier,
    InitMLPRegressor,
    Network,
    Normal,
    VarianceScaling,
)
from sklearn_init.initializers import (
    BestOfDraws,
    LeastSquaresOutput,
    LinearWarmStart,
    Lsuv,
    OutputPrior,
    PrincipalDirections,
    Torch,
    WithinLayer,
)
from sklearn_init.initializers._linear_fit import fit_linear
from sklearn_init.initializers._principal import find_principal_directions
from sklearn_init.losses import LOSSES, POISSON, SQUARED_ERROR

RNG = np.random.default_rng(3)
X = RNG.normal(size=(61, 9)) + np.linspace(0, 5, 9)
SPARSE = np.where(RNG.random((61, 9)) < 0.4, X, 0)
Y = np.stack([X[:, 0] * X[:, 1], X[:, 8]], axis=1)
LABELS = np.digitize(X[:, 0], [-0.4, 0.4])
ALL = [Lsuv, WithinLayer, OutputPrior, LeastSquaresOutput, LinearWarmStart, BestOfDraws]
NEED_A_LOSS = [OutputPrior, LeastSquaresOutput, LinearWarmStart, BestOfDraws]


def start(initializer, y=Y, data=X, hidden=(11, 7), sample_weight=None, **more):
    estimator = InitMLPClassifier if y is LABELS else InitMLPRegressor
    net = estimator(
        hidden_layer_sizes=hidden, weight_init=initializer, alpha=0, random_state=0, **more
    )
    return net.initialize(data, y, sample_weight)


def assert_same(net, other, **tolerance):
    for a, b in zip(
        [*net.coefs_, *net.intercepts_], [*other.coefs_, *other.intercepts_], strict=True
    ):
        np.testing.assert_allclose(a, b, **tolerance)


@pytest.mark.parametrize("scheme", [*ALL, PrincipalDirections])
@pytest.mark.parametrize("y", [Y, LABELS], ids=["numbers", "labels"])
def test_weights_of_rows_are_repetitions(scheme, y):
    counts = np.random.default_rng(0).integers(0, 4, 61)
    weighted = start(scheme(), y, sample_weight=counts)
    estimator = InitMLPClassifier if y is LABELS else InitMLPRegressor
    repeated = estimator(hidden_layer_sizes=(11, 7), weight_init=scheme(), alpha=0, random_state=0)
    repeated.initialize(np.repeat(X, counts, axis=0), np.repeat(y, counts, axis=0))
    if scheme is LinearWarmStart:  # carriers are centered with all rows
        np.testing.assert_allclose(weighted.loss_, repeated.loss_, rtol=1e-6)
    else:
        solved = scheme is LeastSquaresOutput and y is LABELS
        assert_same(weighted, repeated, rtol=1e-3 if solved else 1e-7, atol=1e-3 * solved + 1e-9)


@pytest.mark.parametrize("scheme", [*ALL, PrincipalDirections])
def test_sparse_rows_give_the_same(scheme):
    dense, sparse = start(scheme(), data=SPARSE), start(scheme(), data=csr_array(SPARSE))
    np.testing.assert_allclose(sparse.predict(csr_array(SPARSE)), dense.predict(SPARSE), atol=1e-9)


@pytest.mark.parametrize("n_rows", [61, 7])
@pytest.mark.parametrize("alpha", [0.0, 1.0, 50.0])
def test_sparse_least_squares_of_columns_of_any_scale(n_rows, alpha):
    rows, weight = SPARSE[:n_rows] * np.geomspace(1e-3, 1e3, 9), np.linspace(0.1, 2, n_rows)
    dense, sparse = (
        fit_linear(make(rows), Y[:n_rows], weight, SQUARED_ERROR, alpha)
        for make in (np.asarray, csr_array)
    )
    np.testing.assert_allclose(rows @ sparse[0] + sparse[1], rows @ dense[0] + dense[1], atol=1e-7)
    if alpha > 0:
        ridge = Ridge(alpha, solver="svd").fit(rows, Y[:n_rows], weight)
        np.testing.assert_allclose(sparse[0], ridge.coef_.T, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(dense[0], ridge.coef_.T, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(sparse[1], ridge.intercept_, rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_linear_warm_start_is_ridge_or_logistic_regression(alpha, scale):
    data, scheme = X * np.geomspace(1 / scale, scale, 9), LinearWarmStart(alpha=alpha)
    ridge = Ridge(alpha).fit(data, Y)
    np.testing.assert_allclose(start(scheme, data=data).predict(data), ridge.predict(data))
    exact = {"tol": 1e-9, "max_iter": 10_000, "solver": "newton-cg"}
    logistic = LogisticRegression(C=scale**2 / alpha, **exact).fit(data / scale, LABELS)
    net = start(scheme, LABELS, data)
    np.testing.assert_allclose(
        net.predict_proba(data), logistic.predict_proba(data / scale), atol=1e-4
    )


def test_without_a_penalty_weights_are_the_smallest_of_standardized_columns():
    scale = np.geomspace(1e-3, 1e3, 18)
    wide = np.hstack([X, X[:, ::-1] ** 2])[:11]
    wide = (wide - wide.mean(axis=0)) / wide.std(axis=0)
    W, b = fit_linear(wide * scale + 5, Y[:11], None, SQUARED_ERROR, alpha=0.0)
    smallest = np.linalg.pinv(wide, rcond=1e-10) @ Y[:11]
    np.testing.assert_allclose(W * scale[:, np.newaxis], smallest, rtol=1e-6)
    np.testing.assert_allclose((wide * scale + 5) @ W + b, Y[:11], atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_a_penalty_rounding_is_not_fitted(dtype):
    noise = np.finfo(dtype).eps * RNG.random((61, 2)) * [1, 100] + [0, 100]
    W, _ = fit_linear(np.hstack([X, noise]).astype(dtype), Y, None, SQUARED_ERROR, alpha=0.0)
    np.testing.assert_array_equal(W[9:], 0)


def test_ridge_of_few_rows_and_columns_of_any_scale():
    rng = np.random.default_rng(0)
    for _ in range(30):
        n_rows, n_columns = rng.integers(5, 30), rng.integers(31, 80)
        scale, alpha = 10 ** rng.uniform(-6, 9, n_columns), 10 ** rng.uniform(-12, 4)
        rows = rng.normal(size=(n_rows, n_columns)) * scale
        rows -= rows.mean(axis=0)
        y = rows / scale @ rng.normal(size=(n_columns, 1))
        W, b = fit_linear(rows, y, None, SQUARED_ERROR, alpha)
        penalized = np.vstack([rows, np.sqrt(alpha) * np.eye(n_columns)])
        norms = np.linalg.norm(penalized, axis=0)
        best = np.linalg.lstsq(
            penalized / norms, np.vstack([y, np.zeros((n_columns, 1))]), rcond=None
        )[0]
        expected = rows @ (best / norms[:, np.newaxis])
        np.testing.assert_allclose(rows @ W + b, expected, atol=1e-9 * y.std())


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_wide_linear_fit_makes_no_square_matrix_of_the_features(alpha):
    wide = np.random.default_rng(0).normal(size=(100, 2000))
    tracemalloc.start()
    W, b = fit_linear(wide, wide[:, :2], None, SQUARED_ERROR, alpha)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.3 * 8 * 2000**2
    ridge = Ridge(alpha or 1e-9).fit(wide, wide[:, :2])
    np.testing.assert_allclose(wide @ W + b, ridge.predict(wide), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [np.asarray, csr_array], ids=["dense", "sparse"])
def test_constant_units_are_left_as_they_were(dtype, make):
    row = RNG.normal(size=9) * np.geomspace(1e-3, 1e3, 9)
    data = make(np.tile(row, (61, 1)).astype(dtype))
    drawn, net = start(Normal(), data=data), start(WithinLayer(Normal()), data=data)
    assert_same(net, drawn, rtol=0)
    drawn, net = (start(s, Y[:, 0], data, hidden=()) for s in (Normal(), Lsuv(Normal())))
    assert_same(net, drawn, rtol=0)


def test_a_column_of_small_spread_is_not_constant():
    data = X * 1e-9 + 1.0
    z = data @ start(WithinLayer(), data=data).coefs_[0]
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-4)


def test_lsuv_with_biases_of_the_base():
    drawn, net = start(Torch()), start(Lsuv(Torch(), std=0.5))
    ratio = net.coefs_[0][0, 0] / drawn.coefs_[0][0, 0]
    np.testing.assert_allclose(net.coefs_[0], ratio * drawn.coefs_[0])
    np.testing.assert_allclose(net.intercepts_[0], ratio * drawn.intercepts_[0])
    assert abs((X @ net.coefs_[0] + net.intercepts_[0]).std() - 0.5) < 1e-12


def test_within_layer_as_bias_init_centers_only():
    net = start(Normal(), bias_init=WithinLayer(beta=0.25))
    np.testing.assert_array_equal(net.coefs_[0], start(Normal()).coefs_[0])
    np.testing.assert_allclose((X @ net.coefs_[0] + net.intercepts_[0]).mean(axis=0), 0.25)


def test_without_centering_hinges_stay_where_they_are():
    drawn, net = start(Torch()), start(WithinLayer(Torch(), center=False))
    np.testing.assert_allclose(
        net.intercepts_[0] / np.linalg.norm(net.coefs_[0], axis=0),
        drawn.intercepts_[0] / np.linalg.norm(drawn.coefs_[0], axis=0),
    )


@pytest.mark.parametrize("shape", [(61, 9), (5, 9), (9, 9)])
@pytest.mark.parametrize("make", [np.asarray, csr_array], ids=["dense", "sparse"])
def test_principal_directions(shape, make):
    rows = SPARSE[: shape[0]]
    rank = min(shape[0] - 1, 9)
    expected = np.linalg.svd(rows - rows.mean(axis=0))[2].T[:, :rank]
    found = find_principal_directions(make(rows), 20)
    assert found.shape == (9, rank)
    np.testing.assert_allclose(abs((expected * found).sum(axis=0)), 1, rtol=1e-8)
    np.testing.assert_allclose(found.T @ found, np.eye(rank), atol=1e-8)
    two = find_principal_directions(make(rows), 2)
    np.testing.assert_allclose(abs((two * found[:, :2]).sum(axis=0)), 1, rtol=1e-8)


def test_principal_directions_keep_lengths_and_sides():
    drawn, turned = (start(s).coefs_[0] for s in (Normal(0.3), PrincipalDirections(Normal(0.3))))
    np.testing.assert_allclose(*(np.linalg.norm(W, axis=0) for W in (drawn, turned)))
    assert ((drawn * turned).sum(axis=0) > 0).all()


def test_principal_directions_of_no_spread():
    assert find_principal_directions(np.full((7, 3), 0.1), 2).shape == (3, 0)
    assert find_principal_directions(csr_array((7, 3)), 2).shape == (3, 0)
    assert find_principal_directions(np.ones((1, 3)), 2).shape == (3, 0)


def test_prior_as_bias_init():
    net = start(Normal(), LABELS, bias_init="class_prior")
    shares = np.bincount(LABELS) / 61
    np.testing.assert_allclose(net.intercepts_[-1], np.log(shares))
    np.testing.assert_array_equal(net.coefs_[-1], start(Normal(), LABELS).coefs_[-1])
    assert not net.intercepts_[0].any()


def test_a_class_without_rows_has_half_a_row():
    net = InitMLPClassifier((5,), weight_init="class_prior", random_state=0)
    net.set_params(solver="sgd", learning_rate_init=1e-12)
    net.partial_fit(X[:4], [0, 0, 2, 2], classes=[0, 1, 2])
    np.testing.assert_allclose(net.predict_proba(X[:1]), [[2 / 4.5, 0.5 / 4.5, 2 / 4.5]])
    net = start("class_prior", np.zeros(61), loss="poisson")
    np.testing.assert_allclose(net.predict(X), 0.5 / 61)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
@pytest.mark.parametrize("make", [np.asarray, csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("scale", [1.0, 1e5])
def test_gradient_of_the_linear_fit_is_zero(loss, make, scale):
    y = Y**2 if loss in (SQUARED_ERROR, POISSON) else np.eye(3)[LABELS]
    weight, rows = np.linspace(0.1, 2, 61), SPARSE * scale
    W, b = fit_linear(make(rows), y, weight, loss, alpha=0.7)
    z = rows @ W + b
    prediction = np.empty_like(z)
    loss.output(z, prediction)
    delta = weight[:, np.newaxis] * (prediction - y)
    size = np.abs(weight[:, np.newaxis] * y).sum()
    assert abs(delta.sum(axis=0)).max() < 1e-4 * size
    assert abs(rows.T @ delta + 0.7 * W).max() < 1e-4 * size * scale


def test_separable_classes_get_finite_weights():
    net = start(LeastSquaresOutput(), LABELS, hidden=(301,))
    assert net.score(X, LABELS) == 1
    assert abs(net.coefs_[-1]).max() < 30


def test_dependent_features_do_not_make_weights_large():
    data = np.hstack([X, X, X[:, :1] + 1e-14 * X[:, 1:2]])
    W, _ = fit_linear(data, Y, None, SQUARED_ERROR, alpha=0.0)
    assert abs(W).max() < 5


def test_linear_warm_start_says_how_many_units_it_needs():
    message = "rank 2, so every hidden layer needs at least 4 units; the hidden layer 2"
    with pytest.raises(ValueError, match=f"LinearWarmStart: .*{message}"):
        start(LinearWarmStart(), hidden=(11, 3))


def test_linear_warm_start_of_an_even_activation():
    square = Activation(
        lambda z, out: np.square(z, out=out), lambda z, a, out: np.multiply(z, 2, out=out)
    )
    with pytest.raises(ValueError, match="LinearWarmStart: activation='custom'"):
        start(LinearWarmStart(), activation=square)


def test_linear_warm_start_without_hidden_layers_and_of_a_constant():
    linear = start(LinearWarmStart(), hidden=())
    np.testing.assert_allclose(linear.predict(X), start(LinearWarmStart()).predict(X))
    constant = start(LinearWarmStart(), np.full(61, 7.0))
    np.testing.assert_allclose(constant.predict(X), 7)


def test_best_of_draws_lets_the_base_look_at_the_rows():
    net = start(BestOfDraws(Lsuv(), n_draws=4))
    assert abs((X @ net.coefs_[0]).std() - 1) < 1e-12
    assert net.loss_ <= start(Lsuv()).loss_
    assert_same(start(BestOfDraws(n_draws=1)), start(VarianceScaling("auto")), rtol=0)


def test_weights_of_rows_choose_among_draws():
    scheme, counts = BestOfDraws(n_draws=20), np.where(LABELS == 0, 50, 1)
    chosen = start(scheme, LABELS, sample_weight=counts)
    repeated = InitMLPClassifier((11, 7), weight_init=scheme, alpha=0, random_state=0)
    repeated.initialize(np.repeat(X, counts, axis=0), np.repeat(LABELS, counts))
    assert_same(chosen, repeated, rtol=0)
    assert not np.array_equal(chosen.coefs_[0], start(scheme, LABELS).coefs_[0])


def test_schemes_of_all_layers_on_top_of_each_other():
    linear = start(LinearWarmStart())
    both = start(LinearWarmStart(BestOfDraws(n_draws=3)))
    np.testing.assert_allclose(both.predict(X), linear.predict(X))
    assert abs(start(BestOfDraws(LinearWarmStart(), n_draws=3)).loss_ - linear.loss_) < 1e-9


@pytest.mark.parametrize("scheme", NEED_A_LOSS)
def test_without_a_loss_the_scheme_is_named(scheme):
    layer = make_layer(9, 2, n_layers=1)
    network = Network([layer], [np.ones((9, 2))], [np.zeros(2)])
    with pytest.raises(ValueError, match=f"{scheme.__name__} needs to know the loss"):
        scheme().adjust(layer, network, X, Y, np.random.default_rng(0))


@pytest.mark.parametrize("scheme", [LinearWarmStart(), BestOfDraws()])
def test_schemes_of_all_layers(scheme):
    with pytest.raises(ValueError, match="sets all layers at once"):
        start([scheme, "zeros", "zeros"])
    with pytest.raises(ValueError, match="cannot serve as bias_init"):
        start(Normal(), bias_init=scheme)


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (Lsuv(std=0), "Lsuv: std=0 must be more than 0"),
        (Lsuv(std="a"), "Lsuv: std='a' must be a finite number"),
        (Lsuv(base="he_normal"), "Lsuv: base='he_normal' must be None or an Initializer"),
        (Lsuv(max_samples=0), "max_samples=0 must be None or an integer >= 1"),
        (WithinLayer(center="no"), "WithinLayer: center='no' must be True or False"),
        (WithinLayer(beta=np.nan), "WithinLayer: beta=nan must be a finite number"),
        (LeastSquaresOutput(alpha=-1), "LeastSquaresOutput: alpha=-1 must be .* >= 0"),
        (LinearWarmStart(alpha=-1), "LinearWarmStart: alpha=-1 must be .* >= 0"),
        (LinearWarmStart(scale=0), "LinearWarmStart: scale=0 must be .* >= 1e-06"),
        (BestOfDraws(n_draws=0), "BestOfDraws: n_draws=0 must be an integer >= 1"),
        (BestOfDraws(n_draws=2.0), "BestOfDraws: n_draws=2.0 must be an integer >= 1"),
    ],
)
def test_bad_parameters_are_named(initializer, message):
    with pytest.raises(ValueError, match=message):
        start(initializer)
