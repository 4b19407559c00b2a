"""Claims of the literature about starts that look at the data.

* An output bias that gives the classes their shares starts at the entropy of the shares and saves
  the epochs in which training would find them: Lin, Goyal, Girshick, He & Dollár 2017, "Focal loss
  for dense object detection", arXiv 1708.02002, section 4.1.
* Layers scaled one after the other to unit variance train deep networks as well as the scales of
  theory, and better where there is no theory: Mishkin & Matas 2016, "All you need is a good init",
  arXiv 1511.06422. The latter holds for softsign and not for sine.
"""

import numpy as np
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_classification,
)
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# The prior in the output bias (Lin et al. 2017)


@pytest.mark.parametrize(
    ("load", "entropy"),
    [(load_digits, 2.302479), (load_breast_cancer, 0.660316), (load_wine, 1.086038)],
)
def test_the_initial_loss_is_the_entropy_of_the_classes(load, entropy):
    X, y = load(return_X_y=True)
    net = InitMLPClassifier((17,), weight_init="class_prior", alpha=0, random_state=0)
    p = np.bincount(y) / len(y)
    assert abs(net.initialize(X, y).loss_ + p @ np.log(p)) < 1e-9
    assert abs(net.loss_ - entropy) < 1e-6


def test_the_initial_loss_is_half_the_variance_of_the_targets():
    X, y = load_diabetes(return_X_y=True)
    net = InitMLPRegressor(
        hidden_layer_sizes=(17,), weight_init="class_prior", alpha=0, random_state=0
    )
    assert abs(net.initialize(X, y).loss_ - 0.5 * np.var(y)) < 1e-9
    assert abs(net.loss_ - 2964.942448) < 1e-6


def epochs_to(level, X, y, weight_init, seed):
    """Return the first epoch whose loss is at most this."""
    net = InitMLPClassifier(
        (50,),
        weight_init=weight_init,
        alpha=0,
        max_iter=60,
        n_iter_no_change=60,
        random_state=seed,
    ).fit(X, y)
    below = np.array(net.loss_curve_) <= level
    assert below.any()
    return 1 + np.argmax(below)


def test_the_prior_saves_the_epochs_that_find_it():
    # 95 : 5; with zero output weights, a start without the prior says 50 : 50
    data = [
        make_classification(2000, n_informative=5, weights=[0.95], flip_y=0, random_state=seed)
        for seed in range(7)
    ]
    p = np.mean(data[0][1])
    level = -0.9 * (p * np.log(p) + (1 - p) * np.log(1 - p))
    without, prior = (
        [epochs_to(level, scale(X), y, init, seed) for seed, (X, y) in enumerate(data)]
        for init in ("he_normal", "class_prior")
    )
    assert np.median(without) >= 2 * np.median(prior)


# Unit variance, layer by layer (Mishkin & Matas 2016)


def preactivations(net, X, activation):
    a = X
    for W, b in zip(net.coefs_, net.intercepts_, strict=True):
        yield a @ W + b
        a = activation(a @ W + b)


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("tanh", np.tanh),
        ("sine", np.sin),
        ("softsign", lambda z: z / (1 + abs(z))),
    ],
)
def test_every_layer_has_unit_variance(name, activation):
    X, y = load_digits(return_X_y=True)
    net = InitMLPClassifier((17,) * 20, activation=name, weight_init="lsuv", random_state=0)
    for z in preactivations(net.initialize(scale(X), y), scale(X), activation):
        assert abs(z.std() - 1) < 1e-12


def accuracies(activation, weight_init):
    """Return what a few epochs of 20 hidden layers come to on digits, per seed."""
    X, y = load_digits(return_X_y=True)
    return np.array(
        [
            InitMLPClassifier(
                (32,) * 20, activation=activation, solver="sgd", learning_rate_init=0.01,
                weight_init=weight_init, max_iter=10, random_state=seed,
            ).fit(scale(X), y).score(scale(X), y)
            for seed in range(3)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("activation", "scheme"),
    [("tanh", "glorot_normal"), ("relu", "he_normal"), ("elu", "autoinit")],
)
def test_deep_networks_train_as_well_as_from_the_scales_of_theory(activation, scheme):
    lsuv, theory = accuracies(activation, "lsuv"), accuracies(activation, scheme)
    spread = (lsuv - theory).std(ddof=1) / np.sqrt(3)
    assert (lsuv - theory).mean() > -4.3 * spread  # Student's t, 2 degrees of freedom, 95 %


def test_softsign_without_a_theory_trains_from_lsuv_alone():
    lsuv, glorot = accuracies("softsign", "lsuv"), accuracies("softsign", "glorot_normal")
    assert lsuv.min() > 0.9
    assert glorot.max() < 0.6


def test_sine_trains_from_both():
    # sine has as little theory, but here the claim is wrong: its slope at 0 is 1, which is what
    # Glorot's scale needs, and no more of it is lost in 20 layers than training makes good
    lsuv, glorot = accuracies("sine", "lsuv"), accuracies("sine", "glorot_normal")
    assert min(lsuv.min(), glorot.min()) > 0.85
    assert abs((lsuv - glorot).mean()) < 0.03
