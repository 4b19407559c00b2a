"""Small versions of the experiments of `tests/benchmarks/evidence.py`, where the sources are."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def evidence(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    monkeypatch.setattr(sys, "path", list(sys.path))
    import evidence

    return evidence


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")  # rates at which nothing converges
def test_orthogonal_linear_networks_need_about_as_many_steps_at_any_depth(evidence):
    def count(scheme, n_layers, n_steps):
        rates = 2.0 ** -np.arange(0, 6, 0.5)
        return evidence.count_steps(scheme, n_layers, rates, n_steps, (1, 0.01), n_restarts=1)

    shallow, deep = (count("orthogonal", n_layers, 60) for n_layers in (4, 16))
    assert deep[0] == shallow[0] <= 3
    assert shallow[1] <= deep[1] < 2 * shallow[1]
    shallow, deep = (count("lecun_normal", n_layers, 120) for n_layers in (4, 16))
    assert np.isfinite(shallow).all()
    assert (deep >= 4 * shallow)[0] or np.isinf(deep[0])
    assert np.isinf(deep[1])


def test_white_digits_have_the_loss_of_the_best_linear_map(evidence):
    X, Y, least = evidence.whiten_digits()
    np.testing.assert_allclose(X.T @ X / len(X), np.eye(61), atol=1e-12)
    digits, labels = evidence.datasets.load_digits(return_X_y=True)
    one_hot = np.eye(10)[labels]
    best = evidence.LinearRegression().fit(digits, one_hot)
    assert least == pytest.approx(np.mean((best.predict(digits) - one_hot) ** 2) / 2, rel=1e-9)
    explained = np.mean((best.predict(digits) - one_hot.mean(axis=0)) ** 2)
    assert np.mean(Y**2) == pytest.approx(explained, rel=1e-9)


def test_a_long_first_step_is_what_fails_on_two_sigmoids(evidence):
    def count(training):
        found = [evidence.find_relative_errors(training, seed) for seed in range(11)]
        assert np.median([errors.min() for _, errors in found]) < 1.2
        return np.array([np.sum(errors >= linear) for linear, errors in found])

    n_failed = count("BFGS, sum of squares")
    assert 0.05 <= n_failed.mean() / 10 <= 0.5
    assert np.sum(n_failed >= 2) >= 2  # the book's two of ten
    assert count("solver='lbfgs'").mean() / 10 <= 0.03


def test_the_best_of_n_is_what_order_statistics_expect(evidence):
    losses = evidence.train_many(150)
    _, free, plug_in = evidence.compare_estimates(losses, (2, 5, 10), 1000).T
    assert np.abs(free).max() < 2
    assert plug_in[-1] > 3


def test_the_average_is_better_than_the_best_where_networks_overfit(evidence):
    settings = {"hidden_layer_sizes": 21, "solver": "lbfgs", "max_iter": 100}
    losses = np.array([evidence.score_restarts(split, (5, 10), **settings) for split in range(2)])
    mean, chosen, best, average = losses.transpose(2, 0, 1)
    assert (average < best).all()
    assert (average < chosen).all()
    assert np.mean(mean - chosen) < np.mean(mean - average) / 2


def test_the_best_is_better_than_the_average_where_networks_underfit(evidence):
    settings = {"hidden_layer_sizes": 21, "max_iter": 30}
    losses = np.array([evidence.score_restarts(split, (5, 10), **settings) for split in range(3)])
    _, chosen, _, average = losses.transpose(2, 0, 1)
    assert (chosen < average).all()


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_in_shallow_networks_sane_schemes_tie_and_weights_a_hundredfold_do_not(evidence):
    found = evidence.compare_schemes("wine", (51,), 60, n_folds=10, n_restarts=1)
    p_values = dict(zip(found["scheme"], found["p_value_holm"], strict=True))
    assert min(p_values[scheme] for scheme in evidence.SANE[1:]) > 0.05
    assert p_values["he x100"] < 0.01
    assert found["mean_test_score"][6] < found["mean_test_score"][0] - 0.2
    assert p_values["he /1000"] > 0.05  # adam makes up for it


def test_weights_of_a_thousandth_cost_epochs_with_two_hidden_layers(evidence):
    schemes = {name: evidence.SCHEMES[name] for name in ("glorot_uniform", "he /1000")}
    found = evidence.compare_schemes("wine", (50, 50), 40, 10, 1, schemes)
    assert found["p_value"][1] < 0.01
    assert found["difference"][1] < -0.2
