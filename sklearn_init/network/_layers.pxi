# Part of _passes.pyx: forward and backward through the layers, for one batch.

# ---- forward ----

cdef uint64_t mix(uint64_t key) noexcept nogil:
    """The generator splitmix64; `mix` of dropout.py is the same."""
    key += 0x9E3779B97F4A7C15U
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9U
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBU
    return key ^ (key >> 31)


cdef inline void drop_out(
    Network net, const Batch* batch, Py_ssize_t layer, const real* a, real* out
) noexcept nogil:
    """Apply the dropout mask of a hidden layer."""
    cdef double rate = net.dropout[layer]
    cdef uint64_t key = mix(batch.mask_key + layer)
    drop(a, out, batch.n * net.sizes[layer + 1], <uint32_t> key, <uint32_t> (key >> 32),
         <uint32_t> (rate * 4294967296.0), <real> (1 / (1 - rate)))


cdef inline Py_ssize_t get_output_place(
    Network net, const Batch* batch, Py_ssize_t layer
) noexcept nogil:
    return net.at_output[layer] if batch.drops else net.at_a[layer]


cdef void forward(
    Network net, const real* theta, const Batch* batch, real* work
) noexcept nogil:
    """Write z, phi(z) and what dropout leaves of it, layer by layer."""
    cdef Py_ssize_t layer, fan_in, fan_out
    cdef const real* W = theta
    cdef const real* biases = theta + net.n_weights
    cdef const real* X = <const real*> batch.data.X
    cdef const real* inputs = X
    cdef real* z
    cdef real* a
    for layer in range(net.n_layers):
        fan_in, fan_out = net.sizes[layer], net.sizes[layer + 1]
        z, a = work + net.at_z[layer], work + net.at_a[layer]
        if layer == 0 and batch.data.is_sparse:
            fill_rows(z, biases, batch.n, fan_out)
            multiply_sparse(X, batch.data.indices, batch.data.indptr, batch.rows, batch.n,
                            W, z, fan_out)
        else:
            multiply(inputs, W, biases, z, batch.n, fan_in, fan_out, work + net.at_panel)
        if layer < net.n_layers - 1:
            get_value_kernel(net.activations[layer], z)(z, a, batch.n * fan_out)
            if batch.drops and net.dropout[layer]:
                drop_out(net, batch, layer, a, work + net.at_output[layer])
            inputs = work + get_output_place(net, batch, layer)
        W += fan_in * fan_out
        biases += fan_out


cdef double sum_losses(Network net, const Batch* batch, bint reported, real* work) noexcept nogil:
    """Write delta of the output layer, without weights, and return the weighted sum of losses.

    It is scikit-learn's loss, the one that is reported, or the antiderivative of the gradient.
    """
    cdef Py_ssize_t i
    cdef double total = 0
    cdef double* losses = <double*> (work + net.at_losses)
    cdef const real* z = work + net.at_z[net.n_layers - 1]
    cdef const real* y = <const real*> batch.data.y
    cdef const real* weights = <const real*> batch.data.weights
    cdef real* delta = work + net.at_delta
    cdef real* scratch = work + net.at_previous
    get_loss_kernel(net.loss, z)(z, y, delta, losses, batch.n, net.n_outputs)
    if not reported:
        get_objective_kernel(net.loss, z)(z, y, scratch, losses, batch.n, net.n_outputs)
    for i in range(batch.n):
        total += losses[i] if weights == NULL else weights[i] * losses[i]
    return total


# ---- backward ----

cdef void backward(
    Network net, const real* theta, const Batch* batch, double total, bint adds, real* grad,
    real* work,
) noexcept nogil:
    """Write the gradient of the sum of losses, divided by `total`; or add it to `grad`."""
    cdef Py_ssize_t layer, fan_in, fan_out
    cdef real scale = <real> (1 / total)
    cdef const real* W = theta + net.n_weights
    cdef real* W_grad = grad + net.n_weights
    cdef real* bias_grad = grad + net.n_params
    cdef real* delta = work + net.at_delta
    cdef real* previous = work + net.at_previous
    if batch.data.weights != NULL:
        scale_rows(delta, <const real*> batch.data.weights, batch.n, net.n_outputs)
    for layer in range(net.n_layers - 1, -1, -1):
        fan_in, fan_out = net.sizes[layer], net.sizes[layer + 1]
        W -= fan_in * fan_out
        W_grad -= fan_in * fan_out
        bias_grad -= fan_out
        sum_rows(delta, bias_grad, batch.n, fan_out, scale, adds)
        if layer == 0:
            multiply_X_transposed(net, batch, delta, W_grad, scale, adds, work + net.at_panel)
            return
        multiply_inputs_transposed(work + get_output_place(net, batch, layer - 1), delta, W_grad,
                                   batch.n, fan_in, fan_out, scale, adds, work + net.at_panel)
        multiply_W_transposed(delta, W, previous, batch.n, fan_in, fan_out, work + net.at_panel)
        if batch.drops and net.dropout[layer - 1]:
            drop_out(net, batch, layer - 1, previous, previous)
        get_backpropagate_kernel(net.activations[layer - 1], previous)(
            work + net.at_z[layer - 1], work + net.at_a[layer - 1], previous, batch.n * fan_in)
        delta, previous = previous, delta


cdef inline void multiply_X_transposed(
    Network net, const Batch* batch, const real* delta, real* W_grad, real scale, bint adds,
    real* panel,
) noexcept nogil:
    """W_grad = scale * X.T @ delta, or that much more."""
    cdef Py_ssize_t fan_in = net.sizes[0], fan_out = net.sizes[1]
    cdef const real* X = <const real*> batch.data.X
    if not batch.data.is_sparse:
        multiply_inputs_transposed(X, delta, W_grad, batch.n, fan_in, fan_out, scale, adds, panel)
        return
    if not adds:
        memset(W_grad, 0, fan_in * fan_out * sizeof(real))
    multiply_sparse_transposed(X, batch.data.indices, batch.data.indptr, batch.rows, batch.n,
                               delta, W_grad, fan_out, scale)


cdef inline double penalty(Network net, const real* theta, double total) noexcept nogil:
    """Half of alpha times the squared weights, divided by the total weight of the rows."""
    if net.alpha == 0:
        return 0
    return 0.5 * net.alpha * sum_of_squares(theta, net.n_weights) / total
