"""Four claims of the literature at full size; `docs/claims.md` quotes the numbers.

``python tests/benchmarks/evidence.py`` takes a quarter of an hour on one core; name experiments to
see only those. `tests/claims/test_evidence.py` runs small versions.

* ``depth``: gradient steps that linear networks of 2 to 64 layers need for digits, each at its
  best rate. Saxe, McClelland & Ganguli 2014, arXiv 1312.6120; Hu, Xiao & Pennington 2020, arXiv
  2001.05992.
* ``sigmoids``: starts that fail on a sum of two sigmoids. Hastie, Tibshirani & Friedman 2009, "The
  elements of statistical learning", section 11.6.
* ``restarts``: the best of R against what order statistics expect (Tang et al. 2020), and against
  the average of R networks (Hastie, Tibshirani & Friedman 2009, section 11.5).
* ``shallow``: six sane schemes, and weights 100 times too large and 1000 times too small, on five
  data sets.
"""

import argparse
import warnings
from functools import cache

import numpy as np
from scipy.special import expit
from sklearn import datasets
from sklearn.linear_model import LinearRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor, Uniform, VarianceScaling
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.comparison import compare_initializers
from sklearn_init.losses import LOSSES
from sklearn_init.network import Layout, Objective, make_passes
from sklearn_init.training._expected_best import expect_best

# Orthogonal deep linear networks


@cache
def whiten_digits():
    """Return rows and targets with the gradients of whitened digits, and the least loss of these.

    Where the features are white, a linear network sees of the data only the best linear map:
    the rows of an identity matrix, with both signs so that means are 0, stand for all 1797.
    """
    X, y = datasets.load_digits(return_X_y=True)
    X, Y = X - X.mean(axis=0), np.eye(10)[y] - np.eye(10)[y].mean(axis=0)
    U, s, _ = np.linalg.svd(X, full_matrices=False)
    U = U[:, s > 1e-8 * s[0]]
    least = np.mean((Y - U @ (U.T @ Y)) ** 2) / 2
    n = U.shape[1]
    rows, targets = np.sqrt(n) * np.eye(n), np.sqrt(n / len(X)) * U.T @ Y
    return np.vstack([rows, -rows]), np.vstack([targets, -targets]), least


def count_steps(scheme, n_layers, rates, n_steps, shares, n_restarts=3):
    """Return the steps of descent until the loss is a share above the least one.

    For every share it is that of the best rate, in the median over restarts, and infinite if half
    of them do not get there.
    """
    X, Y, least = whiten_digits()
    fewest = np.full(len(shares), np.inf)
    for rate in rates:
        net = InitMLPRegressor(
            hidden_layer_sizes=(64,) * (n_layers - 1), activation="identity", solver="sgd",
            momentum=0, nesterovs_momentum=False, alpha=0, batch_size=len(X), shuffle=False,
            weight_init=scheme, bias_init=0.0, learning_rate_init=rate, max_iter=n_steps, tol=0,
            n_iter_no_change=np.inf, n_restarts=n_restarts, dtype="float32", random_state=0,
        )  # fmt: skip
        try:
            curves = net.fit(X, Y).restarts_.loss_curves
        except ValueError:  # all restarts diverged
            continue
        for i, share in enumerate(shares):
            is_there = curves <= share * least  # the loss of these rows is 0 at best
            steps = np.where(is_there.any(axis=1), is_there.argmax(axis=1) + 1, np.inf)
            fewest[i] = min(fewest[i], np.median(steps))
    return fewest


def report_depth():
    shares, rates = (1, 0.01), 2.0 ** -np.arange(0, 10, 0.5)
    print("gradient steps on whitened digits until the loss is 2 and 1.01 times the least one")
    print("layers       orthogonal     lecun_normal (inf: not in 80, 500 steps at any rate)")
    for n_layers in (2, 4, 8, 16, 32, 64):
        fewest = [
            count_steps(scheme, n_layers, rates, n_steps, shares)
            for scheme, n_steps in [("orthogonal", 80), ("lecun_normal", 500)]
        ]
        print(f"{n_layers:6}", *(f"{few[0]:8.0f} {few[1]:7.0f}" for few in fewest), flush=True)


# A sum of two sigmoids

START = Uniform(-0.7, 0.7)


def make_sigmoids(n_rows, rng, noise):
    X = rng.normal(size=(n_rows, 2))
    signal = expit(3 * X[:, 0] + 3 * X[:, 1]) + expit(3 * X[:, 0] - 3 * X[:, 1])
    return X, signal + noise * rng.normal(size=n_rows)


@cache
def find_noise():
    """Return the noise of a quarter of the signal's variance."""
    return make_sigmoids(1_000_000, np.random.default_rng(0), 0.0)[1].std() / 2


def descend_by_bfgs(fun, theta, n_steps):
    """Return what BFGS comes to that begins with the whole gradient as its first step.

    It is cut to a fifth until the objective falls, so that the unit of the objective matters:
    so does `nnet` of R, which adds up squares, and not SciPy, whose first step has the length 1.
    """
    metric = np.eye(len(theta))
    value, grad = fun(theta)
    for _ in range(n_steps):
        step = -metric @ grad
        if step @ grad >= 0:
            break
        while (new := fun(theta + step))[0] > value + 1e-4 * step @ grad:
            step = step / 5
            if np.abs(step).max() < 1e-12:
                return theta
        theta, change, gain = theta + step, new[1] - grad, value - new[0]
        value, grad = new
        if gain < 1e-8 * value:
            break
        if (curvature := step @ change) > 0:
            turn = np.eye(len(theta)) - np.outer(step, change) / curvature
            metric = turn @ metric @ turn.T + np.outer(step, step) / curvature
    return theta


def train_by_bfgs(X, y, factor, n_starts, seed):
    """Return functions that predict, trained on so many times the mean objective."""
    layout = Layout((2, 2, 1))
    objective = Objective(
        layout, (ACTIVATIONS["logistic"],), LOSSES["squared_error"], 0.0005, X, y[:, np.newaxis]
    )
    passes = make_passes(objective)

    def fun(theta):
        grad = np.empty_like(theta)
        return factor * passes.objective_and_grad(theta, grad), factor * grad

    def predict(theta, X):
        (W, V), (b, c) = layout.views(theta)
        return (expit(X @ W + b) @ V + c).ravel()

    starts = np.random.default_rng([seed, 1]).uniform(-0.7, 0.7, (n_starts, layout.n_params))
    found = [descend_by_bfgs(fun, start, 300) for start in starts]
    return [lambda X, theta=theta: predict(theta, X) for theta in found]


def train_by_package(X, y, n_starts, seed):
    net = InitMLPRegressor(
        hidden_layer_sizes=2, activation="logistic", weight_init=START, bias_init=START,
        solver="lbfgs", alpha=0.0005, max_iter=2000, n_restarts=n_starts, restart_keep=n_starts,
        random_state=seed,
    ).fit(X, y)  # fmt: skip
    return [net.restart(index).predict for index in range(n_starts)]


TRAININGS = {
    "BFGS, sum of squares": lambda X, y, *more: train_by_bfgs(X, y, 2 * len(X), *more),
    "BFGS, half of the mean": lambda X, y, *more: train_by_bfgs(X, y, 1, *more),
    "solver='lbfgs'": train_by_package,
}


def find_relative_errors(training, seed, n_starts=10):
    """Return test errors over that of the truth, of a linear model and of all starts."""
    rng, noise = np.random.default_rng(seed), find_noise()
    (X, y), (X_test, y_test) = make_sigmoids(100, rng, noise), make_sigmoids(10_000, rng, noise)
    predicts = [LinearRegression().fit(X, y).predict]
    predicts += TRAININGS[training](X, y, n_starts, seed)
    errors = [np.mean((predict(X_test) - y_test) ** 2) / noise**2 for predict in predicts]
    return errors[0], np.array(errors[1:])


def report_sigmoids(n_sets=100):
    print(f"{n_sets} data sets, 10 starts each: starts no better than the linear model")
    for training in TRAININGS:
        n_failed, medians, best = [], [], []
        for seed in range(n_sets):
            linear, errors = find_relative_errors(training, seed)
            n_failed.append(np.sum(errors >= linear))
            medians.append(np.median(errors))
            best.append(errors.min())
        print(
            f"{training:24} {np.mean(n_failed) / 10:.1%} of all; data sets with 0, 1, 2, more: "
            f"{np.bincount(np.minimum(n_failed, 3), minlength=4)}; relative error, medians: of a "
            f"start {np.median(medians):.2f}, of the best of ten {np.median(best):.2f}",
            flush=True,
        )


# The best of R, and the average


def train_many(n_restarts):
    """Return the losses of as many small networks as one wants, which end in many minima."""
    X, y = datasets.load_diabetes(return_X_y=True)
    net = InitMLPRegressor(
        hidden_layer_sizes=5, activation="tanh", solver="lbfgs", max_iter=30, weight_init="normal",
        n_restarts=n_restarts, random_state=0,
    ).fit(scale(X), scale(y))  # fmt: skip
    return net.restarts_["loss"]


def plug_in(ordered):
    """Return the biased estimate: of the best of restarts drawn with replacement."""
    n = np.arange(1, len(ordered) + 1)
    index = np.arange(len(ordered))[:, np.newaxis]
    return ordered @ ((1 - index / n[-1]) ** n - (1 - (index + 1) / n[-1]) ** n)


def compare_estimates(losses, numbers, n_draws, n_known=20):
    """Return, per n, the mean best of n, and how many standard errors two estimates are off.

    Every draw takes some of the losses, to estimate what the best of n is expected to be, and n
    others, of which it takes the best.
    """
    rng, index = np.random.default_rng(0), np.array(numbers) - 1
    found = np.empty((n_draws, 3, len(numbers)))
    for row in found:
        drawn = rng.choice(losses, n_known + max(numbers), replace=False)
        known = np.sort(drawn[:n_known])
        row[0] = np.minimum.accumulate(drawn[n_known:])[index]
        row[1:] = expect_best(known)[index], plug_in(known)[index]
    errors = found[:, 1:] - found[:, :1]
    off = errors.mean(axis=0) / errors.std(axis=0, ddof=1) * np.sqrt(n_draws)
    return np.vstack([found[:, 0].mean(axis=0), off]).T


def score_restarts(split, numbers, **settings):
    """Return test log-losses of shape (numbers, 4): mean, chosen, best, average of R on digits.

    `chosen` has the least log-loss on rows held out; `best` has it on the test rows themselves.
    """
    X, y = datasets.load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=split)
    X, X_held, y, y_held = train_test_split(X, y, test_size=0.2, random_state=split)
    n = max(numbers)
    net = InitMLPClassifier(n_restarts=n, restart_keep=n, random_state=split, **settings).fit(X, y)
    nets = [net.restart(index) for index in range(n)]
    held = np.array([log_loss(y_held, each.predict_proba(X_held)) for each in nets])
    probabilities = np.array([each.predict_proba(X_test) for each in nets])
    losses = np.array([log_loss(y_test, each) for each in probabilities])
    return np.array(
        [
            [
                losses[:n].mean(),
                losses[:n][held[:n].argmin()],
                losses[:n].min(),
                log_loss(y_test, probabilities[:n].mean(axis=0)),
            ]
            for n in numbers
        ]
    )


NETWORKS = {
    "L-BFGS, 50 units": {"hidden_layer_sizes": 50, "solver": "lbfgs", "max_iter": 300},
    "adam, rate 0.01, 100 units, 200 epochs": {
        "hidden_layer_sizes": 100, "learning_rate_init": 0.01, "max_iter": 200,
    },
    "adam, rate 0.001, 50 units, 100 epochs": {"hidden_layer_sizes": 50, "max_iter": 100},
}  # fmt: skip


def report_restarts(n_splits=10):
    numbers, losses, n_draws = (2, 5, 10, 20), train_many(1000), 20_000
    print(f"The best of n, mean of {n_draws} draws; how many standard errors estimates are off")
    rows = compare_estimates(losses, numbers, n_draws)
    for n, (best, free, biased) in zip(numbers, rows, strict=True):
        print(f"{n:3} best {best:.4f}, free of bias {free:+.1f}, plug-in {biased:+.1f}")
    print(f"\nLog-loss on digits, {n_splits} splits; in how many the average beats which one")
    for name, settings in NETWORKS.items():
        losses = np.array(
            [score_restarts(split, numbers[1:], **settings) for split in range(n_splits)]
        )
        for n, (mean, chosen, best, average) in zip(
            numbers[1:], losses.transpose(1, 2, 0), strict=True
        ):
            print(
                f"{name}, R = {n}: mean {mean.mean():.3f}, chosen {chosen.mean():.3f}, best "
                f"{best.mean():.3f}, average {average.mean():.3f}; better than chosen in "
                f"{np.sum(average < chosen)}, than the best in {np.sum(average < best)}",
                flush=True,
            )


# Shallow networks

SANE = "glorot_uniform", "he_normal", "lecun_normal", "orthogonal", "lsuv", "sklearn"
SCHEMES = {name: name for name in SANE} | {
    "he x100": VarianceScaling(2e4, "fan_in", "normal"),
    "he /1000": VarianceScaling(2e-6, "fan_in", "normal"),
}
DATA = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "diabetes": datasets.load_diabetes,
}


def compare_schemes(name, hidden_layer_sizes, n_epochs, n_folds, n_restarts, schemes=SCHEMES):
    """Return the comparison of schemes on a data set, on standardized features."""
    X, y = DATA[name](return_X_y=True)
    is_regression = name == "diabetes"
    if is_regression:
        y = scale(y)
    net = (InitMLPRegressor if is_regression else InitMLPClassifier)(
        hidden_layer_sizes=hidden_layer_sizes, max_iter=n_epochs, n_iter_no_change=np.inf,
        random_state=0,
    )  # fmt: skip
    folds = (KFold if is_regression else StratifiedKFold)(n_folds, shuffle=True, random_state=0)
    return compare_initializers(
        make_pipeline(StandardScaler(), net), X, y, schemes, cv=folds, n_restarts=n_restarts
    )


def report_shallow(n_folds=10, n_restarts=2):
    for n_epochs in (50, 200):
        print(f"{n_epochs} epochs, adam: score minus that of {SANE[0]}, * significant after Holm")
        print(f"{'':24}" + "".join(f"{name:>15}" for name in SCHEMES))
        significant, plain = np.zeros((2, len(SCHEMES)), dtype=int)
        for name in DATA:
            for sizes in ((50,), (50, 50)):
                found = compare_schemes(name, sizes, n_epochs, n_folds, n_restarts)
                stars = found["p_value_holm"] < 0.05
                significant, plain = significant + stars, plain + (found["p_value"] < 0.05)
                cells = [f"{found['mean_test_score'][0]:15.3f}"] + [
                    f"{max(value, -9.999):+14.3f}{'*' if star else ' '}"
                    for value, star in zip(found["difference"][1:], stars[1:], strict=True)
                ]
                print(f"{name + ' ' + str(sizes):24}" + "".join(cells), flush=True)
        print(f"{'significant, of 10':24}" + "".join(f"{count:14} " for count in significant))
        print(f"{'before Holm':24}" + "".join(f"{count:14} " for count in plain))


REPORTS = {
    "depth": report_depth,
    "sigmoids": report_sigmoids,
    "restarts": report_restarts,
    "shallow": report_shallow,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiments", nargs="*", help=f"of {list(REPORTS)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in parser.parse_args().experiments or REPORTS:
            REPORTS[name]()


if __name__ == "__main__":
    main()
