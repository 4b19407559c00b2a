"""Parity: with ``weight_init="sklearn"``, an estimator does what scikit-learn's MLP does.

Both are fitted side by side and compared number by number. Two correct programs that round
differently drift apart where training is chaotic. So where they do not agree, scikit-learn is
its own yardstick: it is fitted again from a start moved by one ulp, and only from the epoch on at
which that changes its curve, ours is excused.
"""

import functools
from collections import Counter
from itertools import cycle, pairwise, product
from unittest import mock

import numpy as np
import pytest
import scipy.optimize
import sklearn
from engine_material import list_half
from numpy.random import RandomState
from numpy.testing import assert_allclose, assert_array_equal, assert_equal
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor, draw, get_initializer_names

if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < (1, 9):
    pytest.skip("parity is with the MLPs of scikit-learn >= 1.9", allow_module_level=True)

pytestmark = [
    # both sides give these; what ours says is tested elsewhere
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Got `batch_size` less than 1:UserWarning"),
]

SEED, N, F, H, N_EPOCHS = 5, 53, 5, 7, 11
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
TARGETS = ("binary", "multi-class", "multi-label", "1 output", "3 outputs", "poisson")
CLASSIFIED = TARGETS[:3]

AGREE = 1e-9
"""Ours has to agree with scikit-learn's curve to this ..."""
CALM = 1e-11
"""... for as long as an ulp in its start changes that by less than this. Both are relative."""


# Data


@functools.cache
def load(target, scaling):
    """Return X of shape (N, F), whose raw features differ a thousandfold in scale, and y."""
    is_cancer = target in ("binary", "multi-label")
    bunch = load_breast_cancer() if is_cancer else load_wine()
    step = len(bunch.target) // N
    features, classes = bunch.data[::step][:N], bunch.target[::step][:N]
    X = features[:, [0, 1, 2, 3, 23] if is_cancer else [0, 3, 4, 9, 12]]
    y = {
        "binary": classes,
        "multi-class": classes,
        "multi-label": np.column_stack([classes, features[:, 4:9:4] > features[:, 4:9:4].mean(0)]),
        "1 output": features[:, 6],
        "3 outputs": features[:, [6, 7, 10]],
        "poisson": np.floor(features[:, 1]),
    }[target]
    return scale(X) if scaling == "scaled" else X, y


def make_weights():
    """Return sample weights, some of them zero."""
    weights = RandomState(SEED).uniform(0, 2, N)
    weights[::9] = 0
    return weights


# Estimators: scikit-learn's first, then ours


def make_pair(target, **parameters):
    parameters = {"hidden_layer_sizes": (H,), "random_state": SEED, **parameters}
    if target in CLASSIFIED:
        return MLPClassifier(**parameters), InitMLPClassifier(**parameters)
    parameters["loss"] = "poisson" if target == "poisson" else "squared_error"
    return MLPRegressor(**parameters), InitMLPRegressor(**parameters)


def fit_sklearn(estimator, *data, change_start=None):
    """Fit scikit-learn's estimator silently; ``change_start`` replaces what a layer drew."""
    if change_start is not None:
        draw_layer = estimator._init_coef
        estimator._init_coef = lambda *layer: change_start(*draw_layer(*layer))
    with np.errstate(all="ignore"):
        return estimator.fit(*data)


def move_by_one_ulp(W, b):
    return np.nextafter(W, np.inf), np.nextafter(b, np.inf)


def start_from(coefs, intercepts):
    """Return a change of start to these arrays: the stream moves on, its draws are dropped."""
    layers = zip(coefs, intercepts, strict=True)
    return lambda W, b: tuple(array.copy() for array in next(layers))


def assert_same_arrays(*lists):
    for first, *others in zip(*lists, strict=True):
        for other in others:
            assert first.dtype == other.dtype
            assert_array_equal(first, other)


# Start and streams


def draw_by_law(sizes, activation, stream, dtype):
    """Draw scikit-learn's start as its documentation describes it."""
    coefs, intercepts = [], []
    for fan_in, fan_out in pairwise(sizes):
        bound = np.sqrt((2 if activation == "logistic" else 6) / (fan_in + fan_out))
        coefs.append(stream.uniform(-bound, bound, (fan_in, fan_out)).astype(dtype))
        intercepts.append(stream.uniform(-bound, bound, fan_out).astype(dtype))
    return coefs, intercepts


@pytest.fixture
def seed_global_stream():
    """Return a function that seeds NumPy's global stream, which is restored at the end."""
    before = np.random.get_state()
    yield lambda: np.random.seed(SEED)
    np.random.set_state(before)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("source", ["int", "global", "instance"])
def test_start_is_scikit_learns_bit_for_bit(source, activation, solver, dtype, seed_global_stream):
    X, y = load("multi-class", "scaled")
    X = X.astype(dtype)

    def make():
        seed_global_stream()
        state = {"int": SEED, "global": None, "instance": RandomState(SEED)}[source]
        hidden = {"hidden_layer_sizes": (H, 3), "activation": activation}
        return make_pair("multi-class", **hidden, solver=solver, random_state=state, max_iter=1)

    by_law = draw_by_law((F, H, 3, 3), activation, RandomState(SEED), dtype)
    drawn = []

    def record(W, b):
        drawn.append((W.copy(), b.copy()))  # training changes the arrays in place
        return W, b

    fit_sklearn(make()[0], X, y, change_start=record)
    initialized = make()[1].initialize(X, y)
    fitted = make()[1].fit(X, y)

    coefs, intercepts = zip(*drawn, strict=True)
    assert_same_arrays(by_law[0], coefs, initialized.coefs_, fitted.initial_coefs_)
    assert_same_arrays(by_law[1], intercepts, initialized.intercepts_, fitted.initial_intercepts_)


@pytest.mark.parametrize(
    ("solver", "early_stopping", "shuffle"),
    [(s, e, f) for s in ("adam", "sgd") for e in (False, True) for f in (True, False)]
    + [("lbfgs", False, True), ("lbfgs", True, True)],
)
@pytest.mark.parametrize("source", ["global", "instance"])
def test_stream_is_left_where_scikit_learn_leaves_it(
    source, solver, early_stopping, shuffle, seed_global_stream
):
    X, y = load("binary", "scaled")
    left = []
    for which in (0, 1):
        seed_global_stream()
        stream = np.random.mtrand._rand if source == "global" else RandomState(SEED)
        estimator = make_pair(
            "binary",
            solver=solver,
            early_stopping=early_stopping,
            shuffle=shuffle,
            max_iter=6,
            random_state=None if source == "global" else stream,
        )[which]
        estimator.fit(X, y)
        left.append(stream.get_state(legacy=False))
    assert_equal(left[1], left[0])


# Training by adam and sgd


def count_epochs_together(curve, expected, tolerance):
    """Return for how many epochs two curves are finite and agree to a relative tolerance."""
    n = min(len(curve), len(expected))
    curve, expected = np.array(curve[:n]), np.array(expected[:n])
    together = np.isclose(curve, expected, rtol=tolerance, atol=0) & np.isfinite(expected)
    return n if together.all() else int(np.argmin(together))


def catch_divergence(fit, *data, **keywords):
    """Return the sentence with which a fit refuses to end in non-finite weights, or None."""
    try:
        fit(*data, **keywords)
    except ValueError as error:
        return str(error).partition(". ")[0]
    return None


def compare_training(target, X, y, weights=None, **parameters):
    """Assert that both train alike for as long as scikit-learn's curve does not hang on an ulp.

    Returns
    -------
    bool
        Whether they do so to the end.
    """
    data, parameters = (X, y, weights), {"max_iter": N_EPOCHS, **parameters}
    theirs, ours = make_pair(target, **parameters)
    divergence = catch_divergence(fit_sklearn, theirs, *data)
    assert catch_divergence(ours.fit, *data) == divergence
    if divergence:
        return False
    curve = theirs.loss_curve_
    if count_epochs_together(ours.loss_curve_, curve, AGREE) == len(curve):
        assert_same_end(theirs, ours, X)
        return True
    moved, _ = make_pair(target, **parameters)
    catch_divergence(fit_sklearn, moved, *data, change_start=move_by_one_ulp)
    n_calm = count_epochs_together(moved.loss_curve_, curve, CALM)
    assert_allclose(ours.loss_curve_[:n_calm], curve[:n_calm], rtol=AGREE)
    assert n_calm < len(curve)
    return False


def assert_same_end(theirs, ours, X):
    """Assert that two fits whose curves agree ended alike."""
    assert len(ours.loss_curve_) == ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    assert_allclose(ours.loss_, theirs.loss_, rtol=AGREE)
    if theirs.early_stopping:
        assert ours.best_loss_ is None
        close = {"rtol": AGREE, "atol": AGREE}  # a coefficient of determination can be near 0
        assert_allclose(ours.validation_scores_, theirs.validation_scores_, **close)
        assert_allclose(ours.best_validation_score_, theirs.best_validation_score_, **close)
    else:
        assert ours.validation_scores_ is ours.best_validation_score_ is None
        assert_allclose(ours.best_loss_, theirs.best_loss_, rtol=AGREE)
    if isinstance(theirs, MLPClassifier):
        assert_array_equal(ours.predict(X), theirs.predict(X))
        assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-7, atol=AGREE)
    else:
        assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-7)


@pytest.fixture(scope="module")
def tally():
    """Count the cases of `test_matrix` that agree to the end, and those that do not."""
    return Counter()


OPTIONS = {
    "plain": {"batch_size": 27},
    "early_stopping": {"batch_size": 27, "early_stopping": True, "validation_fraction": 0.2},
    "sample_weight": {"batch_size": 20},
    "sparse": {"batch_size": 27},
    "shuffle=False": {"batch_size": 27, "shuffle": False},
    "batch_size=1000": {"batch_size": 1000},
}
HALF = list_half(TARGETS, ACTIVATIONS, ("adam", "sgd"), OPTIONS)
CASES = [(scaling, *case) for scaling, case in zip(cycle(("scaled", "raw")), HALF, strict=False)]


@pytest.mark.parametrize(("scaling", "target", "activation", "solver", "option"), CASES)
def test_matrix(scaling, target, activation, solver, option, tally):
    X, y = load(target, scaling)
    agreed = compare_training(
        target,
        csr_array(X) if option == "sparse" else X,
        y,
        make_weights() if option == "sample_weight" else None,
        activation=activation,
        solver=solver,
        **OPTIONS[option],
    )
    tally[scaling, agreed] += 1


def test_most_of_the_matrix_agrees_to_the_end(tally):
    """Otherwise chaos and divergence would have excused `test_matrix` from comparing."""
    if tally.total() < len(CASES):
        pytest.skip(f"only {tally.total()} of {len(CASES)} cases of test_matrix passed")
    assert tally["scaled", False] == 0
    assert tally["raw", True] > 0.7 * len(CASES) / 2


RISING = {"early_stopping": True, "n_iter_no_change": 2, "learning_rate_init": 0.003}
TUNED = {
    "no hidden layer": {"hidden_layer_sizes": ()},
    "two hidden layers": {"hidden_layer_sizes": (H, 5)},
    "a batch of one row": {"batch_size": 26},
    "alpha": {"alpha": 10.0},
    "alpha=0": {"alpha": 0},
    "adam's own": {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.1, "learning_rate_init": 0.02},
    "ends early": {"tol": 0.02, "n_iter_no_change": 2, "max_iter": 100},
    "never ends": {"tol": 100, "n_iter_no_change": np.inf},
    "validation ends early": {"early_stopping": True, "n_iter_no_change": 1, "max_iter": 100},
    "validation has to rise": {**RISING, "tol": 0.2},
    "validation may stand still": {**RISING, "tol": 0},
    "momentum=0": {"solver": "sgd", "momentum": 0},
    "momentum=1": {"solver": "sgd", "momentum": 1},
    "no nesterovs_momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "constant": {"solver": "sgd", "learning_rate_init": 0.05},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
    "adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.1,
        "tol": 0.02,
        "n_iter_no_change": 1,
        "max_iter": 100,  # enough to divide the rate until it is too small
    },
}


@pytest.mark.parametrize("option", TUNED)
@pytest.mark.parametrize("target", TARGETS)
def test_parameters(target, option):
    X, y = load(target, "scaled")
    assert compare_training(target, X, y, **{"batch_size": 20, **TUNED[option]})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_early_stopping_with_weights(target, container):
    X, y = load(target, "scaled")
    parameters = {"early_stopping": True, "validation_fraction": 0.3, "batch_size": 20}
    assert compare_training(target, container(X), y, make_weights(), **parameters)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("target", TARGETS)
def test_float32(target, solver):
    X, y = load(target, "scaled")
    theirs, ours = (
        estimator.fit(X.astype(np.float32), y)
        for estimator in make_pair(target, solver=solver, max_iter=N_EPOCHS, batch_size=20)
    )
    assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-5)
    for array in [*ours.coefs_, *ours.intercepts_]:
        assert array.dtype == np.float32


def test_adaptive_case_stops_by_its_rate():
    """That is: `test_parameters` sees the rate divided, and the end of dividing."""
    X, y = load("multi-class", "scaled")
    _, ours = make_pair("multi-class", batch_size=20, **TUNED["adaptive"])
    assert 20 < ours.fit(X, y).n_iter_ < 100


# L-BFGS


class Seen(Exception):  # noqa: N818
    """What SciPy was asked to minimize, at the start."""


def evaluate_start(estimator, X, y, weights):
    """Return start, loss and gradient of an estimator's L-BFGS before its first step."""

    def minimize(fun, x0, args=(), **options):
        raise Seen(x0, *fun(x0.copy(), *args))

    patched = mock.patch.object(scipy.optimize, "minimize", minimize)
    with patched, np.errstate(all="ignore"), pytest.raises(Seen) as seen:
        estimator.fit(X, y, weights)
    return seen.value.args


LBFGS_OPTIONS = {
    "plain": (np.asarray, None),
    "sample_weight": (np.asarray, make_weights()),
    "sparse": (csr_array, None),
    "sparse, sample_weight": (csr_array, make_weights()),
}


@pytest.mark.parametrize("option", LBFGS_OPTIONS)
@pytest.mark.parametrize(
    ("scaling", "target", "activation"),
    sorted(
        set(product(("scaled", "raw"), TARGETS, ACTIVATIONS))
        - {("raw", "poisson", "identity"), ("raw", "poisson", "relu")}  # predictions overflow
    ),
)
def test_lbfgs_starts_alike(scaling, target, activation, option):
    X, y = load(target, scaling)
    container, weights = LBFGS_OPTIONS[option]
    alpha, total = 0.7, N if weights is None else weights.sum()
    (start, their_loss, their_grad), (our_start, our_loss, our_grad) = (
        evaluate_start(estimator, container(X), y, weights)
        for estimator in make_pair(target, solver="lbfgs", activation=activation, alpha=alpha)
    )
    assert_array_equal(our_start, start)
    assert_allclose(our_grad, their_grad, rtol=1e-12, atol=1e-12 * np.abs(their_grad).max())
    if scaling == "raw" and target in CLASSIFIED:
        return  # scikit-learn clips probabilities in the loss, not in the gradient; we in neither
    if target == "3 outputs":  # its loss is a mean over outputs, its gradient that of the sum
        penalty = 0.5 * alpha * np.sum(start[: F * H + H * 3] ** 2) / total
        their_loss = 3 * (their_loss - penalty) + penalty
    assert_allclose(our_loss, their_loss, rtol=1e-12)


@pytest.mark.parametrize("option", LBFGS_OPTIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("target", [t for t in TARGETS if t != "3 outputs"])
def test_lbfgs_ends_alike(target, activation, option):
    X, y = load(target, "scaled")
    container, weights = LBFGS_OPTIONS[option]
    theirs, ours = (
        estimator.fit(container(X), y, weights)
        for estimator in make_pair(target, solver="lbfgs", activation=activation, max_iter=10)
    )
    assert ours.n_iter_ == theirs.n_iter_
    assert_allclose(ours.loss_, theirs.loss_, rtol=1e-6)
    assert not hasattr(ours, "loss_curve_")
    assert not hasattr(theirs, "loss_curve_")


def test_lbfgs_reports_the_mean_over_outputs():
    X, y = load("3 outputs", "scaled")
    _, ours = make_pair("3 outputs", solver="lbfgs", alpha=0.7, max_iter=10)
    penalty = 0.5 * 0.7 * sum(np.sum(W**2) for W in ours.fit(X, y).coefs_) / N
    assert_allclose(ours.loss_, np.mean((y - ours.predict(X)) ** 2) / 2 + penalty, rtol=1e-12)


# Whatever the scheme or restart, split and batch order are those of MLPClassifier(random_state=s)


def assert_trained_alike(target, ours, coefs, intercepts, **parameters):
    """Assert that scikit-learn's training from a start gives the curve and scores of ours."""
    X, y = load(target, "scaled")
    theirs, _ = make_pair(target, **parameters)
    fit_sklearn(theirs, X, y, change_start=start_from(coefs, intercepts))
    assert_same_end(theirs, ours, X)
    assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=AGREE)


SHORT = {"max_iter": N_EPOCHS, "batch_size": 20, "validation_fraction": 0.2}


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("target", TARGETS)
def test_order_and_split_do_not_depend_on_the_weights(target, solver, early_stopping):
    X, y = load(target, "scaled")
    parameters = {**SHORT, "solver": solver, "early_stopping": early_stopping}
    n_outputs = 3 if target in ("multi-class", "multi-label", "3 outputs") else 1
    coefs, intercepts = draw((F, H, n_outputs), "he_normal", random_state=99)
    _, ours = make_pair(target, **parameters)
    ours.set_params(weight_init=coefs, bias_init=intercepts).fit(X, y)
    assert_trained_alike(target, ours, coefs, intercepts, **parameters)


@pytest.mark.parametrize(
    ("scheme", "early_stopping"), zip(get_initializer_names(), cycle([False, True]), strict=False)
)
@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
def test_order_and_split_do_not_depend_on_the_scheme(scheme, early_stopping):
    X, y = load("binary", "scaled")
    # "he+1" puts the kinks of relu on rows, where rounding decides which slope these get
    parameters = {**SHORT, "early_stopping": early_stopping, "activation": "tanh"}
    _, ours = make_pair("binary", **parameters)
    ours.set_params(weight_init=scheme).fit(X, y)
    start = ours.initial_coefs_, ours.initial_intercepts_
    assert_trained_alike("binary", ours, *start, **parameters)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("weight_init", ["sklearn", "orthogonal"])
@pytest.mark.parametrize("target", ["binary", "3 outputs"])
def test_order_and_split_do_not_depend_on_the_restart(target, weight_init, solver, early_stopping):
    X, y = load(target, "scaled")
    parameters = {**SHORT, "solver": solver, "early_stopping": early_stopping}
    _, ours = make_pair(target, **parameters)
    ours.set_params(weight_init=weight_init, n_restarts=3).fit(X, y)
    for index in range(3):
        restart = ours.restart(index)
        start = restart.initial_coefs_, restart.initial_intercepts_
        assert_trained_alike(target, restart, *start, **parameters)
    assert not np.array_equal(ours.restart(1).initial_coefs_[0], restart.initial_coefs_[0])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("target", TARGETS)
def test_first_of_many_restarts_is_the_single_fit(target, solver, early_stopping):
    X, y = load(target, "scaled")
    parameters = {**SHORT, "solver": solver, "early_stopping": early_stopping}
    _, single = make_pair(target, **parameters)
    _, many = make_pair(target, **parameters)
    first = many.set_params(n_restarts=3).fit(X, y).restart(0)
    single.fit(X, y)
    assert_same_arrays(first.coefs_, single.coefs_)
    assert_same_arrays(first.intercepts_, single.intercepts_)
    for name in ("loss_", "loss_curve_", "validation_scores_", "n_iter_"):
        assert getattr(first, name, None) == getattr(single, name, None)


def test_defaults_are_scikit_learns():
    for theirs, ours in ((MLPClassifier, InitMLPClassifier), (MLPRegressor, InitMLPRegressor)):
        defaults = ours().get_params()
        assert {name: defaults[name] for name in theirs().get_params()} == theirs().get_params()
