"""
k-means has the same problem, a support vector machine does not
===============================================================

Is it only neural networks that end somewhere else from every start? No: k-means, too, walks
downhill from where it starts, and ends in a valley nearby. Of 25 random starts, the worst ends in
clusters that are more than twice as bad as the best. Where the objective is convex, there is one
valley only: support vector machines and logistic regression always end in the same place.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.preprocessing import scale
from sklearn.svm import SVC

from sklearn_init import InitMLPClassifier, Normal

# %%
# Eight blobs of two classes
# --------------------------
# k-means is to find the blobs, a classifier which of them belong to which class.

X, blob = make_blobs(240, centers=8, cluster_std=0.7, random_state=0)
X, y = scale(X), blob % 2
n_starts = 25

# %%
# Where training ends
# -------------------
# For each method, the value of what it minimizes is kept, for each of 25 starts. k-means starts
# from rows that are chosen at random, or by ``"k-means++"``, which takes rows that are far apart.

ends = {}
for init in "random", "k-means++":
    fits = [
        KMeans(n_clusters=8, init=init, n_init=1, random_state=r).fit(X) for r in range(n_starts)
    ]
    ends[f"k-means, {init}"] = np.array([fit.inertia_ for fit in fits])

# %%
# A network with one hidden layer, and one without: that is logistic regression, and convex. (The
# penalty ``alpha`` gives it one optimum.) ``restarts_`` has the losses of all starts.

shared = {"solver": "lbfgs", "max_iter": 1000, "n_restarts": n_starts, "random_state": 0}
network = InitMLPClassifier((8,), alpha=0.01, **shared).fit(X, y)
linear = InitMLPClassifier((), alpha=1, tol=1e-8, weight_init=Normal(std=3), **shared).fit(X, y)
ends["network, 8 hidden units"] = network.restarts_["loss"]
ends["logistic regression"] = linear.restarts_["loss"]

# %%
# A support vector machine has no random start. But its solver takes another way if the rows are in
# another order. Its objective is half the squared length of w, plus the hinge losses of all rows.

orders = [np.random.default_rng(r).permutation(len(X)) for r in range(n_starts)]
ends["support vector machine"] = np.empty(n_starts)
for r, order in enumerate(orders):
    svc = SVC(C=1, tol=1e-6).fit(X[order], y[order])
    inside = svc.decision_function(svc.support_vectors_) - svc.intercept_
    hinge = np.maximum(0, 1 - (2 * y - 1) * svc.decision_function(X))
    ends["support vector machine"][r] = svc.dual_coef_[0] @ inside / 2 + hinge.sum()

# %%
# The picture
# -----------
# All values are divided by the best one that the method has found, so that 1 is the best.

ratios = {name: np.sort(values / values.min()) for name, values in ends.items()}
worst = {name: ratio[-1] for name, ratio in ratios.items()}
for name, ratio in ratios.items():
    n_best = np.sum(ratio < 1.01)
    print(f"{name:<24} worst / best {ratio[-1]:7.4f}   within 1% of the best: {n_best:2d} of 25")

styles = {
    "network, 8 hidden units": {"color": "black", "marker": "o", "markersize": 4},
    "k-means, random": {"color": "#d55e00", "marker": "^", "markersize": 5},
    "k-means, k-means++": {"color": "#0072b2", "marker": "s", "markersize": 4},
    "logistic regression": {"color": "0.55", "marker": "D", "markersize": 8, "mfc": "white"},
    "support vector machine": {"color": "black", "marker": "x", "markersize": 5},
}
fig, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
for name, style in styles.items():
    ax.plot(np.arange(1, n_starts + 1), ratios[name], linewidth=0.8, label=name, **style)
ax.set(yscale="log", xlabel="starts, sorted", ylabel="objective at the end / best of 25 starts")
ax.set(yticks=(1, 2, 3, 5, 10), yticklabels=(1, 2, 3, 5, 10))
ax.minorticks_off()
ax.legend(loc="upper left")
ax.set_title("Where the objective is convex, every start ends in the same place")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nThe worst of 25 starts over the best: {worst['network, 8 hidden units']:.1f} for a "
    f"network, {worst['k-means, random']:.1f} for k-means\n"
    f"({worst['k-means, k-means++']:.1f} with k-means++), "
    f"{worst['logistic regression']:.4f} for logistic regression and "
    f"{worst['support vector machine']:.4f} for a support vector machine."
)
