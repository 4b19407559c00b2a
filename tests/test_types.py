"""What holds no numbers is refused by name, by whatever method it comes in."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from sklearn_init import InitMLPClassifier, InitMLPRegressor, compare_initializers, diagnose

N_ROWS = 23
DAYS = pd.date_range("2020-01-01", periods=N_ROWS)

NO_NUMBERS = {
    "dates": DAYS.to_numpy(),
    "dates in days": DAYS.to_numpy().astype("datetime64[D]"),
    "durations": (DAYS - DAYS[0]).to_numpy(),
    "series of dates": pd.Series(DAYS),
    "series of missing dates": pd.Series(DAYS).mask(np.arange(N_ROWS) < 4),
    "dates with a time zone": pd.Series(DAYS.tz_localize("UTC")),
    "categories of dates": pd.Series(DAYS).astype("category"),
    "list of dates": list(DAYS.to_pydatetime()),
    "list of days": [datetime.date(2020, 1, 1 + i) for i in range(N_ROWS)],
    "list of NumPy's dates": list(DAYS.to_numpy()),
    "objects that are dates": np.array(DAYS.to_pydatetime(), dtype=object),
    "objects that are NumPy's dates": np.array([*DAYS.to_numpy(), 0], dtype=object)[:-1],
    "objects that are NumPy's durations": np.array([*np.diff(DAYS), 0, 0], dtype=object)[
        : N_ROWS - 1
    ].repeat([*[1] * (N_ROWS - 2), 2]),
    "numbers and a date": np.array([1.5, *DAYS[1:]], dtype=object),
    "records": np.zeros(N_ROWS, dtype=[("a", float)]),
    "bytes without a type": np.zeros(N_ROWS, dtype="V8"),
    "complex": np.arange(N_ROWS) * 1j,
    "pandas.NA": pd.Series([pd.NA, *range(N_ROWS - 1)], dtype=object),
    "pandas.NaT": np.array([pd.NaT, *range(N_ROWS - 1)], dtype=object),
    "periods": pd.Series(DAYS.to_period("M")),
    "intervals": pd.Series(pd.cut(np.arange(N_ROWS), 5)),
    "masked": np.ma.masked_less(np.arange(N_ROWS, dtype=float), 3),
    "masked integers": np.ma.masked_less(np.arange(N_ROWS), 3),
}
"""Columns that NumPy may cast to float64 without a word, or that fail deep inside."""

NUMBERS = {
    "integers": list(range(N_ROWS)),
    "Int64": pd.Series(range(N_ROWS), dtype="Int64"),
    "categories of numbers": pd.Series(range(N_ROWS)).astype("category"),
    "text": np.arange(N_ROWS).astype(str),
    "objects": np.arange(N_ROWS).astype(object),
    "fractions": np.array([Fraction(i) for i in range(N_ROWS)]),
    "decimals": np.array([Decimal(i) for i in range(N_ROWS)]),
    "masked nowhere": np.ma.masked_less(np.arange(N_ROWS), 0),
    "float16": np.arange(N_ROWS, dtype="float16"),
}

numbers_refused = pytest.mark.parametrize("column", NO_NUMBERS.values(), ids=NO_NUMBERS)
refused = pytest.raises((ValueError, TypeError))


def make_rows(column):
    """Return features of which one column is the given one."""
    if isinstance(column, pd.Series):
        return pd.DataFrame({"number": 1.0, "odd": column})
    if isinstance(column, list):
        return [[value] for value in column]
    return column.reshape(-1, 1)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(N_ROWS, 2))


def make_regressor(**more):
    return InitMLPRegressor(hidden_layer_sizes=(3,), max_iter=1, random_state=0, **more)


def make_classifier(**more):
    return InitMLPClassifier((3,), max_iter=1, random_state=0, **more)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

USES_OF_Y = {
    "fit": lambda X, y: make_regressor().fit(X, y),
    "partial_fit": lambda X, y: make_regressor().partial_fit(X, y),
    "initialize": lambda X, y: make_regressor().initialize(X, y),
    "lbfgs": lambda X, y: make_regressor(solver="lbfgs").fit(X, y),
    "score": lambda X, y: make_regressor().fit(X, X[:, 0]).score(X, y),
    "y_val": lambda X, y: make_regressor().fit(X, X[:, 0], X_val=X, y_val=y),
    "diagnose": lambda X, y: diagnose(make_regressor().fit(X, X[:, 0]), X, y),
    "compare_initializers": lambda X, y: compare_initializers(
        make_regressor(), X, y, ["he_normal", "zeros"], cv=3
    ),
}


@numbers_refused
@pytest.mark.parametrize("use", USES_OF_Y)
def test_targets_that_are_no_numbers(X, column, use):
    with refused as caught:
        USES_OF_Y[use](X, column)
    name = "y_val" if use == "y_val" else "y"
    assert name in str(caught.value).replace(",", " ").split()
    assert len(str(caught.value)) < 300


USES_OF_X = {
    "fit": lambda X, odd: make_regressor().fit(odd, X[:, 0]),
    "partial_fit": lambda X, odd: make_regressor().partial_fit(odd, X[:, 0]),
    "initialize": lambda X, odd: make_regressor().initialize(odd, X[:, 0]),
    "predict": lambda X, odd: make_regressor().fit(narrow(X, odd), X[:, 0]).predict(odd),
    "score": lambda X, odd: make_regressor().fit(narrow(X, odd), X[:, 0]).score(odd, X[:, 0]),
    "X_val": lambda X, odd: make_regressor().fit(
        narrow(X, odd), X[:, 0], X_val=odd, y_val=X[:, 0]
    ),
    "diagnose": lambda X, odd: diagnose(make_regressor().fit(narrow(X, odd), X[:, 0]), odd),
    "predict_proba": lambda X, odd: (
        InitMLPClassifier((3,), max_iter=1).fit(narrow(X, odd), X[:, 0] > 0).predict_proba(odd)
    ),
}


def narrow(X, odd):
    """Return features with as many columns as `odd` has, of the same names."""
    if isinstance(odd, pd.DataFrame):
        return pd.DataFrame(X, columns=odd.columns)
    return X[:, :1]


@numbers_refused
@pytest.mark.parametrize("use", USES_OF_X)
def test_features_that_are_no_numbers(X, column, use):
    with refused as caught:
        USES_OF_X[use](X, make_rows(column))
    name = "X_val" if use == "X_val" else "X"
    assert name in str(caught.value).replace(",", " ").split()
    assert len(str(caught.value)) < 300


@numbers_refused
def test_weights_that_are_no_numbers(X, column):
    with pytest.raises(ValueError, match="sample_weight (must hold numbers|has masked values)"):
        make_regressor().fit(X, X[:, 0], sample_weight=column)
    with pytest.raises(ValueError, match="sample_weight_val (must hold numbers|has masked)"):
        make_regressor().fit(X, X[:, 0], X_val=X, y_val=X[:, 0], sample_weight_val=column)
    for make, y in (make_regressor, X[:, 0]), (make_classifier, X[:, 0] > 0):
        with pytest.raises(ValueError, match="sample_weight (must hold numbers|has masked)"):
            make().fit(X, y).score(X, y, sample_weight=column)


@pytest.mark.parametrize("column", NUMBERS.values(), ids=NUMBERS)
def test_numbers_of_any_type_are_the_same_numbers(X, column):
    expected = make_regressor().fit(np.arange(N_ROWS).reshape(-1, 1), np.arange(N_ROWS))
    rows = make_rows(column)
    if isinstance(rows, pd.DataFrame):
        rows = rows[["odd"]]
    found = make_regressor().fit(rows, column)
    np.testing.assert_array_equal(found.coefs_[0], expected.coefs_[0])


@pytest.mark.parametrize(
    "y",
    [DAYS.to_numpy(), (DAYS - DAYS[0]).to_numpy(), pd.Series(DAYS), list(DAYS)],
    ids=["dates", "durations", "series", "list"],
)
@pytest.mark.parametrize("method", ["fit", "initialize", "partial_fit", "score"])
def test_dates_are_no_class_labels(X, y, method):
    clf = InitMLPClassifier((3,), max_iter=1, random_state=0)
    more = {"classes": [0, 1]} if method == "partial_fit" else {}
    if method == "score":
        clf.fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match=r"^y has .*convert them to text, with y.astype\(str\)"):
        getattr(clf, method)(X, y, **more)
    assert clf.fit(X, np.asarray(y).astype(str)).predict(X).dtype.kind == "U"


@pytest.mark.parametrize(
    "values",
    [[None, 1.0], ["nan", "1.0"], [np.nan, 1.0], [pd.NA, 1.0], [pd.NA, "a"]],
    ids=["None", "text", "NaN", "NA", "NA and text"],
)
@pytest.mark.parametrize("form", [list, lambda y: np.array(y, object), pd.Series])
@pytest.mark.parametrize("make", [make_regressor, InitMLPClassifier])
def test_missing_targets_are_called_missing(X, values, form, make):
    if make is InitMLPClassifier and "1.0" in values[1:]:
        pytest.skip("text is a class label")
    y = form(values * (N_ROWS // 2) + values[:1])
    with pytest.raises(ValueError, match=r"Input y contains (missing values|NaN)"):
        make().fit(X, y)


def test_missing_text_of_pandas_is_called_missing(X):
    y = pd.Series(["a", pd.NA] * (N_ROWS // 2) + ["a"], dtype="string")
    with pytest.raises(ValueError, match="Input y contains missing values"):
        InitMLPClassifier().fit(X, y)


def test_masked_values_are_missing_values(X):
    masked = np.ma.masked_array(X, mask=np.arange(X.size).reshape(X.shape) == 3)
    with pytest.raises(ValueError, match="Input X contains missing values"):
        make_regressor().fit(masked, X[:, 0])
    make_regressor().fit(np.ma.masked_array(X), X[:, 0])  # nothing is masked


@pytest.mark.parametrize("form", [list, np.array, pd.Series, pd.Categorical])
def test_text_that_is_no_number_is_named(X, form):
    column = form(["1.5", "red"] * (N_ROWS // 2) + ["2"])
    rows = pd.DataFrame({"number": X[:, 0], "color": column})
    with pytest.raises(ValueError, match="column 'color' of X holds what is no number .*'red'"):
        make_regressor().fit(rows, X[:, 0])
    with pytest.raises(ValueError, match="^y holds what is no number .*'red'"):
        make_regressor().fit(X, pd.Series(column) if form is pd.Categorical else column)


def test_labels_of_several_types_are_told_which(X):
    y = np.array([1, "a"] * (N_ROWS // 2) + [1], dtype=object)
    with pytest.raises(ValueError, match=r"They have the types int, str: .*y\.astype\(str\)"):
        InitMLPClassifier().fit(X, y)


@pytest.mark.parametrize("n_rows", [7, 1001])
def test_a_continuous_target_of_a_classifier_names_the_regressor(n_rows):
    y = np.random.default_rng(0).normal(size=n_rows)
    with pytest.raises(ValueError, match="use InitMLPRegressor") as caught:
        InitMLPClassifier().fit(y[:, np.newaxis], y)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("kind", ["M8[D]", "m8[s]", complex, "M8[ns]"])
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_sparse_matrices_of_what_is_no_number(X, form, kind):
    matrix = getattr(scipy.sparse, f"{form}_matrix")(X)
    fitted = make_regressor().fit(matrix, X[:, 0])
    matrix.data = np.arange(len(matrix.data)).astype(kind)
    for method in fitted.fit, fitted.partial_fit, fitted.score, lambda X, y: fitted.predict(X):
        with pytest.raises(ValueError, match="X has the type .* but must hold numbers"):
            method(matrix, X[:, 0])


LONG = "long text " * 100
ODD_INPUTS = {
    "text": [LONG, "1.5"] * N_ROWS,
    "a huge integer": [10**400, 1] * N_ROWS,
    "arrays": [np.zeros(2), 1.0] * N_ROWS,
    "lists of several lengths": [[1], [1, 2]] * N_ROWS,
    "objects": [object(), 1.0] * N_ROWS,
}


@pytest.mark.parametrize("values", ODD_INPUTS.values(), ids=ODD_INPUTS)
@pytest.mark.parametrize("name", ["X", "y", "a column of X"])
def test_errors_name_what_they_cannot_read_and_stay_short(X, name, values):
    values = values[:N_ROWS]
    # pandas 2.0 cannot find the type of huge integers by itself
    column = pd.Series(values, dtype=None if isinstance(values[0], str) else object)
    rows, targets = {
        "X": ([[value, 1.0] for value in values], X[:, 0]),
        "y": (X, values),
        "a column of X": (pd.DataFrame({LONG: column, "b": 1.0}), X[:, 0]),
    }[name]
    with refused as caught:
        make_regressor().fit(rows, targets)
    message = str(caught.value)
    assert name[-1] in message.split(":")[0].split()
    assert len(message) < 300


@pytest.mark.parametrize("labels", [[1, "a"], [1, "a", 2.5], [LONG, 3]])
def test_labels_of_several_types_are_told_what_to_become(X, labels):
    y = np.array((labels * N_ROWS)[:N_ROWS], dtype=object)
    with pytest.raises(ValueError, match=r"They have the types .*, with|for example with") as e:
        make_classifier().fit(X, y)
    assert len(str(e.value)) < 300


@pytest.mark.parametrize("y", [[LONG] * N_ROWS, [7] * N_ROWS], ids=["text", "int"])
def test_a_single_class_is_quoted_in_short(X, y):
    with pytest.raises(ValueError, match="y has only one class, .*a classifier needs two") as e:
        make_classifier().fit(X, y)
    assert len(str(e.value)) < 200


@pytest.mark.parametrize("make", [np.array, lambda y: np.array(y, dtype=object), pd.Series])
def test_continuous_targets_of_any_form_name_the_regressor(X, make):
    with pytest.raises(ValueError, match="use InitMLPRegressor"):
        make_classifier().fit(X, make(list(X[:, 0])))


@pytest.mark.parametrize("values", [[["a", "b"]], [[0.5, 1.5], [1.0, 2.5]], [[0, 2], [1, 3]]])
def test_columns_that_are_no_labels_are_named(X, values):
    y = np.array((values * N_ROWS)[:N_ROWS])
    with pytest.raises(ValueError, match=r"y has the shape \(23, 2\).* zeros and ones"):
        make_classifier().fit(X, y)


WRONG_CLASSES = {
    "values of the labels": [0, 1],
    "too many": range(5),
    "text": ["a", "b"],
    "dates": DAYS,
    "a set": {0, 1, 2},
    "two dimensions": [[0, 1, 2]],
    "a number": 3,
}


@pytest.mark.parametrize("classes", WRONG_CLASSES.values(), ids=WRONG_CLASSES)
@pytest.mark.parametrize("make", [np.asarray, scipy.sparse.csr_matrix, pd.DataFrame])
def test_classes_of_several_labels_are_the_indices_of_columns(classes, make):
    X = np.random.default_rng(0).normal(size=(N_ROWS, 3))
    Y = make((X > 0).astype(int))
    clf = make_classifier()
    with pytest.raises(ValueError, match="classes"):
        clf.partial_fit(X, Y, classes=classes)
    clf.partial_fit(X, Y, classes=[2, 0, 1])
    assert clf.partial_fit(X, Y).classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ["text", "dates", "a set", "two dimensions", "a number"])
def test_classes_that_do_not_fit_are_named(X, name):
    with pytest.raises(ValueError, match="classes"):
        make_classifier().partial_fit(X, X[:, 0] > 0, classes=WRONG_CLASSES[name])
