"""
Does dropout make random weights unnecessary?
=============================================

Units that start equal get equal gradients, and so stay equal, but for rounding. Dropout leaves out
other units at every step, so that their gradients differ. Does the start still have to be random,
then? Hardly: equal tanh units that learn less than half of the handwritten digits without dropout
learn nine of ten and more with it. But it takes longer than from random weights, and from zeros
dropout does not help at all.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sklearn_init import InitMLPClassifier, SymmetryWarning
from sklearn_init.inspection import SymmetryDisplay, diagnose

# training ends after 40 epochs, which scikit-learn warns about; equal units are the point here
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")
warnings.filterwarnings("ignore", category=SymmetryWarning)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)

# %%
# Five starts
# -----------
# ``"tied_columns"`` draws random weights, but the same ones for all 16 units. ``dropout=0.5``
# leaves out each unit with probability one half, for every row and at every step. The test rows
# are given to ``fit`` to have the accuracy after each epoch; they change nothing in training.

starts = {
    "random": {"weight_init": "glorot_uniform"},
    "equal": {"weight_init": "tied_columns"},
    "equal, dropout": {"weight_init": "tied_columns", "dropout": 0.5},
    "zeros": {"weight_init": "zeros"},
    "zeros, dropout": {"weight_init": "zeros", "dropout": 0.5},
}
networks = {
    (activation, name): InitMLPClassifier(
        (16,),
        activation,
        solver="sgd",
        learning_rate_init=0.2,
        max_iter=40,
        n_iter_no_change=np.inf,
        bias_init="zeros",
        random_state=0,
        **start,
    ).fit(X_train, y_train, X_val=X_test, y_val=y_test)
    for activation in ("tanh", "relu")
    for name, start in starts.items()
}

# %%
# What they have learned
# ----------------------
# Without dropout, 16 equal units are worth a single one. From zeros, the hidden units send out
# zeros, so the output weights have no gradient; and as the output weights are zero, nothing comes
# back to the hidden units. Leaving out some zeros changes nothing: only the biases of the output
# learn, and with them the network names the most frequent digit.

accuracies = {key: net.score(X_test, y_test) for key, net in networks.items()}
for (activation, name), net in networks.items():
    n_distinct = diagnose(net, X_train, y_train)["distinct_units"][0, 0]
    accuracy = accuracies[activation, name]
    print(f"{activation} {name:<15} accuracy {accuracy:.3f}   distinct units {n_distinct:2.0f}")

# %%
# The picture
# -----------
# Each pixel on the right compares two of the tanh units that started equal, with dropout: yellow
# are equal ones, blue are mirror images. Where training starts, the square is plain.

fig, (left, right) = plt.subplots(
    1, 2, figsize=(11, 3.9), width_ratios=(1, 1.55), layout="constrained"
)
lines = {
    "random": {"color": "black", "linestyle": "-"},
    "equal, dropout": {"color": "#0072b2", "linestyle": "-", "marker": "o", "markevery": 4},
    "equal": {"color": "#d55e00", "linestyle": "--"},
    "zeros, dropout": {"color": "0.55", "linestyle": ":", "linewidth": 2.5},
}
epochs = np.arange(1, 41)
for name, line in lines.items():
    left.plot(epochs, networks["tanh", name].validation_scores_, label=name, **line)
left.set(xlabel="epoch", ylabel="accuracy on the test rows", ylim=(0, 1.02))
left.set_title("Equal units learn with dropout, zeros do not")
left.legend(title="start", loc="center right", bbox_to_anchor=(1, 0.55))
display = SymmetryDisplay.from_estimator(networks["tanh", "equal, dropout"], ax=right)
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

tanh = {name: accuracies["tanh", name] for name in starts}
print(
    f"\nAccuracy of equal tanh units: {tanh['equal']:.1%} without dropout and "
    f"{tanh['equal, dropout']:.1%} with it ({tanh['random']:.1%} from random weights);\nfrom "
    f"zeros with dropout it is {tanh['zeros, dropout']:.1%}, and "
    f"{accuracies['relu', 'zeros, dropout']:.1%} with relu."
)
