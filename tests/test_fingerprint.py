"""The name of a checkpoint's folder: the same for the same fit, another one for any other."""

import runpy
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import f1_score, fbeta_score, make_scorer

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers import SCHEMES
from sklearn_init.persistence import _folder
from sklearn_init.persistence._fingerprint import ELSEWHERE, LENGTH, WITHOUT_EFFECT, describe

SMALL = {"hidden_layer_sizes": (7,), "random_state": 0, "max_iter": 9, "checkpoint": "unused"}


class Found(BaseException):
    """Holds the fingerprint of a fit that is not done."""


@pytest.fixture
def name_of(monkeypatch, X, y_class):
    """Return a function that returns the fingerprint of a fit."""
    compute = _folder.compute_fingerprint

    def raise_found(*arguments):
        raise Found(compute(*arguments))

    monkeypatch.setattr(_folder, "compute_fingerprint", raise_found)

    def name_of(*data, cls=InitMLPClassifier, estimator=None, fit_params=None, **parameters):
        estimator = estimator or cls(**{**SMALL, **parameters})
        with pytest.raises(Found) as found:
            estimator.fit(*(data or (X, y_class)), **(fit_params or {}))
        return str(found.value)

    return name_of


SCRIPT = """
import functools, sys
import numpy as np
from sklearn.metrics import get_scorer
from sklearn_init import Activation, InitMLPClassifier
from sklearn_init.persistence import _folder

compute = _folder.compute_fingerprint
names = []

def note(*arguments):
    names.append(compute(*arguments))
    raise KeyboardInterrupt

class Scorer:
    def __init__(self):
        self.me, self.kinds = self, {"north", "south", "east", "west"}
    def __call__(self, estimator, X, y):
        return 0.0

def make(beta):
    return lambda estimator, X, y: beta in {"north", "south", "east"}

square = Activation(
    lambda z, out: np.square(z, out=out), lambda z, a, out: np.multiply(z, 2, out=out)
)
scorer = Scorer()
_folder.compute_fingerprint = note
rng = np.random.default_rng(0)
X, y = rng.normal(size=(53, 5)), rng.choice(["a", "b", "c"], 53)
for more in [
    {"weight_init": "he_normal"},
    {"activation": square},
    *({"scoring": scoring} for scoring in (
        "f1_macro", get_scorer("f1_macro"), scorer, scorer.__call__, make(2), min,
        functools.partial(make(3), y=4),
    )),
]:
    try:
        InitMLPClassifier((7,), random_state=0, checkpoint="unused", early_stopping=True, **more
            ).fit(X, y)
    except KeyboardInterrupt:
        pass
_folder.compute_fingerprint = compute
print(*names)
"""


def test_another_process_finds_the_same_names(tmp_path, capsys):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    runpy.run_path(str(path), run_name="__main__")
    here = capsys.readouterr().out.split()
    there = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert there.stdout.split() == here
    assert len(set(here)) == 9
    assert {len(name) for name in here} == {LENGTH}


OTHERS = {
    "hidden_layer_sizes": (7, 3),
    "activation": "tanh",
    "solver": "sgd",
    "batch_size": 11,
    "learning_rate": "adaptive",
    "restart_strategy": "halving",
    "restart_factor": 3.0,
    "restart_keep": 2,
    "restart_criterion": "validation",
    "restart_combine": "average",
    "n_iter_no_change": np.inf,
    "dtype": "float32",
    "dropout": [0.5],
    "scoring": "loss",
    "loss": "poisson",
}
"""Another value of those that a rule does not change."""


def change(name, value):
    """Return another value of a parameter."""
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(value, bool):
        return not value
    assert isinstance(value, int | float), f"add {name} to OTHERS"
    return value / 2 if isinstance(value, float) else value + 1


PARAMETERS = [
    (cls, name)
    for cls in (InitMLPClassifier, InitMLPRegressor)
    for name in sorted(cls().get_params())
    if name not in ELSEWHERE | WITHOUT_EFFECT
]


@pytest.mark.parametrize(("cls", "name"), PARAMETERS, ids=lambda v: getattr(v, "__name__", v))
def test_every_parameter_that_matters_gives_another_name(cls, name, name_of):
    many = {"n_restarts": 3}
    before = {**SMALL, **many}.get(name, cls().get_params()[name])
    changed = {**many, name: change(name, before)}
    assert name_of(cls=cls, **changed) == name_of(cls=cls, **changed) != name_of(cls=cls, **many)


@pytest.mark.parametrize(
    "more",
    [
        {"n_jobs": 2},
        {"verbose": 3},
        {"checkpoint": "another"},
        {"warm_start": True},
        {"alpha": np.float64(1e-4)},
        {"max_iter": np.int64(9), "shuffle": np.bool_(True), "solver": np.str_("adam")},
        {"hidden_layer_sizes": [7]},
        {"activation": ACTIVATIONS["relu"]},
        {"weight_init": SCHEMES["sklearn"].initializer},
    ],
    ids=str,
)
def test_what_changes_no_training_changes_no_name(more, name_of):
    assert name_of(**more) == name_of()


def test_other_starts_have_other_names(name_of, X, y_class):
    fitted = InitMLPClassifier(**{**SMALL, "checkpoint": None}, warm_start=True, tol=0.0)
    with pytest.warns(match="Maximum iterations"):
        fitted.fit(X, y_class)
    fitted.set_params(checkpoint="unused")
    names = [
        name_of(),
        name_of(random_state=1),
        name_of(weight_init="he_normal"),
        name_of(bias_init=0.5),
        name_of(cls=InitMLPRegressor),
        name_of(tol=0.0),
        name_of(estimator=fitted),
    ]
    assert len(set(names)) == len(names)
    fitted._training.restarts[0].time *= 2  # seconds are never the same
    assert name_of(estimator=fitted) == names[-1]
    fitted._training.restarts[0].rng.randint(2)
    assert name_of(estimator=fitted) not in names


def test_other_data_have_other_names(name_of, X, y_class):
    bit, labels, weights = X.copy(), y_class.copy(), np.ones(len(X))
    bit[4, 3] = np.nextafter(bit[4, 3], 9)
    labels[7] = (labels[7] + 1) % 3
    other = np.r_[2.0, weights[1:]]
    val = {"X_val": X[:9], "y_val": y_class[:9]}
    names = [
        name_of(),
        name_of(bit, y_class),
        name_of(X.astype(np.float32), y_class),
        name_of(sparse.csr_array(X), y_class),
        name_of(X[:-1], y_class[:-1]),
        name_of(X[::-1], y_class[::-1]),
        name_of(X, labels),
        name_of(X, y_class + 1),
        name_of(X, y_class, weights),
        name_of(X, y_class, other),
        name_of(class_weight="balanced"),
        name_of(class_weight={0: 2.0}),
        name_of(fit_params=val),
        name_of(fit_params={**val, "X_val": X[1:10]}),
        name_of(fit_params={**val, "y_val": labels[:9]}),
        name_of(fit_params={**val, "sample_weight_val": other[:9]}),
    ]
    assert len(set(names)) == len(names)
    assert name_of(X[::-1], y_class[::-1]) == name_of(X[::-1].copy(), y_class[::-1].copy())
    assert name_of(X, y_class, other) == name_of(X, y_class, list(other))


def make_activation(slope, name="custom"):
    return Activation(
        lambda z, out: np.square(z, out=out), lambda z, a, out: np.multiply(z, slope, out=out),
        name=name,
    )  # fmt: skip


def test_an_activation_of_the_user_is_known_by_what_it_does(name_of):
    names = [name_of(activation=make_activation(slope)) for slope in (2, 2, 3)]
    assert names[0] == names[1] != names[2]
    assert name_of(activation=make_activation(2, "relu")) == names[0] != name_of()


def make_score(beta):
    return lambda estimator, X, y: beta


def test_a_function_that_scores_is_known_by_what_it_does(name_of):
    scores = [
        lambda estimator, X, y: 1.0,
        lambda estimator, X, y: 2.0,
        lambda estimator, X, y: estimator.n_features_in_,
        lambda estimator, X, y: estimator.n_outputs_,
        make_score(1),
        make_score(2),
        make_scorer(f1_score, average="macro"),
        make_scorer(f1_score, average="micro"),
        make_scorer(fbeta_score, average="macro", beta=1),
    ]
    names = [name_of(scoring=score) for score in scores]
    assert len(set(names)) == len(names)
    assert name_of(scoring=make_score(2)) == name_of(scoring=make_score(2))
    assert name_of(scoring=make_scorer(f1_score, average="macro")) == names[6]


def test_what_holds_itself_can_be_described():
    def recur(depth):
        return recur(depth - 1) if depth else None

    holder = {"list": []}
    holder["list"].append(holder)
    assert "#0" in str(describe(recur))
    assert "#0" in str(describe(holder))
    assert describe({2: "b", 1: "a"}) == describe({1: "a", 2: "b"})
    assert describe(np.array(["a", "b"])) == ["a", "b"]


FACTOR = 1.0


def score_with_global(estimator, X, y):
    return FACTOR


class Base:
    def __call__(self, estimator, X, y):
        return self.go()

    def go(self):
        return 1.0


class Heir(Base):
    pass


class OtherHeir(Base):
    def go(self):
        return 2.0


class Slots:
    __slots__ = ("beta",)

    def __init__(self, beta):
        self.beta = beta

    def __repr__(self):
        return "Slots()"

    def __call__(self, estimator, X, y):
        return self.beta


class Holder(Base):
    def __init__(self, frame):
        self.frame = frame


def test_a_score_is_known_by_what_it_holds_inherits_and_names(name_of, monkeypatch):
    frame = pd.DataFrame(np.zeros((999, 3)))
    other = frame.copy()
    other.iloc[500, 1] = 1.0
    scores = [Heir(), OtherHeir(), Slots(1), Slots(2), Holder(frame), Holder(other)]
    names = [name_of(scoring=score) for score in [*scores, score_with_global]]
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    names.append(name_of(scoring=score_with_global))
    assert len(set(names)) == len(names)
    assert name_of(scoring=Slots(2)) == names[3]


def test_a_score_that_holds_a_module_is_described_at_once(name_of):
    def make():
        import scipy

        return lambda estimator, X, y: scipy.__version__

    assert name_of(scoring=make()) == name_of(scoring=make())


def test_what_cannot_be_told_from_others_is_an_error():
    with pytest.raises(ValueError, match="checkpoint cannot tell .*checkpoint=None"):
        describe(threading.Lock())


class Fixed(InitMLPClassifier):
    def __init__(self, extra=1):
        super().__init__((5,), max_iter=5, random_state=0, checkpoint="unused")
        self.extra = extra


def test_a_subclass_is_known_by_parameters_of_its_base_too(name_of):
    names = [name_of(estimator=Fixed()), name_of(estimator=Fixed(2))]
    other = Fixed()
    other.alpha = 5.0
    names.append(name_of(estimator=other))
    assert len(set(names)) == 3


class Point:
    def __init__(self, value):
        self.value = value


class Parts:
    """Describes itself by an object that nothing else holds."""

    def __init__(self, values):
        self._values = values

    def __reduce__(self):
        return Point, (Point(self._values),)


def test_objects_that_come_and_go_are_told_apart():
    first, second = (
        describe([Parts([i]) for i in values])
        for values in ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 9])
    )
    assert first != second
