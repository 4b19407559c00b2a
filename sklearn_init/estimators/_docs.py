"""Texts that the docstrings of both estimators share, and the decorator that inserts them.

A line of a docstring that contains only ``{name}`` stands for ``FRAGMENTS["name"]``.
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
    """Return the fragment that a placeholder stands for, with its own placeholders replaced."""
    text = PLACEHOLDER.sub(_indented, FRAGMENTS[match["name"]].strip("\n"))
    return textwrap.indent(text, match["indent"])


FRAGMENTS = {
    "parameters": PARAMETERS,
    "attributes": ATTRIBUTES,
    "objective": """
**Objective.** Training lowers the weighted mean of a loss per row, plus a penalty::

    (sum_i w_i loss(z_i, y_i) + alpha / 2 sum(W**2)) / sum_i w_i

The sums run over the rows ``i`` of a batch, or of all training rows with ``"lbfgs"``. ``w_i``
is the sample weight of the row, or 1. ``z_i`` is the value of the output layer before its
activation, and ``W`` are the weights of all layers.
""",
    "log_loss": """
{objective}

**Loss.** The negative log-likelihood of the labels (log-loss).

- With two classes, or several labels per row (``out_activation_="logistic"``): that of
  independent Bernoulli variables, ``-sum_k (y_k log(p_k) + (1 - y_k) log(1 - p_k))`` with
  ``p_k = 1 / (1 + exp(-z_k))``.
- With more classes (``out_activation_="softmax"``): that of a categorical variable,
  ``-log(p_c)`` for a row of class ``c``, with ``p_k = exp(z_k) / sum_j exp(z_j)``.

The reported `loss_` clips ``p`` to [eps, 1 - eps], where ``eps`` is the machine epsilon.
""",
    "behavior": """
**Random streams.** `random_state` makes one main stream. Whatever the schemes are, this stream
draws scikit-learn's default start, then the split if rows are held out, then one permutation of
the rows per epoch. So every scheme and every restart uses the split and the batches of
scikit-learn's estimator with the same `random_state`; only the start differs. With `X_val`, no
rows are held out, and the batches are those without early stopping. All other numbers come from
streams of their own, one per restart and layer, so a restart does not depend on how many others
train beside it. The units that `dropout` leaves out are a hash of the restart's seed, the epoch,
the batch, the layer and the place in it; they are the same for any `n_jobs`.

**Restarts.** The best restart is the one with the lowest `loss_`, or with
``restart_criterion="validation"`` the one with the highest score on the validation rows. The lower
loss breaks ties, then the lower index. Restarts that diverged rank last. A restart has diverged
if its loss or weights became non-finite, or if its loss exceeds ten times the largest loss it
started with, which is the loss of the first batch or that of outputs that are zero before the
output activation. Restarts that a race has dropped rank before those that diverged. A race
decides by losses or scores at fixed epochs, never by time, and a restart in a race has the
weights that it would have in full training. Only ``"lbfgs"`` continues from rung to rung from the
weights alone. A restart that stops by `tol` leaves the race with its loss.

**Continuing.** A call of `fit` with ``warm_start=True``, or of `partial_fit`, continues exactly
where the last such call stopped: with its weights, moments of the solver, learning rate, order of
the rows, dropout and patience. Ten epochs and ten more equal twenty, except in races, which end
with the call. If the number of rows changes, their order starts again. ``"lbfgs"`` continues
from the weights alone, and so does every call after a `fit` or `initialize` with
``warm_start=False``. In `fit`, restarts that have stopped do not train while others continue; if
all have stopped, a further call resets their patience. A restart that a race has dropped does not
train again. `partial_fit` trains every other restart whose weights are finite.

**Interrupts and errors.** Ctrl-C ends training. The estimator keeps the best finite weights
reached by then, and the KeyboardInterrupt propagates; its message says which weights are kept and
how to go on. Restarts that train in other processes fall back to where the call, or the rung of
the race, began. An error leaves the estimator as it was before the call, and so does an interrupt
before there are weights to keep.
""",
    "deviations": """
{behavior}

**Deviations from scikit-learn.** A warm start keeps moments, learning rate and order of the rows
instead of resetting them, and `partial_fit` keeps the order of the rows. An interrupt raises
KeyboardInterrupt instead of a warning. These are errors: negative sample weights, layer sizes
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
    Training data, finite. float32 data train in float32, all other data in float64. A call that
    continues training uses the type of the first call.
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
    Weight of each row in the loss, or in validation loss and score if the row is held out. Weights
    are at least 0, and not all are 0. None gives all rows the same weight.
""",
    "validation_set": """
X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
    Validation rows, at least two, given together with `y_val`. Then no rows of `X` are held out.
    Training does not use the validation rows. The network is evaluated on them after every epoch
    (see `validation_loss_curve_`), `restart_criterion` chooses by them unless it is ``"loss"``,
    and `early_stopping` stops by them.
y_val : {array-like, sparse matrix} of shape (n_val,) or (n_val, n_outputs), default=None
    Targets of the validation rows, in the form of `y`. Classes of `y` may be missing, but new
    classes are an error.
sample_weight_val : array-like of shape (n_val,), default=None
    Weights of the validation rows in validation loss and score, in the form of `sample_weight`.
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
    Weight of each row in the score. None gives all rows the same weight.
""",
    "train_results": """
Returns
-------
object
    The estimator itself, fitted.

Raises
------
ValueError
    If a parameter or the data is not allowed; if a call that continues training asks for other
    layer sizes or another `n_restarts`; or if no restart ends with finite weights.
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
    If `batch_size` exceeds the number of training rows, or if ``restart_combine="average"``
    averages fewer than `restart_keep` networks, or only one.

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
    If `batch_size` exceeds the number of training rows, or if ``restart_combine="average"``
    averages fewer than `restart_keep` networks, or only one.

See Also
--------
fit : Train until the loss or the validation score no longer improves.
""",
    "start_warnings": """
SymmetryWarning
    If units of a hidden layer are identical or mirror images at the start, unless the layer has
    dropout, or if all weights into a hidden layer are zero and never get a gradient.
UserWarning
    If all restarts start from the same weights and there is no dropout.
""",
    "initialize": """
The starts of all restarts are drawn (8 with ``n_restarts="auto"``), and the first one becomes
the fitted network: `coefs_` equals `initial_coefs_`, `n_iter_` is 0, and `loss_` is the loss over
the training rows. `restarts_` has the losses of all starts. The data determine the sizes of
layers, the labels, the losses and the schemes that use data. `fit` with the same int or
RandomState starts from the same weights. To continue from them with the moments and the order of
the rows that `fit` would have, set ``warm_start=True``.
""",
    "initialize_results": """
Returns
-------
object
    The estimator itself, with the attributes of a fitted one.

Raises
------
ValueError
    If a parameter or the data is not allowed.

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
