/* Elementary functions without branches, so that the compiler can run them on whole vectors.

   Everything exists twice, as name_f32 and name_f64: this file sets what differs between the types
   (bit layout, constants, polynomials), then includes the code once per type. */

#ifndef SKLEARN_INIT_VECTOR_MATH_H
#define SKLEARN_INIT_VECTOR_MATH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "_compiler.h"
#include "_polynomials.h"

/* Adding ROUND to a number of moderate size rounds it to an integer, which is then found in the
   lowest bits of the sum. Shifted left by MANTISSA_BITS, n + EXPONENT_BIAS is the number 2^n.
   LOG2 = LOG2_HIGH + LOG2_LOW, where n * LOG2_HIGH is exact. */

#define NOTHING ((real)-0.0)

#define MANTISSA_BITS_f64 52
#define EXPONENT_BIAS_f64 1023
#define MANTISSA_MASK_f64 0x000fffffffffffffLL
#define SIGN_MASK_f64 ((int64_t)0x8000000000000000ULL)
#define UPPER_HALF_f64 ((int64_t)0xfffffffff8000000ULL)
#define ONE_BITS_f64 0x3ff0000000000000LL
#define SQRT_HALF_BITS_f64 0x3fe6a09e667f3bcdLL
#define SMALLEST_NORMAL_f64 2.2250738585072014e-308
#define LARGE_f64 1e300
#define ROUND_f64 6755399441055744.0
#define INTEGER_f64 4503599627370496.0
#define LOG2_HIGH_f64 0.69314718055989033
#define LOG2_LOW_f64 5.4979230187083712e-14
#define EXP_LOWEST_f64 -753.0
#define EXPM1_END_f64 40.0
#define SHIFT_f64 64
#define UNSHIFT_f64 5.4210108624275222e-20 /* 2^-64 */
#define CDF_CENTER_f64 3.0
#define CDF_END_f64 40.0
#define SIN_LIMIT_f64 1e5
#define LIBM_SIN_f64 sin
#define LIBM_COS_f64 cos
#define MINUS_MULTIPLE_OF_PI_f64(x, n) \
    ((((x) - (n) * 3.1415926535846666) - (n) * 5.1266883031679116e-12) \
     - (n) * 2.1125998133974855e-23)

#define MANTISSA_BITS_f32 23
#define EXPONENT_BIAS_f32 127
#define MANTISSA_MASK_f32 0x007fffff
#define SIGN_MASK_f32 ((int32_t)0x80000000U)
#define UPPER_HALF_f32 ((int32_t)0xfffff000U)
#define ONE_BITS_f32 0x3f800000
#define SQRT_HALF_BITS_f32 0x3f3504f3
#define SMALLEST_NORMAL_f32 1.17549435e-38f
#define LARGE_f32 1e30f
#define ROUND_f32 12582912.0f
#define INTEGER_f32 8388608.0f
#define LOG2_HIGH_f32 0.693359375f
#define LOG2_LOW_f32 -2.12194440e-4f
#define EXP_LOWEST_f32 -109.5f
#define EXPM1_END_f32 20.0f
#define SHIFT_f32 32
#define UNSHIFT_f32 2.32830644e-10f /* 2^-32 */
#define CDF_CENTER_f32 2.5f
#define CDF_END_f32 15.0f
#define SIN_LIMIT_f32 1e5f
#define LIBM_SIN_f32 sinf
#define LIBM_COS_f32 cosf
#define MINUS_MULTIPLE_OF_PI_f32(x, n) \
    ((float)(((double)(x) - (double)(n) * 3.1415926535846666) \
             - (double)(n) * 5.1266883031679116e-12))

#define real double
#define bits int64_t
#define unsigned_bits uint64_t
#define F(name) name##_f64
#include "_elementwise.h"
#include "_activations.h"
#include "_rows.h"
#undef real
#undef bits
#undef unsigned_bits
#undef F

#define real float
#define bits int32_t
#define unsigned_bits uint32_t
#define F(name) name##_f32
#include "_elementwise.h"
#include "_activations.h"
#include "_rows.h"
#undef real
#undef bits
#undef unsigned_bits
#undef F

enum { N_ACTIVATIONS = sizeof activations_f64 / sizeof activations_f64[0] };

#endif
