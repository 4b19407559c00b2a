"""What is to blame where a network was trained: its start, its training, or the data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sklearn_init.diagnostics._findings import DATA, INITIALIZATION, TRAINING, Finding

LEARNED, NOT_LEARNED = 0.5, 0.97
"""A network has learned if its loss is below the first share of a constant's, and has not if it
is above the second."""

SHRINKING = {"vanishing", "vanishing_gradient", "symmetry", "collapsed"}
"""What a penalty does that is too strong; too large steps do the rest."""

UNLEARNABLE = {
    "unscaled_inputs",
    "unscaled_targets",
    "vanishing",
    "exploding",
    "vanishing_gradient",
    "exploding_gradient",
}
"""What only matters as it keeps networks from learning: one that has learned is above it."""


@dataclass(frozen=True)
class Outcome:
    """How the training of a network ended.

    Attributes
    ----------
    loss, constant_loss : float
        On the rows that were given, with class weights and without the penalty: the network's,
        and that of the best constant prediction. NaN without targets.
    last_loss, start_loss : float
        The last reported loss, and the one training started with.
    diverged : bool
    has_just_begun : bool
        Whether it was too short to have an effect.
    step, penalty, others : str
        Parameters with values, to be named in remedies: what sets the size of steps, the strength
        of the penalty, and what else there is.
    """

    loss: float
    constant_loss: float
    last_loss: float
    start_loss: float
    diverged: bool
    has_just_begun: bool
    step: str
    penalty: str
    others: str


def judge_training(
    faults: Sequence[Finding], start_faults: Sequence[Finding] | None, outcome: Outcome
) -> list[Finding]:
    """Return the findings in a trained network.

    Parameters
    ----------
    faults, start_faults : sequence of Finding
        What the rules find in the trained network, and in its start; None if that is not known.
    outcome : Outcome
        How training ended.
    """
    has_targets = not np.isnan(outcome.constant_loss)
    loss, reference = (
        (outcome.loss, outcome.constant_loss)
        if has_targets
        else (outcome.last_loss, outcome.start_loss)
    )
    findings = [_blame(fault, start_faults, outcome) for fault in faults]
    if loss < LEARNED * reference:
        # without targets, a penalty that falls looks like learning
        harmless = {INITIALIZATION, DATA} | ({TRAINING} if has_targets else set())
        return [f for f in findings if f.name not in UNLEARNABLE or f.cause not in harmless]
    if outcome.diverged and not any(f.cause == INITIALIZATION for f in findings):
        return [_diverged(outcome), *(f for f in findings if f.cause == DATA)]
    if not (findings or outcome.has_just_begun) and loss > NOT_LEARNED * reference:
        whose = "a constant prediction has" if has_targets else "it started with"
        findings.append(_not_learned(loss, reference, whose, outcome))
    return findings


def _blame(finding: Finding, start_faults: Sequence[Finding] | None, outcome: Outcome) -> Finding:
    """Return the finding with training as the cause, if the start was healthy."""
    if finding.cause != INITIALIZATION or start_faults is None:
        return finding
    if any(finding.name == fault.name for fault in start_faults):
        return finding
    for fault in start_faults:
        if fault.cause == INITIALIZATION:
            remedy = f"the start had a fault already: {fault.verdict}; {fault.remedy}"
            return replace(finding, remedy=remedy)
    knob = outcome.penalty if finding.name in SHRINKING else outcome.step
    remedy = f"initialization is not the problem, as the start did not have it: lower {knob}"
    return replace(finding, remedy=remedy, cause=TRAINING)


def _diverged(outcome: Outcome) -> Finding:
    return Finding(
        "diverged",
        None,
        f"training: it diverged, from a loss of {outcome.start_loss:.3g} to "
        f"{outcome.last_loss:.3g}",
        f"initialization is not the problem: lower {outcome.step}",
        TRAINING,
    )


def _not_learned(loss: float, reference: float, whose: str, outcome: Outcome) -> Finding:
    word = "hardly" if loss < reference else "no"
    return Finding(
        "not_learned",
        None,
        f"training: the loss of {loss:.3g} is {word} better than the {reference:.3g} that "
        f"{whose}, though signals and gradients are healthy in all layers",
        "initialization is not the problem: look at "
        f"{outcome.step}, {outcome.penalty}, {outcome.others}, and at the data",
        TRAINING,
    )
