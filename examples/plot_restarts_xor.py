"""
How many restarts are enough? XOR
=================================

Whether training succeeds depends on the start. On XOR most random starts do, but not all, and a
few restarts make success nearly certain. This example measures the share of starts that succeed
and computes from it how many restarts are needed.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binomtest

from sklearn_init import InitMLPRegressor, Uniform

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])

# %%
# One hundred starts
# ------------------
# Weights and biases are uniform between -1 and 1. ``restarts_`` tells how each restart ended; its
# loss is half the mean squared error.

scheme = Uniform(low=-1, high=1)
net = InitMLPRegressor(
    hidden_layer_sizes=(2,),
    activation="tanh",
    solver="lbfgs",
    alpha=0,
    tol=1e-10,
    max_iter=1000,
    weight_init=scheme,
    bias_init=scheme,
    n_restarts=100,
    random_state=0,
).fit(X, y)
errors = 2 * net.restarts_["loss"]

# %%
# The outcomes are few: the mean squared error ends near 0, 1/8, 1/6 or 1/4. There is hardly
# anything in between, so any threshold between 0 and 1/8 tells success from failure.

outcomes = {"0": 0, "1/8": 1 / 8, "1/6": 1 / 6, "1/4": 1 / 4}
for label, outcome in outcomes.items():
    print(
        f"mean squared error {label:>3}: {np.sum(abs(errors - outcome) < 0.01):3d} of 100 starts"
    )

n_successes = np.sum(errors < 0.01)
share = n_successes / len(errors)
interval = binomtest(n_successes, len(errors)).proportion_ci(method="wilson")

# %%
# From the share of successes to the number of restarts
# -----------------------------------------------------
# If a start succeeds with probability p, all of R starts fail with probability (1 - p)^R. To
# succeed with confidence c takes R >= ln(1 - c) / ln(1 - p) restarts.


def count_restarts(confidence, p):
    return int(np.ceil(np.log(1 - confidence) / np.log(1 - p)))


needed = {c: count_restarts(c, share) for c in (0.95, 0.99)}
needed_at_worst = {c: count_restarts(c, interval.low) for c in (0.95, 0.99)}

# %%
# The picture
# -----------
# The bars on the right come from the 95% interval of the share: a hundred starts measure it to
# about nine percentage points.

n_restarts = np.arange(1, 9)
probability, low, high = (
    100 * (1 - (1 - p) ** n_restarts) for p in (share, interval.low, interval.high)
)

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
left.plot(np.arange(1, 101), np.sort(errors), "o", markersize=4, color="#0072B2")
left.set(yticks=list(outcomes.values()), yticklabels=list(outcomes), ylim=(-0.01, 0.26))
left.grid(axis="y", alpha=0.5)
left.set(xlabel="starts, sorted by error", ylabel="mean squared error")
left.set_title(f"{n_successes} of 100 random starts solve XOR")

right.errorbar(
    n_restarts,
    probability,
    yerr=(probability - low, high - probability),
    fmt="o",
    color="#0072B2",
    capsize=4,
)
for confidence, style in (0.95, "--"), (0.99, ":"):
    right.axhline(
        100 * confidence,
        color="#D55E00",
        linestyle=style,
        label=f"{confidence:.0%}: {needed[confidence]} restarts are enough",
    )
right.set(xlabel="number of restarts R", ylabel="probability (%)", ylim=(50, 101))
right.set_title("Probability that the best of R restarts solves XOR")
right.legend(loc="lower right")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\n{share:.0%} of the starts succeed (95% interval {interval.low:.0%} to "
    f"{interval.high:.0%}), so {needed[0.95]} restarts solve XOR with 95% confidence and "
    f"{needed[0.99]} with 99%;\nif the true share is at the lower end of the interval, it takes "
    f"{needed_at_worst[0.95]} and {needed_at_worst[0.99]}."
)
