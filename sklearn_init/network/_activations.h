/* The kernels for one type `real`: loops, activations, and the table of them.
   Included twice by _vector_math.h, after _elementwise.h. */

/* ---- loops ---- */

#ifndef VALUE_KERNEL
/* name(z, a, n): a[i] = value of z[i]. a may be z. */
#define VALUE_KERNEL(name, value)                                                                \
    CLONES static void F(name##_blocks)(const real *x, real *y, size_t n_blocks)                 \
    {                                                                                            \
        INDEPENDENT                                                                              \
        for (size_t i = 0; i < n_blocks * BLOCK; i++) {                                          \
            real z = x[i];                                                                       \
            y[i] = (value);                                                                      \
        }                                                                                        \
    }                                                                                            \
    MAYBE_UNUSED static void F(name)(const real *z, real *a, size_t n)                           \
    {                                                                                            \
        size_t n_blocks = n / BLOCK, done = n_blocks * BLOCK, rest = n - done;                   \
        F(name##_blocks)(z, a, n_blocks);                                                        \
        if (rest) {                                                                              \
            real end[BLOCK] = {0};                                                               \
            memcpy(end, z + done, rest * sizeof(real));                                          \
            F(name##_blocks)(end, end, 1);                                                       \
            memcpy(a + done, end, rest * sizeof(real));                                          \
        }                                                                                        \
    }

/* name(z, a, delta, n): delta[i] *= derivative at z[i], a[i]. z is not read unless needs_z. */
#define BACKPROPAGATE_KERNEL(name, needs_z, derivative)                                          \
    CLONES static void F(name##_blocks)(const real *x, const real *y, real *delta,               \
                                        size_t n_blocks)                                         \
    {                                                                                            \
        INDEPENDENT                                                                              \
        for (size_t i = 0; i < n_blocks * BLOCK; i++) {                                          \
            real z = (needs_z) ? x[i] : 0, a = y[i];                                             \
            (void)z, (void)a;                                                                    \
            delta[i] *= (derivative);                                                            \
        }                                                                                        \
    }                                                                                            \
    MAYBE_UNUSED static void F(name)(const real *z, const real *a, real *delta, size_t n)        \
    {                                                                                            \
        size_t n_blocks = n / BLOCK, done = n_blocks * BLOCK, rest = n - done;                   \
        F(name##_blocks)(z, a, delta, n_blocks);                                                 \
        if (rest) {                                                                              \
            real z_end[BLOCK] = {0}, a_end[BLOCK] = {0}, delta_end[BLOCK] = {0};                 \
            if (needs_z) memcpy(z_end, z + done, rest * sizeof(real));                           \
            memcpy(a_end, a + done, rest * sizeof(real));                                        \
            memcpy(delta_end, delta + done, rest * sizeof(real));                                \
            F(name##_blocks)(z_end, a_end, delta_end, 1);                                        \
            memcpy(delta + done, delta_end, rest * sizeof(real));                                \
        }                                                                                        \
    }

#define SELU_SCALE (real)1.0507009873554805
#define SELU_SCALED_ALPHA (real)1.7580993408473768

/* ---- the activations, in the order the package numbers them: one row each ----

   To add one, add a row: FORMULA(name, needs_z, a of z, derivative of z and a). needs_z = 0 where
   the derivative does not read z. A formula too long for a row is a function of its own below.
   OWN(name, needs_z): the kernels name_value and name_backpropagate are written out below.

   At a kink the derivative is the one from the left (relu, leaky_relu, elu, selu); at both kinks
   of hard_tanh the one from outside, 0. PyTorch has the same. */
#define ACTIVATIONS(FORMULA, OWN)                                                                \
    OWN(identity, 0)                                                                             \
    FORMULA(logistic, 0, F(logistic)(z), a * (1 - a))                                            \
    FORMULA(tanh, 0, F(tanh)(z), 1 - a * a)                                                      \
    FORMULA(relu, 0, F(at_least)(z, 0), F(select)(a == 0, 0, 1))                                 \
    FORMULA(leaky_relu, 0, F(select)(z > 0, 1, (real)0.01) * z,                                  \
            F(select)(a > 0, 1, (real)0.01))                                                     \
    FORMULA(elu, 0, F(select)(z > 0, z, F(expm1_nonpositive)(F(at_most)(z, 0))),                 \
            F(select)(a > 0, 1, a + 1))                                                          \
    FORMULA(selu, 0,                                                                             \
            F(select)(z > 0, SELU_SCALE * z,                                                     \
                      SELU_SCALED_ALPHA * F(expm1_nonpositive)(F(at_most)(z, 0))),               \
            F(select)(a > 0, SELU_SCALE, a + SELU_SCALED_ALPHA))                                 \
    FORMULA(gelu, 1, F(gelu)(z), F(gelu_slope)(z, a))                                            \
    FORMULA(silu, 1, F(silu)(z), F(silu_slope)(z))                                               \
    FORMULA(mish, 1, F(mish)(z), F(mish_slope)(z))                                               \
    FORMULA(softplus, 0, F(softplus)(z), -F(expm1_nonpositive)(-a))                              \
    FORMULA(softsign, 0, F(softsign)(z), (1 - F(absolute)(a)) * (1 - F(absolute)(a)))            \
    OWN(sine, 1)                                                                                 \
    FORMULA(hard_tanh, 0, F(at_most)(F(at_least)(z, -1), 1),                                     \
            F(select)(F(absolute)(a) < 1, 1, 0))                                                 \
    FORMULA(arctan, 1, F(atan)(z), 1 / (1 + z * z))

/* What to make of the rows: first kernels, then entries of the table. */
#define KERNELS(name, needs_z, value, derivative)                                                \
    VALUE_KERNEL(name##_value, value)                                                            \
    BACKPROPAGATE_KERNEL(name##_backpropagate, needs_z, derivative)
#define NO_KERNELS(name, needs_z)
#define ENTRY(name, needs_z, value, derivative) OWN_ENTRY(name, needs_z)
#define OWN_ENTRY(name, needs_z) {#name, needs_z, F(name##_value), F(name##_backpropagate)},

#endif

VALUE_KERNEL(exp_kernel, F(exp)(z))
VALUE_KERNEL(exp_nonpositive_kernel, F(exp_nonpositive)(z))
VALUE_KERNEL(log_kernel, F(log)(z))

/* ---- activations too long for one row ---- */

static ALWAYS_INLINE real F(softplus)(real z)
{
    real e = F(exp_nonpositive)(-F(absolute)(z));
    return F(select)(z > 0, z, 0) + F(log1p_unit)(e);
}

/* The limit spares infinity / infinity. */
static ALWAYS_INLINE real F(softsign)(real z)
{
    real size = F(at_most)(F(absolute)(z), F(LARGE));
    return F(with_sign_of)(size / (1 + size), z);
}

/* Here and in mish, z < 0 is multiplied by a shifted probability: a subnormal one has
   lost digits. */
static ALWAYS_INLINE real F(silu)(real z)
{
    bits negative = z < 0;
    real shifted = F(shifted_exp)(-F(absolute)(z));
    real top = F(at_least)(z, F(EXP_LOWEST)) * F(select)(negative, shifted, 1);
    return top / (1 + shifted * F(UNSHIFT)) * F(select)(negative, F(UNSHIFT), 1);
}

/* p (1 + z (1 - p)), where p = logistic(z) */
static ALWAYS_INLINE real F(silu_slope)(real z)
{
    real size = F(at_most)(F(absolute)(z), -F(EXP_LOWEST));
    real e = F(exp_nonpositive)(-size);
    bits negative = z < 0;
    real w = 1 / (1 + e);
    real p = w * F(select)(negative, e, 1), rest = w * F(select)(negative, 1, e);
    return p * (1 + F(with_sign_of)(size, z) * rest);
}

static ALWAYS_INLINE real F(gelu)(real z)
{
    real size = F(at_most)(F(absolute)(z), F(CDF_END));
    return F(at_least)(z, 0) - F(shifted_normal_tail)(size) * F(UNSHIFT);
}

/* a / z is the normal distribution function; 1/2 where z is so small that a is subnormal. */
static ALWAYS_INLINE real F(gelu_slope)(real z, real a)
{
    real limited = F(at_least)(z, -F(CDF_END));
    real density = (real)0.3989422804014327 * F(exp_nonpositive)((real)-0.5 * (limited * limited));
    bits tiny = F(absolute)(z) < 1 / F(LARGE);
    real p = F(select)(tiny, (real)0.5, a) / F(select)(tiny, 1, z);
    return F(select)(z > F(CDF_END), 1, p + limited * density);
}

/* mish = z tanh(log(1 + e^z)) = z top / bottom, in powers of e^-|z| */
static ALWAYS_INLINE real F(mish)(real z)
{
    bits negative = z < 0;
    real shifted = F(shifted_exp)(-F(absolute)(z));
    real e = shifted * F(UNSHIFT);
    real unshift = F(select)(negative, F(UNSHIFT), 1);
    real top = F(select)(negative, 2 * shifted + shifted * e, 1 + 2 * e);
    real bottom = top * unshift + F(select)(negative, 2, 2 * e * e);
    return F(at_least)(z, F(EXP_LOWEST)) * (top / bottom) * unshift;
}

static ALWAYS_INLINE real F(mish_slope)(real z)
{
    real size = F(at_most)(F(absolute)(z), -F(EXP_LOWEST));
    real e = F(exp_nonpositive)(-size);
    bits negative = z < 0;
    real top = 2 * e + F(select)(negative, e * e, 1);
    real w = 1 / (top + F(select)(negative, 2, 2 * e * e));
    return w * (top + 4 * F(with_sign_of)(size, z) * (1 + e) * w * F(select)(negative, e, e * e));
}

ACTIVATIONS(KERNELS, NO_KERNELS)

/* ---- identity: nothing to compute ---- */

MAYBE_UNUSED static void F(identity_value)(const real *z, real *a, size_t n)
{
    if (a != z) memcpy(a, z, n * sizeof(real));
}

MAYBE_UNUSED static void F(identity_backpropagate)(const real *z, const real *a, real *delta,
                                                   size_t n)
{
    (void)z, (void)a, (void)delta, (void)n;
}

/* ---- sine: libm where |z| is too large for it (or infinite) ---- */

VALUE_KERNEL(sine_moderate_value, F(sin_moderate)(z))
BACKPROPAGATE_KERNEL(sine_moderate_backpropagate, 1, F(cos_moderate)(z))

CLONES static int F(any_huge)(const real *z, size_t n)
{
    bits found = 0;
    for (size_t i = 0; i < n; i++) found |= F(absolute)(z[i]) > F(SIN_LIMIT);
    return found != 0;
}

MAYBE_UNUSED static void F(sine_value)(const real *z, real *a, size_t n)
{
    if (!F(any_huge)(z, n)) {
        F(sine_moderate_value)(z, a, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        real huge = z[i];
        F(sine_moderate_value)(z + i, a + i, 1);
        if (F(absolute)(huge) > F(SIN_LIMIT)) a[i] = F(LIBM_SIN)(huge);
    }
}

MAYBE_UNUSED static void F(sine_backpropagate)(const real *z, const real *a, real *delta,
                                               size_t n)
{
    if (!F(any_huge)(z, n)) {
        F(sine_moderate_backpropagate)(z, a, delta, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (F(absolute)(z[i]) > F(SIN_LIMIT)) delta[i] *= F(LIBM_COS)(z[i]);
        else F(sine_moderate_backpropagate)(z + i, a + i, delta + i, 1);
    }
}

/* ---- the table ---- */

static const struct F(activation) {
    const char *name;
    int needs_z;
    void (*value)(const real *, real *, size_t);
    void (*backpropagate)(const real *, const real *, real *, size_t);
} F(activations)[] = {ACTIVATIONS(ENTRY, OWN_ENTRY)};
