# Products of matrices that are stored row by row, through our own loops or SciPy's BLAS.

from scipy.linalg.cython_blas cimport daxpy, ddot, dgemm, saxpy, sdot, sgemm

from sklearn_init.network._kernels cimport real
from sklearn_init.network._steps cimport fill_rows

cdef extern from "_products.h" nogil:
    enum:
        PANEL_ROWS
        PANEL_SIZE
    bint has_products() noexcept
    void product_f32(
        const float* a, size_t a_row, size_t a_column, const float* b, size_t b_row,
        size_t b_column, size_t m, size_t k, size_t n, const float* start, float scale, bint adds,
        float* c, float* panel
    ) noexcept
    void product_f64(
        const double* a, size_t a_row, size_t a_column, const double* b, size_t b_row,
        size_t b_column, size_t m, size_t k, size_t n, const double* start, double scale,
        bint adds, double* c, double* panel
    ) noexcept


# ---- the two ways: c (m, n) = scale * a @ b, where a (m, k) and b (k, n) ----

cdef inline bint is_small(const real* like, size_t m, size_t k, size_t n) noexcept nogil:
    """Whether our own loops are faster than BLAS: found by measurements."""
    return (has_products() and m >= 8 and n * sizeof(real) >= 32 and k <= PANEL_ROWS
            and m * k * n <= 4_000_000)


cdef inline void product(
    const real* a, size_t a_row, size_t a_column, const real* b, size_t b_row, size_t b_column,
    size_t m, size_t k, size_t n, const real* start, real scale, bint adds, real* c, real* panel,
) noexcept nogil:
    """Entry (i, p) of a is at a[i * a_row + p * a_column]. `start` is added to every row."""
    if real is float:
        product_f32(a, a_row, a_column, b, b_row, b_column, m, k, n, start, scale, adds, c, panel)
    else:
        product_f64(a, a_row, a_column, b, b_row, b_column, m, k, n, start, scale, adds, c, panel)


cdef inline void gemm(
    char transpose_a, char transpose_b, int m, int n, int k, real scale, const real* a,
    int stride_a, const real* b, int stride_b, real keep, real* c, int stride_c,
) noexcept nogil:
    """BLAS has columns first: it sees our matrices transposed, so that factors are swapped."""
    if real is float:
        sgemm(&transpose_a, &transpose_b, &m, &n, &k, &scale, <float*> a, &stride_a,
              <float*> b, &stride_b, &keep, c, &stride_c)
    else:
        dgemm(&transpose_a, &transpose_b, &m, &n, &k, &scale, <double*> a, &stride_a,
              <double*> b, &stride_b, &keep, c, &stride_c)


# ---- the three products of a layer: forward, gradient of the weights, delta ----

cdef inline void multiply(
    const real* inputs, const real* W, const real* biases, real* z,
    int n_rows, int fan_in, int fan_out, real* panel,
) noexcept nogil:
    """z = inputs @ W + biases."""
    if is_small(z, n_rows, fan_in, fan_out):
        product(inputs, fan_in, 1, W, fan_out, 1, n_rows, fan_in, fan_out, biases, <real> 1, False,
                z, panel)
    else:
        fill_rows(z, biases, n_rows, fan_out)
        gemm(c"N", c"N", fan_out, n_rows, fan_in, <real> 1, W, fan_out, inputs, fan_in, <real> 1,
             z, fan_out)


cdef inline void multiply_inputs_transposed(
    const real* inputs, const real* delta, real* W_grad,
    int n_rows, int fan_in, int fan_out, real scale, bint adds, real* panel,
) noexcept nogil:
    """W_grad = scale * inputs.T @ delta, or that much more."""
    cdef const real* no_start = NULL
    if is_small(delta, fan_in, n_rows, fan_out):
        product(inputs, 1, fan_in, delta, fan_out, 1, fan_in, n_rows, fan_out, no_start, scale,
                adds, W_grad, panel)
    else:
        gemm(c"N", c"T", fan_out, fan_in, n_rows, scale, delta, fan_out, inputs, fan_in,
             <real> adds, W_grad, fan_out)


cdef inline void multiply_W_transposed(
    const real* delta, const real* W, real* previous, int n_rows, int fan_in, int fan_out,
    real* panel,
) noexcept nogil:
    """previous = delta @ W.T."""
    cdef const real* no_start = NULL
    if is_small(delta, n_rows, fan_out, fan_in):
        product(delta, fan_out, 1, W, 1, fan_out, n_rows, fan_out, fan_in, no_start, <real> 1,
                False, previous, panel)
    else:
        gemm(c"T", c"N", fan_in, n_rows, fan_out, <real> 1, W, fan_out, delta, fan_out, <real> 0,
             previous, fan_in)


# ---- vectors ----

cdef inline double sum_of_squares(const real* a, int n) noexcept nogil:
    cdef int one = 1
    if real is float:
        return sdot(&n, <float*> a, &one, <float*> a, &one)
    else:
        return ddot(&n, <double*> a, &one, <double*> a, &one)


cdef inline void add_scaled(const real* a, real* out, int n, real factor) noexcept nogil:
    """out += factor * a."""
    cdef int one = 1
    if real is float:
        saxpy(&n, &factor, <float*> a, &one, out, &one)
    else:
        daxpy(&n, &factor, <double*> a, &one, out, &one)
