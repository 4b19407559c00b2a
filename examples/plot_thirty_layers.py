"""
He or Xavier with 30 relu layers?
=================================

He's, for relu. Half of what a unit receives is cut off by relu, so that with Xavier Glorot's
variance, 1/n for layers of n units, every layer halves the mean square of the signal, and thirty
layers leave about a billionth of it. Plain gradient descent does not move from there, while from
He's variance, 2/n, it learns at once. Adam, whose steps do not depend on the size of the gradient,
learns from both in most cases, and faster from He's.
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

from sklearn_init import InitMLPClassifier, diagnose

X, y = load_digits(return_X_y=True)
X = scale(X)

# a few epochs show it, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# Two starts, two solvers
# -----------------------
# Thirty layers of 64 units, and no biases at the start. `initialize` draws the weights that `fit`
# begins with, which are the same for both solvers, and `diagnose` sends rows through them.

solvers = {
    "sgd": {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.01},
    "adam": {"solver": "adam", "learning_rate_init": 0.0003},
}
diagnoses, curves = {}, {}
for scheme in "glorot_normal", "he_normal":
    for solver, options in solvers.items():
        net = InitMLPClassifier(
            hidden_layer_sizes=(64,) * 30,
            weight_init=scheme,
            batch_size=30,
            max_iter=8,
            dtype="float32",
            random_state=0,
            **options,
        )
        curves[scheme, solver] = net.fit(X, y).loss_curve_
        print(f"{scheme:<13} {solver:<4}  loss after 8 epochs {curves[scheme, solver][-1]:.3f}")
    diagnoses[scheme] = diagnose(net.initialize(X, y), X, y)

# %%
# Always saying that all ten digits are as likely costs ln 10, which is 2.303: from Glorot's start,
# plain gradient descent has learned nothing better. The diagnosis of the untrained network knows:

print("\n" + textwrap.fill(str(diagnoses["glorot_normal"].findings[0]), width=90))

# %%
# The picture
# -----------
# Marks are what was measured, lines what theory expects of very wide layers. (With momentum, some
# of Glorot's starts do train; with Adam, not quite all of them do in so few epochs.)

labels = {"glorot_normal": "Glorot (1/n)", "he_normal": "He (2/n)"}
looks = {"glorot_normal": ("#d55e00", "s"), "he_normal": ("#0072b2", "o")}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for scheme, diagnosis in diagnoses.items():
    color, marker = looks[scheme]
    layers = np.arange(1, 31)
    measured, expected = (
        diagnosis[name][0, :30] for name in ("z_mean_square", "expected_mean_square")
    )
    left.semilogy(layers, measured, marker, color=color, label=labels[scheme])
    left.semilogy(layers, expected, "-", color=color)
for (scheme, solver), curve in curves.items():
    color, marker = looks[scheme]
    style = {"sgd": "-", "adam": "--"}[solver] + marker
    fill, label = {"sgd": "full", "adam": "none"}[solver], f"{labels[scheme]}, {solver}"
    right.plot(np.arange(1, 9), curve, style, color=color, fillstyle=fill, label=label)
left.set(xlabel="hidden layer", ylabel="mean square of pre-activations (units of z, squared)")
left.set(title="Glorot's start halves the signal in every relu layer;")
right.set(xlabel="epoch", ylabel="log loss + penalty (nats)", ylim=(0, 2.5))
right.set(title="plain gradient descent does not move from there")
left.legend()
right.legend(loc="lower left")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

shrunk = {s: d["z_mean_square"][0, 29] / d["z_mean_square"][0, 0] for s, d in diagnoses.items()}
last = {key: curve[-1] for key, curve in curves.items()}
print(
    f"\nFrom the first to the 30th layer the mean square changes by {shrunk['glorot_normal']:.0e} "
    f"(Glorot) and {shrunk['he_normal']:.1f} (He); the loss after 8 epochs is "
    f"{last['glorot_normal', 'sgd']:.2f} and {last['he_normal', 'sgd']:.2f} with plain gradient "
    f"descent, {last['glorot_normal', 'adam']:.2f} and {last['he_normal', 'adam']:.2f} with Adam."
)
