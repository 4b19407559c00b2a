"""The theory of initialization as functions: gains, critical points, depth scales.

Each takes an activation by name or as an object, and integrates exactly to 1e-6 and better.
"""

from sklearn_init.theory._criticality import (
    CriticalPoint,
    find_critical_point,
    find_doubly_critical_point,
)
from sklearn_init.theory._criticality import (
    keeps_zero as keeps_zero,
)
from sklearn_init.theory._depth import (
    DepthScales,
    compute_depth_scales,
    map_correlation,
    map_variance,
)
from sklearn_init.theory._gains import compute_gain, compute_mean, predict_variances
from sklearn_init.theory._mesh import remember as remember

__all__ = [
    "CriticalPoint",
    "DepthScales",
    "compute_depth_scales",
    "compute_gain",
    "compute_mean",
    "find_critical_point",
    "find_doubly_critical_point",
    "map_correlation",
    "map_variance",
    "predict_variances",
]
