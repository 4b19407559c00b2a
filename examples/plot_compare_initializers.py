"""
Choosing a scheme for your data
===============================

Which scheme should it be, for your data and your network? ``compare_initializers`` trains all of
them on the same folds and says whether their scores differ by more than chance. Here the answer is
the usual one for a shallow network on scaled data: no difference that matters among three schemes
of the textbooks, and a large one to weights that are all equal, or a hundred times too large.
"""

import sys
import warnings
from pathlib import Path

from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import InitMLPClassifier, SymmetryWarning, VarianceScaling, compare_initializers
from sklearn_init.inspection import ComparisonDisplay

# training ends after 30 epochs, which scikit-learn warns about; equal units are one of the schemes
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")
warnings.filterwarnings("ignore", category=SymmetryWarning)

# %%
# A network in a pipeline
# -----------------------
# The scaler is fitted on the training rows of each fold, as it should be.

X, y = load_breast_cancer(return_X_y=True)
mlp = InitMLPClassifier((20,), learning_rate_init=0.01, max_iter=30, random_state=0)
pipeline = make_pipeline(StandardScaler(), mlp)

# %%
# Five schemes
# ------------
# A scheme is anything that ``weight_init`` takes. The first one is the baseline, with which the
# others are compared; three restarts per fold show how much the start alone does.

schemes = {
    "sklearn": "sklearn",
    "he_normal": "he_normal",
    "orthogonal": "orthogonal",
    "he_normal x 100": VarianceScaling(scale=2 * 100**2),
    "zeros": "zeros",
}
comparison = compare_initializers(pipeline, X, y, schemes, cv=5, n_restarts=3)

# %%
# The table and the verdict
# -------------------------
# Folds share most of their training rows, which the intervals and the tests allow for. ``failed``
# counts restarts that diverged or are no better than always naming the most frequent class.

print(comparison)

# %%
# A question about two of the schemes has a sentence as its answer, too:

print()
print(comparison.compare("orthogonal", "he_normal"))

# %%
# The picture
# -----------
# On the left, what is too far behind is named at the edge, so that the others can be told apart.
# On the right are mean ranks. They do not know how far behind a scheme is, and with five folds
# they tell few schemes apart: bars at the side join those that they do not.

display = ComparisonDisplay.from_comparison(comparison)
display.figure_.suptitle("Three schemes tie; weights that are equal, or far too large, fail")
display.figure_.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

scores = dict(zip(comparison["scheme"], comparison["mean_test_score"], strict=True))
sane = [scores[name] for name in ("sklearn", "he_normal", "orthogonal")]
print(
    f"\nAccuracy of three sane schemes: {min(sane):.1%} to {max(sane):.1%}. It is "
    f"{scores['he_normal x 100']:.1%} with weights a hundred times too large, and "
    f"{scores['zeros']:.1%} from zeros."
)
