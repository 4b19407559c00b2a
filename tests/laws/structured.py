"""Laws of structured matrices."""

import numpy as np
from scipy import stats
from scipy.linalg import hadamard
from scipy.special import ndtr
from scipy.stats import qmc

from laws.material import FAN_IN, check_law, make_layer, normal, sample
from sklearn_init import draw

GAIN = {"relu": np.sqrt(2), "tanh": 1.592537, "identity": 1.0}

WIDE, NARROW = [(11, 29), (1, 3)], [(29, 11), (3, 1)]


def draw_one(initializer, fan_in, fan_out, seed=0, **layer):
    return initializer.draw(make_layer(fan_in, fan_out, **layer), np.random.default_rng(seed))


def check_no_biases(initializer):
    assert (sample(initializer, 2, biases=True) == 0).all()


def orthogonal_auto(initializer):
    for activation, gain in GAIN.items():
        for fan_in, fan_out in [*WIDE, *NARROW, (6, 6)]:
            W = draw_one(initializer, fan_in, fan_out, activation=activation)
            gram = W.T @ W if fan_in >= fan_out else W @ W.T
            expected = gain**2 * np.eye(min(fan_in, fan_out))
            np.testing.assert_allclose(gram, expected, rtol=1e-6, atol=1e-10)
    traces = np.trace(sample(initializer, 4000, fan_in=5, fan_out=5), axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 * np.sqrt(2 / 4000)
    check_no_biases(initializer)


def identity(initializer):
    for fan_in, fan_out in [*WIDE, *NARROW, (6, 6)]:
        expected = np.eye(fan_in, fan_out)
        np.testing.assert_array_equal(draw_one(initializer, fan_in, fan_out), expected)
    check_no_biases(initializer)


def copies_and_noise(noise, narrow, wide):
    """Return a check of the copies, given for (7, 3) and (3, 7), and of what is added to them."""

    def check(initializer):
        for copies in (np.array(narrow), np.array(wide)):
            np.testing.assert_array_equal(draw_one(initializer, *copies.shape).round(), copies)
        for fan_in, fan_out in [(7, 301), (301, 7)]:
            draws = sample(initializer, fan_in=fan_in, fan_out=fan_out)
            check_law(draws - draws.round(), normal(noise / np.sqrt(fan_in)))
        check_no_biases(initializer)

    return check


EVERY_INPUT = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


def zero_hadamard(initializer):
    golden = [[0.5, 0.5, 0.5], [0.5, -0.5, 0.5]]
    np.testing.assert_array_equal(draw_one(initializer, 2, 3), golden)
    for fan_in, fan_out, order in [(11, 29, 32), (5, 33, 64), (5, 8, 8), (1, 3, 4)]:
        W = draw_one(initializer, fan_in, fan_out)
        whole = hadamard(order) / np.sqrt(order)
        np.testing.assert_allclose(W, whole[:fan_in, :fan_out], atol=1e-15)
    for fan_in, fan_out in [*NARROW, (6, 6)]:
        expected = np.eye(fan_in, fan_out)
        np.testing.assert_array_equal(draw_one(initializer, fan_in, fan_out), expected)
    power = draw_one(initializer, 64, 128)
    np.testing.assert_allclose(power @ power.T, np.eye(64), atol=1e-14)
    gram = (W := draw_one(initializer, 64, 100)) @ W.T
    np.testing.assert_allclose(np.diagonal(gram), 0.78125)
    np.testing.assert_allclose(abs(gram - np.diag(np.diagonal(gram))).max(), 28 / 128)
    check_no_biases(initializer)


def hadamard_signs(initializer):
    for fan_in, fan_out in [(64, 11), (11, 64), (32, 32)]:
        W = draw_one(initializer, fan_in, fan_out)
        gram = W.T @ W if fan_in >= fan_out else W @ W.T
        np.testing.assert_allclose(gram, 2 * np.eye(min(fan_in, fan_out)), atol=1e-12)
    for fan_in, fan_out in [(100, 29), (29, 100)]:  # cut out of a matrix of order 128
        W = draw_one(initializer, fan_in, fan_out, activation="tanh")
        np.testing.assert_allclose(abs(W), 1.592537 / 10, rtol=1e-6)
        gram = W.T @ W if fan_in >= fan_out else W @ W.T
        product = abs(gram - np.diag(np.diagonal(gram))).max()
        assert 0.1 < product / 1.592537**2 < 0.28 + 1e-6
    # signs of entries: fair, and not correlated, not even within a row or a column
    signs = sample(initializer, 1000, fan_in=3, fan_out=4).reshape(1000, 12) / np.sqrt(2 / 4)
    np.testing.assert_allclose(abs(signs), 1)
    assert abs(signs.mean(axis=0)).max() < 5 / np.sqrt(1000)
    assert abs((signs.T @ signs / 1000)[np.triu_indices(12, 1)]).max() < 5 / np.sqrt(1000)
    # inputs have signs of their own: without, these products over all rows would be +1
    products = np.sign(sample(initializer, 1000, fan_in=4, fan_out=3)).prod(axis=1)
    assert abs(products[:, 0].mean()) < 5 / np.sqrt(1000)
    # whether two units agree on an input: with rows in random order, in all 70 ways
    draws = np.sign(sample(initializer, 1000, fan_in=8, fan_out=5))
    assert len(np.unique(draws[:, :, 0] * draws[:, :, 1], axis=0)) == 70
    check_no_biases(initializer)


def looks_linear(initializer):
    for hidden in [(22, 22, 22), (23, 23, 23), (9, 30, 6)]:
        coefs, intercepts = draw((7, *hidden, 3), initializer, "relu", random_state=0)
        assert all((b == 0).all() for b in intercepts)
        left = [W[:, : W.shape[1] // 2] for W in coefs[:-1]]  # the first of each pair
        maps = [left[0], *(W[: len(W) // 2] for W in [*left[1:], coefs[-1]])]
        for map_ in maps:  # each orthogonal, and mirrored
            gram = map_.T @ map_ if len(map_) >= map_.shape[1] else map_ @ map_.T
            np.testing.assert_allclose(gram, np.eye(min(map_.shape)), atol=1e-12)
        a = X = np.random.default_rng(0).normal(size=(13, 7))
        for W in coefs[:-1]:
            half, odd = divmod(W.shape[1], 2)
            np.testing.assert_array_equal(W[:, half + odd :], -W[:, :half])
            single = W[:, half : half + odd] if W is coefs[0] else W[: len(W) // 2, [half][:odd]]
            np.testing.assert_allclose(np.linalg.norm(single, axis=0), 1)
            a = np.maximum(a @ W, 0)
        linear = np.linalg.multi_dot([X, *maps])
        np.testing.assert_allclose(a @ coefs[-1], linear, atol=1e-12)
        if hidden[0] > 20:  # wide enough: an isometry up to the output
            lengths = np.linalg.norm(np.linalg.multi_dot([X, *maps[:-1]]), axis=1)
            np.testing.assert_allclose(lengths, np.linalg.norm(X, axis=1), rtol=1e-12)
    plain = draw_one(initializer, 11, 5, n_layers=1)
    np.testing.assert_allclose(plain.T @ plain, np.eye(5), atol=1e-12)
    check_no_biases(initializer)


def sparse(initializer):
    draws = sample(initializer, 250, fan_in=301, fan_out=7)
    assert ((draws != 0).sum(axis=1) == 15).all()
    check_law(draws[draws != 0], normal(1.0))
    # every input is as likely as any other: each of 301 gets 15 / 301 of 1750 units
    counts = (draws != 0).sum(axis=(0, 2))
    assert stats.chisquare(counts).pvalue > 1e-3
    dense = sample(initializer, 301)  # fewer inputs than 15
    assert (dense != 0).all()
    check_law(dense, normal(1.0))
    for activation, bias in [("relu", 0), ("logistic", 0), ("tanh", 0.5), ("softsign", 0.5)]:
        assert (sample(initializer, 2, biases=True, activation=activation) == bias).all()
    assert (sample(initializer, 2, biases=True, activation="tanh", index=1) == 0).all()


def sinusoidal(initializer):
    for n, m in [(7, 301), (31, 11), (64, 100), (5, 1)]:
        W = draw_one(initializer, n, m)
        assert abs(n * W.var(ddof=1) - 2) < 1e-10
        j, i = np.ogrid[:n, 1 : m + 1]
        waves = np.sin(2 * np.pi * i * (j / n + 1 / m))
        amplitude = W[1, 0] / waves[1, 0]
        assert amplitude > 0
        np.testing.assert_allclose(W, amplitude * waves, atol=1e-10)
    for n, n_pairs, n_zero in [(64, 31, 2), (100, 49, 2), (33, 16, 1)]:
        W = draw_one(initializer, n, n)
        assert np.linalg.matrix_rank(W) == n_pairs
        assert (W == 0).all(axis=0).sum() == n_zero
        # unit i is in column i - 1
        np.testing.assert_array_equal(W[:, : n - 1], -W[:, n - 2 :: -1])
    twice = draw_one(initializer, 11, 33)
    np.testing.assert_array_equal(twice[:, :32], -twice[:, 31::-1])
    W = draw_one(initializer, 64, 100)
    distances = [
        np.linalg.norm(W[:, :, np.newaxis] - s * W[:, np.newaxis], axis=0) for s in (1, -1)
    ]
    assert np.min(distances, axis=0)[np.triu_indices(100, 1)].min() > 0.1
    check_no_biases(initializer)


def evenly(check_spread):
    """Return a check of the law of single weights, and of how units are spread."""

    def check(initializer):
        draws = sample(initializer, 36, fan_out=4001)  # few, as engines are slow to make
        check_law(draws, normal(np.sqrt(2 / FAN_IN)))
        W = draw_one(initializer, 3, 128)
        points = ndtr(W.T * np.sqrt(3 / 2))  # units are points of a cube
        independent = np.random.default_rng(0).random((128, 3))
        assert qmc.discrepancy(points) < qmc.discrepancy(independent) / 3
        check_spread(points)
        # distinct matrices are independent, and weights of distinct inputs
        numbers = sample(initializer, 200, seed=2, fan_in=3, fan_out=1).reshape(200, 3)
        correlations = np.corrcoef(numbers, rowvar=False)[np.triu_indices(3, 1)]
        assert abs(correlations).max() < 5 / np.sqrt(200)
        serial = np.corrcoef(numbers[1:].ravel(), numbers[:-1].ravel())[0, 1]
        assert abs(serial) < 5 / np.sqrt(600)
        check_no_biases(initializer)

    return check


def one_per_cell(points, sizes):
    """Assert that every box of a grid of as many cells as there are points has one."""
    cells = np.floor(points * sizes).astype(int)
    assert len(np.unique(cells, axis=0)) == len(points) == np.prod(sizes)


def sobol(points):
    for j in range(3):
        one_per_cell(points[:, [j]], [128])
    one_per_cell(points[:, :2], [8, 16])  # two dimensions at once


def halton(points):
    for j, base in enumerate([2, 3, 5]):
        for begin in range(0, 128 - base, base):
            one_per_cell(points[begin : begin + base, [j]], [base])
    one_per_cell(points[:6, :2], [2, 3])


def latin_hypercube(points):
    for j in range(3):
        one_per_cell(points[:, [j]], [128])


LAWS = {
    "orthogonal_auto": orthogonal_auto,
    "identity": identity,
    "identity_noise": copies_and_noise(0.085, EVERY_INPUT, np.eye(3, 7)),
    "idinit": copies_and_noise(1e-6, EVERY_INPUT, np.transpose(EVERY_INPUT)),
    "zero_hadamard": zero_hadamard,
    "hadamard_signs": hadamard_signs,
    "looks_linear": looks_linear,
    "sparse": sparse,
    "sinusoidal": sinusoidal,
    "sobol": evenly(sobol),
    "halton": evenly(halton),
    "latin_hypercube": evenly(latin_hypercube),
}
