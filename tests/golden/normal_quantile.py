"""Expected values of crates/mlp-tensor/tests/quantile.rs, in 200-bit arithmetic. Prints Rust pairs.

    pip install mpmath==1.3.0
    python tests/golden/normal_quantile.py
"""

import mpmath

mpmath.mp.prec = 200


def exact(p):
    """The root of the distribution function at the double p."""
    p = mpmath.mpf(p)
    if p > 0.5:
        # 1 - p is exact in 200 bits.
        return -exact(1 - p)
    # In logarithms, or the search would end at once in the tail.
    tail = lambda x: mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2) - mpmath.log(p)
    start = -mpmath.sqrt(-2 * mpmath.log(p)) if p < 0.1 else (p - 0.5) * mpmath.sqrt(2 * mpmath.pi)
    return mpmath.findroot(tail, start)


points = [5e-324, 1e-300, 1e-100, 1e-30, 1e-20, 1.3887943864964e-11, 1e-9, 1e-7, 1e-5, 1e-3]
points += [0.01, 0.02425, 0.05, 0.0749, 0.075, 0.0751, 0.1, 0.2, 0.25, 0.3, 0.4, 0.45, 0.49]
points += [0.499999, 0.5 + 2.0**-40, 0.51, 0.6, 0.75, 0.9, 0.925, 0.9251, 0.95, 0.99, 0.999]
points += [1 - 1e-5, 1 - 1e-7, 1 - 1e-9, 1 - 2.0**-40, 1 - 2.0**-53]
for p in points:
    x = exact(p)
    print(f"    ({p!r}, {float(x)!r}),")
