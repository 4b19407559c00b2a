"""Starts that lack something on purpose: differences between units, weights, or an output."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features


class LayerConstant(Initializer):
    """One random number per layer, ``c ~ N(0, std**2)``, written everywhere in it.

    A random start that is as bad as a constant: all units of a hidden layer are identical, and in
    exact arithmetic no deterministic solver makes them different.

    Parameters
    ----------
    std : float, default=1.0
        Standard deviation of the number.

    See Also
    --------
    sklearn_init.Constant : A number that is given.
    TiedColumns : Identical units that look in a random direction.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import LayerConstant
    >>> coefs, intercepts = draw((5, 7, 3), LayerConstant(), random_state=0)
    >>> [len(np.unique(W)) for W in coefs]
    [1, 1]
    """

    def __init__(self, std: float = 1.0):
        self.std = std

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return np.full(layer.shape, rng.normal(0.0, self._number("std", minimum=0)))


class TiedColumns(Initializer):
    """Random weights, but the same for every unit of a hidden layer.

    It separates symmetry from scale: pre-activations have the variance they have with
    independent weights, yet the network is worth one unit per hidden layer, and in exact
    arithmetic no deterministic solver changes that. Units are identical only if what goes out of
    them is equal, too. So the first layer is one random column, ``w ~ N(0, gain**2 / fan_in)``,
    repeated; the output layer is one random row; layers in between are one number. The inputs of
    the latter two are equal and do not average out: their numbers are
    ``~ N(0, (gain / fan_in)**2)``.

    Parameters
    ----------
    gain : float or str, default=1.0
        Factor; ``"auto"`` is the gain of what enters the layer.

    See Also
    --------
    LayerConstant : The first layer is one number, too.
    sklearn_init.SymmetryWarning : What a fit gives where units are identical.

    Notes
    -----
    A network without hidden layers has nothing to tie: its weights are independent.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import TiedColumns
    >>> coefs, intercepts = draw((5, 7, 3), TiedColumns(), random_state=0)
    >>> bool((coefs[0] == coefs[0][:, :1]).all()), bool((coefs[1] == coefs[1][:1]).all())
    (True, True)
    """

    draws_matrices_only = True

    def __init__(self, gain: float | str = 1.0):
        self.gain = gain

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        is_first = layer.index == 0
        n_distinct = layer.fan_in if is_first else 1, layer.fan_out if layer.is_output else 1
        numbers = rng.normal(size=n_distinct)
        scale = np.sqrt(layer.fan_in) if is_first else layer.fan_in
        return np.broadcast_to(self._gain(layer) / scale * numbers, layer.shape).copy()


class RandomBiases(Initializer):
    """No weights, ``W = 0``, and random biases, ``b ~ U(-bound, bound)``.

    Biases alone make units different: they give different outputs, so the output weights get
    different gradients, and with them the units. One layer per step comes to life, the output
    layer first. As `bias_init`, the scheme is ``Uniform(-bound, bound)``.

    Parameters
    ----------
    bound : float, default=0.05
        Bound of the biases.

    See Also
    --------
    sklearn_init.Uniform : Uniform numbers for weights, too.
    ZeroOutput : Only the output weights are zero.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import RandomBiases
    >>> coefs, intercepts = draw((5, 7, 3), RandomBiases(bound=0.1), random_state=0)
    >>> bool(coefs[0].any()), bool((abs(intercepts[0]) <= 0.1).all())
    (False, True)
    """

    def __init__(self, bound: float = 0.05):
        self.bound = bound

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        bound = self._number("bound", minimum=0)
        return rng.uniform(-bound, bound, layer.shape) if layer.is_bias else np.zeros(layer.shape)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.draw(layer, rng)


class ZeroOutput(Refinement):
    """Hidden layers of another scheme, and an output layer of zeros.

    The network begins with the same prediction for all rows, whatever the hidden layers are: the
    loss cannot start high. The first step of a solver changes the output layer only. RealMLP, a
    network for tables, begins like this [1]_. As `bias_init`, the scheme gives zeros.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the hidden layers. None is ``VarianceScaling("auto")``.

    See Also
    --------
    MirroredPairs : The network begins with zero, but all its layers have weights.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn, Steinwart. "Better by default: strong pre-tuned MLPs and boosted
       trees on tabular data". NeurIPS 2024. arXiv:2407.04491.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import ZeroOutput
    >>> coefs, intercepts = draw((5, 7, 3), ZeroOutput(), random_state=0)
    >>> [bool(W.any()) for W in coefs]
    [True, False]
    """

    needs_rows = False

    def __init__(self, base: Initializer | None = None):
        self.base = base

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return np.zeros(layer.shape) if layer.is_output else super().draw(layer, rng)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return np.zeros(layer.shape) if layer.is_output else super().draw_biases(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        if not layer.is_output:
            self._adjust_base(layer, network, X, y, rng)
            return
        if not layer.is_bias:  # a base may have set all layers
            network.weights[layer.index][...] = 0
        network.biases[layer.index][...] = 0


class MirroredPairs(Refinement):
    """Pairs of units in the last hidden layer that cancel each other: the network begins with 0.

    The second half of the last hidden layer repeats the weights and biases of the first half, and
    its outgoing weights are those of the first half times -1: ``W = [W0, W0]``, ``v = [v0, -v0]``.
    So the network gives exactly zero for any input [1]_. The units of a pair get opposite
    gradients, and part at the first step. With an odd width, the unit without a partner has no
    outgoing weights. The output's biases are zero. As `bias_init`, the scheme gives zeros.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the layers before they are mirrored. None is ``VarianceScaling("auto")``.

    See Also
    --------
    ZeroOutput : Zero, too, because the output has no weights.

    Notes
    -----
    It has to be the scheme of the last hidden layer and of the output layer, without a `bias_init`
    that draws different biases for the units of a pair. A network without hidden layers gets
    zeros.

    References
    ----------
    .. [1] Chizat, Oyallon, Bach. "On lazy training in differentiable programming". NeurIPS 2019.
       arXiv:1812.07956.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import draw
    >>> from sklearn_init.initializers import MirroredPairs
    >>> coefs, intercepts = draw((5, 4, 3), MirroredPairs(), random_state=0)
    >>> hidden = np.maximum(np.arange(5) @ coefs[0], 0)
    >>> (hidden @ coefs[1]).round(12) + 0
    array([0., 0., 0.])
    """

    needs_rows = False

    def __init__(self, base: Initializer | None = None):
        self.base = base

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        self._adjust_base(layer, network, X, y, rng)
        if layer.is_bias:  # drawn as zeros
            return
        W, b = network.weights[layer.index], network.biases[layer.index]
        if layer.is_output:
            n_pairs = layer.fan_in // 2 if layer.index > 0 else 0
            W[n_pairs : 2 * n_pairs] = -W[:n_pairs]
            W[2 * n_pairs :] = 0
            b[...] = 0
        elif layer.index == layer.n_layers - 2:
            n_pairs = layer.fan_out // 2
            for last_axis_units in (W, b):
                last_axis_units[..., n_pairs : 2 * n_pairs] = last_axis_units[..., :n_pairs]
