"""The contract of the two engines: from the same start, the same training."""

from itertools import product

import numpy as np
import pytest
from engine_material import (
    BATCH,
    EVERY_RULE,
    EVERY_SOLVER,
    TOLERANCES,
    VARIANTS,
    assert_close,
    list_half,
    make_objective,
    make_restart,
    make_solver,
    make_validation,
    name_of,
    needs_compiler,
    train,
    train_with_both,
    weights_of_an_empty_batch,
    weights_with_zeros,
)

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.losses import LOSSES
from sklearn_init.training import one_blas_thread

pytestmark = needs_compiler

each_dtype = pytest.mark.parametrize("dtype", TOLERANCES)
each_rule = pytest.mark.parametrize("parameters", EVERY_RULE, ids=name_of)

ONE_OF_EACH = [variants[0] for variants in VARIANTS.values()]
ONE_RULE_OF_EACH = [more for more in ONE_OF_EACH if more in EVERY_RULE]


@pytest.fixture(autouse=True, scope="module")
def _one_blas_thread():
    with one_blas_thread:
        yield


def assert_agreement(objective, n_epochs=3, **more):
    ours, reference = train_with_both(objective, n_epochs, **more)
    assert_close(ours, reference, TOLERANCES[str(objective.X.dtype)], more)
    return ours


# ---- every activation, loss, solver and type ----


HALF = list_half(LOSSES, ACTIVATIONS, TOLERANCES, range(len(EVERY_SOLVER)))


@each_dtype
@pytest.mark.parametrize(("loss", "activation"), list(product(LOSSES, ACTIVATIONS)))
def test_both_engines_train_alike(loss, activation, dtype):
    objective = make_objective(loss, activation, dtype=dtype, n=29)
    for parameters in (EVERY_SOLVER[n] for *case, n in HALF if case == [loss, activation, dtype]):
        restart = assert_agreement(objective, batch_size=11, **parameters)
        assert restart.n_iter == 3
        assert (restart.theta != restart.start).mean() > 0.5


# ---- everything else, one thing at a time ----

DATA = {
    "a batch that does not divide": {"n": 50},
    "one batch": {"n": BATCH},
    "less than a batch": {"n": BATCH - 1},
    "one row": {"n": 1},
    "one feature": {"sizes": (1, 7, 4, 3)},
    "one unit": {"sizes": (5, 1, 1, 3)},
    "one of everything": {"sizes": (1, 1, 1), "n": 1, "loss": "squared_error"},
    "one output": {"sizes": (5, 7, 4, 1), "loss": "binary_log_loss"},
    "no hidden layer": {"sizes": (5, 3)},
    "one hidden layer": {"sizes": (5, 7, 3)},
    "wide layers": {"sizes": (67, 37, 35, 3)},
    "many layers": {"sizes": (5, 9, 8, 7, 6, 4, 3)},
    "activations that differ": {"activation": ("gelu", "relu")},
    "no penalty": {"alpha": 0.0},
    "a large penalty": {"alpha": 30.0},
    "weights": {"weights": weights_with_zeros},
    "a batch of weight zero": {"weights": weights_of_an_empty_batch},
    "CSR": {"index_type": "int32"},
    "CSR of large indices": {"index_type": "int64"},
    "CSR and weights": {"index_type": "int32", "weights": weights_of_an_empty_batch},
    "CSR, one row": {"index_type": "int32", "n": 1},
    "CSR, no hidden layer": {"index_type": "int32", "sizes": (5, 3)},
}


@each_dtype
@pytest.mark.parametrize("case", DATA)
def test_data_and_networks_of_all_kinds(case, dtype):
    objective = make_objective(dtype=dtype, **DATA[case])
    for solver, shuffle in product(ONE_OF_EACH, [True, False]):
        restart = assert_agreement(objective, **solver, shuffle=shuffle)
        assert np.isfinite(restart.theta).all()


@each_dtype
@pytest.mark.parametrize("batch_size", [1, 3, 35, 36, 10**6])
@pytest.mark.parametrize("index_type", [None, "int32"])
def test_rows_held_out(index_type, batch_size, dtype):
    objective = make_objective(
        "squared_error", index_type=index_type, dtype=dtype, held_out=True,
        weights=weights_with_zeros,
    )  # fmt: skip
    assert objective.n_rows == 36
    validation = make_validation(objective)
    for rule, shuffle in product(ONE_RULE_OF_EACH, [True, False]):
        more = {"batch_size": batch_size, "shuffle": shuffle, **rule}
        restart = assert_agreement(objective, validation=validation, **more)
        assert len(restart.scores) == 3
        assert (np.sort(restart.order) == np.sort(objective.rows)).all()


@each_dtype
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_dropout(activation, dtype):
    more = {"index_type": "int32", "weights": weights_of_an_empty_batch, "dtype": dtype}
    for rates in [(0.3, 0.6), (0.0, 0.5), (0.5, 0.0)]:
        objective = make_objective("squared_error", activation, dropout=rates, **more)
        for rule in ONE_RULE_OF_EACH:
            assert_agreement(objective, **rule)


@each_dtype
@pytest.mark.parametrize("beta_1", [0.0, 0.9, 0.99999])
@pytest.mark.parametrize("beta_2", [0.5, 0.999, 0.9999999, 1 - 1e-9])
def test_betas_close_to_one(beta_1, beta_2, dtype):
    objective = make_objective("squared_error", dtype=dtype)
    assert_agreement(objective, solver="adam", beta_1=beta_1, beta_2=beta_2)


@each_dtype
@pytest.mark.parametrize("momentum", [0.0, 0.37, 1.0])
@pytest.mark.parametrize("power_t", [0.0, 0.5, 1.3])
def test_parameters_of_sgd(momentum, power_t, dtype):
    objective = make_objective("squared_error", dtype=dtype)
    for more in VARIANTS["sgd"]:
        assert_agreement(objective, **{**more, "momentum": momentum, "power_t": power_t})


# ---- everything else, all at once ----


def draw_case(seed):
    """Return an objective and the parameters of a solver."""
    rng = np.random.default_rng(seed)
    solver = EVERY_SOLVER[rng.integers(len(EVERY_SOLVER))]
    is_lbfgs = solver["solver"] == "lbfgs"
    loss = rng.choice(list(LOSSES))
    hidden = rng.integers(1, 23, size=rng.integers(4))
    n = int(rng.integers(3, 90))
    objective = make_objective(
        loss,
        tuple(rng.choice(list(ACTIVATIONS), size=len(hidden))),
        sizes=(*rng.integers(1, 19, size=1), *hidden, rng.integers(1 + (loss == "log_loss"), 7)),
        n=n,
        dtype=rng.choice(list(TOLERANCES)),
        weights=rng.choice([None, weights_with_zeros, weights_of_an_empty_batch]),
        index_type=rng.choice([None, "int32", "int64"]),
        held_out=not is_lbfgs and rng.random() < 0.3,
        alpha=rng.choice([0.0, 1e-4, 1.0]),
        dropout=[] if is_lbfgs or rng.random() < 0.7 else rng.uniform(0, 0.9, size=len(hidden)),
        seed=seed,
    )
    more = {"batch_size": int(rng.integers(1, n + 9)), "shuffle": bool(rng.integers(2))}
    return objective, {**more, **solver}


@pytest.mark.parametrize("seed", range(150))
def test_any_combination(seed):
    objective, parameters = draw_case(seed)
    if objective.sample_weight is not None and objective.targets()[1].sum() == 0:
        objective.sample_weight[:] = 1  # the estimators do not let this through
    assert_agreement(objective, n_epochs=2, learning_rate_init=0.001, **parameters)


# ---- where training stops ----


@pytest.mark.parametrize("shuffle", [True, False])
@each_rule
def test_patience_ends_within_a_chunk(parameters, shuffle):
    objective = make_objective("squared_error")
    restart = assert_agreement(
        objective, 150, shuffle=shuffle, tol=0.02, n_iter_no_change=3, **parameters
    )
    adaptive = parameters.get("learning_rate") == "adaptive"
    assert restart.stopped
    assert 3 < restart.n_iter < 150
    assert restart.patience == 4
    assert (restart.moments.rate <= 1e-6) == adaptive
    assert restart.n_seen == restart.n_iter * objective.n_rows
    assert restart.moments.n_steps == restart.n_iter * 4


@each_dtype
def test_the_adaptive_schedule_lowers_the_rate_within_a_chunk(dtype):
    more = {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.02, "n_iter_no_change": 2}
    objective = make_objective("squared_error", dtype=dtype)
    restart = assert_agreement(objective, 20, **more)
    assert not restart.stopped
    assert restart.n_iter == 20
    assert 1e-6 < restart.moments.rate < 0.01 / 5


@pytest.mark.parametrize("parameters", ONE_RULE_OF_EACH, ids=name_of)
def test_patience_goes_on_over_chunks(parameters):
    objective = make_objective("squared_error")
    more = {"tol": 0.02, "n_iter_no_change": np.inf, **parameters}
    restart = assert_agreement(objective, 405, **more)
    assert restart.n_iter == 405
    assert not restart.stopped
    assert restart.patience > 200


@pytest.mark.parametrize(
    ("learning_rate_init", "dtype", "n_epochs"),
    [(1e5, "float64", 15), (1e200, "float64", 1), (1e200, "float32", 1)],
)
@each_rule
def test_a_loss_that_is_not_finite_stops_training(parameters, learning_rate_init, dtype, n_epochs):
    # one layer: the loss grows by the same factor in every step
    objective = make_objective("squared_error", sizes=(5, 3), dtype=dtype)
    more = {"learning_rate_init": learning_rate_init, **parameters}
    for shuffle in (True, False):
        restart = assert_agreement(objective, 40, shuffle=shuffle, **more)
        if parameters["solver"] == "sgd":
            assert restart.stopped
            assert 1 <= restart.n_iter <= n_epochs
            assert (restart.n_iter > 1) == (n_epochs > 1)
            assert not np.isfinite(restart.loss)
            assert np.isfinite(restart.losses[:-1]).all()


@each_rule
@pytest.mark.parametrize("data", [{}, {"held_out": True}, {"index_type": "int32"}], ids=str)
def test_shuffling_may_begin_and_end(parameters, data):
    objective = make_objective("squared_error", weights=weights_with_zeros, **data)
    restarts = [make_restart(objective) for _ in range(2)]
    for shuffle in (False, True, False, True):
        solver = make_solver(shuffle=shuffle, **parameters)
        for restart, engine in zip(restarts, ("compiled", "reference"), strict=True):
            restart.begin_call()
            train(engine, objective, solver, restart=restart)
        assert_close(*restarts, TOLERANCES["float64"])


@each_rule
@pytest.mark.parametrize("place", ["X", "y"])
def test_nan_in_the_data_stops_training(parameters, place):
    objective = make_objective("squared_error")
    getattr(objective, place)[29, 0] = np.nan
    restart = assert_agreement(objective, 7, shuffle=False, **parameters)
    assert restart.n_iter == 1
    assert np.isnan(restart.loss)
    assert restart.best_loss == np.inf
    assert np.isnan(restart.theta).any()
