"""`diagnose`: estimators in, a record out that names what is wrong, and what is to blame."""

import copy
import pickle
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

from sklearn_init import (
    InitMLPClassifier,
    InitMLPRegressor,
    Normal,
    SymmetryWarning,
    draw,
    get_initializer_names,
)
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.diagnostics import DIAGNOSTICS
from sklearn_init.diagnostics._remedies import REMEDIES, STDS
from sklearn_init.estimators._health import describe_health
from sklearn_init.exceptions import UnhealthyNetworkError
from sklearn_init.inspection import diagnose

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make(cls=InitMLPClassifier, **more):
    defaults = {"hidden_layer_sizes": (37, 31), "random_state": 0, "max_iter": 3}
    return cls(**{**defaults, **more})


def names(diagnosis):
    return [finding.name for finding in diagnosis.findings]


def fit_symmetric(X, y, **more):
    with pytest.warns(SymmetryWarning):
        return make(weight_init="zeros", **more).fit(X, y)


# what comes in


def test_it_is_a_mapping_of_an_array_per_diagnostic(X, y_class):
    diagnosis = diagnose(make().initialize(X, y_class), X, y_class)
    assert list(diagnosis) == list(DIAGNOSTICS)
    assert len(diagnosis) == len(DIAGNOSTICS)
    assert {values.shape for values in diagnosis.values()} == {(1, 3)}
    assert diagnosis.is_healthy
    assert diagnosis.findings == []
    assert not diagnosis.is_trained
    assert diagnosis.sizes == (5, 37, 31, 3)
    assert diagnosis.n_rows == len(X)
    diagnosis.raise_if_unhealthy()


def test_kept_restarts_are_rows(X, y_class):
    est = make(n_restarts=5, restart_keep=3, restart_combine="average").fit(X, y_class)
    diagnosis = diagnose(est, X, y_class)
    assert diagnosis["z_mean"].shape == (3, 3)
    np.testing.assert_array_equal(diagnosis.restarts, est.kept_restarts_)
    for row, index in enumerate(est.kept_restarts_):
        single = diagnose(est.restart(int(index)), X, y_class)
        for name, values in single.items():
            np.testing.assert_array_equal(values[0], diagnosis[name][row])


def test_findings_name_the_restarts_that_have_them(X, y_class):
    est = make(n_restarts=3, restart_keep=3, restart_combine="average").fit(X, y_class)
    sick = est.kept_restarts_[1:]
    for index in sick:
        est._training.restarts[index].theta[:] = 0
        est._training.restarts[index].best_theta = None
    (finding,) = diagnose(est, X, y_class).findings
    assert finding.name == "symmetry"
    assert finding.restarts == tuple(sick)
    assert f"restarts {sick[0]}, {sick[1]}: hidden layer 1: all" in str(diagnose(est, X))


def test_without_targets_there_are_no_gradients(X, y_class):
    est = make().initialize(X, y_class)
    blind, seeing = diagnose(est, X), diagnose(est, X, y_class)
    assert np.isnan(blind["gradient_norm"]).all()
    assert np.isfinite(seeing["gradient_norm"]).all()
    np.testing.assert_array_equal(blind["z_mean"], seeing["z_mean"])


@pytest.mark.parametrize("kind", ["binary", "multilabel", "regression"])
def test_targets_of_all_kinds(X, y_class, y_number, kind):
    cls = InitMLPRegressor if kind == "regression" else InitMLPClassifier
    y = {
        "binary": np.array(["no", "yes"])[(y_class > 1).astype(int)],
        "multilabel": np.column_stack([y_class > 0, y_class > 1, y_class < 1, y_number > 0]),
        "regression": np.column_stack([y_number, 2 * y_number]),
    }[kind]
    more = {} if kind == "regression" else {"class_weight": None}
    est = make(cls, **more).fit(X, y)
    assert np.isfinite(diagnose(est, X, y)["gradient_norm"]).all()
    assert diagnose(est, csr_array(X), y)["rank"].tolist() == diagnose(est, X)["rank"].tolist()


def test_class_weights_and_missing_classes_are_no_obstacle(X, y_class):
    est = make(class_weight="balanced").fit(X, y_class)
    few = np.flatnonzero(y_class < 2)
    assert np.isfinite(diagnose(est, X[few], y_class[few])["gradient_norm"]).all()


def test_a_pipeline_transforms_the_rows(X, y_class):
    X = 1000 + 300 * X
    pipe = make_pipeline(StandardScaler(), make()).fit(X, y_class)
    direct = diagnose(pipe[-1], pipe[0].transform(X), y_class)
    np.testing.assert_array_equal(diagnose(pipe, X, y_class)["z_mean"], direct["z_mean"])
    assert diagnose(pipe, X, y_class).is_healthy
    alone = make_pipeline(make()).fit(X, y_class)
    assert names(diagnose(alone, X, y_class)) == ["unscaled_inputs"]


def test_what_is_not_accepted(X, y_class):
    with pytest.raises(TypeError, match="estimator is a LinearRegression: expected an InitMLP"):
        diagnose(LinearRegression(), X)
    with pytest.raises(TypeError, match="estimator is a Pipeline"):
        diagnose(make_pipeline(StandardScaler()), X)
    with pytest.raises(NotFittedError, match=r"\binitialize\b"):
        diagnose(make(), X)
    est = make().initialize(X, y_class)
    with pytest.raises(ValueError, match="X has 1 row"):
        diagnose(est, X[:1])
    with pytest.raises(ValueError, match="features"):
        diagnose(est, X[:, :3])
    with pytest.raises(ValueError, match="not seen"):
        diagnose(est, X, y_class + 1)


def test_the_estimator_is_not_changed(X, y_class):
    est = make(n_restarts=2, class_weight="balanced", dropout=0.5).fit(X, y_class)
    before = pickle.dumps(est)
    diagnose(est, X, y_class)
    assert pickle.dumps(est) == before


# what is to blame


def test_a_start_that_is_to_blame(X, y_class):
    est = fit_symmetric(X, y_class)
    (finding,) = diagnose(est, X, y_class).findings
    assert (finding.name, finding.cause) == ("symmetry", "initialization")
    with pytest.warns(SymmetryWarning) as caught:
        make(weight_init="zeros").fit(X, y_class)
    assert str(caught[0].message).startswith(finding.verdict)  # in the same words


def test_steps_that_are_too_large(X, y_class):
    est = make(activation="tanh", learning_rate_init=3.0, max_iter=20).fit(X, y_class)
    finding = next(f for f in diagnose(est, X, y_class).findings if f.name == "saturated")
    assert finding.cause == "training"
    assert finding.remedy == (
        "initialization is not the problem, as the start did not have it: lower "
        "learning_rate_init=3.0"
    )


def test_training_is_not_blamed_for_what_a_sick_start_became(X, y_class):
    # relu units with no weights stay multiples of each other, which is no fault of training
    sick = {"weight_init": "zeros", "bias_init": "uniform", "activation": "relu"}
    est = make(**sick, hidden_layer_sizes=(16,), solver="sgd", learning_rate_init=0.3, max_iter=20)
    (of_start,) = diagnose(est.initialize(X, y_class), X, y_class).findings
    finding = diagnose(est.fit(X, y_class), X, y_class).findings[0]
    assert finding.name != of_start.name
    assert finding.cause == "initialization"
    assert (
        finding.remedy == f"the start had a fault already: {of_start.verdict}; {of_start.remedy}"
    )


def test_a_penalty_that_is_too_strong(X, y_class):
    est = make(alpha=1e4, max_iter=150, learning_rate_init=0.02).fit(X, y_class)
    for y in (y_class, None):
        finding = diagnose(est, X, y).findings[0]
        assert (finding.name, finding.cause) == ("vanishing", "training")
        assert "lower alpha=10000.0" in finding.remedy


def test_divergence(X, y_number):
    est = make(InitMLPRegressor, solver="sgd", learning_rate_init=0.9, max_iter=4, momentum=0)
    est.fit(X, 20 * y_number)
    assert est.restarts_["diverged"][0]
    (finding,) = diagnose(est, X, 20 * y_number).findings
    assert (finding.name, finding.cause) == ("diverged", "training")
    assert "lower learning_rate_init=0.9" in finding.remedy


def test_no_learning_though_all_is_healthy(X, y_class):
    est = make(learning_rate_init=1e-9, max_iter=11).fit(X, y_class)
    (finding,) = diagnose(est, X, y_class).findings
    assert (finding.name, finding.cause) == ("not_learned", "training")
    assert "initialization is not the problem" in finding.remedy
    assert all(
        f"{name}={value}" in finding.remedy
        for name, value in [("learning_rate_init", "1e-09"), ("alpha", "0.0001"), ("max_iter", 11)]
    )
    begun = make(learning_rate_init=1e-9, max_iter=9).fit(X, y_class)
    assert diagnose(begun, X, y_class).is_healthy


def test_what_has_learned_may_have_odd_inputs(X, y_class):
    X, est = 50 * X, make(solver="lbfgs", max_iter=100)
    assert names(diagnose(est.initialize(X, y_class), X, y_class)) == ["unscaled_inputs"]
    est.fit(X, y_class)
    assert est.score(X, y_class) > 0.9
    assert diagnose(est, X, y_class).is_healthy
    assert diagnose(est, X).is_healthy


def test_a_start_that_a_pickle_has_left_out(X, y_class):
    est = make(weight_init=Normal(1e-4), n_restarts=2, restart_keep=2, restart_combine="average")
    est = pickle.loads(pickle.dumps(est.fit(X, y_class)))
    assert not hasattr(est, "initial_coefs_")
    (finding,) = diagnose(est, X, y_class).findings
    assert (finding.name, finding.cause) == ("vanishing", "initialization")


# what comes out


def test_unhealthy_networks_raise_an_error_with_the_findings(X, y_class):
    diagnosis = diagnose(fit_symmetric(X, y_class), X, y_class)
    with pytest.raises(UnhealthyNetworkError, match="^hidden layer 1: all weights into") as error:
        diagnosis.raise_if_unhealthy()
    assert str(error.value) == "\n".join(map(str, diagnosis.findings))


def test_frame(X, y_class):
    pytest.importorskip("pandas")
    est = make(n_restarts=4, restart_keep=2, restart_combine="average").fit(X, y_class)
    diagnosis = diagnose(est, X, y_class)
    frame = diagnosis.to_frame()
    assert frame.shape == (6, len(DIAGNOSTICS))
    assert frame.index.names == ["restart", "layer"]
    kept = est.kept_restarts_[1]
    np.testing.assert_array_equal(frame["z_mean"][kept], diagnosis["z_mean"][1])


def test_a_diagnosis_is_equal_to_itself_alone(X, y_class):
    est = make().initialize(X, y_class)
    one, other = diagnose(est, X), diagnose(est, X)
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_text(X, y_class):
    est = make(activation="tanh").initialize(X, y_class)
    lines = str(diagnose(est, X, y_class)).splitlines()
    assert lines[0] == "initialized network 5-37-31-3, 1 restart, 53 rows of X"
    assert lines[2].split()[:3] == ["layer", "units", "distinct"]
    assert [line.split()[:3] for line in lines[3:6]] == [
        ["1", "37", "37"],
        ["2", "31", "31"],
        ["output", "3", "-"],
    ]
    assert " ".join(lines).endswith("initialization is not the problem.")
    assert repr(diagnose(est, X)) == (
        "<Diagnosis: initialized network 5-37-31-3, 1 restart, healthy>"
    )
    sick = diagnose(fit_symmetric(X, y_class), X, y_class)
    assert repr(sick).endswith("1 finding>")
    assert " ".join(str(sick).split()).endswith(str(sick.findings[0]))
    assert max(map(len, str(sick).splitlines())) < 100


def test_long_tables_are_cut(X, y_class):
    text = str(diagnose(make(hidden_layer_sizes=(7,) * 40).initialize(X, y_class), X))
    assert text[: text.index("output")].count("\n") < 16
    assert "\n   ..." in text


def test_html(X, y_class):
    html = diagnose(fit_symmetric(X, y_class), X, y_class)._repr_html_()
    assert f'<th title="{DIAGNOSTICS["z_variance"].meaning}">var z</th>' in html
    assert html.count("<tr>") == 4
    assert "weight_init=&quot;glorot_uniform&quot;" in html
    for tag in ("p", "b", "ul", "li", "table", "tr", "th", "td"):
        assert len(re.findall(f"<{tag}[ >]", html)) == html.count(f"</{tag}>")
    assert "No finding" in diagnose(make().initialize(X, y_class), X)._repr_html_()


# a line without data


def test_a_line_on_health(X, y_class):
    est = make().initialize(X, y_class)
    assert describe_health(est) == "Initialized, not trained. No unit is a copy of another."
    est = make(max_iter=3).fit(X, y_class)
    assert describe_health(est) == (
        f"Loss {est.loss_:.3g} after 3 epochs, all that max_iter allows. No unit is a copy of "
        "another."
    )
    est = make(max_iter=13, tol=10, n_iter_no_change=2).fit(X, y_class)
    assert describe_health(est).startswith(f"Loss {est.loss_:.3g} after {est.n_iter_} epochs. ")
    est = fit_symmetric(X, y_class)
    assert "Hidden layer 1: all weights into and out of it are zero" in describe_health(est)
    assert "No unit" in describe_health(make(weight_init="constant", dropout=0.5).fit(X, y_class))


def test_a_line_on_restarts(X, y_number):
    est = make(InitMLPRegressor, solver="lbfgs", n_restarts=5, max_iter=200).fit(X, y_number)
    low, high = est.restarts_["loss"].min(), est.restarts_["loss"].max()
    assert f"5 restarts, with losses of {low:.3g} to {high:.3g}." in describe_health(est)
    assert "iterations." in describe_health(est)
    race = make(InitMLPRegressor, n_restarts=8, restart_strategy="halving", max_iter=32)
    assert "of them dropped by the race" in describe_health(race.fit(X, y_number))


def test_a_line_on_divergence(X, y_number):
    est = make(InitMLPRegressor, solver="sgd", learning_rate_init=0.9, max_iter=4, momentum=0)
    assert "Training diverged: lower" in describe_health(est.fit(X, 20 * y_number))
    # next to weights that have grown without limits, others look equal
    est.coefs_[0][:, 0] = 1e200
    assert "distinct" not in describe_health(est)
    broken = copy.deepcopy(est)
    broken.coefs_[0][0, 0] = np.nan
    assert describe_health(broken).endswith(
        "The weights are not finite: lower learning_rate_init, or scale X and y."
    )


# how good it is


def test_remedies_are_schemes_of_the_size_that_is_said():
    known = {*get_initializer_names(), "auto"}
    assert set(REMEDIES) <= set(ACTIVATIONS)
    assert {*REMEDIES.values(), *STDS} <= known
    for name, std in STDS.items():
        (W,), _ = draw((71, 113), name, random_state=0)
        assert W.std() == pytest.approx(std(71, 113), rel=0.02)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_is_recommended_is_healthy(X, y_class, activation):
    for scheme in {REMEDIES.get(activation, "auto"), "auto"}:
        est = make(hidden_layer_sizes=(33,) * 6, activation=activation, weight_init=scheme)
        assert diagnose(est.initialize(X, y_class), X, y_class).is_healthy


def test_healthy_networks_are_passed_and_sick_ones_are_named(monkeypatch):
    """A small version of `tests/benchmarks/diagnoses.py`."""
    monkeypatch.syspath_prepend(Path(__file__).parent / "benchmarks")
    monkeypatch.setattr(sys, "path", list(sys.path))
    import diagnoses
    from diagnoses import HEALTHY, NAMES, make_network, make_sick

    monkeypatch.setattr(diagnoses, "WIDTHS", (30, 61))
    rng = np.random.default_rng(1)
    for scheme, activation in HEALTHY.items():
        for _ in range(3):
            assert names(diagnose(*make_network(rng, scheme, activation))) == []
    for kind, expected in NAMES.items():
        for _ in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = names(diagnose(*make_sick(rng, kind)))
            assert not expected.isdisjoint(found), kind


def test_a_notebook_shows_how_a_fitted_estimator_is(X, y_class):
    est = make(weight_init="zeros")
    assert est._repr_html_().count("</p>") == estimator_html_repr(est).count("</p>")
    with pytest.warns(SymmetryWarning):
        est.fit(X, y_class)
    shown = [est._repr_html_(), est._repr_mimebundle_()["text/html"]]
    for html in shown:
        assert "all weights into and out of it are zero" in html
        assert "weight_init=&quot;glorot_uniform&quot;" in html
    with config_context(display="text"):
        assert not hasattr(est, "_repr_html_")
        assert "text/html" not in est._repr_mimebundle_()
