"""
A pipeline in production
========================

How does a network get from a notebook to where it is used? As any other estimator of scikit-learn:
it is a step of a pipeline, ``GridSearchCV`` chooses its scheme and penalty, and restarts guard
against a bad start. Where it is used, nobody needs this package: ``to_sklearn`` returns
scikit-learn's own network, which predicts the same for 143 of 143 new rows.
"""

import pickle
import sys
import tempfile
import timeit
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_init import InitMLPClassifier, load
from sklearn_init.inspection import LossCurvesDisplay

# training ends after 40 epochs, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# Train and choose
# ----------------
# Every candidate races eight restarts; the winner is the one with the lowest loss.

mlp = InitMLPClassifier(
    (20,),
    learning_rate_init=0.01,
    max_iter=40,
    n_restarts=8,
    restart_strategy="halving",
    random_state=0,
)
pipeline = Pipeline([("scale", StandardScaler()), ("mlp", mlp)])
grid = {"mlp__weight_init": ["sklearn", "he_normal", "orthogonal"], "mlp__alpha": [1e-4, 1]}
search = GridSearchCV(pipeline, grid, cv=3).fit(X_train, y_train)
best = search.best_estimator_
print(f"chosen: {search.best_params_}")

# %%
# Hand it over
# ------------
# The scaler is scikit-learn's already. With the network as scikit-learn's own, the pipeline can be
# loaded where this package is not installed.

deployed = Pipeline([("scale", best["scale"]), ("mlp", best["mlp"].to_sklearn())])
n_same = (deployed.predict(X_test) == best.predict(X_test)).sum()
gap = np.abs(deployed.predict_proba(X_test) - best.predict_proba(X_test)).max()
print(f"handed over: {deployed['mlp']}")
print(f"labels alike: {n_same} of {len(X_test)}; probabilities differ by {gap:.2g} at most")

# %%
# Save and load
# -------------
# A pickle can run code when it is read, so use it among those who trust each other. What ``save``
# writes cannot. It holds the network with its parameters and the record of its restarts. (Where
# there is no Python, ``to_onnx`` makes an ONNX model of the network.)

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "network.mlp"
    best["mlp"].save(path)
    again = load(path)
    file_size = path.stat().st_size / 1000  # kB
pickled = pickle.dumps(deployed)

probabilities = again.predict_proba(best["scale"].transform(X_test))
is_exact = np.array_equal(probabilities, best.predict_proba(X_test))
print(f"loaded, it predicts {'the same, bit by bit' if is_exact else 'something else'}")
print(f"file: {file_size:.1f} kB; pickle of scikit-learn's pipeline: {len(pickled) / 1000:.1f} kB")

# %%
# How long does a prediction take?
# --------------------------------
# The fastest of five rounds of twenty calls each, with one row.

milliseconds = {}
for name, model in {"this package": best, "scikit-learn": deployed}.items():
    names = {"model": model, "row": X_test[:1]}
    rounds = timeit.repeat("model.predict(row)", globals=names, number=20, repeat=5)
    milliseconds[name] = 1000 * min(rounds) / 20

# %%
# The picture
# -----------
# Before it goes: how the restarts of the chosen network have fared. A Display takes the pipeline.

accuracy = deployed.score(X_test, y_test)
display = LossCurvesDisplay.from_estimator(best)
display.ax_.set_title(f"The best of eight starts, raced, is right for {accuracy:.1%} of new rows")
display.figure_.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nA prediction takes {milliseconds['this package']:.2f} ms, with scikit-learn's network "
    f"{milliseconds['scikit-learn']:.2f} ms; both predict the same for {n_same} of {len(X_test)} "
    f"new rows,\nand right for {accuracy:.1%}. The file of the network has {file_size:.1f} kB."
)
