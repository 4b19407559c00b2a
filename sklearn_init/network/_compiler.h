/* What the compilers call the same thing: inlining, several copies of a loop, independence. */

#ifndef SKLEARN_INIT_COMPILER_H
#define SKLEARN_INIT_COMPILER_H

#include <stddef.h> /* says whether the C library is glibc */

#if defined(__GNUC__)
#define ALWAYS_INLINE inline __attribute__((always_inline, unused))
#define MAYBE_UNUSED __attribute__((unused))
#elif defined(_MSC_VER)
#define ALWAYS_INLINE __forceinline
#define MAYBE_UNUSED
#else
#define ALWAYS_INLINE inline
#define MAYBE_UNUSED
#endif

/* One copy of each loop per generation of x86 (AVX-512, AVX2 with FMA, SSE2), chosen when the
   module is loaded: needs GCC >= 12 and glibc. Elsewhere, or by -DCLONES=, one copy in all. */
#if !defined(CLONES)
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HAS_CLONES
#else
#define CLONES
#endif
#endif

/* The copy that runs on this processor: results of another copy may differ in their last bits. */
static MAYBE_UNUSED const char *name_copy(void)
{
#if defined(HAS_CLONES)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
#endif
    return "default";
}

/* "No iteration reads what an earlier one wrote": true in place too, where a[i] replaces z[i]. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#elif defined(_MSC_VER)
#define INDEPENDENT __pragma(loop(ivdep))
#else
#define INDEPENDENT
#endif

/* Loops run over whole blocks of this many elements; a shorter end is padded to a block. So every
   element goes through the same instructions: its bits do not depend on where it stands. */
#define BLOCK 16

#endif
