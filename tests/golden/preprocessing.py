"""Expected values of crates/mlp-data/tests/preprocessing.rs, from scikit-learn and NumPy.

    pip install scikit-learn==1.9.1
    python tests/golden/preprocessing.py > tests/golden/preprocessing.txt
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler

# The same small recipes as in the test: exact in binary, so that both sides see the same numbers.
TRAIN, NEW = 60, 90


def value(row):
    """With ties, of both signs, every eleventh far out."""
    v = ((row * row * 7 + row * 3) % 23 - 7) / 4.0
    return v * 64 if row % 11 == 5 else v


def steps(row):
    """Mostly zero: the quartiles are the same."""
    return float(max(row % 8 - 6, 0)) * 2.5 - 1.0


def many(row):
    """More rows than quantiles."""
    return float((row * 7919) % 2503) / 8.0


def show(name, values):
    print(f"{name}: {' '.join(repr(float(v)) for v in np.ravel(values))}")


def robust(train, x):
    """RealMLP's robust scale and smooth clip, as its authors' code computes them."""
    least, low, middle, high, largest = np.quantile(train, [0, 0.25, 0.5, 0.75, 1])
    spread = high - low if high > low else 0.5 * (largest - least)
    u = (x - middle) * (1 / spread if spread > 0 else 0.0)
    return u / np.sqrt(1 + (u / 3) ** 2)


def log1p(v):
    return np.sign(v) * np.log1p(np.abs(v))


for name, column in [("value", value), ("steps", steps)]:
    train = np.array([column(row) for row in range(TRAIN)])[:, None]
    new = np.array([column(row) * 1.25 + 0.125 for row in range(NEW)])[:, None]
    show(f"{name} min-max", MinMaxScaler().fit(train).transform(new))
    show(f"{name} robust", robust(train, new))
    quantile = QuantileTransformer(n_quantiles=TRAIN, output_distribution="normal")
    show(f"{name} quantile-normal", quantile.fit(train).transform(new))
    show(f"{name} log1p", StandardScaler().fit(log1p(train)).transform(log1p(new)))

train = np.array([many(row) for row in range(2400)])[:, None]
new = np.array([many(row) * 1.0625 - 3 for row in range(NEW)])[:, None]
quantile = QuantileTransformer(n_quantiles=1000, output_distribution="normal", subsample=None)
show("many quantile-normal", quantile.fit(train).transform(new))


def table(rows):
    """Five columns that depend on each other."""
    rows = [[value(r), steps(r), many(r), value(r + 3) + steps(r), many(r) - 8 * value(r)] for r in rows]
    return np.array(rows)


scaler = StandardScaler().fit(table(range(TRAIN)))
train, new = scaler.transform(table(range(TRAIN))), scaler.transform(table(range(TRAIN, NEW)))
for whiten in [False, True]:
    pca = PCA(n_components=3, whiten=whiten, svd_solver="covariance_eigh").fit(train)
    show(f"pca {'whitened' if whiten else 'plain'}", pca.transform(new))
show("pca explained", pca.explained_variance_ratio_)
show("pca kept", [PCA(n_components=s).fit(train).n_components_ for s in [0.3, 0.6, 0.9, 0.99]])
