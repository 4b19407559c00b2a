"""What all Displays have in common: where and in which colors they draw, and what they refuse."""

import sys
from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_init import (
    InitMLPClassifier,
    InitMLPRegressor,
    compare_initializers,
    inspection,
)
from sklearn_init.inspection import (
    ComparisonDisplay,
    LandscapeDisplay,
    SignalDisplay,
)
from sklearn_init.inspection.displays import DISPLAYS

pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def draw_comparison(estimator, X, y, **more):
    schemes = ["sklearn", "he_normal"]
    comparison = compare_initializers(estimator, X, y, schemes, cv=3, n_restarts=1)
    return ComparisonDisplay.from_comparison(comparison, **more)


def draw_landscape(estimator, X, y, **more):
    return LandscapeDisplay.from_estimator(estimator, X, y, n_grid=7, **more)


def draw_signal(estimator, X, y, **more):
    return SignalDisplay.from_estimator(estimator, X, **more)


HOW = {"comparison": draw_comparison, "landscape": draw_landscape, "signal": draw_signal}
"""How to draw those that need more than an estimator."""

OF_ESTIMATORS = [name for name in DISPLAYS if hasattr(DISPLAYS[name], "from_estimator")]


@pytest.fixture(scope="module")
def drawn():
    """Return a Display of each kind, to be drawn again."""
    plt.switch_backend("Agg")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(53, 5)), rng.integers(3, size=53)
    est = make(n_restarts=3, max_iter=3).fit(X, y)
    displays = {name: draw(name, est, X, y) for name in DISPLAYS}
    plt.close("all")
    return displays


def make(cls=InitMLPClassifier, **more):
    defaults = {"hidden_layer_sizes": (3, 7), "random_state": 0, "max_iter": 3}
    return cls(**{**defaults, **more})


def draw(name, estimator, X, y, **more):
    if name in HOW:
        return HOW[name](estimator, X, y, **more)
    return DISPLAYS[name].from_estimator(estimator, **more)


def test_all_are_public():
    names = {cls.__name__ for cls in DISPLAYS.values()}
    assert names == {name for name in inspection.__all__ if name.endswith("Display")}


def find_hidden(ax):
    """Return what has the color of its ground: lines, markers and texts."""
    ground = to_rgb(ax.get_facecolor())
    colors = [(line, line.get_color()) for line in ax.lines if line.get_ls() != "None"]
    for line in ax.lines:  # a marker's edge is enough
        if line.get_marker() != "None" and to_rgb(line.get_mfc()) == ground:
            colors.append((line, line.get_mec()))
    for several in ax.collections:
        if isinstance(several, LineCollection):
            colors += [(several, color[:3]) for color in several.get_colors()]
    colors += [(text, text.get_color()) for text in ax.findobj(Text) if text.get_text()]
    return [artist for artist, color in colors if to_rgb(color) == ground]


@pytest.mark.parametrize(("style", "ground"), [("default", 1), ("dark_background", 0)])
@pytest.mark.parametrize("name", DISPLAYS)
def test_nothing_has_the_color_of_its_ground(name, style, ground, drawn):
    with plt.style.context(style):
        display = drawn[name].plot()
    for ax in np.ravel(display.ax_):
        assert to_rgb(ax.get_facecolor()) == (ground,) * 3
        assert find_hidden(ax) == []


@pytest.mark.parametrize("name", DISPLAYS)
def test_it_draws_new_figures_with_labelled_axes(name, X, y_class):
    display = draw(name, make(n_restarts=3).fit(X, y_class), X, y_class)
    assert isinstance(display, DISPLAYS[name])
    assert plt.get_fignums() == [display.figure_.number]
    assert display.figure_.get_layout_engine() is not None
    axes = np.ravel(display.ax_)
    assert any(ax.get_xlabel() for ax in axes)
    assert any(ax.get_ylabel() for ax in axes)
    first = display.figure_
    first.draw_without_rendering()  # and without a warning
    assert display.plot() is display
    assert display.figure_ is not first


@pytest.mark.parametrize("name", DISPLAYS)
def test_it_draws_in_the_axes_it_is_given_and_a_pipeline_like_its_network(name, X, y_class):
    pipeline = make_pipeline(FunctionTransformer(np.tanh), make(n_restarts=3)).fit(X, y_class)
    figure, (left, right) = plt.subplots(1, 2)
    middle = figure.transFigure.inverted().transform(left.bbox.corners())[:, 0].max()
    display = draw(name, pipeline, X, y_class, ax=right)
    assert not left.has_data()
    direct = draw(name, pipeline[-1], np.tanh(X), y_class, ax=left)
    assert len(plt.get_fignums()) == 1
    assert display.figure_ is figure
    for ax, other in zip(np.ravel(display.ax_), np.ravel(direct.ax_), strict=True):
        assert ax.figure is figure
        assert other.get_position().x0 < middle < ax.get_position().x0
        assert ax.dataLim.bounds == other.dataLim.bounds


@pytest.mark.parametrize("name", DISPLAYS)
def test_what_is_drawn_into_the_same_axes_later_takes_the_place(name, drawn):
    figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained")
    n_axes = len(drawn[name].plot(right).figure_.axes)
    assert len(drawn[name].plot(right).figure_.axes) == n_axes
    figure.draw_without_rendering()
    drawn["loss_curves"].plot(right)
    assert figure.axes == [left, right]
    assert right.axison


@pytest.mark.parametrize("name", DISPLAYS)
def test_without_a_layout_engine_no_label_lies_on_another_panel(name, drawn):
    figure, (left, _) = plt.subplots(1, 2, figsize=(16, 5))
    assert figure.get_layout_engine() is None
    display = drawn[name].plot(left)
    figure.draw_without_rendering()
    for ax, other in permutations(np.ravel(display.ax_), 2):
        common = Bbox.intersection(ax.get_tightbbox(), other.bbox)
        assert common is None or min(common.size) < 1


def test_in_a_small_place_something_is_left_of_panels(drawn):
    first, second, third = drawn["signal"].plot(plt.figure().add_subplot(4, 4, 6)).ax_
    assert first.bbox.x1 < second.bbox.x0 < second.bbox.x1 < third.bbox.x0 < third.bbox.x1


@pytest.mark.parametrize("ax", ["first", np.array([None, None]), 0])
@pytest.mark.parametrize("name", DISPLAYS)
def test_ax_is_one_axes(name, ax, drawn):
    with pytest.raises(TypeError, match=f"ax is a {type(ax).__name__}: expected one matplotlib"):
        drawn[name].plot(ax)


@pytest.mark.parametrize("name", OF_ESTIMATORS)
def test_the_network_is_found_in_searches_and_nested_pipelines(name, X, y_class):
    inner = make_pipeline(FunctionTransformer(np.sin), make(n_restarts=3))
    pipeline = make_pipeline(FunctionTransformer(np.exp), "passthrough", inner)
    search = GridSearchCV(pipeline, {"pipeline__initmlpclassifier__alpha": [0.3]}, cv=2)
    search.fit(X, y_class)
    display = draw(name, search, X, y_class)
    network = search.best_estimator_[-1][-1]
    direct = draw(name, network, np.sin(np.exp(X)), y_class)
    for ax, other in zip(np.ravel(display.ax_), np.ravel(direct.ax_), strict=True):
        assert ax.dataLim.bounds == other.dataLim.bounds
    last = make_pipeline(GridSearchCV(make(n_restarts=3), {"alpha": [0.3]}, cv=2))
    assert isinstance(draw(name, last.fit(X, y_class), X, y_class), DISPLAYS[name])


@pytest.mark.parametrize("name", OF_ESTIMATORS)
def test_regressors_of_transformed_targets_are_entered(name, X, y_number):
    network = make(InitMLPRegressor, n_restarts=3)
    est = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(X, y_number)
    scaled = (y_number - y_number.mean()) / y_number.std()
    direct = draw(name, est.regressor_, X, scaled)
    for entered in (est, make_pipeline(est)):
        display = draw(name, entered, X, y_number)
        for ax, other in zip(np.ravel(display.ax_), np.ravel(direct.ax_), strict=True):
            np.testing.assert_allclose(ax.dataLim.bounds, other.dataLim.bounds, rtol=1e-9)


@pytest.mark.parametrize("name", OF_ESTIMATORS)
def test_others_are_refused(name, X, y_class):
    with pytest.raises(TypeError, match="estimator is a LinearRegression: expected an InitMLP"):
        draw(name, LinearRegression().fit(X, y_class), X, y_class)
    with pytest.raises(TypeError, match=r"is a GridSearchCV: .* best_estimator_ \(fit, with"):
        draw(name, GridSearchCV(make(), {}), X, y_class)
    with pytest.raises(NotFittedError, match="has no network yet: .* initialize"):
        draw(name, make(), X, y_class)
    with pytest.raises(NotFittedError):
        draw(name, make_pipeline(make()), X, y_class)


@pytest.mark.parametrize("name", DISPLAYS)
def test_without_matplotlib_the_error_says_what_to_install(name, X, y_class, monkeypatch):
    estimator = make(n_restarts=3).fit(X, y_class)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="need matplotlib: pip install matplotlib"):
        draw(name, estimator, X, y_class)
