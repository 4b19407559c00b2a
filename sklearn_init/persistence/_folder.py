"""The folder of a checkpoint: opened, described, named by its fingerprint."""

import json
import os
from datetime import UTC, datetime
from typing import Any

from sklearn_init._warn import warn_user
from sklearn_init.network import is_compiled
from sklearn_init.persistence._checkpoint import Folder, Save, TakeUp, describe_failure
from sklearn_init.persistence._files import get_versions, write_atomically
from sklearn_init.persistence._fingerprint import compute_fingerprint
from sklearn_init.persistence._resumption import TellResumption
from sklearn_init.training import Audience, Plan, Training

ABOUT = "about.json"
LONGEST = 100
"""Number of characters of a parameter in the description."""


def follow_with_checkpoint(
    checkpoint: Any, estimator: Any, training: Training, plan: Plan
) -> tuple[list[Audience], list[Audience]]:
    """Return who takes restarts up, the first of an audience, and who saves them, the last.

    Parameters
    ----------
    checkpoint : str, path-like or None
        The parameter.
    estimator : InitMLPClassifier or InitMLPRegressor
    training : Training
        The restarts before they are trained.
    plan : Plan
    """
    if checkpoint is None:
        return [], []
    if estimator.random_state is None and training.main is None:
        warn_user(
            f"checkpoint={os.fspath(checkpoint)!r} with random_state=None: a later fit draws "
            "other starts, and so does not find what this one saves. Give random_state an int."
        )
    split = training.split
    assert split is not None
    path = os.path.join(
        os.path.abspath(os.path.expanduser(checkpoint)),
        compute_fingerprint(estimator, training, plan),
    )
    engine = "compiled" if is_compiled(plan.objective.activations) else "reference"
    folder = Folder(path, split.training, split.n_samples, plan.solver.is_exact, engine)
    n_restarts = None if estimator.n_restarts == "auto" else estimator.n_restarts
    tell = TellResumption(folder, os.fspath(checkpoint), n_restarts, in_epochs=training.has_curves)
    # who fits many estimators has more to say than what each of them resumes
    first: list[Audience] = [TakeUp(folder), *([tell] if estimator._stop is None else [])]
    try:
        _describe(path, estimator, training, plan)
    except OSError as error:
        warn_user(describe_failure("save into", path, error))
        return first if os.path.isdir(path) else [], []
    return first, [Save(folder)]


def _describe(path: str, estimator: Any, training: Training, plan: Plan) -> None:
    """Make the folder, and a file in it that says in words what it is."""
    os.makedirs(path, exist_ok=True)
    about = os.path.join(path, ABOUT)
    if os.path.exists(about):
        return
    parameters = estimator.get_params(deep=False)
    facts = {
        "what": "checkpoints of one fit of sklearn_init; this folder can be deleted at any time",
        "class": type(estimator).__name__,
        "parameters": {name: repr(value)[:LONGEST] for name, value in parameters.items()},
        "layers": list(plan.objective.layout.sizes),
        "training rows": training.n_training_rows,
        "validation rows": 0 if plan.validation is None else plan.validation.objective.n_rows,
        "restarts": len(training.restarts),
        "rungs": [[rung.n_restarts, rung.n_epochs] for rung in plan.rungs],
        "versions": get_versions(),
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps(facts, indent=1).encode()
    write_atomically(about, text, durable=False, follow_links=False)
