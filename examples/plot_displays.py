"""
Why does my network not learn? Pictures to look at
==================================================

Three networks of six hidden layers. With weights that are too small one learns nothing, with too
large ones another learns slowly, and from Glorot's start the third is right for 98% of the digits.
What does one see? Displays follow scikit-learn's convention: ``from_estimator`` draws, ``ax=``
says where, ``figure_`` and ``ax_`` are what was drawn on. They take pipelines as well.
"""

import sys
import textwrap
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import minmax_scale

from sklearn_init import InitMLPClassifier, Normal, diagnose
from sklearn_init.inspection import (
    LossCurvesDisplay,
    SignalDisplay,
    SymmetryDisplay,
    WeightsDisplay,
)

X, y = load_digits(return_X_y=True)
X = minmax_scale(X)

# twenty epochs show it, which scikit-learn warns are few
warnings.filterwarnings("ignore", category=ConvergenceWarning)

schemes = {"small": Normal(std=0.01), "large": Normal(std=1.0), "Glorot": "glorot_uniform"}
networks = {
    name: InitMLPClassifier(
        hidden_layer_sizes=(24,) * 6,
        activation="tanh",
        learning_rate_init=0.002,
        max_iter=20,
        weight_init=scheme,
        bias_init=0.0,
        n_restarts=4,
        random_state=0,
    ).fit(X, y)
    for name, scheme in schemes.items()
}

# %%
# Loss curves
# -----------
# Of all restarts. Those of the first network do not move.

fig, axes = plt.subplots(1, 3, sharey=True, figsize=(12, 4), layout="constrained")
for ax, (name, net) in zip(axes, networks.items(), strict=True):
    LossCurvesDisplay.from_estimator(net, ax=ax)
    ax.set_title(f"{name} weights: accuracy {net.score(X, y):.0%}")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

# %%
# Signals
# -------
# Before training. From small weights, what goes forward shrinks from layer to layer, and so does
# what comes back.

starts = {name: clone(net).initialize(X, y) for name, net in networks.items()}


def draw_signals(name):
    """Draw the signals of a start, on the scale of all."""
    display = SignalDisplay.from_estimator(starts[name], X, y)
    plt.setp(display.ax_[:2], ylim=(1e-21, 1e5))


draw_signals("small")

# %%
# From large weights, signals grow both ways, and most units are saturated and pass no gradient.

draw_signals("large")

# %%
# From Glorot's start, variances stay within a factor of ten both ways, and no unit is saturated.

draw_signals("Glorot")

# %%
# After training, ``diagnose`` says in words what is wrong, and what to try.

for name in "small", "large":
    print(textwrap.fill(f"{name}: {diagnose(networks[name], X, y).findings[0]}", width=90), "\n")

# %%
# Symmetry
# --------
# Are units different? These are, before training and after it. (A layer whose units are equal is a
# plain square.)

SymmetryDisplay.from_estimator(networks["Glorot"], layer=2)

# %%
# Weights
# -------
# What some units of the first layer look for.

WeightsDisplay.from_estimator(networks["Glorot"], image_shape=(8, 8), max_units=12)

# %%
# Two more Displays have examples of their own: ``LandscapeDisplay`` and ``ComparisonDisplay``.

accuracy = {name: net.score(X, y) for name, net in networks.items()}
print(
    f"Accuracy {accuracy['small']:.0%} from small weights, {accuracy['large']:.0%} from large "
    f"ones, {accuracy['Glorot']:.0%} from Glorot's."
)
