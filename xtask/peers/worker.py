"""The side of `cargo xtask bench` that runs one peer: answers lines on standard input with lines of JSON.

    python worker.py IDIOM        (an idiom is a key of IDIOMS)

Lines in: `case` and tab-separated `key=value` words; `go N` runs a round of N epochs, products, calls or readings; `quit`.
Lines out: `{"ready": true, "versions", "note"}` or `{"ready": false, "reason"}` after a case, and
`{"seconds", "examples", "loss"?, "p50"?, "p99"?}` after a round. How a peer is driven stands in its own module; the
number of threads, the cores and all environment variables are set by xtask before this starts.
"""

import importlib
import json
import os
import sys

IDIOMS = {
    "jax": "jax_peer",
    "jax-scan": "jax_peer",
    "jax-step": "jax_peer",
    "tf-xla": "tensorflow_peer",
    "tf-keras": "tensorflow_peer",
    "torch": "torch_peer",
    "torch-default": "torch_peer",
    "torch-compile": "torch_peer",
    "numpy": "numpy_peer",
    "sklearn": "sklearn_peer",
    "onnxruntime": "onnxruntime_peer",
    "pillow-processes": "pictures_peer",
    "pillow-threads": "pictures_peer",
    "torchvision": "pictures_peer",
    "torchvision-io": "pictures_peer",
    "keras": "pictures_peer",
    "polars": "csv_peer",
    "pyarrow": "csv_peer",
    "pandas": "csv_peer",
}


def case_of(line):
    """The words of a case, numbers as numbers."""
    case = dict(word.split("=", 1) for word in line.split("\t")[1:])
    for key in ("inputs", "outputs", "rows", "batch", "threads"):
        if key in case:
            case[key] = int(case[key])
    if "rate" in case:
        case["rate"] = float(case["rate"])
    if "hidden" in case:
        case["widths"] = [int(width) for width in case["hidden"].split(",") if width]
    return case


def main():
    idiom = sys.argv[1]
    # Libraries print where they like; only answers reach the real standard output.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(document):
        print(json.dumps(document), file=answers)

    run = None
    for line in sys.stdin:
        line = line.rstrip("\r\n")
        if line == "quit":
            return
        try:
            if line.startswith("case\t"):
                case = case_of(line)
                peer = importlib.import_module(IDIOMS[idiom])
                run, note = peer.SET_UP[case["kind"]](idiom, case)
                answer({"ready": True, "versions": peer.versions(), "note": note})
            else:
                answer(run(int(line.split()[1])))
        except Exception as error:  # whatever a library throws is this peer's reason for not being there
            answer({"ready": False, "reason": f"{type(error).__name__}: {error}".splitlines()[0][:300]})
            return


if __name__ == "__main__":
    main()
