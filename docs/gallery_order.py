"""The order of the gallery: that in which questions come up."""

ORDER = (
    "plot_zeros.py",
    "plot_xor_symmetry.py",
    "plot_convex.py",
    "plot_how_small.py",
    "plot_saturation.py",
    "plot_thirty_layers.py",
    "plot_displays.py",
    "plot_hinges.py",
    "plot_dropout.py",
    "plot_helicopter.py",
    "plot_restarts_xor.py",
    "plot_race.py",
    "plot_landscape.py",
    "plot_kmeans.py",
    "plot_grid_search_initializers.py",
    "plot_compare_initializers.py",
    "plot_production.py",
)


def find_place(name: str) -> int:
    """Return the place of an example."""
    return ORDER.index(name)
