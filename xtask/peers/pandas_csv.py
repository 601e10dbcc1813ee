"""How fast pandas reads a CSV file with its own engine, which has one thread; see `csv_common`."""

import csv_common

args = csv_common.arguments()

import pandas as pd  # noqa: E402 after the number of threads is set


def read(**options):
    return pd.read_csv(args.file, engine="c", **options)


if args.kinds == "given":
    words = lambda kind: kind if pd.api.types.is_numeric_dtype(kind) else "category"
    kinds = {name: words(kind) for name, kind in read().dtypes.items()}
    csv_common.answer(args, pd.__version__, lambda: read(dtype=kinds))
else:
    csv_common.answer(args, pd.__version__, read)
