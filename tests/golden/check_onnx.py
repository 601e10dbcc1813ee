"""Checks exported ONNX models with the official checker and compares onnxruntime's outputs with given ones.

Usage: check_onnx.py MODEL.onnx CASE.json [MODEL.onnx CASE.json ...]

A case is {"input": [[...], ...], "outputs": {"NAME": [[...], ...], ...}}. A value may differ by 1e-5, or by that part
of itself where it is larger than 1. Prints a line for each model; ends with 1 if one failed.
Needs numpy, onnx and onnxruntime.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5


def check(model_path, case_path):
    """The largest difference, as a part of what is compared."""
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    with open(case_path, encoding="utf-8") as file:
        case = json.load(file)
    declared = {output.name for output in session.get_outputs()}
    if declared != set(case["outputs"]):
        raise AssertionError(f"outputs {sorted(declared)}, not {sorted(case['outputs'])}")
    names = sorted(declared)
    found = session.run(names, {"input": np.asarray(case["input"], dtype=np.float32)})
    largest = 0.0
    for name, values in zip(names, found):
        expected = np.asarray(case["outputs"][name], dtype=np.float64)
        if values.shape != expected.shape:
            raise AssertionError(f"{name} has the shape {values.shape}, not {expected.shape}")
        difference = np.abs(values - expected) / np.maximum(np.abs(expected), 1.0)
        largest = max(largest, float(difference.max()))
    if not largest <= TOLERANCE:
        raise AssertionError(f"largest difference {largest:.3g}")
    return largest


def main(arguments):
    if not arguments or len(arguments) % 2:
        sys.exit(__doc__)
    failed = False
    for model_path, case_path in zip(arguments[::2], arguments[1::2]):
        try:
            print(f"{model_path}: largest difference {check(model_path, case_path):.3g}")
        except Exception as error:  # One broken model must not hide the next.
            print(f"{model_path}: FAILED: {error}", file=sys.stderr)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
