"""Readers of CSV: each round starts the reader's own script, which times the reads alone. See `csv_common`."""

import json
import os
import subprocess
import sys

VERSION = ""


def script(idiom, case, times):
    global VERSION
    path = os.path.join(os.path.dirname(__file__), f"{idiom}_csv.py")
    words = [sys.executable, path, case["data"], "--threads", str(case["threads"]), "--times", str(times)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(([*done.stderr.strip().splitlines()] or ["it ended without a word"])[-1])
    answer = json.loads(done.stdout)
    VERSION = f"{idiom} {answer['version']}"
    return answer


def ingest(idiom, case):
    script(idiom, case, 1)

    def go(count):
        answer = script(idiom, case, count)
        return {"seconds": answer["seconds"] * count, "examples": answer["rows"] * count}

    return go, "kinds of columns given, words as categories"


def versions():
    return VERSION


SET_UP = {"ingest": ingest}
