#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the topology of AlexNet, without trained weights, as ONNX: scripts/make_alexnet.py FILE.onnx [--rows]

With --rows the first convolution takes rows of 11 pixels x 3 channels as 33 channels, as an engine does that reads images
pixel by pixel: the same multiplications, by a kernel of 11 x 1 over 55 such columns.

The layers are those of Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
networks" (2012), in the order of Caffe's bvlc_alexnet (normalization before pooling), for 227 x 227 inputs; the second,
fourth and fifth convolution have two groups. Needs python3-onnx (scripts/install-packages --models).
"""
import sys

import onnx
from onnx import TensorProto, helper

# name, output channels, kernel, stride, padding, groups, then what follows: local response normalization, pooling.
CONVOLUTIONS = [
    ("conv1", 96, 11, 4, 0, 1, True, True),
    ("conv2", 256, 5, 1, 2, 2, True, True),
    ("conv3", 384, 3, 1, 1, 1, False, False),
    ("conv4", 384, 3, 1, 1, 2, False, False),
    ("conv5", 256, 3, 1, 1, 2, False, True),
]
FULLY_CONNECTED = [("fc6", 4096, True), ("fc7", 4096, True), ("fc8", 1000, False)]


def main(path, rows):
    nodes, inputs = [], []
    at, channels, side = "data", 3, 227
    image = [1, 33, 227, 55] if rows else [1, 3, 227, 227]
    inputs.append(helper.make_tensor_value_info("data", TensorProto.FLOAT, image))

    def weight(name, shape):
        inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def add(kind, name, extra=(), **attributes):
        nonlocal at
        nodes.append(helper.make_node(kind, [at, *extra], [name], name=name, **attributes))
        at = name

    for name, outputs, kernel, stride, padding, groups, normalized, pooled in CONVOLUTIONS:
        shape, steps, taken = [kernel] * 2, [stride] * 2, channels
        if rows and name == "conv1":
            shape, steps, taken = [kernel, 1], [stride, 1], channels * kernel
        extra = [weight(f"{name}.weight", [outputs, taken // groups, *shape]), weight(f"{name}.bias", [outputs])]
        add("Conv", name, extra, kernel_shape=shape, strides=steps, pads=[padding] * 4, group=groups)
        add("Relu", f"{name}.relu")
        side = (side + 2 * padding - kernel) // stride + 1
        if normalized:
            add("LRN", f"{name}.norm", size=5, alpha=1e-4, beta=0.75)
        if pooled:
            add("MaxPool", f"{name}.pool", kernel_shape=[3, 3], strides=[2, 2])
            side = (side - 3) // 2 + 1
        channels = outputs
    add("Flatten", "flatten")
    features = channels * side * side
    for name, outputs, activated in FULLY_CONNECTED:
        add("Gemm", name, [weight(f"{name}.weight", [outputs, features]), weight(f"{name}.bias", [outputs])], transB=1)
        if activated:
            add("Relu", f"{name}.relu")
        features = outputs
    graph = helper.make_graph(nodes, "alexnet", inputs, [helper.make_tensor_value_info(at, TensorProto.FLOAT, [1, 1000])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="lanewise")
    model.ir_version = 8
    helper.set_model_props(model, {"weights": "stripped:inputs"})
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    main(sys.argv[1], "--rows" in sys.argv[2:])
