#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the shipped TensorFlow Lite files, and the same networks as ONNX for the tests that compare the two.

    /usr/bin/python3 scripts/make_tflite_models.py models tests/core/network/cases

Needs the packages flatbuffers-compiler (flatc, which writes the binary by core/network/tflite/schema.fbs) and python3-onnx. The weights
are made up; the same packages give the same bytes.

ds_cnn_kws     keyword spotting: the small depthwise-separable network of Zhang et al., "Hello Edge" (2017), int8 with a scale a channel
mobile_blocks  inverted bottlenecks with ReLU6 and hard swish, a residual and a squeeze-and-excite block, in single precision
"""

import argparse
import json
import pathlib
import random
import struct
import subprocess
import tempfile

import onnx
from onnx import TensorProto, helper

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "core/network/tflite/schema.fbs"

# Numbers of the format's operators.
CODES = {"ADD": 0, "AVERAGE_POOL_2D": 1, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 9, "LOGISTIC": 14, "MUL": 18,
         "RESHAPE": 22, "SOFTMAX": 25, "MEAN": 40, "HARD_SWISH": 117}


class Network:
    """Writes each layer twice: with the channels last for TensorFlow Lite, with the channels second for ONNX."""

    def __init__(self, name, int8):
        self.name, self.int8 = name, int8
        self.random = random.Random(name)
        self.tensors, self.buffers, self.operators, self.codes = [], [{}], [], []
        self.nodes, self.initializers = [], []
        self.shapes = {}  # of activations, with the channels last
        self.count = 0

    # --- TensorFlow Lite
    def tensor(self, name, shape, kind, data=None, scales=None, axis=0, batch=False):
        entry = {"shape": list(shape), "type": kind, "name": name, "buffer": 0}
        if data is not None:
            entry["buffer"] = len(self.buffers)
            self.buffers.append({"data": list(data)})
        if scales:
            entry["quantization"] = {"scale": scales, "zero_point": [0] * len(scales), "axis": axis}
        if batch:
            entry["signature"] = [-1] + list(shape[1:])
        self.tensors.append(entry)
        return len(self.tensors) - 1

    def activation(self, name, shape):
        self.shapes[name] = list(shape)
        kind = "INT8" if self.int8 else "FLOAT32"
        return self.tensor(name, shape, kind, scales=[0.05] if self.int8 else None)

    def weight(self, name, shape, axis):
        count = 1
        for size in shape:
            count *= size
        values = [self.random.randint(-127, 127) for _ in range(count)]
        if self.int8:
            scales = [round(0.002 + 0.0001 * (i % 7), 6) for i in range(shape[axis])]
            return self.tensor(name, shape, "INT8", struct.pack(f"<{count}b", *values), scales, axis)
        return self.tensor(name, shape, "FLOAT32", struct.pack(f"<{count}f", *[v / 256 for v in values]))

    def bias(self, name, count):
        values = [self.random.randint(-100, 100) for _ in range(count)]
        if self.int8:
            scales = [round(0.0001 + 0.000005 * (i % 7), 9) for i in range(count)]
            return self.tensor(name, [count], "INT32", struct.pack(f"<{count}i", *values), scales, 0)
        return self.tensor(name, [count], "FLOAT32", struct.pack(f"<{count}f", *[v / 256 for v in values]))

    def operator(self, code, inputs, outputs, options_type=None, options=None):
        if code not in self.codes:
            self.codes.append(code)
        entry = {"code": self.codes.index(code), "inputs": inputs, "outputs": outputs}
        if options_type:
            entry.update({"options_type": options_type, "options": options or {}})
        self.operators.append(entry)

    # --- ONNX
    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))

    def stripped(self, name, shape):
        self.initializers.append(helper.make_tensor_value_info(name, TensorProto.INT8 if self.int8 else TensorProto.FLOAT, shape))
        if not self.int8:
            return name
        self.nodes.append(helper.make_node("DequantizeLinear", [name, "scale", "zero"], [name + "_real"], name=name + "_real"))
        return name + "_real"

    def quantised(self, name):
        """A tensor of ONNX as int8: quantised and back."""
        if not self.int8:
            return name
        self.nodes.append(helper.make_node("QuantizeLinear", [name, "scale", "zero"], [name + "_q"], name=name + "_q"))
        self.nodes.append(helper.make_node("DequantizeLinear", [name + "_q", "scale", "zero"], [name + "_d"], name=name + "_d"))
        return name + "_d"

    def finish(self, linear, name, fused):
        if fused == "RELU":
            self.node("Relu", [linear], name)
        elif fused == "RELU6":
            self.node("Clip", [linear, "zero_real", "six"], name)
        return self.quantised(name)

    # --- both
    def input(self, shape):
        self.source = shape
        self.entry = self.activation("input", shape)
        self.onnx_input = [shape[0], shape[3], shape[1], shape[2]]
        return (self.entry, self.quantised("input"), shape)

    def convolution(self, x, name, filters, kernel, stride, fused="NONE", depthwise=False):
        index, source, shape = x
        height, width, channels = shape[1:]
        out = [1, -(-height // stride[0]), -(-width // stride[1]), channels if depthwise else filters]
        count = out[3]
        weight_shape = [1, *kernel, count] if depthwise else [count, *kernel, channels]
        weight = self.weight(name + "/weight", weight_shape, 3 if depthwise else 0)
        bias = self.bias(name + "/bias", count)
        made = self.activation(name, out)
        options = {"padding": "SAME", "stride_w": stride[1], "stride_h": stride[0], "fused": fused}
        self.operator("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [index, weight, bias], [made],
                      "DepthwiseOptions" if depthwise else "ConvolutionOptions", options)
        w = self.stripped(name + "_w", [count, 1 if depthwise else channels, *kernel])
        b = self.stripped(name + "_b", [count])
        linear = name if fused == "NONE" else name + "_linear"
        self.node("Conv", [source, w, b], linear, kernel_shape=kernel, strides=stride, auto_pad="SAME_UPPER",
                  group=channels if depthwise else 1)
        return (made, self.finish(linear, name, fused), out)

    def pooled(self, x, name, keep):
        index, source, shape = x
        out = [1, 1, 1, shape[3]] if keep else [1, shape[3]]
        axes = self.tensor(name + "/axes", [2], "INT32", struct.pack("<2i", 1, 2))
        made = self.activation(name, out)
        self.operator("MEAN", [index, axes], [made], "ReducerOptions", {"keep_dims": keep})
        if keep:
            self.node("GlobalAveragePool", [source], name)
        else:
            self.node("GlobalAveragePool", [source], name + "_map")
            self.node("Flatten", [name + "_map"], name, axis=1)
        return (made, self.quantised(name), out)

    def whole_average(self, x, name):
        index, source, shape = x
        made = self.activation(name, [1, 1, 1, shape[3]])
        self.operator("AVERAGE_POOL_2D", [index], [made], "PoolOptions",
                      {"padding": "VALID", "stride_w": 1, "stride_h": 1, "filter_w": shape[2], "filter_h": shape[1]})
        self.node("GlobalAveragePool", [source], name)
        return (made, self.quantised(name), [1, 1, 1, shape[3]])

    def flat(self, x, name):
        index, source, shape = x
        out = [1, shape[1] * shape[2] * shape[3]]
        target = self.tensor(name + "/shape", [2], "INT32", struct.pack("<2i", -1, out[1]))
        made = self.activation(name, out)
        self.operator("RESHAPE", [index, target], [made], "ReshapeOptions", {"shape": [-1, out[1]]})
        self.node("Flatten", [source], name, axis=1)
        return (made, name, out)

    def dense(self, x, name, count):
        index, source, shape = x
        weight = self.weight(name + "/weight", [count, shape[1]], 0)
        bias = self.bias(name + "/bias", count)
        made = self.activation(name, [1, count])
        self.operator("FULLY_CONNECTED", [index, weight, bias], [made], "FullyConnectedOptions", {})
        w, b = self.stripped(name + "_w", [count, shape[1]]), self.stripped(name + "_b", [count])
        self.node("Gemm", [source, w, b], name, transB=1)
        return (made, self.quantised(name), [1, count])

    def both(self, x, y, name, code, kind, shape):
        made = self.activation(name, shape)
        self.operator(code, [x[0], y[0]], [made], {"ADD": "AddOptions", "MUL": "MulOptions"}[code], {})
        self.node(kind, [x[1], y[1]], name)
        return (made, self.quantised(name), shape)

    def unary(self, x, name, code, kind, **attributes):
        made = self.activation(name, x[2])
        self.operator(code, [x[0]], [made], "SoftmaxOptions" if code == "SOFTMAX" else None, {"beta": 1.0})
        self.node(kind, [x[1]], name, **attributes)
        return (made, self.quantised(name), x[2])

    def write(self, output, models, cases):
        model = {"version": 3, "codes": [{"old_code": CODES[c], "code": CODES[c]} for c in self.codes],
                 "subgraphs": [{"tensors": self.tensors, "inputs": [self.entry], "outputs": [output[0]], "operators": self.operators,
                                "name": "main"}], "buffers": self.buffers}
        with tempfile.TemporaryDirectory() as folder:
            text = pathlib.Path(folder) / (self.name + ".json")
            text.write_text(json.dumps(model))
            subprocess.run(["flatc", "--binary", "-o", folder, str(SCHEMA), str(text)], check=True)
            data = (pathlib.Path(folder) / (self.name + ".bin"))
            data = data if data.exists() else pathlib.Path(folder) / (self.name + ".tflite")
            (models / (self.name + ".tflite")).write_bytes(data.read_bytes())
        constants = [helper.make_tensor("scale", TensorProto.FLOAT, [], [0.05]), helper.make_tensor("zero", TensorProto.INT8, [], [0]),
                     helper.make_tensor("zero_real", TensorProto.FLOAT, [], [0.0]), helper.make_tensor("six", TensorProto.FLOAT, [], [6.0])]
        graph = helper.make_graph(self.nodes, self.name,
                                  [helper.make_tensor_value_info("input", TensorProto.FLOAT, self.onnx_input)] + self.initializers,
                                  [helper.make_tensor_value_info(output[1], TensorProto.FLOAT, output[2])], constants)
        made = helper.make_model(graph, producer_name="", opset_imports=[helper.make_opsetid("", 17)])
        made.ir_version = 8
        made.metadata_props.add(key="weights", value="stripped:inputs")
        onnx.checker.check_model(made, full_check=True)
        (cases / (self.name + ".onnx")).write_bytes(made.SerializeToString(deterministic=True))


def ds_cnn_kws(models, cases):
    net = Network("ds_cnn_kws", True)
    x = net.convolution(net.input([1, 49, 10, 1]), "stem", 64, [10, 4], [2, 2], "RELU")
    for i in range(1, 5):
        x = net.convolution(x, f"depthwise{i}", 0, [3, 3], [1, 1], "RELU", depthwise=True)
        x = net.convolution(x, f"pointwise{i}", 64, [1, 1], [1, 1], "RELU")
    x = net.flat(net.whole_average(x, "pool"), "flat")
    x = net.unary(net.dense(x, "logits", 12), "labels", "SOFTMAX", "Softmax", axis=-1)
    net.write(x, models, cases)


def mobile_blocks(models, cases):
    net = Network("mobile_blocks", False)
    x = net.convolution(net.input([1, 96, 96, 3]), "stem", 8, [3, 3], [2, 2], "NONE")
    x = net.unary(x, "stem_swish", "HARD_SWISH", "HardSwish")

    def block(x, name, expanded, filters, stride, excite=False):
        y = net.convolution(x, name + "_expand", expanded, [1, 1], [1, 1], "RELU6")
        y = net.convolution(y, name + "_depthwise", 0, [3, 3], [stride, stride], "RELU6", depthwise=True)
        if excite:
            s = net.pooled(y, name + "_squeeze", True)
            s = net.convolution(s, name + "_reduce", expanded // 4, [1, 1], [1, 1], "RELU")
            s = net.convolution(s, name + "_restore", expanded, [1, 1], [1, 1])
            s = net.unary(s, name + "_gate", "LOGISTIC", "Sigmoid")
            y = net.both(y, s, name + "_excite", "MUL", "Mul", y[2])
        y = net.convolution(y, name + "_project", filters, [1, 1], [1, 1])
        return net.both(x, y, name + "_sum", "ADD", "Add", y[2]) if stride == 1 and filters == x[2][3] else y

    x = block(x, "block1", 24, 12, 2)
    x = block(x, "block2", 36, 12, 1)
    x = block(x, "block3", 36, 20, 2, excite=True)
    x = block(x, "block4", 60, 20, 1, excite=True)
    # A map is read as a row of numbers, in which the channels lie last here and first there.
    x = net.convolution(x, "narrow", 2, [1, 1], [2, 2])
    x = net.dense(net.flat(x, "row"), "logits", 10)
    net.write(net.unary(x, "classes", "SOFTMAX", "Softmax", axis=-1), models, cases)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("models", type=pathlib.Path)
    arguments.add_argument("cases", type=pathlib.Path)
    given = arguments.parse_args()
    ds_cnn_kws(given.models, given.cases)
    mobile_blocks(given.models, given.cases)
