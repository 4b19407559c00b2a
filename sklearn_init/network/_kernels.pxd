# What another compiled module may cimport: the element-wise kernels as C function pointers.
# Rows are stored one after the other: z, y, delta, work and out are (n_rows, n_outputs).

ctypedef fused real:
    float
    double

# value(z, a, n): a = phi(z); a may be z.    backpropagate(z, a, delta, n): delta *= phi'(z).
ctypedef void (*value_kernel)(const real *z, real *a, size_t n) noexcept nogil
ctypedef void (*backpropagate_kernel)(
    const real *z, const real *a, real *delta, size_t n) noexcept nogil

# delta = output(z) - y, which may be z; losses = the reported loss of each row.
ctypedef void (*loss_kernel)(
    const real *z, const real *y, real *delta, double *losses,
    Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil
# losses = of each row, the antiderivative of that delta. work is scratch, and not z or y.
ctypedef void (*objective_kernel)(
    const real *z, const real *y, real *work, double *losses,
    Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil
# out = output(z), the predictions; out may be z.
ctypedef void (*output_kernel)(
    const real *z, real *out, Py_ssize_t n_rows, Py_ssize_t n_outputs) noexcept nogil

# `like` is any pointer to float or double: it only says which of the two is meant.
cdef value_kernel get_value_kernel(int kernel, const real *like) noexcept nogil
cdef backpropagate_kernel get_backpropagate_kernel(int kernel, const real *like) noexcept nogil
cdef loss_kernel get_loss_kernel(int kernel, const real *like) noexcept nogil
cdef objective_kernel get_objective_kernel(int kernel, const real *like) noexcept nogil
cdef output_kernel get_output_kernel(int kernel, const real *like) noexcept nogil
