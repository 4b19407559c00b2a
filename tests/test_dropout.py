"""Dropout: masks that are as good as random, the same in both engines, in training only."""

import pickle
import re
import warnings
from collections import Counter
from fractions import Fraction

import joblib
import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array
from sklearn.base import clone

from sklearn_init import Activation, InitMLPClassifier, InitMLPRegressor, SymmetryWarning
from sklearn_init._text import show
from sklearn_init.activations import ACTIVATIONS
from sklearn_init.dropout import Masks, hash_places, mix
from sklearn_init.estimators._layers import resolve_dropout
from sklearn_init.losses import LOSSES
from sklearn_init.network import Layout, Objective, ReferencePasses, compiled, is_engine_compiled

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HIDDEN = (7, 4)
KEYS = ("seed", "epoch", "batch", "layer")
LARGEST = 1 - 2**-53


def apply_mask(a, rates, seed=5, epoch=0, batch=0, layer=0):
    out = np.empty_like(a)
    Masks(rates, seed, epoch, batch).apply(layer, a, out)
    return out


def draw_mask(n, rate=0.5, **key):
    return apply_mask(np.ones(n), (rate,) * 3, **key) > 0


def make(**more):
    defaults = {"hidden_layer_sizes": HIDDEN, "dropout": (0.3, 0.6), "max_iter": 4}
    return InitMLPClassifier(**{**defaults, "random_state": 3, "batch_size": 16, **more})


def get_row(est):
    return np.concatenate([a.ravel() for a in est.coefs_ + est.intercepts_])


def get_rows(est):
    return np.stack([get_row(est.restart(r)) for r in range(len(est.restarts_["loss"]))])


# ---- masks ----


def test_mix_is_splitmix64():
    # the first numbers of that generator with the seeds 0 and 1234567
    assert mix(0) == 0xE220A8397B1DCDAF
    assert mix(1234567) == 6457827717110365317


def test_a_key_is_made_of_seed_epoch_batch_and_layer():
    key = mix(mix(mix(mix(2**64 - 1) + 3) + 2) + 1)
    kept = hash_places(key, 1001) >= 2**31
    np.testing.assert_array_equal(draw_mask(1001, seed=2**64 - 1, epoch=3, batch=2, layer=1), kept)


@pytest.mark.parametrize("key", [0, 2**64 - 1, 0x9E3779B97F4A7C15])
def test_the_hash_of_places_in_plain_integers(key):
    def hash_place(place):
        h = (place + key) % 2**32
        h = (h ^ h >> 16) * 0x7FEB352D % 2**32
        h = ((h ^ h >> 15) + (key >> 32)) * 0x846CA68B % 2**32
        return h ^ h >> 16

    assert hash_places(key, 1001).tolist() == [hash_place(place) for place in range(1001)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.37, 0.5, 0.8, 0.99])
def test_a_mask_keeps_its_share_and_scales_it(rate, dtype):
    n = 100_003
    out = apply_mask(np.ones(n, dtype), (0.5, rate), layer=1)
    assert out.dtype == dtype
    assert set(np.unique(out)) == {0, dtype(1 / (1 - rate))}
    assert stats.binomtest(int((out > 0).sum()), n, 1 - rate).pvalue > 1e-3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rate", "kept"), [(LARGEST, 0), (5e-324, 1), (0.0, 1)])
def test_extreme_rates(rate, kept, dtype):
    out = apply_mask(np.ones(10_007, dtype), (rate,))
    np.testing.assert_array_equal(out, kept)
    assert np.isfinite(dtype(1 / (1 - rate)))


def test_a_mask_may_be_applied_in_place(X):
    expected, before = apply_mask(X, (0.4,)), X.copy()
    np.testing.assert_array_equal(X, before)
    Masks((0.4,), 5, 0, 0).apply(0, X, X)
    np.testing.assert_array_equal(X, expected)


def test_the_mean_stays_what_it_is():
    a = np.random.default_rng(0).normal(size=(13, 7))
    draws = np.stack([apply_mask(a, (0.3,), epoch=epoch) for epoch in range(4001)])
    z = (draws.mean(axis=0) - a) / (np.abs(a) * np.sqrt(0.3 / 0.7 / 4001))
    assert np.abs(z).max() < 4
    assert 0.8 < z.std() < 1.2


@pytest.mark.parametrize("name", KEYS)
def test_neighboring_masks_have_nothing_in_common(name):
    n = 20_011
    key = {"seed": 11, "epoch": 3, "batch": 2, "layer": 1}
    for _ in range(20):
        first = draw_mask(n, **key)
        key[name] = key[name] + 1 if name != "layer" else (key[name] + 1) % 3
        assert stats.binomtest(int((first == draw_mask(n, **key)).sum()), n).pvalue > 1e-3
        key["seed"] += 17


def test_masks_and_places_are_independent_in_pairs():
    n = 997
    keys = [(e, b, layer) for e in range(10) for b in range(10) for layer in range(3)]
    masks = np.stack([draw_mask(n, epoch=e, batch=b, layer=layer) for e, b, layer in keys])
    for rows in masks, masks.T:
        z = np.corrcoef(rows)[np.triu_indices(len(rows), 1)] * np.sqrt(rows.shape[1])
        assert abs(z.mean()) < 0.02
        assert z.std() == pytest.approx(1, abs=0.02)
        assert np.abs(z).max() < 5.5


@pytest.mark.parametrize("lag", [1, 2, 3, 4, 7, 8, 16, 100, 256, 1000, 2**16])
def test_neighboring_places_have_nothing_in_common(lag):
    n = 2**17
    for rate in (0.5, 0.2):
        mask = draw_mask(n, rate)
        assert abs(np.corrcoef(mask[:-lag], mask[lag:])[0, 1]) * np.sqrt(n - lag) < 3.5


@pytest.mark.parametrize("rate", [0.5, 0.3])
def test_small_patterns_are_as_frequent_as_they_should_be(rate):
    pattern = np.arange(64)[:, np.newaxis] >> np.arange(6) & 1
    share = np.where(pattern, 1 - rate, rate).prod(axis=1)
    p_values = []
    for seed in range(100):
        mask = draw_mask(6 * 5003, rate, seed=seed).reshape(-1, 6)
        counts = np.bincount(mask @ (1 << np.arange(6)), minlength=64)
        p_values.append(stats.chisquare(counts, share * 5003).pvalue)
    assert min(p_values) > 1e-4
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


# ---- in the passes ----


def make_objective(loss, activation, dropout, weighted, sparse):
    rng, n_outputs = np.random.default_rng(0), 1 if loss == "squared_error" else 3
    X = rng.normal(size=(13, 2)) * (rng.random((13, 2)) < 0.7)
    y = {
        "squared_error": rng.normal(size=(13, 1)),
        "log_loss": np.eye(3)[rng.integers(3, size=13)],
    }[loss]
    weights = rng.integers(0, 4, size=13).astype(float) if weighted else None
    return Objective(
        Layout((2, *HIDDEN, n_outputs)), (ACTIVATIONS[activation],) * 2, LOSSES[loss], 0.3,
        csr_array(X) if sparse else X, y, weights, dropout=dropout,
    )  # fmt: skip


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("dropout", "loss", "weighted", "sparse"),
    [
        ((0.3, 0.6), "log_loss", True, False),
        ((0.0, 0.5), "squared_error", False, True),
        ((0.5, 0.0), "log_loss", False, False),
    ],
)
def test_gradient_with_masks(activation, dropout, loss, weighted, sparse):
    objective = make_objective(loss, activation, dropout, weighted, sparse)
    passes, masks = ReferencePasses(objective, 13), Masks(dropout, 5, 2, 1)
    theta = np.random.default_rng(1).normal(scale=0.5, size=objective.layout.n_params)
    rows = np.random.default_rng(2).permutation(13)
    grad, scratch = np.empty((2, len(theta)))

    def measure(row):
        return passes.loss_and_grad(row, rows, scratch, masks)

    loss_with_masks = passes.loss_and_grad(theta, rows, grad, masks)
    assert loss_with_masks != passes.loss_and_grad(theta, rows, scratch)
    steps = 1e-6 * np.eye(len(theta))
    expected = [(measure(theta + step) - measure(theta - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=1e-7)


def fit_with_both_engines(monkeypatch, est, *data):
    if not is_engine_compiled():
        pytest.skip("the compiled engine was not built")
    first = clone(est).fit(*data)
    monkeypatch.setattr(compiled, "_passes", None)
    return first, clone(est).fit(*data)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dropout", [(0.3, 0.6), (0.0, 0.9)])
def test_both_engines_drop_the_same(X, y_number, activation, stochastic, dropout, monkeypatch):
    est = InitMLPRegressor(
        hidden_layer_sizes=(37, 11), activation=activation, solver=stochastic, dropout=dropout,
        max_iter=3, batch_size=19, random_state=0, n_restarts=2,
    )  # fmt: skip
    ours, reference = fit_with_both_engines(monkeypatch, est, X, y_number)
    np.testing.assert_allclose(get_rows(ours), get_rows(reference), rtol=1e-9, atol=1e-12)
    curves = [e.restarts_.loss_curves for e in (ours, reference)]
    np.testing.assert_allclose(*curves, rtol=1e-10)


@pytest.mark.parametrize("container", [np.asarray, csr_array])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 2e-4)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_both_engines_agree_on_weights_and_sparse_data(
    X, y_class, container, dtype, tolerance, shuffle, monkeypatch
):
    weights = np.random.default_rng(0).integers(3, size=len(X))
    weights[:16] = 0  # unshuffled, a batch of weight zero
    data = container((X * (X > 0)).astype(dtype)), y_class, weights
    ours, reference = fit_with_both_engines(monkeypatch, make(shuffle=shuffle), *data)
    assert ours.coefs_[0].dtype == dtype
    np.testing.assert_allclose(get_row(ours), get_row(reference), rtol=tolerance, atol=tolerance)
    assert ours.loss_ == pytest.approx(reference.loss_, rel=tolerance)


def test_an_activation_of_the_user(X, y_class):
    own = Activation(
        value=lambda z, out: np.sin(z, out=out), derivative=lambda z, a, out: np.cos(z, out=out)
    )
    rows = [get_row(make(activation=(a, "tanh")).fit(X, y_class)) for a in (own, "sine")]
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-9, atol=1e-12)


# ---- in the estimators ----


@pytest.mark.parametrize("dropout", [0, 0.0, np.float32(0), [0, 0.0], (0.0, 0), np.zeros(2)])
def test_a_rate_of_zero_is_none_at_all(X, y_class, engine, dropout):
    without = make(dropout=InitMLPClassifier().dropout).fit(X, y_class)
    np.testing.assert_array_equal(get_row(make(dropout=dropout).fit(X, y_class)), get_row(without))
    assert resolve_dropout(dropout, 2) == ()


@pytest.mark.parametrize("dropout", [(0.5, 0.5), np.array([0.5, 0.5]), Fraction(1, 2)])
def test_forms(X, y_class, dropout):
    est = make(dropout=dropout).fit(X, y_class)
    np.testing.assert_array_equal(get_row(est), get_row(make(dropout=0.5).fit(X, y_class)))
    np.testing.assert_array_equal(get_row(est), get_row(clone(est).fit(X, y_class)))
    assert np.array_equal(clone(est).get_params()["dropout"], dropout)


def test_a_model_without_hidden_layers_has_nothing_to_drop(X, y_class, engine):
    linear = {"hidden_layer_sizes": ()}
    rows = [get_row(make(**linear, dropout=d).fit(X, y_class)) for d in (0.5, 0.0, [])]
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])


def test_masks_depend_on_the_restart_and_the_random_state(X, y_class, engine):
    start = {"weight_init": "constant", "bias_init": 0.1, "shuffle": False, "dropout": 0.5}
    rows = [
        get_rows(make(**start, n_restarts=3, random_state=s).fit(X, y_class)) for s in (0, 0, 1)
    ]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert len(np.unique(np.concatenate(rows), axis=0)) == 6


def test_bits_do_not_depend_on_jobs_backends_and_restarts(X, y_class, engine):
    serial = make(n_restarts=3).fit(X, y_class)
    np.testing.assert_array_equal(
        get_rows(make(n_restarts=5).fit(X, y_class))[:3], get_rows(serial)
    )
    # loky's processes import the package anew, and so have the compiled engine again
    for backend in ["threading", "loky"] if engine == "compiled" else ["threading"]:
        with joblib.parallel_config(backend=backend):
            other = make(n_restarts=3, n_jobs=2).fit(X, y_class)
        np.testing.assert_array_equal(get_rows(other), get_rows(serial))


def test_verbose_changes_nothing(X, y_class, engine, capsys):
    silent = make(max_iter=40).fit(X, y_class)  # in chunks of epochs
    loud = make(max_iter=40, verbose=2).fit(X, y_class)  # one by one
    assert capsys.readouterr().out.count("Iteration") == loud.n_iter_ == silent.n_iter_
    np.testing.assert_array_equal(get_row(loud), get_row(silent))


@pytest.mark.parametrize("n_restarts", [1, 3])
def test_ten_and_ten_are_twenty(X, y_class, engine, n_restarts):
    more = {"n_restarts": n_restarts, "n_iter_no_change": np.inf}
    whole = make(max_iter=20, **more).fit(X, y_class)
    parts = make(max_iter=10, warm_start=True, **more).fit(X, y_class)
    parts = pickle.loads(pickle.dumps(parts)).fit(X, y_class)
    np.testing.assert_array_equal(get_rows(parts), get_rows(whole))
    singly = make(**more)
    for _ in range(20):
        singly.partial_fit(X, y_class, classes=[0, 1, 2])
    np.testing.assert_array_equal(get_rows(singly), get_rows(whole))
    assert singly.loss_curve_ == parts.loss_curve_ == whole.loss_curve_


def go_on(est, X, y, way):
    if way == "from weights alone":
        est.set_params(warm_start=True).fit(X, y)
    elif way == "partial_fit":
        est.partial_fit(X, y)
    elif way == "other rows":
        est.fit(X[:41], y[:41])
    elif way == "other weights":
        est.coefs_[0] += 1
        est.fit(X, y)
    else:
        est.set_params(**way).fit(X, y)


@pytest.mark.parametrize("n_restarts", [1, 2])
@pytest.mark.parametrize(
    ("way", "keeps_state"),
    [
        ("from weights alone", False),
        ("partial_fit", False),
        ("partial_fit", True),
        ("other rows", True),
        ("other weights", True),
        ({"early_stopping": True}, True),
        ({"solver": "sgd"}, True),
        ({"dropout": 0.5}, True),
    ],
)
def test_no_mask_comes_twice(X, y_class, monkeypatch, way, keeps_state, n_restarts):
    apply, used = Masks.apply, Counter()

    def note(masks, layer, a, out):
        used[masks.seed, masks.epoch, masks.batch, layer] += 1
        apply(masks, layer, a, out)

    monkeypatch.setattr(compiled, "_passes", None)
    monkeypatch.setattr(Masks, "apply", note)
    est = make(n_restarts=n_restarts, warm_start=keeps_state).fit(X, y_class)
    go_on(est, X, y_class, way)
    assert len(est.loss_curve_) > 4
    assert set(used.values()) == {2}  # forward and backward
    seeds, epochs, _, _ = map(set, zip(*used, strict=True))
    assert len(seeds) == n_restarts  # those of the first call
    assert epochs == set(range(len(est.loss_curve_)))


def test_initialize_then_fit(X, y_class, engine):
    est = make(warm_start=True).initialize(X, y_class)
    assert est.loss_ == make(dropout=0.0).initialize(X, y_class).loss_
    np.testing.assert_array_equal(get_row(est.fit(X, y_class)), get_row(make().fit(X, y_class)))


def test_predictions_take_all_units(X, y_number, engine):
    est = InitMLPRegressor(
        hidden_layer_sizes=(7,), activation="tanh", dropout=0.9, max_iter=3, random_state=0
    ).fit(X, y_number)
    (W, V), (b, c) = est.coefs_, est.intercepts_
    expected = (np.tanh(X @ W + b) @ V + c).ravel()
    np.testing.assert_allclose(est.predict(X), expected, rtol=1e-12)
    np.testing.assert_allclose(est.to_sklearn().predict(X), expected, rtol=1e-12)
    assert "dropout" not in est.to_sklearn().get_params()


def test_validation_scores_take_all_units_and_losses_do_not(X, y_class, engine):
    more = {"early_stopping": True, "warm_start": True, "validation_fraction": 0.4}
    est = make(**more, max_iter=9).fit(X, y_class)
    split = est._training.split
    score = est.score(X[split.validation], y_class[split.validation])
    assert score == est.best_validation_score_
    assert len(est.validation_scores_) == 9
    proba = est.initialize(X, y_class).predict_proba(X[split.training])
    loss = -np.log(proba[np.arange(len(proba)), y_class[split.training]]).mean()
    frozen = make(**more, max_iter=1, alpha=0, learning_rate_init=1e-300)
    assert abs(frozen.fit(X, y_class).loss_ - loss) > 1e-3
    frozen = frozen.set_params(dropout=0.0, warm_start=False).fit(X, y_class)
    assert frozen.loss_ == pytest.approx(loss)


def test_rows_of_weight_zero_do_not_count(X, y_class, engine):
    weights = np.arange(len(X)) % 3
    changed = np.where(weights[:, np.newaxis] == 0, 100.0, X)
    rows = [get_row(make().fit(data, y_class, weights)) for data in (X, changed)]
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-12)


def test_sparse_is_dense(X, y_class, engine):
    X = X * (X > 0)
    rows = [get_row(make().fit(data, y_class)) for data in (X, csr_array(X))]
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("dropout", [LARGEST, 1e-300])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_rates_train(X, y_class, engine, dropout, dtype):
    est = make(dropout=dropout, dtype=dtype).fit(X, y_class)
    assert np.isfinite(get_row(est)).all()
    assert np.isfinite(est.loss_)


# ---- errors ----


@pytest.mark.parametrize("dropout", [0.5, [0.0, 1e-9], np.array([0.5, 0.5])])
def test_lbfgs_is_an_error(X, y_class, dropout):
    est = make(solver="lbfgs", dropout=0.0).fit(X, y_class)
    before = est.predict(X)
    message = f"dropout={show(dropout)} is not allowed with solver='lbfgs'"
    with pytest.raises(ValueError, match=re.escape(message)):
        est.set_params(dropout=dropout).fit(X, y_class)
    np.testing.assert_array_equal(est.predict(X), before)


def test_lbfgs_is_an_error_without_hidden_layers_too(X, y_class):
    with pytest.raises(ValueError, match="dropout=0.5 is not allowed with solver='lbfgs'"):
        make(hidden_layer_sizes=(), dropout=0.5, solver="lbfgs").fit(X, y_class)


BAD_RATES = [
    1, 1.0, -0.1, np.nan, np.inf, "0.5", None, True, {0.5}, {0.5: 1}, np.array(0.5),
    np.full((2, 1), 0.5), [0.5, 1.0], (0.5, None), [[0.5], [0.5]], [0.5, "a"], 10**400,
    Fraction(10**30 - 1, 10**30),
]  # fmt: skip


@pytest.mark.parametrize("dropout", BAD_RATES, ids=repr)
@pytest.mark.parametrize(("hidden", "solver"), [(HIDDEN, "adam"), ((), "sgd"), (HIDDEN, "lbfgs")])
def test_bad_rates(X, y_class, dropout, hidden, solver):
    est = make(hidden_layer_sizes=hidden, solver=solver, dropout=dropout)
    message = f"dropout={show(dropout)} is not allowed: expected a number >= 0 and < 1, or a list"
    with pytest.raises(ValueError, match=re.escape(message)):
        est.fit(X, y_class)


@pytest.mark.parametrize("dropout", [[0.5], (0.5,) * 3, [], np.zeros(3)], ids=repr)
def test_a_rate_per_hidden_layer(X, y_class, dropout):
    message = (
        f"dropout={dropout!r} has {len(dropout)} entries, but the network has 2 hidden layers: "
        "give one rate per hidden layer."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        make(dropout=dropout).fit(X, y_class)


# ---- symmetry ----


def get_spreads(est):
    """How different the units of each hidden layer are."""
    units = (np.vstack([W, V.T]) for W, V in zip(est.coefs_, est.coefs_[1:], strict=False))
    return [np.ptp(weights, axis=1).max() for weights in units]


@pytest.mark.parametrize("method", ["fit", "initialize"])
def test_dropout_in_all_layers_gives_no_symmetry_warning(X, y_class, method):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "Stochastic Optimizer")
        getattr(make(weight_init="constant", n_restarts=2), method)(X, y_class)


@pytest.mark.parametrize(("dropout", "named"), [((0.5, 0), "2"), ((0, 0.5), "1")])
def test_layers_without_dropout_are_named(X, y_class, dropout, named):
    with pytest.warns(SymmetryWarning, match=f"^hidden layer {named}: all") as caught:
        make(weight_init="constant", dropout=dropout).fit(X, y_class)
    messages = [str(w.message) for w in caught if w.category is SymmetryWarning]
    assert len(messages) == 1
    assert messages[0].count("hidden layer") == 1


@pytest.mark.filterwarnings("ignore::sklearn_init.SymmetryWarning")
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dropout", [(0.5, 0.0), (0.0, 0.5)])
def test_only_dropout_in_a_layer_tells_its_units_apart(X, y_number, engine, activation, dropout):
    more = {"hidden_layer_sizes": HIDDEN, "activation": activation, "batch_size": 16}
    est = InitMLPRegressor(**more, dropout=dropout, max_iter=5, random_state=0)
    constant = est.set_params(weight_init="constant").fit(X, y_number)
    for spread, rate in zip(get_spreads(constant), dropout, strict=True):
        assert spread > 1e-4 if rate else spread < 1e-12
    zeros = est.set_params(weight_init="zeros").fit(X, y_number)
    if activation in ("logistic", "softplus"):
        for spread, rate in zip(get_spreads(zeros), dropout, strict=True):
            assert spread > 1e-4 if rate else spread < 1e-12
    else:  # what is 0 at 0 has no gradient there, whatever is left out
        assert not any(W.any() for W in zeros.coefs_)
        assert not any(b.any() for b in zeros.intercepts_[:-1])
        assert zeros.intercepts_[-1].any()
