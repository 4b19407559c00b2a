"""Every scheme of the table on data as it comes: parametrized over the table."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from sklearn_init import InitMLPClassifier, InitMLPRegressor, get_initializer_names

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

TARGETS = DENSE @ RNG.normal(size=(6, 2))

CASES = {
    "dense": (DENSE, CLASSES),
    "sparse": (SPARSE, CLASSES),
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


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_starts_are_finite(name, case):
    est = start(name, *CASES[case])
    assert all(np.isfinite(array).all() for array in arrays(est))
    assert np.isfinite(est.loss_)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "silu"])
@pytest.mark.parametrize("name", NAMES)
def test_other_activations_and_regression(name, activation):
    est = start(name, DENSE, TARGETS, InitMLPRegressor, activation=activation)
    assert all(np.isfinite(array).all() for array in arrays(est))


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


DETERMINISTIC = {"zeros", "ones", "constant"}
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
