# The loops of _steps.h under one name each: Cython chooses the one for float or double.

from libc.stdint cimport int32_t, int64_t, uint32_t

from sklearn_init.network._kernels cimport real

cdef extern from "_steps.h" nogil:
    void fill_rows_f32(float* out, const float* row, size_t n_rows, size_t n) noexcept
    void fill_rows_f64(double* out, const double* row, size_t n_rows, size_t n) noexcept
    void sum_rows_f32(
        const float* a, float* out, size_t n_rows, size_t n, float scale, bint adds
    ) noexcept
    void sum_rows_f64(
        const double* a, double* out, size_t n_rows, size_t n, double scale, bint adds
    ) noexcept
    void scale_rows_f32(float* a, const float* factors, size_t n_rows, size_t n) noexcept
    void scale_rows_f64(double* a, const double* factors, size_t n_rows, size_t n) noexcept
    void multiply_sparse_f32(
        const float* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
        size_t n_rows, const float* b, float* out, size_t n
    ) noexcept
    void multiply_sparse_f64(
        const double* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
        size_t n_rows, const double* b, double* out, size_t n
    ) noexcept
    void multiply_sparse_transposed_f32(
        const float* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
        size_t n_rows, const float* b, float* out, size_t n, float scale
    ) noexcept
    void multiply_sparse_transposed_f64(
        const double* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
        size_t n_rows, const double* b, double* out, size_t n, double scale
    ) noexcept
    void drop_f32(
        const float* a, float* out, size_t n, uint32_t key_1, uint32_t key_2,
        uint32_t threshold, float scale
    ) noexcept
    void drop_f64(
        const double* a, double* out, size_t n, uint32_t key_1, uint32_t key_2,
        uint32_t threshold, double scale
    ) noexcept
    void step_adam_f32(
        float* theta, const float* grad, float* first, float* second, size_t n,
        float decay, float rate, double beta_1, double beta_2, float epsilon
    ) noexcept
    void step_adam_f64(
        double* theta, const double* grad, double* first, double* second, size_t n,
        double decay, double rate, double beta_1, double beta_2, double epsilon
    ) noexcept
    void step_sgd_f32(
        float* theta, const float* grad, float* velocity, size_t n,
        float decay, float rate, float momentum, bint nesterovs_momentum
    ) noexcept
    void step_sgd_f64(
        double* theta, const double* grad, double* velocity, size_t n,
        double decay, double rate, double momentum, bint nesterovs_momentum
    ) noexcept


cdef inline void fill_rows(real* out, const real* row, size_t n_rows, size_t n) noexcept nogil:
    """out (n_rows, n) = row, repeated."""
    if real is float:
        fill_rows_f32(out, row, n_rows, n)
    else:
        fill_rows_f64(out, row, n_rows, n)


cdef inline void sum_rows(
    const real* a, real* out, size_t n_rows, size_t n, real scale, bint adds,
) noexcept nogil:
    """out (n) = scale * a.sum(axis=0), or that much more."""
    if real is float:
        sum_rows_f32(a, out, n_rows, n, scale, adds)
    else:
        sum_rows_f64(a, out, n_rows, n, scale, adds)


cdef inline void scale_rows(real* a, const real* factors, size_t n_rows, size_t n) noexcept nogil:
    """a (n_rows, n) *= factors[:, newaxis]."""
    if real is float:
        scale_rows_f32(a, factors, n_rows, n)
    else:
        scale_rows_f64(a, factors, n_rows, n)


cdef inline void multiply_sparse(
    const real* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
    size_t n_rows, const real* b, real* out, size_t n,
) noexcept nogil:
    """out (n_rows, n) += A @ b, where A is sparse and row i of it is rows[i] of those stored."""
    if real is float:
        multiply_sparse_f32(data, indices, indptr, rows, n_rows, b, out, n)
    else:
        multiply_sparse_f64(data, indices, indptr, rows, n_rows, b, out, n)


cdef inline void multiply_sparse_transposed(
    const real* data, const int32_t* indices, const int64_t* indptr, const int64_t* rows,
    size_t n_rows, const real* b, real* out, size_t n, real scale,
) noexcept nogil:
    """out += scale * A.T @ b."""
    if real is float:
        multiply_sparse_transposed_f32(data, indices, indptr, rows, n_rows, b, out, n, scale)
    else:
        multiply_sparse_transposed_f64(data, indices, indptr, rows, n_rows, b, out, n, scale)


cdef inline void drop(
    const real* a, real* out, size_t n, uint32_t key_1, uint32_t key_2,
    uint32_t threshold, real scale,
) noexcept nogil:
    """out = scale * a where the hash of the place reaches the threshold, else 0."""
    if real is float:
        drop_f32(a, out, n, key_1, key_2, threshold, scale)
    else:
        drop_f64(a, out, n, key_1, key_2, threshold, scale)


cdef inline void step_adam(
    real* theta, const real* grad, real* first, real* second, size_t n,
    real decay, real rate, double beta_1, double beta_2, real epsilon,
) noexcept nogil:
    """One step of Adam, where decay * theta is the gradient of the penalty."""
    if real is float:
        step_adam_f32(theta, grad, first, second, n, decay, rate, beta_1, beta_2, epsilon)
    else:
        step_adam_f64(theta, grad, first, second, n, decay, rate, beta_1, beta_2, epsilon)


cdef inline void step_sgd(
    real* theta, const real* grad, real* velocity, size_t n,
    real decay, real rate, real momentum, bint nesterovs_momentum,
) noexcept nogil:
    """One step of gradient descent."""
    if real is float:
        step_sgd_f32(theta, grad, velocity, n, decay, rate, momentum, nesterovs_momentum)
    else:
        step_sgd_f64(theta, grad, velocity, n, decay, rate, momentum, nesterovs_momentum)
