"""What an initializer knows of the layer it draws for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sklearn_init.activations import Activation
from sklearn_init.losses import Loss


@dataclass(frozen=True)
class Layer:
    """What an initializer knows of the layer it draws for.

    The package makes one for every weight matrix and hands it to `Initializer.draw`. To try an
    initializer on its own, make one by hand.

    Parameters
    ----------
    fan_in, fan_out : int
        Numbers of inputs and of units.
    index : int
        0 for the first hidden layer, ``n_layers - 1`` for the output layer.
    n_layers : int
        Number of weight matrices of the network.
    activation : Activation
        Activation of the layer's units; for the output layer, of the last hidden layer's.
    is_bias : bool, default=False
        Whether biases are to be drawn.
    loss : Loss or None, default=None
        The loss the network is trained with, if it is known: None in `sklearn_init.draw`.
    activation_before : Activation or None, default=None
        Activation of the layer before, if there is one. None stands for `activation`.
    in_batches : bool, default=True
        Whether the solver makes a step per batch, as adam and sgd do.

    See Also
    --------
    Initializer.draw : What takes a layer.
    Network : All layers, with their weights and biases.

    Examples
    --------
    >>> from sklearn_init import Layer
    >>> from sklearn_init.activations import ACTIVATIONS
    >>> layer = Layer(64, 100, 0, 2, ACTIVATIONS["relu"])
    >>> print(layer)
    hidden layer 1 (fan_in=64, fan_out=100)
    >>> layer.is_output
    False
    """

    fan_in: int
    fan_out: int
    index: int
    n_layers: int
    activation: Activation
    is_bias: bool = False
    loss: Loss | None = None
    activation_before: Activation | None = None
    in_batches: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array to draw: (fan_in, fan_out) for weights, (fan_out,) for biases."""
        return (self.fan_out,) if self.is_bias else (self.fan_in, self.fan_out)

    @property
    def is_output(self) -> bool:
        """Whether this is the output layer."""
        return self.index == self.n_layers - 1

    @property
    def entering(self) -> Activation:
        """The activation whose values enter the layer; for the first layer, its own."""
        return self.activation_before or self.activation

    def biases(self) -> "Layer":
        """Return the same layer, asking for its biases.

        Only the shape changes. The fans stay those of the weights, as bounds that depend on them
        hold for both.

        Returns
        -------
        Layer
            A copy whose shape is ``(fan_out,)``.

        See Also
        --------
        sklearn_init.Initializer.draw_biases : What takes the copy.

        Examples
        --------
        >>> from sklearn_init import Layer
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> layer = Layer(64, 100, 0, 2, ACTIVATIONS["relu"])
        >>> layer.biases().shape, layer.biases().fan_in
        ((100,), 64)
        """
        return replace(self, is_bias=True)

    def __str__(self) -> str:
        name = "output layer" if self.is_output else f"hidden layer {self.index + 1}"
        return f"{name} (fan_in={self.fan_in}, fan_out={self.fan_out})"


def make_layers(
    fans: Sequence[tuple[int, int]],
    activations: Sequence[Activation],
    loss: Loss | None = None,
    in_batches: bool = True,
) -> list[Layer]:
    """Return the layers of a network, given one activation per layer, the output's included."""
    return [
        Layer(
            fan_in,
            fan_out,
            index,
            len(fans),
            activations[index],
            loss=loss,
            activation_before=activations[max(index - 1, 0)],
            in_batches=in_batches,
        )
        for index, (fan_in, fan_out) in enumerate(fans)
    ]
