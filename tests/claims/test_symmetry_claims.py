"""Claims of the literature about units that start equal.

* A layer of identical units is worth one unit, and on XOR its error is known exactly: Rumelhart,
  Hinton & Williams 1986, "Learning internal representations by error propagation" (symmetry
  breaking), made exact by isotonic regression.
* From random weights, XOR ends on one of four levels: Hamey 1998, "XOR has no local minima: a case
  study in neural network error surface analysis"; Sprinkhuizen-Kuyper & Boers 1996, "The error
  surface of the simplest XOR network has only global minima". How often it is solved depends on
  the size of the weights at the start: Kolen & Pollack 1990, "Backpropagation is sensitive to
  initial conditions".
* Linear models do not care, as their loss is convex (folklore); nor are zeros "always nothing".
* Chance of any kind makes equal units different: dropout (Srivastava et al. 2014, "Dropout: a
  simple way to prevent neural networks from overfitting") as the noise of the hardware does
  (Blumenfeld, Gilboa & Soudry 2020, arXiv 2007.01038).
"""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from sklearn_init import Constant, InitMLPClassifier, InitMLPRegressor, Normal, Uniform

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])

SQUARED, LOG = InitMLPRegressor, InitMLPClassifier
LN2, LN3 = np.log(2), np.log(3)
PLATEAUS = {SQUARED: 1 / 4, LOG: LN2}
FLOORS = {SQUARED: 1 / 6, LOG: 3 / 4 * LN3 - 1 / 2 * LN2}  # the latter: 3/4 of the entropy of 2/3
HALF_SOLVED = {SQUARED: 1 / 8, LOG: 1 / 2 * LN2}

ROUNDED = 1e-6
"""Units that differ by less are parted by rounding only: 5e-8 seen, with four kernels of BLAS."""

both_losses = pytest.mark.parametrize("loss", [SQUARED, LOG])


def same_columns(fan_in, fan_out, rng):
    return np.tile(rng.uniform(-1, 1, (fan_in, 1)), (1, fan_out))


def same_rows(fan_in, fan_out, rng):
    return np.tile(rng.uniform(-1, 1, (1, fan_out)), (fan_in, 1))


def same_biases(fan_in, fan_out, rng):
    return np.full(fan_out, rng.uniform(-1, 1))


TIED = {"hidden": same_columns, "output": same_rows}


def fit_xor(loss, activation, weight_init, bias_init, **more):
    defaults = {"hidden_layer_sizes": (2,), "solver": "lbfgs", "tol": 1e-10, "max_iter": 5000}
    return loss(
        activation=activation, weight_init=weight_init, bias_init=bias_init, alpha=0,
        random_state=0, **{**defaults, **more},
    ).fit(CORNERS, XOR)  # fmt: skip


def risks(net):
    """Return what every restart came to: mean squared error or log-loss."""
    return net.restarts_["loss"] * (2 if isinstance(net, SQUARED) else 1)


def restarts(net):
    return [net.restart(r) for r in range(net.n_restarts)]


def xor_accuracy(net):
    return np.mean((net.predict(CORNERS) > 0.5) == XOR)


def spread(net):
    """Return the largest difference between the incoming weights of two hidden units."""
    return np.ptp(net.coefs_[0], axis=1).max()


def cosines(net):
    """Return the cosine of every pair of hidden units' incoming weights."""
    W = net.coefs_[0] / np.linalg.norm(net.coefs_[0], axis=0)
    return (W.T @ W)[np.triu_indices(W.shape[1], k=1)]


# XOR and identical units (Rumelhart, Hinton & Williams 1986)


@both_losses
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "sine"])
def test_xor_from_zeros_stays_on_the_plateau(loss, activation):
    # logistic units, too: the classes are balanced, so that the origin is an exact saddle
    net = fit_xor(loss, activation, "zeros", 0.0)
    assert risks(net) == pytest.approx(PLATEAUS[loss], abs=1e-12)


def test_a_monotone_function_of_one_projection_reaches_the_floors():
    # what one unit with a monotone activation can do at best, whatever its shape
    fits = [
        IsotonicRegression(increasing=increasing).fit_transform(CORNERS @ w, XOR)
        for w in np.random.default_rng(0).normal(size=(20, 2))
        for increasing in (True, False)
    ]
    assert min(np.mean((p - XOR) ** 2) for p in fits) == pytest.approx(FLOORS[SQUARED], abs=1e-12)
    assert min(log_loss(XOR, p) for p in fits) == pytest.approx(FLOORS[LOG], abs=1e-12)
    assert max(np.mean((p > 0.5) == XOR) for p in fits) == 0.75


@both_losses
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "softplus"])
def test_identical_monotone_units_are_worth_one(loss, activation):
    net = fit_xor(loss, activation, TIED, same_biases, n_restarts=20)
    assert risks(net).min() == pytest.approx(FLOORS[loss], abs=1e-5)
    for start in restarts(net):
        assert spread(start) < 1e-10
        assert xor_accuracy(start) <= 0.75


@both_losses
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "softplus"])
@pytest.mark.parametrize(
    "weight_init",
    [
        Uniform(-1, 1),
        # equal columns do not tie units whose outgoing weights differ: their gradients differ
        {"hidden": same_columns, "output": Uniform(-1, 1)},
    ],
    ids=["random", "equal columns"],
)
def test_different_units_solve_xor(loss, activation, weight_init):
    net = fit_xor(loss, activation, weight_init, same_biases, n_restarts=20)
    assert risks(net).min() < 1e-5
    assert xor_accuracy(net) == 1


@both_losses
def test_one_sine_unit_solves_xor(loss):
    # the exception: sine is not monotone
    net = fit_xor(loss, "sine", TIED, same_biases, n_restarts=20)
    assert risks(net).min() < 1e-5
    assert spread(net) < 1e-10


@both_losses
@pytest.mark.parametrize("value", [0.1, 0.5, 1.0])
def test_positive_constants_make_relu_units_linear(loss, value):
    # no input is negative, so that no unit is ever off, and no line separates XOR
    net = fit_xor(loss, "relu", Constant(value), 0.0)
    assert risks(net) == pytest.approx(PLATEAUS[loss], abs=1e-5)


# XOR from random weights (Hamey 1998; Sprinkhuizen-Kuyper & Boers 1996)


@pytest.mark.parametrize(
    ("loss", "activation", "share_solved"),
    [  # shares of 5000 starts; of 100, they scatter by 0.05
        (SQUARED, "tanh", 0.69),
        (SQUARED, "logistic", 0.65),
        (SQUARED, "relu", 0.22),
        (SQUARED, "sine", 1.0),
        (LOG, "tanh", 0.42),
        (LOG, "logistic", 0.37),
        (LOG, "relu", 0.19),
        (LOG, "sine", 1.0),
    ],
)
def test_xor_restarts_end_on_four_levels(loss, activation, share_solved):
    start = Uniform(-1, 1)
    net = fit_xor(loss, activation, start, start, n_restarts=100)
    levels = np.array([0, HALF_SOLVED[loss], FLOORS[loss], PLATEAUS[loss]])
    distances = np.abs(risks(net)[:, np.newaxis] - levels)
    # not all: of 5000 starts 0.1 % end between two levels (relu: 2 %), as SciPy's L-BFGS stops
    # where it gains less than 2.2e-9 in a step, and at the kinks of relu
    assert np.mean(distances.min(axis=1) < 2e-3) >= (0.95 if activation == "relu" else 0.99)
    solved = distances.argmin(axis=1) == 0
    assert solved.mean() == pytest.approx(share_solved, abs=0.1)
    if activation != "sine":
        assert len(set(distances.argmin(axis=1))) >= 3  # the levels between are met


def test_xor_is_solved_most_often_from_starts_of_medium_size():
    # Kolen & Pollack 1990; from the smallest, L-BFGS finds nothing to gain, and stops at once
    solved = []
    for bound in (0.01, 0.1, 1, 4, 32):
        start = Uniform(-bound, bound)
        net = fit_xor(SQUARED, "tanh", start, start, n_restarts=100)
        solved.append(np.mean(risks(net) < 2e-3))
    np.testing.assert_allclose(solved, [0, 0.51, 0.73, 0.39, 0.06], atol=0.12)
    assert np.argmax(solved) == 2
    assert max(solved[0], solved[-1]) < 0.15


# Linear models do not care: their loss is strictly convex with a penalty


def fit_from(start, estimator, X, y, solver, **more):
    options = {
        # plain L-BFGS cannot get closer: SciPy stops it at a relative gain of 2.2e-9
        "lbfgs": {"max_iter": 5000},
        "sgd": {"learning_rate_init": 0.1, "max_iter": 2000, "batch_size": len(X)},
    }[solver]
    return estimator(
        solver=solver, weight_init=start, tol=1e-10, n_iter_no_change=np.inf, random_state=0,
        **{"hidden_layer_sizes": (), "alpha": 10, **options, **more},
    ).fit(X, y)  # fmt: skip


@pytest.fixture(params=["classification", "regression"])
def linear_task(request):
    """Return an estimator, rows, targets, and the optimum by another algorithm."""
    if request.param == "regression":
        X, y = load_diabetes(return_X_y=True)
        X, y = scale(X), scale(y)
        return InitMLPRegressor, X, y, Ridge(alpha=10).fit(X, y)
    X, y = load_wine(return_X_y=True)
    X = scale(X)
    exact = LogisticRegression(C=1 / 10, solver="newton-cg", tol=1e-10, max_iter=1000)
    return InitMLPClassifier, X, y, exact.fit(X, y)


# The literature's 1e-5 for the weights holds at the optimum. L-BFGS with tol=1e-10 ends up to
# 1e-4 from it, as SciPy stops it where it gains less than 2.2e-9 in a step.
@pytest.mark.parametrize(("solver", "largest_distance"), [("sgd", 1e-5), ("lbfgs", 1e-3)])
def test_linear_models_reach_one_optimum_from_any_start(linear_task, solver, largest_distance):
    estimator, X, y, exact = linear_task
    zeros, *random = [
        fit_from(start, estimator, X, y, solver) for start in ("zeros", Normal(1.0), Normal(3.0))
    ]
    for net in random:
        assert np.abs(net.initial_coefs_[0] - zeros.coefs_[0]).max() > 1
        assert np.abs(net.coefs_[0] - zeros.coefs_[0]).max() < largest_distance
        assert net.loss_ == pytest.approx(zeros.loss_, abs=1e-7)
    assert np.abs(zeros.coefs_[0].T - exact.coef_).max() < largest_distance


def test_a_hidden_layer_cares(linear_task):
    estimator, X, y, _ = linear_task
    zeros, random = [
        fit_from(
            start, estimator, X, y, "lbfgs", hidden_layer_sizes=(4,), activation="tanh", alpha=1
        )
        for start in ("zeros", Normal(1.0))
    ]
    assert zeros.loss_ > random.loss_ + 0.1


# Zeros: nothing is learned by units that are 0 at 0, and as much as one unit can by logistic ones


def fit_full_batch(data, activation, weight_init, rate, n_units):
    X, y = data
    X = scale(X)
    net = InitMLPClassifier(
        hidden_layer_sizes=(n_units,), activation=activation, solver="sgd", alpha=0,
        learning_rate_init=rate, batch_size=len(X), max_iter=60, n_iter_no_change=np.inf,
        weight_init=weight_init, bias_init=0.0, random_state=0,
    ).fit(X, y)  # fmt: skip
    return net, net.score(X, y)


n_units_even_and_odd = pytest.mark.parametrize("n_units", [16, 7])  # for the sake of BLAS


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@n_units_even_and_odd
def test_zero_tanh_and_relu_units_learn_the_class_shares_only(engine, activation, n_units):
    net, accuracy = fit_full_batch(
        load_breast_cancer(return_X_y=True), activation, "zeros", 0.3, n_units
    )
    for W in net.coefs_:  # so that the gradient was exactly 0 in every epoch
        np.testing.assert_array_equal(W, 0)
    np.testing.assert_array_equal(net.intercepts_[0], 0)
    assert net.loss_ == pytest.approx(0.660316, abs=1e-5)  # the entropy of the class shares
    assert accuracy == pytest.approx(0.6274, abs=1e-4)


@n_units_even_and_odd
def test_zero_logistic_units_learn_what_one_unit_can(engine, n_units):
    # two classes need no more than one unit; ten do
    cancer, digits = load_breast_cancer(return_X_y=True), load_digits(return_X_y=True)
    net, accuracy = fit_full_batch(cancer, "logistic", "zeros", 0.3, n_units)
    assert spread(net) < ROUNDED
    assert accuracy > 0.95
    net, accuracy = fit_full_batch(digits, "logistic", "zeros", 1.0, n_units)
    assert spread(net) < ROUNDED
    assert 0.25 <= accuracy <= 0.5


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "softplus", "gelu"])
@pytest.mark.parametrize("n_units", [2, 7, 16, 33, 130])
def test_one_step_parts_identical_units_by_rounding_only(engine, activation, n_units):
    # what is true with every kernel of BLAS, whatever the order in which it adds
    X, y = load_digits(return_X_y=True)
    net = InitMLPClassifier(
        hidden_layer_sizes=(n_units,), activation=activation, solver="sgd", momentum=0,
        learning_rate_init=1.0, batch_size=len(X), max_iter=1, weight_init=TIED, bias_init=0.0,
        random_state=0,
    ).fit(X / 16, y)  # fmt: skip
    for W, start in zip(net.coefs_, net.initial_coefs_, strict=True):
        assert np.abs(W - start).max() > 1e-4
    assert spread(net) < 1e-13
    assert np.ptp(net.coefs_[1], axis=0).max() < 1e-13


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_rounding_may_part_identical_units_after_hundreds_of_epochs(engine, activation):
    X, y = load_digits(return_X_y=True)
    net = InitMLPClassifier(
        hidden_layer_sizes=(7,), activation=activation, weight_init=Constant(0.1), bias_init=0.0,
        max_iter=300, n_iter_no_change=np.inf, random_state=0,
    ).fit(X / 16, y)  # fmt: skip
    n_distinct = len(np.unique(net.coefs_[0].round(6), axis=1).T)
    assert 1 <= n_distinct <= 4  # 1 to 3 seen, with four kernels of BLAS; random starts keep 7
    if n_distinct == 1:
        assert net.score(X / 16, y) < 0.45


def test_random_logistic_units_learn_all_digits():
    digits = load_digits(return_X_y=True)
    net, accuracy = fit_full_batch(digits, "logistic", "glorot_uniform", 1.0, 16)
    assert accuracy > 0.97
    assert spread(net) > 0.1


# Dropout makes equal units different (Srivastava et al. 2014; Blumenfeld, Gilboa & Soudry 2020)


def fit_digits(activation, weight_init, dropout):
    X, y = load_digits(return_X_y=True)
    X = scale(X)
    net = InitMLPClassifier(
        hidden_layer_sizes=(16,), activation=activation, solver="sgd", learning_rate_init=0.2,
        max_iter=60, n_iter_no_change=np.inf, weight_init=weight_init, bias_init=0.0,
        dropout=dropout, random_state=0,
    ).fit(X, y)  # fmt: skip
    return net, net.score(X, y)


@pytest.mark.parametrize(
    ("activation", "share_different"),
    [("tanh", 1), ("relu", 1), ("logistic", 0.9)],  # logistic units part more slowly
)
def test_dropout_makes_tied_units_different(activation, share_different):
    tied, floor = fit_digits(activation, TIED, dropout=0.0)
    np.testing.assert_allclose(cosines(tied), 1, atol=1e-9)
    assert floor < 0.5
    different, accuracy = fit_digits(activation, TIED, dropout=0.5)
    assert np.mean(cosines(different) < 0.99) >= share_different
    assert accuracy > 0.8


# Not relu: of its tied starts, 3 in 20 solve XOR with dropout.
@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_dropout_lets_tied_units_solve_xor(activation):
    def fit(dropout):
        net = fit_xor(
            LOG, activation, TIED, 0.0, hidden_layer_sizes=(16,), solver="sgd", dropout=dropout,
            learning_rate_init=0.3, max_iter=1000, n_iter_no_change=np.inf, n_restarts=10,
        )  # fmt: skip
        return restarts(net)

    for net in fit(dropout=0.0):
        np.testing.assert_allclose(cosines(net), 1, atol=1e-9)
        assert xor_accuracy(net) <= 0.75
    # two inputs leave 16 units few directions, so that some pairs do stay alike
    solved = [cosines(net).min() < 0.99 and xor_accuracy(net) == 1 for net in fit(dropout=0.5)]
    assert sum(solved) >= 9


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_dropout_does_not_wake_zeros(activation):
    net, accuracy = fit_digits(activation, "zeros", dropout=0.5)
    for W in net.coefs_:
        np.testing.assert_array_equal(W, 0)
    assert accuracy < 0.15
