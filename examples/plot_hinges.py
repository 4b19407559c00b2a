"""
Random weights are not enough
=============================

Random weights make units different. Is that all that training needs? No: a relu unit bends its
function at one place, its hinge, and with a bias of zero that place is zero for every unit. On the
six points below, 256 units with random weights and zero biases learn nothing, from any start: the
mean squared error stays at 2, the variance of the targets. With the hinges among the data the same
units learn all six.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPRegressor, Uniform

# training ends after a given number of steps, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# Six points
# ----------
# They are those of Holzmüller and Steinwart (2022, arXiv:2002.04861). On neither side of zero does
# a straight line through the origin fit the three points any better than the line at height 0.

X = np.array([[-3.0], [-2.0], [-1.0], [1.0], [2.0], [3.0]])
y = np.array([-1.0, 2.0, -1.0, 1.0, -2.0, 1.0])

# %%
# Three ways to set the biases
# ----------------------------
# The weights are those of He et al. for relu each time, and training is gradient descent with all
# six points, from ten starts. ``"he+5"`` chooses every bias such that the unit's hinge is at a
# random mixture of five rows of ``X``: somewhere among the data.

starts = {
    "biases 0": {"weight_init": "he_normal", "bias_init": "zeros"},
    "biases between -1 and 1": {"weight_init": "he_normal", "bias_init": Uniform(low=-1, high=1)},
    "hinges in the data": {"weight_init": "he+5"},
}
networks = {
    name: InitMLPRegressor(
        hidden_layer_sizes=(256,),
        activation="relu",
        solver="sgd",
        momentum=0,
        learning_rate_init=0.4 / 256,
        batch_size=len(X),
        alpha=0,
        max_iter=3000,
        n_iter_no_change=np.inf,
        n_restarts=10,
        random_state=0,
        **start,
    ).fit(X, y)
    for name, start in starts.items()
}

# %%
# The errors
# ----------
# The loss is half the mean squared error. With biases of zero, all ten starts end at the variance
# of the targets, as if they predicted 0 everywhere: each side of zero can only become a line. All
# pulls on its slope cancel at height 0, and so do those on the biases, so that a better solver
# does not help. Small random biases do, but slowly: most hinges are too close to zero.

errors = {name: 2 * net.restarts_["loss"] for name, net in networks.items()}
print(f"variance of the targets: {np.var(y):.3f}")
for name, error in errors.items():
    print(f"{name:<24} mean squared errors from {error.min():.3f} to {error.max():.3f}")

# %%
# The picture
# -----------
# A unit with weight w and bias b has its hinge where w x + b = 0. The ticks along the bottom are
# the hinges at the start, those of the best of the ten starts, which is drawn thick.

x = np.linspace(-3.5, 3.5, 281)[:, np.newaxis]
fig, axes = plt.subplots(1, 3, sharey=True, figsize=(10, 3.9), layout="constrained")
for ax, (name, net) in zip(axes, networks.items(), strict=True):
    for r in range(10):
        (other,) = ax.plot(x, net.restart(r).predict(x), color="0.55", linewidth=0.8)
    (best,) = ax.plot(x, net.predict(x), color="#0072b2", linewidth=2.2)
    hinges = -net.initial_intercepts_[0] / net.initial_coefs_[0][0]
    (rug,) = ax.plot(hinges, np.full(256, -2.8), "|", color="#d55e00", markersize=12)
    (points,) = ax.plot(X, y, "o", color="black", markersize=6)
    ax.set(xlim=(-3.5, 3.5), ylim=(-3.1, 2.6), xlabel="input x")
    ax.set_title(f"{name}\nmean squared error {errors[name].min():.3f}")
axes[0].set_ylabel("output of the network")
fig.legend(
    [points, best, other, rug],
    ["data", "best of ten starts", "other starts", "hinges at the start"],
    loc="outside lower center",
    ncols=4,
    frameon=False,
)
fig.suptitle("What 256 relu units learn of six points depends on where their hinges are")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

zero_biases, in_data = errors["biases 0"], errors["hinges in the data"]
print(
    f"\nFrom random weights with biases of 0, each of ten starts ends at a mean squared error of "
    f"{zero_biases.min():.3f} or more\n(the variance of the targets is {np.var(y):.3f}); with "
    f"hinges in the data, none ends above {in_data.max():.3f}."
)
