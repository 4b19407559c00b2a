"""What Displays share: the network they draw, where they draw it, and how it looks.

Everything is readable in gray: what color tells, a line's style, width or marker tells, too.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init._checks import is_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

INK, PAPER = "text.color", "axes.facecolor"
"""The colors of text and of its ground: entries of matplotlib's style, see `find_color`."""

GRAY, BLUE, ORANGE = "0.55", "#0072b2", "#d55e00"
"""Colors that color-blind people tell apart (Okabe and Ito, 2008), on white and on black; the last
two can be told apart in gray, too."""

SIGNED = "cividis"
"""From dark blue over gray at 0 to bright yellow, and ever brighter, so that it prints in gray."""

GAP = 1.05
"""Inches between panels: room for the label and the numbers of an axis."""

PANELS = "_sklearn_init_panels"
"""The attribute of given Axes that names those which share its place."""


def find_color(value: Any) -> Any:
    """Return the color of the style that is in force for `INK` and `PAPER`, and others as is."""
    from matplotlib import rcParams

    return rcParams[value] if value in (INK, PAPER) else value


def find_colors(**look: Any) -> dict[str, Any]:
    """Return the look of an artist with the colors of the style that is in force."""
    return {name: find_color(value) for name, value in look.items()}


def check_layer(layer: int, n_layers: int, kind: str) -> None:
    """Raise an error if there is no such layer."""
    if not is_integer(layer) or not 0 <= layer < n_layers:
        raise ValueError(
            f"layer={layer!r} is not allowed: the network has {n_layers} {kind}, so choose an "
            f"integer from 0 to {n_layers - 1}."
            if n_layers
            else f"layer={layer!r} is not allowed: the network has no {kind}."
        )


def make_axes(
    ax: "Axes | None",
    n_rows: int,
    n_columns: int,
    size: tuple[float, float],
    *,
    gap: float = GAP,
) -> tuple["FigureBase", NDArray]:
    """Return a figure and its Axes, of shape (n_rows, n_columns): new ones, or in the place of ax.

    `size` is that of a new figure, and `gap` lies between panels in a figure that has no layout
    engine, both in inches. What an earlier Display drew in the place of `ax` is removed, if it
    had several panels.
    """
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError("Displays need matplotlib: pip install matplotlib.") from error
        return pyplot.subplots(
            n_rows,
            n_columns,
            figsize=size,
            layout="constrained",
            squeeze=False,
        )
    _check_axes(ax)
    _clear_place(ax)
    if n_rows * n_columns == 1:
        return ax.figure, np.array([[ax]])
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(
            "ax has no place in a grid that several panels could share: make it with "
            "plt.subplots() or figure.add_subplot()."
        )
    ax.set_axis_off()
    grid = place.subgridspec(n_rows, n_columns, **_find_spaces(ax, n_rows, n_columns, gap))
    axes = np.full((n_rows, n_columns), None, dtype=object)
    for row, column in np.ndindex(axes.shape):
        axes[row, column] = ax.figure.add_subplot(grid[row, column])
    setattr(ax, PANELS, axes.ravel().tolist())
    return ax.figure, axes


def _check_axes(ax: Any) -> None:
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax is a {type(ax).__name__}: expected one matplotlib Axes, such as an element of "
            "what plt.subplots(1, 2)[1] is, or None."
        )


def _clear_place(ax: "Axes") -> None:
    """Remove the panels that share the place of ax, with their color bars, in place."""
    panels = getattr(ax, PANELS, [])
    bars = [image.colorbar.ax for panel in panels for image in panel.images if image.colorbar]
    for old in [*bars, *panels]:
        if old in ax.figure.axes:  # neither a spare one nor removed by the user
            old.remove()
    if panels:
        delattr(ax, PANELS)
        ax.set_axis_on()


def _find_spaces(ax: "Axes", n_rows: int, n_columns: int, gap: float) -> dict[str, float]:
    """Return gaps as shares of panels, as grids have them, where no engine makes room."""
    if ax.figure.get_layout_engine() is not None:
        return {}
    spaces = {}
    for name, length, n in (
        ("wspace", ax.bbox.width, n_columns),
        ("hspace", ax.bbox.height, n_rows),
    ):
        panel = (length / ax.figure.dpi - (n - 1) * gap) / n
        spaces[name] = gap / max(panel, gap / 2)  # in a small place something is left of panels
    return spaces


def count_in_integers(ax: "Axes") -> None:
    """Let the ticks of the horizontal axis be integers."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(
        MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10], min_n_ticks=1)
    )
