"""Write `sklearn_init/network/_polynomials.h`, the polynomials of the compiled kernels.

Coefficients are near-minimax: interpolated at Chebyshev nodes in 60 digits. It needs mpmath,
prints the error of each, and writes the same file again: ``python docs/make_polynomials.py``.
"""

from pathlib import Path

import mpmath as mp
import numpy as np

mp.mp.dps = 60

HEADER = Path(__file__).parents[1] / "sklearn_init" / "network" / "_polynomials.h"


def interpolate(function, low, high, degree):
    """Coefficients, constant first, of the polynomial through the Chebyshev nodes."""
    n = degree + 1
    middle, half = (mp.mpf(low) + high) / 2, (mp.mpf(high) - low) / 2
    nodes = [middle + half * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    powers = mp.matrix(n, n)
    for i, node in enumerate(nodes):
        for j in range(n):
            powers[i, j] = node**j
    return list(mp.lu_solve(powers, mp.matrix([function(node) for node in nodes])))


def largest_error(function, coefficients, low, high, weight, real):
    """Largest |polynomial - function| * weight over a grid, with the coefficients rounded."""
    rounded = [mp.mpf(float(real(c))) for c in coefficients][::-1]
    grid = [mp.mpf(low) + (mp.mpf(high) - low) * k / 500 for k in range(501)]
    grid = [x for x in grid if abs(x) > 1e-20]
    return max(abs(mp.polyval(rounded, x) - function(x)) * weight(x) for x in grid)


def exp_rest(r):
    return mp.hyp1f1(1, 3, r) / 2  # free of cancellation near 0


def log_rest(w):  # (log((1 + s) / (1 - s)) / (2 s) - 1) / s^2 with w = s^2
    s = mp.sqrt(w)
    return (mp.atanh(s) / s - 1) / w


def sin_rest(w):
    x = mp.sqrt(w)
    return (mp.sin(x) / x - 1) / w


def atan_rest(w):
    x = mp.sqrt(w)
    return (mp.atan(x) / x - 1) / w


CDF_CENTER = {"f64": mp.mpf(3), "f32": mp.mpf("2.5")}


def normal_tail_rest(center):
    """(x + c) exp(x^2 / 2) P(Z < -x) - 1/2 as a function of u = (x - c) / (x + c)."""

    def function(u):
        x = center * (1 + u) / (1 - u)
        return (x + center) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2)) / 2 - mp.mpf("0.5")

    return function


HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")
SQRT_HALF_S = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")


def table(suffix):
    double = suffix == "f64"
    c = CDF_CENTER[suffix]
    end = mp.mpf(40 if double else 15)
    f = normal_tail_rest(c)
    return [
        # name, meaning, function, low, high, degree, weight (error relative to the final result)
        (
            "exp_rest",
            "(exp(r) - 1 - r) / r^2, |r| <= log(2) / 2",
            exp_rest,
            -HALF_LN2,
            HALF_LN2,
            9 if double else 4,
            lambda r: abs(r),
        ),
        (
            "log_rest",
            "(atanh(s) / s - 1) / s^2 of w = s^2, s <= 0.1716",
            log_rest,
            mp.mpf("1e-30"),
            SQRT_HALF_S,
            7 if double else 2,
            lambda w: w,
        ),
        (
            "log1p_rest",
            "the same for s <= 1/3",
            log_rest,
            mp.mpf("1e-30"),
            mp.mpf(1) / 9,
            10 if double else 4,
            lambda w: w,
        ),
        (
            "sin_rest",
            "(sin(r) / r - 1) / r^2 of w = r^2, |r| <= pi / 2",
            sin_rest,
            mp.mpf("1e-30"),
            (mp.pi / 2) ** 2 * mp.mpf("1.0001"),
            7 if double else 4,
            lambda w: w * mp.sqrt(w) / mp.sin(mp.sqrt(w)),
        ),
        (
            "atan_rest",
            "(atan(x) / x - 1) / x^2 of w = x^2, |x| <= 1",
            atan_rest,
            mp.mpf("1e-30"),
            mp.mpf(1),
            20 if double else 9,
            lambda w: w,
        ),
        (
            "normal_tail_rest",
            f"(x + c) exp(x^2 / 2) P(Z < -x) - 1/2 of u = (x - c) / (x + c), c = {float(c):g}",
            f,
            mp.mpf(-1),
            (end - c) / (end + c),
            23 if double else 10,
            lambda u: 1 / (f(u) + 0.5),
        ),
    ]


def literal(value, suffix):
    text = f"{float(value):.17g}" if suffix == "f64" else f"{np.float32(float(value)):.9g}"
    text += "" if "." in text or "e" in text else ".0"
    return text if suffix == "f64" else text + "f"


def main():
    lines = [
        "/* Made by docs/make_polynomials.py. Even and odd powers apart: two short chains. */",
        "",
    ]
    for suffix, ctype, real in (("f64", "double", np.float64), ("f32", "float", np.float32)):
        for name, meaning, function, low, high, degree, weight in table(suffix):
            coefficients = interpolate(function, low, high, degree)
            error = largest_error(function, coefficients, low, high, weight, real)
            print(
                f"{name}_{suffix:4s} degree {degree:2d}  error {float(error):.1e} "
                f"({float(error) * 2 ** (53 if suffix == 'f64' else 24):.3f} half ulp)"
            )
            numbers = [literal(real(c), suffix) for c in coefficients]
            lines += [
                f"/* {meaning} */",
                f"static ALWAYS_INLINE {ctype} {name}_{suffix}({ctype} x)",
                "{",
                f"    {ctype} w = x * x;",
            ]
            for half, terms in (("even", numbers[0::2]), ("odd", numbers[1::2])):
                lines += [f"    {ctype} {half} = {terms[-1]};"]
                lines += [
                    f"    {half} = {half} * w + {n};".replace("+ -", "- ") for n in terms[-2::-1]
                ]
            lines += ["    return odd * x + even;", "}", ""]
    HEADER.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
