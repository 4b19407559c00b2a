"""A picture of the tables: a row per case, a panel per question."""

from dataclasses import dataclass
from itertools import product

import matplotlib
from matplotlib import ticker

matplotlib.use("Agg")
import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#444444"  # Okabe & Ito


@dataclass(frozen=True)
class Series:
    """One kind of dot: what was compared, and how it looks."""

    compared: str
    name: str
    color: str
    marker: str


@dataclass(frozen=True)
class Panel:
    """A question, and the tables that answer it."""

    title: str
    tables: tuple
    series: tuple


PANELS = (
    Panel(
        "One fit:\ntimes as fast as scikit-learn",
        ("fit", "variants"),
        (Series("scikit-learn / ours", "scikit-learn", BLUE, "o"),),
    ),
    Panel(
        "16 restarts:\ntimes as fast as …",
        ("restarts",),
        (
            Series("JAX / ours", "JAX", ORANGE, "s"),
            Series("PyTorch / ours", "PyTorch", GREEN, "^"),
        ),
    ),
    Panel(
        "One fit:\ntime over bare matrix products",
        ("fit", "variants"),
        (Series("ours / products", "products", GRAY, "D"),),
    ),
)


def draw(results, path):
    """Write the figure for the results of a run; panels without results are left out."""
    drawn = [(panel, find_rows(panel, results)) for panel in PANELS]
    drawn = [(panel, rows) for panel, rows in drawn if rows]
    if not drawn:
        raise SystemExit("--figure draws the tables fit, variants and restarts: run one of them")
    cases = list(dict.fromkeys(row["case"] for _, rows in drawn for row in rows))
    height = {case: len(cases) - 1 - index for index, case in enumerate(cases)}
    fig, axes = plt.subplots(
        1,
        len(drawn),
        sharey=True,
        squeeze=False,
        figsize=(3 * len(drawn) + 1.5, 0.4 * len(cases) + 2),
        layout="constrained",
    )
    for ax, (panel, rows) in zip(axes[0], drawn, strict=True):
        draw_panel(ax, panel, rows, height)
    axes[0, 0].set_yticks(list(height.values()), list(height))
    axes[0, 0].set_ylim(-0.6, len(cases) - 0.4)
    fig.savefig(path, dpi=150)
    plt.close(fig)


def find_rows(panel, results):
    """Return the rows that have what the panel shows."""
    rows = [
        row for name in panel.tables for row in results["tables"].get(name, {}).get("rows", [])
    ]
    names = {series.compared for series in panel.series}
    return [row for row in rows if names & row["compared"].keys()]


def draw_panel(ax, panel, rows, height):
    pairs = list(product(panel.series, ("float64", "float32")))
    for index, (series, dtype) in enumerate(pairs):
        offset = 0.3 - 0.6 * (index + 0.5) / len(pairs)
        dots = [
            (row["compared"][series.compared], height[row["case"]] + offset)
            for row in rows
            if row["dtype"] == dtype and series.compared in row["compared"]
        ]
        label = dtype if len(panel.series) == 1 else f"{series.name}, {dtype}"
        if dots:
            draw_dots(ax, dots, series, dtype, label)
    decorate(ax, panel, height)


def decorate(ax, panel, height):
    ax.set(xscale="log")
    ax.set_title(panel.title, fontsize="medium")
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, 0.9), max(high, 2.2))
    ax.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    ax.axvline(1, color="black", linewidth=1.2)
    ax.grid(axis="x", alpha=0.4)
    ax.tick_params(axis="y", length=0)
    for y in list(height.values())[:-1]:  # between the cases
        ax.axhline(y - 0.5, color="black", alpha=0.1, linewidth=0.8)
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.08),
        ncols=2,
        fontsize="small",
        frameon=False,
        columnspacing=1,
        handletextpad=0.3,
    )


def draw_dots(ax, dots, series, dtype, label):
    """Draw medians with their quartiles; float32 is hollow."""
    numbers, heights = zip(*dots, strict=True)
    ax.errorbar(
        [n["median"] for n in numbers],
        heights,
        xerr=[
            [n["median"] - n["low"] for n in numbers],
            [n["high"] - n["median"] for n in numbers],
        ],
        fmt=series.marker,
        color=series.color,
        markerfacecolor=series.color if dtype == "float64" else "white",
        markersize=6,
        elinewidth=1.2,
        label=label,
    )
