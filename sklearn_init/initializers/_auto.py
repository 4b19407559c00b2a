"""The choice of a scheme by activation, depth, width and solver."""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._compensated import Compensated
from sklearn_init.initializers._critical import DoublyCritical
from sklearn_init.initializers._fixed import Constant
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._looks_linear import LooksLinear
from sklearn_init.initializers._network import Network
from sklearn_init.initializers._orthogonal import Orthogonal
from sklearn_init.initializers._pairs import measure_pair
from sklearn_init.initializers._presets import Sklearn
from sklearn_init.initializers._scaling import VarianceScaling
from sklearn_init.network import Features
from sklearn_init.theory import find_doubly_critical_point, keeps_zero

MAX_SHALLOW = 2
"""Up to so many hidden layers, sane starts were tied in every trial."""

MAX_GROWTH = 0.02
"""By how much pairs of units may change a signal per layer."""


def _is_shallow(layer: Layer) -> bool:
    return layer.n_layers - 1 <= MAX_SHALLOW


def _is_centered(layer: Layer) -> bool:
    """Whether a unit gives 0 for 0: all but logistic and softplus."""
    return keeps_zero(layer.activation)


def _passes_pairs(layer: Layer) -> bool:
    """Whether mirrored pairs carry signals unchanged, as phi(z) - phi(-z) is z, or nearly."""
    has_pairs = layer.index == 0 or layer.fan_in > 1
    makes_pairs = layer.is_output or layer.fan_out > 1
    slope = measure_pair(layer.activation)
    return has_pairs and makes_pairs and slope is not None and abs(slope - 1) < MAX_GROWTH


@dataclass(frozen=True)
class Rule:
    """A row of the recommendation: for which layers, what, and why."""

    case: str
    holds: Callable[[Layer], bool]
    hidden: Initializer
    output: Initializer
    why: str


RULES = (
    Rule(
        "at most two hidden layers of units that give 0 for 0, or any units with L-BFGS",
        lambda layer: _is_shallow(layer) and (_is_centered(layer) or not layer.in_batches),
        Sklearn(),
        Sklearn(),
        "sane starts are tied here, so results stay those of scikit-learn",
    ),
    Rule(
        "at most two hidden layers of logistic or softplus units",
        _is_shallow,
        Compensated(VarianceScaling("centered", "fan_avg", "uniform")),
        Constant(0.0),
        "units that always give something positive shift the next layer; biases take that out",
    ),
    Rule(
        "more than two hidden layers of relu, leaky_relu, gelu, silu or softplus units",
        _passes_pairs,
        LooksLinear(),
        LooksLinear(),
        "as phi(z) - phi(-z) = z, pairs of units carry signals and gradients to any depth",
    ),
    Rule(
        "more than two hidden layers of logistic units",
        lambda layer: not _is_centered(layer),
        Compensated(Orthogonal("centered")),
        Constant(0.0),
        "there is no usable critical point; without the mean, the gain keeps the variance",
    ),
    Rule(
        "more than two hidden layers of tanh, elu and all that keep small signals small",
        lambda layer: find_doubly_critical_point(layer.activation).variance == 0,
        Orthogonal("small_signals"),
        Orthogonal("small_signals"),
        "small signals keep their size in every direction, and training makes them larger",
    ),
    Rule(
        "more than two hidden layers of mish",
        lambda layer: True,
        DoublyCritical("orthogonal"),
        DoublyCritical("orthogonal"),
        "small signals are not stable; at the doubly critical point, their size is",
    ),
)


class Auto(Initializer):
    """A choice by activation, depth, width and solver.

    The table of `docs/schemes.md` says which scheme it chooses for a layer, and why. For shallow
    networks of most activations it is scikit-learn's own start, as a comparison over many data
    sets found nothing reliably better; for deep ones it is mirrored pairs of units, or
    orthogonal matrices. The fitted attribute `weight_init_` shows what was chosen.
    Without an estimator, as in `draw`, the solver is taken to be adam or sgd.

    See Also
    --------
    LooksLinear : What it chooses for deep networks of relu, gelu and the like.
    sklearn_init.Orthogonal : What it chooses for deep networks of tanh and the like.
    Compensated : What it chooses for logistic units.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((20, 20, 20), weight_init="auto", random_state=0)
    >>> clf.initialize(X, y).weight_init_[0]
    LooksLinear()
    """

    draws_matrices_only = True
    needs_rows = False

    def choose(self, layer: Layer) -> Initializer:
        """Return the scheme for a layer.

        The rules look at the activation, at how many layers there are, at the number of units and
        at the solver, never at the data.

        Parameters
        ----------
        layer : Layer
            The layer.

        Returns
        -------
        Initializer
            Another scheme, whose parameters are set.

        See Also
        --------
        sklearn_init.Initializer.draw : Draw from it.

        Examples
        --------
        >>> from sklearn_init import Layer
        >>> from sklearn_init.activations import ACTIVATIONS
        >>> from sklearn_init.initializers import Auto
        >>> Auto().choose(Layer(5, 7, 0, 2, ACTIVATIONS["tanh"]))
        Sklearn()
        """
        rule = next(rule for rule in RULES if rule.holds(layer))
        return rule.output if layer.is_output else rule.hidden

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        return self.choose(layer).draw(layer, rng)

    def draw_biases(self, layer: Layer, rng: Generator) -> NDArray:
        return self.choose(layer).draw_biases(layer, rng)

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        self.choose(layer).adjust(layer, network, X, y, rng)
