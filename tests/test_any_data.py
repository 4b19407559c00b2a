"""Any data gives a finite result of the right shape and type, or an error that names an argument.

The suite takes the same cases every time. For others, and more of them:

    ANY_DATA_CASES=20000 pytest tests/test_any_data.py --hypothesis-seed=1
"""

import os
import pickle
import re
import warnings
from fractions import Fraction
from pathlib import Path

import any_data_material as material
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
from engine_material import use_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sklearn_init
from sklearn_init import InitMLPClassifier, InitMLPRegressor, get_initializer_names
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.losses import REGRESSION_LOSSES

N_CASES = os.environ.get("ANY_DATA_CASES")

OURS, THEIRS = (Path(package.__file__).parent for package in (sklearn_init, sklearn))

ARGUMENTS = {"X", "y", "sample_weight", "X_val", "y_val", "sample_weight_val", "classes"}

CHECKS_OF_SKLEARN = (
    "inconsistent numbers of samples",
    "Expected 2D array",
    "Found array with",
    "Complex data not supported",
    "could not convert string to float",
    "Unknown label type",
    "not compatible with arrays of bytes/strings",
    "np.matrix is not supported",
    "Mix of label input types",
    "Expected a 1-dimensional container",
    "You appear to be using a legacy multi-label data representation",
    "Sparse data was passed",
    "Input contains NaN",
    "setting an array element with a sequence",
    "float() argument must be a string or a real number",
    "Multioutput target data is not supported",
)
"""Sentences that tell what is wrong with data, without an argument's name."""

RAW = (
    "could not be broadcast|[Ss]ingular|out of bounds|ufunc|cannot reshape|not aligned|"
    "index \\d|too large to convert|read-only|unhashable|"
    "object has no attribute|buffer|SVD|infs or NaNs"
)
"""What NumPy, SciPy and Python say where nobody has checked."""


def mostly(good, odd=(), share=8):
    """Draw a good one, and in about one of `share` cases an odd one."""
    good, odd = list(good), list(odd)
    return st.sampled_from(good * -(-len(odd) * (share - 1) // len(good)) + odd if odd else good)


SCHEMES = get_initializer_names()
COMMON = {
    "hidden_layer_sizes": mostly([(3,), (), (1,), (7, 5), 4, [2, 3, 2], np.array([3]), (101,)]),
    "activation": mostly(ACTIVATIONS),
    "solver": mostly(["adam", "sgd", "lbfgs"]),
    "weight_init": mostly(SCHEMES),
    "n_restarts": mostly([1, 1, 3]),
    "dtype": mostly([None, "float32", "float64"]),
}
RARE = {
    "alpha": mostly([0, 1e-4, 1e10, 1e300, np.float16(0.5), Fraction(1, 3), 10**400]),
    "batch_size": mostly([1, 3, 10**9, 10**30, "auto", np.int8(2)]),
    "learning_rate": mostly(["constant", "invscaling", "adaptive"]),
    "learning_rate_init": mostly(
        [0.1, 1e-300, 1e300, 10**400, np.longdouble(0.1), 1, np.float16(0.1), Fraction(1, 3)]
    ),
    "power_t": mostly([0, 0.5, 1e300]),
    "shuffle": mostly([True, False, np.False_]),
    "random_state": mostly([0, 2**32 - 1, np.random.RandomState(0)]),
    "tol": mostly([0, 1e-4, 1e300, 10**400]),
    "momentum": mostly([0, 0.9, 1, np.float16(0.5), Fraction(1, 3)]),
    "nesterovs_momentum": mostly([True, False]),
    "early_stopping": mostly([True]),
    "validation_fraction": mostly([0.1, 0.4, 0.9, 1e-300]),
    "beta_1": mostly([0, 0.9, 1 - 1e-16, np.float16(0.9), Fraction(1, 3)]),
    "beta_2": mostly([0, 0.999, 1 - 1e-16, np.float16(0.9), Fraction(1, 3)]),
    "epsilon": mostly([1e-8, 5e-324, 1e300, np.float16(0.1), Fraction(1, 3)]),
    "n_iter_no_change": mostly([1, 10**30, np.inf, np.int8(1)]),
    "max_iter": mostly([1, 3, np.int8(3)]),
    "max_fun": mostly([1, 5, 10**30, np.int8(5)]),
    "n_restarts": mostly(["auto", np.int8(3)]),
    "bias_init": mostly([0.25, 1e300, *SCHEMES]),
    "restart_strategy": mostly(["full", "halving"]),
    "restart_first_rung": mostly([0.5, 5e-324]),
    "restart_factor": mostly([2, 1.1, 1e308]),
    "restart_keep": mostly([1, 2, np.int8(2)]),
    "restart_criterion": mostly(["auto", "loss", "validation"]),
    "restart_combine": mostly(["best", "average"]),
    "restart_tol": mostly([0, 0.5, 1e300, 10**400]),
    "max_restarts": mostly([3, 1, 11, np.int8(9)]),
    "n_jobs": mostly([1, 2, None, -1]),
    "dropout": mostly([0.5, 0, 1 - 1e-16, 1e-320]),
    "scoring": mostly(["loss"]),
}
SCORING = {
    "classifier": ["accuracy", "neg_log_loss", "roc_auc", "f1_macro", "average_precision"],
    "regressor": ["r2", "neg_mean_squared_error", "neg_mean_poisson_deviance"],
}


def parameters(kind, more):
    """Draw all of the common parameters, and few of the rare ones."""
    rare = RARE | more | {"scoring": mostly(["loss", *SCORING[kind]])}
    some = st.lists(st.sampled_from(sorted(rare)), max_size=4, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries(
        COMMON | {name: rare[name] for name in sorted(names)}))  # fmt: skip


def draw_rows():
    return {
        "n_rows": mostly([17, 23, 9, 4, 3, 2, 1]),
        "numbers": mostly(material.NUMBERS, material.BAD_NUMBERS, 16),
        "dtype": mostly(material.DTYPES, material.ODD_DTYPES, 32),
        "form": mostly(material.FORMS, material.ODD_FORMS, 16),
        "weights": mostly(["none", "none", *material.WEIGHTS], material.BAD_WEIGHTS, 16),
    }


LABELS = {
    "n_classes": mostly([2, 3, 2, 3, 5], [1, 23]),
    "labels": mostly(material.KINDS_OF_LABELS, material.BAD_LABELS, 12),
    "label_form": mostly(material.LABEL_FORMS),
    "multi": mostly([None, None, None, *material.MULTI_FORMS]),
}
CLASS_WEIGHTS = [
    "balanced", {0: 1.0}, {0: 1e300, 1: 1e-300}, {1: 0}, {99: 2.0}, {"class 0": 2},
    [{0: 1, 1: 3}] * 3,
]  # fmt: skip
TARGETS = {
    "n_outputs": mostly([None, None, 1, 3]),
    "targets": mostly(["normal", "counts", *material.NUMBERS], material.BAD_NUMBERS, 16),
    "target_dtype": mostly(["float64", *material.DTYPES], material.ODD_DTYPES, 32),
    "target_form": mostly(
        ["C", *material.ORDERS], ["csr_array", "Series", "three dimensions", "no rows", "None"], 16
    ),
}
METHODS = ["fit", "fit", "partial_fit", "initialize", "fit twice", "fit, partial_fit"]


def make_case(kind, targets, more):
    return st.fixed_dictionaries(
        {
            "kind": st.just(kind),
            "seed": st.integers(0, 2**16),
            "n_features": mostly([5, 3, 2, 1]),
            "data": st.fixed_dictionaries(draw_rows() | targets),
            "validation": st.none() | st.none() | st.fixed_dictionaries(draw_rows()),
            "method": mostly(METHODS),
            "params": parameters(kind, more),
            "engine": mostly(["compiled", "compiled", "reference"]),
        }
    )


CASES = make_case(
    "classifier", LABELS, {"class_weight": mostly([None, *CLASS_WEIGHTS])}
) | make_case("regressor", TARGETS, {"loss": mostly(REGRESSION_LOSSES)})


def make_X(rng, rows, n_features):
    numbers = material.NUMBERS | material.BAD_NUMBERS
    X = numbers[rows["numbers"]](rng, (rows["n_rows"], n_features))
    return (material.FORMS | material.ODD_FORMS)[rows["form"]](material.cast(X, rows["dtype"]))


def make_y_of_classes(rng, rows):
    n_rows, n_classes = rows["n_rows"], rows["n_classes"]
    if rows["multi"] is not None:
        return material.MULTI_FORMS[rows["multi"]](rng.integers(0, 2, size=(n_rows, 3)))
    index = rng.permutation(np.arange(n_rows) % n_classes)
    return material.LABEL_FORMS[rows["label_form"]](material.make_labels(rows["labels"], index))


def make_y_of_numbers(rng, rows):
    numbers = material.NUMBERS | material.BAD_NUMBERS
    shape = (rows["n_rows"], rows["n_outputs"] or 1)
    y = material.cast(numbers[rows["targets"]](rng, shape), rows["target_dtype"])
    form = rows["target_form"]
    if form in material.SPARSE:
        return material.SPARSE[form](y)
    y = y if rows["n_outputs"] else y[:, 0]
    if form == "Series":
        return material.LABEL_FORMS[form](y.ravel())
    return (material.ORDERS | material.ODD_FORMS)[form](y)


def make_arguments(rng, kind, rows, n_features):
    make_y = make_y_of_classes if kind == "classifier" else make_y_of_numbers
    weights = (material.WEIGHTS | material.BAD_WEIGHTS)[rows["weights"]](rng, rows["n_rows"])
    return make_X(rng, rows, n_features), make_y(rng, rows), weights


def snapshot(value):
    """Return the bytes of an argument, apart from what sparse matrices note of themselves."""
    if not scipy.sparse.issparse(value):
        return pickle.dumps(value.to_numpy() if hasattr(value, "to_numpy") else value)
    names = "data", "indices", "indptr", "row", "col", "offsets", "rows", "blocksize"
    parts = [getattr(value, name, None) for name in names]
    return pickle.dumps([*parts, dict(value) if value.format == "dok" else None])


def make_estimator(case):
    Estimator = InitMLPClassifier if case["kind"] == "classifier" else InitMLPRegressor
    params = {"random_state": 0, "max_iter": 2, "max_restarts": 9} | case["params"]
    if case["engine"] == "reference":  # whose jobs would be processes
        params["n_jobs"] = 1
    return Estimator(**params)


def train(est, case, X, y, weights, validation):
    method = case["method"] if hasattr(est, "partial_fit") else "fit"
    classes = {}
    if case["kind"] == "classifier" and method == "partial_fit":
        rows = case["data"]
        index = np.arange(3 if rows["multi"] else rows["n_classes"])
        kind = "int" if rows["multi"] else rows["labels"]
        classes = {"classes": material.make_labels(kind, index)}
    if method == "initialize":
        return est.initialize(X, y, weights)
    if method == "partial_fit":
        return est.partial_fit(X, y, weights, **classes)
    est.set_params(warm_start=method == "fit twice").fit(X, y, weights, *validation)
    if method == "fit twice":
        est.fit(X, y, weights, *validation)
    if method == "fit, partial_fit":
        est.partial_fit(X, y, weights)
    return est


def check_network(est, case):
    dtypes = {"float32": [np.float32], "float64": [np.float64], None: [np.float32, np.float64]}
    for array in [*est.coefs_, *est.intercepts_]:
        assert array.dtype in dtypes[est.dtype]
        assert np.isfinite(array).all()
    assert isinstance(est.loss_, float)
    # else a warning has said so
    assert np.isfinite(est.loss_) or est.restarts_["diverged"][est.best_restart_], est.loss_


def check_predictions(est, case, X, y):
    n_rows = case["data"]["n_rows"]
    predicted = est.predict(X)
    if case["kind"] == "regressor":
        n_outputs = case["data"]["n_outputs"] or 1
        assert predicted.shape == ((n_rows,) if n_outputs == 1 else (n_rows, n_outputs))
        assert predicted.dtype in (np.float32, np.float64)
        assert np.isfinite(predicted).all(), f"predicted {predicted}"
        return
    proba = est.predict_proba(X)
    assert proba.shape == (n_rows, len(est.classes_))
    assert ((proba >= 0) & (proba <= 1)).all()
    assert not np.isnan(est.predict_log_proba(X)).any()
    if case["data"]["multi"] is not None:
        assert predicted.shape == (n_rows, 3)
        assert scipy.sparse.issparse(predicted) == scipy.sparse.issparse(y)
        return
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
    assert predicted.shape == (n_rows,)
    assert predicted.dtype == est.classes_.dtype
    assert np.isin(predicted, est.classes_).all()


def check_score(score, case):
    assert isinstance(score, float)
    if case["kind"] == "classifier":
        assert 0 <= score <= 1
    # the squares of tiny and of huge targets are no numbers, as in scikit-learn
    elif case["data"]["n_rows"] > 1 and case["data"]["targets"] in ("normal", "whole", "counts"):
        assert score <= 1


def check_error(error, est):
    """See that an error is raised by a check, ours or scikit-learn's, and says of what."""
    message = str(error)
    assert not re.search(RAW, message), message
    names = ARGUMENTS | set(est.get_params(deep=False))
    if any(text in message for text in CHECKS_OF_SKLEARN):
        return
    assert set(re.findall(r"\w+", message)) & names, message
    frame = error.__traceback__
    while frame.tb_next is not None:
        frame = frame.tb_next
    file = Path(frame.tb_frame.f_code.co_filename)
    assert OURS in file.parents or THEIRS in file.parents, f"raised in {file}"


def run(case):
    """Train and predict; return the error, if there is one."""
    rng = np.random.default_rng(case["seed"])
    with np.errstate(all="ignore"):
        arguments = make_arguments(rng, case["kind"], case["data"], case["n_features"])
        validation = ()
        if case["validation"] is not None:
            rows = case["data"] | case["validation"]
            validation = make_arguments(rng, case["kind"], rows, case["n_features"])
    before = [snapshot(value) for value in (*arguments, *validation)]
    est = make_estimator(case)
    X, y, weights = arguments
    error = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            train(est, case, X, y, weights, validation)
            check_network(est, case)
            check_predictions(est, case, X, y)
            check_score(est.score(X, y, weights), case)
        except (ValueError, TypeError) as raised:
            error = raised
    if error is not None:
        check_error(error, est)
    assert [snapshot(value) for value in (*arguments, *validation)] == before
    return error


@pytest.mark.slow
@given(CASES)
@settings(
    max_examples=int(N_CASES or 500), derandomize=N_CASES is None, database=None, deadline=10_000,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
def test_any_data_gives_a_finite_result_or_an_error_that_names_an_argument(case):
    with use_engine(case["engine"]):
        run(case)


# ---- what it has found ----

ROWS, LABELS_OF_ROWS = np.arange(17.0).reshape(-1, 1) % 5, np.arange(17) % 2
LARGEST = 1.7e308 * np.where(np.arange(34) % 2, 1, -1).reshape(17, 2)

quick = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make_quick(Estimator=InitMLPRegressor, **more):
    return Estimator(**{"hidden_layer_sizes": 3, "max_iter": 2, "random_state": 0} | more)


@quick
@pytest.mark.parametrize("Estimator", [InitMLPClassifier, InitMLPRegressor])
def test_no_warning_of_numpy_comes_before_an_error(Estimator):
    with pytest.raises(ValueError, match="X contains infinity"):
        make_quick(Estimator, dtype="float32").fit(1e300 * ROWS, LABELS_OF_ROWS)
    est = make_quick(Estimator, activation="identity").initialize(LARGEST, LABELS_OF_ROWS)
    est.coefs_[0][...] = 1e3
    with pytest.raises(ValueError, match="or X is too large"):
        est.predict(LARGEST)


@quick
def test_predictions_of_tiny_networks_may_be_beyond_float32():
    est = make_quick(n_restarts=3, activation="identity").fit(1e150 * ROWS, ROWS[:, 0])
    assert abs(est.predict(1e150 * ROWS)).max() > 1e100


@quick
def test_targets_whose_squares_overflow_are_scored_without_a_warning():
    est = make_quick().initialize(ROWS, 1e200 * ROWS[:, 0])
    assert not est.score(ROWS, 1e200 * ROWS[:, 0]) > 1


@pytest.mark.parametrize(
    ("scheme", "scale", "dtype"),
    [("within_layer", 1e-40, "float32"), ("least_squares_output", 1e200, "float64")],
)
def test_schemes_see_rows_of_all_scales_without_a_warning(scheme, scale, dtype):
    more = {"hidden_layer_sizes": 101, "activation": "softplus", "dtype": dtype}
    est = make_quick(InitMLPClassifier, weight_init=scheme, **more)
    X = scale * np.random.default_rng(0).normal(size=(17, 2))
    if scheme == "within_layer":  # which divides by the spread of what it sees
        with pytest.raises(ValueError, match="weight_init for .* that float32 cannot hold"):
            est.initialize(X, LABELS_OF_ROWS)
    else:
        assert np.isfinite(est.initialize(X, LABELS_OF_ROWS).loss_)


@quick
def test_weights_are_of_a_native_type():
    frame = pd.DataFrame(ROWS.astype(">f8"))
    est = make_quick().fit(frame, ROWS[:, 0])
    assert all(W.dtype.isnative for W in est.coefs_)
    expected = make_quick().fit(ROWS, ROWS[:, 0])
    np.testing.assert_array_equal(est.predict(frame), expected.predict(ROWS))


@quick
def test_predictions_are_of_a_type_of_training():
    est = make_quick(hidden_layer_sizes=()).fit(ROWS, ROWS[:, 0])
    predicted = est.predict(ROWS.astype(np.longdouble))
    assert predicted.dtype == np.float64
    np.testing.assert_array_equal(predicted, est.predict(ROWS))


@quick
@pytest.mark.parametrize("number", [np.float16(0.7), np.longdouble(0.7), Fraction(7, 10)])
def test_numbers_of_any_type_train_as_floats(number, engine):
    adam = ["alpha", "beta_1", "beta_2", "epsilon", "learning_rate_init"]
    sgd = ["alpha", "momentum", "power_t", "learning_rate_init"]
    for names, more in (adam, {}), (sgd, {"solver": "sgd", "learning_rate": "invscaling"}):
        est, expected = (
            make_quick(**more, **dict.fromkeys(names, value)).fit(ROWS / 5, ROWS[:, 0])
            for value in (number, float(number))
        )
        assert type(est.loss_) is float
        assert est.loss_ == expected.loss_


@quick
def test_an_infinite_loss_on_rows_of_weight_zero_has_diverged():
    est = make_quick().fit(ROWS, 1e300 * (ROWS[:, 0] - 2), (ROWS[:, 0] > 1).astype(float))
    assert not np.isfinite(est.loss_)
    assert est.restarts_["diverged"].all()


@quick
def test_counts_as_text_are_numbers_of_poisson():
    with pytest.raises(ValueError, match="y >= 0, but y has the negative value -1"):
        make_quick(loss="poisson").fit(ROWS, (ROWS[:, 0] - 1).astype(str))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1j, 2j], "not supported between instances of 'complex'"),
        ([(0, 1), "a"], "not supported between instances|Unknown label type"),
    ],
)
def test_labels_without_an_order_are_named(labels, message):
    y = material.make_array_of_objects(labels * 5)
    with pytest.raises(ValueError, match=f"labels of y are not allowed: .*({message})"):
        make_quick(InitMLPClassifier).fit(ROWS[:10], y)


def test_weights_of_several_lengths_are_named():
    with pytest.raises(ValueError, match=r"sample_weight has entries of different lengths, .*17,"):
        make_quick().fit(ROWS, ROWS[:, 0], [[1.0], *[[1.0, 2.0]] * 16])


def test_too_few_rows_to_hold_some_out_are_named():
    with pytest.raises(ValueError, match="validation_fraction=0.1 cannot split these 1 rows"):
        make_quick(early_stopping=True).fit(ROWS[:1], ROWS[:1, 0])


@quick
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_integers_of_eight_bits_do_not_overflow(solver, engine):
    numbers = {"batch_size": 11, "max_iter": 100, "max_fun": 100, "n_restarts": 3}
    more = {"hidden_layer_sizes": 101, "solver": solver, "restart_strategy": "halving"}
    est, expected = (
        make_quick(**more, **{name: kind(number) for name, number in numbers.items()})
        for kind in (np.int8, int)
    )
    X, y = np.random.default_rng(0).normal(size=(2, 23, 2))
    np.testing.assert_array_equal(est.fit(X, y).predict(X), expected.fit(X, y).predict(X))
