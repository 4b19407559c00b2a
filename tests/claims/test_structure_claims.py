"""Claims of the literature on structured matrices, reproduced.

Dynamical isometry, all singular values of a network's Jacobian near 1 at any depth: orthogonal
matrices have it in linear networks, where the largest singular values of Gaussian products grow
with depth (Saxe, McClelland & Ganguli 2014, arXiv 1312.6120; the edge of the spectrum is that of
the Fuss-Catalan law: Penson & Zyczkowski 2011, arXiv 1103.3453). Relu layers of random matrices
cannot have it (Pennington, Schoenholz & Ganguli 2017, arXiv 1711.04735), mirrored ones do
(Balduzzi et al. 2017, arXiv 1702.08591). Identity matrices keep wide relu layers at the rank of
the features (Zhao, Schäfer & Anandkumar 2022, arXiv 2110.12661). The units that a sinusoidal start
(Fernández-Hernández et al. 2025, arXiv 2505.12909) makes equal up to sign, found here, stay so.
"""

from functools import reduce

import numpy as np
import pytest
from scipy.sparse.linalg import svds
from sklearn.datasets import load_digits

from sklearn_init import InitMLPClassifier, Uniform, draw
from sklearn_init.initializers import Orthogonal

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # the two zero units of a sinusoidal start are identical
    pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning"),
]

WIDTH = 300
X, LABELS = load_digits(return_X_y=True)
X /= 16


def jacobian_of_relu(coefs, x):
    """Return the Jacobian, at x, of a relu network without biases."""
    J = np.eye(len(x))
    for W in coefs[:-1]:
        z = x @ W
        x = np.maximum(z, 0)
        J = J @ W * (z > 0)
    return J @ coefs[-1]


def product(weight_init, depth, seed=0):
    return reduce(np.matmul, draw((WIDTH,) * (depth + 1), weight_init, random_state=seed)[0])


def squared_singular_values(matrix):
    return np.linalg.svd(matrix, compute_uv=False) ** 2


def largest_singular_value(depth, width, seed):
    """Return the largest squared singular value of a product of Gaussian matrices."""
    factors = draw((width,) * (depth + 1), "lecun_normal", random_state=seed)[0]
    P = reduce(np.matmul, [W.astype(np.float32) for W in factors])
    return svds(P, 1, v0=np.ones(width), tol=1e-3, return_singular_vectors=False)[0] ** 2


@pytest.mark.parametrize(
    ("depth", "width", "n_seeds", "tolerance"),
    [(1, 300, 3, 0.05), (2, 300, 3, 0.05), (5, 300, 5, 0.1), (10, 700, 2, 0.15)],
)
def test_gaussian_products_lose_isometry_with_depth(depth, width, n_seeds, tolerance):
    limit = (depth + 1) ** (depth + 1) / depth**depth
    values = [largest_singular_value(depth, width, seed) for seed in range(n_seeds)]
    assert np.mean(values) == pytest.approx(limit, rel=tolerance)


def test_narrow_gaussian_products_are_below_the_limit_on_average():
    # 300 wide and 10 deep, by 15 % over 30 draws; single ones scatter by 9 %, some beyond it
    values = [largest_singular_value(10, 300, seed) for seed in range(6)]
    assert 0.75 < np.mean(values) / 28.53 < 0.92
    assert max(values) > 28.53


@pytest.mark.parametrize("depth", [1, 2, 5, 10])
def test_orthogonal_products_are_isometric_at_any_depth(depth):
    P = product("orthogonal", depth)
    np.testing.assert_allclose(P.T @ P, np.eye(WIDTH), atol=1e-10)


@pytest.mark.parametrize("depth", [2, 5, 10])
def test_relu_networks_are_isometric_if_they_look_linear_and_not_if_orthogonal(depth):
    features = WIDTH // 2
    x = np.random.default_rng(1).normal(size=features)
    mirrored = draw((features, *(WIDTH,) * (depth - 1), features), "looks_linear", random_state=0)
    J = jacobian_of_relu(mirrored[0], x)
    np.testing.assert_allclose(J @ J.T, np.eye(features), atol=1e-8)

    x = np.random.default_rng(1).normal(size=WIDTH)
    coefs = draw((WIDTH,) * (depth + 1), Orthogonal("auto"), random_state=0)[0]
    values = squared_singular_values(jacobian_of_relu(coefs, x))
    # the gain of relu keeps their mean at 1, about; half of the units, at least, let nothing pass
    assert np.mean(values < 1e-20) > 0.4
    assert values.max() > depth


def ranks_of_update(weight_init):
    """Return the rank of how far the second layer has come, after each of three epochs."""
    clf = InitMLPClassifier(
        (256, 256, 256), weight_init=weight_init, bias_init="zeros", alpha=0,
        max_iter=1, warm_start=True, random_state=0,
    ).initialize(X, LABELS)  # fmt: skip
    start = clf.coefs_[1].copy()
    updates = [clf.fit(X, LABELS).coefs_[1] - start for _ in range(3)]
    return [np.linalg.matrix_rank(update, tol=1e-4) for update in updates]


def test_identity_keeps_wide_relu_layers_at_the_rank_of_the_features():
    assert max(ranks_of_update("identity")) <= X.shape[1]
    assert ranks_of_update("zero_hadamard")[-1] > X.shape[1]
    assert ranks_of_update("he_normal")[-1] > X.shape[1]


def cosines_of_pairs(hidden_layer_sizes, activation="tanh", bias_init="zeros"):
    """Train; return the cosines of units i and 64 - i of the first layer, and the accuracy."""
    clf = InitMLPClassifier(
        hidden_layer_sizes, activation, weight_init="sinusoidal", bias_init=bias_init,
        max_iter=20, learning_rate_init=0.005, random_state=0,
    ).fit(X, LABELS)  # fmt: skip
    units = clf.coefs_[0][:, :63]  # unit i is in column i - 1
    units = np.delete(units, 31, axis=1)  # unit 32 is its own partner
    units = units / np.linalg.norm(units, axis=0)
    return np.sum(units * units[:, ::-1], axis=0), clf.score(X, LABELS)


def test_sinusoidal_pairs_of_square_tanh_layers_never_separate():
    cosines, accuracy = cosines_of_pairs((64, 64))
    np.testing.assert_allclose(cosines, -1, atol=1e-8)
    assert accuracy > 0.99


@pytest.mark.parametrize(
    "change",
    [{"activation": "relu"}, {"hidden_layer_sizes": (64, 50)}, {"bias_init": Uniform(-0.5, 0.5)}],
    ids=lambda change: next(iter(change)),
)
def test_what_separates_sinusoidal_pairs(change):
    cosines, _ = cosines_of_pairs(**{"hidden_layer_sizes": (64, 64), **change})
    assert abs(cosines + 1).min() > 1e-6
