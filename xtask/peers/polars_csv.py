"""How fast polars reads a CSV file; see `csv_common`."""

import csv_common

args = csv_common.arguments()

import polars as pl  # noqa: E402 after the number of threads is set


def read(**options):
    return pl.read_csv(args.file, **options)


if args.kinds == "given":
    words = lambda kind: pl.Categorical if kind == pl.String else kind
    schema = {name: words(kind) for name, kind in read(infer_schema_length=None).schema.items()}
    csv_common.answer(args, pl.__version__, lambda: read(schema=schema))
else:
    csv_common.answer(args, pl.__version__, read)
