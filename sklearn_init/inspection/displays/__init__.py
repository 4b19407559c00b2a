"""Displays: pictures of why an estimator does or does not learn, in scikit-learn's convention."""

from sklearn_init.inspection.displays._comparison import ComparisonDisplay
from sklearn_init.inspection.displays._landscape import LandscapeDisplay
from sklearn_init.inspection.displays._loss_curves import LossCurvesDisplay
from sklearn_init.inspection.displays._signal import SignalDisplay
from sklearn_init.inspection.displays._symmetry import SymmetryDisplay
from sklearn_init.inspection.displays._weights import WeightsDisplay

DISPLAYS: dict[str, type] = {
    "comparison": ComparisonDisplay,
    "landscape": LandscapeDisplay,
    "loss_curves": LossCurvesDisplay,
    "signal": SignalDisplay,
    "symmetry": SymmetryDisplay,
    "weights": WeightsDisplay,
}
"""The table: all Displays, by name."""

__all__ = [
    "DISPLAYS",
    "ComparisonDisplay",
    "LandscapeDisplay",
    "LossCurvesDisplay",
    "SignalDisplay",
    "SymmetryDisplay",
    "WeightsDisplay",
]
