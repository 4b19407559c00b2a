"""What the package says when a call is not what the user means: which value, and what to write."""

import pickle
import re
import warnings

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import (
    Constant,
    Initializer,
    InitMLPClassifier,
    InitMLPRegressor,
    Normal,
    VarianceScaling,
    diagnose,
)
from sklearn_init.initializers import SCHEMES, Lsuv
from sklearn_init.inspection.displays import DISPLAYS
from sklearn_init.solvers import _lbfgs

quiet = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make(**more):
    return InitMLPClassifier((4,), **{"max_iter": 2, "random_state": 0, **more})


def make_regressor(**more):
    return InitMLPRegressor(hidden_layer_sizes=(4,), **{"max_iter": 2, "random_state": 0, **more})


# ---- parameters of schemes given by name ----


@pytest.mark.parametrize("name", [name for name, row in SCHEMES.items()])
def test_a_name_stands_for_its_object(name):
    initializer = SCHEMES[name].initializer
    parameters = initializer.get_params(deep=False)
    est = make(weight_init=name)
    assert clone(est).weight_init == name
    if not parameters:
        with pytest.raises(
            ValueError, match=f"weight_init='{name.replace('+', '.')}' has no param"
        ):
            est.set_params(weight_init__scale=1)
        return
    parameter, value = next(iter(parameters.items()))
    assert est.set_params(**{f"weight_init__{parameter}": value}) is est
    assert est.weight_init == initializer
    assert est.weight_init is not initializer  # the table stays as it is
    assert clone(est).weight_init == initializer


def test_a_name_in_the_same_call_is_looked_up_first():
    est = make(weight_init="orthogonal").set_params(
        weight_init__scale=3.0, weight_init="lecun_normal", alpha=0.5
    )
    assert est.weight_init == clone(SCHEMES["lecun_normal"].initializer).set_params(scale=3.0)
    assert est.alpha == 0.5


def test_numbers_and_objects_have_parameters_too():
    assert make(bias_init=0.1).set_params(bias_init__value=0.3).bias_init == Constant(0.3)
    est = make(weight_init=VarianceScaling(1.0))
    assert est.set_params(weight_init__scale=2.0).weight_init.scale == 2.0


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"weight_init__foo": 1}, "Invalid parameter 'foo' for estimator VarianceScaling"),
        ({"weight_init": [None, None], "weight_init__scale": 1}, "holds a scheme per layer"),
        (
            {"weight_init": {"hidden": "he_normal", "output": "zeros"}, "weight_init__scale": 1},
            "holds a scheme per layer: set weight_init itself",
        ),
        ({"weight_init": "auto", "weight_init__scale": 1}, "weight_init='auto' has no parameters"),
        ({"weight_init": "he", "weight_init__scale": 1}, "Did you mean 'he_normal'"),
        ({"bias_init__value": 1}, "bias_init=None has no parameters"),
        ({"foo": 1}, "Invalid parameter 'foo'"),
        ({"foo__bar": 1}, "Invalid parameter 'foo'"),
        ({"activation__slope": 0.1}, "activation='relu' has no parameters: set activation itself"),
        ({"solver": "sgd", "solver__momentum": 0.1}, "solver='sgd' has no parameters"),
    ],
)
def test_what_cannot_be_set_changes_nothing(params, match):
    est = make(weight_init="he_normal")
    before = est.get_params()
    with pytest.raises(ValueError, match=match):
        est.set_params(**params)
    assert est.get_params() == before


@quiet
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_searches_set_parameters_of_names(X, y_class, search, n_jobs):
    pipe = make_pipeline(StandardScaler(), make(weight_init="he_normal"))
    grid = {"initmlpclassifier__weight_init__scale": [1.0, 2.0, 5.0]}
    more = {"n_iter": 2, "random_state": 0} if search is RandomizedSearchCV else {}
    found = search(pipe, grid, cv=2, n_jobs=n_jobs, **more).fit(X, y_class)
    best = found.best_estimator_[-1].weight_init
    assert best.scale == found.best_params_["initmlpclassifier__weight_init__scale"]
    assert pipe[-1].weight_init == "he_normal"


# ---- weights set by hand ----

BY_HAND = "has coefs_ or intercepts_, but not what fit .*weight_init=.W1, W2., bias_init=.b1, b2."
USES = {
    "predict": lambda est, X, y: est.predict(X),
    "predict_proba": lambda est, X, y: est.predict_proba(X),
    "score": lambda est, X, y: est.score(X, y),
    "a warm start": lambda est, X, y: est.set_params(warm_start=True).fit(X, y),
    "partial_fit": lambda est, X, y: est.partial_fit(X, y),
    "save": lambda est, X, y: est.save("nowhere.npz"),
    "to_sklearn": lambda est, X, y: est.to_sklearn(),
    "to_onnx": lambda est, X, y: est.to_onnx(),
    "restart": lambda est, X, y: est.restart(0),
    "diagnose": lambda est, X, y: diagnose(est, X),
    "loss curves": lambda est, X, y: DISPLAYS["loss_curves"].from_estimator(est),
}


@pytest.mark.parametrize("use", USES)
def test_weights_that_no_fit_has_made_are_named(X, y_class, use):
    est = make()
    est.coefs_, est.intercepts_ = [np.ones((5, 4)), np.ones((4, 3))], [np.ones(4), np.ones(3)]
    with pytest.raises(NotFittedError, match=BY_HAND):
        USES[use](est, X, y_class)


@quiet
def test_such_an_estimator_can_be_copied_shown_and_fitted(X, y_class):
    est = make()
    est.coefs_, est.intercepts_ = [np.ones((5, 4)), np.ones((4, 3))], [np.ones(4), np.ones(3)]
    assert pickle.loads(pickle.dumps(est)).coefs_[0].shape == (5, 4)
    assert "coefs_" not in vars(clone(est))
    assert est._repr_html_()
    np.testing.assert_array_equal(est.fit(X, y_class).coefs_[0], make().fit(X, y_class).coefs_[0])


@quiet
@pytest.mark.parametrize("shapes", [[(5, 4)], [(5, 7), (4, 3)], [(4, 4), (4, 3)], [(5,), (4, 3)]])
def test_shapes_that_make_no_network_are_named(X, y_class, shapes):
    est = make().fit(X, y_class)
    est.coefs_ = [np.ones(shape) for shape in shapes]
    with pytest.raises(
        ValueError, match="shapes .* which do not make a network for n_features_in_=5"
    ):
        est.predict(X)


@quiet
@pytest.mark.parametrize(
    "name", ["classes_", "intercepts_", "n_outputs_", "out_activation_", "kept_restarts_"]
)
def test_attributes_that_were_deleted_are_named(X, y_class, name):
    est = make().fit(X, y_class)
    delattr(est, name)
    with pytest.raises(NotFittedError, match=rf"lacks the fitted attributes \['{name}'\]: fit it"):
        est.predict(X)
    with pytest.raises(NotFittedError, match=rf"lacks the fitted attributes \['{name}'\]"):
        pickle.dumps(est)
    assert est._repr_html_()


@quiet
@pytest.mark.parametrize("name", ["_training", "_label_binarizer"])
def test_no_message_names_what_is_private(X, y_class, name):
    est = make().fit(X, y_class)
    delattr(est, name)
    with pytest.raises(NotFittedError, match=BY_HAND) as caught:
        est.predict(X)
    assert name not in str(caught.value)


NO_WEIGHTS = {
    "None": lambda coefs: None,
    "text": lambda coefs: "weights",
    "an array": lambda coefs: coefs[0],
    "no layers": lambda coefs: [],
    "numbers": lambda coefs: [1.0, 2.0],
    "lists": lambda coefs: [W.tolist() for W in coefs],
    "arrays of text": lambda coefs: [W.astype(str) for W in coefs],
    "complex arrays": lambda coefs: [W + 1j for W in coefs],
    "arrays of objects": lambda coefs: [W.astype(object) for W in coefs],
    "a layer too many": lambda coefs: [*coefs, np.eye(3)],
    "too few outputs": lambda coefs: [coefs[0], coefs[1][:, :2]],
}


@quiet
@pytest.mark.parametrize("change", NO_WEIGHTS)
@pytest.mark.parametrize("use", USES)
def test_weights_that_make_no_network_are_named(X, y_class, change, use):
    est = make(n_restarts=2).fit(X, y_class)
    est.coefs_ = NO_WEIGHTS[change](est.coefs_)
    with pytest.raises(ValueError, match="^coefs_ and intercepts_ (are not what|have the shapes)"):
        USES[use](est, X, y_class)
    assert est._repr_html_()


@quiet
def test_a_restart_of_other_sizes_is_named(X, y_class):
    est = make(n_restarts=2).fit(X, y_class)
    est.coefs_ = [np.ones((5, 7)), np.ones((7, 3))]
    est.intercepts_ = [np.ones(7), np.ones(3)]
    assert est.predict(X).shape == (len(X),)
    with pytest.raises(ValueError, match=r"index=1: coefs_ have the layer sizes \(5, 7, 3\)"):
        est.restart(1)


# ---- the end of training ----


@pytest.mark.parametrize(
    ("more", "scale", "match"),
    [
        ({"max_iter": 3}, 1, "it reached max_iter=3 iterations. Increase max_iter"),
        ({"max_iter": 90, "max_fun": 7}, 1, "it used up max_fun .* Increase max_fun"),
    ],
)
@pytest.mark.parametrize("n_restarts", [1, 3])
def test_lbfgs_says_which_limit_to_raise(X, y_number, more, scale, match, n_restarts):
    est = make_regressor(solver="lbfgs", n_restarts=n_restarts, **more)
    which = "" if n_restarts == 1 else " in 3 of 3 restarts"
    with pytest.warns(ConvergenceWarning, match=f"^lbfgs failed to converge{which}: {match}"):
        est.fit(X, y_number * scale)


def test_lbfgs_that_converged_or_was_stopped_has_no_sentence():
    assert _lbfgs.explain(0, True) == _lbfgs.explain(99, True) == ""  # 99: by a callback


@pytest.mark.parametrize(("status", "has_left"), [(1, True), (1, False), (2, True), (2, False)])
def test_every_end_of_lbfgs_has_a_sentence(status, has_left):
    from sklearn_init.training._warnings import LBFGS_MESSAGES

    assert _lbfgs.explain(status, has_left) in LBFGS_MESSAGES
    assert set(LBFGS_MESSAGES) == {_lbfgs.MAX_ITER, _lbfgs.MAX_FUN, _lbfgs.NO_DESCENT}


@pytest.mark.parametrize(
    ("more", "scales", "match"),
    [
        ({"weight_init": Normal(std=100.0)}, (1, 1), r"those of .* are \d+ times too large"),
        ({"bias_init": 1e3}, (1, 1), r"smaller biases \(bias_init\), .* hidden layer 1 is 1e\+03"),
        ({}, (1, 1e7), "scale y, whose root mean square is .*e.07"),
        ({}, (1e9, 1), "scale X, whose root mean square is .*e.08|e.09"),
        ({"learning_rate_init": 1e9}, (1, 1), "lower learning_rate_init=1000000000.0"),
    ],
)
def test_divergence_names_what_is_far_from_usual(X, y_number, more, scales, match):
    est = make_regressor(solver="sgd", max_iter=30, **more)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            est.fit(X * scales[0], y_number * scales[1])
            text = " ".join(str(w.message) for w in caught)
        except ValueError as error:
            text = str(error)
    (remedy,) = text.split("Try this: ")[1:]
    assert re.search(match, remedy)
    assert ("learning_rate_init" in remedy) == ("learning_rate_init" in more)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_fit_that_stops_at_chance_names_diagnose(X, y_class, solver):
    dead = {"bias_init": [-1e3, 0.0], "learning_rate_init": 0.1, "max_iter": 900, "alpha": 0.0}
    with pytest.warns(ConvergenceWarning, match=r"no better than that .* diagnose\("):
        make(solver=solver, **dead).fit(X, y_class)


def test_a_fit_that_stops_above_chance_names_diagnose(X, y_number):
    large = {"weight_init": Normal(std=10.0), "solver": "sgd", "max_iter": 60, "tol": 1e9}
    with pytest.warns(ConvergenceWarning, match="worse than that .* learned nothing: diagnose"):
        make_regressor(**large).fit(X, y_number)


@pytest.mark.parametrize("seed", range(5))
def test_a_fit_that_has_learned_says_nothing(seed):
    X = np.random.default_rng(seed).normal(size=(90, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(max_iter=2000, learning_rate_init=0.02).fit(X, X[:, 0] > 0)
        make_regressor(max_iter=2000, learning_rate_init=0.02, tol=1e-3).fit(X, X[:, 0])


# ---- functions and classes as schemes ----


class Fixed(Initializer):
    def draw(self, layer, rng):
        return np.random.default_rng(0).normal(size=layer.shape)


def ignore_rng(fan_in, fan_out, rng):
    return np.random.default_rng(0).normal(size=(fan_in, fan_out))


def like_keras(shape, dtype=None):
    return np.zeros(shape)


def like_torch(tensor):
    tensor[...] = 0


@pytest.mark.parametrize("function", [like_keras, like_torch, lambda: 0, lambda fan_out: 0])
@pytest.mark.parametrize("parameter", ["weight_init", "bias_init"])
def test_functions_of_other_arguments_are_told_which_they_get(X, y_class, function, parameter):
    with pytest.raises(ValueError, match=r"is called with \(fan_in, fan_out, rng\) and returns"):
        make(**{parameter: function}).fit(X, y_class)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda m, n, rng: None, "got None: the function has to return the array"),
        (lambda m, n, rng: rng.normal(size=(n, m)), r"got shape \(4, 5\), which is transposed"),
        (lambda m, n, rng: rng.normal(size=(m, n)) * 1j, "got an array of type complex128"),
        (lambda m, n, rng: np.full((m, n), "a"), "got an array of type <U1"),
        (lambda m, n, rng: (rng.normal(size=(m, n)), np.zeros(n)), r"got \(array"),
        (lambda m, n, rng: scipy.sparse.csr_array(np.ones((m, n))), "got <Compressed"),
        (lambda m, n, rng: np.ma.masked_all((m, n)), "got a masked array"),
        (np.zeros, "called with .fan_in, fan_out, rng. .* raised TypeError"),
        (np.random.default_rng(0).normal, "called with .fan_in, fan_out, rng. .* raised TypeErr"),
        (lambda m, n, rng: rng.randn(m, n), "raised AttributeError.*rng is a numpy.random.Gener"),
        (lambda m, n, rng: np.full((m, n), np.nan), "got NaN or numbers that float64 cannot"),
    ],
)
def test_what_functions_return_is_checked(X, y_class, function, match):
    with pytest.raises(ValueError, match=f"weight_init for the hidden layer 1.*{match}"):
        make(weight_init=function).fit(X, y_class)


@quiet
@pytest.mark.parametrize(
    ("scheme", "more"),
    [
        (ignore_rng, {"hidden_layer_sizes": (4, 4, 4)}),
        (ignore_rng, {"n_restarts": 3}),
        (Fixed(), {"hidden_layer_sizes": (4, 4, 4)}),
        (Fixed(), {"n_restarts": 3}),
        (Lsuv(base=Fixed()), {"n_restarts": 3}),  # layers differ by what it makes of the rows
    ],
)
def test_a_generator_that_is_not_used_is_warned_of(X, y_class, scheme, more):
    with pytest.warns(
        UserWarning, match="the same numbers as another.*draw them from rng"
    ) as caught:
        make(weight_init=scheme).set_params(**more).fit(X, y_class)
    assert len([w for w in caught if w.category is UserWarning]) == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
@pytest.mark.parametrize(
    "scheme",
    [
        lambda m, n, rng: rng.normal(size=(m, n)),
        lambda m, n, rng: np.eye(m, n),
        lambda m, n, rng: np.full((m, n), 0.1),
        "he_normal",
        "orthogonal",
    ],
)
def test_what_draws_or_is_simple_is_not_warned_of(X, y_class, scheme):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", category=UserWarning, message="hidden layer")
        make(weight_init=scheme).set_params(hidden_layer_sizes=(4, 4, 4)).fit(X, y_class)
