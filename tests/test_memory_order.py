"""The memory order of X changes no bit of what is trained, be X copied or not."""

import numpy as np
import pandas as pd
import pytest

from sklearn_init import InitMLPClassifier
from sklearn_init.estimators import _base

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_ROWS = 307  # more than a batch, and than the rows the compiled passes take at a time


def make_strided(X):
    wide = np.full((3 * len(X), 2 * X.shape[1]), np.nan, X.dtype)
    wide[::3, ::2] = X
    return wide[::3, ::2]


ORDERS = {
    "Fortran": np.asfortranarray,
    "pandas": pd.DataFrame,
    "every other number": make_strided,
    "columns of whole rows": lambda X: np.hstack([X, X])[:, : X.shape[1]],
    "reversed": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
}


@pytest.mark.parametrize("n_features", [1, 11])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "more", [{}, {"solver": "lbfgs"}, {"early_stopping": True}, {"shuffle": False}], ids=str
)
@pytest.mark.parametrize("order", ORDERS)
def test_bits_do_not_depend_on_the_order(monkeypatch, engine, n_features, dtype, more, order):
    X = np.random.default_rng(0).normal(size=(N_ROWS, n_features)).astype(dtype)
    y = np.digitize(X[:, 0], [-0.4, 0.3])
    clf = InitMLPClassifier((5,), max_iter=3, random_state=0, **more).fit(X, y)
    monkeypatch.setattr(_base, "LARGEST_COPY", 0)
    other = ORDERS[order](X)
    before = np.array(other)
    again = InitMLPClassifier((5,), max_iter=3, random_state=0, **more).fit(other, y)
    for one, two in zip(
        clf.coefs_ + clf.intercepts_, again.coefs_ + again.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert clf.loss_ == again.loss_
    np.testing.assert_array_equal(before, other)
