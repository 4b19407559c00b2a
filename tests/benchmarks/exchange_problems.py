"""What exchange is tried on: problems, and trials with a split, starts, a race and a measure."""

import itertools
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler, scale

from sklearn_init import InitMLPClassifier, InitMLPRegressor
from sklearn_init.estimators._fit import Call, make_objective
from sklearn_init.estimators._parameters import resolve_parameters
from sklearn_init.network import Objective, make_passes
from sklearn_init.solvers import Lbfgs, Restart
from sklearn_init.training import Plan, Rung, make_rungs, one_blas_thread, select, train_restarts
from sklearn_init.training._race import rank

N_RESTARTS, FIRST_RUNG = 32, 1 / 16


def parity(n_bits):
    X = np.array(list(itertools.product([0.0, 1.0], repeat=n_bits)))
    return X, X.sum(axis=1) % 2


def spirals():
    rng = np.random.default_rng(0)
    t, y = 2.5 * np.pi * np.sqrt(rng.uniform(0.05, 1, 120)), np.arange(120) % 2
    angle = t + np.pi * y
    X = np.column_stack([t * np.cos(angle), t * np.sin(angle)])
    return X + rng.normal(0, 0.25, X.shape), y


def waves():
    """Return hills and valleys over a line, which few units can follow in few ways."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, 120)
    return x[:, None], np.sin(2.5 * x) + 0.4 * x + rng.normal(0, 0.15, 120)


def digits():
    X, y = datasets.load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:250]
    return X[chosen], y[chosen]


iris = partial(datasets.load_iris, return_X_y=True)
breast_cancer = partial(datasets.load_breast_cancer, return_X_y=True)
wine = partial(datasets.load_wine, return_X_y=True)
diabetes = partial(datasets.load_diabetes, return_X_y=True)
friedman1 = partial(datasets.make_friedman1, 400, noise=0.5, random_state=0)
moons = partial(datasets.make_moons, 400, noise=0.25, random_state=0)


@dataclass(frozen=True)
class Problem:
    """A data set, a network and a solver.

    Its learning rate is the one of 0.001, 0.003, ..., 0.3 from which halving ends lowest, on rows
    held out if there are any (three seeds that nothing else sees).
    """

    kind: str
    load: object
    sizes: tuple
    settings: dict

    @property
    def estimator(self):
        return InitMLPRegressor if self.load in (waves, diabetes, friedman1) else InitMLPClassifier


def with_lbfgs(load, size, alpha=1e-4):
    settings = {"solver": "lbfgs", "activation": "tanh", "alpha": alpha, "tol": 1e-4}
    return Problem("tiny, L-BFGS", load, (size,), settings)


def with_adam(load, size, rate):
    settings = {"activation": "tanh", "learning_rate_init": rate, "max_iter": 400}
    return Problem("tiny, adam", load, (size,), settings)


def ordinary(load, sizes, rate, solver="adam"):
    return Problem("ordinary", load, sizes, {"solver": solver, "learning_rate_init": rate})


xor, parity3, parity4 = (partial(parity, n) for n in (2, 3, 4))
PROBLEMS = {
    "XOR 2-2-1": with_lbfgs(xor, 2),
    "XOR 2-3-1": with_lbfgs(xor, 3),
    "parity 3-3-1": with_lbfgs(parity3, 3),
    "parity 4-4-1": with_lbfgs(parity4, 4),
    "spirals 2-6-1": with_lbfgs(spirals, 6, 0.01),
    "waves 1-5-1": with_lbfgs(waves, 5),
    "iris 4-2-3": with_lbfgs(iris, 2, 0.01),
    "XOR 2-2-1, adam": with_adam(xor, 2, 0.3),
    "XOR 2-3-1, adam": with_adam(xor, 3, 0.3),
    "parity 3-3-1, adam": with_adam(parity3, 3, 0.3),
    "parity 4-4-1, adam": with_adam(parity4, 4, 0.1),
    "spirals 2-6-1, adam": with_adam(spirals, 6, 0.3),
    "waves 1-5-1, adam": with_adam(waves, 5, 0.1),
    "iris 4-2-3, adam": with_adam(iris, 2, 0.01),
    "digits (100,)": ordinary(digits, (100,), 0.003),
    "breast_cancer (50,)": ordinary(breast_cancer, (50,), 0.001),
    "breast_cancer (50,), sgd": ordinary(breast_cancer, (50,), 0.01, "sgd"),
    "wine (16, 16)": ordinary(wine, (16, 16), 0.001),
    "wine (16, 16), sgd": ordinary(wine, (16, 16), 0.01, "sgd"),
    "diabetes (50,)": ordinary(diabetes, (50,), 0.001),
    "friedman1 (50,)": ordinary(friedman1, (50,), 0.03),
    "moons (20, 20)": ordinary(moons, (20, 20), 0.003),
}


KINDS = list(dict.fromkeys(problem.kind for problem in PROBLEMS.values()))


def get_names(kind):
    return [name for name, problem in PROBLEMS.items() if problem.kind == kind]


@dataclass(frozen=True)
class Trial:
    """A problem with a split and starts, before the first epoch."""

    starts: list[Restart]
    plan: Plan
    test: Objective | None
    n_epochs: int

    @property
    def in_epochs(self):
        return not isinstance(self.plan.solver, Lbfgs)

    def count_work(self, restarts):
        """Return the gradients computed: epochs, or evaluations of L-BFGS."""
        return sum(r.n_iter if self.in_epochs else r.n_fun for r in restarts)

    def race(self, first, n_restarts=N_RESTARTS):
        """Train restarts as the package does."""
        rungs = make_rungs(n_restarts, self.n_epochs, first=first)
        plan = replace(self.plan, rungs=rungs)
        return train_restarts(self.copy_starts(n_restarts), plan, n_jobs=1)[0]

    def race_in_full(self, budget):
        """Train as many restarts to the end as are worth the work."""
        if self.in_epochs:
            return self.race(1.0, 6)
        restarts = self.copy_starts(N_RESTARTS)
        self.train(restarts, self.n_epochs, budget)
        return restarts

    def race_with_fresh_moments(self):
        """Race, but let restarts forget their moments after every quarter of the epochs."""
        quarter, restarts = self.n_epochs // 4, self.copy_starts(N_RESTARTS)
        *rungs, last = make_rungs(N_RESTARTS, self.n_epochs, first=FIRST_RUNG)
        epoch = 0
        for rung in (*rungs, Rung(last.n_restarts, 3 * quarter), last):
            running = rank([r for r in restarts if r.is_running], by_score=False)
            for loser in running[rung.n_restarts :]:
                loser.drop()
            for restart in running if epoch % quarter == 0 else ():
                restart.moments = None
            self.train(restarts, rung.n_epochs)
            epoch = rung.n_epochs
        return restarts

    def copy_starts(self, n_restarts):
        restarts = [start.copy() for start in self.starts[:n_restarts]]
        for restart in restarts:
            restart.begin_call()
        return restarts

    def train(self, restarts, n_epochs, budget=np.inf):
        """Train restarts in place, one by one, until the work is done."""
        with one_blas_thread, np.errstate(all="ignore"):
            for restart in restarts:
                if restart.is_running and (self.in_epochs or self.count_work(restarts) < budget):
                    self.plan.solver.train(
                        restart, self.plan.objective, None, n_epochs, lambda: False
                    )

    def measure(self, restarts):
        """Return training loss and test loss of the best restart, and the work of all."""
        theta = select(restarts, by_score=False)[0].theta
        test = np.nan if self.test is None else make_passes(self.test).loss(theta)
        return make_passes(self.plan.objective).loss(theta), test, self.count_work(restarts)


def make_trial(problem, seed):
    X, y = problem.load()
    is_regression = problem.estimator is InitMLPRegressor
    y = scale(y) if is_regression else y
    train = test = np.arange(len(X))
    if len(X) > 16:  # else all there is
        train, test = train_test_split(
            train, test_size=0.3, random_state=seed, stratify=None if is_regression else y
        )
    X = StandardScaler().fit(X[train]).transform(X)
    estimator = problem.estimator(hidden_layer_sizes=problem.sizes, random_state=seed)
    estimator.set_params(n_restarts=N_RESTARTS, warm_start=True)
    estimator.set_params(**{"tol": 0, "n_iter_no_change": np.inf, **problem.settings})
    starts = estimator.initialize(X[train], y[train])._training.restarts
    X, y, _ = estimator._check_data(X, y, None, Call(estimator.max_iter))
    settings = resolve_parameters(estimator)
    loss, _ = estimator._choose_loss()
    fitted = make_objective(estimator, settings, loss, X[train], y[train], None)
    fitted = settings.solver.prepare(fitted)
    held_out = replace(fitted, X=X[test], y=y[test], alpha=0.0) if len(X) > 16 else None
    return Trial(starts, Plan(settings.solver, fitted, None, ()), held_out, estimator.max_iter)
