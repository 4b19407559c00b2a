"""
How small is small? Is 0.01 a magic number?
===========================================

Small random weights are popular, and 0.01 is the number most often named. How long does a network
take to leave such a start? With one hidden layer, no longer than the logarithm of the scale: 0.01
is fine there, and a tenth of the scale adds a time of 2.3 only. With more, it is a power of the
scale: with three hidden layers, a network takes a thousand times as long to leave 0.01, and a
tenth of the scale multiplies that by a hundred. There is no magic number.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import Constant, InitMLPRegressor

# training ends soon after the network has left its start, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# The smallest network that shows it
# ----------------------------------
# One unit per layer, without a curve (``activation="identity"``), so that the output is the input
# times the product of all weights. Weights start equal, at a small number a, and should come to a
# product of 1. The gradient of a weight is the error times the product of all *others*: nearly
# nothing, while all are small. That holds for wide networks, too, one pattern of the data at a
# time (Saxe, McClelland, Ganguli 2014).

X = np.array([[-1.0], [1.0]])
y = X.ravel()

# %%
# With small steps, gradient descent is a differential equation that can be solved. From a small
# a, the time until the product is 1/2 is, for one, two and three hidden layers:

predictions = {
    1: ("ln(1/a)", lambda a: np.log(1 / a)),
    2: ("1/a", lambda a: 1 / a),
    3: ("1/(2 a²)", lambda a: 1 / (2 * a**2)),
}

# %%
# Measured
# --------
# Time is the number of steps times the learning rate, which may be larger where nothing moves for
# long. The loss is half the squared error: 1/8 at a product of 1/2.

scales = 0.1, 0.05, 0.02, 0.01
rates = {1: 0.01, 2: 0.02, 3: 0.2}
times = {}
for n_hidden, (formula, predict) in predictions.items():
    for a in scales:
        net = InitMLPRegressor(
            hidden_layer_sizes=(1,) * n_hidden,
            activation="identity",
            solver="sgd",
            learning_rate_init=rates[n_hidden],
            momentum=0,
            batch_size=2,
            max_iter=int(1.2 * predict(a) / rates[n_hidden]),
            n_iter_no_change=np.inf,
            alpha=0,
            weight_init=Constant(a),
            bias_init=0.0,
            random_state=0,
        ).fit(X, y)
        n_steps = np.sum(np.array(net.loss_curve_) > 1 / 8)
        times[n_hidden, a] = n_steps * rates[n_hidden]
        print(
            f"{n_hidden} hidden, a = {a:<4}  time {times[n_hidden, a]:7.1f}   "
            f"{formula} = {predict(a):.1f}"
        )

# %%
# The picture
# -----------
# Lines are the formulas, marks the measured times. On these axes a power is a straight line, and
# a logarithm is nearly level.

looks = {1: ("black", "-", "o"), 2: ("#0072b2", "--", "s"), 3: ("#d55e00", "-.", "^")}
line = np.geomspace(0.005, 0.15, 50)
fig, ax = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
for n_hidden, (formula, predict) in predictions.items():
    color, style, marker = looks[n_hidden]
    measured = [times[n_hidden, a] for a in scales]
    ax.loglog(line, predict(line), color=color, linestyle=style)
    ax.loglog(scales, measured, marker, color=color, markersize=8)
    label = f"{n_hidden} hidden layer{'s' * (n_hidden > 1)}: {formula}"
    ax.plot([], [], color=color, linestyle=style, marker=marker, markersize=8, label=label)
ax.set(xlabel="weights at the start, a", ylabel="time to leave it (steps times learning rate)")
ax.set(title="To leave a small start takes a logarithm with one hidden layer, a power with more")
ax.set_xticks(scales, [f"{a:g}" for a in scales])
ax.minorticks_off()
ax.legend()
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

at_001 = ", ".join(f"{times[n_hidden, 0.01]:.1f}" for n_hidden in predictions)
ratio_2, ratio_3 = (times[n_hidden, 0.01] / times[n_hidden, 0.1] for n_hidden in (2, 3))
print(
    f"\nFrom 0.01 it takes a time of {at_001} with one, two, three hidden layers. Compared with "
    f"0.1, that is {times[1, 0.01] - times[1, 0.1]:.1f} more, {ratio_2:.0f} times as much and "
    f"{ratio_3:.0f} times as much."
)
