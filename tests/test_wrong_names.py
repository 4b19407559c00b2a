"""What the package says of names it does not know, and of values for another parameter."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.model_selection import GridSearchCV

from sklearn_init import InitMLPClassifier, InitMLPRegressor, Normal
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.estimators._parameters import SOLVERS
from sklearn_init.initializers import SCHEMES

pandas = pytest.importorskip("pandas")


def make(**more):
    return InitMLPClassifier((4,), **{"max_iter": 2, "random_state": 0, **more})


@pytest.mark.parametrize(
    ("parameter", "value", "suggestion"),
    [
        ("weight_init", "randn", "'normal'"),
        ("weight_init", 0.01, "Normal(std=0.01)"),
        ("weight_init", "HeNormal", "'he_normal'"),
        ("weight_init", "kaiming_normal_", "'kaiming_normal'"),
        ("weight_init", "RandomUniform", "'uniform'"),
        ("weight_init", "narrow-normal", "'normal_0.01'"),
        ("weight_init", Normal, "Normal(...)"),
        ("weight_init", np.float32(0.5), "Normal(std=0.5)"),
        ("weight_init", np.str_("he"), "'he_normal'"),
        ("weight_init", "delving", "'he_normal'"),
        ("weight_init", "x" * 5000, "get_initializer_names() lists all"),
        ("activation", "tansig", "'tanh'"),
        ("activation", "he_normal", "Give weight_init='he_normal' by name"),
        ("activation", np.tanh, "Activation(value, derivative)"),
        ("solver", "rmsprop", "'adam'"),
        ("restart_strategy", "race", "'halving'"),
        ("restart_combine", "ensemble", "'average'"),
        ("restart_criterion", "train", "'loss'"),
        ("dtype", np.float32, '"float32"'),
        ("activation", "LeakyReLU", "'leaky_relu'"),
        ("activation", "leakyrelu", "'leaky_relu'"),
        ("solver", "l-bfgs", "'lbfgs'"),
        ("solver", "SGD", "'sgd'"),
        ("learning_rate", "fixed", "'constant'"),
        ("scoring", "acuracy", "'accuracy'"),
    ],
)
def test_other_names_get_ours(X, y_class, parameter, value, suggestion):
    with pytest.raises(ValueError, match=f"{parameter}=") as caught:
        make(**{parameter: value}).fit(X, y_class)
    assert suggestion in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_name_like_no_other_gets_no_suggestion(X, y_class):
    for parameter, value in [("weight_init", "transformer"), ("activation", "adam")]:
        with pytest.raises(ValueError, match="is not known") as caught:
            make(**{parameter: value}).fit(X, y_class)
        assert "Did you mean" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_names_may_be_of_numpy(X, y_class):
    grid = {"weight_init": np.array(["he_normal", "uniform"]), "activation": np.array(["tanh"])}
    found = GridSearchCV(make(), grid, cv=2, error_score="raise").fit(X, y_class)
    assert found.best_params_["weight_init"] in ("he_normal", "uniform")


@pytest.mark.parametrize("table", [ACTIVATIONS, SOLVERS, SCHEMES])
def test_every_name_is_found_in_capitals_and_without_underscores(table):
    from sklearn_init._lookup import _find_close

    for name in table:
        assert name in _find_close(name.upper(), table)
        assert name in _find_close(name.replace("_", "-"), table)


def test_positional_arguments_of_other_orders_are_recognized(X, y_number):
    with pytest.raises(
        ValueError, match=r"first argument .* is loss.*hidden_layer_sizes=\(5,\) by"
    ):
        InitMLPRegressor((5,), "tanh").fit(X, y_number)
    with pytest.raises(ValueError, match="Give activation='tanh' by name"):
        InitMLPClassifier("tanh").fit(X, y_number > 0)
    with pytest.raises(ValueError, match="loss='tanh' .* Give activation='tanh' by name"):
        InitMLPRegressor("tanh").fit(X, y_number)
    for sizes in (np.int64(5), np.array([5, 4]), range(3, 5), 5.0):
        with pytest.raises(ValueError, match="first argument .* is loss.*hidden_layer_sizes="):
            InitMLPRegressor(sizes).fit(X, y_number)


@pytest.mark.parametrize("estimator", [InitMLPClassifier, InitMLPRegressor])
@pytest.mark.parametrize("form", [np.asarray, pandas.DataFrame, scipy.sparse.csr_array])
def test_data_as_parameters_are_sent_to_fit(X, y_number, estimator, form):
    data = form(np.ones((500, 70)))
    with pytest.raises(ValueError, match=r"Data are arguments of fit, fit\(X, y\)") as caught:
        estimator(data, y_number).fit(X, y_number > 0)
    assert len(str(caught.value)) < 300
