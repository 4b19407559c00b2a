/* The elementary functions for one type `real`; `bits` is the integer of the same width.
   Included twice by _vector_math.h. */

/* ---- bricks ---- */

static ALWAYS_INLINE bits F(to_bits)(real x)
{
    bits b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static ALWAYS_INLINE real F(from_bits)(bits b)
{
    real x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* Bits may be lost: C leaves that undefined for signed integers. */
static ALWAYS_INLINE bits F(shift_left)(bits b, int n)
{
    return (bits)((unsigned_bits)b << n);
}

/* condition ? yes : no by masks. The plain conditional becomes a jump, and stops vectorization,
   where a side is computed; with constants (at_least, at_most) it does not. */
static ALWAYS_INLINE real F(select)(bits condition, real yes, real no)
{
    bits mask = -condition;
    return F(from_bits)((F(to_bits)(yes) & mask) | (F(to_bits)(no) & ~mask));
}

static ALWAYS_INLINE real F(absolute)(real x)
{
    return F(from_bits)(F(to_bits)(x) & ~F(SIGN_MASK));
}

static ALWAYS_INLINE real F(with_sign_of)(real size, real x)
{
    return F(from_bits)((F(to_bits)(size) & ~F(SIGN_MASK)) | (F(to_bits)(x) & F(SIGN_MASK)));
}

/* Both limits let NaN pass. */
static ALWAYS_INLINE real F(at_least)(real x, real limit)
{
    return x < limit ? limit : x;
}

static ALWAYS_INLINE real F(at_most)(real x, real limit)
{
    return x > limit ? limit : x;
}

/* ---- exponentials: x = n log(2) + r, e^x = 2^n (1 + r + r^2 q(r)) ---- */

/* *scale = 2^(n + shift), where round = ROUND + EXPONENT_BIAS + shift; returns e^r - 1.
   `low` is what the rounding of x left over. NOTHING is -0: adding it to anything changes no
   bit. */
static ALWAYS_INLINE real F(exp_parts)(real x, real low, real round, real *scale)
{
    real sum = x * (real)1.4426950408889634 + round;
    real n = sum - round;
    real r = ((x - n * F(LOG2_HIGH)) - n * F(LOG2_LOW)) + low;
    *scale = F(from_bits)(F(shift_left)(F(to_bits)(sum), F(MANTISSA_BITS)));
    return r + r * r * F(exp_rest)(r);
}

/* 2^SHIFT e^x for x <= 0: a normal number even where e^x is not, so that a product with it keeps
   its digits. Multiplying by UNSHIFT comes last. */
static ALWAYS_INLINE real F(shifted_exp)(real x)
{
    real scale;
    x = F(at_least)(x, F(EXP_LOWEST));
    real rest = F(exp_parts)(x, NOTHING, F(ROUND) + F(EXPONENT_BIAS) + F(SHIFT), &scale);
    return scale + scale * rest;
}

/* e^x for x <= 0 */
static ALWAYS_INLINE real F(exp_nonpositive)(real x)
{
    return F(shifted_exp)(x) * F(UNSHIFT);
}

/* e^x for every x: as above, and for x > 0 by way of a scale that does not overflow */
static ALWAYS_INLINE real F(exp)(real x)
{
    real scale;
    bits up = x > 0;
    real round = F(ROUND) + F(EXPONENT_BIAS) + F(select)(up, -F(SHIFT), F(SHIFT));
    real unshift = F(select)(up, 1 / F(UNSHIFT), F(UNSHIFT));
    x = F(with_sign_of)(F(at_most)(F(absolute)(x), -F(EXP_LOWEST)), x);
    real rest = F(exp_parts)(x, NOTHING, round, &scale);
    return (scale + scale * rest) * unshift;
}

/* e^x - 1 = returned + (*scale - 1) for x <= 0. Here the rounding of n log(2) does no harm: where n
   is large, e^x is small. */
static ALWAYS_INLINE real F(expm1_parts)(real x, real *scale)
{
    const real round = F(ROUND) + F(EXPONENT_BIAS);
    real sum = x * (real)1.4426950408889634 + round;
    real r = x - (sum - round) * (real)0.6931471805599453;
    *scale = F(from_bits)(F(shift_left)(F(to_bits)(sum), F(MANTISSA_BITS)));
    return *scale * (r + r * r * F(exp_rest)(r));
}

/* e^x - 1 for x <= 0 */
static ALWAYS_INLINE real F(expm1_nonpositive)(real x)
{
    real scale, rest = F(expm1_parts)(F(at_least)(x, -F(EXPM1_END)), &scale);
    return rest + (scale - 1);
}

/* ---- logarithms: log(1 + f) = f - s (f - 2 w q(w)), s = f / (2 + f), w = s^2 ---- */

/* log(1 + f) for 0 <= f <= 1 */
static ALWAYS_INLINE real F(log1p_unit)(real f)
{
    real s = f / (2 + f);
    real w = s * s;
    return f - s * (f - 2 * w * F(log1p_rest)(w));
}

/* log(x) for every x: x = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2) */
static ALWAYS_INLINE real F(log)(real x)
{
    const real two_shift = 1 / F(UNSHIFT);
    bits subnormal = x < F(SMALLEST_NORMAL);
    bits b = F(to_bits)(F(select)(subnormal, x * two_shift, x));
    b += F(ONE_BITS) - F(SQRT_HALF_BITS);
    bits exponent = (b & ~F(SIGN_MASK)) >> F(MANTISSA_BITS);
    real n = F(from_bits)(exponent | F(to_bits)(F(INTEGER))) - (F(INTEGER) + F(EXPONENT_BIAS));
    n = n - F(select)(subnormal, F(SHIFT), 0);
    real f = F(from_bits)((b & F(MANTISSA_MASK)) + F(SQRT_HALF_BITS)) - 1;
    real s = f / (2 + f);
    real w = s * s;
    real s_rest = s * (f - 2 * w * F(log_rest)(w));
    real y = n * F(LOG2_HIGH) + (f - (s_rest - n * F(LOG2_LOW)));
    y = F(select)(x < (real)INFINITY, y, x);
    return F(select)(x > 0, y, F(select)(x == 0, -(real)INFINITY, (real)NAN));
}

/* ---- sigmoids ---- */

static ALWAYS_INLINE real F(logistic)(real x)
{
    real e = F(exp_nonpositive)(-F(absolute)(x));
    return F(select)(x < 0, e, 1) / (1 + e);
}

/* -m / (m + 2), where m = e^(-2 |x|) - 1 */
static ALWAYS_INLINE real F(tanh)(real x)
{
    real y = -2 * F(at_most)(F(absolute)(x), F(EXPM1_END) / 2);
    real scale, rest = F(expm1_parts)(y, &scale);
    return F(with_sign_of)((rest + (scale - 1)) / (rest + (scale + 1)), x);
}

/* pi/2 - atan(1/x) beyond 1: one division, of the smaller by the larger of |x| and 1 */
static ALWAYS_INLINE real F(atan)(real x)
{
    real size = F(absolute)(x);
    bits beyond = size > 1;
    real t = F(select)(beyond, 1, size) / F(select)(beyond, size, 1);
    real w = t * t;
    real y = t + t * (w * F(atan_rest)(w));
    y = F(select)(beyond, (real)1.5707963267948966 - (y - (real)6.123233995736766e-17), y);
    return F(with_sign_of)(y, x);
}

/* ---- normal distribution ---- */

/* 2^SHIFT x P(Z < -x) for 0 <= x <= CDF_END, in the far tail to a small relative error too.
   With t = x / (x + c) it is t (1/2 + s(2 t - 1)) exp(-x^2 / 2), where
   x^2 = upper^2 + (x - upper) (x + upper), and upper^2 is exact. */
static ALWAYS_INLINE real F(shifted_normal_tail)(real x)
{
    real scale;
    real upper = F(from_bits)(F(to_bits)(x) & F(UPPER_HALF));
    real sum = x + F(CDF_CENTER);
    real w = 1 / sum;
    real u = 2 * x * w - 1;
    /* What rounding took from sum and w moves the result by about 0.3 - 0.7 u times as much.
       As a term of the exponent it is put back without one more rounding. */
    real back = sum - x;
    real lost_of_sum = (x - (sum - back)) + (F(CDF_CENTER) - back);
    real lost = (1 - sum * w) - lost_of_sum * w;
    real low = (real)-0.5 * ((x - upper) * (x + upper));
    low += lost * ((real)0.3 - (real)0.7 * u);
    real y = F(at_least)((real)-0.5 * (upper * upper), F(EXP_LOWEST));
    real rest = F(exp_parts)(y, low, F(ROUND) + F(EXPONENT_BIAS) + F(SHIFT), &scale);
    real t = scale * x * w;
    real front = (real)0.5 * t + t * F(normal_tail_rest)(u);
    return front + front * rest;
}

/* ---- sine and cosine for |x| <= SIN_LIMIT: x = n pi + r ---- */

static ALWAYS_INLINE real F(sin_near_zero)(real r)
{
    real w = r * r;
    return r + r * (w * F(sin_rest)(w));
}

static ALWAYS_INLINE real F(sin_moderate)(real x)
{
    real sum = x * (real)0.3183098861837907 + F(ROUND);
    real n = sum - F(ROUND);
    real y = F(sin_near_zero)(F(MINUS_MULTIPLE_OF_PI)(x, n));
    return F(from_bits)(F(to_bits)(y) ^ F(shift_left)(F(to_bits)(sum), 8 * sizeof(real) - 1));
}

/* n is a half here: cos(x) = -sin(x - n pi), or its opposite for every other n */
static ALWAYS_INLINE real F(cos_moderate)(real x)
{
    real sum = (x * (real)0.3183098861837907 - (real)0.5) + F(ROUND);
    real n = (sum - F(ROUND)) + (real)0.5;
    real y = F(sin_near_zero)(F(MINUS_MULTIPLE_OF_PI)(x, n));
    return F(from_bits)(F(to_bits)(y) ^ F(shift_left)(~F(to_bits)(sum), 8 * sizeof(real) - 1));
}
