"""Wrong input gets a sentence, before any training, and nothing fitted is lost."""

import warnings
from fractions import Fraction
from itertools import cycle

import numpy as np
import pytest
from scipy.sparse import csr_array

from sklearn_init import InitMLPClassifier, InitMLPRegressor, SymmetryWarning
from sklearn_init._lookup import OTHER_NAMES, lookup
from sklearn_init._text import show
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.estimators._parameters import CHECKS, COMBINATIONS, CRITERIA, SOLVERS, STRATEGIES
from sklearn_init.initializers import SCHEMES
from sklearn_init.losses import REGRESSION_LOSSES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

BAD_PARAMETERS = [
    (
        "hidden_layer_sizes",
        [
            "5",
            b"ab",
            ("5",),
            (5.5,),
            (0,),
            -3,
            0,
            None,
            (5, np.nan),
            (True,),
            ((3,),),
            {5},
            {5: 1},
            np.array(2.5),
            np.ones((2, 2), dtype=int),
        ],
    ),
    ("activation", ["rely", None, 3, ["relu", "relu"]]),
    ("solver", ["adamm", None, 1]),
    ("alpha", [-1e-4, np.nan, np.inf, 10**400, "0.1", None, True]),
    ("batch_size", [0, -5, 2.5, "all", None]),
    ("learning_rate", ["const", None]),
    ("learning_rate_init", [0, Fraction(1, 10**400), -0.1, np.nan, "x"]),
    ("power_t", [-0.5, None]),
    ("max_iter", [0, -1, 1.5, None, True]),
    ("shuffle", [1, "yes", None]),
    ("random_state", [-1, "seed", 1.5, np.random.RandomState(np.random.PCG64(0))]),
    ("tol", [-1e-4, np.nan]),
    ("verbose", [-1, "no"]),
    ("warm_start", [1, None]),
    ("momentum", [-0.1, 1.1]),
    ("nesterovs_momentum", ["yes"]),
    ("early_stopping", [1]),
    ("validation_fraction", [-0.1, 1.0, "tenth"]),
    ("beta_1", [-0.1, 1.0]),
    ("beta_2", [-0.1, 1.0]),
    ("epsilon", [0.0, -1e-8]),
    ("n_iter_no_change", [0, 2.5, -np.inf, None]),
    ("max_fun", [0, 10.5]),
    ("n_restarts", [0, 2.5, -1, None, "3", "Auto", True]),
    ("restart_strategy", ["half", "", None, 3, ["full"]]),
    ("restart_first_rung", [0, 0.0, -0.1, 1.1, np.nan, "auto", None, True]),
    ("restart_factor", [1, 1.0, 1.0001, 0.5, -2, np.inf, np.nan, "2", None]),
    ("restart_keep", [0, -1, 1.5, None, "all", True, 2]),
    ("restart_criterion", ["score", None, False]),
    ("restart_combine", ["mean", None, 2]),
    ("restart_tol", [-0.01, np.nan, np.inf, "x", None]),
    ("max_restarts", [0, -8, 2.5, np.inf, None, "auto"]),
    ("n_jobs", [0, 1.5, "2"]),
    ("checkpoint", [3, True, ["folder"]]),
    ("scoring", [3, "roc", ["accuracy"]]),
    ("dtype", ["float16", "int", np.float32, 32]),
    ("checkpoint", [3, True, b"folder", ["folder"]]),
]


def test_every_checked_parameter_is_tested():
    assert set(CHECKS) <= {name for name, _ in BAD_PARAMETERS}


@pytest.mark.parametrize(
    ("name", "value", "solver"),
    [
        (name, value, solver)
        for name, values in BAD_PARAMETERS
        for value, solver in zip(values, cycle(["adam", "sgd"]), strict=False)
    ],
)
def test_parameters(X, y_number, name, value, solver):
    est = InitMLPRegressor(
        **{"hidden_layer_sizes": 7, "solver": solver, "max_iter": 2, "random_state": 0}
    )
    est.fit(X, y_number)
    before = est.predict(X)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        est.set_params(**{name: value}).fit(X, y_number)
    message = str(caught.value)
    assert name in message
    assert show(value) in message
    assert len(message) < 600
    est.set_params(**{name: InitMLPRegressor().get_params()[name]})
    np.testing.assert_array_equal(est.predict(X), before)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"n_restarts": 4, "restart_keep": 5},
            "restart_keep=5 is not allowed: expected at most n_restarts=4",
        ),
        (
            {"n_restarts": "auto", "restart_keep": 9},
            "restart_keep=9 is not allowed: expected at most 8, a batch of n_restarts='auto'",
        ),
        (
            {"n_restarts": "auto", "max_restarts": 3, "restart_keep": 4},
            "restart_keep=4 is not allowed: expected at most 3, a batch of n_restarts='auto'",
        ),
    ],
)
def test_no_more_restarts_can_be_kept_than_there_are(X, y_number, more, message):
    est = InitMLPRegressor(hidden_layer_sizes=7, **more)
    with pytest.raises(ValueError, match=message):
        est.fit(X, y_number)
    est.set_params(restart_keep=3, max_iter=1).fit(X, y_number)


@pytest.mark.parametrize("loss", ["squared", None, "log_loss"])
def test_loss(X, y_number, loss):
    with pytest.raises(ValueError, match=f"loss={loss!r} is not known"):
        InitMLPRegressor(loss=loss).fit(X, y_number)


@pytest.mark.parametrize("sizes", [(50,), [50, 20], 50])
def test_sizes_in_the_place_of_the_loss_are_recognized(X, y_number, sizes):
    with pytest.raises(
        ValueError, match=r"loss=.* is not known: .* Give hidden_layer_sizes=.* by name"
    ):
        InitMLPRegressor(sizes).fit(X, y_number)


@pytest.mark.parametrize(("name", "ours"), OTHER_NAMES.items())
def test_what_other_libraries_call_a_row_is_understood(name, ours):
    tables = (ACTIVATIONS, COMBINATIONS, CRITERIA, REGRESSION_LOSSES, SCHEMES, SOLVERS, STRATEGIES)
    table = next(table for table in tables if ours in table)
    with pytest.raises(ValueError, match=rf"is not known\. Did you mean '{ours}'[?,]"):
        lookup(table, name.upper(), "parameter")


def bad(array, value):
    array = np.array(array, dtype=float)
    array.flat[7] = value
    return array


BAD_DATA = {
    "NaN in X": (lambda X, y: (bad(X, np.nan), y, None), "X contains NaN"),
    "infinity in X": (lambda X, y: (bad(X, np.inf), y, None), "X contains infinity"),
    "NaN in y": (lambda X, y: (X, bad(y, np.nan), None), "y contains NaN"),
    "infinity in y": (lambda X, y: (X, bad(y, np.inf), None), "y contains infinity"),
    "negative weight": (
        lambda X, y: (X, y, bad(np.ones(len(y)), -2.0)),
        "sample_weight has the negative value -2.0",
    ),
    "zero weights": (lambda X, y: (X, y, np.zeros(len(y))), "all weights are zero"),
    "NaN weight": (
        lambda X, y: (X, y, bad(np.ones(len(y)), np.nan)),
        "sample_weight contains NaN",
    ),
    "too few weights": (lambda X, y: (X, y, np.ones(3)), r"sample_weight has shape \(3,\)"),
    "matrix of weights": (lambda X, y: (X, y, np.ones((len(y), 2))), "1D array or scalar"),
    "lengths differ": (lambda X, y: (X[:-1], y, None), "inconsistent numbers of samples"),
    "text in X": (lambda X, y: (np.full(X.shape, "a"), y, None), "could not convert|dtype"),
}


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("case", BAD_DATA)
@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
def test_data(X, y_class, Estimator, case, solver):
    change, message = BAD_DATA[case]
    est = Estimator(solver=solver, max_iter=2).fit(X, y_class)
    before = est.predict(X)
    wrong_X, wrong_y, weights = change(X, y_class)
    with pytest.raises(ValueError, match=message):
        est.fit(wrong_X, wrong_y, weights)
    np.testing.assert_array_equal(est.predict(X), before)


def test_nothing_is_lost_when_features_differ(X, y_class):
    est = InitMLPClassifier(max_iter=2).fit(X, y_class)
    with pytest.raises(ValueError, match="all weights are zero"):
        est.fit(X[:, :3], y_class, np.zeros(len(y_class)))
    assert est.n_features_in_ == 5
    assert est.predict(X).shape == y_class.shape


def test_one_class(X):
    with pytest.raises(ValueError, match="y has only one class, .*4"):
        InitMLPClassifier().fit(X, np.full(len(X), 4))
    with pytest.raises(ValueError, match="classes has only one class"):
        InitMLPClassifier().partial_fit(X, np.full(len(X), 4), classes=[4])


def test_poisson_needs_targets_that_are_not_negative(X, y_number):
    with pytest.raises(ValueError, match="loss='poisson' needs y >= 0, .* negative value -"):
        InitMLPRegressor(loss="poisson").fit(X, y_number)


def test_validation_rows_without_weight(X, y_number):
    est = InitMLPRegressor(early_stopping=True, random_state=0, warm_start=True)
    weights = np.ones(len(X))
    held_out = est.fit(X, y_number, weights)._training.split.validation
    weights[held_out] = 0
    with pytest.raises(ValueError, match="sample_weight is zero on all 6 validation rows"):
        est.set_params(warm_start=False).fit(X, y_number, weights)


@pytest.mark.parametrize("fraction", [0.0, 0.001])
def test_too_few_validation_rows(X, y_number, fraction):
    with pytest.raises(ValueError, match="validation_fraction"):
        InitMLPRegressor(early_stopping=True, validation_fraction=fraction).fit(X, y_number)


@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
def test_partial_fit_is_absent_for_lbfgs(X, y_class, Estimator):
    est = Estimator(solver="lbfgs")
    assert not hasattr(est, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        est.partial_fit(X, y_class)
    assert hasattr(Estimator(solver="sgd"), "partial_fit")


def test_partial_fit_refuses_early_stopping(X, y_class):
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        InitMLPClassifier(early_stopping=True).partial_fit(X, y_class, classes=[0, 1, 2])


def test_classes_of_partial_fit(X, y_class):
    est = InitMLPClassifier()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        est.partial_fit(X, y_class)
    est.partial_fit(X, y_class, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"classes=\[0, 1\] is not the same as on last call"):
        est.partial_fit(X, y_class, classes=[0, 1])
    with pytest.raises(ValueError, match="y has classes that were not seen before"):
        est.partial_fit(X, y_class + 1)


@pytest.mark.parametrize(
    "class_weight",
    ["balance", 3, {0: "heavy"}, [1, 2, 3], {0: -1, 1: 1, 2: 1}, {0: np.nan}, {2: np.inf}, []],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weight(X, y_class, class_weight, solver):
    with pytest.raises(ValueError, match="^class_weight=.* is not allowed"):
        InitMLPClassifier(class_weight=class_weight, solver=solver).fit(X, y_class)


def test_weights_that_cancel(X, y_class):
    est = InitMLPClassifier(class_weight={0: 0, 1: 1, 2: 1})
    with pytest.raises(ValueError, match="class_weight times sample_weight must contain at least"):
        est.fit(X, y_class, (y_class == 0).astype(float))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e308, 1e-320])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_extreme_weights(X, y_class, scale, solver, dtype):
    est = InitMLPClassifier(solver=solver)
    with pytest.raises(ValueError, match="sample_weight (is too large|must contain|contains inf)"):
        est.fit(X.astype(dtype), y_class, np.full(len(X), scale))


def test_text_as_weights(X, y_class):
    with pytest.raises(ValueError, match="sample_weight must hold numbers, not <U1"):
        InitMLPClassifier().fit(X, y_class, np.full(len(X), "1"))


def test_targets_beyond_the_type_of_the_data(X, y_number):
    with pytest.raises(ValueError, match="y has numbers that float32 cannot hold"):
        InitMLPRegressor().fit(X.astype(np.float32), 1e300 * y_number)


def test_sparse_targets_of_a_regressor(X, y_number):
    with pytest.raises(ValueError, match="y is sparse"):
        InitMLPRegressor().fit(X, csr_array(np.ones((len(X), 2))))


@pytest.mark.parametrize("error", ["symmetry", "validation"])
def test_a_random_state_is_given_back(X, y_class, error):
    stream = np.random.RandomState(0)
    before = stream.get_state()[1].copy()
    more = {"weight_init": "zeros"} if error == "symmetry" else {"early_stopping": True}
    est = InitMLPClassifier((7,), random_state=stream, validation_fraction=0.01, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SymmetryWarning)
        with pytest.raises((SymmetryWarning, ValueError)):
            est.fit(X, y_class)
    np.testing.assert_array_equal(stream.get_state()[1], before)


def test_balanced_is_refused_by_partial_fit(X, y_class):
    est = InitMLPClassifier(class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported for partial"):
        est.partial_fit(X, y_class, classes=[0, 1, 2])


def test_broken_weights_do_not_predict_a_class(X, y_class):
    est = InitMLPClassifier(max_iter=2).fit(X, y_class)
    est.coefs_[0][...] = np.nan
    with pytest.raises(ValueError, match="probabilities are NaN"):
        est.predict(X)


def test_sparse_data_with_nan(X, y_class):
    with pytest.raises(ValueError, match="X contains NaN"):
        InitMLPClassifier().fit(csr_array(bad(X, np.nan)), y_class)
