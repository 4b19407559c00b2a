"""`to_sklearn`: scikit-learn's estimator, predicting the same, silently."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.fixes import parse_version

from sklearn_init import InitMLPClassifier, InitMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TARGETS = {
    "binary": lambda y: y > 0,
    "three classes": lambda y: np.array(["low", "mid", "high"], dtype=object)[y],
    "multi-label": lambda y: np.stack([y > 0, y > 1, y == 1], axis=1).astype(int),
}


def quietly(est):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return est.to_sklearn()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"solver": "lbfgs", "activation": "tanh"},
        {"solver": "sgd", "early_stopping": True},
        {"hidden_layer_sizes": (), "activation": "logistic"},
        {"warm_start": True, "n_restarts": 2, "weight_init": "he_normal", "verbose": False},
        {"batch_size": 20, "hidden_layer_sizes": [4, 3]},
    ],
)
def test_classifier(X, y_class, target, more):
    y = TARGETS[target](y_class)
    ours = InitMLPClassifier(**{"hidden_layer_sizes": (7,), "max_iter": 5, **more}).fit(X, y)
    theirs = quietly(ours)
    assert type(theirs) is MLPClassifier
    np.testing.assert_array_equal(theirs.predict(X), ours.predict(X))
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), rtol=1e-12)
    assert theirs.score(X, y) == ours.score(X, y)
    for name in theirs.get_params():
        assert getattr(theirs, name) is getattr(ours, name)
    for name in ("loss_", "n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_"):
        assert getattr(theirs, name) == getattr(ours, name)
    if ours.solver != "lbfgs":
        assert theirs.loss_curve_ == ours.loss_curve_
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(theirs)).predict(X), ours.predict(X))
    if not ours.early_stopping:  # scikit-learn 1.6 cannot do it with string labels
        clone(theirs).set_params(max_iter=2).fit(X, y)


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_regressor(X, y_number, n_outputs, loss):
    y = np.abs(y_number[:, np.newaxis] + np.arange(n_outputs)).squeeze()
    ours = InitMLPRegressor(loss=loss, hidden_layer_sizes=(7,), max_iter=5).fit(X, y)
    if loss == "poisson" and parse_version(sklearn.__version__) < parse_version("1.7"):
        with pytest.raises(ValueError, match="loss='poisson' needs scikit-learn >= 1.7"):
            ours.to_sklearn()
        return
    theirs = quietly(ours)
    assert type(theirs) is MLPRegressor
    np.testing.assert_allclose(theirs.predict(X), ours.predict(X), rtol=1e-12)
    assert theirs.predict(X).shape == ours.predict(X).shape


def test_names_of_features_are_kept(X, y_class):
    frame = pd.DataFrame(X, columns=list("abcde"))
    theirs = quietly(InitMLPClassifier((7,), max_iter=2).fit(frame, y_class))
    assert list(theirs.feature_names_in_) == list("abcde")
    theirs.predict(frame)
    with pytest.raises(ValueError, match="feature names"):
        theirs.predict(frame[list("edcba")])


def test_types_are_kept(X, y_class):
    ours = InitMLPClassifier((7,), max_iter=2).fit(csr_array(X.astype(np.float32)), y_class)
    theirs = quietly(ours)
    assert {W.dtype for W in theirs.coefs_} == {np.dtype(np.float32)}
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), rtol=1e-6)


def test_it_is_the_fitted_network_whatever_the_parameters_are_now(X, y_class):
    ours = InitMLPClassifier((7, 3), max_iter=2).fit(X, y_class)
    theirs = quietly(ours.set_params(hidden_layer_sizes=(9,), solver="lbfgs"))
    np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), rtol=1e-12)


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.7"), reason="poisson is of 1.7"
)
def test_it_has_the_fitted_loss_whatever_the_parameter_is_now(X, y_number):
    ours = InitMLPRegressor(hidden_layer_sizes=(7,), max_iter=2).fit(X, y_number)
    theirs = quietly(ours.set_params(loss="poisson"))
    np.testing.assert_allclose(theirs.predict(X), ours.predict(X), rtol=1e-12)


def test_sparse_labels_stay_sparse(X, y_class):
    Y = csr_array(np.stack([y_class > 0, y_class > 1], axis=1).astype(int))
    ours = InitMLPClassifier((7,), solver="lbfgs", max_iter=20).fit(X, Y)
    np.testing.assert_array_equal(quietly(ours).predict(X).toarray(), ours.predict(X).toarray())


def test_the_copy_is_independent(X, y_class):
    ours = InitMLPClassifier((7,), max_iter=2).fit(X, y_class)
    before = ours.predict_proba(X)
    theirs = quietly(ours)
    theirs.coefs_[0][...] = 0
    theirs.loss_curve_.clear()
    np.testing.assert_array_equal(ours.predict_proba(X), before)
    assert len(ours.loss_curve_) == 2


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_the_copy_trains_on_with_the_same_solver(X, y_class, solver):
    est = InitMLPClassifier((7,), solver=solver, learning_rate_init=0.01, random_state=0)
    ours = est.set_params(max_iter=2, batch_size=len(X), shuffle=False).fit(X, y_class)
    theirs = quietly(ours).partial_fit(X, y_class)
    ours.partial_fit(X, y_class)
    # Adam's first step has the size of the learning rate; a step of sgd has not
    assert np.abs(theirs.coefs_[0] - ours.coefs_[0]).max() < 0.01 * (solver == "adam") + 1e-3


def test_it_needs_a_fit():
    with pytest.raises(sklearn.exceptions.NotFittedError):
        InitMLPClassifier().to_sklearn()
