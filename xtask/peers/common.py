"""What the peers share: reading the data, initial weights, clocks around rounds. No peer's library but NumPy."""

import gzip
import os
import struct
import time

import numpy as np

CODES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(folder, role):
    """The array of the IDX file `train-ROLE…` of a folder, gzip or not."""
    names = sorted(name for name in os.listdir(folder) if name.replace(".", "-").startswith(f"train-{role}-idx"))
    if not names:
        raise FileNotFoundError(f"no train-{role} IDX file in {folder}")
    path = os.path.join(folder, names[0])
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    code, rank = data[2], data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, CODES[code], offset=4 + 4 * rank).reshape(shape)


def load(case):
    """Inputs (rows × inputs, f32; pixels divided by 255) and targets (i64 classes, or f32) of the first rows."""
    x, y = read_idx(case["data"], "images"), read_idx(case["data"], "labels")
    rows = case["rows"]
    scale = np.float32(1 / 255 if x.dtype == np.uint8 else 1)
    x = np.ascontiguousarray(x[:rows].reshape(rows, -1).astype(np.float32) * scale)
    y = y[:rows].astype(np.int64 if case["task"] == "multiclass" else np.float32)
    if x.shape[1] != case["inputs"]:
        raise ValueError(f"the data have {x.shape[1]} inputs, the case {case['inputs']}")
    return x, np.ascontiguousarray(y)


def weights(case, seed=1):
    """He-initialised layers (inputs × outputs) and zero biases, as f32."""
    sizes = [case["inputs"], *case["widths"], case["outputs"]]
    random = np.random.default_rng(seed)
    return [
        (random.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32))
        for a, b in zip(sizes, sizes[1:])
    ]


def random(*shape, seed=2):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def epochs(case, run):
    """A round of training; `run(n)` trains n epochs and gives the mean loss of the last."""

    def go(count):
        start = time.perf_counter()
        loss = run(count)
        return {"seconds": time.perf_counter() - start, "examples": count * case["rows"], "loss": float(loss)}

    return go


def products(call):
    """A round of products; `call()` computes one and waits for it."""

    def go(count):
        start = time.perf_counter()
        for _ in range(count):
            call()
        return {"seconds": time.perf_counter() - start, "examples": count}

    return go


def product_inputs(case):
    """The two factors of a product, row-major with an example a row; the one to transpose is already a view."""
    n, ins, outs = case["batch"], case["inputs"], case["outputs"]
    x, w, dz = random(n, ins), random(ins, outs), random(n, outs)
    return {"forward": (x, w), "input-gradient": (dz, w.T), "weight-gradient": (x.T, dz)}[case["product"]]


def inference_inputs(case):
    """What calls take in turn: 64 single rows, or one batch."""
    rows = case["rows"]
    return [random(rows, case["inputs"], seed=seed) for seed in range(64 if rows == 1 else 1)]


def calls(case, inputs, call):
    """A round of inference; `call(x)` waits for the logits of one input."""
    rows = case["rows"]

    def go(count):
        times = np.empty(count)
        start = time.perf_counter()
        for i in range(count):
            x = inputs[i % len(inputs)]
            before = time.perf_counter_ns()
            call(x)
            times[i] = time.perf_counter_ns() - before
        report = {"seconds": time.perf_counter() - start, "examples": count * rows}
        if rows == 1:
            times /= 1e3
            report["p50"], report["p99"] = (float(np.percentile(times, p)) for p in (50, 99))
        return report

    return go
