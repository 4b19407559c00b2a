"""Memory: data is used where it lies, and what a fit takes it gives back. Sizes are in MB."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from engine_material import needs_compiler

pytestmark = [
    pytest.mark.slow,
    needs_compiler,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc/self/status"),
]

PREPARE = """
    import gc, json, warnings
    import numpy as np
    from scipy.sparse import csr_array
    from sklearn_init import InitMLPClassifier, InitMLPRegressor
    warnings.simplefilter("ignore")
    gc.freeze()  # what was imported need not be searched at every reading

    def read(name):
        gc.collect()
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024

    rng = np.random.default_rng(0)
"""


def run(code):
    """Run code in a new process, after what prepares it; it prints what this returns."""
    code = textwrap.dedent(PREPARE) + textwrap.dedent(code)
    command = [sys.executable, "-c", code]
    # glibc then keeps no array that was freed, so that little memory tells as much as a lot
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "16384"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # shown by pytest -rP
    return json.loads(done.stdout)


# ---- one fit ----

FEW = "max_iter=1, random_state=0, n_restarts=2, n_jobs=2, hidden_layer_sizes=5"
MANY = "max_iter=1, random_state=0, n_restarts=16, n_jobs=2, hidden_layer_sizes=16"

TWO_RESTARTS = {
    "float32": (f"InitMLPRegressor({FEW})", "X, y"),
    "float32, early stopping": (f"InitMLPRegressor({FEW}, early_stopping=True)", "X, y"),
    "float64, L-BFGS": (f"InitMLPRegressor({FEW}, solver='lbfgs')", "X64, y"),
    "CSR": (f"InitMLPRegressor({FEW})", "sparse, y"),
    "CSR, L-BFGS": (f"InitMLPRegressor({FEW}, solver='lbfgs')", "sparse64, y"),
    "a large batch": (f"InitMLPRegressor({FEW}, batch_size=999)", "X, y"),
}
"""An estimator and the data: 11 MB as float32, 23 as float64, 11 and 17 as CSR."""

SIXTEEN_RESTARTS = {
    "adam": (f"InitMLPClassifier({MANY})", "X, labels"),
    "sample weights": (f"InitMLPClassifier({MANY})", "X, labels, weights"),
    "early stopping": (f"InitMLPClassifier({MANY}, early_stopping=True)", "X, labels"),
    "sgd in order": (f"InitMLPClassifier({MANY}, solver='sgd', shuffle=False)", "X, labels"),
    "dropout": (f"InitMLPClassifier({MANY}, dropout=0.5)", "X, labels"),
}

MANY_EPOCHS = (
    "InitMLPRegressor(hidden_layer_sizes=(31, 17), max_iter=3_000, tol=0.0, "
    "n_iter_no_change=np.inf, n_restarts=2, n_jobs=2)",
    "rng.normal(size=(53, 5)), y[:53]",
)


@pytest.fixture(scope="module")
def growths():
    """By how much each fit lets the memory grow: at most, in the end, and when it is repeated."""
    cases = {**TWO_RESTARTS, **SIXTEEN_RESTARTS, "many epochs": MANY_EPOCHS}
    listed = ",".join(f"{name!r}: ({est}, ({data}))" for name, (est, data) in cases.items())
    return run(f"""
        def forget_peak():
            try:
                with open("/proc/self/clear_refs", "w") as file:
                    file.write("5")
            except OSError:  # then it is at least as large
                pass

        def measure(est, data):
            est.fit(*(array[:97] for array in data))  # what is made once
            forget_peak()
            sizes = [read("VmRSS")]
            sizes.append(est.fit(*data) and read("VmRSS"))
            peak = read("VmHWM")
            sizes += [est.fit(*data) and read("VmRSS") for _ in range(2)]
            before, first, *_, last = sizes
            return {{"peak": peak - before, "end": first - before, "repeated": last - first}}

        n, n_features, per_row = 30_000, 100, 50
        X = rng.standard_normal((n, n_features), dtype=np.float32)
        places = np.arange(n * per_row, dtype=np.int32)
        counts = np.arange(0, n * per_row + 1, per_row, dtype=np.int32)
        numbers = rng.random(n * per_row, dtype=np.float32)
        sparse = csr_array((numbers, places % n_features, counts))
        X64, sparse64 = X.astype(float), sparse.astype(float)
        y, labels = X[:, 0].copy(), rng.integers(3, size=n)
        weights = rng.random(n, dtype=np.float32)
        cases = {{{listed}}}
        print(json.dumps({{name: measure(*case) for name, case in cases.items()}}))
    """)


@pytest.mark.parametrize("case", TWO_RESTARTS)
def test_data_of_the_right_type_is_not_copied(case, growths):
    assert growths[case]["peak"] < 5
    assert growths[case]["end"] < 2


@pytest.mark.parametrize("case", SIXTEEN_RESTARTS)
def test_sixteen_restarts_take_less_than_the_data(case, growths):
    """The data has 11 MB."""
    assert growths[case]["peak"] < 9


@pytest.mark.parametrize("case", [*TWO_RESTARTS, *SIXTEEN_RESTARTS])
def test_large_fits_give_back_what_they_took(case, growths):
    assert growths[case]["repeated"] < 1


# ---- many epochs, many fits ----


def test_epochs_take_no_memory(growths):
    # the curves have 0.05 as arrays, and four times that as lists
    assert growths["many epochs"]["peak"] < 1.2


def test_many_fits_take_no_more_than_a_few():
    growth = run("""
        X, y = rng.normal(size=(53, 5)), rng.integers(3, size=53)
        sparse = csr_array(X * (X > 0))
        estimators = [
            InitMLPClassifier((701,), max_iter=2, solver=solver, n_restarts=2, n_jobs=n_jobs)
            for solver in ("adam", "sgd", "lbfgs")
            for n_jobs in (1, 2)
        ]

        def fit(n):
            for index in range(n):
                est = estimators[index % len(estimators)]
                data = (X, X.astype(np.float32), sparse, sparse.astype(np.float32))[index % 4]
                est.set_params(random_state=index, early_stopping=index % 5 == 0)
                est.fit(data, y, None if index % 3 else np.ones(53))

        fit(40)
        before = read("VmRSS")
        fit(120)
        print(json.dumps({"end": read("VmRSS") - before}))
    """)
    assert growth["end"] < 2  # a leak of one network per fit, of 0.02 or 0.05, would be 4


# ---- against scikit-learn ----

AGAINST = {
    # data, and the class; the same code fits scikit-learn's
    "Fortran order": ("np.asfortranarray(wide)", "wide[:, 0].copy()", "Regressor"),
    "Fortran order, L-BFGS": ("np.asfortranarray(wide)", "wide[:, 0].copy()", "Regressor, lbfgs"),
    "pandas": ("pd.DataFrame(wide)", "wide[:, 0].copy()", "Regressor"),
    "5,000 outputs": ("narrow", "rng.normal(size=(700, 5000))", "Regressor"),
    "5,000 outputs, L-BFGS": ("narrow", "rng.normal(size=(700, 5000))", "Regressor, lbfgs"),
    "1,000 classes": ("long", "np.arange(3000) % 1000", "Classifier"),
    "1,000 classes as text": ("long", "(np.arange(3000) % 1000).astype(str)", "Classifier"),
    "1,000 labels": ("long", "(rng.random((3000, 1000)) < 0.1) * 1", "Classifier"),
}


@pytest.fixture(scope="module")
def peaks():
    """Return the peak of a fit over what was there before: ours and scikit-learn's."""
    code = """
        import pandas as pd
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        def measure(cls, X, y, solver):
            est = cls(hidden_layer_sizes=(5,), max_iter=1, random_state=0, solver=solver)
            gc.collect()
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # forgets the peak so far
            before = read("VmRSS")
            est.fit(X, y).predict(X)
            return read("VmHWM") - before

        classes = {
            "Regressor": (InitMLPRegressor, MLPRegressor, "adam"),
            "Regressor, lbfgs": (InitMLPRegressor, MLPRegressor, "lbfgs"),
            "Classifier": (InitMLPClassifier, MLPClassifier, "adam"),
        }
        wide, narrow = rng.normal(size=(9_000, 1000)), rng.normal(size=(700, 20))
        long = rng.normal(size=(3000, 20))
        measure(InitMLPRegressor, narrow, narrow[:, 0], "adam")
        measure(MLPRegressor, narrow, narrow[:, 0], "adam")
        found = {}
    """
    for name, (X, y, kind) in AGAINST.items():
        code += f"""
        X, y = {X}, {y}
        ours, theirs, solver = classes[{kind!r}]
        found[{name!r}] = measure(ours, X, y, solver), measure(theirs, X, y, solver)
        """
    return run(
        code
        + """
        print(json.dumps(found))
    """
    )


@pytest.mark.parametrize("case", AGAINST)
def test_fit_and_predict_take_at_most_twice_the_memory_of_scikit_learn(case, peaks):
    ours, theirs = peaks[case]
    assert ours < 2 * theirs + 1
