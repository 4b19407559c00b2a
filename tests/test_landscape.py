"""The landscape: the losses on a plane through three networks, and walkers on it."""

from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.utils.fixes import parse_version

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.inspection import LandscapeDisplay, PathRecorder
from sklearn_init.inspection.displays._plane import Plane, choose_corners, find_farthest
from sklearn_init.inspection.displays._terrain import MARGIN, make_grid, sample_objective
from sklearn_init.network import Layout, make_passes

pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

needs_contour_sets = pytest.mark.skipif(
    parse_version(matplotlib.__version__) < parse_version("3.8"),
    reason="before matplotlib 3.8 axes do not keep sets of contours",
)


def make(cls=InitMLPClassifier, **more):
    defaults = {"hidden_layer_sizes": (7,), "random_state": 0, "max_iter": 3, "n_restarts": 3}
    return cls(**{**defaults, "batch_size": 16, **more})


def flatten(weights, biases):
    return np.concatenate([np.ravel(array) for array in [*weights, *biases]])


def get_end(est, index):
    est = est.restart(index)
    return flatten(est.coefs_, est.intercepts_)


def get_start(est, index):
    est = est.restart(index)
    return flatten(est.initial_coefs_, est.initial_intercepts_)


def measure(est, X, y, row, n_batches=4):
    """Return the loss of a network whose weights are those of a row, by public means."""
    est = est.restart(0)
    est.coefs_, est.intercepts_ = Layout.of(est.coefs_).views(row)
    penalty = est.alpha / 2 * sum((W**2).sum() for W in est.coefs_) * n_batches / len(X)
    return log_loss(y, est.predict_proba(X)) + penalty


def bend(start, end, n_points, aside):
    """Return a path that leaves the line between two points, in a direction."""
    t = np.linspace(0, 1, n_points)[:, np.newaxis]
    return start + t * (end - start) + np.sin(np.pi * t) * aside


def draw(est, X, y, **more):
    return LandscapeDisplay.from_estimator(est, X, y, **{"n_grid": 5, **more})


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def lines(ax):
    return [line for line in ax.lines if line.get_ls() != "None" and line.get_marker() == "None"]


# the plane


def test_the_plane_is_to_scale():
    corners = np.random.default_rng(0).normal(size=(3, 11))
    plane = Plane.through(*corners)
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
    places = plane.project(corners)
    np.testing.assert_allclose([plane.lift(place) for place in places], corners)
    np.testing.assert_allclose(places[0], 0, atol=1e-12)
    assert places[1] == pytest.approx([np.linalg.norm(corners[1] - corners[0]), 0])
    assert places[2, 1] > 0


def test_rows_are_projected_orthogonally():
    corners, row = np.random.default_rng(1).normal(size=(3, 11)), np.arange(11.0)
    plane = Plane.through(*corners)
    rest = row - plane.lift(plane.project(row[np.newaxis])[0])
    np.testing.assert_allclose(plane.basis @ rest, 0, atol=1e-12)


@pytest.mark.parametrize(("aside", "share"), [((0, 2, 0), 1), ((0, 0, 1), 0), ((0, 3, 4), 0.36)])
def test_the_share_is_that_of_the_squared_length_of_the_steps(aside, share):
    plane = Plane.through(np.zeros(3), np.array([5.0, 0, 0]), np.array([1.0, 1, 0]))
    path = np.outer([0, 1, 4, 2], aside) + 7.0
    assert plane.find_share(path) == pytest.approx(share)
    assert plane.find_share(path[:1]) == 1


def test_corners_are_not_on_a_line():
    a, b, c = np.eye(5)[:3]
    candidates = {
        "a": a,
        "again": a,
        "b": b,
        "between": 0.3 * a + 0.7 * b,
        "beyond": 3 * b - 2 * a,
    }
    assert list(choose_corners(candidates.items())) == ["a", "b"]
    candidates |= {"c": c, "late": np.eye(5)[4]}
    assert list(choose_corners(candidates.items())) == ["a", "b", "c"]


def test_the_farthest_point_is_that_from_the_line():
    path = np.array([[0, 0, 0], [-9, 0, 0], [1, 2, 0], [1.5, 0, -2.5], [3, 1, 0]], dtype=float)
    np.testing.assert_array_equal(find_farthest(path, np.array([4.0, 0, 0])), path[3])


# what is measured


@pytest.mark.parametrize("more", [{}, {"dtype": "float32"}, {"alpha": 3.0, "solver": "lbfgs"}])
def test_the_loss_is_that_of_the_network_at_the_place(more, X, y_class):
    est = make(**more).fit(X, y_class)
    display = draw(est, X, y_class)
    best, *others = np.argsort(est.restarts_["loss"])
    assert best == est.best_restart_
    assert list(display.points) == [f"restart {r}" for r in [best, *others]]
    a, b, c = (get_end(est, r).astype(np.float64) for r in [best, *others])
    u = (b - a) / np.linalg.norm(b - a)
    v = c - a - ((c - a) @ u) * u
    v /= np.linalg.norm(v)
    tolerance = 1e-4 if more.get("dtype") else 1e-9
    for i, j in [(0, 4), (3, 1), (2, 2)]:
        row = a + display.x[j] * u + display.y[i] * v
        expected = measure(est, X, y_class, row, 1 if more.get("solver") else 4)
        assert display.losses[i, j] == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("cls", [InitMLPClassifier, InitMLPRegressor])
@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_the_loss_is_the_one_that_training_reports(cls, solver, X, y_class):
    slow = {"learning_rate_init": 1e-12, "max_iter": 1} if solver == "sgd" else {}
    est = make(cls, solver=solver, alpha=5.0, **slow).fit(X, y_class)
    y = np.eye(3)[y_class] if cls is InitMLPClassifier else y_class[:, np.newaxis].astype(float)
    passes = make_passes(sample_objective(est, X, y, 1000))
    assert passes.loss(flatten(est.coefs_, est.intercepts_)) == pytest.approx(est.loss_)


def test_fewer_rows_leave_the_penalty_as_it_is(X, y_class):
    est = make(alpha=5.0).fit(X, y_class)
    whole, part = (sample_objective(est, X, np.eye(3)[y_class], n) for n in (1000, 20))
    assert part.n_rows == 20
    np.testing.assert_array_equal(part.X[[0, -1]], X[[0, -1]])
    assert part.alpha / 20 == pytest.approx(whole.alpha / 53)


def test_dropout_and_class_weights_are_left_out_and_sparse_rows_are_rows(X, y_class):
    est = make(dropout=0.3, class_weight="balanced").fit(X, y_class)
    display, a = draw(est, X, y_class, max_samples=30), get_end(est, est.best_restart_)
    sparse = draw(est, csr_array(X), y_class, max_samples=30)
    np.testing.assert_allclose(sparse.losses, display.losses)
    objective = sample_objective(est, X, np.eye(3)[y_class], 1000)
    assert make_passes(objective).loss(a) == pytest.approx(measure(est, X, y_class, a))


# the three points


def test_starts_fill_up_and_then_the_way(X, y_class):
    est = make(n_restarts=2).fit(X, y_class)
    best = est.best_restart_
    assert list(draw(est, X, y_class).points) == [
        *(f"restart {r}" for r in (best, 1 - best)),
        f"start of restart {best}",
    ]
    est = make(n_restarts=1).fit(X, y_class)
    path = bend(get_start(est, 0), get_end(est, 0), 9, np.eye(1, 66)[0])
    display = draw(est, X, y_class, paths={0: path})
    assert list(display.points) == ["restart 0", "start of restart 0", "way of restart 0"]
    np.testing.assert_allclose(display.points["way of restart 0"], display.paths[0][4])


def test_restarts_that_lost_a_race_are_no_corners(X, y_class):
    est = make(n_restarts=5, restart_strategy="halving", restart_keep=2, max_iter=16).fit(
        X, y_class
    )
    arrived = np.flatnonzero(~est.restarts_["dropped"])
    assert len(arrived) < 5
    names = set(draw(est, X, y_class).points)
    assert names - {f"restart {r}" for r in arrived} <= {f"start of restart {r}" for r in arrived}


def test_the_best_network_is_the_one_that_the_estimator_has(X, y_class):
    est = make().fit(X, y_class)
    worst = int(np.argmax(est.restarts_["loss"]))
    assert next(iter(draw(est.restart(worst), X, y_class).points)) == f"restart {worst}"


def test_without_three_points_the_error_says_what_to_do(X, y_class):
    est = make(n_restarts=1).fit(X, y_class)
    with pytest.raises(ValueError, match=r"n_restarts=3, .* restart_keep=3\), or record a path"):
        draw(est, X, y_class)
    straight = bend(get_start(est, 0), get_end(est, 0), 9, 0)
    with pytest.raises(ValueError, match="no three networks that span a plane"):
        draw(est, X, y_class, paths={0: straight})


def test_fates_are_those_of_the_record(X, y_class):
    est = make(n_restarts=5, restart_strategy="halving", restart_keep=3, max_iter=16).fit(
        X, y_class
    )
    est.restarts_["diverged"][4] = True
    est.restarts_["dropped"][:] = np.arange(5) % 2 == 0
    paths = {r: get_end(est, r)[np.newaxis] for r in range(5)}
    expected = ["dropped", "finished", "dropped", "finished", "diverged"]
    expected[est.best_restart_] = "best"
    assert list(draw(est, X, y_class, paths=paths).fates.values()) == expected


# the picture


def test_the_grid_holds_points_and_ends_but_no_far_flung_start():
    points = np.array([[0, 0], [4, 0], [1, 3]], dtype=float)
    paths = {
        0: np.array([[90, 0], [0, 0]], dtype=float),
        1: np.array([[5, -1], [6, 1]], dtype=float),
        2: np.array([[0, 0], [500, 0]], dtype=float),
    }
    fates = {0: "best", 1: "dropped", 2: "diverged"}
    x, y = make_grid(points, paths, fates, 7)
    assert len(x) == len(y) == 7
    assert (x[0], x[-1]) == pytest.approx((-6 * MARGIN, 6 + 6 * MARGIN))
    assert (y[0], y[-1]) == pytest.approx((-1 - 6 * MARGIN, 3 + 6 * MARGIN))
    flat = make_grid(points * [1, 1e-2], {}, {}, 7)[1]
    assert np.ptp(flat) > 0.6 * 4  # no strip


def make_map(**more):
    x, y = np.linspace(-1, 5, 7), np.linspace(-1, 4, 5)
    data = {
        "losses": np.hypot(x, y[:, np.newaxis]) + 1,
        "x": x,
        "y": y,
        "points": {"a": np.zeros(2), "b": np.array([4.0, 0]), "c": np.array([1.0, 3])},
    }
    return LandscapeDisplay(**{**data, **more})


def test_walkers_look_like_what_became_of_them():
    paths = {r: np.arange(6.0).reshape(3, 2) / 2 + r / 9 for r in range(5)}
    fates = dict(enumerate(["dropped", "best", "dropped", "finished", "diverged"]))
    shares = dict(enumerate([0.1, 0.93, 0.0002, 0.5, 0.5]))
    ax = make_map(paths=paths, fates=fates, shares=shares).plot().ax_
    assert labels(ax) == [
        "best, restart 1: 93%",
        "others, to the end (1): 50%",
        "dropped at a rung (2): 0% to 10%",
        "diverged (1): 50%",
    ]
    drawn = lines(ax)
    order = [1, 3, 0, 2, 4]
    for line, restart in zip(drawn, order, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), paths[restart])
    assert drawn[0].get_lw() > 1.5 * max(line.get_lw() for line in drawn[1:])
    assert len({(line.get_color(), line.get_lw(), line.get_ls()) for line in drawn}) == 4
    starts = [line.get_xydata()[0] for line in ax.lines if line.get_marker() in ("o", "X")]
    np.testing.assert_array_equal(starts, [paths[r][0] for r in order])


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_paths_have_the_color_of_text_on_that_of_the_ground(style):
    paths = {r: np.arange(6.0).reshape(3, 2) / 2 + r / 9 for r in range(2)}
    with plt.style.context(style):
        ax = make_map(paths=paths, fates={0: "best", 1: "finished"}).plot().ax_
    ink, paper = ("black", "white") if style == "default" else ("white", "black")
    assert [line.get_color() for line in lines(ax)] == [ink, ink]
    points = [line for line in ax.lines if line.get_marker() == "D"]
    assert {(line.get_mfc(), line.get_mec()) for line in points} == {(paper, ink)}
    for artist in [*lines(ax), *ax.texts]:
        (halo, *_) = artist.get_path_effects()
        assert halo._gc["foreground"] == paper


def test_the_map_is_to_scale_with_named_points():
    display = make_map(label="height").plot()
    ax = display.ax_
    assert ax.get_aspect() == 1
    assert (*ax.get_xlim(), *ax.get_ylim()) == (-1, 5, -1, 4)
    assert ax.get_xlabel() == "from a towards b (units of weights)"
    assert {text.get_text(): text.xy for text in ax.texts} == {
        "a": (0, 0),
        "b": (4, 0),
        "c": (1, 3),
    }
    assert ax.child_axes[0].get_ylabel() == "height"
    assert ax.get_legend() is None


@pytest.mark.parametrize(("factor", "is_log"), [(1, False), (100, True), (-1, False), (0, False)])
def test_levels_are_logarithmic_where_losses_span_orders_of_magnitude(factor, is_log):
    losses = np.full((5, 7), 2.0)
    losses[1, 2] *= factor
    losses[0, 0] = np.inf  # is left white
    display = make_map(losses=losses).plot()
    levels = np.array(display.ax_.child_axes[0].get_yticks())
    assert (np.ptp(np.diff(levels)) > 1e-9) == is_log
    display.figure_.draw_without_rendering()


@needs_contour_sets
def test_heights_are_where_they_were_measured():
    x = make_map().x
    ground, contours = make_map(losses=np.tile(x, (5, 1))).plot().ax_.collections
    assert ground.get_paths()
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        np.testing.assert_allclose(path.vertices[:, 0], level)


@needs_contour_sets
def test_every_loss_lies_between_two_levels():
    for factor in (1, 1000):
        display = make_map()
        display.losses = display.losses ** np.log(factor + 2)
        ground = display.plot().ax_.collections[0]
        assert ground.levels[0] <= display.losses.min()
        assert display.losses.max() <= ground.levels[-1]


# what is refused


@pytest.mark.parametrize("name", ["n_grid", "max_samples"])
@pytest.mark.parametrize("value", [1, 2.5, "all", True])
def test_numbers_are_checked(name, value, X, y_class):
    with pytest.raises(ValueError, match=f"{name}={value!r} is not allowed"):
        draw(make().initialize(X, y_class), X, y_class, **{name: value})


def test_targets_are_needed(X, y_class):
    with pytest.raises(ValueError, match="y is None, but the loss is measured against targets"):
        draw(make().initialize(X, y_class), X, None)


def test_paths_are_taken_from_a_recorder(X, y_class):
    recorder = PathRecorder()
    with pytest.raises(NotFittedError, match="PathRecorder has recorded nothing yet"):
        draw(make().fit(X, y_class), X, y_class, paths=recorder)
    est, context = make().fit(X, y_class), SimpleNamespace(task_name="restart", task_id=2)
    recorder.setup(None, None)
    recorder.on_fit_task_end(None, context, fitted_estimator=est.restart(2))
    display, direct = (draw(est, X, y_class, paths=paths) for paths in (recorder, recorder.paths_))
    assert len(display.paths[2]) == 2 - (est.n_iter_ > 1)
    np.testing.assert_array_equal(display.paths[2], direct.paths[2])
    with pytest.raises(TypeError, match="paths is a list: expected a PathRecorder, its paths_"):
        draw(est, X, y_class, paths=[np.ones((4, 66))])


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({}, r"paths is empty, .* n_jobs=None"),
        ({0: np.ones((4, 5))}, r"paths\[0\] has shape \(4, 5\), .* 66 weights and biases"),
        ({0: np.ones(66)}, r"paths\[0\] has shape \(66,\)"),
        ({3: np.ones((4, 66))}, r"paths has the key 3: expected restarts from 0 to 2"),
    ],
)
def test_paths_are_those_of_the_network(paths, message, X, y_class):
    with pytest.raises(ValueError, match=message):
        draw(make().fit(X, y_class), X, y_class, paths=paths)


def test_a_path_ends_where_it_is_not_finite(X, y_class):
    est = make().fit(X, y_class)
    path = np.tile(get_end(est, 1), (5, 1))
    path[3] = np.inf
    lost = np.full((2, 66), np.nan)
    display = draw(est, X, y_class, paths={1: path, 2: lost})
    assert {r: len(places) for r, places in display.paths.items()} == {1: 3}
