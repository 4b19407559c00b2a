"""scikit-learn's own checks of third-party estimators, without an expected failure."""

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_init import InitMLPClassifier, InitMLPRegressor

ESTIMATORS = [InitMLPClassifier(), InitMLPRegressor()]


@parametrize_with_checks(ESTIMATORS)
def test_check(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda est: type(est).__name__)
@pytest.mark.parametrize(
    "name",
    [
        "check_dataframe_column_names_consistency",
        "check_inplace_ensure_writeable",
        "check_all_zero_sample_weights_error",
    ],
)
def test_check_that_is_not_part_of_the_suite(estimator, name):
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip("this version of scikit-learn does not have it")
    check(type(estimator).__name__, estimator)
