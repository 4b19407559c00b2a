"""Displays of one network: what they draw."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.inspection import (
    LossCurvesDisplay,
    SignalDisplay,
    SymmetryDisplay,
    diagnose,
)
from sklearn_init.inspection.displays._loss_curves import LABELS
from sklearn_init.inspection.displays._signal import LEAST_SPAN
from sklearn_init.inspection.displays._symmetry import measure_similarity
from sklearn_init.losses import LOSSES

pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def make(cls=InitMLPClassifier, **more):
    defaults = {"hidden_layer_sizes": (3, 7), "random_state": 0, "max_iter": 3}
    return cls(**{**defaults, **more})


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def lines(ax, color):
    return [line for line in ax.lines if line.get_color() == color and line.get_ls() != "None"]


# loss curves


def make_curves(**more):
    """Return a Display of six restarts: best, finished, dropped, three diverged."""
    curves = np.geomspace(2, 1, 9) * np.arange(1, 7)[:, np.newaxis] / 3
    curves[2, 4:] = np.nan
    curves[3] = 0.1 * 10.0 ** np.arange(9)
    curves[3, 7:] = np.nan
    curves[4] = np.nan
    curves[5, 5:] = np.nan
    curves[5] *= 0.4
    data = {
        "loss_curves": curves,
        "best_restart": 0,
        "dropped": np.arange(6) == 2,
        "diverged": np.arange(6) > 2,
    }
    return LossCurvesDisplay(**{**data, **more})


def test_every_restart_has_its_curve():
    display = make_curves().plot()
    ax, curves = display.ax_, display.loss_curves
    others = ["others, to the end (1)", "dropped at a rung (1)", "diverged (3)"]
    assert labels(ax) == ["best, restart 0", *others]
    best, other = lines(ax, "black"), lines(ax, "0.55")
    assert best[0].get_lw() > 2 * other[0].get_lw()
    np.testing.assert_array_equal(best[0].get_xydata(), np.c_[1:10, curves[0]])
    np.testing.assert_array_equal(other[0].get_ydata(), curves[1])
    drawn = [line.get_ydata() for line in lines(ax, "#d55e00")]
    np.testing.assert_array_equal(drawn, curves[3:])


def test_what_was_dropped_fades_until_its_rung():
    display = make_curves().plot()
    (faded,) = [c for c in display.ax_.collections if isinstance(c, LineCollection)]
    opacity = faded.get_colors()[:, 3]
    assert len(opacity) == 3
    assert opacity[0] == 1
    assert (np.diff(opacity) < 0).all()
    (circle,) = [line for line in display.ax_.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(circle.get_xydata(), [[4, display.loss_curves[2, 3]]])


def test_crosses_are_where_curves_leave_the_picture_or_end():
    display = make_curves().plot()
    top = display.ax_.get_ylim()[1]
    others = display.loss_curves[:3]
    assert np.nanmax(others) < top < 1.2 * np.nanmax(others)
    (crosses,) = [line for line in display.ax_.lines if line.get_marker() == "X"]
    expected = [[3, top], [1, top], [5, display.loss_curves[5, 4]]]
    np.testing.assert_array_equal(crosses.get_xydata(), expected)
    assert not crosses.get_clip_on()


def test_where_all_diverged_the_picture_shows_them():
    curves = make_curves().loss_curves[3:]
    everywhere = np.full(3, True)
    display = make_curves(loss_curves=curves, dropped=~everywhere, diverged=everywhere).plot()
    bottom, top = display.ax_.get_ylim()
    assert bottom < 0.1
    assert top > 1e5
    assert display.ax_.get_yscale() == "log"


@pytest.mark.parametrize(
    ("lowest", "scale"), [(0.5, "linear"), (0.04, "log"), (0.0, "linear"), (np.inf, "linear")]
)
def test_the_axis_is_logarithmic_where_losses_span_orders_of_magnitude(lowest, scale):
    curves = np.array([[1.0, 0.9, lowest], [1e9, 1e10, 1e11]])
    nobody = np.full(2, False)
    display = make_curves(loss_curves=curves, dropped=nobody, diverged=np.array([False, True]))
    assert display.plot().ax_.get_yscale() == scale


def test_curves_of_an_estimator_are_its_record(X, y_class):
    est = make(n_restarts=5, restart_strategy="halving", max_iter=20).fit(X, y_class)
    est = est.restart(3)  # not the best one of them
    display = LossCurvesDisplay.from_estimator(est)
    np.testing.assert_array_equal(display.loss_curves, est.restarts_.loss_curves)
    np.testing.assert_array_equal(display.dropped, est.restarts_["dropped"])
    np.testing.assert_array_equal(display.diverged, est.restarts_["diverged"])
    assert display.best_restart == est.best_restart_
    assert not lines(display.ax_, "#0072b2")


def test_the_best_restart_has_its_validation_curve(X, y_number):
    est = make(InitMLPRegressor, early_stopping=True, n_restarts=3).fit(X, y_number)
    ax = LossCurvesDisplay.from_estimator(est).ax_
    (line,) = lines(ax, "#0072b2")
    assert line.get_ls() == "--"
    np.testing.assert_array_equal(line.get_ydata(), est.validation_loss_curve_)
    assert ax.get_ylabel() == LABELS["squared_error"]


def test_every_loss_has_a_label():
    assert set(LABELS) == set(LOSSES)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_without_epochs_there_are_no_curves(solver, X, y_class):
    est = make(solver=solver)
    est = est.initialize(X, y_class) if solver == "adam" else est.fit(X, y_class)
    with pytest.raises(ValueError, match="estimator has no loss curve, as it trained no epoch"):
        LossCurvesDisplay.from_estimator(est)


@pytest.mark.parametrize("n_points", [1, 2])
def test_one_point_is_a_dot(n_points):
    """As a line it would be nothing."""
    nobody = np.full(3, False)
    data = {"loss_curves": np.full((3, n_points), 0.5), "dropped": nobody, "diverged": nobody}
    ax = make_curves(**data, validation_loss_curve=np.full(n_points, 0.7)).plot().ax_
    assert [line.get_marker() == "o" for line in ax.lines] == 4 * [n_points == 1]
    assert all(tick == round(tick) for tick in ax.get_xticks())


@pytest.mark.parametrize(("style", "ink"), [("default", "black"), ("dark_background", "white")])
def test_what_matters_most_has_the_color_of_text(style, ink, X, y_class):
    with plt.style.context(style):
        ax = make_curves().plot().ax_
        (crosses,) = [line for line in ax.lines if line.get_marker() == "X"]
        panels = SignalDisplay.from_estimator(make().initialize(X, y_class), X).ax_
    assert crosses.get_mec() == ink
    assert len(lines(ax, ink)) == 1
    assert [len(lines(panel, ink)) for panel in panels] == [1, 1, 0]


# signals


MARKERS = ("o", "s", "^")
"""Of layers on lines."""


def get_markers(ax, label):
    """Return the places of the crosses that have a label, or None."""
    places = [line.get_xydata() for line in ax.lines if line.get_label() == label]
    return places[0].tolist() if places else None


def test_signals_are_those_of_the_diagnosis(X, y_class):
    est = make(activation="tanh", n_restarts=5, restart_keep=3, restart_combine="average")
    est = est.fit(X, y_class)
    display = SignalDisplay.from_estimator(est, X, y_class)
    expected = diagnose(est, X, y_class)
    for ax, name in zip(display.ax_, ["z_variance", "delta_variance"], strict=False):
        (best,) = lines(ax, "black")
        np.testing.assert_array_equal(best.get_xydata(), np.c_[1:4, expected[name][0]])
        others = [line.get_ydata() for line in lines(ax, "0.55")]
        np.testing.assert_array_equal(others, expected[name][1:])
        assert sorted(labels(ax)) == ["other kept restarts", f"restart {est.best_restart_}"]
    assert labels(display.ax_[2]) == ["saturated activations", "dead units"]
    drawn = [line.get_ydata() for line in display.ax_[2].lines]
    shares = np.concatenate([np.roll(expected[name], -1, 0) for name in ["saturated", "dead"]])
    np.testing.assert_array_equal(drawn, 100 * shares)


def test_what_cannot_saturate_has_no_such_line(X, y_class):
    display = SignalDisplay.from_estimator(make(activation="relu").initialize(X, y_class), X)
    assert labels(display.ax_[2]) == ["dead units"]


@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
def test_zeros_are_crosses_at_the_lower_edge(X, y_class):
    est = make(weight_init="zeros", bias_init=0.0).initialize(X, y_class)
    forward, backward, _ = SignalDisplay.from_estimator(est, X, y_class).ax_
    assert get_markers(forward, "zero") == [[1, 0], [2, 0], [3, 0]]
    assert get_markers(backward, "zero") == [[1, 0], [2, 0]]
    assert get_markers(forward, "not finite") is None


def test_what_is_not_finite_has_crosses_at_the_upper_edge(X, y_class):
    est = make().initialize(X, y_class)
    est.coefs_[1] = np.full_like(est.coefs_[1], 1e200)
    forward = SignalDisplay.from_estimator(est, X).ax_[0]
    assert get_markers(forward, "not finite")[-1] == [3, 1]
    assert get_markers(forward, "zero") is None


@pytest.mark.parametrize(("factor", "spans"), [(1.1, 1.0), (1e3, 1e6)])
def test_nearly_level_signals_look_level(factor, spans, X, y_class):
    est = make(hidden_layer_sizes=(11, 11)).initialize(X, y_class)
    diagnosis = diagnose(est, X)
    diagnosis["z_variance"][0] = [1, factor, factor**2]
    low, high = SignalDisplay(diagnosis).plot().ax_[0].get_ylim()
    assert high / low == pytest.approx(LEAST_SPAN) if spans == 1 else high / low > spans
    assert high / factor == pytest.approx(factor / low)


@pytest.mark.parametrize(
    ("n_hidden", "expected"),
    [
        (0, ["out"]),
        (3, ["1", "2", "3", "out"]),
        (29, ["1", "4", "7", "10", "13", "16", "19", "22", "25", "out"]),
        (120, ["1", "22", "43", "64", "85", "out"]),
    ],
)
def test_layers_are_numbered(n_hidden, expected, X, y_class):
    est = make(hidden_layer_sizes=(7,) * n_hidden).initialize(X, y_class)
    for ax in SignalDisplay.from_estimator(est, X).ax_:
        assert [label.get_text() for label in ax.get_xticklabels()] == expected
        assert ax.get_xticks()[-1] == n_hidden + 1
        assert all((line.get_marker() in MARKERS) == (n_hidden < 50) for line in ax.lines)


def test_panels_need_a_place_in_a_grid(X, y_class):
    est = make().initialize(X, y_class)
    ax = plt.figure().add_axes((0, 0, 1, 1))
    with pytest.raises(ValueError, match="ax has no place in a grid"):
        SignalDisplay.from_estimator(est, X, ax=ax)


# symmetry


def test_similarity_is_the_cosine_of_weights_and_bias():
    rng = np.random.default_rng(0)
    weights, biases = rng.normal(size=(5, 7)), rng.normal(size=7)
    measured = measure_similarity(weights, biases)
    units = np.vstack([weights, biases])
    for i, j in np.ndindex(7, 7):
        u, v = units[:, i], units[:, j]
        assert measured[i, j] == pytest.approx(u @ v / np.sqrt((u @ u) * (v @ v)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 2, 3], [2, 4, 6], 1),
        ([1, 2, 3], [-1, -2, -3], -1),
        ([1e200, 0, 1e200], [1e-200, 0, 1e-200], 1),
        ([0, 0, 0], [0, 0, 0], 1),
        ([0, 0, 0], [1, 2, 3], 0),
        ([np.nan, 1, 2], [1, 2, 3], np.nan),
    ],
)
def test_similarity_of_two_units(one, other, expected):
    *weights, biases = np.transpose([one, other]).astype(float)
    measured = measure_similarity(weights, biases)
    np.testing.assert_allclose(measured, measured.T)
    assert measured[0, 1] == pytest.approx(expected, nan_ok=True)


def test_panels_show_start_and_end_in_the_same_order(X, y_class):
    est = make(max_iter=30, learning_rate_init=0.1).fit(X, y_class)
    display = SymmetryDisplay.from_estimator(est, layer=1)
    order = display.order_
    assert sorted(order) == list(range(7))
    networks = {
        "start": (est.initial_coefs_, est.initial_intercepts_),
        "trained": (est.coefs_, est.intercepts_),
    }
    assert list(display.similarities) == list(networks)
    for ax, (weights, biases) in zip(display.ax_, networks.values(), strict=True):
        expected = measure_similarity(weights[1], biases[1])[order][:, order]
        np.testing.assert_array_equal(ax.images[0].get_array(), expected)
        assert ax.images[0].get_clim() == (-1, 1)
    assert display.ax_[0].get_ylabel() == "unit of hidden layer 2, ordered"


def test_units_that_are_alike_after_training_are_neighbors():
    group = np.array([0, 1, 2, 0, 1, 2, 0])
    alike = np.where(group == group[:, np.newaxis], 1.0, -0.1)
    counts = {"start": 7, "trained": 3}
    display = SymmetryDisplay({"start": np.eye(7), "trained": alike}, counts).plot()
    assert np.count_nonzero(np.diff(group[display.order_])) == 2
    assert [ax.get_title() for ax in display.ax_] == [
        "start: 7 distinct of 7",
        "trained: 3 distinct of 7",
    ]


@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
def test_equal_units_are_counted(X, y_class):
    est = make(weight_init="constant").initialize(X, y_class)
    display = SymmetryDisplay.from_estimator(est)
    assert display.n_distinct == {"start": 1}
    np.testing.assert_allclose(display.similarities["start"], np.ones((3, 3)))


def test_units_that_exploded_are_not_counted(X, y_number):
    est = make(InitMLPRegressor).fit(X, y_number)
    est.restarts_["diverged"][0] = True
    display = SymmetryDisplay.from_estimator(est)
    assert display.n_distinct == {"start": 3, "trained": None}
    assert display.ax_[1].get_title() == "trained: diverged"


def test_without_a_start_there_is_one_panel(X, y_class):
    est = make().initialize(X, y_class)
    del est.initial_coefs_, est.initial_intercepts_
    assert list(SymmetryDisplay.from_estimator(est).similarities) == ["trained"]


def test_networks_that_diverged_and_single_units_have_a_picture(X, y_class):
    est = make(hidden_layer_sizes=(1, 7)).initialize(X, y_class)
    est.initial_coefs_[1][0, 2] = np.nan
    assert SymmetryDisplay.from_estimator(est, layer=0).order_.tolist() == [0]
    assert sorted(SymmetryDisplay.from_estimator(est, layer=1).order_) == list(range(7))


@pytest.mark.parametrize("layer", [-1, 2, 0.5, "first", True])
def test_the_layer_must_be_hidden(layer, X, y_class):
    est = make().initialize(X, y_class)
    with pytest.raises(ValueError, match=r"layer=.* is not allowed: .* from 0 to 1"):
        SymmetryDisplay.from_estimator(est, layer=layer)


def test_linear_models_have_no_units(X, y_class):
    est = make(hidden_layer_sizes=()).initialize(X, y_class)
    with pytest.raises(ValueError, match="layer=0 is not allowed: the network has no hidden"):
        SymmetryDisplay.from_estimator(est)
