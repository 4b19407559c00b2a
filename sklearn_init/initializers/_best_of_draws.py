"""The best of several draws of a whole network."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._linear_fit import get_loss
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features, Layout, Objective, make_passes


class BestOfDraws(Refinement):
    """The best of several draws of the whole network, by the loss before training.

    All weights and biases are drawn `n_draws` times from another scheme, and the network with the
    lowest loss on the training rows is kept. It costs `n_draws` passes over the rows: what a
    cleverer scheme has to beat. The lowest initial loss need not train best.

    It has to be the scheme of all layers. A `bias_init` takes effect after the choice.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the networks; None is normal numbers with the gain of the activation.
    n_draws : int, default=10
        The number of networks; at least 1.
    max_samples : int, default=10_000
        The number of training rows looked at, drawn at random if there are more.

    See Also
    --------
    LeastSquaresOutput : The best output layer instead of the best of several.
    sklearn_init.InitMLPClassifier : Its `n_restarts` trains all of them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.initializers import BestOfDraws
    >>> X, y = load_iris(return_X_y=True)
    >>> one, best = (
    ...     InitMLPClassifier(weight_init=BestOfDraws(n_draws=n), random_state=0).initialize(X, y)
    ...     for n in (1, 10)
    ... )
    >>> bool(best.loss_ <= one.loss_)
    True
    """

    draws_matrices_only = True
    sets_all_layers = True

    def __init__(
        self, base: Initializer | None = None, n_draws: int = 10, max_samples: int = 10_000
    ):
        self.base = base
        self.n_draws = n_draws
        self.max_samples = max_samples

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        n_draws = self._count("n_draws")
        layout = Layout.of(network.weights)
        hidden = tuple(layer.activation for layer in network.layers[:-1])
        loss = get_loss(self, network.layers[-1])
        passes = make_passes(Objective(layout, hidden, loss, 0.0, X, y, compute_shares(network)))
        row = layout.row(network.weights, network.biases)
        best, lowest = row, np.inf
        for n in range(n_draws):
            if n > 0:  # the first one is drawn
                row = self._draw_row(network, layout, rng)
            weights, biases = layout.views(row)
            candidate = replace(network, weights=weights, biases=biases)
            for one in network.layers:
                self._adjust_base(one, candidate, X, y, rng)
            value = passes.loss(row)
            if value < lowest:
                best, lowest = row, value
        weights, biases = layout.views(best)
        for one in network.layers:
            network.weights[one.index][...] = weights[one.index]
            network.biases[one.index][...] = biases[one.index]

    def _draw_row(self, network: Network, layout: Layout, rng: Generator) -> NDArray:
        """Draw a network from the base, in the type of the network."""
        base = self._get_base()
        drawn = [
            (base.draw(layer, rng), base.draw_biases(layer.biases(), rng))
            for layer in network.layers
        ]
        row = layout.row([W for W, _ in drawn], [b for _, b in drawn])
        return row.astype(network.weights[0].dtype)
