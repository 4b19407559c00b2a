"""Comparing initializers: what is refused, what stops it, and what is left of divergence."""

import _thread
import os
import pickle
import signal
import threading
import warnings

import joblib
import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, LeaveOneOut, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from test_compare import CLF, SCHEMES, MixedStart, bits, clone, compare, fail

from sklearn_init import DivergedError, InitMLPClassifier, InitMLPRegressor
from sklearn_init.comparison._compare import _name_metric
from sklearn_init.comparison._run import Outcome

SGD = InitMLPRegressor(
    hidden_layer_sizes=(7,),
    activation="identity",
    solver="sgd",
    learning_rate_init=0.05,
    max_iter=25,
    random_state=3,
)


def draw_enormous(fan_in, fan_out, rng):
    return rng.uniform(-1e200, 1e200, (fan_in, fan_out))


def score_of_a_network(estimator, X, y):
    """Return a score that a dummy does not have."""
    return -abs(estimator.coefs_[0]).mean()


# Interrupts


@pytest.fixture
def interrupts():
    """Let Ctrl-C raise KeyboardInterrupt, which a job in the background does not."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_stops_the_fits_under_way_in_threads(X, y_class, monkeypatch, recwarn):
    n_epochs, trained, scored = 400_000, [], []

    def interrupt():
        threading.Timer(0.1, _thread.interrupt_main).start()

    both_began, fit = threading.Barrier(2, interrupt), InitMLPClassifier.fit

    def fit_and_note(self, X, y):
        both_began.wait(60)
        fit(self, X, y)
        trained.append(self.n_iter_)
        return self

    monkeypatch.setattr(InitMLPClassifier, "fit", fit_and_note)
    clf = clone(CLF).set_params(max_iter=n_epochs, tol=0, n_iter_no_change=n_epochs)
    with pytest.raises(KeyboardInterrupt), joblib.parallel_config("threading"):
        compare(clf, X, y_class, n_jobs=2, scoring=lambda est, X, y: scored.append(est) or 1.0)
    networks = [est for est in scored if isinstance(est, InitMLPClassifier)]
    assert not networks  # but dummies
    assert len(trained) == 2
    assert max(trained) < n_epochs
    assert not recwarn.list


# Divergence


def test_a_scheme_that_leaves_nothing_finite_scores_what_a_dummy_does(X):
    reg = clone(SGD).set_params(weight_init=draw_enormous)
    with pytest.raises(DivergedError, match="^Solver produced.*start from smaller weights"):
        reg.fit(X, X[:, 0])

    schemes = {"enormous": draw_enormous, "he": "he_normal"}
    found = compare(SGD, X, X[:, 0], schemes)
    assert found["error"].tolist() == ["", ""]
    assert found["failure_rate"].tolist() == [1, 0]
    for r in range(2):
        assert (found.scores[0, :, r] == found.dummy_scores).all()
    assert (found.chosen_scores[0] == found.dummy_scores).all()
    assert found.diverged[0].all()
    assert (found.losses[0] == np.inf).all()
    assert np.isnan(found.loss_curves[0]).all()
    assert np.isnan(found.target_losses).all()
    assert found["difference"][1] > 0
    alone = compare(SGD, X, X[:, 0], ["he_normal"])
    assert (alone.scores[0] == found.scores[1]).all()
    np.testing.assert_array_equal(alone.loss_curves[0], found.loss_curves[1])


def test_weights_that_are_finite_but_useless_score_what_a_dummy_does(X, y_number):
    reg = clone(SGD).set_params(learning_rate_init=0.6, max_iter=4)
    found = compare(reg, X * 3, y_number, ["he_normal"])
    assert found.diverged.all()
    assert np.isfinite(found.losses).all()
    assert (found.scores[0] == found.dummy_scores[:, np.newaxis]).all()
    assert (found.chosen_scores[0] == found.dummy_scores).all()


@pytest.mark.parametrize("scoring", ["r2", "neg_log_loss"])
def test_predictions_that_are_not_finite_are_divergence_too(X, y_number, y_class, scoring):
    X[-9:] = np.sign(X[-9:]) * 1.7e308
    cv = [(np.arange(40), np.arange(40, 53)), (np.arange(13, 44), np.arange(13))]
    clf = clone(CLF).set_params(activation="identity")
    estimator, y = (SGD, y_number) if scoring == "r2" else (clf, y_class)
    found = compare(estimator, X, y, ["he_normal"], cv=cv, scoring=scoring)
    assert found["error"].tolist() == [""]
    assert found.diverged.tolist() == [[[True, True], [False, False]]]
    assert (found.scores[0, 0] == found.dummy_scores[0]).all()
    assert found.chosen_scores[0, 0] == found.dummy_scores[0]
    assert (found.scores[0, 1] != found.dummy_scores[1]).all()
    assert np.isfinite(found.losses).all()


def test_where_a_dummy_cannot_be_judged_the_worst_of_the_others_stands_for_divergence(X):
    clf = clone(CLF).set_params(activation="identity", solver="sgd")
    schemes = {"he": "he_normal", "mixed": MixedStart()}
    found = compare(clf, X, X[:, 0] > 0, schemes, n_restarts=3, scoring=score_of_a_network)
    assert np.isnan(found.dummy_scores).all()
    assert found.diverged[1].tolist() == [[False, True, True]] * 4
    assert len(np.unique(found.scores[0])) == 12
    assert (found.scores[1] == found.scores[1, :, :1]).all()
    with pytest.warns(
        FitFailedWarning, match="all restarts diverged on fold 1, and scoring cannot"
    ):
        found = compare(SGD, X, X[:, 0], ["he_normal", draw_enormous], scoring=score_of_a_network)
    assert np.isnan(found["mean_test_score"]).tolist() == [False, True]


def test_a_score_that_is_not_finite_is_an_error(X, y_class):
    with pytest.raises(ValueError, match="the score on fold 1 is not finite: nan"):
        compare(CLF, X, y_class, scoring=lambda estimator, X, y: np.nan)


# What it takes


def test_folds_may_be_masks(X, y_class):
    folds = list(StratifiedKFold(3).split(X, y_class))
    masks = [[np.isin(np.arange(len(X)), rows) for rows in fold] for fold in folds]
    expected = compare(CLF, X, y_class, SCHEMES[:1], cv=folds)
    for rows in (X, X.tolist()):
        found = compare(CLF, rows, y_class, SCHEMES[:1], cv=masks)
        assert bits(found) == bits(expected)
        assert found.test_over_train == expected.test_over_train == 1 / 2


@pytest.mark.parametrize("nothing", ["passthrough", None])
def test_steps_of_a_pipeline_may_do_nothing(X, y_class, nothing):
    few = {"schemes": ["he_normal"], "cv": 2}
    expected = compare(make_pipeline(StandardScaler(), CLF), X, y_class, **few)
    inner = Pipeline([("b", nothing), ("net", CLF)])
    pipe = Pipeline([("a", nothing), ("scale", StandardScaler()), ("inner", inner)])
    assert bits(compare(pipe, X, y_class, **few)) == bits(expected)
    assert pipe["inner"]["net"] is CLF
    alone = compare(Pipeline([("net", CLF)]), X, y_class, **few)
    assert bits(alone) == bits(compare(CLF, X, y_class, **few)) != bits(expected)


def test_a_pipeline_keeps_its_memory(X, y_class, tmp_path):
    pipe = make_pipeline(StandardScaler(), CLF, memory=str(tmp_path))
    few = {"schemes": ["he_normal"], "cv": 2}
    expected = compare(make_pipeline(StandardScaler(), CLF), X, y_class, **few)
    assert bits(compare(pipe, X, y_class, **few)) == bits(expected)
    assert os.listdir(tmp_path)


def test_nobody_follows_its_fits(X, y_class, tmp_path):
    clf, heard = clone(CLF).set_params(checkpoint=str(tmp_path)), []

    class Listener:
        def setup(self, estimator, context):
            heard.append(estimator)

        teardown = on_fit_task_begin = on_fit_task_end = setup

    if hasattr(clf, "set_callbacks"):  # scikit-learn 1.9
        clf.set_callbacks(Listener())
    compare(clf, X, y_class)
    assert heard == os.listdir(tmp_path) == []
    assert clf.checkpoint == str(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"schemes": [fail, "he_norml"]}, "'he_norml' is not known. Did you mean 'he_normal'"),
        ({"schemes": {"mine": ["zeros"]}}, r"schemes\['mine'\]: weight_init has 1 entries"),
        ({"estimator": clone(CLF).set_params(bias_init="zros")}, "bias_init='zros' is not known"),
        ({"estimator": clone(CLF).set_params(restart_keep=4)}, "restart_keep=4 is not allowed"),
        ({"estimator": clone(CLF).set_params(solver="adm")}, "solver='adm' is not known"),
        ({"y": None}, "y=None is not allowed"),
        ({"cv": []}, r"cv=\[\] has no folds"),
        ({"cv": [(np.ones(9, bool), [3])]}, "cv has a mask of 9 entries, but X has 53 rows"),
        ({"estimator": SGD, "cv": LeaveOneOut()}, r"cv=LeaveOneOut\(\) tests on a single row"),
    ],
)
def test_what_no_fit_would_take_is_refused_before_the_first(X, y_class, given, message, capsys):
    given = {"estimator": CLF, "y": y_class, "verbose": 1, **given}
    with pytest.raises(ValueError, match=message):
        compare(X=X, **given)
    assert not capsys.readouterr().out


def test_one_row_is_enough_for_other_scores(X, y_number):
    cv = list(LeaveOneOut().split(X))[:3]
    found = compare(SGD, X, y_number, cv=cv, scoring="neg_mean_squared_error")
    assert np.isfinite(found.scores).all()


def test_another_estimator_is_refused_with_what_to_pass(X, y_class):
    search = GridSearchCV(make_pipeline(StandardScaler(), CLF), {"memory": [None]}, cv=2)
    cases = [
        (LogisticRegression(), r"is a LogisticRegression: expected.* ends in one\.$"),
        (make_pipeline(LogisticRegression()), r"is a Pipeline: expected.* ends in one\.$"),
        (search, r"is a GridSearchCV: .* pass its estimator\.$"),
        (InitMLPClassifier, r"is the class InitMLPClassifier: give an instance, .*\(\.\.\.\)\.$"),
        (TransformedTargetRegressor(), r"is a TransformedTargetRegressor: expected"),
    ]
    for estimator, message in cases:
        with pytest.raises(TypeError, match=message):
            compare(estimator, X, y_class)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(X, y_class)
    with pytest.raises(TypeError, match=r"pass its best_estimator_\.$"):
        compare(search, X, y_class)


# What comes back from other processes


def make_error_of_two_arguments(monkeypatch):
    """Return an exception that cannot be unpickled, as Python passes one argument.

    Its class is made now, since some packages teach pickle about all classes that they find.
    """

    def init(self, a, b):
        Exception.__init__(self, a)

    cls = type("TwoArgumentsError", (Exception,), {"__init__": init, "__module__": __name__})
    monkeypatch.setitem(globals(), cls.__name__, cls)
    return cls("a", "b")


def test_an_exception_that_cannot_be_unpickled_stays_behind_and_its_text_comes(monkeypatch):
    for exception in (make_error_of_two_arguments(monkeypatch), ArithmeticError(lambda: 0)):
        outcome = Outcome(3, 1, 2, error="no luck", exception=exception)
        again = pickle.loads(pickle.dumps(outcome))
        assert (again.index, again.scheme, again.fold, again.error) == (3, 1, 2, "no luck")
        assert again.exception is None
        assert outcome.exception is exception
    outcome = Outcome(3, 1, 2, error="no luck", exception=ArithmeticError("no luck"))
    assert isinstance(pickle.loads(pickle.dumps(outcome)).exception, ArithmeticError)


def test_progress_has_a_line_per_fit_whatever_names_and_errors_are(X, y_class, capsys):
    def score(estimator, X, y):
        if estimator.weight_init == "ones":
            raise ValueError("one\ntwo")
        return 0.5

    schemes = {"a\nb": "ones", "c": "zeros"}
    with pytest.warns(FitFailedWarning, match="one"):
        compare(CLF, X, y_class, schemes, scoring=score, cv=2, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("[1/4] a b, fold 1 of 2: ValueError: one two; about")


@pytest.mark.parametrize(
    ("scoring", "name"),
    [
        (None, "accuracy"),
        ("f1_macro", "f1_macro"),
        (make_scorer(f1_score, average="macro"), "f1_score"),
        (make_scorer(log_loss, greater_is_better=False), "neg_log_loss"),
    ],
)
def test_a_score_has_a_short_name(scoring, name):
    assert _name_metric(scoring, is_classification=True) == name
