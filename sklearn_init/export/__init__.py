"""Fitted networks in the formats of others: ONNX and scikit-learn."""

from sklearn_init.export._onnx import to_onnx
from sklearn_init.export._sklearn import to_sklearn

__all__ = [
    "to_onnx",
    "to_sklearn",
]
