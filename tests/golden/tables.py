"""One table in several formats, as pandas writes it, and arrays.npz.

Writes table.csv, table.csv.zst, table.jsonl, table-*.parquet and arrays.npz.

Read by tests/program/formats.rs and crates/mlp-data/tests/corrupt.rs.

    pip install pandas==3.1.1 pyarrow==26.0.1
    cd tests/golden && python tables.py
"""

import numpy as np
import pandas as pd
import pyarrow as pa

ROWS = 240
rng = np.random.default_rng(1)
i = np.arange(ROWS)
size = np.round(rng.normal(20, 6, ROWS), 3)
count = pd.array(rng.integers(0, 50, ROWS), dtype="Int64")
count[5] = pd.NA
colour = rng.choice(["red", "green", "blue, dark", 'so-called "grey"'], ROWS)
table = pd.DataFrame(
    {
        "size": size,
        "count": count,
        "colour": colour,
        "member": np.where(rng.random(ROWS) < 0.4, True, False),
        "sold": pd.Timestamp("2023-11-05") + pd.to_timedelta(rng.integers(0, 400, ROWS), "D"),
        "seen": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(rng.integers(0, 10_000_000_000, ROWS), "ms"),
        "class": np.where(size + 5 * (colour == "red") + rng.normal(0, 3, ROWS) > 21, "large", "small"),
    }
)
table.loc[[3, 17], "size"] = np.nan
table.loc[[8, 40], "colour"] = None
table.loc[[9], "sold"] = pd.NaT

text = table.copy()
text["member"] = text["member"].map({True: "true", False: "false"})
text["sold"] = text["sold"].dt.strftime("%Y-%m-%d")
text["seen"] = text["seen"].dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
text.to_csv("table.csv", index=False, lineterminator="\n")
with open("table.csv", "rb") as plain, pa.CompressedOutputStream("table.csv.zst", "zstd") as packed:
    packed.write(plain.read())

lines = text.copy()
lines["member"] = table["member"]
lines.to_json("table.jsonl", orient="records", lines=True)

table["sold"] = table["sold"].dt.date
for codec in ["none", "snappy", "gzip", "zstd"]:
    table.to_parquet(
        f"table-{codec}.parquet",
        compression=None if codec == "none" else codec,
        index=False,
        row_group_size=100,
    )

rng = np.random.default_rng(2)
pictures = rng.integers(0, 256, (60, 5, 4), dtype=np.uint8)
np.savez_compressed(
    "arrays.npz",
    x_train=pictures[:50],
    y_train=np.arange(50, dtype=np.uint8) % 3,
    x_test=pictures[50:],
    y_test=np.arange(10, dtype=np.uint8) % 3,
)
