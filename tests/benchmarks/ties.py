"""False alarms and power of the tests of a comparison.

``python tests/benchmarks/ties.py`` compares a scheme with itself, with other seeds, 200 times: on
samples of digits, of a classification and of a regression problem; then it draws scores of folds
from a model with components of variance as comparisons have them, many times, without and with a
difference; and last, differences of few folds that are whole numbers of rows. It takes some ten
minutes on two cores; name parts to see only those. The exit code is 1 if more than 18 of 200
comparisons, or more than 9% of simulated ties, are significant at 5%.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.datasets import load_digits, make_classification, make_friedman1
from sklearn.model_selection import RepeatedKFold

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.comparison import compare_initializers
from sklearn_init.comparison._statistics import estimate_mean, find_wilcoxon_p, rank_schemes

LEVEL, N_COMPARISONS, MOST = 0.05, 200, 18


def he_normal(fan_in, fan_out, rng, n_skipped=0):
    """Draw as "he_normal" does, after `n_skipped` numbers of the stream: so with other seeds."""
    rng.normal(size=n_skipped)
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def sample_digits(seed):
    rows = np.random.default_rng(seed).choice(1797, 200, replace=False)
    X, y = load_digits(return_X_y=True)
    return X[rows] / 16, y[rows]


def sample_classes(seed):
    return make_classification(200, 12, n_informative=5, flip_y=0.1, random_state=seed)


def sample_numbers(seed):
    X, y = make_friedman1(150, noise=1, random_state=seed)
    return X, (y - y.mean()) / y.std()


CLASSIFIER = InitMLPClassifier((10,), max_iter=20, learning_rate_init=0.02, batch_size=50)
REGRESSOR = InitMLPRegressor(
    hidden_layer_sizes=(10,), max_iter=20, learning_rate_init=0.02, batch_size=50
)
TASKS: dict[str, tuple[Callable, object, object, int]] = {
    "digits, 5 folds x 3 restarts": (sample_digits, CLASSIFIER, 5, 3),
    "classes, 5 folds x 1 restart": (sample_classes, CLASSIFIER, 5, 1),
    "classes, 2 folds x 1 restart": (sample_classes, CLASSIFIER, 2, 1),
    "classes, 3 folds x 1 restart": (sample_classes, CLASSIFIER, 3, 1),
    "numbers, 10 folds x 2 restarts": (sample_numbers, REGRESSOR, 10, 2),
    "numbers, 4 x 5 folds x 1 restart": (
        sample_numbers,
        REGRESSOR,
        RepeatedKFold(n_splits=5, n_repeats=4, random_state=0),
        1,
    ),
}


def report_itself():
    """Compare a scheme with itself, with other seeds; return whether there is alarm too often."""
    print(f"A scheme and itself, {N_COMPARISONS} times: significant at {LEVEL:.0%}")
    print(f"{'':35} {'corrected t':>12} {'plain t':>12} {'Wilcoxon':>12} {'Friedman':>12}")
    missed = False
    for name, (sample, network, cv, n_restarts) in TASKS.items():
        alarms = np.zeros(4, dtype=int)
        for seed in range(N_COMPARISONS):
            found = compare_initializers(
                network.set_params(random_state=seed),
                *sample(seed),
                {"one": he_normal, "other": partial(he_normal, n_skipped=10_000)},
                cv=cv,
                n_restarts=n_restarts,
                n_jobs=2,
            )
            per_fold = found.scores.mean(axis=2)
            p_values = [
                found["p_value"][1],
                estimate_mean(per_fold[1] - per_fold[0], 0.0).p_value,
                found["p_value_wilcoxon"][1],
                found.friedman.p_value,
            ]
            alarms += np.array(p_values) < LEVEL
        print(f"{name:35} " + " ".join(f"{n:12}" for n in alarms), flush=True)
        missed |= alarms[0] > MOST
    return missed


def draw_scores(rng, n_schemes, n_folds, n_restarts, shared, gain):
    """Return scores of schemes; the last one is better by `gain`.

    The difference of two schemes varies between folds with a standard deviation of 1, of which
    the share `shared` of the variance is that of the whole data: it is the same in all folds, as
    that of training rows which folds share.
    """
    per_scheme = rng.normal(0, np.sqrt(shared / 2), (n_schemes, 1, 1))
    per_cell = rng.normal(0, np.sqrt((1 - shared) / 2), (n_schemes, n_folds, 1))
    scores = per_scheme + per_cell + rng.normal(0, 0.5, (n_schemes, n_folds, n_restarts))
    scores[-1] += gain
    return scores + rng.normal(0, 3, (1, n_folds, 1))


TESTS = "corrected t", "plain t", "all restarts", "Wilcoxon", "Friedman"


def report_simulated(n_draws=2000):
    """Draw scores; return whether the corrected test gives alarm too often."""
    print(f"\nDrawn scores, {n_draws} times: share significant at {LEVEL:.0%}")
    print(f"{'folds':>6} {'shared':>7} {'gain':>5}", end=" ")
    print(" ".join(f"{name:>12}" for name in TESTS))
    rng, missed = np.random.default_rng(0), False
    for n_folds in (2, 3, 5, 10, 30):
        ratio = 1 / (min(n_folds, 10) - 1)
        for shared in (0.0, ratio / (1 + ratio)):
            for gain in (0.0, 1.0, 2.0):
                hits = np.zeros(5)
                for _ in range(n_draws):
                    scores = draw_scores(rng, 2, n_folds, 4, shared, gain)
                    differences = scores[1] - scores[0]
                    per_fold = differences.mean(axis=1)
                    p_values = [
                        estimate_mean(per_fold, ratio).p_value,
                        estimate_mean(per_fold, 0.0).p_value,
                        estimate_mean(differences.ravel(), 0.0).p_value,
                        find_wilcoxon_p(per_fold),
                        rank_schemes(scores.mean(axis=2)).p_value,
                    ]
                    hits += np.array(p_values) < LEVEL
                shares = hits / n_draws
                print(f"{n_folds:6} {shared:7.2f} {gain:5}", end=" ")
                print(" ".join(f"{share:12.3f}" for share in shares), flush=True)
                missed |= gain == 0 and shares[0] > MOST / N_COMPARISONS
    return missed


def report_rounded(n_draws=5000):
    """Draw ties in rows; return whether the corrected test gives alarm too often."""
    print(
        f"\nDrawn ties in whole rows, {n_draws} times: share significant at {LEVEL:.0%}, and equal"
    )
    print(f"{'folds':>6} {'rows':>6} {'corrected t':>12} {'equal':>12}")
    rng, missed = np.random.default_rng(0), False
    for n_folds in (2, 3, 4, 5):
        for n_rows in (1, 3):  # the standard deviation of a difference
            draws = np.rint(rng.normal(0, n_rows, (n_draws, n_folds)))
            found = [estimate_mean(draw, 1 / (n_folds - 1)).p_value < LEVEL for draw in draws]
            is_equal = draws[:, 0].astype(bool) & (np.ptp(draws, axis=1) == 0)
            shares = np.mean(found), is_equal.mean()
            print(f"{n_folds:6} {n_rows:6} {shares[0]:12.3f} {shares[1]:12.3f}", flush=True)
            missed |= shares[0] > MOST / N_COMPARISONS
    return missed


PARTS = {"itself": report_itself, "simulated": report_simulated, "rounded": report_rounded}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {list(PARTS)}")
    parts = parser.parse_args().parts or list(PARTS)
    return max([PARTS[part]() for part in parts])  # all of them, whatever the first one finds


if __name__ == "__main__":
    sys.exit(main())
