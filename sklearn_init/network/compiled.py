"""The compiled passes as Python sees them; without a C compiler there are none."""

from collections.abc import Sequence

import numpy as np
from numpy.random import BitGenerator
from numpy.typing import NDArray
from scipy.sparse import issparse

from sklearn_init.activations import ACTIVATIONS, Activation
from sklearn_init.network.objective import Objective

try:
    import sklearn_init.network._kernels as _kernels
    import sklearn_init.network._passes as _passes
    from sklearn_init.network._passes import Progress, Rule
except ModuleNotFoundError:  # no C compiler at installation
    _kernels = _passes = Progress = Rule = None


def is_engine_compiled() -> bool:
    """Whether the package was built with its compiled passes."""
    return _passes is not None


def get_instruction_set() -> str:
    """Return which copy of the compiled loops this processor runs; empty without an engine."""
    return _kernels.INSTRUCTION_SET if is_engine_compiled() else ""


def is_compiled(activations: Sequence[Activation]) -> bool:
    """Whether there are compiled passes for activations: not for those of the user."""
    return is_engine_compiled() and all(
        activation.name in _kernels.ACTIVATIONS and ACTIVATIONS.get(activation.name) == activation
        for activation in activations
    )


class CompiledPasses:
    """Passes of one network over the rows of an objective, without the interpreter's lock.

    Parameters
    ----------
    objective : Objective
        One whose activations are compiled.
    batch_size : int
        The largest number of rows handled together.
    """

    default_batch_size = 256
    """What a batch needs should fit into the cache."""

    def __init__(self, objective: Objective, batch_size: int):
        X, dtype = objective.X, objective.X.dtype
        sparse = issparse(X)
        kernels = [_kernels.ACTIVATIONS.index(a.name) for a in objective.activations]
        self._network = _passes.Network(
            objective.layout.sizes,
            kernels,
            [_kernels.NEEDS_Z[kernel] for kernel in kernels],
            _kernels.LOSSES.index(objective.loss.name),
            objective.alpha,
            objective.rates,
            int(batch_size),  # an int8 would overflow in the size of the work array
            sparse,
        )
        self._work = _make_aligned(self._network.n_work, dtype)
        self._features = (
            np.ascontiguousarray(X.data)[np.newaxis] if sparse else X,
            np.ascontiguousarray(X.indices, np.int32) if sparse else None,
            np.ascontiguousarray(X.indptr, np.int64) if sparse else None,
        )
        weight = objective.sample_weight
        self._targets = (
            np.ascontiguousarray(objective.y, dtype),
            None if weight is None else np.ascontiguousarray(weight, dtype),
        )
        rows = objective.rows
        self._rows = None if rows is None else rows.astype(np.int64)
        self._n_outputs = objective.layout.sizes[-1]

    def objective_and_grad(self, theta: NDArray, grad: NDArray) -> float:
        """Return the objective over all rows and write its gradient into `grad`."""
        return _passes.loss_and_grad(
            self._network, *self._features, *self._targets, theta, grad, self._work
        )

    def loss(self, theta: NDArray) -> float:
        """Return the reported loss over all rows that count."""
        return _passes.loss(
            self._network, *self._features, *self._targets, self._rows, theta, self._work
        )

    def predict(self, theta: NDArray, rows: NDArray) -> NDArray:
        """Return the predictions for rows of the data, shape (n_rows, n_outputs)."""
        out = np.empty((len(rows), self._n_outputs), theta.dtype)
        _passes.predict(
            self._network,
            *self._features,
            rows.astype(np.int64, copy=False),
            theta,
            out,
            self._work,
        )
        return out

    def run_epochs(
        self,
        theta: NDArray,
        moments: NDArray,
        rule: "Rule",
        progress: "Progress",
        order: NDArray | None,
        bit_generator: BitGenerator | None,
        rates: NDArray,
        masks: tuple[int, int],
        plateau: tuple[float, float],
        losses: NDArray,
    ) -> None:
        """Train for a chunk of epochs, without the interpreter's lock.

        Parameters
        ----------
        theta : ndarray of shape (n_params,)
            Written in place, as are `moments`, `progress`, `order` and `losses`.
        moments : ndarray of shape (n_moments, n_params)
        rule : Rule
        progress : Progress
        order : ndarray of shape (n_training_rows,) or None
            The rows that count, in the order of the last epoch; None is that of the objective.
        bit_generator : BitGenerator or None
            What shuffles `order` before every epoch; None leaves it.
        rates : ndarray of shape (n_epochs,)
            The learning rate of every epoch.
        masks : tuple of int
            What dropout masks depend on: the seed, and the number of epochs before this chunk.
        plateau : tuple of float
            ``(tol, n_iter_no_change)``: the chunk ends when more than `n_iter_no_change` epochs
            in a row did not lower the loss by `tol`, or when the loss is not finite.
        losses : ndarray of shape (n_epochs,)
            The loss of every epoch that ran.
        """
        _passes.run_epochs(
            self._network,
            rule,
            progress,
            *self._features,
            *self._targets,
            self._rows if order is None else order,
            bit_generator,
            rates,
            *masks,
            *plateau,
            theta,
            moments,
            losses,
            self._work,
        )


def _make_aligned(n: int, dtype: np.dtype) -> NDArray:
    """Return an array that begins at a multiple of 64 bytes, as long as a vector of AVX-512."""
    buffer = np.empty(n * dtype.itemsize + 64, np.uint8)
    begin = -buffer.ctypes.data % 64
    return buffer[begin : begin + n * dtype.itemsize].view(dtype)
