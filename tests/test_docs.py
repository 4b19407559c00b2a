"""The pages made from tables are up to date, links lead somewhere, and tables tell the truth."""

import ast
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from laws import LAWS
from laws.material import check_law, make_layer, normal, sample, uniform
from scipy import stats
from sklearn import config_context
from sklearn.base import clone

from sklearn_init import initializers
from sklearn_init.initializers import SCHEMES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_page_of_schemes(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.setattr(sys, "path", list(sys.path))  # the script adds the tests' folder
    from make_schemes import make_page

    page = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
    assert page == make_page(), "run: python docs/make_schemes.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


TUTORIALS = [
    "index.md",
    "validation.md",
    "checkpoints.md",
    "saving.md",
    "diagnosing.md",
    "comparing.md",
]
"""Pages whose code runs from the top to the end."""


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", TUTORIALS)
def test_code_of_a_page_runs(name, tmp_path, monkeypatch):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert blocks
    monkeypatch.chdir(tmp_path)  # a page may write files
    variables = {"__name__": name}
    with config_context():  # a page may change scikit-learn's settings
        for block in blocks:
            exec(block, variables)


# The same name, a different law

N, M = 37, 91  # fan-in and fan-out


def normal_cut(std):
    """Return the normal law cut at two standard deviations that has this one afterwards."""
    return stats.truncnorm(-2, 2, scale=std / 0.87962566103423978)


def drawn(law, biases=None, **layer):
    """Return a check of weights and biases in a hidden layer of M units with N inputs."""

    def check(initializer, bias_initializer):
        asked = {"fan_in": N, "fan_out": M, "index": 1, "n_layers": 3, **layer}
        check_law(sample(initializer, 60, **asked), law)
        if bias_initializer is None:
            numbers = sample(initializer, 1000, seed=1, biases=True, **asked)
        else:
            rng, asked = np.random.default_rng(1), make_layer(**asked).biases()
            numbers = np.stack([bias_initializer.draw(asked, rng) for _ in range(1000)])
        if biases is None:
            assert (numbers == 0).all()
        else:
            check_law(numbers, biases)

    return check


def sklearn_start(*initializers):
    for activation, factor in [("relu", 6), ("logistic", 2)]:
        law = uniform(np.sqrt(factor / (N + M)))
        drawn(law, law, activation=activation)(*initializers)


def lawful(name):
    """Return the check of the table's law of this name: it is more than one of single numbers."""
    return lambda initializer, _: LAWS[name](initializer)


GLOROT, HE = np.sqrt(2 / (N + M)), np.sqrt(2 / N)  # standard deviations
ROOT3 = np.sqrt(3)

PAGE = {
    ("he_normal", "torch"): drawn(normal(HE)),
    ("he_normal", "Keras"): drawn(normal_cut(HE)),
    ("he_normal", "NeuPy"): drawn(normal(np.sqrt(1 / N))),
    ("he_normal", "GFDL"): drawn(normal(np.sqrt(2 / M))),
    ("he_uniform", "torch"): drawn(uniform(np.sqrt(6 / N))),
    ("he_uniform", "NeuPy"): drawn(uniform(np.sqrt(3 / N))),
    ("he_uniform", "GFDL"): drawn(uniform(np.sqrt(6 / M))),
    ("glorot_normal", "torch"): drawn(normal(GLOROT)),
    ("glorot_normal", "Keras"): drawn(normal_cut(GLOROT)),
    ("glorot_normal", "NeuPy"): drawn(normal(np.sqrt(1 / (N + M)))),
    ("glorot_uniform", "torch"): drawn(uniform(ROOT3 * GLOROT)),
    ("glorot_uniform", "NeuPy"): drawn(uniform(np.sqrt(3 / (N + M)))),
    ("no name: the only start", "scikit-learn"): sklearn_start,
    ("UniformAdaptive", "H2O"): lawful("h2o"),
    ("lecun_normal", "Keras"): drawn(normal_cut(np.sqrt(1 / N))),
    ("lecun_normal", "GrafoRVFL"): drawn(normal(np.sqrt(1 / M))),
    ("truncated_normal", "Keras"): drawn(stats.truncnorm(-2, 2, scale=0.05)),
    ("uniform", "Keras"): drawn(uniform(0.05)),
    ("uniform", "torch"): drawn(stats.uniform(0, 1)),
    ("uniform", "JAX"): drawn(stats.uniform(0, 0.01)),
    ("uniform", "Lasagne"): drawn(uniform(0.01)),
    ("uniform", "darch"): drawn(uniform(0.1)),
    ("uniform", "metANN"): drawn(uniform(0.5)),
    ("uniform", "H2O `Uniform`"): drawn(uniform(1)),
    ("normal", "Keras"): drawn(normal(0.05)),
    ("normal", "torch"): drawn(normal(1)),
    ("normal", "H2O `Normal`"): drawn(normal(1)),
    ("normal", "metANN"): drawn(normal(0.1)),
    ("normal", "JAX"): drawn(normal(0.01)),
    ("orthogonal", "torch"): lawful("orthogonal"),
    ("orthogonal", "LSUV's code"): lawful("orthogonal"),
    ("sparse", "Martens 2010"): lawful("sparse"),
    ("identity", "torch `eye_`"): lawful("identity"),
    ("Nguyen-Widrow", "the paper"): lawful("nguyen_widrow"),
    ("Nguyen-Widrow", "MATLAB `initnw`"): lawful("matlab"),
    ("LSUV", "LSUV 0.3"): lawful("lsuv"),
    ("std", "RealMLP"): lawful("unit_std"),
    ("random", "SWIM's code"): drawn(normal(1), uniform(np.pi)),
    # what a layer gets without a word
    ("", "scikit-learn"): sklearn_start,
    ("", "torch `nn.Linear`"): drawn(uniform(1 / np.sqrt(N)), uniform(1 / np.sqrt(N))),
    ("", "Keras `Dense`"): drawn(uniform(ROOT3 * GLOROT)),
    ("", "Flax `Dense`"): drawn(normal_cut(np.sqrt(1 / N))),
    ("", "Flux `Dense`"): drawn(uniform(ROOT3 * GLOROT)),
    ("", "MATLAB `feedforwardnet`"): lawful("matlab"),
    ("", "H2O"): lawful("h2o"),
    ("", "Weka"): drawn(uniform(0.05), uniform(0.05)),
    ("", "R `nnet`"): drawn(uniform(0.7), uniform(0.7)),
    ("", "R `neuralnet`"): drawn(normal(1), normal(1)),
    ("", "R `FCNN4R`"): drawn(uniform(0.2), uniform(0.2)),
    ("", "FANN"): drawn(uniform(0.1), uniform(0.1)),
    ("", "mlxtend"): drawn(normal(0.01)),
    ("", "mlpclassifier"): drawn(normal(HE)),
    ("", "Lasagne `DenseLayer`"): drawn(uniform(ROOT3 * GLOROT)),
    ("", "GrafoRVFL"): drawn(normal(1), normal(1)),
    ("", "scikit-elm"): drawn(normal(np.sqrt(1 / M))),
    ("", "TabM"): drawn(uniform(1 / np.sqrt(N)), uniform(1 / np.sqrt(N))),
}
"""What a name means in the first library of its row; without a name, what layers get there."""


def read_rows():
    """Return the column "here" of the page, by the name and the first library of each row."""
    page = (ROOT / "docs" / "same-name-different-law.md").read_text(encoding="utf-8")
    entries, header, name = {}, [], ""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line[:1] == "|" else []
        if cells[:1] in (["name"], ["library"], ["activation"]):
            header, name = cells, ""
        elif "here" in header and cells and cells[0] != "---":
            row = dict(zip(header, cells, strict=True))
            words = row.get("name", "").split(" without")[0].split(",")[0].strip("`")
            name = words or name
            library = row.get("library", row.get("where")).split(",")[0]
            assert (name, library) not in entries
            entries[name, library] = row["here"]
    return entries


def build(text):
    """Return the initializer that a bit of the page stands for: a name or a call of a class."""
    tree = ast.parse(text.replace("np.pi", repr(np.pi)), mode="eval").body
    if isinstance(tree, ast.Constant):
        return clone(SCHEMES[tree.value].initializer)
    arguments = [ast.literal_eval(argument) for argument in tree.args]
    named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in tree.keywords}
    return getattr(initializers, tree.func.id)(*arguments, **named)


ROWS = read_rows()


def test_every_row_of_the_page_has_a_law_or_says_why_not():
    without = {key for key, here in ROWS.items() if here in ("—", "a function of yours")}
    assert set(PAGE) == set(ROWS) - without
    assert len(without) < 10


@pytest.mark.parametrize(("key", "check"), PAGE.items(), ids=map(" in ".join, PAGE))
def test_what_the_page_says_of_a_name_is_what_is_drawn(key, check):
    built = [build(code) for code in re.findall("`([^`]+)`", ROWS[key])]
    if "biases" in ROWS[key]:
        check(*built)
    elif "for both" in ROWS[key]:
        check(built[0], built[0])
    else:
        for initializer in built:  # each of them does
            check(initializer, None)
