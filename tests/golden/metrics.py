"""Expected values of crates/mlp-train/tests/metrics.rs, from scikit-learn. Prints Rust constants.

    pip install scikit-learn==1.9.1
    python tests/golden/metrics.py
"""

import numpy as np
from sklearn import metrics as m

# The same small recipe as in the test: exact in binary, so that both sides see the same numbers.
ROWS, CLASSES = 40, 4


def scores(row):
    """Four positive scores of a row, with ties."""
    return [((row * 7 + c * 5 + row * c) % 11 + 1) / 16 for c in range(CLASSES)]


def truth(row):
    return (row * row + row // 3) % CLASSES


def show(name, values):
    print(f"{name}: {', '.join(repr(float(v)) for v in values)}")


t = [truth(row) for row in range(ROWS)]
p = np.array([scores(row) for row in range(ROWS)])
p /= p.sum(axis=1, keepdims=True)
y = p.argmax(axis=1)
show(
    "multiclass accuracy, balanced_accuracy, f1_macro, roc_auc, log_loss",
    [
        m.accuracy_score(t, y),
        m.balanced_accuracy_score(t, y),
        m.f1_score(t, y, average="macro"),
        m.roc_auc_score(t, p, multi_class="ovr", average="macro"),
        m.log_loss(t, p),
    ],
)

p = np.array([0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.2])
t = np.array([0, 0, 1, 1, 1, 1, 0, 0])
y = (p > 0.5).astype(int)
show(
    "binary accuracy, balanced_accuracy, f1_macro, roc_auc, log_loss",
    [
        m.accuracy_score(t, y),
        m.balanced_accuracy_score(t, y),
        m.f1_score(t, y, average="macro"),
        m.roc_auc_score(t, p),
        m.log_loss(t, p),
    ],
)

w = np.array([1.0, 0.5, 2.0, 0.0, 3.0, 0.25, 1.5, 4.0])
show(
    "weighted binary accuracy, balanced_accuracy, f1_macro, roc_auc, log_loss",
    [
        m.accuracy_score(t, y, sample_weight=w),
        m.balanced_accuracy_score(t, y, sample_weight=w),
        m.f1_score(t, y, average="macro", sample_weight=w),
        m.roc_auc_score(t, p, sample_weight=w),
        m.log_loss(t, p, sample_weight=w),
    ],
)

# Sets of labels; the last label has no row and is never said, the one before it is said but has none.
LABELS = 5
hits = np.array([[(row * (j + 3) + row // 2) % (j + 2) == 0 and j < 3 for j in range(LABELS)] for row in range(ROWS)])
p = np.array([[((row * 5 + j * 7 + row * j) % 16 + 0.5) / 16 * (j < 4) for j in range(LABELS)] for row in range(ROWS)])
w = np.array([(row % 5) / 2 for row in range(ROWS)])
y = p >= 0.5


def labels(**weights):
    defined = [j for j in range(LABELS) if 0 < hits[:, j].sum() < ROWS]
    aucs = [m.roc_auc_score(hits[:, j], p[:, j], **weights) for j in defined]
    losses = [m.log_loss(hits[:, j], np.clip(p[:, j], 0, 1), labels=[False, True], **weights) for j in range(LABELS)]
    return [
        m.accuracy_score(hits, y, **weights),
        m.f1_score(hits, y, average="micro", zero_division=0, **weights),
        m.f1_score(hits, y, average="macro", zero_division=0, **weights),
        m.hamming_loss(hits, y, **weights),
        np.mean(aucs),
        np.mean(losses),
    ]


show("labels subset_accuracy, f1_micro, f1_macro, hamming_loss, roc_auc, log_loss", labels())
show("the same, weighted", labels(sample_weight=w))

t, y = np.array([3.0, -0.5, 2.0, 7.0]), np.array([2.5, 0.0, 2.0, 8.0])
show(
    "regression rmse, mae, r2",
    [m.root_mean_squared_error(t, y), m.mean_absolute_error(t, y), m.r2_score(t, y)],
)

w = np.array([1.0, 0.5, 2.0, 0.25])
show(
    "weighted regression rmse, mae, r2",
    [
        m.root_mean_squared_error(t, y, sample_weight=w),
        m.mean_absolute_error(t, y, sample_weight=w),
        m.r2_score(t, y, sample_weight=w),
    ],
)


def wilson(right, n):
    """Wilson 1927, in exact terms of the quadratic's roots."""
    z2 = 1.959963984540054**2
    roots = np.roots([n + z2, -(2 * right + z2), right * right / n])
    return sorted(roots.real)


for right, n in [(81, 263), (0, 10), (10, 10), (9800, 10000)]:
    show(f"wilson {right} of {n}", wilson(right, n))
