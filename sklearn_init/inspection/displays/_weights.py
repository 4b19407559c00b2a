"""`WeightsDisplay`: what the units of a layer look for, a small picture each."""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sklearn_init._checks import is_integer
from sklearn_init.diagnostics import name_layers
from sklearn_init.inspection._network import find_network
from sklearn_init.inspection.displays._drawing import (
    BLUE,
    INK,
    SIGNED,
    check_layer,
    count_in_integers,
    find_color,
    make_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage


class WeightsDisplay:
    """Incoming weights of the units of a layer as small multiples.

    One picture per unit, all on the same scale, symmetric around zero: an image of rows and
    columns, where inputs are pixels, or else steps up and down, one for each input.

    Use `from_estimator` to make one.

    Parameters
    ----------
    weights : ndarray of shape (fan_in, fan_out)
        Those of the layer; a column is a unit.
    image_shape : tuple of int (n_rows, n_columns), default=None
        How inputs make an image, row by row; None draws steps.
    max_units : int, default=25
        The most units that are drawn, the first ones.
    layer_name : str, default="hidden layer 1"
        Which layer it is.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes of shape (n_drawn,)
        The pictures.
    figure_ : matplotlib Figure
        That holds them.

    See Also
    --------
    SymmetryDisplay : How alike units are.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init.inspection import WeightsDisplay
    >>> display = WeightsDisplay(np.eye(6), image_shape=(2, 3)).plot()
    >>> display.ax_.shape
    (6,)
    """

    def __init__(
        self,
        weights: NDArray,
        image_shape: tuple[int, int] | None = None,
        max_units: int = 25,
        layer_name: str = "hidden layer 1",
    ):
        self.weights = weights
        self.image_shape = image_shape
        self.max_units = max_units
        self.layer_name = layer_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        layer: int = 0,
        image_shape: tuple[int, int] | None = None,
        max_units: int = 25,
        ax: "Axes | None" = None,
    ) -> "WeightsDisplay":
        """Draw the weights of a layer of the best network.

        Those of the start can be seen after `initialize`.

        Parameters
        ----------
        estimator : InitMLPClassifier, InitMLPRegressor, Pipeline or search
            After `initialize`, `fit` or `partial_fit`; or a fitted pipeline that ends in one.
        layer : int, default=0
            Which layer, from 0; the last one is the output layer.
        image_shape : tuple of int (n_rows, n_columns), default=None
            How the inputs of the layer make an image, row by row; None draws steps.
        max_units : int, default=25
            The most units that are drawn, the first ones.
        ax : matplotlib Axes, default=None
            What the pictures share the place of; None makes a new figure.

        Returns
        -------
        WeightsDisplay
            With what was drawn.

        Raises
        ------
        NotFittedError
            If the estimator has no network yet.
        TypeError
            If it is not one of this package.
        ValueError
            If there is no such layer, if its inputs do not fill an image of that shape, if
            `max_units` is not a positive integer, or if `ax` is not in a grid.
        ImportError
            If matplotlib is not installed.

        See Also
        --------
        WeightsDisplay.plot : Draw it again.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import WeightsDisplay
        >>> X, y = load_digits(return_X_y=True)
        >>> clf = InitMLPClassifier((9,), random_state=0).initialize(X, y)
        >>> display = WeightsDisplay.from_estimator(clf, image_shape=(8, 8))
        >>> display.ax_[0].get_title()
        'unit 0'
        """
        network = find_network(estimator)
        n_layers = len(network.coefs_)
        check_layer(layer, n_layers, "layers")
        display = cls(
            network.coefs_[layer], image_shape, max_units, name_layers([layer], n_layers)
        )
        return display.plot(ax)

    def plot(self, ax: "Axes | None" = None) -> "WeightsDisplay":
        """Draw the pictures.

        Every call draws anew; `ax_` and `figure_` are those of the last one.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            What the pictures share the place of; None makes a new figure.

        Returns
        -------
        WeightsDisplay
            Itself, with `ax_` and `figure_`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the inputs do not fill an image of that shape, if `max_units` is not a positive
            integer, or if `ax` is not in a grid.

        See Also
        --------
        WeightsDisplay.from_estimator : Draw those of an estimator.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn_init.inspection import WeightsDisplay
        >>> display = WeightsDisplay(np.array([[0.5, -2.0], [1.0, 0.0]])).plot()
        >>> [round(float(edge), 6) for edge in display.ax_[1].get_ylim()]
        [-2.1, 2.1]
        """
        fan_in, fan_out = self.weights.shape
        _check_shape(self.image_shape, fan_in)
        if not is_integer(self.max_units) or self.max_units < 1:
            raise ValueError(
                f"max_units={self.max_units!r} is not allowed: expected an integer, 1 at least."
            )
        n_drawn = min(fan_out, int(self.max_units))
        n_columns = int(np.ceil(np.sqrt(n_drawn)))
        n_rows = -(-n_drawn // n_columns)
        size = (1.2 + 1.4 * n_columns, 0.6 + 1.4 * n_rows)
        self.figure_, axes = make_axes(ax, n_rows, n_columns, size, gap=0.3)
        for spare in axes.flat[n_drawn:]:
            spare.remove()
        self.ax_ = axes.ravel()[:n_drawn]
        finite = np.abs(self.weights[np.isfinite(self.weights)])
        largest = float(finite.max()) if finite.any() else 1.0
        for unit, panel in enumerate(self.ax_):
            panel.set_title(f"unit {unit}", fontsize="small")
            if self.image_shape is None:
                _draw_steps(panel, self.weights[:, unit], largest)
            else:
                image = _draw_image(panel, self.weights[:, unit], self.image_shape, largest)
            # all have the same limits; sharing axes and ticks of all panels would take long
            if unit < n_drawn - n_columns:  # the lowest ones may have spare ones below
                panel.set_xticks([])
            if unit % n_columns:
                panel.set_yticks([])
        corner = axes[-1, 0]  # its axes are those of all
        if self.image_shape is None:
            corner.set(xlabel=f"input of {self.layer_name}", ylabel="weight")
            for panel in self.ax_[-n_columns:]:
                count_in_integers(panel)
        else:
            corner.set(xlabel="column", ylabel="row")
            label = f"weights of {self.layer_name}, {n_drawn} of {fan_out} units"
            self.figure_.colorbar(image, ax=list(self.ax_), label=label)
        return self


def _check_shape(image_shape: tuple[int, int] | None, fan_in: int) -> None:
    if image_shape is None:
        return
    is_pair = np.shape(image_shape) == (2,) and all(is_integer(n) and n > 0 for n in image_shape)
    if not is_pair or prod(image_shape) != fan_in:
        raise ValueError(
            f"image_shape={image_shape!r} is not allowed: the layer has {fan_in} inputs, so "
            f"expected two positive integers whose product is {fan_in}, or None."
        )


def _draw_steps(ax: "Axes", weights: NDArray, largest: float) -> None:
    """Draw a step for every input, up or down from zero."""
    edges = np.arange(len(weights) + 1) - 0.5
    ax.stairs(weights, edges, fill=True, color=BLUE)
    ax.axhline(0, color=find_color(INK), lw=0.6)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(-1.05 * largest, 1.05 * largest))


def _draw_image(
    ax: "Axes", weights: NDArray, shape: tuple[int, int], largest: float
) -> "AxesImage":
    pixels = weights.reshape(shape)
    return ax.imshow(pixels, cmap=SIGNED, vmin=-largest, vmax=largest, interpolation="nearest")
