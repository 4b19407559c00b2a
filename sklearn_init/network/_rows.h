/* Maxima and sums over the rows of a matrix, for one type `real`.
   Included twice by _vector_math.h, after _activations.h.

   A BLOCK of rows goes side by side: rows are often as short as 2 or 3, and in a long one each
   addition would wait for the one before. Within a row the order is always the same, so that its
   bits do not depend on the rows beside it. */

#ifndef EACH_BLOCK_OF_ROWS
/* Calls step(matrices + first, ..., rows) with rows = BLOCK, known when compiling, or the rest. */
#define EACH_BLOCK_OF_ROWS(n_rows, step, ...)                                                    \
    for (size_t first = 0; first < (n_rows); first += BLOCK) {                                   \
        if ((n_rows) - first >= BLOCK) step(__VA_ARGS__, BLOCK);                                 \
        else step(__VA_ARGS__, (n_rows) - first);                                                \
    }
#endif

static ALWAYS_INLINE void F(subtract_step)(const real *z, real *out, size_t n, size_t rows)
{
    real largest[BLOCK];
    for (size_t j = 0; j < rows; j++) largest[j] = z[j * n];
    for (size_t k = 1; k < n; k++) {
        for (size_t j = 0; j < rows; j++) largest[j] = F(at_least)(z[j * n + k], largest[j]);
    }
    for (size_t k = 0; k < n; k++) {
        INDEPENDENT
        for (size_t j = 0; j < rows; j++) out[j * n + k] = z[j * n + k] - largest[j];
    }
}

/* out = z - the largest z of the row: then exp does not overflow, and a row of it is not all 0.
   out may be z. A row with NaN keeps it. */
CLONES MAYBE_UNUSED static void F(subtract_row_maximum)(const real *z, real *out, size_t n_rows,
                                                        size_t n)
{
    EACH_BLOCK_OF_ROWS(n_rows, F(subtract_step), z + first * n, out + first * n, n)
}

static ALWAYS_INLINE void F(sum_step)(const real *x, double *sums, size_t n, size_t rows)
{
    double sum[BLOCK] = {0};
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < rows; j++) sum[j] += x[j * n + k];
    }
    for (size_t j = 0; j < rows; j++) sums[j] = sum[j];
}

/* sums[i] = sum of row i of x */
CLONES MAYBE_UNUSED static void F(row_sums)(const real *x, double *sums, size_t n_rows, size_t n)
{
    EACH_BLOCK_OF_ROWS(n_rows, F(sum_step), x + first * n, sums + first, n)
}

static ALWAYS_INLINE void F(product_step)(const real *x, const real *y, double *sums, size_t n,
                                          size_t rows)
{
    double sum[BLOCK] = {0};
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < rows; j++) sum[j] += (double)x[j * n + k] * y[j * n + k];
    }
    for (size_t j = 0; j < rows; j++) sums[j] = sum[j];
}

/* sums[i] = scalar product of the rows i of x and y, where each row of y has a single 1. (With
   another y, a rest of rows might be rounded otherwise: multiply-add is the compiler's choice.) */
CLONES MAYBE_UNUSED static void F(row_products)(const real *x, const real *y, double *sums,
                                                size_t n_rows, size_t n)
{
    EACH_BLOCK_OF_ROWS(n_rows, F(product_step), x + first * n, y + first * n, sums + first, n)
}

static ALWAYS_INLINE void F(normalize_step)(real *x, size_t n, size_t rows)
{
    double sum[BLOCK];
    real factor[BLOCK];
    F(sum_step)(x, sum, n, rows);
    for (size_t j = 0; j < rows; j++) factor[j] = (real)(1 / sum[j]);
    for (size_t k = 0; k < n; k++) {
        INDEPENDENT
        for (size_t j = 0; j < rows; j++) x[j * n + k] *= factor[j];
    }
}

/* Divides each row by its sum. */
CLONES MAYBE_UNUSED static void F(normalize_rows)(real *x, size_t n_rows, size_t n)
{
    EACH_BLOCK_OF_ROWS(n_rows, F(normalize_step), x + first * n, n)
}
