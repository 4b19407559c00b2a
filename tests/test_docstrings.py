"""Docstrings: numpydoc finds no fault, examples run, parameters are those of the signatures."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re

import numpy as np
import pytest
from numpydoc.docscrape import ClassDoc
from numpydoc.validate import validate

import sklearn_init
from sklearn_init import (
    InitMLPClassifier,
    InitMLPRegressor,
    comparison,
    initializers,
    inspection,
    theory,
)
from sklearn_init.estimators import _docs
from sklearn_init.estimators._docs import FRAGMENTS, PLACEHOLDER, documented

ESTIMATORS = [InitMLPClassifier, InitMLPRegressor]
OURS = [
    "fit",
    "initialize",
    "partial_fit",
    "predict",
    "restart",
    "save",
    "score",
    "set_params",
    "to_onnx",
    "to_sklearn",
]


def public_methods(cls):
    """Names of the public methods whose code and docstring are this package's.

    Those inherited from scikit-learn (get_params, set_params, get_metadata_routing, set_*_request)
    and from Python's exceptions have docstrings that are not ours to change. Methods that
    implement a documented one (`Initializer.draw`) inherit its docstring.
    """
    return [
        name
        for name, member in inspect.getmembers(cls, inspect.isroutine)
        if not name.startswith("_")
        and getattr(member, "__module__", "").startswith("sklearn_init")
        and (member.__doc__ or not inspect.getdoc(member))
    ]


def public_names():
    """Paths of all public classes, functions and methods; an inherited method comes once."""
    members = [
        getattr(module, name)
        for module in (sklearn_init, comparison, initializers, inspection, theory)
        for name in module.__all__
        if name != "SCHEMES"
    ]
    classes = filter(inspect.isclass, members)
    methods = [getattr(cls, name) for cls in classes for name in public_methods(cls)]
    return sorted({f"{m.__module__}.{m.__qualname__}" for m in members + methods})


def modules():
    yield "sklearn_init"
    for module in pkgutil.walk_packages(sklearn_init.__path__, "sklearn_init."):
        yield module.name


@pytest.mark.parametrize("name", public_names())
def test_numpydoc_finds_no_fault(name):
    assert validate(name)["errors"] == []


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (InitMLPClassifier, sorted([*OURS, "predict_proba", "predict_log_proba"])),
        (InitMLPRegressor, OURS),
    ],
)
def test_public_methods_are_found(cls, names):
    assert public_methods(cls) == names


@pytest.mark.parametrize("name", list(modules()))
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_examples_are_found(cls):
    tests = doctest.DocTestFinder().find(cls, module=inspect.getmodule(cls))
    found = {test.name.partition(".")[2] for test in tests if test.examples}
    of_base = {"restart", "save", "set_params", "to_onnx", "to_sklearn"}
    assert found == {"", *public_methods(cls)} - of_base


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_parameters_are_those_of_init(cls):
    signature = inspect.signature(cls)
    parameters = ClassDoc(cls)["Parameters"]
    assert [p.name for p in parameters] == list(signature.parameters)
    for parameter in parameters:
        default = signature.parameters[parameter.name].default
        documented_default = ast.literal_eval(parameter.type.rpartition("default=")[2])
        assert documented_default == default, parameter.name
        assert type(documented_default) is type(default), parameter.name


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_attributes_are_those_of_a_fit(cls, solver):
    X, y = np.arange(20.0).reshape(10, 2) / 20, np.arange(10) % 2
    estimator = cls(hidden_layer_sizes=3, solver=solver, random_state=0).initialize(X, y)
    fitted = {name for name in vars(estimator) if re.fullmatch(r"[a-z]\w*_", name)}
    attributes = ClassDoc(cls)["Attributes"]
    only_with_epochs = {a.name for a in attributes if "Absent with" in " ".join(a.desc)}
    expected = {a.name for a in attributes} - {"feature_names_in_"}
    assert fitted == (expected if solver == "adam" else expected - only_with_epochs)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_no_placeholder_is_left(cls):
    for member in [cls, *(getattr(cls, name) for name in public_methods(cls))]:
        assert not PLACEHOLDER.search(member.__doc__)


def test_every_fragment_is_used():
    sources = [_docs, *map(inspect.getmodule, ESTIMATORS)]
    used = {m["name"] for s in sources for m in PLACEHOLDER.finditer(inspect.getsource(s))}
    assert used == set(FRAGMENTS)


def test_documented_indents_and_leaves_the_rest(monkeypatch):
    monkeypatch.setitem(FRAGMENTS, "outer", "\nfirst\n\n    {inner}\n")
    monkeypatch.setitem(FRAGMENTS, "inner", "\nsecond\nthird\n")

    @documented
    def function():
        """Do it, with ``{outer}``.

        {outer}
        """

    assert inspect.cleandoc(function.__doc__) == (
        "Do it, with ``{outer}``.\n\nfirst\n\n    second\n    third"
    )


def test_documented_does_without_docstrings():
    def function():
        pass

    assert documented(function).__doc__ is None
