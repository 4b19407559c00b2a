"""Write the model file of the present format, once, before a version is released.

``python tests/files/make.py`` writes ``format-<number>.mlp`` and prints the predictions that
``tests/test_saving.py`` compares it with. A file that was released is never written again.
"""

import pathlib

import numpy as np

from sklearn_init import InitMLPClassifier, VarianceScaling
from sklearn_init.persistence._files import FORMAT

X = np.array([[0.5, -1.0, 2.0], [0.0, 0.25, -0.75], [1.0, 1.0, 1.0], [-0.5, 0.0, 0.5]] * 3)
Y = np.array(["a", "b", "c", "b"] * 3, object)

if __name__ == "__main__":
    clf = InitMLPClassifier(
        (2,), activation=("tanh",), weight_init={"hidden": VarianceScaling(), "output": "zeros"},
        solver="sgd", learning_rate_init=0.3, n_restarts=2, restart_keep=2, max_iter=8,
        restart_combine="average", early_stopping=True, validation_fraction=0.25, warm_start=True,
        random_state=np.random.RandomState(5),
    ).fit(X, Y)  # fmt: skip
    clf.save(pathlib.Path(__file__).with_name(f"format-{FORMAT}.mlp"))
    print("predict_proba", clf.predict_proba(X[:2]).tolist())
    print("after one more fit", clf.fit(X, Y).predict_proba(X[:2]).tolist())
