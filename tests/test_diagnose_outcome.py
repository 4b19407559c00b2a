"""What `diagnose` says of how well a network has learned, and of data that are not scaled."""

import numpy as np
import pytest
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.inspection import diagnose

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make_rows(n, share):
    """Return rows of which that share is of class 1, which a line separates."""
    X = np.random.default_rng(0).normal(size=(n, 5))
    signal = X @ [1.0, -2.0, 0.5, 0.0, 1.0]
    return X, (signal > np.quantile(signal, 1 - share)).astype(int)


def fit(X, y, cls=InitMLPClassifier, **more):
    settings = {"max_iter": 60, "learning_rate_init": 0.01, "random_state": 0, **more}
    return cls(hidden_layer_sizes=(31,), **settings).fit(X, y)


def name(diagnosis):
    return [finding.name for finding in diagnosis.findings]


def test_a_rare_class_that_is_learned_is_no_fault_and_one_that_is_not_is_named():
    X, y = make_rows(3001, 0.004)  # the rows that signals are measured on have none or one
    learned = diagnose(fit(X, y), X, y)
    assert name(learned) == []
    assert learned.losses[0, 0] < 0.2 * learned.losses[0, 1]
    assert name(diagnose(fit(X, y, learning_rate_init=1e-7), X, y)) == ["not_learned"]


def test_losses_are_those_of_the_network_and_of_the_best_constant():
    X, y = make_rows(301, 0.2)
    clf = fit(X, y, alpha=0.1, max_iter=20)
    loss, constant_loss = diagnose(clf, X, y).losses[0]
    assert loss == pytest.approx(-np.log(clf.predict_proba(X)[range(301), y]).mean(), rel=1e-9)
    share = y.mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert constant_loss == pytest.approx(entropy, rel=1e-12)
    assert np.isnan(diagnose(clf, X).losses).all()
    text = " ".join(str(diagnose(clf, X, y)).split())
    assert text.endswith(f"The loss is {loss:.3g}; a constant prediction has {entropy:.3g}.")


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 7.0}])
def test_class_weights_count_for_the_constant_as_for_the_network(class_weight):
    X, y = make_rows(1501, 0.1)
    noisy = np.where(np.random.default_rng(1).random(1501) < 0.05, 1 - y, y)
    clf = fit(X, noisy, class_weight=class_weight, max_iter=30)
    diagnosis = diagnose(clf, X, noisy)
    assert name(diagnosis) == []
    if class_weight == "balanced":
        assert diagnosis.losses[0, 1] == pytest.approx(np.log(2), rel=1e-9)
    lazy = fit(X, noisy, class_weight=class_weight, learning_rate_init=1e-7)
    assert name(diagnose(lazy, X, noisy)) == ["not_learned"]


def test_little_is_not_called_nothing():
    X, _ = make_rows(301, 0.5)
    y = np.random.default_rng(2).integers(2, size=301)
    clf = fit(X, y, max_iter=11, learning_rate_init=3e-4)
    loss, constant_loss = diagnose(clf, X, y).losses[0]
    word = "hardly" if loss < constant_loss else "no"
    assert f"is {word} better than the" in diagnose(clf, X, y).findings[0].verdict


def test_features_far_from_zero_are_not_scaled():
    X, y = make_rows(301, 0.5)
    clf = fit(X + 25, y, activation="tanh", max_iter=20)
    faults = {finding.name: finding for finding in diagnose(clf, X + 25, y).findings}
    assert "StandardScaler" in faults["unscaled_inputs"].remedy
    assert {finding.cause for finding in faults.values()} == {"data"}
    start = clf.initialize(X + 25, y)
    assert "unscaled_inputs" in name(diagnose(start, X + 25, y))
    assert name(diagnose(start, X + 3, y)) == []
    some = X + np.eye(5)[3] * 9  # one feature is no reason
    assert name(diagnose(start, some / 3, y)) == []
    assert name(diagnose(start, np.hstack([X[:, :4], np.full((301, 1), 7.0)]), y)) == []


def test_the_remedy_for_saturation_is_not_the_scheme_that_was_used():
    X, y = make_rows(301, 0.5)
    clf = InitMLPClassifier((31,), activation="tanh", weight_init="glorot_uniform", random_state=0)
    (finding,) = diagnose(clf.initialize(9 * X, y), 9 * X, y).findings
    assert (finding.name, finding.cause) == ("saturated", "data")
    assert "scale X" in finding.remedy
    assert "glorot" not in finding.remedy


@pytest.mark.parametrize("change", [lambda y: 1e-3 * y, lambda y: 28 + y])
def test_targets_that_hardly_differ_are_not_scaled(change):
    X, _ = make_rows(301, 0.5)
    y = scale(X @ [1.0, -2.0, 0.5, 0.0, 1.0])
    reg = fit(X, change(y), InitMLPRegressor, max_iter=3, learning_rate_init=1e-3)
    finding = diagnose(reg, X, change(y)).findings[0]
    assert (finding.name, finding.cause) == ("unscaled_targets", "data")
    assert "TransformedTargetRegressor" in finding.remedy
    assert name(diagnose(fit(X, y, InitMLPRegressor), X, y)) == []
    assert "unscaled_targets" not in name(diagnose(reg, X, np.full(301, 5.0)))
