"""PyTorch: eager with fused Adam, eager with the default optimizer, and `torch.compile`."""

import re
import subprocess
import sys

import numpy as np
import torch
from torch import nn

import common


def versions():
    return f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}{mkl()}"


def mkl():
    found = re.search(r"MKL\) Version ([\d.]+)", torch.__config__.show()) or re.search(r"Version ([\d.]+)-Product", torch.__config__.show())
    return f", MKL {found.group(1)}" if found else ""


def build(case):
    layers, sizes = [], [case["inputs"], *case["widths"], case["outputs"]]
    for w, b in common.weights(case):
        layer = nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w.T.copy()))
            layer.bias.zero_()
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def threads(case):
    torch.set_num_threads(case["threads"])


def train(idiom, case):
    threads(case)
    torch.manual_seed(1)
    x, y = (torch.from_numpy(array) for array in common.load(case))
    if case["task"] != "multiclass":
        y = y[:, None]
    model = build(case)
    losses = {"multiclass": nn.CrossEntropyLoss, "binary": nn.BCEWithLogitsLoss, "regression": nn.MSELoss}
    criterion = losses[case["task"]]()
    fused = {} if idiom == "torch-default" else {"fused": True}
    if case["optimizer"] == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=case["rate"], **fused)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=case["rate"], momentum=0.9, **fused)

    def gradients(rows):
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        return loss.detach()

    if idiom == "torch-compile":
        compiled = torch.compile(lambda a, b: criterion(model(a), b))

        def gradients(rows):
            optimizer.zero_grad(set_to_none=True)
            loss = compiled(x[rows], y[rows])
            loss.backward()
            return loss.detach()

    def run(count):
        for _ in range(count):
            order, total = torch.randperm(case["rows"]).split(case["batch"]), torch.zeros(())
            for rows in order:
                total += gradients(rows)
                optimizer.step()
        return total / len(order)

    note = {"torch-default": "optimizer as by default", "torch-compile": "forward and backward compiled, fused optimizer"}
    return common.epochs(case, run), note.get(idiom, "eager, fused optimizer")


def gemm(_idiom, case):
    threads(case)
    a, b = (torch.from_numpy(factor) for factor in common.product_inputs(case))
    out = torch.empty(a.shape[0], b.shape[1])
    return common.products(lambda: torch.mm(a, b, out=out)), "torch.mm"


def inference(idiom, case):
    threads(case)
    model = build(case).eval()
    if idiom == "torch-compile":
        model = torch.compile(model)
    inputs = [torch.from_numpy(x) for x in common.inference_inputs(case)]
    with torch.inference_mode():
        model(inputs[0])
    # Entered once: a service does the same around its loop.
    torch.inference_mode().__enter__()
    return common.calls(case, inputs, model), "inference_mode"


SET_UP = {"train": train, "gemm": gemm, "inference": inference}
