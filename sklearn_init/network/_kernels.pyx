# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: freethreading_compatible=True
"""Element-wise kernels of the compiled engine, by number: activations (from C) and losses."""

from libc.math cimport fabs

cdef extern from "_vector_math.h" nogil:
    ctypedef struct activation_f32 "struct activation_f32":
        const char *name
        bint needs_z
        void (*value)(const float *, float *, size_t) noexcept nogil
        void (*backpropagate)(const float *, const float *, float *, size_t) noexcept nogil

    ctypedef struct activation_f64 "struct activation_f64":
        const char *name
        bint needs_z
        void (*value)(const double *, double *, size_t) noexcept nogil
        void (*backpropagate)(const double *, const double *, double *, size_t) noexcept nogil

    const char *name_copy() noexcept
    enum:
        N_ACTIVATIONS
    const activation_f32 *activations_f32
    const activation_f64 *activations_f64

    void exp_f32 "exp_kernel_f32"(const float *, float *, size_t) noexcept
    void exp_f64 "exp_kernel_f64"(const double *, double *, size_t) noexcept
    void exp_nonpositive_f32 "exp_nonpositive_kernel_f32"(const float *, float *, size_t) noexcept
    void exp_nonpositive_f64 "exp_nonpositive_kernel_f64"(
        const double *, double *, size_t) noexcept
    void log_f32 "log_kernel_f32"(const float *, float *, size_t) noexcept
    void log_f64 "log_kernel_f64"(const double *, double *, size_t) noexcept

    # the last two arguments: n_rows, n_outputs
    void subtract_row_maximum_f32(const float *, float *, size_t, size_t) noexcept
    void subtract_row_maximum_f64(const double *, double *, size_t, size_t) noexcept
    void row_sums_f32(const float *, double *, size_t, size_t) noexcept
    void row_sums_f64(const double *, double *, size_t, size_t) noexcept
    void row_products_f32(const float *, const float *, double *, size_t, size_t) noexcept
    void row_products_f64(const double *, const double *, double *, size_t, size_t) noexcept
    void normalize_rows_f32(float *, size_t, size_t) noexcept
    void normalize_rows_f64(double *, size_t, size_t) noexcept

# What the package calls them, in the order of their numbers
ACTIVATIONS = tuple([activations_f64[i].name.decode() for i in range(N_ACTIVATIONS)])
NEEDS_Z = tuple([bool(activations_f64[i].needs_z) for i in range(N_ACTIVATIONS)])
INSTRUCTION_SET = name_copy().decode()  # which copies of the loops run here, see _compiler.h
LOSSES = ("squared_error", "poisson", "binary_log_loss", "log_loss")

cdef enum:
    SQUARED_ERROR, POISSON, BINARY_LOG_LOSS  # the numbers in LOSSES; what remains is LOG_LOSS

cdef int LOGISTIC = ACTIVATIONS.index("logistic")
cdef int SOFTPLUS = ACTIVATIONS.index("softplus")


# ---- lookup: once per call, never in a loop ----

cdef value_kernel get_value_kernel(int kernel, const real *like) noexcept nogil:
    if real is float:
        return activations_f32[kernel].value
    else:
        return activations_f64[kernel].value


cdef backpropagate_kernel get_backpropagate_kernel(int kernel, const real *like) noexcept nogil:
    if real is float:
        return activations_f32[kernel].backpropagate
    else:
        return activations_f64[kernel].backpropagate


cdef loss_kernel get_loss_kernel(int kernel, const real *like) noexcept nogil:
    if kernel == SQUARED_ERROR:
        return &squared_error[real]
    if kernel == POISSON:
        return &poisson[real]
    if kernel == BINARY_LOG_LOSS:
        return &binary_log_loss[real]
    return &log_loss[real]


cdef objective_kernel get_objective_kernel(int kernel, const real *like) noexcept nogil:
    if kernel == SQUARED_ERROR:
        return &squared_error_objective[real]
    if kernel == POISSON:
        return &poisson_objective[real]
    if kernel == BINARY_LOG_LOSS:
        return &binary_log_loss_objective[real]
    return &log_loss_objective[real]


cdef output_kernel get_output_kernel(int kernel, const real *like) noexcept nogil:
    if kernel == SQUARED_ERROR:
        return &identity[real]
    if kernel == POISSON:
        return &exponential[real]
    if kernel == BINARY_LOG_LOSS:
        return &logistic[real]
    return &softmax[real]


# ---- bricks ----

cdef inline void vector_exp(const real *x, real *out, Py_ssize_t n) noexcept nogil:
    if real is float:
        exp_f32(x, out, n)
    else:
        exp_f64(x, out, n)


cdef inline void vector_exp_nonpositive(const real *x, real *out, Py_ssize_t n) noexcept nogil:
    if real is float:
        exp_nonpositive_f32(x, out, n)
    else:
        exp_nonpositive_f64(x, out, n)


cdef inline void vector_log(const real *x, real *out, Py_ssize_t n) noexcept nogil:
    if real is float:
        log_f32(x, out, n)
    else:
        log_f64(x, out, n)


cdef inline double clip(double p, const real *like) noexcept nogil:
    """Probabilities as scikit-learn clips them before the logarithm; NaN stays."""
    cdef double epsilon
    if real is float:
        epsilon = 1.1920928955078125e-07
    else:
        epsilon = 2.220446049250313e-16
    return epsilon if p < epsilon else 1 - epsilon if p > 1 - epsilon else p


cdef inline void subtract_row_maximum(const real *z, real *out, Py_ssize_t n_rows,
                                      Py_ssize_t n_outputs) noexcept nogil:
    if real is float:
        subtract_row_maximum_f32(z, out, n_rows, n_outputs)
    else:
        subtract_row_maximum_f64(z, out, n_rows, n_outputs)


cdef inline void row_sums(const real *x, double *sums, Py_ssize_t n_rows,
                          Py_ssize_t n_outputs) noexcept nogil:
    if real is float:
        row_sums_f32(x, sums, n_rows, n_outputs)
    else:
        row_sums_f64(x, sums, n_rows, n_outputs)


cdef inline void row_products(const real *x, const real *y, double *sums, Py_ssize_t n_rows,
                              Py_ssize_t n_outputs) noexcept nogil:
    if real is float:
        row_products_f32(x, y, sums, n_rows, n_outputs)
    else:
        row_products_f64(x, y, sums, n_rows, n_outputs)


# ---- outputs ----

cdef void identity(const real *z, real *out, Py_ssize_t n_rows,
                   Py_ssize_t n_outputs) noexcept nogil:
    cdef Py_ssize_t j
    if out != z:
        for j in range(n_rows * n_outputs):
            out[j] = z[j]


cdef void exponential(const real *z, real *out, Py_ssize_t n_rows,
                      Py_ssize_t n_outputs) noexcept nogil:
    vector_exp(z, out, n_rows * n_outputs)


cdef void logistic(const real *z, real *out, Py_ssize_t n_rows,
                   Py_ssize_t n_outputs) noexcept nogil:
    get_value_kernel(LOGISTIC, z)(z, out, n_rows * n_outputs)


cdef void softmax(const real *z, real *out, Py_ssize_t n_rows,
                  Py_ssize_t n_outputs) noexcept nogil:
    subtract_row_maximum(z, out, n_rows, n_outputs)
    vector_exp_nonpositive(out, out, n_rows * n_outputs)
    if real is float:
        normalize_rows_f32(out, n_rows, n_outputs)
    else:
        normalize_rows_f64(out, n_rows, n_outputs)


# ---- losses: delta = output(z) - y; and scikit-learn's loss of each row ----

cdef void squared_error(const real *z, const real *y, real *delta, double *losses,
                        Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """Half the mean over outputs of (z - y)^2."""
    cdef Py_ssize_t i, k, j = 0
    cdef double total
    for i in range(n_rows):
        total = 0
        for k in range(n_outputs):
            delta[j] = z[j] - y[j]
            total += <double>delta[j] * delta[j]
            j += 1
        losses[i] = total / (2 * n_outputs)


cdef void poisson(const real *z, const real *y, real *delta, double *losses,
                  Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """p = exp(z); the sum over outputs of y log(y / p) - y + p, where 0 log(0) = 0."""
    cdef Py_ssize_t start, j, n, row = 0, output = 0
    cdef double[256] logs  # of as many elements at a time, on the stack
    cdef double ratio, total = 0
    vector_exp(z, delta, n_rows * n_outputs)
    for start in range(0, n_rows * n_outputs, 256):
        n = min(n_rows * n_outputs - start, 256)
        for j in range(n):
            ratio = <double>y[start + j] / delta[start + j]
            logs[j] = ratio if y[start + j] != 0 else 1
        log_f64(logs, logs, n)
        for j in range(n):
            delta[start + j] = delta[start + j] - y[start + j]
            total += y[start + j] * logs[j] + delta[start + j]
            output += 1
            if output == n_outputs:
                losses[row] = total
                row, output, total = row + 1, 0, 0


cdef void binary_log_loss(const real *z, const real *y, real *delta, double *losses,
                          Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """Cross-entropy, summed over outputs; every y is 0 or 1."""
    cdef Py_ssize_t start, j, n, row = 0, output = 0
    cdef double[256] logs
    cdef double total = 0
    logistic(z, delta, n_rows, n_outputs)
    for start in range(0, n_rows * n_outputs, 256):
        n = min(n_rows * n_outputs - start, 256)
        for j in range(n):
            # of what was observed: p or 1 - p
            logs[j] = clip(fabs(<double>delta[start + j] - (1 - y[start + j])), z)
            delta[start + j] = delta[start + j] - y[start + j]
        log_f64(logs, logs, n)
        for j in range(n):
            total -= logs[j]
            output += 1
            if output == n_outputs:
                losses[row] = total
                row, output, total = row + 1, 0, 0


cdef void log_loss(const real *z, const real *y, real *delta, double *losses,
                   Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """Cross-entropy; each row of y has a single 1."""
    cdef Py_ssize_t i, j
    softmax(z, delta, n_rows, n_outputs)
    row_products(<const real *>delta, y, losses, n_rows, n_outputs)  # of the observed class
    for i in range(n_rows):
        losses[i] = clip(losses[i], z)
    log_f64(losses, losses, n_rows)
    for i in range(n_rows):
        losses[i] = -losses[i]
    for j in range(n_rows * n_outputs):
        delta[j] = delta[j] - y[j]


# ---- objectives: sums over outputs, nothing clipped ----

cdef void squared_error_objective(const real *z, const real *y, real *work, double *losses,
                                  Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """(z - y)^2 / 2"""
    cdef Py_ssize_t i
    squared_error(z, y, work, losses, n_rows, n_outputs)
    for i in range(n_rows):
        losses[i] *= n_outputs


cdef void poisson_objective(const real *z, const real *y, real *work, double *losses,
                            Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """y log(y) - y z - y + exp(z), where 0 log(0) = 0"""
    cdef Py_ssize_t start, j, n
    cdef real[256] logs
    cdef real log_y
    vector_exp(z, work, n_rows * n_outputs)
    for start in range(0, n_rows * n_outputs, 256):
        n = min(n_rows * n_outputs - start, 256)
        vector_log(y + start, logs, n)
        for j in range(n):
            log_y = logs[j] if y[start + j] != 0 else 0
            work[start + j] = work[start + j] + y[start + j] * (log_y - z[start + j] - 1)
    row_sums(work, losses, n_rows, n_outputs)


cdef void binary_log_loss_objective(const real *z, const real *y, real *work, double *losses,
                                    Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """softplus(z) - y z: for y = 1 that is softplus(-z), which does not cancel"""
    cdef Py_ssize_t j
    for j in range(n_rows * n_outputs):
        work[j] = -z[j] if y[j] > 0 else z[j]
    get_value_kernel(SOFTPLUS, z)(work, work, n_rows * n_outputs)
    row_sums(work, losses, n_rows, n_outputs)


cdef void log_loss_objective(const real *z, const real *y, real *work, double *losses,
                             Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil:
    """log(sum(exp(z))) - sum(y z), where the largest z is subtracted first"""
    cdef Py_ssize_t i, start, n
    cdef double[256] logs
    subtract_row_maximum(z, work, n_rows, n_outputs)
    row_products(<const real *>work, y, losses, n_rows, n_outputs)
    vector_exp_nonpositive(work, work, n_rows * n_outputs)
    for start in range(0, n_rows, 256):
        n = min(n_rows - start, 256)
        row_sums(work + start * n_outputs, logs, n, n_outputs)
        log_f64(logs, logs, n)
        for i in range(n):
            losses[start + i] = logs[i] - losses[start + i]


# ---- the same from Python, for the tests ----

def value(int kernel, const real[::1] z, real[::1] out):
    """out = phi(z); out may be z."""
    if z.shape[0]:
        get_value_kernel(kernel, &z[0])(&z[0], &out[0], z.shape[0])


def backpropagate(int kernel, z, const real[::1] a, real[::1] delta):
    """delta *= phi'(z), given a = phi(z); z may be None where NEEDS_Z says so."""
    cdef const real[::1] z_view = a if z is None else z
    if a.shape[0]:
        get_backpropagate_kernel(kernel, &a[0])(&z_view[0], &a[0], &delta[0], a.shape[0])


def loss(int kernel, const real[:, ::1] z, const real[:, ::1] y, real[:, ::1] delta,
         double[::1] losses):
    """Fill delta and the reported losses of the rows; delta may be z."""
    get_loss_kernel(kernel, &z[0, 0])(
        &z[0, 0], &y[0, 0], &delta[0, 0], &losses[0], z.shape[0], z.shape[1])


def objective(int kernel, const real[:, ::1] z, const real[:, ::1] y, real[:, ::1] work,
              double[::1] losses):
    """Fill the objectives of the rows; work is scratch, and not z or y."""
    get_objective_kernel(kernel, &z[0, 0])(
        &z[0, 0], &y[0, 0], &work[0, 0], &losses[0], z.shape[0], z.shape[1])


def output(int kernel, const real[:, ::1] z, real[:, ::1] out):
    """out = predictions; out may be z."""
    get_output_kernel(kernel, &z[0, 0])(&z[0, 0], &out[0, 0], z.shape[0], z.shape[1])
