"""The examples of how to choose starts, restarts and schemes measure what they say."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import load


def test_hinges_in_the_data_are_learned_and_hinges_at_zero_are_not(run_example):
    variables, printed, _ = run_example("plot_hinges")
    networks, errors = variables["networks"], variables["errors"]
    for name, net in networks.items():
        predictions = [net.restart(r).predict(variables["X"]) for r in range(10)]
        expected = np.mean((predictions - variables["y"]) ** 2, axis=1)
        assert errors[name] == pytest.approx(expected, abs=1e-3)  # training goes on a step
    assert np.abs(errors["biases 0"] - 2).max() < 1e-3
    assert errors["biases between -1 and 1"].min() > 0.5
    assert errors["hinges in the data"].max() < 0.05
    assert "2.000 or more" in printed
    # a better solver does not help
    better = clone(networks["biases 0"]).set_params(solver="lbfgs", batch_size="auto")
    with pytest.warns(ConvergenceWarning, match="no better than that of a constant"):
        better.fit(variables["X"], variables["y"])
    assert 2 * better.restarts_["loss"] == pytest.approx(np.full(10, 2.0), abs=1e-3)
    # where the hinges are
    hinges = {
        name: -net.initial_intercepts_[0] / net.initial_coefs_[0][0]
        for name, net in networks.items()
    }
    assert not hinges["biases 0"].any()
    assert np.mean(np.abs(hinges["biases between -1 and 1"]) < 1) > 0.5
    assert np.abs(hinges["hinges in the data"]).max() <= 3


def test_dropout_separates_equal_units_but_does_not_wake_zeros(run_example):
    variables, printed, _ = run_example("plot_dropout")
    networks, accuracies = variables["networks"], variables["accuracies"]
    for activation in "tanh", "relu":
        nets = {name: networks[activation, name] for name in variables["starts"]}
        scores = {name: accuracies[activation, name] for name in nets}
        assert scores["equal"] < 0.5
        assert scores["equal, dropout"] > 0.9
        for name in "zeros", "zeros, dropout":
            assert not any(W.any() for W in nets[name].coefs_)
            assert len(set(nets[name].predict(variables["X_test"]))) == 1
        # it takes them longer than random weights
        epochs = {
            name: np.argmax(np.array(nets[name].validation_scores_) > 0.9)
            for name in ("random", "equal, dropout")
        }
        assert 0 < epochs["random"] < epochs["equal, dropout"]
    # random units differ, equal ones differ after training with dropout only
    n_distinct = [int(line.split()[-1]) for line in printed.splitlines() if "distinct" in line]
    assert n_distinct == 2 * [16, 1, 16, 1, 1]
    assert variables["display"].n_distinct == {"start": 1, "trained": 16}
    assert f"{accuracies['tanh', 'equal, dropout']:.1%} with it" in printed


def test_a_race_ends_among_the_best_for_a_fifth_of_the_epochs(run_example):
    variables, printed, _ = run_example("plot_race")
    race, everyone = variables["race"], variables["everyone"]
    assert variables["n_raced"] == 2400 < variables["n_all"] / 5 == 32 * 400 / 5
    # the same steps, bit by bit, until a restart is dropped
    curves, raced = everyone.restarts_.loss_curves, race.restarts_.loss_curves
    n_steps = race.restarts_["n_iter"]
    for curve, start, n in zip(curves, raced, n_steps, strict=True):
        assert np.array_equal(curve[:n], start[:n])
    # until two are left
    assert np.bincount(n_steps)[[25, 50, 100, 200, 400]].tolist() == [16, 8, 4, 2, 2]
    # places by another way: of the winner's full training among all
    losses = everyone.restarts_["loss"]
    place = 1 + np.sort(losses).tolist().index(losses[race.best_restart_])
    places = variables["places"]
    assert places[0] == place
    assert len(places) == 4
    assert max(places) <= 8
    assert race.loss_ < variables["loss_of_six"] < np.median(losses)
    assert f"places {', '.join(map(str, places))} of 32" in printed


def test_k_means_ends_in_different_places_and_convex_objectives_do_not(run_example):
    variables, printed, _ = run_example("plot_kmeans")
    worst = variables["worst"]
    assert all(len(values) == 25 for values in variables["ends"].values())
    assert worst["k-means, random"] > 2
    assert 1.05 < worst["k-means, k-means++"] < worst["k-means, random"]
    assert worst["network, 8 hidden units"] > 1.2
    for name in "logistic regression", "support vector machine":
        assert worst[name] < 1 + 1e-4
    # what its solver minimizes, by another way: strong duality, sum |dual_coef| - |w|^2 / 2
    svc, inside = variables["svc"], variables["inside"]
    coefs = svc.dual_coef_[0]
    dual = np.abs(coefs).sum() - coefs @ inside / 2
    assert variables["ends"]["support vector machine"][-1] == pytest.approx(dual, rel=1e-4)
    assert printed.count("1.0000 for") == 2


def test_a_comparison_ties_sane_schemes_and_names_broken_ones(run_example):
    variables, printed, _ = run_example("plot_compare_initializers")
    comparison, scores = variables["comparison"], variables["scores"]
    p_values = dict(zip(comparison["scheme"], comparison["p_value_holm"], strict=True))
    for name in "he_normal", "orthogonal":
        assert p_values[name] > 0.05
    for name in "he_normal x 100", "zeros":
        assert p_values[name] < 0.05
        assert scores[name] < 0.7 < 0.95 < min(variables["sane"])
    assert "The other 3 schemes cannot be" in printed
    assert f"{scores['zeros']:.1%} from zeros" in printed
    assert str(variables["display"].comparison) == str(comparison)


def test_scikit_learn_takes_over_what_was_trained(run_example, tmp_path):
    variables, printed, _ = run_example("plot_production")
    best, X_test = variables["best"], variables["X_test"]
    assert variables["n_same"] == len(X_test) == 143
    assert variables["gap"] < 1e-12
    # no name of this package is needed to read the pipeline
    assert b"sklearn_init" not in variables["pickled"]
    assert b"sklearn_init" in pickle.dumps(best)
    again = pickle.loads(variables["pickled"])
    assert np.array_equal(again.predict(X_test), best.predict(X_test))
    assert variables["is_exact"]
    best["mlp"].save(tmp_path / "network.mlp")
    assert load(tmp_path / "network.mlp").get_params() == best["mlp"].get_params()
    assert best["mlp"].restarts_["dropped"].sum() == 7
    assert variables["accuracy"] > 0.94
    assert f"{variables['file_size']:.1f} kB" in printed.splitlines()[-1]
