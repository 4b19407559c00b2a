"""
The helicopter: thirty-two starts for the price of six
======================================================

Training is greedy: dropped by helicopter on a foggy mountain, one walks down from where one lands
and ends in a valley nearby, not in the deepest one. Dropped at many places, one finds a deeper
one. With ``restart_strategy="halving"`` these walkers race: again and again the half that is
higher up is sent home, so that 32 walkers take no more steps than six who walk to the end.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patheffects import withStroke
from scipy import stats
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPRegressor, Uniform

# nobody stops before the last step, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# The mountain
# ------------
# A network with one sine unit can follow one wave, and the data are a sum of four: each wave is a
# valley, and the loudest one the deepest. The data stay the same if turned by 180 degrees about
# the origin, so the gradients of both biases are zero, and they stay at zero, where they start.
# What is left are two weights, a place on the map, and the loss, its height: nothing is hidden.

half = stats.norm.ppf((np.arange(32, 64) + 0.5) / 64)
x = np.concatenate([-half[::-1], half])
waves = {2: 0.5, 4: -0.9, 6: 1.1, 8: -0.7}  # frequency: amplitude
y = sum(amplitude * np.sin(frequency * x) for frequency, amplitude in waves.items())
X = x[:, np.newaxis]


def measure_height(hidden, output):
    """Return the loss of the network with these two weights, of any shape."""
    prediction = output[..., np.newaxis] * np.sin(hidden[..., np.newaxis] * x)
    return np.mean((prediction - y) ** 2, axis=-1) / 2


# %%
# The walkers
# -----------
# They go down by plain gradient descent from 32 random places: first in a race, then all of them
# to the end. The places are the same, and so are the steps, until a walker is sent home.

walkers = InitMLPRegressor(
    hidden_layer_sizes=(1,),
    activation="sine",
    solver="sgd",
    momentum=0,
    batch_size=len(X),
    shuffle=False,
    learning_rate_init=0.15,
    alpha=0,
    max_iter=160,
    tol=0,
    n_iter_no_change=np.inf,
    weight_init={"hidden": Uniform(low=1, high=9), "output": Uniform(low=-1.5, high=1.5)},
    bias_init="zeros",
    n_restarts=32,
    random_state=1,
)


def get_places(net):
    """Return where the walkers stand, of shape (32, 2)."""
    return np.array([np.ravel(net.restart(r).coefs_) for r in range(net.n_restarts)])


race = clone(walkers).set_params(restart_strategy="halving").fit(X, y)
n_steps = race.restarts_["n_iter"]  # until a walker is sent home, or arrives

# to the end, with a look at the map every few steps
full = clone(walkers).set_params(warm_start=True).initialize(X, y)
calls = [1] * 20 + [4] * 5 + [20] * 6
epochs, paths = np.cumsum([0, *calls]), [get_places(full)]
for n_epochs in calls:
    paths.append(get_places(full.set_params(max_iter=n_epochs).fit(X, y)))
paths = np.stack(paths, axis=1)  # of shape (walkers, times, 2)

# %%
# The valleys
# -----------
# They are told apart by what the networks that end there predict.

valleys = full.restarts_.n_minima(tol=0.05)
bottoms = [np.flatnonzero(valleys.labels == v)[0] for v in range(valleys.n_found)]
share = np.mean(valleys.labels == 0)
cost = n_steps.sum() / walkers.max_iter  # in walkers who go to the end
share_of_as_many = 1 - (1 - share) ** cost  # of groups of so many walkers

# %%
# The picture
# -----------
# Every walker starts at a dot. The lines are the race; the dotted lines, which nobody walked, show
# where those sent home would have ended: most of them in a valley that is not the deepest. (The
# race ended in the deepest one for each of the 100 values of random_state that were tried.)

hidden, output = np.linspace(0.75, 9.25, 341), np.linspace(-1.65, 1.65, 265)
height = measure_height(*np.meshgrid(hidden, output))
norm = PowerNorm(0.5, vmin=0.34, vmax=1.34)  # the valleys are less deep than the hills are high
levels = norm.inverse(np.linspace(0, 1, 21))
fog = LinearSegmentedColormap.from_list("fog", ["#2f6f9f", "#a9c9df", "#e3ebf0", "#fafafa"])
best, other = "#D55E00", "#333333"

fig, ax = plt.subplots(figsize=(9, 6), layout="constrained")
ground = ax.contourf(hidden, output, height, levels, norm=norm, cmap=fog, extend="max")
ax.contour(hidden, output, height, levels, colors="white", linewidths=0.6)
dropped = race.restarts_["dropped"]
for path, end, sent_home in zip(paths, np.searchsorted(epochs, n_steps), dropped, strict=True):
    color, width = (other, 1.3) if sent_home else (best, 3)
    ax.plot(*path[end:].T, ":", color=other, linewidth=1)
    ax.plot(*path[: end + 1].T, color=color, linewidth=width)
    ax.plot(*path[0], "o", color=color, markersize=5)
    if sent_home:
        ax.plot(*path[end], "x", color=other, markersize=6, markeredgewidth=1.7)
star = {"marker": "*", "color": best, "markeredgecolor": "white", "markersize": 21}
ax.plot(*paths[race.best_restart_, -1], **star)

offsets = (16, 8), (18, -8), (18, -44), (-52, 16)  # beside the ways
for bottom, offset in zip(bottoms, offsets, strict=True):
    ax.annotate(
        f"{'deepest valley' if bottom == bottoms[0] else 'valley'}\n"
        f"loss {full.restarts_['loss'][bottom]:.2f}",
        paths[bottom, -1],
        xytext=offset,
        textcoords="offset points",
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )

cross = {"marker": "x", "color": other, "markersize": 6, "markeredgewidth": 1.7}
legend = {
    "dropped here by helicopter": {"marker": "o", "color": other, "linestyle": ""},
    f"walked, then sent home: {dropped.sum()} of {len(paths)}": cross,
    "not walked: where the way would have led": {"color": other, "linestyle": ":"},
    f"walked to the end: {np.sum(~dropped)} of {len(paths)}": star | {"linewidth": 3},
}
handles = [ax.plot([], [], label=label, **style)[0] for label, style in legend.items()]
fig.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
ax.set(xlabel="first weight: input to hidden unit", ylabel="second weight: hidden unit to output")
ax.set_title(
    "Training walks downhill from where it starts.\n"
    f"A race of {len(paths)} walkers finds the deepest valley at the cost of {cost:.0f}."
)
fig.colorbar(ground, ax=ax, label="loss: the height", pad=0.01, ticks=[0.4, 0.5, 0.6, 0.8, 1, 1.2])
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

n_walkers, n_all = len(paths), len(paths) * walkers.max_iter
print(
    f"One walker ends in the deepest of {valleys.n_found} valleys with probability {share:.0%}, "
    f"one of {cost:.0f} with {share_of_as_many:.0%}.\n"
    f"All {n_walkers} need {n_all} steps to the end; the best comes down to {full.loss_:.4f}.\n"
    f"Their race needs {n_steps.sum()} steps, as many as {cost:.0f} who go to the end; its winner "
    f"comes down to {race.loss_:.4f}."
)
