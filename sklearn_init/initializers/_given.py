"""Initializers made from an array or a function of the user."""

import inspect
from collections.abc import Callable

from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


class Given(Initializer):
    """An array given by the user, the same in every restart.

    Parameters
    ----------
    array : array-like
        Of shape (fan_in, fan_out) for weights, (fan_out,) for biases.
    """

    def __init__(self, array: ArrayLike):
        self.array = array

    def draw(self, layer: Layer, rng: Generator) -> ArrayLike:  # type: ignore[override]
        return self.array


class FromFunction(Initializer):
    """A function given by the user.

    Parameters
    ----------
    function : callable
        ``function(fan_in, fan_out, rng)`` returns an array of shape (fan_in, fan_out) for
        weights, (fan_out,) for biases.
    """

    def __init__(self, function: Callable[[int, int, Generator], NDArray]):
        self.function = function

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        call = (
            "a function is called with (fan_in, fan_out, rng) and returns an array of shape "
            f"{layer.shape}, but this one"
        )
        try:
            inspect.signature(self.function).bind(layer.fan_in, layer.fan_out, rng)
        except ValueError:  # some functions in C do not tell their signature
            pass
        except TypeError as error:
            raise TypeError(f"{call} takes other arguments ({error})") from error
        try:
            return self.function(layer.fan_in, layer.fan_out, rng)
        except (AttributeError, TypeError) as error:  # such as np.zeros, or rng.randn
            raise TypeError(
                f"{call} raised {type(error).__name__}: {error}; rng is a numpy.random.Generator"
            ) from error
