"""
What do large weights do to tanh and logistic units?
====================================================

They saturate: a unit that gets a large input gives nearly -1 or 1 (logistic: 0 or 1), whatever the
input, so that its slope is nearly zero, and so is the gradient that passes through it. Weights 16
times as large as Glorot's saturate nine of ten tanh units, and after ten epochs the loss is seven
times as high.
"""

import sys
import textwrap
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from sklearn_init import InitMLPClassifier, VarianceScaling, diagnose

X, y = load_digits(return_X_y=True)
X = scale(X)

# ten epochs show how training begins, which scikit-learn warns are few
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# One network, five sizes of weights
# ----------------------------------
# Two hidden layers, whose weights are Glorot's times a factor: with ``mode="fan_avg"`` the
# variance of a weight is ``scale`` divided by the mean number of inputs and outputs. The output
# layer has the same weights each time. `diagnose` looks at the start: which share of activations
# is saturated, and how long is the gradient, compared with the weights?

factors = 0.25, 1, 4, 16, 64
saturated, losses, diagnoses = {}, {}, {}
for activation in "tanh", "logistic":
    for factor in factors:
        hidden = VarianceScaling(scale=factor**2, mode="fan_avg", distribution="normal")
        net = InitMLPClassifier(
            hidden_layer_sizes=(50, 50),
            activation=activation,
            solver="sgd",
            learning_rate_init=0.05,
            max_iter=10,
            weight_init={"hidden": hidden, "output": "glorot_normal"},
            bias_init=0.0,
            random_state=0,
        )
        diagnosis = diagnose(net.initialize(X, y), X, y)
        diagnoses[activation, factor] = diagnosis
        saturated[activation, factor] = diagnosis["saturated"][0, 0]
        losses[activation, factor] = net.fit(X, y).loss_
        print(
            f"{activation:<8} factor {factor:<4}  "
            f"saturated {saturated[activation, factor]:4.0%}   "
            f"gradient / weights {diagnosis['gradient_ratio'][0, 0]:.4f}   "
            f"loss {losses[activation, factor]:.2f}"
        )

# %%
# You do not have to try: the diagnosis names what is wrong before training, and what to do.

for finding in diagnoses["tanh", 16].findings:
    print("\n" + textwrap.fill(str(finding), width=90))

# %%
# The picture
# -----------
# The larger the weights, the more units are saturated, and the slower the start. Logistic units
# want somewhat larger weights than Glorot's, which are made for tanh: their slope is 1/4 at most.
# Too small is not good for them either: what differs between rows hardly gets through.

looks = {"tanh": ("#0072b2", "-", "o"), "logistic": ("#d55e00", "--", "s")}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for activation, (color, style, marker) in looks.items():
    look = {"color": color, "linestyle": style, "marker": marker, "label": activation}
    left.plot(factors, [100 * saturated[activation, factor] for factor in factors], **look)
    right.plot(factors, [losses[activation, factor] for factor in factors], **look)
for ax in left, right:
    ax.set_xscale("log", base=4)
    ax.set_xticks(factors, ["1/4", "1", "4", "16", "64"])
    ax.minorticks_off()
    ax.set(xlabel="hidden weights, in multiples of Glorot's")
left.set(ylabel="saturated in the first hidden layer (%)", title="Large weights saturate units,")
right.set(
    ylabel="log loss + penalty after 10 epochs (nats)", title="and training starts slowly", ylim=0
)
left.legend()
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nWith weights 16 times as large, {saturated['tanh', 16]:.0%} of tanh and "
    f"{saturated['logistic', 16]:.0%} of logistic activations are saturated; after ten epochs the "
    f"loss of tanh is {losses['tanh', 16]:.2f} instead of {losses['tanh', 1]:.2f}."
)
