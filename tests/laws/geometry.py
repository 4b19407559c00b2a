"""Laws of schemes that place units in the data, and of the asymmetric one."""

import itertools

import numpy as np
from scipy import stats
from scipy.integrate import quad
from scipy.linalg import subspace_angles
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from laws.material import check_law, independent, make_layer, normal, sample, uniform
from sklearn_init import InitMLPClassifier, InitMLPRegressor, VarianceScaling, draw
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import Network
from sklearn_init.network import forward_hidden

RNG = np.random.default_rng(3)
X = RNG.normal(size=(43, 3)) * [1, 2, 5] + [0, 4, -1]
Y = np.sin(X).sum(axis=1)
CLASSES = RNG.permutation(43) % 3


def start(initializer, hidden=(11, 7), activation="relu", rows=X, y=Y, seed=0):
    """Return weights and biases as an estimator starts with them, and what reaches the layers."""
    estimator = InitMLPRegressor if np.asarray(y).dtype.kind == "f" else InitMLPClassifier
    est = estimator(
        hidden_layer_sizes=hidden,
        activation=activation,
        weight_init=initializer,
        random_state=seed,
    )
    est.initialize(rows, y)
    activations = [ACTIVATIONS[activation]] * len(hidden)
    inputs = [
        forward_hidden(est.coefs_[:layer], est.intercepts_[:layer], activations[:layer], rows)
        for layer in range(len(hidden))
    ]
    return est.coefs_, est.intercepts_, inputs


def check_tiles(W, b, inputs, low, high):
    """Check one layer against Nguyen's and Widrow's formula, in inputs scaled to [-1, 1]."""
    varies = np.ptp(inputs, axis=0) > 0
    n_inputs, n_units = varies.sum(), len(b)
    assert (W[~varies] == 0).all()
    center = (inputs.max(axis=0) + inputs.min(axis=0)) / 2
    scaled = (W * np.ptp(inputs, axis=0)[:, np.newaxis] / 2)[varies] * 2 / (high - low)
    biases = (b + center @ W - (high + low) / 2) * 2 / (high - low)
    magnitude = 0.7 * n_units ** (1 / n_inputs)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=0), magnitude)
    places = [-1 + 2 * j / (n_units - 1) for j in range(n_units)]
    np.testing.assert_allclose(biases, magnitude * np.sign(scaled[0]) * places, atol=1e-9)


def tiles_everywhere(initializer):
    rows = np.insert(X, 1, 7.0, axis=1)  # a constant column
    for activation, low, high in [("tanh", -2, 2), ("logistic", -4, 4)]:
        W, b, inputs = start(initializer, activation=activation, rows=rows)
        for layer in range(2):
            check_tiles(W[layer], b[layer], inputs[layer], low, high)
        assert (b[2] == 0).all() or initializer == type(initializer)()


def plane(initializer):
    """Return the weights of many units in a square."""
    square = RNG.uniform(-1, 1, size=(5, 2))
    W = start(initializer, (10_001,), "tanh", square, Y[:5])[0][0]
    return W * np.ptp(square, axis=0)[:, np.newaxis]


def nguyen_widrow(initializer):
    tiles_everywhere(initializer)
    W, b, inputs = start(initializer)
    check_tiles(W[0], b[0], inputs[0], -1, 1)  # relu has no active range
    directions = plane(initializer)
    check_law(np.arctan2(*directions), uniform(np.pi))
    low, high = np.sort(abs(directions), axis=0)  # folded, to tell a circle from a square
    check_law(np.arctan2(low, high), stats.uniform(0, np.pi / 4))
    check_law(sample(initializer, activation="tanh", index=1), uniform(0.5))


def matlab(initializer):
    tiles_everywhere(initializer)
    ratios = np.sort(abs(plane(initializer)), axis=0)
    check_law(ratios[0] / ratios[1], stats.uniform(0, 1))  # of points uniform in a square
    independent(uniform(1), uniform(1))(initializer)  # relu
    check_law(sample(initializer, activation="tanh", index=1), uniform(1))
    W, b, _ = start(initializer, (10_001, 7))
    check_law(W[0], uniform(1))  # with rows, too
    check_law(b[0], uniform(1))


def hinges(initializer, rows, base, n_units=30_001, seed=0):
    """Return hinges and values of ``x @ w``, after a check that weights are those of the base."""
    W, b, _ = start(initializer, (n_units,), "relu", rows, Y[: len(rows)], seed)
    expected, _, _ = start(base, (n_units,), "relu", rows, Y[: len(rows)], seed)
    np.testing.assert_array_equal(abs(W[0]), abs(expected[0]))
    np.testing.assert_array_equal(W[1], expected[1])
    assert (b[1] == 0).all()
    return -b[0], rows @ W[0]


HE = VarianceScaling(2.0)


def he_5(initializer):
    h, z = hinges(initializer, np.array([[0.0], [1.0]]), HE)
    mixed = h / z[1]
    # with M ~ Bin(5, 1/2) of five points at 1, the mixture is Beta(M, 5 - M)
    inside = (mixed > 0) & (mixed < 1 - 1e-12)
    assert abs((~inside).mean() - 1 / 16) < 5 * np.sqrt(1 / 16 / len(mixed))
    assert abs(mixed.var() - 1 / 12) < 5 * np.sqrt(0.8) / 12 / np.sqrt(len(mixed))
    shares = stats.binom(5, 0.5).pmf([1, 2, 3, 4]) * 32 / 30
    law = sum(s * stats.beta(m, 5 - m).cdf(mixed[inside]) for m, s in enumerate(shares, 1))
    assert stats.kstest(law, "uniform").pvalue > 1e-3
    h, z = hinges(initializer, X, HE, 301)
    assert ((z.min(axis=0) < h) & (h < z.max(axis=0))).all()


def he_1(initializer):
    h, z = hinges(initializer, X, HE, 3001)
    distances = abs(z - h)
    assert (distances.min(axis=0) < 1e-12).all()
    counts = np.bincount(distances.argmin(axis=0), minlength=len(X))
    assert stats.chisquare(counts).pvalue > 1e-3


def kink_uniform(initializer):
    h, z = hinges(initializer, X[:7], VarianceScaling("auto"))
    check_law((h - z.min(axis=0)) / np.ptp(z, axis=0), stats.uniform(0, 1))


def kink_neg_point(initializer):
    h, z = hinges(initializer, X, VarianceScaling("auto"), 3001)
    assert (h >= 0).all()
    distances = abs(z - h)
    assert (distances.min(axis=0) < 1e-12).all()
    counts = np.bincount(distances.argmin(axis=0), minlength=len(X))
    assert stats.chisquare(counts).pvalue > 1e-3


def neg_uniform(initializer):
    h, z = hinges(initializer, X[:7], VarianceScaling("auto"))
    check_law((h - z.mean(axis=0)) / z.std(axis=0), stats.uniform(0, np.sqrt(3)))


def neg_mean(initializer):
    h, z = hinges(initializer, X, VarianceScaling("auto"), 301)
    np.testing.assert_allclose((z - h).sum(axis=0), 0, atol=1e-10)


def rai(initializer):
    # the bound on the growth of the mean square is 1
    s = 0.6007473091483077
    growth = quad(
        lambda beta: 2 * beta * (s**2 / 2 + s * beta * 2 / np.sqrt(2 * np.pi) + beta**2), 0, 1
    )
    assert abs(growth[0] - 1) < 1e-12
    coefs, intercepts = draw((2, 3, 30_001, 5), initializer, random_state=0)
    std = s / np.sqrt(3)
    for numbers in (coefs[1], intercepts[1]):  # weights and the bias are alike
        cdf = 0.75 * stats.norm(0, std).cdf(numbers) + 0.25 * np.clip(numbers, 0, 1) ** 2
        assert stats.kstest(cdf.ravel()[:100_000], "uniform").pvalue > 1e-3
    wide, _ = draw((2, 10_001, 101), initializer, random_state=1)
    is_large = wide[1] > 6 * s / np.sqrt(10_001)
    assert (is_large.sum(axis=0) <= 1).all()  # one per unit; it may be small, or the bias
    assert stats.kstest(wide[1][is_large], stats.beta(2, 1).cdf).pvalue > 1e-3
    assert is_large.sum() > 95
    check_law(sample(initializer), normal(np.sqrt(2 / 7)))
    assert (intercepts[0] == 0).all()


def swim(initializer):
    for activation, low, high in [("tanh", -0.5, 0.5), ("logistic", 0.25, 0.75), ("elu", 0, 1)]:
        W, b, inputs = start(initializer, activation=activation)
        for layer in range(2):
            a = forward_hidden([W[layer]], [b[layer]], [ACTIVATIONS[activation]], inputs[layer])
            first, second = (abs(a - level).argmin(axis=0) for level in (low, high))
            units = np.arange(a.shape[1])
            np.testing.assert_allclose(a[first, units], low, atol=1e-12)
            np.testing.assert_allclose(a[second, units], high, atol=1e-12)
            # along the difference: no longer than it must be
            difference = (inputs[layer][second] - inputs[layer][first]).T
            rise = (difference * W[layer]).sum(axis=0)
            lengths = np.linalg.norm(difference, axis=0) * np.linalg.norm(W[layer], axis=0)
            np.testing.assert_allclose(rise, lengths)
    check_frequencies(initializer)


def check_frequencies(initializer):
    """One unit, five rows: check how often each pair is taken, up to its order."""
    rows, y = np.array([[0.0], [1.0], [3.0], [6.0], [11.0]]), np.array([0.0, 9.0, 7.0, 8.0, 6.0])
    slopes = {(i, j): abs((y[j] - y[i]) / (rows[j] - rows[i]))[0] for i, j in PAIRS_OF_5}
    expected = dict.fromkeys(slopes, 0.0)
    circles = list(itertools.permutations(range(5)))
    for circle in circles:  # each row and the next one: five of the ten pairs are candidates
        pairs = [tuple(sorted((circle[k], circle[k - 1]))) for k in range(5)]
        total = sum(slopes[pair] for pair in pairs)
        for pair in pairs:
            expected[pair] += slopes[pair] / total / len(circles)
    layers = [make_layer(1, 1, "relu", index) for index in (0, 1)]
    counts, rng = dict.fromkeys(slopes, 0), np.random.default_rng(0)
    for _ in range(1500):
        network = Network(layers, [np.ones((1, 1))] * 2, [np.zeros(1)] * 2)
        initializer.adjust(layers[0], network, rows, y[:, np.newaxis], rng)
        z = (rows @ network.weights[0] + network.biases[0]).ravel()
        counts[tuple(sorted((abs(z).argmin(), abs(z - 1).argmin())))] += 1
    observed, frequencies = (np.array([d[pair] for pair in slopes]) for d in (counts, expected))
    assert stats.chisquare(observed, 1500 * frequencies).pvalue > 1e-3


PAIRS_OF_5 = list(itertools.combinations(range(5), 2))


def kmeans(initializer):
    points = RNG.normal(size=(5, 3))
    rows = np.repeat(points, [9, 13, 5, 7, 9], axis=0)
    W, b, _ = start(initializer, (7,), "tanh", rows)
    z = rows @ W[0] + b[0]
    np.testing.assert_allclose(z.std(axis=0), 1.592537, rtol=1e-6)
    taken = set()
    for j in range(7):  # the points are the centers
        for a, c in itertools.combinations(range(5), 2):
            halfway = (points[a] + points[c]) / 2 @ W[0][:, j] + b[0][j]
            difference = points[c] - points[a]
            along = abs(difference @ W[0][:, j]) / np.linalg.norm(difference)
            if abs(halfway) < 1e-10 and np.isclose(along, np.linalg.norm(W[0][:, j])):
                taken.add((a, c))
    assert len(taken) == 7


def lda(initializer):
    W, b, _ = start(initializer, (701,), "tanh", y=CLASSES)
    z = X @ W[0] + b[0]
    np.testing.assert_allclose(z.std(axis=0), 1.592537, rtol=1e-6)
    hinge_rows = abs(z).argmin(axis=0)
    assert (abs(z).min(axis=0) < 1e-10).all()
    assert stats.chisquare(np.bincount(hinge_rows, minlength=len(X))).pvalue > 1e-3
    fisher = LinearDiscriminantAnalysis(n_components=2).fit(X, CLASSES)
    span = np.linalg.svd(W[0])[0][:, :2]
    assert subspace_angles(span, fisher.scalings_[:, :2]).max() < 1e-3  # but for the penalty
    # uniform on the circle of the two uncorrelated scores
    scores = fisher.transform(X)
    mix = np.linalg.lstsq(scores - scores.mean(axis=0), z - z.mean(axis=0), rcond=None)[0]
    angles = np.arctan2(*(mix * scores.std(axis=0)[:, np.newaxis]))
    assert stats.kstest(angles, uniform(np.pi).cdf).pvalue > 1e-3
    # inputs of the second layer are nearly dependent: what tells them apart is noise
    for activation, gain in [("tanh", 1.592537), ("relu", np.sqrt(2))]:
        W, b, inputs = start(initializer, (31, 23, 19), activation, y=CLASSES)
        for layer in range(3):
            z = inputs[layer] @ W[layer] + b[layer]
            np.testing.assert_allclose(z.std(axis=0), gain, rtol=1e-6)
            assert (abs(z).min(axis=0) < 1e-9).all()
            assert abs(W[layer]).max() < 50


def tree(initializer):
    W, b, _ = start(initializer, (11,), "tanh")
    features = abs(W[0]).argmax(axis=0)
    assert (np.count_nonzero(W[0], axis=0) == 1).all()
    slopes = W[0][features, np.arange(11)]
    np.testing.assert_allclose(slopes, 2.0 * 2 / X.std(axis=0)[features])
    z = X @ W[0] + b[0]
    assert ((z < 0).any(axis=0) & (z > 0).any(axis=0)).all()
    # a tree that tells all 13 rows apart: sharp units of the second layer say which row it is
    sharp = initializer.set_params(sharpness=1e5, n_trees=1)
    for activation, low in [("tanh", -1), ("logistic", 0)]:
        W, b, inputs = start(sharp, (12, 13), activation, X[:13], Y[:13])
        layer = W[1], b[1]
        half_width = {"tanh": 2, "logistic": 4}[activation]
        np.testing.assert_allclose(abs(layer[0][layer[0] != 0]), 1e5 * half_width * 2 / (1 - low))
        codes = forward_hidden([layer[0]], [layer[1]], [ACTIVATIONS[activation]], inputs[1])
        assert set(np.unique(codes)) == {low, 1}
        assert ((codes == 1).sum(axis=0) == 1).all()
        assert ((codes == 1).sum(axis=1) == 1).all()
        paths = np.count_nonzero(layer[0], axis=0)
        # a leaf of depth D has D splits on its way, and leaves fill the tree: Kraft's equality
        assert (2.0**-paths).sum() == 1


LAWS = {
    "nguyen_widrow": nguyen_widrow,
    "matlab": matlab,
    "he+5": he_5,
    "he+1": he_1,
    "kink_uniform": kink_uniform,
    "kink_neg_point": kink_neg_point,
    "neg_uniform": neg_uniform,
    "neg_mean": neg_mean,
    "rai": rai,
    "swim": swim,
    "kmeans": kmeans,
    "lda": lda,
    "tree": tree,
}
