"""Warnings of a fit about its start, and about how its restarts ended."""

from collections.abc import Callable, Sequence
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from sklearn_init._text import show
from sklearn_init._warn import warn_user
from sklearn_init.diagnostics import (
    ROUNDED,
    describe_symmetries,
    explain_symmetries,
)
from sklearn_init.exceptions import SymmetryWarning
from sklearn_init.initializers import FromFunction, Initializer
from sklearn_init.network import Layout, Objective, is_engine_compiled
from sklearn_init.solvers import MAX_FUN, MAX_ITER, NO_DESCENT, Restart
from sklearn_init.training._split import Split, find_absent_classes

LBFGS_MESSAGES = {
    MAX_ITER: "it reached max_iter={max_iter} iterations. Increase max_iter, or scale the data.",
    MAX_FUN: "it used up max_fun evaluations of the loss. Increase max_fun, or scale the data.",
    NO_DESCENT: (
        "it found no lower loss along its search direction, because of rounding or of kinks in "
        "the loss. Scale X and y; more iterations do not help."
    ),
}
"""What `Restart.message` says of L-BFGS, and what to do."""

CHANCE = 1e-3
"""A loss that is lower by a smaller share is no better than that of a constant prediction."""

WORSE = 2.0
"""A loss that is larger than a constant prediction's by this factor is not due to the data."""

NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def warn_about_engine() -> None:
    """Warn if the package was installed without its compiled engine."""
    if is_engine_compiled():
        return
    imported, installed = Path(__file__).parents[1], find_compiled_package()
    if installed is not None and installed != imported:
        warn_user(
            f"sklearn_init was imported from {imported}, which has no compiled engine and hides "
            f"the package installed in {installed}. Training is slower, several times for small "
            "networks. Start Python in another folder, or install this one with "
            "'pip install -e .'."
        )
    else:
        warn_user(
            "sklearn_init was installed without its compiled engine. Training is slower, several "
            "times for small networks. Install a C compiler and reinstall sklearn-init."
        )


def find_compiled_package() -> Path | None:
    """Return the folder of the installed package, if that has the compiled engine."""
    suffixes = tuple(EXTENSION_SUFFIXES)
    # building leaves metadata without a compiled file in the source folder, which is found first
    for distribution in metadata.distributions(name="sklearn-init"):
        for file in distribution.files or []:
            if file.name.startswith("_passes.") and file.name.endswith(suffixes):
                path = Path(str(file.locate())).resolve()
                if path.exists():
                    return path.parents[1]
    return None


def warn_about_start(
    restarts: Sequence[Restart],
    objective: Objective,
    n_restarts: int | str,
    schemes: Sequence[Initializer],
) -> None:
    """Warn if units of a layer are identical, or if all restarts start from the same row.

    Dropout makes equal restarts different, as each has masks of its own.
    """
    symmetric = next(filter(None, (_describe_symmetry(r, objective) for r in restarts)), None)
    if symmetric:
        warn_user(symmetric, SymmetryWarning)
    if warn_about_unused_generator(schemes, restarts, objective.layout):
        return
    first, *others = restarts
    can_be_equal = bool(others) and not objective.has_dropout
    if can_be_equal and all(np.array_equal(first.start, r.start) for r in others):
        warn_user(
            f"n_restarts={n_restarts!r}, but all starts are equal: weight_init and bias_init "
            "draw nothing at random, so that the restarts only repeat each other."
        )


def warn_about_unused_generator(
    schemes: Sequence[Initializer], restarts: Sequence[Restart], layout: Layout
) -> bool:
    """Warn if a user's scheme gives two layers, or two restarts, the same random numbers.

    Return whether it did. Numbers of two values, such as those of a constant or of the identity,
    are no random ones.
    """
    own = [
        layer
        for layer, scheme in enumerate(schemes)
        if isinstance(scheme, FromFunction) or not is_ours(scheme)
    ]
    seen: dict[tuple[int, ...], list[NDArray]] = {}
    for layer in own:
        for restart in restarts[:2]:
            W = layout.views(restart.start)[0][layer]
            before = seen.setdefault(W.shape, [])
            if any(np.array_equal(W, other) for other in before) and len(np.unique(W)) > 2:
                warn_user(
                    f"weight_init gives layer {layer + 1} the same numbers as another layer or "
                    "restart, so that these repeat each other. If the numbers are meant to be "
                    "random, draw them from rng, the generator that weight_init is called with, "
                    "not from a generator with a fixed seed."
                )
                return True
            before.append(W)
    return False


def is_ours(scheme: Initializer) -> bool:
    """Whether the classes of a scheme, and of those it is made of, belong to this package."""
    parts = (p for p in scheme.get_params(deep=False).values() if isinstance(p, Initializer))
    return type(scheme).__module__.startswith("sklearn_init.") and all(map(is_ours, parts))


def _describe_symmetry(restart: Restart, objective: Objective) -> str:
    """Say which hidden layers have identical units, and what follows; empty if none has."""
    found = describe_symmetries(
        objective.layout, restart.start, objective.activations, objective.rates, ROUNDED
    )
    if not found:
        return ""
    verdicts = "; ".join(symmetry.verdict for symmetry in found.values())
    return f"{'. '.join([verdicts, *explain_symmetries(found.values())])}."


def warn_about_absent_classes(
    classes: NDArray | None, objective: Objective, split: Split | None
) -> None:
    """Warn if all rows of a class are held out: no network can learn it."""
    if classes is None or split is None:
        return
    absent = find_absent_classes(objective, split, classes)
    if absent:
        warn_user(
            f"The split that holds rows out leaves the classes {show(absent)} without a training "
            "row, so that they are never predicted: give X_val and y_val, change random_state, or "
            "lower validation_fraction."
        )


def warn_about_average(estimator: Any, n_kept: int) -> None:
    """Warn if fewer networks are averaged than are asked for, or only one is asked for."""
    if estimator.restart_combine != "average":
        return
    n_wanted = estimator.restart_keep
    if n_wanted == 1:
        problem = (
            "restart_keep=1 averages a single network: set restart_keep to the number of networks "
            "to average, and n_restarts to as many or more."
        )
    elif n_kept < n_wanted:
        problem = (
            f"restart_keep={n_wanted} networks are to be averaged, but only {n_kept} can be: the "
            "other restarts diverged, were dropped by the race of an earlier call, or left out of "
            "a pickle."
        )
    else:
        return
    warn_user(f"restart_combine='average': {problem}")


def warn_about_scores(restarts: Sequence[Restart], scoring: object) -> None:
    """Warn if early stopping had no score to go by, so that weights are those of the start."""
    without = [r for r in restarts if r.scores and r.best_score == -np.inf and not r.diverged]
    if without:
        warn_user(
            f"scoring={show(scoring)} gave no finite score in any epoch of {len(without)} of "
            f"{len(restarts)} restarts, so that early_stopping=True left them where they started: "
            "choose another scoring, or validation rows with all classes."
        )


def warn_about_batch_size(batch_size: object, n_samples: int) -> None:
    """Warn if a batch would be larger than the data."""
    if isinstance(batch_size, str) or batch_size <= n_samples:  # type: ignore[operator]
        return
    warn_user(
        f"Got `batch_size` less than 1 or larger than sample size: batch_size={batch_size!r} is "
        f"clipped to {n_samples}."
    )


def warn_about_chance(best: Restart, objective: Objective) -> None:
    """Warn if training stopped where a constant prediction is as good.

    Parameters
    ----------
    best : Restart
        The one that predicts.
    objective : Objective
        On the training rows.
    """
    if not best.stopped or best.message or best.diverged:
        return
    constant = objective.constant_loss()
    if constant > 0 and best.loss >= (1 - CHANCE) * constant:
        is_worse = best.loss > WORSE * constant
        warn_user(
            f"Training stopped at a training loss of {best.loss:.4g}, which is "
            f"{'worse' if is_worse else 'no better'} than that of a constant prediction, "
            f"{constant:.4g}. The network has learned nothing"
            f"{'' if is_worse else ', or X says nothing about y'}: diagnose(est, X, y) tells "
            f"{'why' if is_worse else 'which'}.",
            ConvergenceWarning,
        )


def warn_about_end(
    restarts: Sequence[Restart], in_epochs: bool, max_iter: float, remedy: Callable[[], str]
) -> None:
    """Give one ConvergenceWarning for all restarts that did not converge or that diverged.

    Parameters
    ----------
    restarts : sequence of Restart
    in_epochs : bool
        Whether the solver is stochastic.
    max_iter : float
        The number of epochs or iterations they were allowed; infinite for `partial_fit`, which
        is not meant to converge.
    remedy : callable
        Returns what to do about divergence.
    """
    describe = _describe_epochs if in_epochs else _describe_lbfgs
    sentences = [*describe(restarts, max_iter), *_describe_divergence(restarts, remedy)]
    if sentences:
        warn_user("\n".join(sentences), ConvergenceWarning)


def describe_total_divergence(remedy: str) -> str:
    """Say that no restart has finite weights, beginning with scikit-learn's sentence."""
    return f"{NON_FINITE} Try this: {remedy}."


def _describe_epochs(restarts: Sequence[Restart], max_iter: float) -> list[str]:
    ran_out = [r for r in restarts if not r.stopped and r.n_iter == max_iter > 0]
    if not ran_out:
        return []
    which = "" if len(restarts) == 1 else f" by {len(ran_out)} of {len(restarts)} restarts"
    return [
        f"Stochastic Optimizer: Maximum iterations ({max_iter}) reached{which} and the "
        "optimization hasn't converged yet."
    ]


def _describe_lbfgs(restarts: Sequence[Restart], max_iter: float) -> list[str]:
    sentences = []
    for message, explanation in LBFGS_MESSAGES.items():
        n_failed = sum(r.message == message and not r.diverged for r in restarts)
        if n_failed:
            which = "" if len(restarts) == 1 else f" in {n_failed} of {len(restarts)} restarts"
            sentences.append(
                f"lbfgs failed to converge{which}: {explanation.format(max_iter=max_iter)}"
            )
    return sentences


def _describe_divergence(restarts: Sequence[Restart], remedy: Callable[[], str]) -> list[str]:
    diverged = [r for r in restarts if r.diverged]
    if not diverged:
        return []
    return [
        f"{len(diverged)} of {len(restarts)} restarts diverged: loss or weights became "
        "non-finite, or the loss exceeds ten times the largest it started with. Try this: "
        f"{remedy()}."
    ]
