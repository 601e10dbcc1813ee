"""Expected values of crates/mlp-train/tests/optimizers.rs: the update rules in float64, written down from the papers
(and PyTorch's documentation for the form of SGD), independently of the program. Prints Rust arrays.

    pip install numpy
    python tests/golden/optimizers.py

The objective is f(w, b) = sum over i of a_i (w_i - c_i)^2 / 2 + a_3 (b - c_3)^2 / 2: three weights, which decay, and a
bias, which does not.
"""

import numpy as np

A = np.array([1.0, 3.0, 0.5, 2.0])
C = np.array([1.0, -2.0, 0.5, 4.0])
START = np.array([0.5, 0.5, -1.5, 0.25])
DECAYS = np.array([1.0, 1.0, 1.0, 0.0])
STEPS = 12


def gradient(w):
    return A * (w - C)


def clipped(g, limit):
    norm = np.sqrt((g * g).sum())
    return g * (limit / norm) if 0 < limit < norm else g


def sgd(rate, momentum, nesterov, decay, clip):
    w, v = START.copy(), np.zeros(4)
    for _ in range(STEPS):
        g = clipped(gradient(w), clip) + decay * DECAYS * w
        v = momentum * v + g
        w = w - rate * (g + momentum * v if nesterov else v)
    return w


def adam(rate, betas, epsilon, decay, decoupled, clip):
    w, m, v = START.copy(), np.zeros(4), np.zeros(4)
    for t in range(1, STEPS + 1):
        g = clipped(gradient(w), clip)
        if decoupled:
            w = w * (1 - rate * decay * DECAYS)
        else:
            g = g + decay * DECAYS * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        w = w - rate * (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + epsilon)
    return w


def show(name, w):
    print(f"// {name}\n[{', '.join(f'{x:.10f}' for x in w)}],")


show("sgd", sgd(0.125, 0.0, False, 0.0, 0.0))
show("sgd, decay", sgd(0.125, 0.0, False, 0.25, 0.0))
show("momentum", sgd(0.125, 0.5, False, 0.25, 0.0))
show("nesterov", sgd(0.125, 0.5, True, 0.25, 0.0))
show("nesterov, clip", sgd(0.125, 0.5, True, 0.25, 1.5))
show("adam", adam(0.125, (0.75, 0.9375), 1e-8, 0.0, False, 0.0))
show("adam, decay", adam(0.125, (0.75, 0.9375), 1e-8, 0.25, False, 0.0))
show("adamw", adam(0.125, (0.75, 0.9375), 1e-8, 0.25, True, 0.0))
show("adamw, clip", adam(0.125, (0.75, 0.9375), 1e-3, 0.25, True, 1.5))
