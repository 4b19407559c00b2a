"""What is trained: a case is a row of a table."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_iris, load_wine, make_classification
from sklearn.preprocessing import LabelBinarizer, scale


@cache
def iris():
    X, y = load_iris(return_X_y=True)
    return scale(X), y


@cache
def wine():
    X, y = load_wine(return_X_y=True)
    return scale(X), y


@cache
def digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


@cache
def tall():
    return make_classification(20_000, 100, n_informative=20, random_state=0)


@cache
def wide():
    X, y = make_classification(10_000, 784, n_informative=40, n_classes=10, random_state=0)
    return scale(X), y


@dataclass(frozen=True)
class Problem:
    """A case at hand: data of one type, and the parameters of scikit-learn's estimator.

    Attributes
    ----------
    X, y : ndarray
    parameters : dict
    n_epochs : int
        Of a fit, for L-BFGS its iterations; for predictions the number of calls.
    n_restarts : int
        Networks trained, of those engines that train more than one.
    """

    X: NDArray
    y: NDArray
    parameters: dict
    n_epochs: int
    n_restarts: int

    @property
    def indicator(self):
        """The targets as scikit-learn's network sees them: a column per class, or one of two."""
        return LabelBinarizer().fit_transform(self.y).astype(self.X.dtype)

    @property
    def sizes(self):
        hidden = self.parameters["hidden_layer_sizes"]
        return (self.X.shape[1], *hidden, self.indicator.shape[1])

    @property
    def batch_size(self):
        return min(200, len(self.X))


@dataclass(frozen=True)
class Case:
    """What is trained, and how long, so that a fit takes some tenths of a second.

    `n_rows` takes the first rows only.
    """

    load: Callable
    hidden_layer_sizes: tuple
    n_epochs: int
    parameters: dict = field(default_factory=dict)
    n_rows: int | None = None

    def problem(self, dtype, n_restarts):
        X, y = self.load()
        parameters = {
            "hidden_layer_sizes": self.hidden_layer_sizes,
            "max_iter": self.n_epochs,
            "tol": 0,
            "n_iter_no_change": np.inf,
            "random_state": 0,
            **self.parameters,
        }
        X, y = X[: self.n_rows].astype(dtype), y[: self.n_rows]
        return Problem(X, y, parameters, self.n_epochs, n_restarts)


SHAPES = {
    "iris (100,)": Case(iris, (100,), 1000),
    "digits (100,)": Case(digits, (100,), 60),
    "digits (64, 64, 64)": Case(digits, (64, 64, 64), 50),
    "20000 x 100 (100,)": Case(tall, (100,), 5),
    "10000 x 784 (100,)": Case(wide, (100,), 3),
    "10000 x 784 (512, 512)": Case(wide, (512, 512), 1),
}
"""With relu and adam, in batches of 200; the means of the summary are over these."""

VARIANTS = {
    "digits (100,) tanh": Case(digits, (100,), 60, {"activation": "tanh"}),
    "digits (100,) logistic": Case(digits, (100,), 60, {"activation": "logistic"}),
    "wine (16, 16)": Case(wine, (16, 16), 1000),
    "digits (100,) lbfgs": Case(digits, (100,), 30, {"solver": "lbfgs"}),
}

RESTARTS = {
    name: replace(SHAPES[name], n_epochs=n_epochs, n_rows=n_rows)
    for name, (n_epochs, n_rows) in {
        "iris (100,)": (500, None),
        "digits (100,)": (20, None),
        "digits (64, 64, 64)": (12, None),
        "20000 x 100 (100,)": (1, None),
        "10000 x 784 (100,)": (2, 2000),
        "10000 x 784 (512, 512)": (1, 1000),
    }.items()
}
"""The same shapes for 16 networks; fewer rows make fewer batches, not smaller ones."""

CORES = {
    "digits (100,)": replace(SHAPES["digits (100,)"], n_epochs=30),
    "wine (16, 16)": replace(VARIANTS["wine (16, 16)"], n_epochs=300),
}

PREDICTIONS = {
    "10000 x 100 (100,)": Case(tall, (100,), 20, n_rows=10_000),
}
