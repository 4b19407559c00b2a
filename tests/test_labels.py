"""Labels of every type, and the streams of a seed: as scikit-learn and NumPy have them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.random import RandomState
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import unique_labels

from sklearn_init import InitMLPClassifier
from sklearn_init._random import Stream, copy_streams
from sklearn_init.data._labels import ClassBinarizer, find_classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {
    "int8": np.array([-3, 0, 100], dtype=np.int8),
    "uint64": np.array([0, 2**63, 2**64 - 1], dtype=np.uint64),
    "swapped": np.array([-7, 3, 9], dtype=">i4"),
    "bool": np.array([False, True, True]),
    "float": np.array([-1.0, 0.0, 7.0]),
    "str": np.array(["a", "bb", "c"]),
    "str wider than its labels": np.array(["a", "bb", "c"], dtype="U20"),
    "object": np.array(["x", "yy", "é"], dtype=object),
    "categorical": pd.Categorical(["low", "mid", "high"]),
}


def labels_of(kind, n_classes, n_samples=30):
    return KINDS[kind][np.arange(n_samples) % n_classes]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_class_binarizer_is_label_binarizer(kind, n_classes):
    y = np.asarray(labels_of(kind, n_classes))
    expected, classes = LabelBinarizer().fit(y), find_classes(y)
    binarizer = ClassBinarizer(classes)
    assert binarizer.y_type_ == expected.y_type_
    assert classes.dtype == expected.classes_.dtype
    np.testing.assert_array_equal(classes, expected.classes_)
    np.testing.assert_array_equal(binarizer.transform(y[:4]), expected.transform(y[:4]))
    outputs = np.random.default_rng(0).uniform(size=(11, len(classes))).round(1)
    outputs = outputs[:, 0] if len(classes) == 2 else outputs
    ours, theirs = (b.inverse_transform(outputs) for b in (binarizer, expected))
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_kind(X, kind):
    y = labels_of(kind, 3, len(X))
    est = InitMLPClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    classes = unique_labels(np.asarray(y))
    assert est.classes_.dtype == est.predict(X).dtype == classes.dtype
    np.testing.assert_array_equal(est.classes_, classes)
    again = InitMLPClassifier((3,), random_state=0)
    for _ in range(2):
        again.partial_fit(X, y, classes=classes)
    np.testing.assert_array_equal(again.coefs_[0], est.coefs_[0])


@pytest.mark.parametrize("labels", [[0.0, np.nan], [0.5, 1.0], [None, "a"], [1, "a"], [1, 2]])
def test_what_is_no_label_is_an_error(X, labels):
    y = np.array(labels, dtype=float if isinstance(labels[0], float) else object)
    with pytest.raises((ValueError, TypeError)):
        InitMLPClassifier((3,)).fit(X, y[np.arange(len(X)) % 2])


@pytest.mark.parametrize("classes", [[0, 1], [1, 2, 3], [5, 6]])
def test_first_partial_fit_knows_all_its_labels(X, y_class, classes):
    est = InitMLPClassifier((3,), random_state=0)
    with pytest.raises(ValueError, match=r"not seen before: y has \[0 1 2"):
        est.partial_fit(X, y_class, classes=classes)
    assert not hasattr(est, "classes_")


@pytest.mark.parametrize("seed", [0, 7, np.int64(3), 2**32 - 1])
def test_stream_of_a_seed_is_the_random_state(seed):
    stream, expected = Stream(seed=seed), RandomState(seed)
    for _ in range(2):
        np.testing.assert_array_equal(stream.randint(9, size=700), expected.randint(9, size=700))
        assert stream.normal() == expected.normal()  # which keeps a second number for later
        first, second = copy_streams(stream, 2)
        numbers = pickle.loads(pickle.dumps(first)).normal(size=5)
        np.testing.assert_array_equal(numbers, second.normal(size=5))
        stream = first
        np.testing.assert_array_equal(stream.normal(size=5), numbers)
        np.testing.assert_array_equal(expected.normal(size=5), numbers)


def fit_with_early_stopping(y, random_state, **more):
    X = np.random.default_rng(0).normal(size=(len(y), 3))
    clf = InitMLPClassifier(
        (3,), max_iter=1, early_stopping=True, random_state=random_state, **more
    )
    return clf.fit(X, y)


@pytest.mark.parametrize(
    ("labels", "name"), [(["no", "yes"], "'yes'"), ([3, 7], "7"), ([False, True], "True")]
)
def test_a_class_with_a_single_row_is_named_as_it_is_called(labels, name):
    y = np.array([labels[0]] * 40 + [labels[1]])
    with pytest.raises(ValueError, match="least populated") as theirs:
        train_test_split(y, stratify=y)
    is_named = "members are" in str(theirs.value)  # scikit-learn 1.6 names no classes
    words = rf"members are: \[(np\.)?{name}\]" if is_named else "least populated class in y"
    with pytest.raises(ValueError, match=words):
        fit_with_early_stopping(y, 0)


RARE = {  # labels, and the only row of some of them
    "a class": (np.array(["a"] * 20 + ["b"] * 20 + ["rare"]), {"rare": 40}),
    "a label of several": ((np.arange(41)[:, np.newaxis] == [1, 40, 3]) * 1, {0: 1, 1: 40, 2: 3}),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("y", "row_of"), RARE.values(), ids=RARE)
def test_a_class_whose_rows_are_all_held_out_is_warned_of(y, row_of):
    n_warned = 0
    for seed in range(30):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            clf = fit_with_early_stopping(y, seed, warm_start=True)
        found = [str(w.message) for w in caught if "without a training row" in str(w.message)]
        held_out = clf._training.split.validation
        absent = [label for label, row in row_of.items() if row in held_out]
        assert len(found) == bool(absent)
        assert not absent or f"the classes {absent} without" in found[0]
        n_warned += len(found)
    assert 0 < n_warned < 30
