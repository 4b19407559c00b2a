"""
Why weights must not start equal: XOR
=====================================

XOR is the smallest problem that needs two *different* hidden units. Units that start equal
receive equal gradients and so, but for rounding, stay equal. Training then gets stuck at a mean
squared error that is known in advance: 1/4 from zeros, 1/6 from the constant 0.5. Random weights
reach 0.
"""

import sys
import textwrap
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_squared_error

from sklearn_init import Constant, InitMLPRegressor, SymmetryWarning, Uniform

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])

# %%
# Three starts of the same network
# --------------------------------
# Two hidden tanh units, zero biases, no penalty, and a small tolerance so that the numbers come
# out sharp. From random weights, too, training can get stuck; the best of ten restarts does not.

starts = {
    "zeros": {"weight_init": "zeros"},
    "constant 0.5": {"weight_init": Constant(0.5)},
    "random weights": {"weight_init": Uniform(low=-2, high=2), "n_restarts": 10},
}
networks = {}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", SymmetryWarning)
    # zeros learn nothing at all, which is the point here
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name, start in starts.items():
        networks[name] = InitMLPRegressor(
            hidden_layer_sizes=(2,),
            activation="tanh",
            solver="lbfgs",
            alpha=0,
            tol=1e-10,
            bias_init=0.0,
            random_state=0,
            **start,
        ).fit(X, y)

# %%
# The two equal starts were reported. This is the warning's text:

print(textwrap.fill(str(caught[0].message), width=90), "\n")

# %%
# The errors
# ----------
# From zeros, the hidden units stay at zero and the network predicts the mean, 1/2, everywhere:
# the error is 1/4. From 0.5, two equal units do the work of one. Its output can only rise or only
# fall along the diagonal, so the best it can do is 0 at one corner and 2/3 at the other three:
# 1/6. The attribute ``loss_`` is half the mean squared error, as in scikit-learn.

errors = {name: mean_squared_error(y, net.predict(X)) for name, net in networks.items()}
for name, net in networks.items():
    equal = np.array_equal(net.coefs_[0][:, 0], net.coefs_[0][:, 1])
    print(
        f"{name:<15} mean squared error {errors[name]:.6f}   loss_ {net.loss_:.6f}   "
        f"hidden units {'equal' if equal else 'different'}"
    )

# %%
# The picture
# -----------
# Each panel shows a fitted function; the numbers are its predictions at the four points.

ticks = np.linspace(-0.2, 1.2, 141)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)

fig, axes = plt.subplots(1, 3, sharey=True, figsize=(10, 3.9), layout="constrained")
for ax, (name, net) in zip(axes, networks.items(), strict=True):
    surface = net.predict(grid).reshape(len(ticks), len(ticks))
    image = ax.pcolormesh(ticks, ticks, surface, vmin=0, vmax=1, cmap="cividis")
    for point, target, prediction in zip(X, y, net.predict(X), strict=True):
        ax.text(
            *point,
            f"{prediction:z.2f}\n(target {target})",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "black", "boxstyle": "round"},
        )
    ax.set(title=f"from {name}\nmean squared error {errors[name]:.4f}", xlabel="first input")
    ax.set(aspect="equal", xticks=(0, 1), yticks=(0, 1))
axes[0].set_ylabel("second input")
fig.colorbar(image, ax=axes, label="output of the network", extend="both", shrink=0.9)
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nMean squared error on XOR: {errors['zeros']:.6f} from zeros (1/4), "
    f"{errors['constant 0.5']:.6f} from the constant 0.5 (1/6), "
    f"{errors['random weights']:.6f} from random weights."
)
