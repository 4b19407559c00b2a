"""Matrices with orthonormal columns or rows."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sklearn_init.initializers._base import Initializer
from sklearn_init.initializers._layer import Layer


class Orthogonal(Initializer):
    """A uniformly random orthogonal matrix, times `gain`.

    If ``fan_in >= fan_out`` the columns are orthonormal, ``W.T @ W = gain**2 * I``, else the
    rows are, ``W @ W.T = gain**2 * I``. The variance of an entry is
    ``gain**2 / max(fan_in, fan_out)``. The matrix is the Q factor of a normal matrix, with
    signs such that R has a positive diagonal: without them the law is not uniform [2]_.

    Parameters
    ----------
    gain : float or str, default=1.0
        Factor; ``"auto"`` is the gain of the activation, sqrt(2) for relu. The other words
        are those of `VarianceScaling`.

    See Also
    --------
    VarianceScaling : Independent numbers instead, of a variance that depends on the layer.

    References
    ----------
    .. [1] Saxe, McClelland, Ganguli. "Exact solutions to the nonlinear dynamics of learning in
       deep linear neural networks". ICLR 2014. arXiv:1312.6120.
    .. [2] Mezzadri. "How to generate random matrices from the classical compact groups".
       Notices of the AMS 54, 2007. arXiv:math-ph/0609050.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_init import Orthogonal, draw
    >>> coefs, intercepts = draw((5, 3, 1), Orthogonal(gain=2.0), random_state=0)
    >>> bool(np.allclose(coefs[0].T @ coefs[0], 4 * np.eye(3)))
    True
    """

    draws_matrices_only = True

    def __init__(self, gain: float | str = 1.0):
        self.gain = gain

    def draw(self, layer: Layer, rng: Generator) -> NDArray:
        tall = rng.normal(size=(max(layer.shape), min(layer.shape)))
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
        return self._gain(layer) * (q if layer.fan_in >= layer.fan_out else q.T)
