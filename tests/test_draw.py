"""`draw`, the streams behind it, and the equality with what an estimator starts from."""

import numpy as np
import pytest
from laws import IMPOSSIBLE

from sklearn_init import Initializer, InitMLPRegressor, Normal, draw, get_initializer_names
from sklearn_init.initializers import SCHEMES
from sklearn_init.initializers._base import needs_rows

SIZES = (5, 7, 3, 2)
BLIND = [name for name in get_initializer_names() if not needs_rows(SCHEMES[name].initializer)]
PAIRS = [(name, activation) for name in BLIND for activation in ("relu", "logistic")]


def data(n_outputs=2):
    rng = np.random.default_rng(0)
    return rng.normal(size=(11, 5)), rng.normal(size=(11, n_outputs))


@pytest.mark.parametrize(("name", "activation"), [p for p in PAIRS if p not in IMPOSSIBLE])
@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
def test_equals_the_start_of_an_estimator(name, activation):
    coefs, intercepts = draw(SIZES, name, activation, random_state=5)
    X, y = data()
    est = InitMLPRegressor(
        hidden_layer_sizes=(7, 3), activation=activation, weight_init=name, random_state=5
    ).initialize(X, y)
    for drawn, started in zip(coefs + intercepts, est.coefs_ + est.intercepts_, strict=True):
        np.testing.assert_array_equal(drawn, started)


@pytest.mark.parametrize("name", BLIND)
def test_shapes(name):
    coefs, intercepts = draw(SIZES, name, random_state=0)
    assert [W.shape for W in coefs] == [(5, 7), (7, 3), (3, 2)]
    assert [b.shape for b in intercepts] == [(7,), (3,), (2,)]


def test_layers_with_a_shared_object_differ():
    coefs, _ = draw((4, 4, 4), Normal(1.0), random_state=0)
    assert not np.array_equal(*coefs)


def test_a_layer_does_not_depend_on_the_others():
    alone, _ = draw(SIZES, ["zeros", "he_normal", "zeros"], random_state=1)
    all_of_them, _ = draw(SIZES, "he_normal", random_state=1)
    np.testing.assert_array_equal(alone[1], all_of_them[1])


def test_random_state():
    first, _ = draw(SIZES, "he_normal", random_state=1)
    again, _ = draw(SIZES, "he_normal", random_state=1)
    other, _ = draw(SIZES, "he_normal", random_state=2)
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    stream = np.random.RandomState(1)
    from_instance, _ = draw(SIZES, "he_normal", random_state=stream)
    np.testing.assert_array_equal(first[0], from_instance[0])
    onwards, _ = draw(SIZES, "he_normal", random_state=stream)
    assert not np.array_equal(first[0], onwards[0])


@pytest.mark.parametrize("sizes", [(5,), (), 5, (5, 0), (5, 2.5), "55", (5, -1, 2)])
def test_bad_layer_sizes(sizes):
    with pytest.raises(ValueError, match="layer_sizes="):
        draw(sizes, "zeros")


def test_bad_choices():
    with pytest.raises(ValueError, match="scheme='he_norm' is not known. Did you mean"):
        draw(SIZES, "he_norm")
    three = r"Did you mean '\w+', '\w+' or '\w+'\? get_initializer_names\(\) lists all\.$"
    with pytest.raises(ValueError, match=f"scheme='He' is not known. {three}"):
        draw(SIZES, "He")  # with many more that begin so
    with pytest.raises(ValueError, match="activation='rely' is not known. Did you mean 'relu'"):
        draw(SIZES, "zeros", "rely")
    with pytest.raises(ValueError, match="random_state='x' is not allowed"):
        draw(SIZES, "zeros", random_state="x")


def test_a_scheme_that_sees_data_is_refused():
    class Adjusted(Normal):
        def adjust(self, layer, network, X, y, rng):
            pass

    assert issubclass(Adjusted, Initializer)
    with pytest.raises(ValueError, match="looks at the training data"):
        draw(SIZES, Adjusted())
