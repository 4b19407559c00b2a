/* A matrix product for one type `real` and one vector length. Included by _products.h.

   C (m, n) is computed in tiles, whose sums stay in registers. The columns of B that go with a
   tile are its panel. Where they do not lie side by side in B, or do not fill whole vectors, they
   are copied first. */

#define LANES (VECTOR_BYTES / sizeof(real))

typedef real F(vector)
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* n_rows rows of C and n_vectors of columns, of which the last one has `rest` columns. */
TARGET static ALWAYS_INLINE void F(tile)(const real *a, size_t a_row, size_t a_column,
                                         const real *panel, size_t panel_row, size_t k,
                                         const real *start, real scale, int adds, real *c,
                                         size_t n, size_t n_rows, size_t n_vectors, size_t rest)
{
    F(vector) sums[TILE_ROWS][TILE_VECTORS], b[TILE_VECTORS];
    UNROLL for (size_t i = 0; i < n_rows; i++)
        UNROLL for (size_t v = 0; v < n_vectors; v++) sums[i][v] = (F(vector)){0};
    for (size_t p = 0; p < k; p++, panel += panel_row) {
        UNROLL for (size_t v = 0; v < n_vectors; v++) b[v] = ((const F(vector) *)panel)[v];
        UNROLL for (size_t i = 0; i < n_rows; i++) {
            real factor = a[i * a_row + p * a_column];
            UNROLL for (size_t v = 0; v < n_vectors; v++) sums[i][v] += factor * b[v];
        }
    }
    UNROLL for (size_t i = 0; i < n_rows; i++) {
        UNROLL for (size_t v = 0; v < n_vectors; v++) {
            F(vector) sum = scale * sums[i][v] + ((const F(vector) *)start)[v];
            real *out = c + i * n + v * LANES;
            if (v + 1 < n_vectors || rest == LANES) {
                if (adds) sum += *(F(vector) *)out;
                *(F(vector) *)out = sum;
            } else {
                for (size_t j = 0; j < rest; j++) out[j] = (adds ? out[j] : 0) + sum[j];
            }
        }
    }
}

/* All rows of C, for the columns of one panel. */
#define SWEEP(n_rows, n_vectors)                                                                 \
    for (; i + n_rows <= m; i += n_rows)                                                         \
        F(tile)(a + i * a_row, a_row, a_column, panel, panel_row, k, start, scale, adds,         \
                c + i * n, n, n_rows, n_vectors, rest);
#define SWEEPS(n_vectors)                                                                        \
    TARGET static void F(sweep_##n_vectors)(const real *a, size_t a_row, size_t a_column,        \
                                            const real *panel, size_t panel_row, size_t m,       \
                                            size_t k, size_t n, const real *start, real scale,   \
                                            int adds, real *c, size_t rest)                      \
    {                                                                                            \
        size_t i = 0;                                                                            \
        SWEEP(TILE_ROWS, n_vectors)                                                              \
        SWEEP(4, n_vectors)                                                                      \
        SWEEP(2, n_vectors)                                                                      \
        SWEEP(1, n_vectors)                                                                      \
    }
SWEEPS(1)
SWEEPS(2)
SWEEPS(3)

/* Copy `used` columns of B into a panel of `width` columns; the others are 0. */
TARGET static void F(pack)(const real *b, size_t b_row, size_t b_column, size_t k, size_t used,
                           size_t width, real *panel)
{
    for (size_t p = 0; p < k; p++, b += b_row, panel += width) {
        for (size_t q = 0; q < used; q++) panel[q] = b[q * b_column];
        for (size_t q = used; q < width; q++) panel[q] = 0;
    }
}

/* C (m, n) = start + scale * A @ B, or that much more. Entry (i, p) of A is at
   a[i * a_row + p * a_column], and so on; start (n) is the same for each row, NULL is 0. copy is
   scratch of k * TILE_VECTORS vectors. */
TARGET static void F(product)(const real *a, size_t a_row, size_t a_column, const real *b,
                              size_t b_row, size_t b_column, size_t m, size_t k, size_t n,
                              const real *start, real scale, int adds, real *c, real *copy)
{
    for (size_t j = 0, width; j < n; j += width) {
        size_t n_vectors = (n - j + LANES - 1) / LANES;
        /* 4 vectors are 2 and 2, not 3 and 1 */
        if (n_vectors > TILE_VECTORS) n_vectors = n_vectors == TILE_VECTORS + 1 ? 2 : TILE_VECTORS;
        width = n_vectors * LANES;
        size_t used = n - j < width ? n - j : width, panel_row = b_row;
        real start_of_panel[TILE_VECTORS * LANES] = {0};
        if (start) memcpy(start_of_panel, start + j, used * sizeof(real));
        const real *panel = b + j * b_column;
        if (b_column != 1 || used < width) {
            F(pack)(panel, b_row, b_column, k, used, width, copy);
            panel = copy;
            panel_row = width;
        }
        (n_vectors == 1 ? F(sweep_1) : n_vectors == 2 ? F(sweep_2) : F(sweep_3))(
            a, a_row, a_column, panel, panel_row, m, k, n, start_of_panel, scale, adds, c + j,
            used - (width - LANES));
    }
}

#undef LANES
#undef SWEEP
#undef SWEEPS
