/* The loops of the passes over whole batches and rows, for one type `real`: what goes with the
   matrix products. Included twice by _steps.h. Matrices are row by row, without gaps. */

/* ---- rows ---- */

/* out (n_rows, n) = row, repeated: the biases, to which a product is then added. */
static void F(fill_rows)(real *out, const real *row, size_t n_rows, size_t n)
{
    size_t filled = 1;
    memcpy(out, row, n * sizeof(real));
    while (filled < n_rows) {
        size_t more = filled < n_rows - filled ? filled : n_rows - filled;
        memcpy(out + filled * n, out, more * n * sizeof(real));
        filled += more;
    }
}

/* out (n) = scale * sum over rows of a (n_rows, n), added to what is there or in its place */
CLONES static void F(sum_rows)(const real *a, real *out, size_t n_rows, size_t n, real scale,
                               int adds)
{
    real sums[64]; /* of as many columns at a time: they stay in registers or the first cache */
    for (size_t start = 0; start < n; start += 64) {
        size_t width = n - start < 64 ? n - start : 64;
        for (size_t j = 0; j < width; j++) sums[j] = 0;
        for (size_t i = 0; i < n_rows; i++) {
            const real *row = a + i * n + start;
            for (size_t j = 0; j < width; j++) sums[j] += row[j];
        }
        for (size_t j = 0; j < width; j++)
            out[start + j] = (adds ? out[start + j] : 0) + scale * sums[j];
    }
}

/* row i of a (n_rows, n) times factors[i] */
CLONES static void F(scale_rows)(real *a, const real *factors, size_t n_rows, size_t n)
{
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = 0; j < n; j++) a[i * n + j] *= factors[i];
}

/* ---- sparse rows times dense matrices ---- */

/* Row i of the sparse matrix A is row `rows[i]` of the stored ones, or row i where rows is NULL;
   row r has data[indptr[r]:indptr[r + 1]] in the columns indices[indptr[r]:indptr[r + 1]]. */

/* out (n_rows, n) += A @ b */
CLONES static void F(multiply_sparse)(const real *data, const int32_t *indices,
                                      const int64_t *indptr, const int64_t *rows, size_t n_rows,
                                      const real *b, real *out, size_t n)
{
    for (size_t i = 0; i < n_rows; i++) {
        size_t r = rows ? (size_t)rows[i] : i;
        for (int64_t k = indptr[r]; k < indptr[r + 1]; k++) {
            const real *row = b + (size_t)indices[k] * n;
            real factor = data[k];
            for (size_t j = 0; j < n; j++) out[i * n + j] += factor * row[j];
        }
    }
}

/* out (.., n) += scale * A.T @ b */
CLONES static void F(multiply_sparse_transposed)(const real *data, const int32_t *indices,
                                                 const int64_t *indptr, const int64_t *rows,
                                                 size_t n_rows, const real *b, real *out, size_t n,
                                                 real scale)
{
    for (size_t i = 0; i < n_rows; i++) {
        size_t r = rows ? (size_t)rows[i] : i;
        for (int64_t k = indptr[r]; k < indptr[r + 1]; k++) {
            real *row = out + (size_t)indices[k] * n;
            real factor = scale * data[k];
            for (size_t j = 0; j < n; j++) row[j] += factor * b[i * n + j];
        }
    }
}

/* ---- dropout: dropout.py says the same in NumPy ---- */

/* out[i] = a[i] * scale where the hash of i reaches the threshold, else 0. out may be a. */
CLONES static void F(drop)(const real *a, real *out, size_t n, uint32_t key_1, uint32_t key_2,
                           uint32_t threshold, real scale)
{
    INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        uint32_t h = (uint32_t)i + key_1;
        h = (h ^ (h >> 16)) * 0x7feb352dU;
        h = ((h ^ (h >> 15)) + key_2) * 0x846ca68bU;
        h ^= h >> 16;
        out[i] = a[i] * (h >= threshold ? scale : 0);
    }
}

/* ---- update rules: one step of n parameters, of which `decay` times theta is the penalty ---- */

CLONES static void F(step_adam)(real *theta, const real *grad, real *first, real *second, size_t n,
                                real decay, real rate, double beta_1, double beta_2, real epsilon)
{
    /* 1 - beta of a float beta close to 1 has few digits */
    const real keep_1 = (real)beta_1, add_1 = (real)(1 - beta_1);
    const real keep_2 = (real)beta_2, add_2 = (real)(1 - beta_2);
    INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        real g = grad[i] + decay * theta[i];
        first[i] = keep_1 * first[i] + add_1 * g;
        second[i] = keep_2 * second[i] + add_2 * (g * g);
        theta[i] -= rate * first[i] / (F(root)(second[i]) + epsilon);
    }
}

CLONES static void F(step_sgd)(real *theta, const real *grad, real *velocity, size_t n, real decay,
                               real rate, real momentum, int nesterovs_momentum)
{
    INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        real step = rate * (grad[i] + decay * theta[i]);
        velocity[i] = momentum * velocity[i] - step;
        theta[i] += nesterovs_momentum ? momentum * velocity[i] - step : velocity[i];
    }
}
