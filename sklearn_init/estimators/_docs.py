"""What the docstrings of both estimators share, and the decorator that writes it there.

A line of a docstring that holds nothing but ``{name}`` stands for ``FRAGMENTS["name"]``.
"""

import re
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

from sklearn_init.estimators._parameter_docs import ATTRIBUTES, PARAMETERS

Documented = TypeVar("Documented", bound=Callable[..., Any])

PLACEHOLDER = re.compile(r"^(?P<indent> *)\{(?P<name>\w+)\}$", re.MULTILINE)


def documented(target: Documented) -> Documented:
    """Replace the placeholders in the docstring of a class or function, and return it."""
    if target.__doc__:  # python -OO strips docstrings
        target.__doc__ = PLACEHOLDER.sub(_indented, target.__doc__)
    return target


def _indented(match: re.Match[str]) -> str:
    """Return the fragment a placeholder stands for, its own ones replaced, indented like it."""
    text = PLACEHOLDER.sub(_indented, FRAGMENTS[match["name"]].strip("\n"))
    return textwrap.indent(text, match["indent"])


FRAGMENTS = {
    "parameters": PARAMETERS,
    "attributes": ATTRIBUTES,
    "objective": """
**Objective.** Training lowers the weighted mean of a loss per row, plus a penalty::

    (sum_i w_i loss(z_i, y_i) + alpha / 2 sum(W**2)) / sum_i w_i

The sums run over the rows ``i`` of a batch, or of the whole data with ``"lbfgs"``. ``w_i`` is
the row's sample weight or 1, ``z_i`` the output layer's value before its activation, and
``W`` are the weights of all layers.
""",
    "log_loss": """
{objective}

**Loss.** The negative log-likelihood of the labels (log-loss).

- Two classes, or several labels per row (``out_activation_="logistic"``): that of independent
  Bernoulli variables, ``-sum_k (y_k log(p_k) + (1 - y_k) log(1 - p_k))`` with
  ``p_k = 1 / (1 + exp(-z_k))``.
- More classes (``out_activation_="softmax"``): that of a categorical variable, ``-log(p_c)`` for
  a row of class ``c``, with ``p_k = exp(z_k) / sum_j exp(z_j)``.

The reported `loss_` clips ``p`` to [eps, 1 - eps], where ``eps`` is the machine epsilon.
""",
    "behavior": """
**Random streams.** `random_state` makes one main stream. It draws scikit-learn's default
start, then the split if rows are held out, then one permutation of the rows per epoch, whatever
the schemes. So every scheme and every restart sees the split and the batches of
scikit-learn's estimator with the same `random_state`; only the start differs. With `X_val` no
rows are held out: the batches are those without early stopping. All else is drawn from streams
keyed by restart and layer, so that a restart does not depend on how many run beside it. What
`dropout` leaves out is a hash of the restart's seed, the epoch, the batch, the layer and the
place in it, the same for any `n_jobs`.

**Restarts.** The best restart is the one with the lowest `loss_`, or by
``restart_criterion="validation"`` the one with the highest score on the validation rows. Ties go
to the lower loss, then to the lower index. Restarts that diverged come last: their loss or
weights became non-finite, or their loss exceeds ten times the largest they started with, which
is that of the first batch or that of outputs that are zero before the output activation. Before
them come those a race has dropped. A race decides by losses or scores at fixed epochs, never by
time, and a restart in it has the weights it would have in full training; only ``"lbfgs"`` goes on
from rung to rung from the weights alone. What stops by `tol` leaves the race with its loss.

**Going on.** A call of `fit` with ``warm_start=True``, or of `partial_fit`, goes on exactly
where such a call stopped, with weights, moments of the solver, step size, order of the rows,
dropout and patience: ten epochs and ten more equal twenty, but for races, which end with a
call. With another number of rows, their order starts anew. ``"lbfgs"`` goes on from the weights
alone, and so does everything after a `fit` or `initialize` with ``warm_start=False``. In `fit`,
restarts that have stopped stay so while others go on; if all have stopped, a further call starts
their patience anew. What a race has dropped stays out. `partial_fit` trains every other restart
whose weights are finite.

**Interrupts and errors.** Ctrl-C ends training. The estimator keeps the best finite weights
reached by then, and the KeyboardInterrupt propagates; its message says which weights are kept and
how to go on. Restarts that train in other processes fall back to where the call, or the rung of
the race, began. An error leaves the estimator as it was before the call, and so does an interrupt
before there are weights to keep.
""",
    "deviations": """
{behavior}

**Deviations from scikit-learn.** A warm start goes on with moments, step size and order of
the rows instead of starting them anew, and so does `partial_fit` with the order of the rows.
An interrupt is not turned into a warning. Errors are: negative sample weights, layer sizes
that changed under ``warm_start=True``,
""",
    "references": """
References
----------
.. [1] Kingma, Ba. "Adam: a method for stochastic optimization". ICLR 2015. arXiv:1412.6980.
.. [2] Glorot, Bengio. "Understanding the difficulty of training deep feedforward neural
   networks". AISTATS 2010.
.. [3] He, Zhang, Ren, Sun. "Delving deep into rectifiers". ICCV 2015. arXiv:1502.01852.
.. [4] Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov. "Dropout: a simple way to
   prevent neural networks from overfitting". JMLR 15, 2014.
.. [5] Jamieson, Talwalkar. "Non-stochastic best arm identification and hyperparameter
   optimization". AISTATS 2016.
""",
    "X_train": """
X : {array-like, sparse matrix} of shape (n_samples, n_features)
    Training data, finite. float32 is trained in float32, all else in float64; a call that goes
    on keeps to the first one's type.
""",
    "y_labels": """
y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_labels)
    Class labels, or a matrix of zeros and ones for several labels per row.
""",
    "y_numbers": """
y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    Targets, finite; at least 0 with ``loss="poisson"``.
""",
    "sample_weight": """
sample_weight : array-like of shape (n_samples,), default=None
    Weight of each row in the loss, and in the validation loss and score if it is held out; at
    least 0 and not all 0. None weighs all rows alike.
""",
    "validation_set": """
X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
    Validation rows, at least two, given together with `y_val`; then none are held out of `X`.
    Training does not see them. They are judged after every epoch (see `validation_loss_curve_`),
    `restart_criterion` chooses by them unless it is ``"loss"``, and `early_stopping` stops by
    them.
y_val : {array-like, sparse matrix} of shape (n_val,) or (n_val, n_outputs), default=None
    Their targets, of the kind of `y`. Classes may be missing, but none may be new.
sample_weight_val : array-like of shape (n_val,), default=None
    Their weights in validation loss and score, of the kind of `sample_weight`.
""",
    "labeled_data": """
Parameters
----------
{X_train}
{y_labels}
{sample_weight}
""",
    "numeric_data": """
Parameters
----------
{X_train}
{y_numbers}
{sample_weight}
""",
    "new_data": """
Parameters
----------
X : {array-like, sparse matrix} of shape (n_samples, n_features)
    Data with the features seen in training, finite.
""",
    "score_weight": """
sample_weight : array-like of shape (n_samples,), default=None
    Weight of each row in the score. None weighs all rows alike.
""",
    "train_results": """
Returns
-------
object
    The estimator itself, fitted.

Raises
------
ValueError
    If a parameter or the data is not allowed, the message naming what and why; if a call that
    goes on finds other layer sizes or another `n_restarts`; or if no restart ends with
    finite weights.
KeyboardInterrupt
    If the user interrupts training. The message says which weights the estimator keeps, and how
    to go on.
""",
    "fit_results": """
{train_results}

Warns
-----
ConvergenceWarning
    If a restart ran for `max_iter` epochs or iterations without converging, or diverged.
{start_warnings}
UserWarning
    If `batch_size` exceeds the number of training rows, or ``restart_combine="average"`` averages
    fewer than `restart_keep` networks, or one.

See Also
--------
partial_fit : Train for one epoch.
initialize : Draw the starts without training.
restart : Get the fitted estimator of another restart.
""",
    "partial_fit_results": """
{train_results}

Warns
-----
{start_warnings}
UserWarning
    If `batch_size` exceeds the number of training rows, or ``restart_combine="average"`` averages
    fewer than `restart_keep` networks, or one.

See Also
--------
fit : Train until the loss or the validation score no longer improves.
""",
    "start_warnings": """
SymmetryWarning
    If units of a hidden layer without dropout are identical at the start.
UserWarning
    If all restarts start from the same weights, without dropout.
""",
    "initialize": """
All restarts are drawn (8 with ``n_restarts="auto"``), and the first one's network is stored as a
fitted one: `coefs_` equals `initial_coefs_`, `n_iter_` is 0, and `loss_` is the loss over the
training rows.
`restarts_` has the losses of all. Data matters for sizes, labels, losses and schemes that look
at it. `fit` with the same int or RandomState starts from the same weights. To go on from them
with the moments and the order of the rows `fit` would have, set ``warm_start=True``.
""",
    "initialize_results": """
Returns
-------
object
    The estimator itself, with the attributes of a fitted one.

Raises
------
ValueError
    If a parameter or the data is not allowed, the message naming what and why.

Warns
-----
{start_warnings}

See Also
--------
fit : Draw the starts and train.
draw : Draw a start without an estimator.
""",
    "predict_results": """
Raises
------
NotFittedError
    If the estimator is not fitted.
ValueError
    If the data is not allowed, or does not have the features seen in training.

See Also
--------
fit : Train the network.
restart : Get the fitted estimator of another restart.
""",
    "class_columns": """
{new_data}

Returns
-------
ndarray of shape (n_samples, n_classes)
    One column per class, in the order of `classes_`.

{predict_results}
""",
}
