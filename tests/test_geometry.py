"""Schemes that place units in the data: parameters, and data that are not as they should be."""

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array

from sklearn_init import InitMLPClassifier, InitMLPRegressor, Orthogonal, VarianceScaling
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import (
    Hinges,
    KMeansDirections,
    LinearDirections,
    NguyenWidrow,
    Swim,
    TreeUnits,
)
from sklearn_init.initializers._directions import find_centers
from sklearn_init.initializers._swim import draw_pairs, weigh_pairs
from sklearn_init.initializers._trees import find_limits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")

RNG = np.random.default_rng(7)
X = np.where(RNG.random((53, 6)) < 0.6, RNG.normal(size=(53, 6)), 0)
Y = np.sin(2 * X).sum(axis=1)
PLACED = {
    "nguyen_widrow": NguyenWidrow(),
    "hinges": Hinges(),
    "swim": Swim(),
    "kmeans": KMeansDirections(),
    "lda": LinearDirections(),
    "tree": TreeUnits(),
}
placed = pytest.mark.parametrize("scheme", PLACED.values(), ids=PLACED)


def start(scheme, rows=X, y=Y, sample_weight=None, **more):
    defaults = {"hidden_layer_sizes": (11, 7), "activation": "tanh", "random_state": 0}
    reg = InitMLPRegressor(**{**defaults, "weight_init": scheme, **more})
    reg.initialize(rows, y, **({} if sample_weight is None else {"sample_weight": sample_weight}))
    return [*reg.coefs_, *reg.intercepts_]


def is_equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


# scikit-learn's trees draw other thresholds for sparse rows
@pytest.mark.parametrize("name", sorted(set(PLACED) - {"tree"}))
def test_sparse_rows_give_the_same_start(name):
    pairs = zip(start(PLACED[name]), start(PLACED[name], csr_array(X)), strict=True)
    for dense, sparse in pairs:
        np.testing.assert_allclose(sparse, dense, rtol=1e-6, atol=1e-6)


@placed
def test_one_row(scheme):
    assert all(np.isfinite(array).all() for array in start(scheme, X[:1], Y[:1]))


@pytest.mark.parametrize("name", ["nguyen_widrow", "swim", "kmeans", "lda", "tree"])
def test_equal_rows_leave_the_draw(name):
    arrays = start(PLACED[name], np.ones((9, 6)), np.arange(9.0))
    if name == "nguyen_widrow":
        np.testing.assert_allclose(np.linalg.norm(arrays[0], axis=0), 2 * 0.7 * 11 ** (1 / 6))
    else:
        assert is_equal(arrays, start(VarianceScaling("auto"))[:2] + arrays[2:])
    assert (arrays[3] == 0).all()


@pytest.mark.parametrize("name", ["hinges", "swim", "kmeans", "lda", "tree"])
def test_rows_of_weight_zero_are_not_seen(name):
    weight = np.where(np.arange(53) < 40, 1.0, 0.0)
    changed = np.where(weight[:, np.newaxis] > 0, X, X + 100)
    if name == "kmeans":  # its first centers are drawn with these weights
        changed = X
    first, second = (start(PLACED[name], rows, Y, weight) for rows in (X, changed))
    for a, b in zip(first[:1] + first[3:4], second[:1] + second[3:4], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


@pytest.mark.parametrize(
    "scheme",
    [Hinges(placement="mean"), Hinges(placement="negative_uniform"), TreeUnits(n_trees=1)],
)
def test_weights_of_rows_are_repetitions(scheme):
    counts = np.random.default_rng(0).integers(1, 9, 53)
    weighted = start(scheme, sample_weight=counts)
    repeated = start(scheme, np.repeat(X, counts, axis=0), np.repeat(Y, counts))
    for a, b in zip(weighted, repeated, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scheme", [Hinges(n_points=1), LinearDirections()])
def test_hinges_go_through_rows_as_often_as_these_weigh(scheme):
    rows, y, weight = X[:5] + np.arange(6), Y[:5], np.array([1.0, 2.0, 3.0, 6.0, 13.0])
    W, _, b, _ = start(scheme, rows, y, weight, hidden_layer_sizes=(2001,))
    counts = np.bincount(abs(rows @ W + b).argmin(axis=0), minlength=5)
    assert stats.chisquare(counts, 2001 * weight / 25).pvalue > 1e-3


@placed
def test_max_samples(scheme):
    few = scheme.__class__(max_samples=5)
    assert not is_equal(start(few), start(scheme))
    with pytest.raises(ValueError, match="max_samples=0 must be"):
        start(scheme.__class__(max_samples=0))


def test_hinges_as_bias_init():
    as_weights = start(Hinges(Orthogonal(), "mean"))
    as_biases = start("orthogonal", bias_init=Hinges(placement="mean"))
    assert is_equal(as_weights, as_biases)
    assert (as_biases[-1] == 0).all()


def test_hinges_that_turn_units_are_no_bias_init():
    with pytest.raises(ValueError, match="Hinges draws matrices"):
        start("he_normal", bias_init=Hinges(placement="negative_point"))


def test_an_explicit_bias_init_stays():
    for scheme in PLACED.values():
        arrays = start(scheme, bias_init=0.25)
        assert all((b == 0.25).all() for b in arrays[3:])


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (Hinges(placement="middle"), "Hinges: placement='middle' is not known"),
        (Hinges(n_points=0), "Hinges: n_points=0 must be an integer >= 1"),
        (Hinges(base="he_normal"), "Hinges: base='he_normal' must be None or an Initializer"),
        (KMeansDirections(gain="big"), "KMeansDirections: gain='big' is not known"),
        (KMeansDirections(gain=0), "KMeansDirections: gain=0 must be more than 0"),
        (LinearDirections(gain=-1.5), "LinearDirections: gain=-1.5 must be more than 0"),
        (LinearDirections(gain=np.nan), "LinearDirections: gain=nan must be a finite number"),
        (TreeUnits(sharpness=-1.0), "TreeUnits: sharpness=-1.0 must be a finite number >= 0"),
        (TreeUnits(n_trees=1.5), "TreeUnits: n_trees=1.5 must be an integer >= 1"),
    ],
)
def test_bad_parameters_are_named(scheme, message):
    with pytest.raises(ValueError, match=message):
        start(scheme)


def test_a_single_unit_of_nguyen_and_widrow_is_centered():
    W, _, b, _ = start(NguyenWidrow(), X[:, :1], hidden_layer_sizes=(1,))
    np.testing.assert_allclose(-b / W[0], (X[:, 0].min() + X[:, 0].max()) / 2)
    np.testing.assert_allclose(abs(W[0]), 2 * 0.7 * 2 / np.ptp(X[:, 0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 1000])
@pytest.mark.parametrize("sizes", [(11, 7), (2, 2, 2)])
def test_nguyen_and_widrow_do_not_stretch_rounding(sizes, offset, dtype):
    for seed in range(30):  # in some, units are flat but for rounding
        rows = (np.random.default_rng(seed).normal(size=(53, 1)) + offset).astype(dtype)
        more = {"hidden_layer_sizes": sizes, "activation": "relu", "random_state": seed}
        assert all(abs(array).max() < 1e4 for array in start(NguyenWidrow(), rows, **more))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_swim_does_not_stretch_noise(dtype):
    rows = np.repeat(X[:4], 13, axis=0) + 100 * np.finfo(dtype).eps * RNG.normal(size=(52, 6))
    arrays = start(Swim(), rows.astype(dtype), Y[:52], activation="relu")
    assert all(abs(array).max() < 10 for array in arrays)


@pytest.mark.parametrize(
    ("n_rows", "n_units", "n_pairs"),
    [(2, 1, 1), (2, 9, 1), (3, 2, 3), (7, 7, 7), (7, 8, 14), (7, 99, 21), (8, 25, 28)],
)
def test_swim_pairs_no_two_rows_twice(n_rows, n_units, n_pairs):
    pairs = np.sort(draw_pairs(n_rows, n_units, np.random.default_rng(0)), axis=0)
    assert pairs.shape == (2, n_pairs) == np.unique(pairs, axis=1).shape
    assert (pairs[0] < pairs[1]).all()
    assert set(pairs.ravel()) == set(range(n_rows))


def test_numbers_that_float32_cannot_square_or_hold():
    scheme = Hinges(placement="negative_uniform")
    small, large = (start(scheme, (X * s).astype(np.float32)) for s in (1, 1e25))
    np.testing.assert_allclose(large[3], small[3] * 1e25, rtol=1e-4)
    slopes = [start(TreeUnits(), csr_array((X * s).astype(np.float32)))[0] for s in (1, 1e25)]
    np.testing.assert_allclose(slopes[1] * 1e25, slopes[0], rtol=1e-4)
    with pytest.raises(ValueError, match="TreeUnits: the largest number in X is 2.*e[+]39"):
        start(TreeUnits(), X * 1e39)


def test_swim_prefers_steep_pairs_and_skips_equal_rows():
    first, second = np.array([0, 1, 2]), np.array([1, 2, 0])
    y, shares = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]), np.array([0.2, 0.3, 0.5])
    distances = np.array([2.0, 0.5, 0.0])
    p = weigh_pairs(distances, y, first, second, shares)
    slopes = np.array([4 / 2 * 0.06, 3 / 0.5 * 0.15, 0])
    np.testing.assert_allclose(p, slopes / slopes.sum())
    p = weigh_pairs(distances, np.ones((3, 1)), first, second, None)
    np.testing.assert_allclose(p, [0.5, 0.5, 0])
    assert weigh_pairs(np.zeros(3), y, first, second, None) is None


def test_swim_of_classes():
    y = np.repeat([0, 1], [20, 33])
    clf = InitMLPClassifier((31,), weight_init="swim", random_state=0).initialize(X, y)
    z = X @ clf.coefs_[0] + clf.intercepts_[0]
    first, second = abs(z).argmin(axis=0), abs(z - 1).argmin(axis=0)
    assert (y[first] != y[second]).all()


def test_kmeans_with_few_pairs_keeps_the_other_units():
    rows = np.repeat(X[:3], 10, axis=0)  # three pairs
    drawn = start(VarianceScaling("auto"))[0]
    W, b = (start(KMeansDirections(), rows, Y[:30])[k] for k in (0, 3))
    np.testing.assert_array_equal(W[:, 3:], drawn[:, 3:])
    assert (b[3:] == 0).all()
    np.testing.assert_allclose((rows @ W[:, :3]).std(axis=0), 1.592537, rtol=1e-6)


def test_directions_of_a_regression():
    y = X @ np.arange(12.0).reshape(6, 2) + 3
    W = start(LinearDirections(), y=y)[0]
    assert np.linalg.matrix_rank(np.hstack([W, np.arange(12.0).reshape(6, 2)]), tol=1e-2) == 2


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_directions_of_nearly_dependent_inputs(activation, dtype):
    rows = np.random.default_rng(0).normal(size=(60, 5)) * np.geomspace(1e-3, 1e3, 5)
    rows = np.hstack([rows, rows[:, 2:3] * (1 + 1e-9 * rows[:, :1]), np.full((60, 1), 0.1)])
    rows = rows.astype(dtype)
    for seed in range(5):
        W = start(LinearDirections(), rows, rows[:, 2], activation=activation, random_state=seed)
        first, second = W[0][:6] * rows[:, :6].std(axis=0)[:, np.newaxis], W[1]
        assert abs(first).max() < 10
        assert (W[0][6] == 0).all()
        assert abs(second).max() < 200


@pytest.mark.parametrize("make", [np.asarray, csr_array], ids=["dense", "sparse"])
def test_directions_do_not_depend_on_the_scale_of_columns(make):
    scale = np.geomspace(1e-3, 1e3, 6)
    W, scaled = start(LinearDirections())[0], start(LinearDirections(), make(X * scale))[0]
    np.testing.assert_allclose(scaled * scale[:, np.newaxis], W, rtol=1e-6)


def test_trees_with_few_splits_keep_the_other_units():
    rows, y = X[:3], Y[:3]
    drawn = start(VarianceScaling("auto"))[0]
    W = start(TreeUnits(n_trees=1), rows, y)[0]
    np.testing.assert_array_equal(W[:, 2:], drawn[:, 2:])
    assert (np.count_nonzero(W[:, :2], axis=0) == 1).all()


def test_leaves_need_a_first_layer_that_saturates():
    drawn = start(VarianceScaling("auto"), activation="relu")[1]
    np.testing.assert_array_equal(start(TreeUnits(), activation="relu")[1], drawn)
    saturating = {name for name, row in ACTIVATIONS.items() if find_limits(row) is not None}
    assert saturating == {"logistic", "tanh", "softsign", "hard_tanh", "arctan"}


@pytest.mark.parametrize("seed", range(20))
def test_centers_that_are_equal_but_for_rounding_are_one(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(5, 3))
    centers = find_centers(np.repeat(points, [9, 13, 5, 7, 9], axis=0), 6, None, rng)
    assert len(centers) == 5
