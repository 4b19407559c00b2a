# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False, freethreading_compatible=True
"""The compiled passes: what `reference.py` does, without the interpreter and its lock.

From the bottom up: the network and the rows of a batch (_batches.pxi), forward and backward
(_layers.pxi), epochs, and last what Python calls. Matrices are stored row by row and come as a
pointer with their numbers of rows and columns. `real` is float or double: Cython compiles both.
"""

from libc.math cimport isfinite, pow, sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_GetPointer

from itertools import pairwise

import numpy as np

from sklearn_init.network._kernels cimport (
    get_backpropagate_kernel,
    get_loss_kernel,
    get_objective_kernel,
    get_output_kernel,
    get_value_kernel,
    real,
)
from sklearn_init.network._linalg cimport (
    PANEL_SIZE,
    add_scaled,
    multiply,
    multiply_inputs_transposed,
    multiply_W_transposed,
    sum_of_squares,
)
from sklearn_init.network._steps cimport (
    drop,
    fill_rows,
    multiply_sparse,
    multiply_sparse_transposed,
    scale_rows,
    step_adam,
    step_sgd,
    sum_rows,
)


# whether to stop is asked after about as many multiplications: a twentieth of a second
cdef double WORK_BETWEEN_CHECKS = 2.0 ** 29


include "_batches.pxi"
include "_layers.pxi"


# ---- shuffling ----

cdef struct bitgen_t:
    # The interface of NumPy's bit generators: numpy.org/doc/stable/reference/random/extending.html
    void* state
    uint64_t (*next_uint64)(void*) noexcept nogil
    uint32_t (*next_uint32)(void*) noexcept nogil
    double (*next_double)(void*) noexcept nogil
    uint64_t (*next_raw)(void*) noexcept nogil


cdef void shuffle_rows(int64_t* order, Py_ssize_t n, bitgen_t* bits) noexcept nogil:
    """Do what `RandomState.shuffle` does, draw for draw, without the interpreter's lock."""
    cdef Py_ssize_t i
    cdef uint32_t mask, j
    for i in range(n - 1, 0, -1):
        mask = <uint32_t> i
        mask |= mask >> 1
        mask |= mask >> 2
        mask |= mask >> 4
        mask |= mask >> 8
        mask |= mask >> 16
        j = bits.next_uint32(bits.state) & mask
        while j > i:
            j = bits.next_uint32(bits.state) & mask
        order[i], order[j] = order[j], order[i]


# ---- epochs ----

cdef class Rule:
    """An update rule: Adam's, or that of momentum."""

    cdef bint is_adam, nesterovs_momentum
    cdef double beta_1, beta_2, epsilon, momentum

    def __init__(self, bint is_adam, *, double beta_1=0, double beta_2=0, double epsilon=0,
                 double momentum=0, bint nesterovs_momentum=False):
        self.is_adam = is_adam
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum


cdef class Progress:
    """Where training is: what a chunk of epochs goes on with, and what it leaves.

    Attributes
    ----------
    n_steps : int
        Steps so far.
    patience, best_loss
        Number of epochs in a row without improvement, and the lowest loss.
    n_done : int
        Number of epochs that a chunk finished.
    first_loss : float
        Loss of the first batch of the chunk, before its step.
    stop_requested : callable
        Asked every now and then; if true, KeyboardInterrupt is raised.
    """

    cdef public int64_t n_steps, n_done
    cdef public double patience, best_loss, first_loss
    cdef public object stop_requested
    cdef double work_since_check

    def __init__(self, int64_t n_steps, double patience, double best_loss, stop_requested):
        self.n_steps, self.patience, self.best_loss = n_steps, patience, best_loss
        self.stop_requested, self.first_loss = stop_requested, float("nan")


cdef int check_for_stop(Progress progress) except -1 with gil:
    progress.work_since_check = 0
    PyErr_CheckSignals()
    if progress.stop_requested():
        raise KeyboardInterrupt
    return 0


cdef void step(
    Network net, Rule rule, Progress progress, double rate, double total, real* theta,
    const real* grad, real* moments,
) noexcept nogil:
    """Update theta and moments; the penalty acts on the weights, which come first."""
    cdef Py_ssize_t begin = 0, n = net.n_weights, part
    cdef real decay = <real> (net.alpha / total)
    progress.n_steps += 1
    if rule.is_adam:
        rate *= sqrt(1 - pow(rule.beta_2, progress.n_steps))
        rate /= 1 - pow(rule.beta_1, progress.n_steps)
    for part in range(2):  # weights, then biases
        if rule.is_adam:
            step_adam(theta + begin, grad + begin, moments + begin,
                      moments + net.n_params + begin, n, decay, <real> rate,
                      rule.beta_1, rule.beta_2, <real> rule.epsilon)
        else:
            step_sgd(theta + begin, grad + begin, moments + begin, n, decay, <real> rate,
                     <real> rule.momentum, rule.nesterovs_momentum)
        begin, n, decay = net.n_weights, net.n_params - net.n_weights, 0


cdef int run_epoch(
    Network net, Rule rule, Progress progress, const Data* data, const int64_t* order, double rate,
    uint64_t mask_key, real* theta, real* moments, double* loss, real* work,
) except -1 nogil:
    """Take a step per batch and write the mean of their losses, before each step."""
    cdef Py_ssize_t index
    cdef double batch_loss, total = 0
    cdef real* grad = work + net.at_grad
    cdef Batch batch
    for index in range(count_batches(net, data.n_rows)):
        # the products, the update rule, and what a batch costs besides
        progress.work_since_check += (3.0 * net.batch_size + 10) * net.n_params + 20_000
        if progress.work_since_check > WORK_BETWEEN_CHECKS:
            check_for_stop(progress)
        batch = fetch(net, data, order, index, data.n_rows, work)
        if batch.total == 0:
            continue
        batch.drops, batch.mask_key = True, mix(mask_key + index)
        forward(net, theta, &batch, work)
        batch_loss = sum_losses(net, &batch, True, work) / batch.total
        batch_loss += penalty(net, theta, batch.total)
        backward(net, theta, &batch, batch.total, False, grad, work)
        step(net, rule, progress, rate, batch.total, theta, grad, moments)
        if index == 0 and progress.n_done == 0:
            progress.first_loss = batch_loss
        total += batch_loss * batch.n
    loss[0] = total / data.n_rows
    return 0


# ---- what Python calls ----

cdef check_lengths(Network net, const real[:, :] X, is_sparse, const real[::1] theta, work):
    """Raise an error where a loop would run over the end of an array."""
    if ((X.shape[1] != net.sizes[0] and not is_sparse)
            or theta.shape[0] != net.n_params or len(work) != net.n_work):
        raise ValueError("X, theta or work do not have the lengths that the network needs.")


def run_epochs(
    Network net, Rule rule, Progress progress,
    const real[:, :] X, const int32_t[::1] indices, const int64_t[::1] indptr,
    const real[:, ::1] y, const real[::1] weights,
    int64_t[::1] order, bit_generator, const double[::1] rates,
    uint64_t seed, uint64_t n_epochs_before, double tol, double n_iter_no_change,
    real[::1] theta, real[:, ::1] moments, double[::1] losses, real[::1] work,
):
    """Train for a chunk of epochs, or until the loss is not finite or patience is exceeded.

    Parameters
    ----------
    net, rule
        What is trained, and how.
    progress : Progress
        Changed in place.
    X, indices, indptr
        The features of shape (n_samples, n_features), in any memory order; of a CSR matrix its
        numbers, of shape (1, n_stored). The other two are None if X is dense.
    y, weights
        Targets of shape (n_samples, n_outputs); weights of shape (n_samples,) or None.
    order : ndarray of shape (n_training_rows,) or None
        The rows of an epoch, in its order; None takes the data as it is.
    bit_generator : numpy.random.BitGenerator or None
        What shuffles `order` in place before every epoch; None leaves it.
    rates : ndarray of shape (n_epochs,)
        The learning rate of every epoch.
    seed, n_epochs_before : int
        The dropout masks depend on the seed and on the epochs that were before this chunk.
    tol, n_iter_no_change : float
        Patience counts the epochs in a row that did not lower the loss by `tol`.
    theta, moments, losses, work
        Written in place: shapes (n_params,), (n_moments, n_params), (n_epochs,), (net.n_work,).
    """
    cdef Data data = view_data(X, indices, indptr, y, weights)
    cdef Py_ssize_t epoch
    cdef bint improved
    check_lengths(net, X, indices is not None, theta, work)
    if moments.shape[0] != 1 + rule.is_adam or moments.shape[1] != net.n_params:
        raise ValueError("moments do not have the shape that the update rule needs.")
    if y.shape[1] != net.n_outputs or losses.shape[0] < rates.shape[0]:
        raise ValueError("y or losses do not have the shape that is needed.")
    cdef bitgen_t* bits = NULL
    if bit_generator is not None:
        bits = <bitgen_t*> PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator")
    if order is not None:
        data.n_rows = order.shape[0]
    progress.n_done = 0
    with nogil:
        for epoch in range(rates.shape[0]):
            if bits != NULL:
                shuffle_rows(&order[0], data.n_rows, bits)
            run_epoch(net, rule, progress, &data, NULL if order is None else &order[0],
                      rates[epoch], mix(mix(seed) + n_epochs_before + epoch), &theta[0],
                      &moments[0, 0], &losses[epoch], &work[0])
            progress.n_done += 1
            improved = losses[epoch] <= progress.best_loss - tol
            if losses[epoch] < progress.best_loss:
                progress.best_loss = losses[epoch]
            progress.patience = 0 if improved else progress.patience + 1
            if not isfinite(losses[epoch]) or progress.patience > n_iter_no_change:
                break


def loss_and_grad(
    Network net, const real[:, :] X, const int32_t[::1] indices, const int64_t[::1] indptr,
    const real[:, ::1] y, const real[::1] weights, const real[::1] theta, real[::1] grad,
    real[::1] work,
):
    """Return the objective over all rows and write its gradient, a batch at a time."""
    cdef Data data = view_data(X, indices, indptr, y, weights)
    cdef Py_ssize_t index
    cdef double loss = 0
    cdef double total = data.n_rows if weights is None else np.sum(weights, dtype=float)
    cdef Batch batch
    check_lengths(net, X, indices is not None, theta, work)
    with nogil:
        for index in range(count_batches(net, data.n_rows)):
            batch = fetch(net, &data, NULL, index, data.n_rows, &work[0])
            forward(net, &theta[0], &batch, &work[0])
            loss += sum_losses(net, &batch, False, &work[0])
            backward(net, &theta[0], &batch, total, index > 0, &grad[0], &work[0])
        add_scaled(&theta[0], &grad[0], net.n_weights, <real> (net.alpha / total))
    return loss / total + penalty(net, &theta[0], total)


def loss(
    Network net, const real[:, :] X, const int32_t[::1] indices, const int64_t[::1] indptr,
    const real[:, ::1] y, const real[::1] weights, const int64_t[::1] rows,
    const real[::1] theta, real[::1] work,
):
    """Return the reported loss over some rows; None means all."""
    cdef Data data = view_data(X, indices, indptr, y, weights)
    cdef const int64_t* order = NULL if rows is None else &rows[0]
    cdef Py_ssize_t index, n_rows = data.n_rows if rows is None else rows.shape[0]
    cdef double loss = 0, total = 0
    cdef Batch batch
    check_lengths(net, X, indices is not None, theta, work)
    with nogil:
        for index in range(count_batches(net, n_rows)):
            batch = fetch(net, &data, order, index, n_rows, &work[0])
            forward(net, &theta[0], &batch, &work[0])
            loss += sum_losses(net, &batch, True, &work[0])
            total += batch.total
    return loss / total + penalty(net, &theta[0], total)


def predict(
    Network net, const real[:, :] X, const int32_t[::1] indices, const int64_t[::1] indptr,
    const int64_t[::1] rows, const real[::1] theta, real[:, ::1] out, real[::1] work,
):
    """Write the predictions for some rows into `out` of shape (n_rows, n_outputs)."""
    cdef const real[:, ::1] no_y = None
    cdef const real[::1] no_weights = None
    cdef Data data = view_data(X, indices, indptr, no_y, no_weights)
    cdef Py_ssize_t index, n_rows = rows.shape[0]
    cdef Batch batch
    check_lengths(net, X, indices is not None, theta, work)
    with nogil:
        for index in range(count_batches(net, n_rows)):
            batch = fetch(net, &data, &rows[0], index, n_rows, &work[0])
            forward(net, &theta[0], &batch, &work[0])
            get_output_kernel(net.loss, &work[0])(
                &work[net.at_z[net.n_layers - 1]], &out[index * net.batch_size, 0], batch.n,
                net.n_outputs)
