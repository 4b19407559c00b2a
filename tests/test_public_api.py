"""The public surface, in one breath; and nothing optional behind it."""

import ast
import pathlib
import subprocess
import sys

import numpy as np

import sklearn_init
import sklearn_init.theory

PUBLIC = [
    "Activation",
    "Constant",
    "DivergedError",
    "InitMLPClassifier",
    "InitMLPRegressor",
    "Initializer",
    "InvalidFileError",
    "Layer",
    "Network",
    "Normal",
    "Orthogonal",
    "SymmetryWarning",
    "TruncatedNormal",
    "UnhealthyNetworkError",
    "Uniform",
    "VarianceScaling",
    "compare_initializers",
    "diagnose",
    "draw",
    "get_initializer_names",
    "load",
    "show_versions",
]

THEORY = [
    "CriticalPoint",
    "DepthScales",
    "compute_depth_scales",
    "compute_gain",
    "compute_mean",
    "find_critical_point",
    "find_doubly_critical_point",
    "map_correlation",
    "map_variance",
    "predict_variances",
]


def test_exported_names():
    assert sklearn_init.__all__ == PUBLIC
    assert all(hasattr(sklearn_init, name) for name in PUBLIC)
    assert sklearn_init.theory.__all__ == THEORY
    assert all(hasattr(sklearn_init.theory, name) for name in THEORY)


def test_import_needs_no_optional_package():
    optional = ["matplotlib", "pandas", "rich", "dask", "onnx", "pytest", "Cython"]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({optional!r}))  # None makes an import fail
import sklearn_init
sklearn_init.draw((3, 4, 2), "he_normal")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_show_versions_tells_the_engine(engine, capsys):
    sklearn_init.show_versions()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"engine: {engine}")
    assert f"numpy: {np.__version__}" in lines
    assert any(line.startswith("blas: ") for line in lines)


def test_every_module_has_at_most_400_lines():
    root = pathlib.Path(sklearn_init.__file__).parent
    sources = [p for end in ("py", "pyx", "pxi", "pxd", "h") for p in root.rglob(f"*.{end}")]
    lengths = {p.name: len(p.read_text().splitlines()) for p in sources}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_every_function_has_at_most_50_lines_of_code():
    def bodies(path):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                yield node.name, body[-1].end_lineno - body[0].lineno + 1 if body else 0

    root = pathlib.Path(sklearn_init.__file__).parent
    lengths = {(p.name, name): n for p in root.rglob("*.py") for name, n in bodies(p)}
    assert {name: n for name, n in lengths.items() if n > 50} == {}
