"""
Grid search over initialization schemes
=======================================

``weight_init`` is a hyperparameter like any other, so scikit-learn's ``GridSearchCV`` can search
over it. Here eight schemes compete on the handwritten digits: seven that draw the weights at
random, and ``"zeros"``, which cannot work.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import InitMLPClassifier, SymmetryWarning, VarianceScaling

# %%
# A pipeline and its grid
# -----------------------
# A scheme is given by its name, or as an object if it has parameters. With ``n_restarts=2`` each
# network is trained from two starts, and the one with the lower training loss is kept.

X, y = load_digits(return_X_y=True)
pipeline = Pipeline(
    [
        ("scale", StandardScaler()),
        (
            "mlp",
            InitMLPClassifier(
                (64,), learning_rate_init=0.003, n_restarts=2, max_iter=20, random_state=0
            ),
        ),
    ]
)
schemes = [
    "sklearn",
    "torch",
    "glorot_uniform",
    "he_normal",
    "orthogonal",
    "truncated_normal",
    VarianceScaling(scale=0.5),
    "zeros",
]

# %%
# Four warnings are expected here and would only repeat themselves, so they are silenced, and no
# others: 20 epochs end before full convergence, and ``"zeros"`` makes all units, and both starts,
# equal, and learns nothing.

warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Training stopped")
warnings.filterwarnings("ignore", category=SymmetryWarning)
warnings.filterwarnings("ignore", category=UserWarning, message=".*all starts are equal")

folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
search = GridSearchCV(pipeline, {"mlp__weight_init": schemes}, cv=folds).fit(X, y)

# %%
# The scores
# ----------
# The interval is a 95% t-interval of the five fold scores: it is over folds, so it says how much
# the accuracy depends on which digits are held out, not on the random numbers of the start.

results = search.cv_results_
scores = np.column_stack([results[f"split{k}_test_score"] for k in range(5)])
names = np.array([str(scheme) for scheme in schemes])
means = scores.mean(axis=1)
half_widths = stats.t.ppf(0.975, df=4) * stats.sem(scores, axis=1)

print(f"{'scheme':<28}accuracy")
for name, mean, half_width in zip(names, means, half_widths, strict=True):
    print(f"{name:<28}{mean:.3f} +/- {half_width:.3f}")

# %%
# The picture
# -----------
# The left half shows all schemes, the right half is a close-up of those that learn.

chance = np.bincount(y).max() / len(y)  # the accuracy of always naming the most frequent digit
learns = means > 2 * chance
rows = np.arange(len(names))[::-1]

fig, (overview, closeup) = plt.subplots(
    1, 2, sharey=True, figsize=(9, 4), width_ratios=(1, 2), layout="constrained"
)
for ax, shown in (overview, learns | ~learns), (closeup, learns):
    ax.errorbar(
        means[shown], rows[shown], xerr=half_widths[shown], fmt="o", color="#0072B2", capsize=4
    )
    ax.grid(axis="x", alpha=0.4)
overview.axvline(chance, color="black", linestyle="--")
overview.text(chance + 0.03, rows[0], "most frequent digit", rotation=90, va="top")
overview.set(xlim=(0, 1.05), yticks=rows, yticklabels=names, xlabel="mean accuracy")
overview.set_title("All schemes")
for row in rows[~learns]:
    closeup.text(
        0.5, row, "far below", transform=closeup.get_yaxis_transform(), ha="center", va="center"
    )
closeup.set(xlabel="mean accuracy and its 95% t-interval over 5 folds", title="Close-up")
fig.suptitle("Handwritten digits: accuracy by weight_init")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

# %%
# What to learn from it
# ---------------------
# On a problem as easy as this one, the choice among random schemes hardly matters. What matters
# is that the start is random.

best = search.best_index_
spread = means[learns].max() - means[learns].min()
verdict = "a tie" if spread <= half_widths[best] else "not a tie"
print(
    f"\nThe best scheme is {names[best]} with an accuracy of {means[best]:.3f}, but the "
    f"{learns.sum()} that learn differ by {spread:.3f} at most, against a fold noise of "
    f"+/- {half_widths[best]:.3f}: {verdict}.\n"
    f"{', '.join(names[~learns])} fails with {means[~learns].max():.3f}; always naming the most "
    f"frequent digit gives {chance:.3f}."
)
