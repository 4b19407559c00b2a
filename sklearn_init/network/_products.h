/* Products of small matrices: where a call of BLAS costs more than its arithmetic, or where BLAS
   would have to look twice at a result (bias, narrow output layers). Measured against OpenBLAS,
   _linalg.pxd decides which products these are. For processors with AVX-512. */

#ifndef SKLEARN_INIT_PRODUCTS_H
#define SKLEARN_INIT_PRODUCTS_H

#include <stddef.h>
#include <string.h>

#include "_compiler.h"

/* Our own loops take products of at most PANEL_ROWS columns of A, and scratch of PANEL_SIZE. */
#define TILE_ROWS 8
#define TILE_VECTORS 3 /* times TILE_ROWS: 24 of the 32 registers of AVX-512 hold sums */
#define VECTOR_BYTES 64
enum {
    PANEL_ROWS = 1024,
    PANEL_SIZE = PANEL_ROWS * TILE_VECTORS * VECTOR_BYTES / sizeof(float)
};

#if defined(__x86_64__) && defined(__GNUC__)

#define TARGET __attribute__((target("avx512f")))
#define UNROLL _Pragma("GCC unroll 8")

#define real double
#define F(name) name##_f64
#include "_products_of_type.h"
#undef real
#undef F

#define real float
#define F(name) name##_f32
#include "_products_of_type.h"
#undef real
#undef F

static int has_products(void)
{
    return __builtin_cpu_supports("avx512f");
}

#else

#define has_products() 0
#define product_f32(...) ((void)0)
#define product_f64(...) ((void)0)

#endif
#endif
