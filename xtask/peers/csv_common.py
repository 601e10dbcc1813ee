"""What the readers of CSV share: arguments, the clock, the answer. No peer's library.

    python polars_csv.py FILE [--threads N] [--times N] [--kinds given|found]

With `--kinds given` the types of the columns are told to the reader: those that it found in a read before the clock
starts, where words are categories (a dictionary), as they are for this project. With `found` it finds them out itself,
within the measured time, and words are what its defaults make of them. Prints one line of JSON: `seconds`, the median of
all reads; `rows`; `version`.
"""

import argparse
import json
import os
import statistics
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--kinds", choices=["given", "found"], default="given")
    args = parser.parse_args()
    # Before a library is imported.
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    return args


def answer(args, version, read):
    """Times `read()`, which gives a table that is as long as it has rows."""
    seconds, rows = [], 0
    for _ in range(args.times):
        start = time.perf_counter()
        table = read()
        seconds.append(time.perf_counter() - start)
        rows = len(table)
        del table
    print(json.dumps({"seconds": statistics.median(seconds), "rows": rows, "version": version}))
