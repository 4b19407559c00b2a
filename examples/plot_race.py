"""
A race of restarts
==================

Where training ends depends on where it starts, so start several times. Does each of these starts
have to be trained to the end? No: with ``restart_strategy="halving"`` all 32 train a little, the
better half goes on, and so on, until two are left. The race takes less than a fifth of the epochs,
and its winner is among the best, though not always the best, of all that were trained in full.
"""

import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sklearn_init import InitMLPClassifier
from sklearn_init.inspection import LossCurvesDisplay

# training ends after 400 epochs, which scikit-learn warns about
warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Stochastic Optimizer")

# %%
# Two spirals
# -----------
# Two classes wind around each other. Ten relu units are just enough to follow them, so that many
# starts get stuck on the way.

rng = np.random.default_rng(0)
y = np.arange(400) % 2
radius = rng.uniform(0.4, 2, size=400)
angle = 4.5 * radius + np.pi * y
X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
X += rng.normal(scale=0.06, size=X.shape)
X, X_test, y, y_test = X[:200], X[200:], y[:200], y[200:]

# %%
# The race, and all starts to the end
# -----------------------------------
# Both begin at the same 32 places and take the same steps, bit by bit, until a restart is dropped.

everyone = InitMLPClassifier(
    (10,),
    learning_rate_init=0.05,
    max_iter=400,
    n_iter_no_change=np.inf,
    n_restarts=32,
    random_state=0,
)
race = clone(everyone).set_params(restart_strategy="halving").fit(X, y)
everyone.fit(X, y)

# %%
# What it costs and what it finds
# -------------------------------
# ``restarts_`` is the record of all restarts: their epochs, losses, and who was dropped.

n_raced = race.restarts_["n_iter"].sum()
n_all = everyone.restarts_["n_iter"].sum()
losses = everyone.restarts_["loss"]
for name, net in {"winner of the race": race, "best of all": everyone}.items():
    accuracy = net.score(X_test, y_test)
    print(f"{name:<20} loss {net.loss_:.4f}   accuracy on new rows {accuracy:.3f}")

# %%
# Six starts, trained to the end, take as many epochs as the race. How good is the best of six? The
# mean over all choices of six among the 32 is what ``expected_best`` computes.

loss_of_six = everyone.restarts_.expected_best().mean[6 - 1]
print(f"best of six          loss {loss_of_six:.4f} on average")

# %%
# Was that luck? Here are three more races, each against all of its 32 in full. Place 1 is that of
# the best of all.

places = [1 + np.sum(losses < race.loss_)]
for seed in range(1, 4):
    other_race = clone(race).set_params(random_state=seed).fit(X, y)
    others = clone(everyone).set_params(random_state=seed).fit(X, y)
    places.append(1 + np.sum(others.restarts_["loss"] < other_race.loss_))

# %%
# The picture
# -----------
# The blue line on the right is the winner of the race. A race can err: who is slow at first and
# good in the end is sent home. That is why two, and not one, train to the end.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
LossCurvesDisplay.from_estimator(race, ax=left)
left.set_title(f"A race of 32: {n_raced} epochs")
LossCurvesDisplay.from_estimator(everyone, ax=right)
right.set_title(f"All to the end: {n_all} epochs")
winner = everyone.restarts_.loss_curves[race.best_restart_]
label = f"winner of the race, restart {race.best_restart_}"
right.plot(np.arange(1, 401), winner, color="#0072b2", linestyle="--", label=label, zorder=3)
left.set_ylim(bottom=2e-4)
right.legend(loc="lower left")
share, place = n_raced / n_all, places[0]
fig.suptitle(f"The race takes {share:.0%} of the epochs; its winner has place {place} of 32")
fig.savefig(Path(sys.argv[0]).with_suffix(".png"), dpi=150)  # next to this script

print(
    f"\nThe race takes {n_raced} epochs, all 32 starts take {n_all}; its winner has a loss of "
    f"{race.loss_:.4f} (best of all {losses.min():.4f},\nmedian {np.median(losses):.4f}, best of "
    f"six, which cost as much, {loss_of_six:.4f} on average). The winners of four races\nhave the "
    f"places {', '.join(map(str, places))} of 32."
)
