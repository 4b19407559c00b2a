"""Claims of the literature on relu networks that are dead before training, reproduced.

A deep and narrow relu network with zero biases is likely to give the same output for all inputs,
and then no gradient can change that: Lu, Shin, Su & Karniadakis 2020, "Dying ReLU and
initialization: theory and numerical examples", arXiv:1903.06733. Their networks have one input and
nine hidden layers.
"""

import numpy as np
import pytest

from sklearn_init import Layer
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import SCHEMES, Network

DEPTH = 9
N_NETWORKS = 20_000
INPUTS = np.linspace(-np.sqrt(3), np.sqrt(3), 6)


def pass_inputs(name, width, seed=0):
    """Return the last hidden layer of many networks, of shape (networks, inputs, units)."""
    initializer, rng = SCHEMES[name].initializer, np.random.default_rng(seed)
    fans = [1, *[width] * (DEPTH - 1)]
    # the columns of these schemes are independent: one wide layer is a layer of all networks
    layers = [
        Layer(fan_in, width * N_NETWORKS, index, DEPTH + 1, ACTIVATIONS["relu"])
        for index, fan_in in enumerate(fans)
    ]
    weights = [initializer.draw(layer, rng) for layer in layers]
    biases = [initializer.draw_biases(layer.biases(), rng) for layer in layers]
    network = Network(layers, weights, biases)
    for layer in layers:
        initializer.adjust(layer, network, np.empty((0, 1)), np.empty((0, 1)), rng)
    a = np.tile(INPUTS[:, np.newaxis], (N_NETWORKS, 1, 1))
    for fan_in, W, b in zip(fans, weights, biases, strict=True):
        W = W.reshape(fan_in, N_NETWORKS, width).transpose(1, 0, 2)
        a = np.maximum(a @ W + b.reshape(N_NETWORKS, 1, width), 0)
    return a


def share_of_constant_networks(a):
    return np.mean((a == a[:, :1]).all(axis=(1, 2)))


def lower_bound(width):
    """Return the bound of the paper on the chance that a network is constant."""
    n, deeper = width, DEPTH - 1
    one = 1 - 2.0**-n
    both = 1 - 2.0 ** (1 - n) - (n - 1) * 4.0**-n
    factor = (1 - 2.0 ** (1 - n)) * one / (1 + (n - 1) * 2.0 ** (1 - n))
    return 1 - one**deeper + factor * (both**deeper - one**deeper)


# in the paper: 3 of 5 networks of width 3, more than a tenth of width 5, hardly any of width 10
@pytest.mark.parametrize(
    ("width", "share"), [(2, 0.879), (3, 0.5785), (4, 0.2905), (5, 0.129), (10, 0.0)]
)
def test_narrow_networks_are_born_dead(width, share):
    a = pass_inputs("he_normal", width)
    dead = share_of_constant_networks(a)
    assert dead == pytest.approx(share, abs=0.01)
    # inputs of one sign are on one ray: each layer kills it with the chance that all units do
    of_one_ray = 1 - (1 - 2.0**-width) ** DEPTH
    error = np.sqrt(of_one_ray * (1 - of_one_ray) / N_NETWORKS)
    assert np.mean(~a[:, -1].any(axis=1)) == pytest.approx(of_one_ray, abs=5 * error)
    assert lower_bound(width) - 5 * error <= dead <= of_one_ray


@pytest.mark.parametrize("width", [2, 3, 4])
def test_one_positive_weight_per_unit_keeps_networks_alive(width):
    dead = share_of_constant_networks(pass_inputs("rai", width))
    assert dead < 0.5 * share_of_constant_networks(pass_inputs("he_normal", width))
