"""Fair timing: all engines take turns, and what is compared is compared within each turn.

So a load that comes and goes hits all sides of a ratio, and the median over the turns is left
alone by the few that it hits in the middle.
"""

import gc
import os
from contextlib import contextmanager
from statistics import quantiles
from time import perf_counter

from threadpoolctl import threadpool_limits

MIN_TURNS = 3


def take_turns(runs, clock, n_turns, budget):
    """Return a list of turns, each a dict of seconds.

    Parameters
    ----------
    runs : dict of callables
    clock : callable
    n_turns : int
        The largest number of turns, each of which calls every one once.
    budget : float
        Seconds after which no further turn begins; the first three always do.
    """
    turns, begin = [], perf_counter()
    while len(turns) < n_turns:
        if len(turns) >= MIN_TURNS and perf_counter() - begin > budget:
            break
        order = list(runs)[:: -1 if len(turns) % 2 else 1]
        turn = {name: _seconds(runs[name], clock) for name in order}
        turns.append({name: turn[name] for name in runs})
    return turns


def _seconds(run, clock):
    gc.collect()
    begin = clock()
    run()
    return clock() - begin


def quartiles(numbers):
    return dict(zip(("low", "median", "high"), quantiles(numbers, n=4), strict=True))


@contextmanager
def one_blas_thread():
    with threadpool_limits(1, user_api="blas"):
        yield


@contextmanager
def one_core():
    """One BLAS thread, and one core for the threads of libraries that have no such limit."""
    if not hasattr(os, "sched_setaffinity"):
        raise SystemExit("this table needs Linux, to keep JAX on one core")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        with one_blas_thread():
            yield
    finally:
        os.sched_setaffinity(0, cores)
