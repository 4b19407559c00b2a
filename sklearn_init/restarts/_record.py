"""The record of all restarts that a fitted estimator shows as ``restarts_``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sklearn_init.solvers import Restart

if TYPE_CHECKING:
    import pandas


class Restarts(Mapping):
    """What became of each restart: a mapping of arrays of shape (n_restarts,).

    =====================  ======================================================
    ``loss``               the last reported loss
    ``n_iter``             epochs (or L-BFGS iterations) of the last call
    ``validation_score``   the best validation score; NaN without early stopping
    ``diverged``           loss or weights became non-finite, or the loss exceeds
                           ten times the largest it started with
    ``time``               seconds of training
    =====================  ======================================================

    Attributes
    ----------
    start_loss : ndarray of shape (n_restarts,)
        The largest loss a restart started with: that of its first batch, or that of outputs
        which are all zero before the output activation.
    loss_curves : ndarray of shape (n_restarts, max_epochs)
        The loss after every epoch, filled up with NaN. L-BFGS has no curve.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((5,), solver="lbfgs", n_restarts=3, random_state=0).fit(X, y)
    >>> list(clf.restarts_)
    ['loss', 'n_iter', 'validation_score', 'diverged', 'time']
    >>> clf.restarts_["loss"].shape
    (3,)
    """

    def __init__(self, restarts: Sequence[Restart]):
        self._columns: dict[str, NDArray] = {
            "loss": np.array([r.loss for r in restarts]),
            "n_iter": np.array([r.n_iter for r in restarts]),
            "validation_score": np.array(
                [r.best_score if np.isfinite(r.best_score) else np.nan for r in restarts]
            ),
            "diverged": np.array([r.diverged for r in restarts]),
            "time": np.array([r.time for r in restarts]),
        }
        self.start_loss = np.array([r.start_loss for r in restarts])
        self._curves = [r.losses for r in restarts]

    @property
    def loss_curves(self) -> NDArray:
        """The loss after every epoch, of shape (n_restarts, max_epochs), filled up with NaN."""
        rows = np.full((len(self._curves), max(map(len, self._curves))), np.nan)
        for row, curve in zip(rows, self._curves, strict=True):
            row[: len(curve)] = curve
        return rows

    def __getitem__(self, name: str) -> NDArray:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the record as a data frame with one row per restart.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("Restarts.to_frame() needs pandas: pip install pandas.") from error
        return pandas.DataFrame(self._columns).rename_axis("restart")

    def __repr__(self) -> str:
        losses = self["loss"]
        measured = losses[~np.isnan(losses)]
        extent = f"{measured.min():.4g} to {measured.max():.4g}" if len(measured) else "unknown"
        return (
            f"<Restarts: {len(losses)} restarts, loss {extent}, {self['diverged'].sum()} diverged>"
        )
