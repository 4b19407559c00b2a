"""Inspection: why an estimator does or does not learn."""

from sklearn_init.diagnostics import Finding
from sklearn_init.inspection._diagnose import diagnose
from sklearn_init.inspection._diagnosis import Diagnosis
from sklearn_init.inspection._paths import PathRecorder
from sklearn_init.inspection.displays import (
    ComparisonDisplay,
    LandscapeDisplay,
    LossCurvesDisplay,
    SignalDisplay,
    SymmetryDisplay,
    WeightsDisplay,
)

__all__ = [
    "ComparisonDisplay",
    "Diagnosis",
    "Finding",
    "LandscapeDisplay",
    "LossCurvesDisplay",
    "PathRecorder",
    "SignalDisplay",
    "SymmetryDisplay",
    "WeightsDisplay",
    "diagnose",
]
