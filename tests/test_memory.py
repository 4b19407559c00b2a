"""Memory: data is used where it lies, and what a fit takes it gives back. Sizes are in MB."""

import json
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

    def read(name):
        gc.collect()
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024

    def forget_peak():
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        except OSError:  # then it is at least as large
            pass

    def measure(est, *data):
        '''Return by how much a fit lets the memory grow: at most, and in the end.'''
        est.fit(*(array[:97] for array in data))  # what is made once
        forget_peak()
        before = read("VmRSS")
        est.fit(*data)
        return {"peak": read("VmHWM") - before, "end": read("VmRSS") - before}

    rng = np.random.default_rng(0)
"""


def run(code):
    """Run code in a new process, after what prepares it; it prints what this returns."""
    code = textwrap.dedent(PREPARE) + textwrap.dedent(code)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # shown by pytest -rP
    return json.loads(done.stdout)


# ---- one fit ----

CASES = {
    "float32": ("InitMLPRegressor(hidden_layer_sizes=5, **more)", "X"),
    "float32, early stopping": (
        "InitMLPRegressor(hidden_layer_sizes=5, early_stopping=True, **more)",
        "X",
    ),
    "float64, L-BFGS": (
        "InitMLPRegressor(hidden_layer_sizes=5, solver='lbfgs', **more)",
        "X.astype(float)",
    ),
    "CSR": ("InitMLPRegressor(hidden_layer_sizes=5, **more)", "sparse"),
    "CSR, L-BFGS": (
        "InitMLPRegressor(hidden_layer_sizes=5, solver='lbfgs', **more)",
        "sparse.astype(float)",
    ),
    "a large batch": ("InitMLPRegressor(hidden_layer_sizes=5, batch_size=999, **more)", "X"),
}
"""An estimator and the data: 46 MB as float32, 92 as float64, 46 and 69 as CSR."""


@pytest.fixture(scope="module")
def growths():
    listed = ",".join(f"{name!r}: ({est}, {X})" for name, (est, X) in CASES.items())
    return run(f"""
        n, n_features, per_row = 60_000, 200, 100
        X = rng.standard_normal((n, n_features), dtype=np.float32)
        places = np.arange(n * per_row, dtype=np.int32)
        counts = np.arange(0, n * per_row + 1, per_row, dtype=np.int32)
        numbers = rng.random(n * per_row, dtype=np.float32)
        sparse = csr_array((numbers, places % n_features, counts))
        y = X[:, 0].copy()
        more = dict(max_iter=1, random_state=0, n_restarts=2, n_jobs=2)
        cases = {{{listed}}}
        print(json.dumps({{k: measure(est, X, y) for k, (est, X) in cases.items()}}))
    """)


@pytest.mark.parametrize("case", CASES)
def test_data_of_the_right_type_is_not_copied(case, growths):
    assert growths[case]["peak"] < 20
    assert growths[case]["end"] < 10


@pytest.mark.parametrize(
    ("more", "data"),
    [
        ("solver='adam'", "X, y"),
        ("solver='adam'", "X, y, weights"),
        ("early_stopping=True", "X, y"),
        ("shuffle=False, solver='sgd'", "X, y"),
        ("dropout=0.5", "X, y"),
    ],
)
def test_sixteen_restarts_take_less_than_the_data(more, data):
    """The data has 76 MB."""
    growth = run(f"""
        n, n_features = 200_000, 100
        X = rng.standard_normal((n, n_features), dtype=np.float32)
        y = rng.integers(3, size=n)
        weights = rng.random(n, dtype=np.float32)
        more = dict(max_iter=1, random_state=0, n_restarts=16, n_jobs=2, {more})
        print(json.dumps(measure(InitMLPClassifier((16,), **more), {data})))
    """)
    assert growth["peak"] < 60


# ---- many epochs, many fits ----


def test_epochs_take_no_memory():
    growth = run("""
        X = rng.normal(size=(53, 5))
        more = dict(tol=0.0, n_iter_no_change=np.inf, n_restarts=2, n_jobs=2)
        est = InitMLPRegressor(hidden_layer_sizes=(31, 17), max_iter=9_000, **more)
        print(json.dumps(measure(est, X, X[:, 0])))
    """)
    assert growth["peak"] < 4  # the curves have 0.14 as arrays, and four times that as lists


def test_a_thousand_fits_take_no_more_than_a_hundred():
    growth = run("""
        X, y = rng.normal(size=(53, 5)), rng.integers(3, size=53)
        sparse = csr_array(X * (X > 0))
        estimators = [
            InitMLPClassifier((307,), max_iter=2, solver=solver, n_restarts=2, n_jobs=n_jobs)
            for solver in ("adam", "sgd", "lbfgs")
            for n_jobs in (1, 2)
        ]

        def fit(n):
            for index in range(n):
                est = estimators[index % len(estimators)]
                data = (X, X.astype(np.float32), sparse, sparse.astype(np.float32))[index % 4]
                est.set_params(random_state=index, early_stopping=index % 5 == 0)
                est.fit(data, y, None if index % 3 else np.ones(53))

        fit(120)
        before = read("VmRSS")
        fit(1000)
        print(json.dumps({"end": read("VmRSS") - before}))
    """)
    assert growth["end"] < 4  # a leak of one network per fit, of 0.02, would be 20


def test_large_fits_give_back_what_they_took():
    growths = run("""
        X = rng.standard_normal((200_000, 100), dtype=np.float32)
        est = InitMLPRegressor(max_iter=1, n_restarts=16, n_jobs=2, random_state=0)
        est.set_params(hidden_layer_sizes=(7,))
        sizes = []
        for _ in range(9):
            est.fit(X, X[:, 0])
            sizes.append(read("VmRSS"))
        print(json.dumps(sizes))
    """)
    assert max(growths[5:]) - max(growths[:5]) < 10
