"""
What lies between two networks?
===============================

Training leads each start down into a valley of its own. A cut through the weights of three
networks shows hills between them: the network whose weights are the mean of theirs has several
times their loss. The mean of their *predictions* is better than they are on average, and about as
good as the best of them.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from sklearn_init import InitMLPClassifier
from sklearn_init.inspection import LandscapeDisplay, PathRecorder

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.5, random_state=0)

# sixty epochs show it, which scikit-learn warns are few
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# Three walkers
# -------------
# All three are kept. A recorder notes where they are after every epoch; it needs the callbacks of
# scikit-learn 1.9, and with an older one there are no paths in the picture.

clf = InitMLPClassifier(
    hidden_layer_sizes=(30,),
    learning_rate_init=0.01,
    max_iter=60,
    n_restarts=3,
    restart_keep=3,
    restart_combine="average",
    random_state=1,
)
recorder = PathRecorder()
has_callbacks = hasattr(clf, "set_callbacks")
if has_callbacks:
    clf.set_callbacks(recorder)
clf.fit(X_train, y_train)

# %%
# The mean of weights, and that of predictions
# --------------------------------------------
# With ``restart_combine="average"`` the estimator predicts with the mean of the probabilities. Its
# log loss is never above the mean of those of the networks, as the logarithm is concave. The mean
# of the weights is a start that is given: one array per layer.

networks = [clf.restart(r) for r in range(3)]
middle = InitMLPClassifier(
    hidden_layer_sizes=(30,),
    weight_init=[np.mean([n.coefs_[layer] for n in networks], axis=0) for layer in range(2)],
    bias_init=[np.mean([n.intercepts_[layer] for n in networks], axis=0) for layer in range(2)],
).initialize(X_train, y_train)

singles = [log_loss(y_test, network.predict_proba(X_test)) for network in networks]
of_weights = log_loss(y_test, middle.predict_proba(X_test))
of_predictions = log_loss(y_test, clf.predict_proba(X_test))
print("log loss of the networks on the test rows:", ", ".join(f"{loss:.3f}" for loss in singles))

# %%
# The picture
# -----------
# The plane through the three networks, to scale. Walkers come from elsewhere: the legend tells how
# much of their way lies in the plane.

paths = recorder.paths_ if has_callbacks else None
display = LandscapeDisplay.from_estimator(clf, X_train, y_train, paths=paths)
display.ax_.plot(*np.mean(list(display.points.values()), axis=0), "k+", ms=12, mew=2)
display.ax_.set_title("There are hills between networks (+: the mean of the three)")
display.figure_.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nLog loss on the test rows: {np.mean(singles):.3f} for a network on average, "
    f"{of_predictions:.3f} for the mean of their predictions, {of_weights:.3f} for the network "
    "with the mean of their weights."
)
