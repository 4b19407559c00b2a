"""
Why not start from zero?
========================

It looks fair: from zero, every weight may become positive or negative. But the gradient of the
hidden weights is a product with the next layer's weights, and a product with zeros is zero. From
zeros, tanh and relu networks learn no more than how frequent the classes are: an accuracy of 12%
on ten digits. Logistic units learn as much as one of them can, here 30%. Random weights reach 98%.
"""

import sys
import textwrap
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, Normal, SymmetryWarning, diagnose

X, y = load_digits(return_X_y=True)
X, y = scale(X)[::3], y[::3]

# sixty steps show it, which scikit-learn warns are few
warnings.filterwarnings("ignore", category=ConvergenceWarning)

# %%
# Three starts
# ------------
# All weights zero, with biases that are zero or random; and random weights. Every step of this
# gradient descent sees all rows. Units that start equal are reported.

activations = "tanh", "relu", "logistic"
starts = {  # weights and biases
    "zeros": ("zeros", 0.0),
    "zeros, random biases": ("zeros", {"hidden": Normal(std=0.5), "output": 0.0}),
    "random weights": ("glorot_uniform", 0.0),
}
descent = {"solver": "sgd", "learning_rate_init": 0.3, "batch_size": len(X), "max_iter": 60}
networks = {}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", SymmetryWarning)
    for layers in (16,), (16, 16):
        for activation in activations:
            for start, (weights, biases) in starts.items():
                inits = {"weight_init": weights, "bias_init": biases, "random_state": 0}
                net = InitMLPClassifier(layers, activation=activation, **inits, **descent)
                networks[layers, activation, start] = net.fit(X, y)
print(textwrap.fill(str(caught[0].message), width=90), "\n")

# %%
# What they learn
# ---------------
# A unit looks at its inputs in one direction, that of its weights. The rank of the matrix of
# weights counts the directions of the first layer: 16, if all units are different. The gradient
# below is the length of that of the same weights, after training.
#
# - **tanh and relu** give 0 for 0. What they hand on is zero, and so is what comes back: only the
#   biases of the output learn.
# - **Logistic** units give 1/2 for 0. The weights behind them do get a gradient, the same for all
#   units: but for rounding they stay equal, and 16 do the work of one.
# - **Random biases** make tanh and logistic units different. Those of relu are dead, or stay
#   multiples of each other, as relu of twice a number is twice relu of it: the layer is worth one
#   unit until rounding errors tell its units apart.
# - **With two hidden layers** the first one gets nothing before both layers behind it have
#   weights, and after sixty steps it has hardly begun, whatever the activation and the biases.

accuracy, n_directions, gradient = {}, {}, {}
for key, net in networks.items():
    accuracy[key] = net.score(X, y)
    n_directions[key] = np.linalg.matrix_rank(net.coefs_[0], tol=1e-3)
    gradient[key] = diagnose(net, X, y)["gradient_norm"][0, 0]
    print(
        f"{len(key[0])} hidden, {key[1]:<8} {key[2]:<20}  first loss {net.loss_curve_[0]:.2f}  "
        f"gradient {gradient[key]:.0e}  accuracy {accuracy[key]:4.0%}  "
        f"directions {n_directions[key]}"
    )

# %%
# The picture
# -----------
# The numbers on the bars are those of the directions. Note the first loss above: random weights
# begin with a higher one than zeros do. Chance brings a network no nearer to the goal; it makes it
# possible to go there at all.

looks = {"color": "#d55e00", "hatch": "//"}, {"color": "0.75", "hatch": ".."}, {"color": "#0072b2"}
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.4), layout="constrained")
for ax, layers in zip(axes, [(16,), (16, 16)], strict=True):
    for i, (start, look) in enumerate(zip(starts, looks, strict=True)):
        keys = [(layers, activation, start) for activation in activations]
        heights = [100 * accuracy[key] for key in keys]
        places = np.arange(3) + 0.27 * (i - 1)
        bars = ax.bar(places, heights, 0.25, edgecolor="black", **look, label=start)
        ax.bar_label(bars, [n_directions[key] for key in keys], padding=2)
    ax.set(xticks=range(3), xticklabels=activations, xlabel="activation")
    ax.set(title=f"{len(layers)} hidden layer{'s' * (len(layers) - 1)} of 16 units")
axes[0].set(ylabel="accuracy on the training rows (%)", ylim=(0, 109))
title = "start (on the bars: in how many directions the first layer looks)"
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, title=title)
fig.suptitle("From zeros, tanh and relu learn nothing, logistic units as much as one of them can")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

one = {key[1:]: value for key, value in accuracy.items() if key[0] == (16,)}
lowest = min(one[activation, "random weights"] for activation in activations)
print(
    f"\nAccuracy with one hidden layer, from zeros: {one['tanh', 'zeros']:.0%} with tanh, "
    f"{one['relu', 'zeros']:.0%} with relu, {one['logistic', 'zeros']:.0%} with logistic units; "
    f"from random weights: at least {lowest:.0%}."
)
