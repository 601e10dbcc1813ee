"""How fast pyarrow reads a CSV file; see `csv_common`."""

import csv_common

args = csv_common.arguments()

import pyarrow as pa  # noqa: E402 after the number of threads is set
from pyarrow import csv  # noqa: E402

pa.set_cpu_count(args.threads)
options = csv.ReadOptions(use_threads=args.threads > 1)


def read(**convert):
    return csv.read_csv(args.file, read_options=options, convert_options=csv.ConvertOptions(**convert))


if args.kinds == "given":
    words = lambda kind: pa.dictionary(pa.int32(), pa.string()) if kind == pa.string() else kind
    kinds = {field.name: words(field.type) for field in read().schema}
    csv_common.answer(args, pa.__version__, lambda: read(column_types=kinds))
else:
    csv_common.answer(args, pa.__version__, read)
