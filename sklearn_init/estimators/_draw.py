"""Drawing initial weights without an estimator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from sklearn_init._numpy_errors import with_default_errors
from sklearn_init._random import check_main_stream
from sklearn_init._text import show
from sklearn_init.estimators._layers import resolve_activations, resolve_sizes
from sklearn_init.estimators._schemes import choose_schemes, resolve_weight_schemes
from sklearn_init.initializers import Schemes, Start, make_layers
from sklearn_init.network import Layout
from sklearn_init.training import one_blas_thread


@with_default_errors
def draw(
    layer_sizes: Sequence[int],
    scheme: Any,
    activation: Any = "relu",
    random_state: int | RandomState | None = None,
) -> tuple[list[NDArray], list[NDArray]]:
    """Draw the initial weights and biases of a network, without an estimator.

    They are those an estimator with the same `random_state` starts its first restart from.

    Parameters
    ----------
    layer_sizes : sequence of int
        ``(n_features, *hidden_layer_sizes, n_outputs)``, at least two.
    scheme : str, Initializer, callable, dict, list or tuple
        As the parameter `weight_init` of the estimators.
    activation : str, Activation, list or tuple, default="relu"
        Activation of the hidden units, which some schemes depend on, as the estimators take it.
    random_state : int, RandomState instance or None, default=None
        Source of randomness; an int gives the same numbers in every call.

    Returns
    -------
    coefs : list of ndarray of shape (fan_in, fan_out)
        Weights, float64; torch stores the transposes.
    intercepts : list of ndarray of shape (fan_out,)
        Biases.

    Raises
    ------
    ValueError
        If a parameter is not allowed, or the scheme needs data.

    See Also
    --------
    get_initializer_names : The names of the schemes.
    InitMLPClassifier.initialize : Draw with the help of data.

    Examples
    --------
    >>> from sklearn_init import draw
    >>> coefs, intercepts = draw((64, 100, 10), "he_normal", random_state=0)
    >>> [W.shape for W in coefs], [b.shape for b in intercepts]
    ([(64, 100), (100, 10)], [(100,), (10,)])
    """
    sizes = resolve_sizes(layer_sizes, "layer_sizes")
    if len(sizes) < 2:
        raise ValueError(
            f"layer_sizes={show(layer_sizes)} is not allowed: expected at least two integers "
            ">= 1, (n_features, *hidden_layer_sizes, n_outputs)."
        )
    layout = Layout(sizes)
    n_layers = len(layout.fans)
    schemes = Schemes(
        resolve_weight_schemes(scheme, n_layers, "scheme"), [None] * n_layers, "scheme"
    )
    layers = make_layers(layout.fans, resolve_activations(activation, n_layers - 1))
    main = check_main_stream(random_state)
    start = Start(layers, choose_schemes(schemes, layers), main, np.float64)
    if start.needs_rows:
        raise ValueError(
            f"scheme={show(scheme)} looks at the training data: use the method `initialize` of an "
            "estimator."
        )
    with one_blas_thread:
        theta = start.draw(0)
        start.adjust(0, theta, np.empty((0, sizes[0])), np.empty((0, sizes[-1])))
    return layout.views(theta)
