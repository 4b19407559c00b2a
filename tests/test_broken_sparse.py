"""Sparse matrices whose indices lead outside are refused before any code in C reads them."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from sklearn_init import InitMLPClassifier, InitMLPRegressor, compare_initializers, diagnose
from sklearn_init.data._sparse import check_sparse

N_ROWS, N_COLUMNS = 31, 17


def make_matrix(form="csr", kind="matrix"):
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(N_ROWS, N_COLUMNS)) * (rng.uniform(size=(N_ROWS, N_COLUMNS)) < 0.3)
    return getattr(scipy.sparse, f"{form}_{kind}")(dense)


def set_entry(attribute, place, value):
    def change(matrix):
        getattr(matrix, attribute)[place] = value

    return change


def replace(attribute, make):
    def change(matrix):
        setattr(matrix, attribute, make(getattr(matrix, attribute)))

    return change


DAMAGES = {
    "a huge index": set_entry("indices", 3, 10**8),
    "a column too many": set_entry("indices", 3, N_COLUMNS),
    "a negative index": set_entry("indices", -1, -1),
    "a huge row": set_entry("indptr", 5, 10**7),
    "rows that overlap": set_entry("indptr", 5, 0),
    "rows whose differences overflow": set_entry(
        "indptr", slice(1, 4), [2**31 - 1, -(2**31), -10]
    ),
    "unsigned rows that overlap": lambda matrix: (
        replace("indptr", lambda a: a.astype(np.uint32))(matrix),
        set_entry("indptr", 5, 0)(matrix),
    ),
    "indices that are fractions": replace("indices", lambda a: (a * 1e-45).astype(np.float32)),
    "a list of indices": replace("indices", lambda a: a.tolist()),
    "indices of two dimensions": replace("indptr", lambda a: a[:, np.newaxis]),
    "data of another dimension": replace("data", lambda a: np.stack([a, a], axis=-1)[..., :1]),
    "a first row that begins late": set_entry("indptr", 0, 2),
    "a negative row": set_entry("indptr", 4, -3),
    "rows beyond the data": set_entry("indptr", -1, 10**6),
    "too few rows": replace("indptr", lambda a: a[:-1]),
    "too many rows": replace("indptr", lambda a: np.append(a, a[-1])),
    "too few indices": replace("indices", lambda a: a[:-1].copy()),
    "too many indices": replace("indices", lambda a: np.append(a, a[:3])),
    "too little data": replace("data", lambda a: a[:-1].copy()),
}

damages = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


def make_regressor(**more):
    return InitMLPRegressor(hidden_layer_sizes=(3,), max_iter=1, random_state=0, **more)


def fit(X):
    return make_regressor().fit(X, np.arange(N_ROWS) / N_ROWS)


y = np.arange(N_ROWS) / N_ROWS
USES = {
    "fit": lambda X: make_regressor().fit(X, y),
    "partial_fit": lambda X: make_regressor().partial_fit(X, y),
    "initialize": lambda X: make_regressor().initialize(X, y),
    "lbfgs": lambda X: make_regressor(solver="lbfgs").fit(X, y),
    "predict": lambda X: fit(make_matrix()).predict(X),
    "score": lambda X: fit(make_matrix()).score(X, y),
    "diagnose": lambda X: diagnose(fit(make_matrix()), X),
    "diagnose with targets": lambda X: diagnose(fit(make_matrix()), X, y),
    "X_val": lambda X: make_regressor().fit(make_matrix(), y, X_val=X, y_val=y),
    "score of weights": lambda X: fit(make_matrix()).score(X, y, np.ones(N_ROWS)),
    "compare_initializers": lambda X: compare_initializers(
        make_regressor(), X, y, ["he_normal", "zeros"], cv=3
    ),
    "compare_initializers with a pipeline": lambda X: compare_initializers(
        make_pipeline(MaxAbsScaler(), make_regressor()), X, y, ["he_normal", "zeros"], cv=3
    ),
    "predict_proba": lambda X: (
        InitMLPClassifier((3,), max_iter=1).fit(make_matrix(), y > 0.5).predict_proba(X)
    ),
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@damages
@pytest.mark.parametrize("kind", ["matrix", "array"])
@pytest.mark.parametrize("use", USES)
def test_rows_that_lead_outside_are_refused(damage, kind, use):
    X = make_matrix(kind=kind)
    damage(X)
    name = "X_val" if use == "X_val" else "X"
    with pytest.raises(ValueError, match=rf"^{name} is a sparse matrix of shape \(31, 17\) whose"):
        USES[use](X)


@damages
@pytest.mark.parametrize("form", ["csc", "bsr"])
def test_other_compressed_formats_are_checked_before_they_are_converted(damage, form):
    X = make_matrix(form)
    n_minor = {"csc": N_ROWS, "bsr": N_COLUMNS}[form]
    if damage is DAMAGES["a column too many"]:
        damage = set_entry("indices", 3, n_minor)
    damage(X)
    with pytest.raises(ValueError, match="whose indices or indptr"):
        fit(X)


@pytest.mark.parametrize("kind", ["matrix", "array"])
@pytest.mark.parametrize(("place", "value"), [("row", N_ROWS), ("col", N_COLUMNS), ("row", -1)])
def test_coordinates_are_checked(kind, place, value):
    X = make_matrix("coo", kind)
    getattr(X, place)[2] = value
    with pytest.raises(ValueError, match="whose indices or indptr"):
        fit(X)


def give_row(attribute, value):
    def change(matrix):
        getattr(matrix, attribute)[3] = value

    return change


def give_key(key):
    # before SciPy 1.12 the matrix itself is a dict, which checks its keys
    return lambda matrix: dict.update(getattr(matrix, "_dict", matrix), {key: 1.0})


OTHER_DAMAGES = {
    "lists with a huge index": ("lil", give_row("rows", [10**8] * N_COLUMNS)),
    "lists with a negative index": ("lil", give_row("rows", [-1])),
    "lists with less data": ("lil", give_row("data", [])),
    "a key outside": ("dok", give_key((3, 10**8))),
    "too many diagonals": ("dia", replace("offsets", lambda a: np.append(a, [1, 2]))),
    "too few diagonals": ("dia", replace("offsets", lambda a: a[:-1])),
    "diagonals that are fractions": ("dia", replace("offsets", lambda a: a + 0.5)),
    "blocks that do not fill a row": ("bsr", replace("data", lambda a: a.repeat(2, axis=2))),
}


@pytest.mark.parametrize("kind", ["matrix", "array"])
@pytest.mark.parametrize(("form", "damage"), OTHER_DAMAGES.values(), ids=OTHER_DAMAGES)
def test_formats_that_scipy_converts_are_checked(kind, form, damage):
    X = make_matrix(form, kind)
    if form == "lil" and damage is OTHER_DAMAGES["lists with a negative index"][1]:
        X.data[3] = [1.0]
    damage(X)
    with pytest.raises(ValueError, match=r"^X is a sparse matrix of shape \(31, 17\) whose"):
        fit(X)


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.coo_array])
def test_sparse_arrays_of_one_dimension_are_named(make):
    one = make(scipy.sparse.coo_array(np.ones(N_ROWS)))
    if one.ndim != 1:
        pytest.skip("this version of SciPy makes a row of it")
    with pytest.raises(ValueError, match="X is a sparse array of shape .* must be 2D"):
        fit(one)


@damages
def test_labels_that_lead_outside_are_refused(damage):
    Y = scipy.sparse.csr_matrix(make_matrix() != 0).astype(int)
    damage(Y)
    with pytest.raises(ValueError, match=r"^y is a sparse matrix"):
        InitMLPClassifier((3,), max_iter=1).fit(make_matrix(), Y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("attribute", ["data", "indices", "indptr"])
def test_arrays_that_are_not_contiguous_are_the_same_features(engine, solver, attribute):
    X = make_matrix()
    expected = make_regressor(solver=solver).fit(X, y)
    setattr(X, attribute, np.repeat(getattr(X, attribute), 2)[::2])
    found = make_regressor(solver=solver).fit(X, y)
    np.testing.assert_array_equal(found.coefs_[0], expected.coefs_[0])
    np.testing.assert_array_equal(found.predict(X), expected.predict(make_matrix()))


@pytest.mark.parametrize("form", ["csr", "csc", "bsr", "coo", "lil", "dok", "dia"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sound_matrices_of_all_formats_are_the_same_features(form, kind):
    expected = fit(make_matrix("csr")).coefs_[0]
    np.testing.assert_allclose(fit(make_matrix(form, kind)).coefs_[0], expected, rtol=1e-12)


def test_what_is_only_unusual_is_allowed():
    X = make_matrix()
    long = X.copy()  # more is allocated than used, as after many changes
    long.indices = np.append(long.indices, [10**8, -1]).astype(np.int32)
    long.data = np.append(long.data, [1.0, np.nan])
    check_sparse(long, "X")
    shuffled = X.copy()
    shuffled.indices[: X.indptr[1]] = X.indices[: X.indptr[1]][::-1]
    check_sparse(shuffled, "X")
    wide = X.copy()
    wide.indices, wide.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    check_sparse(wide, "X")
    check_sparse(scipy.sparse.csr_array((5, 3)), "X")
    check_sparse(scipy.sparse.bsr_array(np.eye(6), blocksize=(2, 3)), "X")
