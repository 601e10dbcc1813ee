"""onnxruntime: inference of a graph of Gemm and Relu."""

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import common


def versions():
    return f"onnxruntime {onnxruntime.__version__}"


def graph(case):
    nodes, constants, name = [], [], "x"
    layers = common.weights(case)
    for i, (w, b) in enumerate(layers):
        constants += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [f"z{i}"]))
        name = f"z{i}"
        if i + 1 < len(layers):
            nodes.append(helper.make_node("Relu", [name], [f"y{i}"]))
            name = f"y{i}"
    ends = (("x", case["inputs"]), (name, case["outputs"]))
    inputs, outputs = ([helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", w])] for n, w in ends)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(helper.make_graph(nodes, "mlp", inputs, outputs, constants), opset_imports=opset, ir_version=8)


def inference(_idiom, case):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case["threads"]
    session = onnxruntime.InferenceSession(graph(case).SerializeToString(), options, ["CPUExecutionProvider"])
    inputs = [{"x": x} for x in common.inference_inputs(case)]
    return common.calls(case, inputs, lambda x: session.run(None, x)), f"intra_op_num_threads {case['threads']}"


SET_UP = {"inference": inference}
