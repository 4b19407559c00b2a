"""What `diagnose` returns: measures per restart and layer, and what they say."""

import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sklearn_init._mapping import ArrayMapping
from sklearn_init.diagnostics import DIAGNOSTICS, Finding
from sklearn_init.exceptions import UnhealthyNetworkError

if TYPE_CHECKING:
    import pandas

SHOWN = {
    "distinct_up_to_sign": "distinct",
    "rank": "rank",
    "z_variance": "var z",
    "saturated": "saturated",
    "dead": "dead",
    "always_on": "always on",
    "correlation": "correlation",
    "delta_variance": "var delta",
    "gradient_norm": "gradient",
}
"""The measures of the printed table, and what its columns are called."""

WIDTH = 99
"""The longest line of a sentence."""

MOST_LAYERS = 12
"""A longer table is cut in the middle."""


class Diagnosis(ArrayMapping):
    """What `diagnose` found out: a mapping of arrays of shape (n_restarts, n_layers).

    The names are those of `sklearn_init.diagnostics.DIAGNOSTICS`; the last layer is the output
    layer. What belongs to hidden units is NaN there, and so are gradients where no `y` was given.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_restarts, n_layers)
        The arrays.
    findings : sequence of Finding
        What is wrong, with verdict and remedy; empty if nothing is.
    restarts : ndarray of int of shape (n_restarts,)
        Which restarts the rows of the arrays belong to.
    sizes : tuple of int
        ``(n_features, *hidden_layer_sizes, n_outputs)``.
    n_rows : int
        How many rows of X were looked at.
    is_trained : bool
        Whether the networks were trained, by one epoch at least.
    losses : ndarray of shape (n_restarts, 2)
        The loss of each trained network on the rows, and that of the best constant prediction,
        with class weights and without the penalty; NaN without targets.

    Attributes
    ----------
    findings, restarts, sizes, n_rows, is_trained, losses
        As above.
    is_healthy : bool
        Whether there are no findings.

    See Also
    --------
    sklearn_init.diagnose : Make it.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_init import InitMLPClassifier
    >>> from sklearn_init.inspection import diagnose
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = InitMLPClassifier((5, 5), weight_init="zeros", random_state=0)
    >>> with warnings.catch_warnings():  # of symmetry, which is what is to be seen
    ...     warnings.simplefilter("ignore")
    ...     diagnosis = diagnose(clf.initialize(X, y), X, y)
    >>> diagnosis.is_healthy, diagnosis["distinct_units"]
    (False, array([[ 1.,  1., nan]]))
    """

    def __init__(
        self,
        columns: Mapping[str, NDArray],
        findings: Sequence[Finding],
        *,
        restarts: NDArray,
        sizes: tuple[int, ...],
        n_rows: int,
        is_trained: bool,
        losses: NDArray,
    ):
        self._columns = dict(columns)
        self.findings = list(findings)
        self.restarts, self.sizes, self.n_rows = restarts, sizes, n_rows
        self.is_trained, self.losses = is_trained, losses

    @property
    def is_healthy(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    def raise_if_unhealthy(self) -> None:
        """Raise an error that says what is wrong; do nothing if nothing is.

        For scripts that should not go on to train a network that cannot learn.

        Raises
        ------
        UnhealthyNetworkError
            With all findings.

        See Also
        --------
        sklearn_init.diagnose : Find out.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.preprocessing import scale
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import diagnose
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((20,), random_state=0).initialize(scale(X), y)
        >>> diagnose(clf, scale(X), y).raise_if_unhealthy()
        """
        if self.findings:
            raise UnhealthyNetworkError("\n".join(self._describe_findings()))

    def to_frame(self) -> "pandas.DataFrame":
        """Return the measures as a data frame with one row per restart and layer.

        Findings are not in it.

        Returns
        -------
        pandas.DataFrame
            Its index has the levels ``restart`` and ``layer``, from 0, the output layer's last.

        Raises
        ------
        ImportError
            If pandas is not installed.

        See Also
        --------
        sklearn_init.diagnose : Make the diagnosis.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.preprocessing import scale
        >>> from sklearn_init import InitMLPClassifier
        >>> from sklearn_init.inspection import diagnose
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = InitMLPClassifier((20,), random_state=0).initialize(scale(X), y)
        >>> diagnose(clf, scale(X), y).to_frame()["distinct_units"].tolist()
        [20.0, nan]
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("Diagnosis.to_frame() needs pandas: pip install pandas.") from error
        layers = range(len(self.sizes) - 1)
        index = pandas.MultiIndex.from_product([self.restarts, layers], names=["restart", "layer"])
        return pandas.DataFrame({n: a.ravel() for n, a in self._columns.items()}, index)

    def __repr__(self) -> str:
        count = f"{len(self.findings)} finding{'' if len(self.findings) == 1 else 's'}"
        state = "healthy" if self.is_healthy else count
        return f"<Diagnosis: {self._describe_networks()}, {state}>"

    def __str__(self) -> str:
        lines = [f"{self._describe_networks()}, {self.n_rows} rows of X"]
        lines += ["", *self._format_table(), ""]
        sentences = self._describe_findings() or [self._describe_health()]
        return "\n".join(lines + [textwrap.fill(sentence, WIDTH) for sentence in sentences])

    def _repr_html_(self) -> str:
        header, *rows = self._make_table()
        meanings = {SHOWN[name]: row.meaning for name, row in DIAGNOSTICS.items() if name in SHOWN}
        cells = "".join(
            f'<th title="{escape(meanings.get(cell, ""))}">{escape(cell)}</th>' for cell in header
        )
        lines = [f"<tr>{cells}</tr>"]
        for row in rows:
            lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
        items = "".join(f"<li>{escape(line)}</li>" for line in self._describe_findings())
        verdict = f"<ul>{items}</ul>" if items else f"<p>{escape(self._describe_health())}</p>"
        caption = escape(f"{self._describe_networks()}, {self.n_rows} rows of X")
        return f"<p><b>{caption}</b></p>{verdict}<table>{''.join(lines)}</table>"

    def _describe_networks(self) -> str:
        state = "trained" if self.is_trained else "initialized"
        count = f"{len(self.restarts)} restart{'' if len(self.restarts) == 1 else 's'}"
        hidden = "-".join(map(str, _shorten_list(self.sizes)))
        return f"{state} network {hidden}, {count}"

    def _describe_health(self) -> str:
        healthy = "No finding: signals and gradients are healthy in all layers."
        if not self.is_trained:
            return f"{healthy} If training fails, initialization is not the problem."
        loss, constant_loss = self.losses[0]
        if np.isnan(constant_loss):
            return healthy
        return f"{healthy} The loss is {loss:.3g}; a constant prediction has {constant_loss:.3g}."

    def _describe_findings(self) -> list[str]:
        """Return a sentence per finding, with the restarts if there are several."""
        if len(self.restarts) == 1:
            return [str(finding) for finding in self.findings]
        return [
            f"restart{'' if len(f.restarts) == 1 else 's'} {', '.join(map(str, f.restarts))}: {f}"
            for f in self.findings
        ]

    def _format_table(self) -> list[str]:
        rows = self._make_table()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return ["  ".join(map(str.rjust, row, widths)).rstrip() for row in rows]

    def _make_table(self) -> list[list[str]]:
        """Return the medians over restarts as text, a row per layer, below a header."""
        n_layers = len(self.sizes) - 1
        with np.errstate(all="ignore"):
            medians = {name: _median(self._columns[name]) for name in SHOWN}
        names = [name for name in SHOWN if not np.isnan(medians[name]).all()]
        rows = [["layer", "units", *(SHOWN[name] for name in names)]]
        for layer in _shorten_list(range(n_layers)):
            if layer == "...":
                rows.append(["..."] * len(rows[0]))
                continue
            label = "output" if layer == n_layers - 1 else str(layer + 1)
            cells = [_format(medians[name][layer], DIAGNOSTICS[name].unit) for name in names]
            rows.append([label, str(self.sizes[layer + 1]), *cells])
        return rows


def _shorten_list(items: Sequence) -> list:
    """Return the items, with "..." in place of those in the middle if there are many."""
    if len(items) <= MOST_LAYERS:
        return list(items)
    return [*items[: MOST_LAYERS // 2], "...", *items[-MOST_LAYERS // 2 :]]


def _median(column: NDArray) -> NDArray:
    """Return the median over restarts, NaN only where all are."""
    ordered = np.sort(column, axis=0)  # NaN last
    n = (~np.isnan(column)).sum(axis=0)
    layers = np.arange(column.shape[1])
    return (ordered[np.maximum(n - 1, 0) // 2, layers] + ordered[n // 2 % len(column), layers]) / 2


def _format(number: float, unit: str) -> str:
    if np.isnan(number):
        return "-"
    if unit == "share":
        return f"{100 * number:.0f}%"
    return f"{number:.0f}" if unit == "units" else f"{number:.3g}"
