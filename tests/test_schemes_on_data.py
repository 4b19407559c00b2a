"""Every scheme of the table on data as it comes: parametrized over the table."""

import itertools
import sys

import numpy as np
import pytest
from laws import IMPOSSIBLE
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklearn_init import (
    Initializer,
    InitMLPClassifier,
    InitMLPRegressor,
    Layer,
    Network,
    get_initializer_names,
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import (
    Auto,
    BestOfDraws,
    Lsuv,
    OutputPrior,
    Sklearn,
)
from sklearn_init.initializers._auto import RULES

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sklearn_init.SymmetryWarning",
    "ignore:n_restarts=.*all starts are equal",
)

NAMES = get_initializer_names()
RNG = np.random.default_rng(5)
DENSE = RNG.normal(size=(43, 6))
SPARSE = csr_array(np.where(RNG.random((43, 6)) < 0.4, DENSE, 0))
CLASSES = RNG.permutation(np.arange(43) % 3)
WIDE = SPARSE.copy()
WIDE.indices, WIDE.indptr = WIDE.indices.astype(np.int64), WIDE.indptr.astype(np.int64)

TARGETS = DENSE @ RNG.normal(size=(6, 2))

CASES = {
    "dense": (DENSE, CLASSES),
    "sparse": (SPARSE, CLASSES),
    "sparse, wide indices": (WIDE, CLASSES),
    "two classes": (DENSE, CLASSES > 0),
    "labels of many": (DENSE, np.stack([CLASSES > 0, CLASSES > 1], axis=1).astype(int)),
    "constant columns": (np.hstack([DENSE[:, :2], np.full((43, 3), 7.0)]), CLASSES),
    "duplicated rows": (np.repeat(DENSE[:4], [20, 11, 9, 3], axis=0), CLASSES),
    "fewer rows than units": (DENSE[:5], [0, 1, 2, 0, 1]),
    "one column": (DENSE[:, :1], CLASSES),
    "large numbers": (1e6 * DENSE + 1e7, CLASSES),
}


def start(name, X, y, estimator=InitMLPClassifier, **more):
    est = estimator(hidden_layer_sizes=(11, 7), weight_init=name, random_state=0, **more)
    return est.initialize(X, y)


def arrays(est):
    return [*est.coefs_, *est.intercepts_]


@pytest.mark.parametrize("name", NAMES)
def test_starts_are_finite(name):
    for case, data in CASES.items():
        est = start(name, *data)
        assert all(np.isfinite(array).all() for array in arrays(est)), case
        assert np.isfinite(est.loss_), case


@pytest.mark.parametrize("name", NAMES)
def test_other_activations_and_regression(name):
    for activation in ["identity", "logistic", "tanh", "silu"]:
        if (name, activation) in IMPOSSIBLE:
            with pytest.raises(ValueError, match=IMPOSSIBLE[name, activation]):
                start(name, DENSE, TARGETS, InitMLPRegressor, activation=activation)
            continue
        est = start(name, DENSE, TARGETS, InitMLPRegressor, activation=activation)
        assert all(np.isfinite(array).all() for array in arrays(est)), activation


@pytest.mark.parametrize("name", NAMES)
def test_restarts(name):
    est = start(name, DENSE, CLASSES, n_restarts=3)
    again = start(name, DENSE, CLASSES, n_restarts=2)
    for expected, array in zip(arrays(est.restart(1)), arrays(again.restart(1)), strict=True):
        np.testing.assert_array_equal(array, expected)
    differ = [
        not np.array_equal(a, b)
        for a, b in zip(arrays(est.restart(1)), arrays(est.restart(2)), strict=True)
    ]
    assert any(differ) or name in DETERMINISTIC


DETERMINISTIC = {"zeros", "ones", "constant", "identity", "sinusoidal", "zero_hadamard"}
"""Schemes that draw nothing."""


@pytest.mark.parametrize("name", NAMES)
def test_trains_in_batches_and_goes_on(name):
    est = InitMLPClassifier((11,), weight_init=name, random_state=0)
    for batch in np.array_split(np.arange(43), 4):
        est.partial_fit(DENSE[batch], CLASSES[batch], classes=[0, 1, 2])
    assert all(np.isfinite(array).all() for array in arrays(est))
    est.set_params(warm_start=True, max_iter=2).fit(DENSE, CLASSES)
    assert np.isfinite(est.loss_)


@pytest.mark.parametrize("name", NAMES)
def test_held_out_rows_are_not_seen(name):
    more = {"early_stopping": True, "validation_fraction": 5 / 43, "warm_start": True}
    split = start("zeros", DENSE, CLASSES, **more)._training.split.validation
    assert len(split) == 5
    changed = DENSE.copy()
    changed[split] += 100.0
    for expected, array in zip(
        arrays(start(name, DENSE, CLASSES, **more)),
        arrays(start(name, changed, CLASSES, **more)),
        strict=True,
    ):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("name", NAMES)
def test_float32(name):
    est = start(name, DENSE.astype(np.float32), CLASSES)
    assert {array.dtype for array in arrays(est)} == {np.dtype(np.float32)}


BIG = RNG.normal(size=(500, 90))


@pytest.mark.parametrize("name", NAMES)
def test_bits_do_not_depend_on_threads(name):
    y = BIG[:, 0] * BIG[:, 1] > 0
    est = InitMLPClassifier((130, 70), activation="tanh", weight_init=name, random_state=0)
    with threadpool_limits(1):
        alone = arrays(est.initialize(BIG, y))
    with threadpool_limits(2):
        together = arrays(est.initialize(BIG, y))
    for expected, array in zip(alone, together, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_every_name_in_a_grid_search_on_real_data():
    pipe = make_pipeline(StandardScaler(), InitMLPClassifier(max_iter=2, random_state=0))
    search = GridSearchCV(
        pipe, {"initmlpclassifier__weight_init": NAMES}, cv=2, error_score="raise"
    )
    search.fit(*load_wine(return_X_y=True))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


class Seen(Initializer):
    """Notes what it is shown."""

    def __init__(self, log, max_samples=13):
        self.log = log
        self.max_samples = max_samples

    def draw(self, layer, rng):
        return rng.normal(size=layer.shape)

    def adjust(self, layer, network, X, y, rng):
        inputs = network.inputs(layer, X)
        self.log.append((X, y, network.sample_weight, inputs, rng.normal()))


def test_schemes_are_shown_the_same_few_rows_in_every_layer():
    log, weight = [], np.arange(43) % 4.0
    scheme = Seen(log)
    est = InitMLPClassifier(hidden_layer_sizes=(11, 7), weight_init=scheme, random_state=0)
    est.set_params(n_restarts=2).partial_fit(DENSE, CLASSES, classes=[0, 1, 2])
    assert len(log) == 6
    assert [entry[0].shape for entry in log] == [(13, 6)] * 6
    assert log[0][0] is log[1][0] is log[2][0]
    assert not np.array_equal(log[0][0], log[3][0])  # another restart, other rows
    assert [entry[3].shape[1] for entry in log[:3]] == [6, 11, 7]
    rows = [np.flatnonzero((row == DENSE).all(axis=1))[0] for row in log[0][0]]
    np.testing.assert_array_equal(log[0][1].argmax(axis=1), CLASSES[rows])
    assert log[0][2] is None
    log.clear()
    est.fit(DENSE, CLASSES, sample_weight=weight)
    X, _, shown = log[0][:3]
    rows = [np.flatnonzero((row == DENSE).all(axis=1))[0] for row in X]
    np.testing.assert_array_equal(shown, weight[rows])
    assert (shown > 0).all()


@pytest.mark.parametrize("value", [0, -1, 2.5, "many", True])
def test_max_samples_is_checked(value):
    with pytest.raises(ValueError, match="Lsuv: max_samples=.* must be None or an integer >= 1"):
        start(Lsuv(max_samples=value), DENSE, CLASSES)


def test_a_base_may_want_fewer_rows():
    log = []
    est = start(OutputPrior(Seen(log)), DENSE, CLASSES)
    assert [entry[0].shape for entry in log] == [(13, 6)] * 2
    assert log[0][0] is log[1][0]
    shares = np.bincount(CLASSES) / 43  # all rows count for the prior
    np.testing.assert_allclose(est.intercepts_[-1], np.log(shares))


def test_held_out_and_weightless_rows_are_not_shown():
    log, weight = [], np.arange(43) % 4.0
    est = InitMLPClassifier((11, 7), weight_init=Seen(log, None), random_state=0)
    est.set_params(early_stopping=True, warm_start=True, max_iter=1, verbose=False)
    est.fit(DENSE, CLASSES, sample_weight=weight)
    training = est._training.split.training
    expected = DENSE[training[weight[training] > 0]]
    np.testing.assert_array_equal(log[0][0], expected)
    assert 0 < len(expected) < 32


@pytest.mark.parametrize(
    ("family", "solver", "base"),
    [
        (OutputPrior, "lbfgs", Sklearn()),
        (OutputPrior, "adam", RULES[1].hidden),
        (BestOfDraws, "lbfgs", Sklearn()),
    ],
)
def test_auto_as_a_base_chooses_with_the_solver(family, solver, base):
    more = {"activation": "logistic", "solver": solver}
    by_auto = start(family(Auto()), DENSE, CLASSES, **more)
    expected = start(family(base), DENSE, CLASSES, **more)
    np.testing.assert_array_equal(by_auto.coefs_[0], expected.coefs_[0])


@pytest.mark.parametrize("scheme", [BestOfDraws(), OutputPrior(BestOfDraws())])
def test_a_scheme_of_all_layers_is_refused_for_some(scheme):
    with pytest.raises(ValueError, match=r"weight_init: \w+ sets all layers at once"):
        start({"hidden": scheme, "output": "zeros"}, DENSE, CLASSES)
    assert np.isfinite(start(scheme, DENSE, CLASSES).loss_)


def test_what_left_a_layer_is_computed_once_and_anew_if_weights_change(monkeypatch):
    network_module = sys.modules[Network.__module__]
    passed = []
    original = network_module.forward_hidden
    monkeypatch.setattr(
        network_module,
        "forward_hidden",
        lambda W, b, act, X: passed.append(len(W)) or original(W, b, act, X),
    )
    log = []
    est = InitMLPClassifier(hidden_layer_sizes=(11, 7, 5, 3), weight_init=Seen(log))
    est.initialize(DENSE, CLASSES)
    assert passed == [0, 1, 1, 1, 1]
    relu = ACTIVATIONS["relu"]
    layers = [Layer(6, 4, 0, 2, relu), Layer(4, 1, 1, 2, relu)]
    network = Network(layers, [RNG.normal(size=(6, 4)), np.ones((4, 1))], [np.zeros(4)] * 2)
    before = network.inputs(layers[1], DENSE)
    network.weights[0][...] *= 2
    np.testing.assert_allclose(network.inputs(layers[1], DENSE), 2 * before)
    np.testing.assert_allclose(network.inputs(layers[1], DENSE[:3]), 2 * before[:3])
    assert network.inputs(layers[0], DENSE) is DENSE


def load_standardized(load):
    """Return few rows, and targets; numbers to predict have the variance 1."""
    X, y = load(return_X_y=True)
    y = y if load is load_breast_cancer else y / y.std()
    return StandardScaler().fit_transform(X)[:130], y[:130]


REAL = [
    (InitMLPClassifier, load_standardized(load_breast_cancer)),
    (InitMLPRegressor, load_standardized(load_diabetes)),
]

LARGE = {"cauchy": "heavy tails: no number is too large"}
"""Schemes that may give weights or biases of 1000 and more to rows of unit variance, and why."""


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(LARGE)))
def test_weights_and_biases_are_not_large_on_real_data(name):
    for (estimator, rows), activation in itertools.product(REAL, ("tanh", "logistic", "relu")):
        if (name, activation) in IMPOSSIBLE:
            continue
        est = estimator(hidden_layer_sizes=(30, 20), activation=activation, weight_init=name)
        est.set_params(n_restarts=2, random_state=0).initialize(*rows)
        for restart in range(2):
            assert all(abs(array).max() < 1e3 for array in arrays(est.restart(restart)))
