"""Output layers computed from the targets, on top of hidden layers of any scheme."""

from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._degenerate import ZeroOutput
from sklearn_init.initializers._layer import Layer
from sklearn_init.initializers._linear_fit import find_prior, fit_linear, get_loss
from sklearn_init.initializers._network import Network, compute_shares
from sklearn_init.initializers._refinement import Refinement
from sklearn_init.network import Features


class OutputPrior(ZeroOutput):
    """Hidden layers of another scheme, and an output layer that predicts the mean of the targets.

    The output weights are zero, and the biases are what the loss links to the mean: ``log p`` for
    the shares p of the classes, ``log(p / (1 - p))`` for yes-or-no labels, ``mean(y)`` for the
    squared error, ``log(mean(y))`` for the Poisson deviance. The initial loss is then the entropy
    of the shares, or half the variance of y, and training does not spend its first epochs on
    finding the mean. A class without rows counts as if it had half a row.

    As `bias_init`, the scheme sets the biases of the output layer, and zeros elsewhere; the
    initial loss is then only near to the entropy if the output weights are small.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the hidden layers; None is normal numbers with the gain of the activation.

    See Also
    --------
    LeastSquaresOutput : Output weights, too, that suit the targets.

    References
    ----------
    .. [1] Lin, Goyal, Girshick, He, Dollár. "Focal loss for dense object detection". ICCV 2017.
       arXiv:1708.02002. (A prior in the bias of a rare class, section 4.1.)

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.initializers import OutputPrior
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier(weight_init=OutputPrior(), random_state=0).initialize(X, y)
    >>> clf.predict_proba(X[:1]).round(3)
    array([[0.333, 0.333, 0.333]])
    """

    needs_rows = True

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        super().adjust(layer, network, X, y, rng)
        if layer.is_output:
            prior = find_prior(get_loss(self, layer), y, compute_shares(network))
            network.biases[layer.index][...] = prior


class LeastSquaresOutput(Refinement):
    """Hidden layers of another scheme, and the best output layer on top of them.

    The output weights and biases minimize the objective of the network's own loss with all else
    held fixed, a convex problem: with the squared error, ridge regression on the outputs of the
    last hidden layer, else logistic or Poisson regression. A network of random hidden units
    that is trained no further is known as a random feature model or extreme learning machine.

    Parameters
    ----------
    base : Initializer or None, default=None
        What draws the hidden layers; None is normal numbers with the gain of the activation.
    alpha : float, default=0.0
        Strength of the L2 penalty on the output weights, which means the same as the parameter of
        the estimators: the sum of the losses plus half of `alpha` times the squared weights. For
        losses other than the squared error, less than 0.01 counts as 0.01, as the best weights
        for classes that can be separated would be infinite.
    max_samples : int, default=10_000
        The number of training rows looked at, drawn at random if there are more.

    See Also
    --------
    OutputPrior : Biases alone.
    LinearWarmStart : A network that begins as a linear model of its inputs.

    Notes
    -----
    With ``alpha=0`` and as many hidden units as rows, the squared error is interpolated: noise,
    too. Directions in which standardized hidden outputs differ by less than 1.5e-8 of the largest
    (3.5e-4 in float32) are left out then. L-BFGS ends after 500 iterations.

    References
    ----------
    .. [1] Huang, Zhu, Siew. "Extreme learning machine: theory and applications". Neurocomputing
       70, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import InitMLPRegressor
    >>> from sklearn_init.initializers import LeastSquaresOutput
    >>> X = np.random.default_rng(0).normal(size=(50, 4))
    >>> y = np.abs(X[:, 0])
    >>> reg = InitMLPRegressor(hidden_layer_sizes=(30,), weight_init=LeastSquaresOutput())
    >>> bool(reg.initialize(X, y).score(X, y) > 0.9)
    True
    """

    draws_matrices_only = True

    def __init__(
        self, base: Initializer | None = None, alpha: float = 0.0, max_samples: int = 10_000
    ):
        self.base = base
        self.alpha = alpha
        self.max_samples = max_samples

    def adjust(
        self, layer: Layer, network: Network, X: Features, y: NDArray, rng: Generator
    ) -> None:
        alpha = self._number("alpha", minimum=0)
        if not layer.is_output:
            self._adjust_base(layer, network, X, y, rng)
            return
        network.weights[layer.index][...], network.biases[layer.index][...] = fit_linear(
            network.inputs(layer, X), y, network.sample_weight, get_loss(self, layer), alpha
        )
