"""What Displays share: the network they draw, where they draw it, and how it looks.

Everything is readable in gray: what color tells, a line's style, width or marker tells, too.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sklearn_init._checks import is_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

INK, GRAY, BLUE, ORANGE = "black", "0.55", "#0072b2", "#d55e00"
"""Colors that color-blind people tell apart (Okabe and Ito, 2008), the last two in gray, too."""

SIGNED = "cividis"
"""From dark blue over gray at 0 to bright yellow, and ever brighter, so that it prints in gray."""


def check_layer(layer: int, n_layers: int, kind: str) -> None:
    """Raise an error if there is no such layer."""
    if not is_integer(layer) or not 0 <= layer < n_layers:
        raise ValueError(
            f"layer={layer!r} is not allowed: the network has {n_layers} {kind}, so choose an "
            f"integer from 0 to {n_layers - 1}."
            if n_layers
            else f"layer={layer!r} is not allowed: the network has no {kind}."
        )


def name_layer(layer: int, n_layers: int) -> str:
    """Return what a layer is called; the first hidden layer is number 1."""
    return "output layer" if layer == n_layers - 1 else f"hidden layer {layer + 1}"


def make_axes(
    ax: "Axes | None",
    n_rows: int,
    n_columns: int,
    size: tuple[float, float],
    *,
    share: bool = False,
) -> tuple["FigureBase", NDArray]:
    """Return a figure and its Axes, of shape (n_rows, n_columns): new ones, or in the place of ax.

    `size` is that of a new figure, in inches; with `share`, all have the same limits, and only
    the outer ones labels.
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
            sharex=share,
            sharey=share,
        )
    if n_rows * n_columns == 1:
        return ax.figure, np.array([[ax]])
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(
            "ax has no place in a grid that several panels could share: make it with "
            "plt.subplots() or figure.add_subplot()."
        )
    ax.set_axis_off()
    grid = place.subgridspec(n_rows, n_columns)
    axes = np.full((n_rows, n_columns), None, dtype=object)
    for row, column in np.ndindex(axes.shape):
        first = axes[0, 0] if share else None
        panel = ax.figure.add_subplot(grid[row, column], sharex=first, sharey=first)
        if share:
            panel.label_outer()
        axes[row, column] = panel
    return ax.figure, axes


def count_in_integers(ax: "Axes") -> None:
    """Let the ticks of the horizontal axis be integers."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
