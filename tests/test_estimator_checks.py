"""scikit-learn's own checks of third-party estimators, without an expected failure."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_init import InitMLPClassifier, InitMLPRegressor


@parametrize_with_checks([InitMLPClassifier(), InitMLPRegressor()])
def test_check(estimator, check):
    check(estimator)
