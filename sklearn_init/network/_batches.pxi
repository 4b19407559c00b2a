# Part of _passes.pyx: the network with the places in its work array, and the rows of a batch.

# ---- the network, and where its passes write ----

cdef class Network:
    """What does not change while a network is trained, and the places in its work array.

    Parameters
    ----------
    sizes : sequence of int
        Of all layers, from the features to the outputs.
    activations, needs_z : sequence of int
        The kernels of the hidden layers, and whether their derivatives need z.
    loss : int
        The kernel of the loss.
    alpha : float
    dropout : sequence of float
        The rate of each hidden layer.
    batch_size : int
        The largest number of rows in a batch.
    is_sparse : bool
        Whether X is sparse, whose rows are not copied into a batch.
    """

    cdef readonly Py_ssize_t n_work
    cdef readonly Py_ssize_t batch_size
    cdef Py_ssize_t n_layers, n_weights, n_params, n_outputs
    cdef int loss
    cdef double alpha
    cdef Py_ssize_t[::1] sizes, activations
    cdef double[::1] dropout
    # where in the work array are, of each layer: z, phi(z), and what dropout leaves of it
    cdef Py_ssize_t[::1] at_z, at_a, at_output
    cdef Py_ssize_t at_X, at_y, at_weights, at_losses, at_delta, at_previous, at_grad
    cdef Py_ssize_t at_panel

    def __init__(self, sizes, activations, needs_z, loss, alpha, dropout, batch_size,
                 is_sparse):
        cdef Py_ssize_t layer, widest = max(sizes[1:])
        self.sizes = np.array(sizes, np.intp)
        self.activations = np.array(activations, np.intp)
        self.dropout = np.array(dropout, np.float64)
        self.loss, self.alpha, self.batch_size = loss, alpha, batch_size
        self.n_layers, self.n_outputs = len(sizes) - 1, sizes[len(sizes) - 1]
        self.n_weights = sum(m * n for m, n in pairwise(sizes))
        self.n_params = self.n_weights + sum(sizes[1:])
        if self.n_params >= 2**31:
            raise ValueError(f"{sizes}: BLAS counts weights in 32 bits; make the layers smaller.")
        self.at_z, self.at_a, self.at_output = np.empty((3, self.n_layers), np.intp)
        for layer in range(self.n_layers):
            self.at_z[layer] = self.at_a[layer] = self.reserve(batch_size * sizes[layer + 1])
            if layer < self.n_layers - 1:
                if needs_z[layer]:
                    self.at_a[layer] = self.reserve(batch_size * sizes[layer + 1])
                self.at_output[layer] = self.at_a[layer]
                if dropout[layer]:
                    self.at_output[layer] = self.reserve(batch_size * sizes[layer + 1])
        self.at_delta = self.reserve(batch_size * widest)
        self.at_previous = self.reserve(batch_size * widest)
        self.at_X = self.reserve(0 if is_sparse else batch_size * sizes[0])
        self.at_y = self.reserve(batch_size * self.n_outputs)
        self.at_weights = self.reserve(batch_size)
        self.at_losses = self.reserve(2 * batch_size)  # they are double, which may be two float
        self.at_grad = self.reserve(self.n_params)
        self.at_panel = self.reserve(PANEL_SIZE)

    cdef Py_ssize_t reserve(self, Py_ssize_t n):
        """Return the place of n further numbers, a multiple of 64 bytes from the first."""
        cdef Py_ssize_t begin = self.n_work
        self.n_work += (n + 15) // 16 * 16
        return begin


# ---- data, and the rows of a batch. A struct cannot be of two types, hence `void` ----

cdef struct Data:
    bint is_sparse
    const void* X               # (n_rows, n_features), or the stored numbers of a CSR matrix
    Py_ssize_t row_bytes        # from a row of X to the next one
    Py_ssize_t column_bytes     # from a column to the next one: not the number's, in Fortran order
    const int32_t* indices      # of that matrix
    const int64_t* indptr
    const void* y               # (n_rows, n_outputs); NULL in predictions
    const void* weights         # (n_rows,), or NULL
    Py_ssize_t n_rows

cdef struct Batch:
    Data data                   # its rows; of a CSR matrix all rows
    const int64_t* rows         # its rows in a CSR matrix; NULL: the first n
    Py_ssize_t n
    double total                # the sum of its weights
    bint drops                  # whether dropout is on
    uint64_t mask_key           # what its masks depend on


cdef Data view_data(
    const real[:, :] X, const int32_t[::1] indices, const int64_t[::1] indptr,
    const real[:, ::1] y, const real[::1] weights,
) noexcept:
    cdef Data data
    data.is_sparse = indptr is not None
    data.X = &X[0, 0]
    data.row_bytes, data.column_bytes = X.strides[0], X.strides[1]
    data.indices = &indices[0] if data.is_sparse else NULL
    data.indptr = &indptr[0] if data.is_sparse else NULL
    data.y = NULL if y is None else &y[0, 0]
    data.weights = NULL if weights is None else &weights[0]
    data.n_rows = 0 if y is None else y.shape[0]
    return data


cdef inline Py_ssize_t count_batches(Network net, Py_ssize_t n_rows) noexcept nogil:
    return (n_rows + net.batch_size - 1) // net.batch_size


cdef Batch fetch(
    Network net, const Data* data, const int64_t* order, Py_ssize_t index, Py_ssize_t n_rows,
    real* work,
) noexcept nogil:
    """Return a batch of the rows in an order, or in that of the data (NULL).

    The latter is no copy, if numbers lie row by row.
    """
    cdef Batch batch
    cdef Py_ssize_t begin = index * net.batch_size, n = min(net.batch_size, n_rows - begin)
    cdef Py_ssize_t i, n_features = net.sizes[0]
    cdef const real* weights
    cdef bint is_row_by_row = data.row_bytes == n_features * sizeof(real) and (
        data.column_bytes == sizeof(real))
    batch.data, batch.n, batch.drops, batch.mask_key = data[0], n, False, 0
    batch.rows = NULL if order == NULL else order + begin
    if not data.is_sparse and (order != NULL or not is_row_by_row):
        gather_features(data, batch.rows, begin, n, n_features, work + net.at_X)
        batch.data.X = work + net.at_X
    elif not data.is_sparse:
        batch.data.X = <const real*> data.X + begin * n_features
    if order == NULL:
        if data.is_sparse:
            batch.data.indptr = data.indptr + begin
        if data.y != NULL:
            batch.data.y = <const real*> data.y + begin * net.n_outputs
        if data.weights != NULL:
            batch.data.weights = <const real*> data.weights + begin
    else:
        if data.y != NULL:
            batch.data.y = work + net.at_y
            gather_rows(<const real*> data.y, batch.rows, n, net.n_outputs, work + net.at_y)
        if data.weights != NULL:
            batch.data.weights = work + net.at_weights
            gather_rows(<const real*> data.weights, batch.rows, n, 1, work + net.at_weights)
    batch.total = n
    if data.weights != NULL:
        weights = <const real*> batch.data.weights
        batch.total = 0
        for i in range(n):
            batch.total += weights[i]
    return batch


cdef inline void gather_features(
    const Data* data, const int64_t* rows, Py_ssize_t begin, Py_ssize_t n_rows, Py_ssize_t n,
    real* out,
) noexcept nogil:
    """out (n_rows, n) = X[rows], or X[begin : begin + n_rows] where rows is NULL."""
    cdef Py_ssize_t i, j, first, width, row
    cdef const char* place
    if data.column_bytes == sizeof(real):
        for i in range(n_rows):
            row = begin + i if rows == NULL else rows[i]
            memcpy(out + i * n, <const char*> data.X + row * data.row_bytes, n * sizeof(real))
        return
    # eight columns at a time, so that what is read and what is written stays in the cache
    for first in range(0, n, 8):
        width = min(n - first, 8)
        for i in range(n_rows):
            row = begin + i if rows == NULL else rows[i]
            place = <const char*> data.X + row * data.row_bytes + first * data.column_bytes
            for j in range(width):
                out[i * n + first + j] = (<const real*> (place + j * data.column_bytes))[0]


cdef inline void gather_rows(
    const real* a, const int64_t* rows, Py_ssize_t n_rows, Py_ssize_t n, real* out
) noexcept nogil:
    """out (n_rows, n) = a[rows]."""
    cdef Py_ssize_t i
    for i in range(n_rows):
        memcpy(out + i * n, a + rows[i] * n, n * sizeof(real))
