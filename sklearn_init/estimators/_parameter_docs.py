"""What the docstrings of both estimators say about parameters and attributes."""

PARAMETERS = """
hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
    Number of units of each hidden layer, at least 1 each. An int makes one layer. ``()`` makes
    none, and so a linear model.
activation : str, Activation, list or tuple, default="relu"
    What a hidden unit makes of its input ``z``: a name, an `Activation`, or one of them per
    hidden layer. scikit-learn has the first four names.

    - ``"identity"``: ``z``, so that the whole network is linear.
    - ``"logistic"``: ``1 / (1 + exp(-z))``.
    - ``"tanh"``: ``tanh(z)``.
    - ``"relu"``: ``max(0, z)``.
    - ``"leaky_relu"``: ``max(z, z / 100)``.
    - ``"elu"``: ``z`` if positive, else ``exp(z) - 1``.
    - ``"selu"``: 1.0507 times ``z`` if positive, else times ``1.6733 (exp(z) - 1)``.
    - ``"gelu"``: ``z`` times the normal distribution function of ``z``.
    - ``"silu"``: ``z / (1 + exp(-z))``.
    - ``"mish"``: ``z tanh(log(1 + exp(z)))``.
    - ``"softplus"``: ``log(1 + exp(z))``.
    - ``"softsign"``: ``z / (1 + abs(z))``.
    - ``"sine"``, ``"arctan"``: ``sin(z)``, ``arctan(z)``.
    - ``"hard_tanh"``: ``z``, but at least -1 and at most 1.

    With an `Activation` of your own, training takes the reference passes, in NumPy: slower, and
    restarts run in processes instead of threads.
solver : {"lbfgs", "sgd", "adam"}, default="adam"
    What lowers the objective.

    - ``"lbfgs"``: limited-memory BFGS, a quasi-Newton method. Every step sees the whole data.
      On small data it is often the fastest and ends lowest. It works in float64 internally.
    - ``"sgd"``: gradient descent with momentum, one step per batch.
    - ``"adam"``: Adam [1]_, one step per batch. A good start for thousands of rows and more.
alpha : float, default=0.0001
    Strength of the L2 penalty on the weights, at least 0. Biases are not penalized.
batch_size : int or "auto", default="auto"
    Number of rows per step, at least 1; ``"auto"`` is ``min(200, n_rows)``. A larger number
    than there are training rows is clipped, with a warning. Not used by ``"lbfgs"``.
learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
    How the step size moves. Only used by ``"sgd"``.

    - ``"constant"``: it stays `learning_rate_init`.
    - ``"invscaling"``: it is ``learning_rate_init / (t_ + 1) ** power_t`` after every epoch.
    - ``"adaptive"``: it is divided by 5 where training would stop otherwise. Training stops
      when it is at most 1e-6.
learning_rate_init : float, default=0.001
    Step size at the start, above 0. Not used by ``"lbfgs"``.
power_t : float, default=0.5
    Exponent of ``learning_rate="invscaling"``, at least 0. Only used by ``"sgd"``.
max_iter : int, default=200
    Largest number of epochs of one call, at least 1. An epoch takes every training row once.
    For ``"lbfgs"``, the largest number of iterations.
shuffle : bool, default=True
    Whether every epoch takes the rows in a new random order. Not used by ``"lbfgs"``.
random_state : int, RandomState instance or None, default=None
    Source of the starts, the split that holds rows out and the order of the rows; see Notes.
    An int gives the same numbers in every call. None takes NumPy's global stream.
tol : float, default=1e-4
    Smallest change of the loss, or with early stopping of the validation score, that counts as
    an improvement; at least 0. ``"lbfgs"`` stops when no component of the gradient exceeds it,
    or when the objective changes by less than 2.2e-9 of itself.
verbose : bool or int, default=False
    What to print.

    - 0 or False: nothing.
    - 1 or True: a line when a restart ends, or a rung of a race, and every five seconds in
      between. The lines show the epoch, the training loss, the best restart so far and the time
      left if no restart stops early.
    - 2 or more: a line per epoch or iteration with loss and validation score, as scikit-learn
      does for True.
warm_start : bool, default=False
    Whether `fit` goes on with the fitted network instead of new starts; see Notes.
momentum : float, default=0.9
    Share of the last step that enters the next, from 0 to 1. Only used by ``"sgd"``.
nesterovs_momentum : bool, default=True
    Whether the momentum is Nesterov's. Only used by ``"sgd"``.
early_stopping : bool, default=False
    Whether to stop by the score on validation rows instead of the loss, and to keep the weights
    of the epoch that scored best. The rows are those `fit` is given as `X_val`, or else held out
    of `X`: with two classes the split is stratified, else it is not. The score is that of
    `scoring`. Ignored by ``"lbfgs"``, an error with `partial_fit`.
validation_fraction : float, default=0.1
    Share of the rows that early stopping or ``restart_criterion="validation"`` holds out, at
    least 0 and below 1. It must leave two rows or more on that side. Not used where `fit` is
    given `X_val`.
beta_1 : float, default=0.9
    Decay per step of the mean gradient, at least 0 and below 1. Only used by ``"adam"``.
beta_2 : float, default=0.999
    Decay per step of the mean squared gradient, at least 0 and below 1. Only used by
    ``"adam"``.
epsilon : float, default=1e-8
    What is added to the root mean squared gradient, above 0. Only used by ``"adam"``.
n_iter_no_change : int, default=10
    Patience: training stops after more than this many epochs in a row without improvement. At
    least 1; ``numpy.inf`` trains for `max_iter` epochs. Not used by ``"lbfgs"``.
max_fun : int, default=15000
    Largest number of evaluations of the objective, at least 1. Only used by ``"lbfgs"``.
weight_init : str, Initializer, callable, dict, list or tuple, default="sklearn"
    How the initial weights are drawn.

    - str: one of `get_initializer_names`. ``"sklearn"`` is the start of scikit-learn's MLPs,
      ``"torch"`` that of torch's ``nn.Linear``, biases included. ``"glorot_uniform"`` [2]_ suits
      tanh, ``"he_normal"`` [3]_ relu.
    - Initializer: an object such as ``VarianceScaling(scale=2.0)``. Its parameters can be
      searched as ``weight_init__scale``.
    - callable: ``f(fan_in, fan_out, rng)`` returns an array of shape (fan_in, fan_out), drawn
      from the `numpy.random.Generator` it is given.
    - dict: ``{"hidden": s, "output": t}``, one scheme for all hidden layers and one for the
      output layer.
    - list or tuple: one entry per weight matrix, the output layer's included. An entry is None
      for ``"sklearn"``, a str, an Initializer, a callable, or an array of shape
      (fan_in, fan_out). A bare array is an error.
bias_init : number, str, Initializer, callable, dict, list, tuple or None, default=None
    How the initial biases are drawn: in the forms of `weight_init`, or a number for all. A
    callable or an array has the shape (fan_out,). None, also as an entry, leaves them to the
    scheme of the layer's weights: ``"sklearn"`` and ``"torch"`` draw them, all others give
    zeros unless they define ``draw_biases``. `bias_init` never changes the weights drawn.
n_restarts : int or "auto", default=1
    Number of networks that are trained from different starts, at least 1. The best one is
    kept; see Notes. ``"auto"`` goes on in batches of 8 until the next batch is not worth it:
    until the expected improvement is at most `restart_tol`, or until there are `max_restarts`.
    ``restarts_.stop_reason`` says which. A call that goes on keeps to the number there is, and
    `initialize` and `partial_fit` begin with 8.
restart_strategy : {"full", "halving"}, default="full"
    How far restarts train.

    - ``"full"``: every one for `max_iter` epochs.
    - ``"halving"``: a race (successive halving [5]_). All train for the share
      `restart_first_rung` of `max_iter`; then, again and again, the better part of them trains
      `restart_factor` times as long. With the defaults, 32 restarts cost as much as 6.
      `partial_fit` trains all for its one epoch.
restart_first_rung : float, default=0.0625
    Share of `max_iter` that all restarts of a race train for, above 0 and at most 1. A larger
    one costs more and finds the best restart more often.
restart_factor : float, default=2.0
    Number, at least 1.1, by which the number of restarts in a race is divided from rung to rung,
    and the number of epochs multiplied.
restart_keep : int, default=1
    Least number of restarts that a race trains to the end (with the other defaults, 1 of 16, 2 of
    32 and 4 of 64 arrive), and the number of those that ``restart_combine="average"`` averages;
    from 1 to `n_restarts`, with ``"auto"`` to 8.
restart_criterion : {"auto", "loss", "validation"}, default="auto"
    What makes a restart better than another one, in a race and at the end.

    - ``"loss"``: a lower `loss_`.
    - ``"validation"``: a higher score, that of `scoring`, on validation rows, with every solver:
      those `fit` is given as `X_val`, or else rows held out, which `validation_fraction` counts.
      Without `early_stopping`, they choose among restarts and do nothing else but leave curves;
      a single restart does not train on rows held out either.
    - ``"auto"``: ``"validation"`` with early stopping or `X_val`, else ``"loss"``.
restart_combine : {"best", "average"}, default="best"
    What predictions come from: the best restart, or the mean over the `restart_keep` best ones
    of the probabilities or outputs. Fewer are averaged, with a warning, where others diverged or
    an earlier race has dropped them.
restart_tol : float, default=0.01
    Least expected improvement of the best loss, or validation score, as a share of itself, for
    which ``n_restarts="auto"`` trains another batch; at least 0.
max_restarts : int, default=64
    Largest number of restarts of ``n_restarts="auto"``, at least 1.
n_jobs : int or None, default=None
    Number of joblib workers the restarts are spread over. None is 1 unless in a
    ``joblib.parallel_config`` context, -1 is all processors. The result does not depend on it.
dtype : {"float32", "float64"} or None, default=None
    Type to train in. None is that of `X` if it is one of the two, else float64. Over 20 splits
    of digits and of breast_cancer, both gave the same accuracies after 60 epochs.
dropout : float or array-like of shape (n_layers - 2,), default=0.0
    Share of the hidden units that training leaves out [4]_, at least 0 and below 1: a rate for
    all hidden layers, or one per layer. What a unit hands on is multiplied by
    ``m / (1 - dropout)``, where ``m`` is 0 with probability `dropout` and else 1, anew for every
    unit, row and epoch. So the mean stays what it is, and predictions, validation losses and
    validation scores take all units as they are. But `loss_` and `loss_curve_`, by which training
    stops and restarts are compared, are measured with units left out: mostly higher, and not as
    smooth.
    Units that are identical at the start become different, so that there is no
    `SymmetryWarning` about a layer with dropout. Weights and biases that are all 0 stay 0,
    but for the output biases, wherever the activation is 0 at 0 (``"logistic"`` and
    ``"softplus"`` are not). An error with ``"lbfgs"``.
scoring : str, callable or None, default=None
    Score on the validation rows, higher being better, by which `early_stopping` stops and
    ``restart_criterion="validation"`` chooses. Without such rows it does nothing.

    - None: what `score` returns.
    - ``"loss"``: minus the loss, without the penalty.
    - str: the name of one of scikit-learn's scorers, such as ``"neg_log_loss"``.
    - callable: ``scorer(estimator, X, y)`` returns a number, as the results of
      `sklearn.metrics.make_scorer` do. It is given a copy of the estimator that predicts with
      the present weights, which are its `coefs_`, and rows and targets as arrays (or a CSR
      matrix of rows); and where rows have weights, by `class_weight` too, ``sample_weight=``.

    A score that is NaN or minus infinity is worse than any other; all else but a finite number
    is an error.
checkpoint : str, path-like or None, default=None
    Folder in which `fit` saves its restarts, about once a second and at the end of their
    training, so that the same fit, if it was killed, goes on from there when it is done again
    and ends with the same bits. It makes a folder in it for every fit, which another fit
    (parameters, data, starts) does not read; none is ever deleted. With ``"lbfgs"``, restarts
    are saved at the ends of their training or of rungs alone. `random_state` should be an int.
    `partial_fit` and `initialize` save nothing.
"""

ATTRIBUTES = """
coefs_ : list of ndarray of shape (fan_in, fan_out)
    Weights of the ``n_layers_ - 1`` layers, from the first hidden layer to the output. With
    early stopping, those of the epoch that scored best.
intercepts_ : list of ndarray of shape (fan_out,)
    Biases of the same layers.
initial_coefs_ : list of ndarray of shape (fan_in, fan_out)
    Weights the best restart started from. Pickles and files leave them out, but after
    ``warm_start=True`` or `partial_fit`.
initial_intercepts_ : list of ndarray of shape (fan_out,)
    Biases the best restart started from. Pickles and files leave them out, but after
    ``warm_start=True`` or `partial_fit`.
weight_init_ : list of Initializer
    What `weight_init` came to, one object per layer.
restarts_ : Restarts
    What became of each restart: a mapping from ``"loss"``, ``"n_iter"``,
    ``"validation_score"``, ``"diverged"``, ``"dropped"`` (by a race) and ``"time"`` (in seconds)
    to arrays of shape (n_restarts,). ``restarts_.loss_curves``,
    ``restarts_.validation_loss_curves`` and ``restarts_.validation_score_curves`` are arrays of
    shape (n_restarts, n_epochs), and ``restarts_.to_frame()`` is a data frame.
    ``restarts_.expected_best()`` tells how many restarts are worth it, ``restarts_.n_minima()``
    how many minima a tiny network has.
best_restart_ : int
    Index of the best restart, whose weights, losses and scores the attributes hold.
kept_restarts_ : ndarray of int of shape (n_kept,)
    Indices of the restarts that predictions come from, the best one first: that one alone, or
    with ``restart_combine="average"`` those averaged.
loss_ : float
    Reported loss, penalty included: over all training rows for ``"lbfgs"``; else the mean over the
    batches of the last epoch, each taken before its step.
loss_curve_ : list of float
    `loss_` after every epoch so far. Absent with ``"lbfgs"``.
best_loss_ : float or None
    Lowest number in `loss_curve_`; None with early stopping. Absent with ``"lbfgs"``.
validation_loss_curve_ : list of float or None
    Loss on the validation rows, without the penalty, after every epoch so far; NaN where a
    prediction was not finite, and in epochs of earlier calls that had no such rows. None without
    validation rows: without `X_val`, `early_stopping` or ``restart_criterion="validation"``.
    Absent with ``"lbfgs"``.
validation_scores_ : list of float or None
    Score on the same rows, that of `scoring`, after the same epochs; None without them. Absent
    with ``"lbfgs"``.
best_validation_score_ : float or None
    The score of the weights that are kept: the highest one with early stopping, else the last
    one; NaN if that is not finite. None without validation rows. Absent with ``"lbfgs"``, whose
    score is in `restarts_`.
n_iter_ : int
    Number of epochs, or iterations of ``"lbfgs"``, of the last call.
t_ : int
    Number of rows seen so far, counted once per epoch; 0 with ``"lbfgs"``.
n_layers_ : int
    Number of layers, input and output included.
n_outputs_ : int
    Number of units of the output layer.
out_activation_ : str
    Activation of the output layer; see Notes.
n_features_in_ : int
    Number of features.
feature_names_in_ : ndarray of shape (n_features,)
    Names of the features. Only defined if the columns of `X` have names that are all str.
"""
