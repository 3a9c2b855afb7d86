#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A trainer of one's own in PyTorch: trains a candidate network of a search and answers with its accuracy.

A space file names it, and a search that is given --allow-commands asks it once for each network:

    accuracy:
      command: [python3, pytorch_trainer.py, --epochs, 2]
      timeout: 900 s
      jobs: 2

The candidate comes as JSON on standard input; the network is built from the ONNX file at "onnx", operator by operator,
so that what is trained is what is simulated. The answer is one line on standard output, {"accuracy": 0.85}, measured on
training images that the training did not see: the test images are for whoever judges the search in the end. What cannot
be trained is a {"failure": "..."}, which the search counts.

Needs the packages torch, onnx and numpy (Debian: python3-torch, python3-onnx), and Fashion-MNIST (Debian:
dataset-fashion-mnist) or --data made-up, a small set that is drawn here. --save FILE keeps the trained network as
TorchScript.
"""

import argparse
import gzip
import json
import math
import os
import sys

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class OnnxNetwork(torch.nn.Module):
    """The operators of an ONNX file as PyTorch's own, with its weights to be trained.

    A weight with numbers in the file keeps them; one without is an input of the file with the shape of the weight, and
    is drawn anew. Images are [batch, channels, height, width].
    """

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.nodes = []
        constants = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
                     for tensor in graph.initializer}
        declared = [value for value in graph.input if value.name not in constants]
        self.image, weights = declared[0].name, declared[1:]
        self.shape = shape_of(declared[0])[1:]
        self.output = graph.output[0].name
        drawn = {value.name: shape_of(value) for value in weights}
        self.names = {}  # of tensors in the file to those of this module, which may not have dots
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "ConstantOfShape":
                value = numpy_helper.to_array(attributes["value"]).item() if "value" in attributes else 0.0
                constants[node.output[0]] = torch.full(constants[node.input[0]].tolist(), value)
                continue
            if node.op_type not in OPERATORS:
                raise ValueError(f"operator {node.op_type} is not built here")
            inputs = list(node.input)
            if node.op_type == "Reshape":
                attributes["shape"] = constants[inputs.pop()].tolist()
            self.nodes.append((node.op_type, inputs, node.output[0], attributes))
            self.keep_weights(node.op_type, inputs, constants, drawn)

    def keep_weights(self, operator, inputs, constants, drawn):
        batch_norm = operator == "BatchNormalization"
        for place, name in enumerate(inputs):
            if name in self.names or (name not in constants and name not in drawn):
                continue
            tensor = constants.get(name)
            if batch_norm and place >= 3:  # running mean and variance
                shape = list(tensor.shape) if tensor is not None else drawn[name]
                tensor = torch.zeros(shape) if place == 3 else torch.ones(shape)
            elif tensor is None:
                tensor = first_weights(operator, place, drawn[name])
            own = f"tensor{len(self.names)}"
            self.names[name] = own
            if tensor.is_floating_point() and not (batch_norm and place >= 3):
                self.register_parameter(own, torch.nn.Parameter(tensor.float()))
            else:
                self.register_buffer(own, tensor)

    def forward(self, images):
        values = {self.image: images}
        for operator, inputs, output, attributes in self.nodes:
            arguments = [getattr(self, self.names[name]) if name in self.names else values[name]
                         for name in inputs if name]
            values[output] = OPERATORS[operator](self.training, attributes, *arguments)
        return values[self.output]


def shape_of(value):
    return [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]


def first_weights(operator, place, shape):
    """Convolutions with variance 2 / inputs of a sum, fully-connected weights with 1 / inputs, scales 1, shifts 0."""
    if operator == "BatchNormalization":
        return torch.ones(shape) if place == 1 else torch.zeros(shape)
    if len(shape) < 2:
        return torch.zeros(shape)
    gain = 2.0 if operator == "Conv" else 1.0
    return torch.randn(shape) * math.sqrt(gain / math.prod(shape[1:]))


def convolution(_training, attributes, x, weight, bias=None):
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, bias, attributes.get("strides", 1), 0,
                    attributes.get("dilations", 1), attributes.get("group", 1))


def batch_normalization(training, attributes, x, scale, shift, mean, variance):
    # ONNX's momentum is the share of what was, PyTorch's that of what is new.
    return F.batch_norm(x, mean, variance, scale, shift, training, 0.1, attributes.get("epsilon", 1e-5))


def pool(kind):
    def run(_training, attributes, x):
        top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
        if (top, left) != (bottom, right):
            raise ValueError("a pooling whose padding is uneven is not built here")
        return kind(x, attributes["kernel_shape"], attributes.get("strides", 1), (top, left))
    return run


def clip(_training, attributes, x, low=None, high=None):
    low = attributes.get("min") if low is None else low.item()
    high = attributes.get("max") if high is None else high.item()
    return torch.clamp(x, low, high)


def fully_connected(_training, attributes, x, weight, bias=None):
    return F.linear(x, weight if attributes.get("transB", 0) else weight.t(), bias)


def reshape(_training, attributes, x):
    return x.reshape([-1] + attributes["shape"][1:])  # the file has a batch of one


# name: function of whether it trains, the node's attributes and its inputs
OPERATORS = {
    "Conv": convolution,
    "BatchNormalization": batch_normalization,
    "Relu": lambda _t, _a, x: F.relu(x),
    "Clip": clip,
    "HardSwish": lambda _t, _a, x: F.hardswish(x),
    "HardSigmoid": lambda _t, a, x: torch.clamp(a.get("alpha", 0.2) * x + a.get("beta", 0.5), 0, 1),
    "Sigmoid": lambda _t, _a, x: torch.sigmoid(x),
    "Add": lambda _t, _a, a, b: a + b,
    "Mul": lambda _t, _a, a, b: a * b,
    "Concat": lambda _t, a, *x: torch.cat(x, a["axis"]),
    "Identity": lambda _t, _a, x: x,
    "MaxPool": pool(F.max_pool2d),
    "AveragePool": pool(F.avg_pool2d),
    "GlobalAveragePool": lambda _t, _a, x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda _t, a, x: x.flatten(a.get("axis", 1)),
    "Reshape": reshape,
    "Gemm": fully_connected,
}


def read_idx(path):
    with gzip.open(path, "rb") as file:
        data = file.read()
    dimensions = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(dimensions)


def made_up_images(count, generator):
    """Ten classes of bright squares, each at a place of its own, under noise."""
    labels = torch.randint(0, 10, (count,), generator=generator)
    images = torch.randint(0, 64, (count, 28, 28), generator=generator)
    for index, label in enumerate(labels.tolist()):
        row, column = 2 + 12 * (label % 2), 1 + 5 * (label // 2)
        images[index, row:row + 8, column:column + 5] += 120
    return images.float(), labels


def load_images(options, shape, generator):
    """Images as the network takes them, and labels: those to train on, and those to measure by."""
    total = options.images + options.held_out
    if options.data == "made-up":
        images, labels = made_up_images(total, generator)
    else:
        images = read_idx(os.path.join(options.data, "train-images-idx3-ubyte.gz"))
        labels = read_idx(os.path.join(options.data, "train-labels-idx1-ubyte.gz"))
        if total > len(images):
            raise ValueError(f"{total} images are asked for, {len(images)} are there")
        # The same ones for every network.
        chosen = torch.randperm(len(images), generator=generator)[:total].numpy()
        images, labels = torch.from_numpy(images[chosen]).float(), torch.from_numpy(labels[chosen]).long()
    images = (images / 255 - 0.286) / 0.353
    images = images[:, None].repeat(1, shape[0], 1, 1)
    if list(images.shape[2:]) != shape[1:]:
        images = F.interpolate(images, shape[1:], mode="bilinear", align_corners=False)
    return images[:options.images], labels[:options.images], images[options.images:], labels[options.images:]


def train(network, images, labels, options, generator):
    # Decay of weights is for those of convolutions and fully-connected operators alone.
    groups = [{"params": [p for p in network.parameters() if p.dim() > 1], "weight_decay": 5e-4},
              {"params": [p for p in network.parameters() if p.dim() <= 1], "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=options.rate, momentum=0.9, nesterov=True)
    steps = max(1, len(images) // options.batch) * options.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=steps, pct_start=0.2,
                                                   cycle_momentum=False)
    network.train()
    for _ in range(options.epochs):
        order = torch.randperm(len(images), generator=generator)
        for batch in range(max(1, len(images) // options.batch)):
            chosen = order[batch * options.batch:(batch + 1) * options.batch]
            loss = F.cross_entropy(network(images[chosen]), labels[chosen])
            if not torch.isfinite(loss):
                return "the loss is no finite number"
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return ""


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        right = sum((network(images[i:i + 500]).argmax(1) == labels[i:i + 500]).sum().item()
                    for i in range(0, len(images), 500))
    return right / len(images)


def main():
    parser = argparse.ArgumentParser(description="Train the candidate that stands on standard input as JSON.")
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist", help="its folder, or made-up")
    parser.add_argument("--images", type=int, default=6000, help="to train on")
    parser.add_argument("--held-out", type=int, default=2000, help="other images, to measure by")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.1, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", help="file for the trained network, as TorchScript")
    options = parser.parse_args()
    torch.set_num_threads(1)  # the search runs several of these side by side
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    candidate = json.load(sys.stdin)
    try:
        network = OnnxNetwork(candidate["onnx"])
        images, labels, held_images, held_labels = load_images(options, network.shape, generator)
    except (OSError, ValueError) as error:
        print(json.dumps({"failure": str(error)}))
        return
    failure = train(network, images, labels, options, generator)
    if failure:
        print(json.dumps({"failure": failure}))
        return
    if options.save:
        torch.jit.trace(network.eval(), held_images[:1]).save(options.save)
    print(json.dumps({"accuracy": accuracy(network, held_images, held_labels), "encoding": candidate["encoding"],
                      "parameters": sum(p.numel() for p in network.parameters())}))


if __name__ == "__main__":
    main()
