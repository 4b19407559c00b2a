"""The law of "auto": what it draws is what the scheme it chooses draws."""

from dataclasses import replace

import numpy as np

from laws.material import make_layer
from sklearn_init import Activation
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import (
    Compensated,
    Constant,
    DoublyCritical,
    LooksLinear,
    Orthogonal,
    Sklearn,
)

DEEP = {
    "logistic": (Compensated, Constant),
    "mish": (DoublyCritical, DoublyCritical),
    **dict.fromkeys(
        ["relu", "leaky_relu", "gelu", "silu", "softplus"], (LooksLinear, LooksLinear)
    ),
}
"""What hidden and output layers of deep networks begin with; all others with Orthogonal."""

SHALLOW = dict.fromkeys(["logistic", "softplus"], (Compensated, Constant))
"""What those of shallow networks begin with; all others with scikit-learn's start."""


def auto(initializer):
    for depth, table, default in [
        (1, SHALLOW, Sklearn),
        (2, SHALLOW, Sklearn),
        (5, DEEP, Orthogonal),
    ]:
        for activation in ACTIVATIONS:
            for index in (0, depth):
                layer = make_layer(6, 8, activation, index, n_layers=depth + 1)
                chosen = initializer.choose(layer)
                expected = table.get(activation, (default, default))[layer.is_output]
                assert type(chosen) is expected
                drawn, by_chosen = (
                    scheme.draw(layer, np.random.default_rng(5))
                    for scheme in (initializer, chosen)
                )
                np.testing.assert_array_equal(drawn, by_chosen)
    # L-BFGS on a shallow network begins as scikit-learn does, whatever the activation
    layer = replace(make_layer(activation="logistic"), in_batches=False)
    assert type(initializer.choose(layer)) is Sklearn
    # one unit makes no pair
    for layer in (make_layer(6, 1, n_layers=6), make_layer(1, 6, index=1, n_layers=6)):
        assert type(initializer.choose(layer)) is Orthogonal
    # pairs of this unit would make a signal 1.2 times as large in every layer
    steep = Activation(
        lambda z, out: np.maximum(z, 0.2 * z, out=out),
        lambda z, a, out: np.copyto(out, np.where(z > 0, 1, 0.2)),
    )
    layer = replace(make_layer(6, 8, n_layers=6), activation=steep)
    assert type(initializer.choose(layer)) is Orthogonal


LAWS = {"auto": auto}
