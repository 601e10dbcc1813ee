"""NumPy by hand: products, and inference in four lines."""

import numpy as np

import common


def versions():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"NumPy {np.__version__}, {blas['name']} {blas['version']}"


def kernel():
    """Which kernel OpenBLAS chose, where threadpoolctl can tell."""
    try:
        import threadpoolctl

        found = [lib.get("architecture") for lib in threadpoolctl.threadpool_info() if lib["internal_api"] == "openblas"]
        return f"OpenBLAS kernel {found[0]}" if found else ""
    except ImportError:
        return ""


def gemm(_idiom, case):
    a, b = common.product_inputs(case)
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    return common.products(lambda: np.matmul(a, b, out=out)), kernel()


def inference(_idiom, case):
    layers = common.weights(case)

    def call(x):
        for w, b in layers[:-1]:
            x = x @ w
            x += b
            np.maximum(x, 0, out=x)
        w, b = layers[-1]
        return x @ w + b

    return common.calls(case, common.inference_inputs(case), call), kernel()


SET_UP = {"gemm": gemm, "inference": inference}
