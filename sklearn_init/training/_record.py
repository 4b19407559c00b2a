"""The record of all restarts that a fitted estimator shows as ``restarts_``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_init._mapping import ArrayMapping
from sklearn_init.solvers import Restart
from sklearn_init.training._expected_best import ExpectedBest
from sklearn_init.training._minima import TINY, Minima, label_minima
from sklearn_init.training._race import rank

if TYPE_CHECKING:
    import pandas


ON_UNSEEN_ROWS = (
    "on unseen rows the gain may be smaller. To measure it, give expected_best() the score of "
    "each restart on a test set: [est.restart(r).score(X_test, y_test) for r in range(n)]."
)
OF_LOSSES = f"These are training losses; {ON_UNSEEN_ROWS}"
OF_SCORES = f"These are scores by which restarts are chosen; {ON_UNSEEN_ROWS}"


class Restarts(ArrayMapping):
    """What became of each restart: a mapping of arrays of shape (n_restarts,).

    =====================  ======================================================
    ``loss``               the last reported loss
    ``n_iter``             epochs (or L-BFGS iterations) of the last call
    ``validation_score``   the score on the validation rows; NaN without them
    ``diverged``           loss or weights became non-finite, or the loss exceeds
                           ten times the largest it started with
    ``dropped``            lost a race, so that it was not trained to the end
    ``time``               seconds of training
    =====================  ======================================================

    Attributes
    ----------
    start_loss : ndarray of shape (n_restarts,)
        The largest loss a restart started with: that of its first batch, or that of outputs
        which are all zero before the output activation.
    loss_curves : ndarray of shape (n_restarts, max_epochs)
        The loss after every epoch, filled up with NaN. L-BFGS has no curve.
    validation_loss_curves, validation_score_curves : ndarray of shape (n_restarts, max_epochs)
        Loss, without the penalty, and score on the validation rows after every epoch, filled up
        with NaN.
    stop_reason : str
        Why ``n_restarts="auto"`` trained so many; else empty.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((5,), solver="lbfgs", n_restarts=3, random_state=0).fit(X, y)
    >>> list(clf.restarts_)
    ['loss', 'n_iter', 'validation_score', 'diverged', 'dropped', 'time']
    >>> clf.restarts_["loss"].shape
    (3,)
    """

    def __init__(
        self,
        restarts: Sequence[Restart],
        *,
        by_score: bool = False,
        predictions: NDArray | None = None,
        stop_reason: str = "",
    ):
        self._columns: dict[str, NDArray] = {
            "loss": np.array([r.loss for r in restarts]),
            "n_iter": np.array([r.n_iter for r in restarts]),
            "validation_score": np.array(
                [r.best_score if np.isfinite(r.best_score) else np.nan for r in restarts]
            ),
            "diverged": np.array([r.diverged for r in restarts]),
            "dropped": np.array([r.dropped for r in restarts]),
            "time": np.array([r.time for r in restarts]),
        }
        self.start_loss = np.array([r.start_loss for r in restarts])
        self.stop_reason = stop_reason
        self._curves = [(r.losses, r.validation_losses, r.scores) for r in restarts]
        self._order = np.array([r.index for r in rank(restarts, by_score=by_score)])
        self._by_score, self._predictions = by_score, predictions

    @property
    def loss_curves(self) -> NDArray:
        """The loss after every epoch, of shape (n_restarts, max_epochs), filled up with NaN."""
        return self._stack_curves(0)

    @property
    def validation_loss_curves(self) -> NDArray:
        """The loss on the validation rows after every epoch, of the same shape."""
        return self._stack_curves(1)

    @property
    def validation_score_curves(self) -> NDArray:
        """The score on the validation rows after every epoch, of the same shape."""
        return self._stack_curves(2)

    def _stack_curves(self, kind: int) -> NDArray:
        rows = np.full(
            (len(self._curves), max(len(losses) for losses, *_ in self._curves)), np.nan
        )
        for row, curves in zip(rows, self._curves, strict=True):
            row[: len(curves[kind])] = curves[kind]
        return rows

    def expected_best(
        self, values: ArrayLike | None = None, *, coverage: float = 0.9
    ) -> ExpectedBest:
        """Return what the best of 1, 2, ... restarts is expected to reach.

        ``print(est.restarts_.expected_best())`` says in a sentence how many are worth it.

        Parameters
        ----------
        values : array-like of shape (n_restarts,), default=None
            What to report of the restart that is chosen, such as its score on a test set. None
            reports what it is chosen by: the loss, or the validation score.
        coverage : float, default=0.9
            The probability of the intervals, above 0 and below 1.

        Returns
        -------
        ExpectedBest
            With `n`, `mean`, `lower` and `upper`, each of shape (n_restarts,), and
            ``find_n_within(tolerance)``.

        Raises
        ------
        ValueError
            If restarts were dropped, as nobody knows where they would have ended; if there are not
            as many values as restarts; or if no value is finite.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier(
        ...     (10,), learning_rate_init=0.02, tol=0.01, n_restarts=9, random_state=0
        ... )
        >>> expected = clf.fit(X, y).restarts_.expected_best()
        >>> len(expected.mean), bool(expected.mean[-1] == clf.loss_)
        (9, True)
        """
        if self["dropped"].any():
            raise ValueError(
                "expected_best() needs every restart trained to the end, but the race dropped "
                f"{self['dropped'].sum()} of {len(self['dropped'])}: set restart_strategy='full'."
            )
        if not 0 < coverage < 1:
            raise ValueError(f"coverage={coverage!r} is not allowed: expected above 0, below 1.")
        meaning = ""
        if values is None:
            values = self["validation_score" if self._by_score else "loss"]
            values = np.where(self["diverged"], np.nan, values)
            meaning = OF_SCORES if self._by_score else OF_LOSSES
        reached = np.asarray(values, dtype=np.float64)
        if reached.shape != self._order.shape:
            raise ValueError(
                f"values has the shape {reached.shape}, but there are {len(self._order)} restarts."
            )
        ordered = reached[self._order]
        is_finite = np.isfinite(ordered)
        if not is_finite.any():
            raise ValueError("values are not finite for any restart, or all restarts diverged.")
        # one that diverged counts as the last one that did not
        ordered[~is_finite] = ordered[is_finite][-1]
        return ExpectedBest.of(ordered, coverage, meaning)

    def n_minima(self, tol: float = 0.01) -> Minima:
        """Return how many minima the restarts of a tiny network ended in.

        Minima are told apart by predictions for at most 50 of the training rows. It says
        something where training reaches minima, as ``solver="lbfgs"`` does: stopped on the way,
        every restart counts as a minimum of its own. Larger networks have continua of minima.

        Parameters
        ----------
        tol : float, default=0.01
            The largest root mean squared difference between predictions of the same minimum, as
            a share of what predictions span, at least 0.

        Returns
        -------
        Minima
            With `n_found`, `labels`, and the estimates `n_expected` and `coverage`.

        Raises
        ------
        ValueError
            If the network has more than 1000 parameters, or there is only one restart.

        Examples
        --------
        >>> from sklearn_init import InitMLPClassifier
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> clf = InitMLPClassifier((2,), activation="tanh", solver="lbfgs", n_restarts=20,
        ...                         alpha=0.01, random_state=0).fit(X, y)
        >>> minima = clf.restarts_.n_minima()
        >>> len(minima.labels), minima.n_found == len(set(minima.labels))
        (20, True)
        """
        if self._predictions is None:
            raise ValueError(
                f"n_minima() is for networks of at most {TINY} parameters, as larger ones have "
                "continua of minima, and for two restarts at least. Pickles and files hold what "
                "it needs only after a fit with warm_start=True."
            )
        if not 0 <= tol < np.inf:
            raise ValueError(f"tol={tol!r} is not allowed: expected a number >= 0.")
        labels = np.full(len(self._order), -1)
        is_in_minimum = ~(self["diverged"] | self["dropped"])
        predictions = self._predictions[is_in_minimum]
        if len(predictions):
            span = float(np.ptp(predictions))
            losses = self["loss"][is_in_minimum]
            labels[is_in_minimum] = label_minima(predictions, losses, tol * span)
        return Minima.of(labels)

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
        ends = [f"{self[name].sum()} {name}" for name in ("diverged", "dropped")]
        return f"<Restarts: {len(losses)} restarts, loss {extent}, {', '.join(ends)}>"
