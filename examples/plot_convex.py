"""
When does the start not matter?
===============================

When the loss is convex: a bowl has one lowest point, and downhill leads there from everywhere.
That is so without a hidden layer, in linear and logistic regression, which are therefore fine from
zeros: three very different starts end at the same coefficients, to six digits. With a hidden layer
the loss is no bowl, and the same starts end at three different networks.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, Normal, SymmetryWarning

X, y = load_wine(return_X_y=True)
X = scale(X)

# equal hidden units, and training to the last of a number of steps, are meant
warnings.filterwarnings("ignore", category=SymmetryWarning)
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# Three starts, with and without a hidden layer
# ---------------------------------------------
# ``hidden_layer_sizes=()`` is logistic regression, for three kinds of wine. Each fit takes 2000
# steps of gradient descent that see all rows. A penalty, ``alpha``, makes the bottom of the bowl a
# point.

starts = {"zeros": "zeros", "small": Normal(std=0.01), "large": Normal(std=5)}
networks = {}
for layers in (), (2,):
    for name, scheme in starts.items():
        networks[layers, name] = InitMLPClassifier(
            hidden_layer_sizes=layers,
            activation="tanh",
            solver="sgd",
            learning_rate_init=0.3,
            batch_size=len(X),
            max_iter=2000,
            n_iter_no_change=np.inf,
            alpha=1,
            weight_init=scheme,
            bias_init=0.0,
            random_state=0,
        ).fit(X, y)

# %%
# Where they end
# --------------
# By how much do the coefficients of the first layer differ from those that zeros lead to?

distances = {}
for (layers, name), net in networks.items():
    distances[layers, name] = np.abs(net.coefs_[0] - networks[layers, "zeros"].coefs_[0]).max()
    print(
        f"{'one hidden layer' if layers else 'no hidden layer':<16} from {name:<5}  "
        f"loss {net.loss_:.6f}   largest difference {distances[layers, name]:.1e}"
    )

# %%
# Without a hidden layer there is no difference to speak of, and the lowest point is the one that
# scikit-learn's own method finds, too:

exact = LogisticRegression(C=1, solver="newton-cg", tol=1e-8).fit(X, y)
distance_to_exact = np.abs(networks[(), "zeros"].coefs_[0].T - exact.coef_).max()
print(f"\nlargest difference to LogisticRegression: {distance_to_exact:.1e}")

# %%
# The picture
# -----------
# Each place is a coefficient, each mark a start. On the left, the marks sit in one another. On the
# right, zeros are a place where the ground is level, so that nothing moves but the biases of the
# output, and the two others end apart. (Even networks that compute the same may differ there: to
# swap two hidden units moves coefficients, and no output. So there is more than one lowest point.)

looks = {
    "zeros": {"color": "black", "marker": "o", "markersize": 9, "fillstyle": "none"},
    "small": {"color": "#0072b2", "marker": "s", "markersize": 4},
    "large": {"color": "#d55e00", "marker": "x", "markersize": 7},
}
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.2), layout="constrained")
for ax, layers in zip(axes, [(), (2,)], strict=True):
    for name, look in looks.items():
        coefficients = networks[layers, name].coefs_[0].ravel()
        ax.plot(coefficients, linestyle="", **look, label=f"from {name}")
    ax.set(xlabel="coefficient of the first layer (number)")
axes[0].set(ylabel="value at the end of training", title="no hidden layer: the start is forgotten")
axes[1].set(title="a hidden layer of 2 units: every start ends elsewhere")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

linear, hidden = (
    max(distance for (layers, _), distance in distances.items() if layers == kind)
    for kind in ((), (2,))
)
losses = " / ".join(f"{networks[(2,), name].loss_:.3f}" for name in starts)
print(
    f"\nWithout a hidden layer, coefficients from all starts agree within {linear:.0e}; with one "
    f"they differ by {hidden:.1f}, and the losses from {', '.join(starts)} are {losses}."
)
