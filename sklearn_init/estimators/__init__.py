"""The estimators, and what only they need: parameters, data, warnings, files."""

from sklearn_init.estimators._draw import draw
from sklearn_init.estimators._loading import load
from sklearn_init.estimators.classifier import InitMLPClassifier
from sklearn_init.estimators.regressor import InitMLPRegressor

__all__ = ["InitMLPClassifier", "InitMLPRegressor", "draw", "load"]
