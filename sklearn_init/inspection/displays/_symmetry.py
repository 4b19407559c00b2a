"""`SymmetryDisplay`: how alike the units of a layer are, before training and after."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from sklearn_init.diagnostics import ALIKE, count_distinct_units, name_layers
from sklearn_init.inspection._network import find_network
from sklearn_init.inspection.displays._drawing import (
    SIGNED,
    check_layer,
    make_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class SymmetryDisplay:
    r"""How alike the units of a hidden layer are, at the start and trained.

    Every pixel is the cosine of the angle between what enters two units, incoming weights and
    bias:

    .. math:: \cos(u, v) = \frac{u \cdot v}{\|u\| \|v\|}

    It is 1 for units that are equal up to scale, and -1 for mirror images; two units that are all
    zero count as equal. Units are ordered, alike in all panels, so that those that are alike after
    training are neighbors. A plain yellow square is a layer that does the work of one unit.

    Use `from_estimator` to make one.

    Parameters
    ----------
    similarities : mapping of str to ndarray of shape (n_units, n_units)
        The cosines, by the name of a panel. The last one orders the units.
    n_distinct : mapping of str to int or None
        How many units differ from all others, in outgoing weights, too. None where training
        diverged: weights that explode differ by too much to tell what is alike.
    layer_name : str, default="hidden layer 1"
        Which layer it is.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes of shape (n_panels,)
        The panels.
    figure_ : matplotlib Figure
        That holds them.
    order_ : ndarray of int of shape (n_units,)
        Which unit is in which row and column.

    See Also
    --------
    sklearn_init.diagnose : Its measure `distinct_units` counts them in all layers.
    WeightsDisplay : What the units look for.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init.inspection import SymmetryDisplay
    >>> display = SymmetryDisplay({"start": np.ones((3, 3))}, {"start": 1}).plot()
    >>> display.ax_[0].get_title()
    'start: 1 distinct of 3'
    """

    def __init__(
        self,
        similarities: Mapping[str, NDArray],
        n_distinct: Mapping[str, int | None],
        layer_name: str = "hidden layer 1",
    ):
        self.similarities = similarities
        self.n_distinct = n_distinct
        self.layer_name = layer_name

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, layer: int = 0, ax: "Axes | None" = None
    ) -> "SymmetryDisplay":
        """Compare the units of a layer of the best network.

        The panel "start" needs `initial_coefs_`, which some files leave out; the panel "trained"
        is there after training.

        Parameters
        ----------
        estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
            After `initialize`, `fit` or `partial_fit`; or a fitted pipeline that ends in one.
        layer : int, default=0
            Which hidden layer, from 0.
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        SymmetryDisplay
            With what was drawn.

        Raises
        ------
        NotFittedError
            If the estimator has no network yet.
        TypeError
            If it is not one of this package.
        ValueError
            If there is no such hidden layer, or if `ax` is not in a grid.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        SymmetryDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import SymmetryDisplay
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((20,), random_state=0).initialize(X, y)
        >>> display = SymmetryDisplay.from_estimator(clf)
        >>> display.similarities["start"].shape
        (20, 20)
        """
        network = find_network(estimator)
        check_layer(layer, len(network.coefs_) - 1, "hidden layers")
        states = {}
        if hasattr(network, "initial_coefs_"):
            states["start"] = network.initial_coefs_, network.initial_intercepts_
        if network.n_iter_ > 0 or not states:
            states["trained"] = network.coefs_, network.intercepts_
        units = {
            name: (weights[layer], biases[layer], weights[layer + 1])
            for name, (weights, biases) in states.items()
        }
        n_distinct: dict[str, int | None] = {
            name: count_distinct_units(*unit, tolerance=ALIKE) for name, unit in units.items()
        }
        if "trained" in units and network.restarts_["diverged"][network.best_restart_]:
            n_distinct["trained"] = None
        return cls(
            {name: measure_similarity(W, b) for name, (W, b, _) in units.items()},
            n_distinct,
            name_layers([layer], len(network.coefs_)),
        ).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "SymmetryDisplay":
        """Draw the panels.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            What the panels share the place of; None makes a new figure.

        Returns
        -------
        SymmetryDisplay
            Itself, with `ax_`, `figure_` and `order_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `ax` is not in a grid.

        See Also
        --------
        SymmetryDisplay.from_estimator : Draw the units of an estimator.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init.inspection import SymmetryDisplay
        >>> similarity = np.array([[1.0, 0.0, 0.9], [0.0, 1.0, 0.0], [0.9, 0.0, 1.0]])
        >>> display = SymmetryDisplay({"trained": similarity}, {"trained": 3}).plot()
        >>> abs(display.order_.tolist().index(0) - display.order_.tolist().index(2))
        1
        """
        n_panels = len(self.similarities)
        self.figure_, axes = make_axes(ax, 1, n_panels, (0.9 + 3.6 * n_panels, 3.9))
        self.ax_ = axes[0]
        *_, last = self.similarities.values()
        self.order_ = _order_units(last)
        for panel, (name, similarity) in zip(self.ax_, self.similarities.items(), strict=True):
            ordered = similarity[np.ix_(self.order_, self.order_)]
            image = panel.imshow(ordered, cmap=SIGNED, vmin=-1, vmax=1, interpolation="nearest")
            n_distinct = self.n_distinct[name]
            count = f"{n_distinct} distinct of {len(similarity)}"
            panel.set_title(f"{name}: {'diverged' if n_distinct is None else count}")
            panel.set(xlabel="unit, ordered", xticks=[], yticks=[])
        self.ax_[0].set_ylabel(f"unit of {self.layer_name}, ordered")
        label = "cosine of weights and bias"
        self.figure_.colorbar(image, ax=list(self.ax_), label=label, ticks=[-1, -0.5, 0, 0.5, 1])
        return self


def measure_similarity(weights: ArrayLike, biases: ArrayLike) -> NDArray:
    """Return the cosines between columns of weights with their bias, (n_units, n_units)."""
    units = np.vstack([weights, biases]).T.astype(np.float64)
    with np.errstate(invalid="ignore"):  # of networks that diverged
        largest = np.abs(units).max(axis=1, keepdims=True)
        units /= np.where(largest == 0, 1.0, largest)  # squares cannot overflow
        length = np.linalg.norm(units, axis=1, keepdims=True)
        units /= np.where(length == 0, 1.0, length)
        is_zero = length == 0
        return np.clip(units @ units.T + is_zero * is_zero.T, -1.0, 1.0)


def _order_units(similarity: NDArray) -> NDArray:
    """Return an order in which units that are alike are neighbors: that of a dendrogram."""
    if len(similarity) < 2:
        return np.arange(len(similarity))
    distance = 1.0 - np.nan_to_num(similarity)
    return leaves_list(linkage(squareform(distance, checks=False), "average"))
