"""The examples about starts measure what they say."""

import numpy as np
import pytest
from scipy.integrate import quad

from sklearn_init import SymmetryWarning


def assert_said(printed, *numbers):
    """Assert that the last line tells these numbers."""
    last = printed.splitlines()[-1]
    assert [number for number in numbers if number not in last] == []


def test_from_zeros_only_random_weights_learn(run_example):
    variables, printed, _ = run_example("plot_zeros")
    networks, accuracy, n_directions, gradient = (
        variables[name] for name in ("networks", "accuracy", "n_directions", "gradient")
    )
    largest_class = np.bincount(variables["y"]).max() / len(variables["y"])
    zeros, biases, random = variables["starts"]
    one, two = (16,), (16, 16)
    for layers in one, two:
        for activation in "tanh", "relu":
            net = networks[layers, activation, zeros]
            assert all(not W.any() for W in net.coefs_)  # no gradient in any step
            assert accuracy[layers, activation, zeros] == largest_class
            assert n_directions[layers, activation, zeros] == 0
            assert gradient[layers, activation, zeros] == 0
        for activation in "tanh", "relu", "logistic":
            key = layers, activation, random
            assert n_directions[key] == 16
            assert accuracy[key] > 0.9
            # chance does not begin nearer to the goal
            assert networks[key].loss_curve_[0] > networks[(*key[:2], zeros)].loss_curve_[0]
    assert largest_class == pytest.approx(0.12, abs=0.005)
    # logistic units: as much as one of them can
    W = networks[one, "logistic", zeros].coefs_[0]
    assert np.ptp(W, axis=1).max() < 1e-10
    assert gradient[one, "logistic", zeros] > 0.01
    assert accuracy[one, "logistic", zeros] == pytest.approx(0.30, abs=0.01)
    # random biases: enough for tanh and logistic units, not for relu, whose units are multiples
    assert accuracy[one, "tanh", biases] > 0.9
    assert 0.5 < accuracy[one, "logistic", biases] < accuracy[one, "logistic", random]
    assert min(n_directions[one, name, biases] for name in ("tanh", "logistic")) > 5
    assert n_directions[one, "relu", biases] == 1
    assert accuracy[one, "relu", biases] < 0.45
    for activation in "tanh", "relu", "logistic":  # two layers of zeros are left too late
        assert accuracy[two, activation, biases] == largest_class
    # from zeros: three activations, one and two layers
    assert [w.category for w in variables["caught"]] == 6 * [SymmetryWarning]
    assert "all weights into and out of it are zero" in printed
    assert_said(printed, "12% with tanh", "12% with relu", "30% with logistic", "98%")


def test_without_a_hidden_layer_the_start_does_not_matter(run_example):
    variables, printed, _ = run_example("plot_convex")
    networks, distances = (variables[name] for name in ("networks", "distances"))
    far = [np.abs(networks[(), name].initial_coefs_[0]).max() for name in ("zeros", "large")]
    assert far[0] == 0
    assert far[1] > 5
    for name in "small", "large":
        assert distances[(), name] < 1e-6
        assert distances[(2,), name] > 0.5
        assert networks[(), name].loss_ == pytest.approx(networks[(), "zeros"].loss_, abs=1e-9)
    assert variables["distance_to_exact"] < 1e-6
    losses = [networks[(2,), name].loss_ for name in ("zeros", "small", "large")]
    assert losses == pytest.approx([1.086, 0.098, 0.099], abs=1e-3)
    assert losses[2] - losses[1] > 5e-4  # not the same network with its units swapped
    assert not networks[(2,), "zeros"].coefs_[0].any()
    assert_said(printed, "differ by 1.0", "1.086 / 0.098 / 0.099")


def test_leaving_a_small_start_takes_a_logarithm_or_a_power(run_example):
    variables, printed, _ = run_example("plot_how_small")
    times, predictions = variables["times"], variables["predictions"]
    assert len(times) == 12
    for (n_hidden, a), time in times.items():
        exact, _ = quad(
            lambda w, n=n_hidden + 1: 1 / ((1 - w**n) * w ** (n - 1)),
            a,
            0.5 ** (1 / (n_hidden + 1)),
            limit=200,
        )
        assert time == pytest.approx(exact, rel=0.02)
        assert time == pytest.approx(predictions[n_hidden][1](a), rel=0.1)
    assert times[3, 0.01] / times[1, 0.01] == pytest.approx(1000, rel=0.1)
    added, factor = times[1, 0.01] - times[1, 0.1], times[3, 0.01] / times[3, 0.1]
    assert added == pytest.approx(np.log(10), rel=0.02)
    assert factor == pytest.approx(100, rel=0.02)
    assert_said(printed, "4.6, 99.2, 5001.0", "2.3 more", "11 times", "99 times")


def test_large_weights_saturate_and_start_slowly(run_example):
    variables, printed, _ = run_example("plot_saturation")
    saturated, losses = variables["saturated"], variables["losses"]
    for activation in "tanh", "logistic":
        shares = [saturated[activation, factor] for factor in variables["factors"]]
        assert np.all(np.diff(shares) >= 0)
        assert shares[0] < 0.01
        assert shares[-1] > 0.9
        assert losses[activation, 4] < losses[activation, 16] < losses[activation, 64]
        assert variables["diagnoses"][activation, 1].is_healthy
    assert saturated["tanh", 16] == pytest.approx(0.9, abs=0.02)
    assert losses["tanh", 16] / losses["tanh", 1] == pytest.approx(7, abs=0.7)
    # too small is not good for logistic units, nor is what is right for tanh
    assert losses["logistic", 0.25] > losses["logistic", 1] > losses["logistic", 4]
    finding, *_ = variables["diagnoses"]["tanh", 16].findings
    assert finding.name == "saturated"
    assert "weights are 16x too large" in printed.replace("\n", " ")
    assert_said(printed, "89% of tanh", "78% of logistic", "0.49 instead of 0.07")


def test_thirty_relu_layers_learn_from_he_and_not_from_glorot(run_example):
    variables, printed, _ = run_example("plot_thirty_layers")
    shrunk, last, diagnoses = (variables[name] for name in ("shrunk", "last", "diagnoses"))
    glorot, he = "glorot_normal", "he_normal"
    # one draw scatters by 1.2 about 29 halvings
    assert np.log(shrunk[glorot]) == pytest.approx(-29 * np.log(2), abs=2.5)
    assert np.log(shrunk[he]) == pytest.approx(0, abs=2.5)
    assert last[glorot, "sgd"] == pytest.approx(np.log(10), abs=0.01)
    assert np.ptp(variables["curves"][glorot, "sgd"]) < 0.01
    assert last[he, "sgd"] < 1.5
    assert last[he, "adam"] < last[glorot, "adam"] < 1.5
    assert [finding.name for finding in diagnoses[glorot].findings] == ["vanishing"]
    assert diagnoses[he].is_healthy
    assert "signals vanish" in printed
    assert_said(
        printed, f"{shrunk[glorot]:.0e} (Glorot)", "2.31 and", f"{last[he, 'adam']:.2f} with"
    )
