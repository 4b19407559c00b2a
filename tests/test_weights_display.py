"""The picture of weights: an image or steps per unit, on one scale."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_init import InitMLPClassifier
from sklearn_init.inspection import WeightsDisplay

pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def make(**more):
    defaults = {"hidden_layer_sizes": (3, 7), "random_state": 0, "max_iter": 3}
    return InitMLPClassifier(**{**defaults, **more})


def is_numbered(axis):
    return any(tick.label1.get_visible() for tick in axis.get_major_ticks())


def test_images_are_the_weights_row_by_row_on_one_scale_around_zero(X, y_class):
    weights = make(hidden_layer_sizes=(7,)).initialize(X[:, [0, 1, 2, 3, 4, 0]], y_class).coefs_[0]
    weights[4, 5] = -3
    weights[0, 0] = np.nan
    display = WeightsDisplay(weights, image_shape=(2, 3)).plot()
    assert len(display.ax_) == 7
    for unit, ax in enumerate(display.ax_):
        (image,) = ax.images
        shown = image.get_array().filled(np.nan)
        np.testing.assert_array_equal(shown, weights[:, unit].reshape(2, 3))
        assert image.get_clim() == (-3, 3)
        assert ax.get_title() == f"unit {unit}"
    (bar,) = set(display.figure_.axes) - set(display.ax_)
    assert bar.get_ylabel() == "weights of hidden layer 1, 7 of 7 units"


def test_steps_are_the_weights_on_one_scale_around_zero(X, y_class):
    est = make().fit(X, y_class)
    display = WeightsDisplay.from_estimator(est, layer=1)
    largest = np.abs(est.coefs_[1]).max()
    for unit, ax in enumerate(display.ax_):
        heights, edges, _ = ax.patches[0].get_data()
        np.testing.assert_array_equal(heights, est.coefs_[1][:, unit])
        np.testing.assert_array_equal(edges, [-0.5, 0.5, 1.5, 2.5])
        assert ax.get_ylim() == pytest.approx((-1.05 * largest, 1.05 * largest))
        assert ax.get_xlim() == (-0.5, 2.5)
        assert len(ax.get_shared_x_axes().get_siblings(ax)) == 1  # which is slow


def test_the_output_layer_has_a_picture_per_class(X, y_class):
    display = WeightsDisplay.from_estimator(make().fit(X, y_class), layer=2)
    assert len(display.ax_) == 3
    assert display.ax_[2].get_xlabel() == "input of output layer"


@pytest.mark.parametrize("place", ["new", "given"])
def test_no_more_units_are_drawn_than_asked_for(place):
    ax = plt.subplots()[1] if place == "given" else None
    display = WeightsDisplay(np.ones((6, 7)), (3, 2), max_units=5).plot(ax)
    titles = [ax.get_title() for ax in display.figure_.axes if ax.has_data() and ax.get_title()]
    assert titles == [f"unit {unit}" for unit in range(5)]
    assert [is_numbered(ax.xaxis) for ax in display.ax_] == [False, False, True, True, True]
    assert [is_numbered(ax.yaxis) for ax in display.ax_] == [True, False, False, True, False]


def test_weights_that_are_all_zero_have_a_picture():
    display = WeightsDisplay(np.zeros((6, 1)), (3, 2)).plot()
    assert display.ax_[0].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("shape", [(2, 2), (5,), 5, (5, 1, 1), (-5, -1), (2.5, 2)])
def test_an_image_has_to_take_all_inputs(shape, X, y_class):
    est = make().initialize(X, y_class)
    with pytest.raises(ValueError, match=r"image_shape=.* is not allowed: the layer has 5 inputs"):
        WeightsDisplay.from_estimator(est, image_shape=shape)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("max_units", [0, 2.5, "all", True])
def test_some_units_have_to_be_drawn(max_units):
    with pytest.raises(ValueError, match=r"max_units=.* is not allowed: expected an integer"):
        WeightsDisplay(np.ones((6, 7)), max_units=max_units).plot()
