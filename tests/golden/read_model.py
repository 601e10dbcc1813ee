"""Reads model files from nothing but docs/format.md, and prints each as a line of JSON.

Usage: read_model.py MODEL.mlp [MODEL.mlp ...]

Weights are printed as rows of a node, so that they compare with `mlp export --to json`.
"""

import hashlib
import json
import struct
import sys

TASKS = ["regression", "binary", "multiclass", "multilabel"]
ACTIVATIONS = "identity logistic tanh relu leaky_relu elu selu gelu silu mish softplus".split()


def sections(data):
    assert data[:8] == b"\x89MLP\r\n\x1a\n", "magic"
    version, count, length = struct.unpack_from("<IIQ", data, 8)
    assert version == 1 and length == len(data), "version or length"
    assert hashlib.sha256(data[:32] + data[64:]).digest() == data[32:64], "checksum"
    found = {}
    for i in range(count):
        tag, start, size, zero = struct.unpack_from("<8sQQQ", data, 64 + 32 * i)
        assert start % 64 == 0 and zero == 0, "section table"
        found[tag.rstrip(b"\0").decode()] = data[start : start + size]
    return found


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, kind):
        (value,) = struct.unpack_from("<" + kind, self.data, self.at)
        self.at += struct.calcsize("<" + kind)
        return value

    def u32(self):
        return self.number("I")

    def u64(self):
        return self.number("Q")

    def f32(self):
        return self.number("f")

    def f64(self):
        return self.number("d")

    def flag(self):
        return {0: False, 1: True}[self.number("B")]

    def raw(self, size):
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self):
        return self.raw(self.u64()).decode()

    def many(self, read):
        return [read() for _ in range(self.u64())]

    def maybe(self, read):
        return read() if self.flag() else None

    def pair(self, first, second):
        return lambda: [first(), second()]


def field(r):
    name, kind = r.text(), r.u32()
    more = [r.u32() for _ in range({3: 3, 4: 1}.get(kind, 0))]
    field = {"name": name, "kind": kind, "shape": more if kind == 3 else None}
    return field | ({"order": more[0]} if kind == 4 else {})


def encoder(r):
    return [
        lambda: {"median": r.f64(), "mean": r.f64(), "deviation": r.f64(), "indicator": r.flag()},
        lambda: {"indicator": r.flag()},
        lambda: {"levels": r.many(r.text), "rare": r.many(r.text), "missing": r.flag()},
        lambda: {"mean": r.many(r.f32), "deviation": r.many(r.f32)},
        lambda: {"median": r.f64(), "scaling": scaling(r), "indicator": r.flag()},
        lambda: {
            "gradients": r.many(r.pair(r.u32, r.u32)),
            "colours": r.u32(),
            "mean": r.many(r.f32),
            "deviation": r.many(r.f32),
        },
        lambda: {
            "first": r.f64(),
            "year": [r.f64(), r.f64()],
            "days": [r.f64(), r.f64()],
            "month": r.flag(),
            "weekday": r.flag(),
            "hour": r.flag(),
            "indicator": r.flag(),
        },
    ][r.u32()]()


def scaling(r):
    return [
        lambda: {"kind": "raw"},
        lambda: {"kind": "min-max", "least": r.f64(), "range": r.f64()},
        lambda: {"kind": "robust", "centre": r.f64(), "factor": r.f64()},
        lambda: {"kind": "quantile", "quantiles": r.many(r.f64)},
        lambda: {"kind": "log", "mean": r.f64(), "deviation": r.f64()},
    ][r.u32()]()


def target(r):
    return [
        lambda: {"name": r.text(), "labels": r.many(r.text)},
        lambda: {"name": r.text(), "mean": r.f64(), "deviation": r.f64()},
        lambda: label_sets(r),
    ][r.u32()]()


def label_sets(r):
    name, labels, _separator = r.text(), r.many(r.text), r.maybe(r.text)
    return {"name": name, "labels": labels}


def layer(r):
    return [
        lambda: {"kind": "dense", "outputs": r.u64(), "activation": ACTIVATIONS[r.u32()]},
        lambda: {"kind": "dropout", "rate": r.f32()},
    ][r.u32()]()


def epoch(r):
    numbers = [r.u32(), r.f32(), r.f64(), r.f64()]
    return numbers + [r.maybe(r.f64), r.maybe(r.f64), r.flag()]


def pictures(r):
    return [r.u32(), r.u32(), r.u32(), r.u32(), list(r.raw(3))]


def meta(r):
    model = {
        "columns": r.many(lambda: field(r)),
        "encoders": r.many(lambda: encoder(r)),
        "target": target(r),
        "dropped": r.many(r.pair(r.text, r.text)),
        "all_columns": r.many(r.text),
        "pictures": r.maybe(lambda: pictures(r)),
        "inputs": r.u64(),
        "layers": r.many(lambda: layer(r)),
        "task": TASKS[r.u32()],
        "record": {
            "version": r.text(),
            "seed": r.u64(),
            "data_sha256": r.raw(32).hex(),
            "class_counts": r.many(r.u64),
            "examples": [r.u64() for _ in range(3)],
            "config": r.many(r.pair(r.text, r.text)),
            "history": r.many(lambda: epoch(r)),
            "best_epoch": r.u32(),
            "scores": r.many(r.pair(r.text, r.f64)),
        },
    }
    assert r.at == len(r.data), "the metadata goes on"
    return model


def projection(r):
    """As a layer without activation, before all others."""
    inputs, outputs, whiten, explained = r.u64(), r.u64(), r.flag(), r.many(r.f64)
    flat, biases = r.many(r.f32), r.many(r.f32)
    assert r.at == len(r.data) and len(flat) == inputs * outputs, "the projection's size"
    weights = [flat[node::outputs] for node in range(outputs)]
    return {
        "kind": "dense",
        "outputs": outputs,
        "activation": "identity",
        "weights": weights,
        "biases": biases,
        "pca": {"whiten": whiten, "explained": explained},
    }


def read(path):
    with open(path, "rb") as file:
        parts = sections(file.read())
    model, weights = meta(Reader(parts["meta"])), Reader(parts["weights"])
    inputs = model["inputs"]
    for dense in (layer for layer in model["layers"] if layer["kind"] == "dense"):
        outputs = dense["outputs"]
        columns = [[weights.f32() for _ in range(outputs)] for _ in range(inputs)]
        dense["weights"] = [list(row) for row in zip(*columns)]
        dense["biases"] = [weights.f32() for _ in range(outputs)]
        inputs = outputs
    assert weights.at == len(weights.data), "more weights than the network has"
    if "pca" in parts:
        model["layers"].insert(0, projection(Reader(parts["pca"])))
    return model


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        print(json.dumps(read(path)))
