"""What the docstrings of both estimators say about parameters and attributes."""

PARAMETERS = """
hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
    Number of units in each hidden layer, at least 1. An int makes one hidden layer; ``()`` makes
    none, which gives a linear model.
activation : str, Activation, list or tuple, default="relu"
    Function that a hidden unit applies to its input ``z``: a name, an `Activation`, or one of
    these per hidden layer. The first four names are also scikit-learn's.

    - ``"identity"``: ``z``, so that the whole network is linear.
    - ``"logistic"``: ``1 / (1 + exp(-z))``.
    - ``"tanh"``: ``tanh(z)``.
    - ``"relu"``: ``max(0, z)``.
    - ``"leaky_relu"``: ``max(z, z / 100)``.
    - ``"elu"``: ``z`` if ``z`` is positive, else ``exp(z) - 1``.
    - ``"selu"``: 1.0507 times ``z`` if ``z`` is positive, else 1.0507 times
      ``1.6733 (exp(z) - 1)``.
    - ``"gelu"``: ``z`` times the normal distribution function of ``z``.
    - ``"silu"``: ``z / (1 + exp(-z))``.
    - ``"mish"``: ``z tanh(log(1 + exp(z)))``.
    - ``"softplus"``: ``log(1 + exp(z))``.
    - ``"softsign"``: ``z / (1 + abs(z))``.
    - ``"sine"``, ``"arctan"``: ``sin(z)``, ``arctan(z)``.
    - ``"hard_tanh"``: ``z``, clipped to the interval from -1 to 1.

    An `Activation` that you define trains on the reference passes, which are written in NumPy.
    They are slower, and restarts run in processes instead of threads.
solver : {"lbfgs", "sgd", "adam"}, default="adam"
    Method that minimizes the objective.

    - ``"lbfgs"``: limited-memory BFGS, a quasi-Newton method. Every step uses all training rows.
      On small data sets it is often the fastest and reaches the lowest loss. It computes in
      float64.
    - ``"sgd"``: gradient descent with momentum, one step per batch.
    - ``"adam"``: Adam [1]_, one step per batch. A good first choice for thousands of rows or
      more.
alpha : float, default=0.0001
    Strength of the L2 penalty on the weights, at least 0. Biases are not penalized.
batch_size : int or "auto", default="auto"
    Number of rows per step, at least 1; ``"auto"`` is ``min(200, n_rows)``. A number above the
    number of training rows is clipped, with a warning. Not used by ``"lbfgs"``.
learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
    How the learning rate changes during training. Only used by ``"sgd"``.

    - ``"constant"``: it remains `learning_rate_init`.
    - ``"invscaling"``: it is ``learning_rate_init / (t_ + 1) ** power_t`` after every epoch.
    - ``"adaptive"``: it is divided by 5 wherever training would stop otherwise. Training stops
      once it is at most 1e-6.
learning_rate_init : float, default=0.001
    Learning rate at the start, above 0. Not used by ``"lbfgs"``.
power_t : float, default=0.5
    Exponent of ``learning_rate="invscaling"``, at least 0. Only used by ``"sgd"``.
max_iter : int, default=200
    Largest number of epochs in one call, at least 1. An epoch visits every training row once.
    For ``"lbfgs"``, the largest number of iterations.
shuffle : bool, default=True
    Whether every epoch visits the rows in a new random order. Not used by ``"lbfgs"``.
random_state : int, RandomState instance or None, default=None
    Source of the starts, of the split that holds rows out and of the order of the rows; see
    Notes. An int gives the same numbers in every call. None uses NumPy's global stream.
tol : float, default=1e-4
    Smallest change of the loss, or with early stopping of the validation score, that counts as
    an improvement; at least 0. ``"lbfgs"`` stops when no component of the gradient exceeds `tol`,
    or when the relative decrease of the objective is below 2.2e-9.
verbose : bool or int, default=False
    What to print.

    - 0 or False: nothing.
    - 1 or True: a line when a restart ends, or a rung of a race, and every five seconds in
      between. The lines show the epoch, the training loss, the best restart so far and the time
      left if no restart stops early.
    - 2 or more: a line per epoch or iteration with loss and validation score, as scikit-learn
      does for True.
warm_start : bool, default=False
    Whether `fit` continues from the fitted network instead of new starts; see Notes.
momentum : float, default=0.9
    Share of the last step that is added to the next one, from 0 to 1. Only used by ``"sgd"``.
nesterovs_momentum : bool, default=True
    Whether to use Nesterov's momentum. Only used by ``"sgd"``.
early_stopping : bool, default=False
    Whether to stop by the score on validation rows instead of the training loss, and to keep the
    weights of the epoch with the best score. The validation rows are `X_val`, if `fit` is given
    them. Otherwise `fit` holds rows of `X` out; with two classes the split is stratified, in
    all other cases it is not. `scoring` sets the score. ``"lbfgs"`` ignores this parameter, and
    `partial_fit` raises an error.
validation_fraction : float, default=0.1
    Share of the rows that early stopping or ``restart_criterion="validation"`` holds out, at
    least 0 and below 1. It must hold out two rows or more. Not used where `fit` is given `X_val`.
beta_1 : float, default=0.9
    Decay per step of the mean gradient, at least 0 and below 1. Only used by ``"adam"``.
beta_2 : float, default=0.999
    Decay per step of the mean squared gradient, at least 0 and below 1. Only used by
    ``"adam"``.
epsilon : float, default=1e-8
    Number that is added to the root mean squared gradient, above 0. Only used by ``"adam"``.
n_iter_no_change : int, default=10
    Patience: training stops after more than this many epochs in a row without improvement. At
    least 1; with ``numpy.inf``, training runs for `max_iter` epochs. Not used by ``"lbfgs"``.
max_fun : int, default=15000
    Largest number of evaluations of the objective, at least 1. Only used by ``"lbfgs"``.
weight_init : str, Initializer, callable, dict, list or tuple, default="sklearn"
    How the initial weights are drawn.

    - str: one of `get_initializer_names`. ``"sklearn"`` is the start of scikit-learn's MLPs, and
      ``"torch"`` is the start of torch's ``nn.Linear``, biases included. ``"glorot_uniform"``
      [2]_ suits tanh, and ``"he_normal"`` [3]_ suits relu.
    - Initializer: an object such as ``VarianceScaling(scale=2.0)``. Its parameters can be
      searched as ``weight_init__scale``.
    - callable: ``f(fan_in, fan_out, rng)`` returns an array of shape (fan_in, fan_out) and draws
      it from the `numpy.random.Generator` that it is given.
    - dict: ``{"hidden": s, "output": t}``, one scheme for all hidden layers and one for the
      output layer.
    - list or tuple: one entry per weight matrix, including that of the output layer. An entry is
      None for ``"sklearn"``, a str, an Initializer, a callable, or an array of shape
      (fan_in, fan_out). A bare array is an error.
bias_init : number, str, Initializer, callable, dict, list, tuple or None, default=None
    How the initial biases are drawn: in one of the forms of `weight_init`, or a number for all
    biases. A callable returns an array of shape (fan_out,), and an array has this shape. None,
    also as an entry, leaves the biases to the scheme of the layer's weights: ``"sklearn"`` and
    ``"torch"`` draw them; all other schemes set them to zero unless they define
    ``draw_biases``. `bias_init` never changes the weights that are drawn.
n_restarts : int or "auto", default=1
    Number of networks that are trained from different starts, at least 1. The best one is
    kept; see Notes. ``"auto"`` trains batches of 8 restarts until another batch is not worth it:
    until the expected improvement is at most `restart_tol`, or until there are `max_restarts`.
    ``restarts_.stop_reason`` says which of the two ended it. A call that continues training keeps
    the number of restarts, and `initialize` and `partial_fit` begin with 8.
restart_strategy : {"full", "halving"}, default="full"
    How long restarts train.

    - ``"full"``: every restart trains for `max_iter` epochs.
    - ``"halving"``: restarts race (successive halving [5]_). All of them train for the share
      `restart_first_rung` of `max_iter`; then, again and again, the better part of them trains
      `restart_factor` times as long. With the defaults, 32 restarts cost as much as 6.
      `partial_fit` trains all restarts for its one epoch.
restart_first_rung : float, default=0.0625
    Share of `max_iter` that all restarts of a race train for, above 0 and at most 1. A larger
    share costs more and finds the best restart more often.
restart_factor : float, default=2.0
    Number by which the number of restarts in a race is divided from rung to rung, and by which
    the number of epochs is multiplied; at least 1.1.
restart_keep : int, default=1
    Smallest number of restarts that a race trains to the end (with the other defaults, 1 of 16, 2
    of 32 and 4 of 64 reach the end), and the number of restarts that
    ``restart_combine="average"`` averages. From 1 to `n_restarts`; with ``"auto"``, to 8.
restart_criterion : {"auto", "loss", "validation"}, default="auto"
    What makes one restart better than another, in a race and at the end.

    - ``"loss"``: a lower `loss_`.
    - ``"validation"``: a higher score on validation rows, with every solver. `scoring` sets the
      score. The rows are `X_val`, if `fit` is given them; otherwise `validation_fraction` of the
      rows of `X` are held out. Without `early_stopping`, validation rows only choose among
      restarts and give validation curves. A single restart does not train on rows held out
      either.
    - ``"auto"``: ``"validation"`` with early stopping or `X_val`, else ``"loss"``.
restart_combine : {"best", "average"}, default="best"
    Which restarts predict: the best one, or the `restart_keep` best ones, whose probabilities or
    outputs are averaged. Fewer restarts are averaged, with a warning, where others diverged or
    were dropped by an earlier race.
restart_tol : float, default=0.01
    Smallest expected improvement of the best loss, or validation score, for which
    ``n_restarts="auto"`` trains another batch, as a share of that loss or score; at least 0.
max_restarts : int, default=64
    Largest number of restarts of ``n_restarts="auto"``, at least 1.
n_jobs : int or None, default=None
    Number of joblib workers that train the restarts. None is 1 unless in a
    ``joblib.parallel_config`` context, and -1 is all processors. The result does not depend on it.
dtype : {"float32", "float64"} or None, default=None
    Type in which the network trains. None is the type of `X` if it is one of the two, else
    float64. Over 20 splits of digits and of breast_cancer, both types gave the same accuracies
    after 60 epochs.
dropout : float or array-like of shape (n_layers - 2,), default=0.0
    Share of the hidden units that training leaves out [4]_, at least 0 and below 1: one rate for
    all hidden layers, or one rate per layer. The output of a unit is multiplied by
    ``m / (1 - dropout)``, where ``m`` is 0 with probability `dropout` and otherwise 1, drawn for
    every unit, row and epoch. This keeps the mean output, so predictions, validation losses
    and validation scores use all units without a factor. `loss_` and `loss_curve_`, which decide
    when training stops and which restart is best, are measured with units left out: they are
    mostly higher and less smooth.
    Dropout makes units different that are identical at the start, if they have a gradient. If
    weights and biases are all 0 and the activation is 0 at 0 (``"logistic"`` and ``"softplus"``
    are not), they have none: only the output biases change, and a `SymmetryWarning` says so.
    Dropout with ``"lbfgs"`` is an error.
scoring : str, callable or None, default=None
    Score on the validation rows, higher is better. `early_stopping` stops by it, and
    ``restart_criterion="validation"`` chooses by it. It has no effect without validation rows.

    - None: the value of `score`.
    - ``"loss"``: minus the loss, without the penalty.
    - str: the name of one of scikit-learn's scorers, such as ``"neg_log_loss"``.
    - callable: ``scorer(estimator, X, y)`` returns a number, as the scorers from
      `sklearn.metrics.make_scorer` do. It receives a copy of the estimator that predicts with
      the present weights, which are its `coefs_`, and rows and targets as arrays (rows may be a
      CSR matrix). If rows have weights, also through `class_weight`, it receives
      ``sample_weight=``.

    A score of NaN or minus infinity is worse than any other. Any other result that is not a
    finite number is an error.
checkpoint : str, path-like or None, default=None
    Folder in which `fit` saves its restarts, about once a second and at the end of their
    training. If the fit is killed, the same fit resumes from there; the result is bit-for-bit
    the same. A fit that resumes prints one line to stderr. Every fit (parameters, data, starts)
    has its own folder inside, which no other fit reads; nothing is ever deleted. With
    ``"lbfgs"``, restarts are only saved at the end of their training or of a rung. Give
    `random_state` an int. `partial_fit` and `initialize` save nothing.
"""

ATTRIBUTES = """
coefs_ : list of ndarray of shape (fan_in, fan_out)
    Weights of the ``n_layers_ - 1`` layers, from the first hidden layer to the output layer. With
    early stopping, these are the weights of the epoch with the best score.
intercepts_ : list of ndarray of shape (fan_out,)
    Biases of the same layers.
initial_coefs_ : list of ndarray of shape (fan_in, fan_out)
    Weights from which the best restart started. Pickles and files hold them only after
    ``warm_start=True`` or `partial_fit`.
initial_intercepts_ : list of ndarray of shape (fan_out,)
    Biases from which the best restart started. Pickles and files hold them only after
    ``warm_start=True`` or `partial_fit`.
weight_init_ : list of Initializer
    The schemes that `weight_init` stands for, one object per layer.
restarts_ : Restarts
    Record of all restarts: a mapping from ``"loss"``, ``"n_iter"``, ``"validation_score"``,
    ``"diverged"``, ``"dropped"`` (by a race) and ``"time"`` (in seconds) to arrays of shape
    (n_restarts,). ``restarts_.loss_curves``, ``restarts_.validation_loss_curves`` and
    ``restarts_.validation_score_curves`` are arrays of shape (n_restarts, n_epochs), and
    ``restarts_.to_frame()`` returns a data frame. ``restarts_.expected_best()`` estimates how
    many restarts are worth it, and ``restarts_.n_minima()`` how many minima a tiny network has.
best_restart_ : int
    Index of the best restart, whose weights, losses and scores the attributes hold.
kept_restarts_ : ndarray of int of shape (n_kept,)
    Indices of the restarts that predict, the best one first: only the best one, or with
    ``restart_combine="average"`` those that are averaged.
loss_ : float
    Reported training loss, including the penalty. For ``"lbfgs"``, it is the loss over all
    training rows; otherwise it is the mean over the batches of the last epoch, each measured
    before its step.
loss_curve_ : list of float
    `loss_` after every epoch so far. Absent with ``"lbfgs"``.
best_loss_ : float or None
    Lowest number in `loss_curve_`; None with early stopping. Absent with ``"lbfgs"``.
validation_loss_curve_ : list of float or None
    Loss on the validation rows, without the penalty, after every epoch so far. It is NaN where a
    prediction was not finite, and in epochs of earlier calls without validation rows. None
    without validation rows, that is, without `X_val`, `early_stopping` and
    ``restart_criterion="validation"``. Absent with ``"lbfgs"``.
validation_scores_ : list of float or None
    Score on the same rows after the same epochs, as `scoring` defines it; None without validation
    rows. Absent with ``"lbfgs"``.
best_validation_score_ : float or None
    Validation score of the weights that are kept: with early stopping the highest score, otherwise
    the last one; NaN if that is not finite. None without validation rows. Absent with
    ``"lbfgs"``, whose score is in `restarts_`.
n_iter_ : int
    Number of epochs of the last call, or of iterations with ``"lbfgs"``.
t_ : int
    Number of rows seen in training so far: every epoch counts all training rows. It is 0 with
    ``"lbfgs"``.
n_layers_ : int
    Number of layers, including input and output.
n_outputs_ : int
    Number of units in the output layer.
out_activation_ : str
    Activation of the output layer; see Notes.
n_features_in_ : int
    Number of features.
feature_names_in_ : ndarray of shape (n_features,)
    Names of the features. Only defined if all column names of `X` are str.
"""
