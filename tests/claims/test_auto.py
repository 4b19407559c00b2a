"""The choice "auto" trains deep networks that scikit-learn's start does not; digits, 64 units.

Why scikit-learn's start fails there: Glorot, Bengio 2010; He et al. 2015, arXiv:1502.01852;
Schoenholz et al. 2017, arXiv:1611.01232; Balduzzi et al. 2017, arXiv:1702.08591.
"""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X, Y = scale(X[:600]), Y[:600]


def accuracies(weight_init, activation, solver, depth):
    est = InitMLPClassifier(
        (64,) * depth,
        activation=activation,
        solver=solver,
        weight_init=weight_init,
        learning_rate_init=0.01 if solver == "sgd" else 0.001,
        max_iter=40,
        n_iter_no_change=40,
        n_restarts=3,
        dtype="float32",
        random_state=0,
    ).fit(X, Y)
    return [est.restart(index).score(X, Y) for index in range(3)]


@pytest.mark.parametrize(
    ("activation", "solver", "depth"),
    [
        ("logistic", "adam", 6),
        ("relu", "sgd", 30),
        ("gelu", "sgd", 20),
    ],
)
def test_where_the_default_fails(activation, solver, depth):
    assert np.median(accuracies("auto", activation, solver, depth)) > 0.9
    assert np.median(accuracies("sklearn", activation, solver, depth)) < 0.4


def test_deep_tanh():
    # the default trains, too, but later
    auto, default = (accuracies(scheme, "tanh", "sgd", 20) for scheme in ("auto", "sklearn"))
    assert min(auto) > max(default) - 0.02
    assert np.mean(auto) > np.mean(default)
