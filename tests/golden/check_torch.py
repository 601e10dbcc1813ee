"""Loads exported safetensors as a PyTorch user would and compares the logits with given ones.

Usage: check_torch.py MODEL.safetensors CASE.json [MODEL.safetensors CASE.json ...]

A case is {"input": [[...], ...], "outputs": {"logits": [[...], ...]}}. A value may differ by 1e-5, or by that part of
itself where it is larger than 1. With torch installed the module is built from the file's own `architecture` and filled
by `load_state_dict`; otherwise numpy computes what those modules are documented to compute. Prints a line for each
model; ends with 1 if one failed. Needs numpy.
"""

import json
import math
import re
import struct
import sys

import numpy as np

try:
    import torch
except ImportError:
    torch = None

TOLERANCE = 1e-5
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def softplus(z):
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def sigmoid(z):
    return np.exp(-softplus(-z))


def elu(z, alpha):
    return np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0)))


MODULES = {
    "Sigmoid": sigmoid,
    "Tanh": np.tanh,
    "ReLU": lambda z: np.maximum(z, 0.0),
    "LeakyReLU": lambda z: np.where(z > 0.0, z, 0.01 * z),
    "ELU": lambda z: elu(z, 1.0),
    "SELU": lambda z: SELU_SCALE * elu(z, SELU_ALPHA),
    "GELU": lambda z: z * 0.5 * (1.0 + np.vectorize(math.erf)(z / math.sqrt(2.0))),
    "SiLU": lambda z: z * sigmoid(z),
    "Mish": lambda z: z * np.tanh(softplus(z)),
    "Softplus": softplus,
    "Dropout": lambda z: z,
}


def read(path):
    """The tensors and the metadata of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    facts = header.pop("__metadata__")
    tensors = {}
    for name, tensor in header.items():
        assert tensor["dtype"] == "F32", tensor
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        values = np.frombuffer(data[begin:end], dtype="<f4")
        tensors[name] = values.reshape(tensor["shape"])
    return tensors, facts["architecture"]


def with_torch(tensors, architecture, x):
    module = eval(architecture, {"torch": torch, "__builtins__": {}})
    module.load_state_dict({name: torch.tensor(values) for name, values in tensors.items()})
    module.eval()
    with torch.no_grad():
        return module(torch.tensor(x, dtype=torch.float32)).numpy()


def with_numpy(tensors, architecture, x):
    unused = set(tensors)
    for index, (name, arguments) in enumerate(re.findall(r"nn\.(\w+)\(([\d., ]*)\)", architecture)):
        if name != "Linear":
            x = MODULES[name](x)
            continue
        weight, bias = f"{index}.weight", f"{index}.bias"
        inputs, outputs = (int(size) for size in arguments.split(","))
        assert tensors[weight].shape == (outputs, inputs), weight
        x = x @ tensors[weight].T.astype(np.float64) + tensors[bias]
        unused -= {weight, bias}
    assert not unused, f"tensors without a module: {sorted(unused)}"
    return x


def check(model_path, case_path):
    """The largest difference, as a part of what is compared."""
    tensors, architecture = read(model_path)
    with open(case_path, encoding="utf-8") as file:
        case = json.load(file)
    x = np.asarray(case["input"], dtype=np.float64)
    found = (with_torch if torch else with_numpy)(tensors, architecture, x)
    expected = np.asarray(case["outputs"]["logits"], dtype=np.float64)
    if found.shape != expected.shape:
        raise AssertionError(f"logits have the shape {found.shape}, not {expected.shape}")
    largest = float((np.abs(found - expected) / np.maximum(np.abs(expected), 1.0)).max())
    if not largest <= TOLERANCE:
        raise AssertionError(f"largest difference {largest:.3g}")
    return largest


def main(arguments):
    if not arguments or len(arguments) % 2:
        sys.exit(__doc__)
    failed, way = False, "torch" if torch else "numpy"
    for model_path, case_path in zip(arguments[::2], arguments[1::2]):
        try:
            largest = check(model_path, case_path)
            print(f"{model_path}: largest difference {largest:.3g} ({way})")
        except Exception as error:  # One broken model must not hide the next.
            print(f"{model_path}: FAILED: {error}", file=sys.stderr)
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
