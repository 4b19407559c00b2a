"""From an estimator to its landscape: three corners, a grid around them, and the losses there."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init._checks import is_integer
from sklearn_init.diagnostics import choose_rows
from sklearn_init.estimators import is_stochastic
from sklearn_init.inspection._network import make_objective
from sklearn_init.inspection._paths import PathRecorder
from sklearn_init.inspection.displays._plane import Plane, find_farthest
from sklearn_init.network import Features, Layout, Objective, make_passes
from sklearn_init.training import one_blas_thread

MARGIN = 0.15
"""The share of the picture's larger side that is left around what has to be in it."""

FAR = 1e100
"""Where weights are larger than that, a path ends: nobody can draw them."""


def check_paths(
    network: Any, paths: Mapping[int, NDArray] | PathRecorder | None
) -> dict[int, NDArray]:
    """Return the paths in float64, up to where they can be drawn."""
    if paths is None:
        return {}
    if isinstance(paths, PathRecorder):
        paths = paths.paths_
    if not isinstance(paths, Mapping):
        raise TypeError(
            f"paths is a {type(paths).__name__}: expected a PathRecorder, its paths_, or None."
        )
    if not paths:
        raise ValueError(
            "paths is empty, as restarts that train in other processes are not recorded: fit "
            "with n_jobs=None, or in joblib.parallel_config(backend='threading')."
        )
    n_restarts, n_params = len(network.restarts_["loss"]), Layout.of(network.coefs_).n_params
    checked = {}
    for restart, path in paths.items():
        rows = np.asarray(path, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != n_params or not len(rows):
            raise ValueError(
                f"paths[{restart!r}] has shape {rows.shape}, but the network has {n_params} "
                f"weights and biases: expected (n_points, {n_params})."
            )
        if not is_integer(restart) or not 0 <= restart < n_restarts:
            raise ValueError(
                f"paths has the key {restart!r}: expected restarts from 0 to {n_restarts - 1}."
            )
        is_far = ~(np.abs(rows) < FAR).all(axis=1)
        n_near = int(is_far.argmax()) if is_far.any() else len(rows)
        if n_near:
            checked[restart] = rows[:n_near]
    return checked


def list_candidates(network: Any, paths: Mapping[int, NDArray]) -> Iterator[tuple[str, NDArray]]:
    """Yield names and rows for the corners of the plane, the most wanted ones first.

    These are the ends of restarts that were trained to the end, the best one first, then their
    starts, then the point of the best path that is farthest from the line of its start and end.
    """
    layout, best = Layout.of(network.coefs_), network.best_restart_
    end = layout.row(network.coefs_, network.intercepts_).astype(np.float64)
    start = None
    if hasattr(network, "initial_coefs_"):
        start = layout.row(network.initial_coefs_, network.initial_intercepts_)
    arrived = [
        restart
        for restart in ([] if network._training is None else network._training.restarts)
        if restart.is_usable and not (restart.dropped or restart.diverged or restart.index == best)
    ]
    arrived.sort(key=lambda restart: restart.loss)
    yield f"restart {best}", end
    for restart in arrived:
        yield f"restart {restart.index}", restart.result.astype(np.float64)
    if start is not None:
        yield f"start of restart {best}", start.astype(np.float64)
    for restart in arrived:
        if restart.start.size:
            yield f"start of restart {restart.index}", restart.start.astype(np.float64)
    if best in paths:
        yield f"way of restart {best}", find_farthest(paths[best], end)


def find_fate(network: Any, restart: int) -> str:
    """Return what became of a restart: a key of `FATES`."""
    if restart == network.best_restart_:
        return "best"
    record = network.restarts_
    is_so = {fate: record[fate][restart] for fate in ("diverged", "dropped")}
    return next((fate for fate, is_it in is_so.items() if is_it), "finished")


def sample_objective(network: Any, X: Features, y: NDArray, max_samples: int) -> Objective:
    """Return the objective on some rows, with the penalty that training reports on all of them.

    Its strength is divided by the rows of a batch, and there are fewer rows here.
    """
    n_rows = X.shape[0]
    rows = choose_rows(n_rows, max_samples)
    n_batches = 1
    if is_stochastic(network.solver):
        size = 200 if network.batch_size == "auto" else network.batch_size
        n_batches = -(-n_rows // min(size, n_rows))
    alpha = network.alpha * n_batches * len(rows) / n_rows
    return make_objective(network, X[rows], y[rows], alpha)


def measure_losses(objective: Objective, plane: Plane, x: NDArray, y: NDArray) -> NDArray:
    """Return the losses on a grid, (n_y, n_x)."""
    passes, dtype = make_passes(objective), objective.X.dtype
    with one_blas_thread, np.errstate(all="ignore"):
        return np.array(
            [[passes.loss(plane.lift(np.array([a, b])).astype(dtype)) for a in x] for b in y]
        )


def make_grid(
    points: NDArray, paths: Mapping[int, NDArray], fates: Mapping[int, str], n_grid: int
) -> tuple[NDArray, NDArray]:
    """Return the coordinates of a grid around the points and the ends of the paths.

    Starts are in it as long as they do not make it more than twice as large.
    """
    kept = [path for restart, path in paths.items() if fates[restart] != "diverged"]
    inside = np.vstack([points, *(path[-1:] for path in kept)])
    low, high = inside.min(axis=0), inside.max(axis=0)
    reach = (high - low).max() / 2
    for path in kept:
        if ((low - reach <= path[0]) & (path[0] <= high + reach)).all():
            inside = np.vstack([inside, path[:1]])
    low, high = inside.min(axis=0), inside.max(axis=0)
    side = (high - low).max()
    # a strip would show little
    pad = MARGIN * side + np.maximum(0, 0.6 * side - (high - low)) / 2
    low, high = low - pad, high + pad
    return np.linspace(low[0], high[0], n_grid), np.linspace(low[1], high[1], n_grid)
