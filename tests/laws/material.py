"""What laws are checked with."""

import numpy as np
from scipy import stats

from sklearn_init.activations import ACTIVATIONS
from sklearn_init.initializers._layer import make_layers

FAN_IN, FAN_OUT = 7, 301
N_DRAWS = 300_000 // (FAN_IN * FAN_OUT) + 1


def make_layer(fan_in=FAN_IN, fan_out=FAN_OUT, activation="relu", index=0, n_layers=2):
    """Return the layer of this index of a network whose layers are all of this size."""
    fans = [(fan_in, fan_out)] * n_layers
    return make_layers(fans, [ACTIVATIONS[activation]] * n_layers)[index]


def sample(initializer, n_draws=N_DRAWS, seed=0, *, biases=False, **layer):
    """Draw that many matrices, or bias vectors, from one generator."""
    rng = np.random.default_rng(seed)
    asked = make_layer(**layer)
    if biases:
        return np.stack([initializer.draw_biases(asked.biases(), rng) for _ in range(n_draws)])
    return np.stack([initializer.draw(asked, rng) for _ in range(n_draws)])


def check_law(numbers, law):
    """Mean and variance within five standard errors, Kolmogorov-Smirnov, bounds attained."""
    n, std = numbers.size, law.std()
    kurtosis = float(law.stats(moments="k")) + 3
    assert abs(numbers.mean() - law.mean()) < 5 * std / np.sqrt(n)
    assert abs(numbers.var() / std**2 - 1) < 5 * np.sqrt((kurtosis - 1) / n)
    assert stats.kstest(numbers.ravel()[:100_000], law.cdf).pvalue > 1e-3
    low, high = law.support()
    if np.isfinite(high):
        width = high - low
        assert low <= numbers.min() < low + 0.001 * width
        assert high - 0.001 * width < numbers.max() <= high


def uniform(bound):
    return stats.uniform(-bound, 2 * bound)


def normal(std):
    return stats.norm(0, std)


def independent(law, bias_law=None):
    """Return a check that weights are independent draws from a law, and biases, too, or zero."""

    def check(initializer):
        check_law(sample(initializer), law)
        drawn_biases = sample(initializer, 3000, seed=1, biases=True)
        if bias_law is None:
            assert (drawn_biases == 0).all()
        else:
            check_law(drawn_biases, bias_law)
        rows = sample(initializer, 2000, seed=2, fan_in=3, fan_out=2)
        correlations = np.corrcoef(rows.reshape(2000, 6), rowvar=False)[np.triu_indices(6, 1)]
        assert abs(correlations).max() < 5 / np.sqrt(2000)

    return check
