#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the shipped networks: topologies only, as ONNX with the weights stripped.

    /usr/bin/python3 scripts/make_models.py FOLDER

Needs the packages python3-torchvision and python3-onnx (the decoder only the latter); nothing is downloaded. Each network
of torchvision is exported with made-up weights in inference mode, so that batch normalizations fold into the convolutions
before them; the decoder is written down operator by operator. Initializers of more than 64 elements then become typed
graph inputs, and the metadata key `weights` = `stripped:inputs` says so. The same packages give the same bytes.
"""

import argparse
import contextlib
import io
import math
import pathlib
import sys

import onnx

try:
    import torch
    import torchvision
except ModuleNotFoundError:  # enough for the decoder
    torch = torchvision = None

OPSET = 17
KEPT_ELEMENTS = 64  # initializers up to this size stay: scalars, resize factors, short biases
WEIGHTS_KEY, WEIGHTS_VALUE = "weights", "stripped:inputs"


Module = torch.nn.Module if torch else object


class SegmentationOutput(Module):
    """A segmentation network's one output, without the dictionary around it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image)["out"]


class DetectionHeads(Module):
    """Backbone and heads of a detector: the part that an engine runs, without anchors and non-maximum suppression."""

    def __init__(self, network):
        super().__init__()
        self.backbone = network.backbone
        self.head = network.head

    def forward(self, image):
        heads = self.head(list(self.backbone(image).values()))
        return heads["bbox_regression"], heads["cls_logits"]


def classifier(name):
    return lambda: getattr(torchvision.models, name)(weights=None)


def segmentation(name, **arguments):
    def build():
        network = getattr(torchvision.models.segmentation, name)
        return SegmentationOutput(network(weights=None, weights_backbone=None, **arguments))

    return build


def detector(name):
    def build():
        return DetectionHeads(getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None))

    return build


# name: (builder, height and width of the input, names of the outputs)
NETWORKS = {
    "mobilenet_v2": (classifier("mobilenet_v2"), 224, ["logits"]),
    "mobilenet_v3_large": (classifier("mobilenet_v3_large"), 224, ["logits"]),
    "efficientnet_b0": (classifier("efficientnet_b0"), 224, ["logits"]),
    "resnet18": (classifier("resnet18"), 224, ["logits"]),
    "resnet50": (classifier("resnet50"), 224, ["logits"]),
    "regnet_y_400mf": (classifier("regnet_y_400mf"), 224, ["logits"]),
    "shufflenet_v2_x1_0": (classifier("shufflenet_v2_x1_0"), 224, ["logits"]),
    "mnasnet1_0": (classifier("mnasnet1_0"), 224, ["logits"]),
    "squeezenet1_1": (classifier("squeezenet1_1"), 224, ["logits"]),
    "vit_b_16": (classifier("vit_b_16"), 224, ["logits"]),
    "convnext_tiny": (classifier("convnext_tiny"), 224, ["logits"]),
    "swin_t": (classifier("swin_t"), 224, ["logits"]),
    "lraspp_mobilenet_v3_large": (segmentation("lraspp_mobilenet_v3_large"), 224, ["out"]),
    "deeplabv3_mobilenet_v3_large": (segmentation("deeplabv3_mobilenet_v3_large", aux_loss=False), 224, ["out"]),
    "ssdlite320_mobilenet_v3_large": (
        detector("ssdlite320_mobilenet_v3_large"),
        320,
        ["bbox_regression", "cls_logits"],
    ),
}


class Decoder:
    """A decoder of language with grouped queries, as exporters write one: `tokens` new tokens behind `past` cached ones.

    RMS normalization, rotary positions, SwiGLU; the head sees the last token alone. Positions and masks are numbers that the
    exporter computes, so they stay in the file.
    """

    LAYERS, WIDTH, HEADS, KV_HEADS, DEPTH, HIDDEN, VOCABULARY = 4, 512, 8, 2, 64, 1408, 8192
    KEPT = {"cos", "sin"}

    def __init__(self, tokens, past):
        self.tokens, self.past = tokens, past
        self.nodes, self.inputs, self.outputs, self.initializers = [], [], [], []

    def add(self, kind, inputs, name, **attributes):
        self.nodes.append(onnx.helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name, values, shape, kind=onnx.TensorProto.FLOAT):
        if all(name != known.name for known in self.initializers):
            self.initializers.append(onnx.helper.make_tensor(name, kind, shape, values))
        return name

    def integers(self, name, values):
        return self.constant(name, values, [len(values)], onnx.TensorProto.INT64)

    def weight(self, name, shape):
        self.inputs.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        return name

    def product(self, x, name, inputs, outputs):
        return self.add("MatMul", [x, self.weight(f"{name}.weight", [inputs, outputs])], name)

    def normalization(self, x, name):
        square = self.add("Pow", [x, self.constant("two", [2.0], [])], f"{name}.square")
        mean = self.add("ReduceMean", [square], f"{name}.mean", axes=[-1], keepdims=1)
        sum_ = self.add("Add", [mean, self.constant("epsilon", [1e-6], [])], f"{name}.sum")
        root = self.add("Sqrt", [sum_], f"{name}.root")
        scaled = self.add("Div", [x, root], f"{name}.scaled")
        return self.add("Mul", [scaled, self.weight(f"{name}.weight", [self.WIDTH])], name)

    def heads(self, x, name, count):
        shape = self.integers(f"heads.{count}", [1, self.tokens, count, self.DEPTH])
        apart = self.add("Reshape", [x, shape], f"{name}.apart")
        return self.add("Transpose", [apart], f"{name}.heads", perm=[0, 2, 1, 3])

    def rotated(self, x, name):
        half = self.DEPTH // 2
        bounds = [self.integers(f"at.{n}", [n]) for n in (0, half, self.DEPTH)]
        axis = self.integers("last", [3])
        low = self.add("Slice", [x, bounds[0], bounds[1], axis], f"{name}.low")
        high = self.add("Slice", [x, bounds[1], bounds[2], axis], f"{name}.high")
        turned = self.add("Concat", [self.add("Neg", [high], f"{name}.negative"), low], f"{name}.turned", axis=3)
        by_cos = self.add("Mul", [x, "cos"], f"{name}.by_cos")
        by_sin = self.add("Mul", [turned, "sin"], f"{name}.by_sin")
        return self.add("Add", [by_cos, by_sin], f"{name}.rotated")

    def cached(self, x, layer, what):
        """The cache with the new entries, and the same once for every query head."""
        total = self.past + self.tokens
        shape = [1, self.KV_HEADS, total, self.DEPTH]
        present = f"present.{layer}.{what}"
        if self.past:
            past = f"past.{layer}.{what}"
            self.inputs.append(
                onnx.helper.make_tensor_value_info(
                    past, onnx.TensorProto.FLOAT, [1, self.KV_HEADS, self.past, self.DEPTH]
                )
            )
            self.add("Concat", [past, x], present, axis=2)
        else:
            self.add("Identity", [x], present)
        self.outputs.append(onnx.helper.make_tensor_value_info(present, onnx.TensorProto.FLOAT, shape))
        share = self.HEADS // self.KV_HEADS
        apart = self.add("Unsqueeze", [present, self.integers("second", [2])], f"{present}.apart")
        often = self.integers("shared", [1, self.KV_HEADS, share, total, self.DEPTH])
        shared = self.add("Expand", [apart, often], f"{present}.shared")
        together = self.integers("all_heads", [1, self.HEADS, total, self.DEPTH])
        return self.add("Reshape", [shared, together], f"{present}.all")

    def attention(self, x, layer):
        name, narrow = f"layer{layer}", self.KV_HEADS * self.DEPTH
        query = self.heads(self.product(x, f"{name}.q", self.WIDTH, self.WIDTH), f"{name}.q", self.HEADS)
        key = self.heads(self.product(x, f"{name}.k", self.WIDTH, narrow), f"{name}.k", self.KV_HEADS)
        value = self.heads(self.product(x, f"{name}.v", self.WIDTH, narrow), f"{name}.v", self.KV_HEADS)
        keys = self.cached(self.rotated(key, f"{name}.k"), layer, "key")
        values = self.cached(value, layer, "value")
        turned = self.add("Transpose", [keys], f"{name}.keys", perm=[0, 1, 3, 2])
        scores = self.add("MatMul", [self.rotated(query, f"{name}.q"), turned], f"{name}.scores")
        scaled = self.add("Mul", [scores, self.constant("scale", [self.DEPTH**-0.5], [])], f"{name}.scaled")
        if self.tokens > 1:
            scaled = self.add("Add", [scaled, "mask"], f"{name}.masked")
        weights = self.add("Softmax", [scaled], f"{name}.softmax", axis=-1)
        mixed = self.add("MatMul", [weights, values], f"{name}.mixed")
        rows = self.add("Transpose", [mixed], f"{name}.rows", perm=[0, 2, 1, 3])
        joined = self.add("Reshape", [rows, self.integers("width", [1, self.tokens, self.WIDTH])], f"{name}.joined")
        return self.product(joined, f"{name}.o", self.WIDTH, self.WIDTH)

    def feed_forward(self, x, layer):
        name = f"layer{layer}"
        gate = self.product(x, f"{name}.gate", self.WIDTH, self.HIDDEN)
        sigmoid = self.add("Sigmoid", [gate], f"{name}.sigmoid")
        silu = self.add("Mul", [gate, sigmoid], f"{name}.silu")
        up = self.product(x, f"{name}.up", self.WIDTH, self.HIDDEN)
        return self.product(self.add("Mul", [silu, up], f"{name}.gated"), f"{name}.down", self.HIDDEN, self.WIDTH)

    def mask(self):
        """Minus a lot where a token would see a later one; the importer folds it."""
        zero = self.constant("zero", [0], [], onnx.TensorProto.INT64)
        one = self.constant("one", [1], [], onnx.TensorProto.INT64)
        count = self.constant("count", [self.tokens], [], onnx.TensorProto.INT64)
        place = self.add("Range", [zero, count, one], "place")
        row = self.add("Reshape", [place, self.integers("as_column", [self.tokens, 1])], "row")
        later = self.add("Greater", [place, row], "later")
        low, none = self.constant("low", [-1e9], []), self.constant("none", [0.0], [])
        self.add("Where", [later, low, none], "mask")

    def positions(self):
        angles = [
            [place * 10000.0 ** (-2 * i / self.DEPTH) for i in range(self.DEPTH // 2)] * 2
            for place in range(self.past, self.past + self.tokens)
        ]
        for name, function in (("cos", math.cos), ("sin", math.sin)):
            self.constant(name, [function(a) for row in angles for a in row], [1, 1, self.tokens, self.DEPTH])

    def model(self):
        self.inputs.append(onnx.helper.make_tensor_value_info("tokens", onnx.TensorProto.INT64, [1, self.tokens]))
        self.positions()
        if self.tokens > 1:
            self.mask()
        x = self.add("Gather", [self.weight("embedding", [self.VOCABULARY, self.WIDTH]), "tokens"], "embedded", axis=0)
        for layer in range(self.LAYERS):
            attended = self.attention(self.normalization(x, f"layer{layer}.norm1"), layer)
            x = self.add("Add", [x, attended], f"layer{layer}.residual1")
            fed = self.feed_forward(self.normalization(x, f"layer{layer}.norm2"), layer)
            x = self.add("Add", [x, fed], f"layer{layer}.residual2")
        if self.tokens > 1:
            bounds = [self.integers(f"at.{n}", [n]) for n in (self.tokens - 1, self.tokens)]
            x = self.add("Slice", [x, *bounds, self.integers("token_axis", [1])], "last_token")
        self.product(self.normalization(x, "norm"), "logits", self.WIDTH, self.VOCABULARY)
        logits = onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1, 1, self.VOCABULARY])
        graph = onnx.helper.make_graph(self.nodes, "decoder", self.inputs, [logits, *self.outputs], self.initializers)
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)])
        model.ir_version = 8
        return model


# name: (tokens of a step, tokens in the cache before it)
DECODERS = {"decoder_prefill": (128, 0), "decoder_decode": (1, 511)}


# Traced with sizes as plain numbers: thousands of nodes of shape arithmetic, which all fold away, would be most of the file.
PLAIN_SIZES = {"swin_t"}


@contextlib.contextmanager
def plain_sizes():
    torch.Tensor.shape = property(lambda tensor: torch.Size(int(size) for size in tensor.size()))
    try:
        yield
    finally:
        del torch.Tensor.shape  # the one of the base class comes back


def fill(network):
    """Gives every parameter values of its own: the exporter merges initializers that are equal, such as biases of zeros."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in list(network.named_parameters()) + list(network.named_buffers()):
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)


def export(network, size, outputs):
    buffer = io.BytesIO()
    torch.onnx.export(
        network,
        torch.zeros(1, 3, size, size),
        buffer,
        opset_version=OPSET,
        input_names=["image"],
        output_names=outputs,
    )
    return onnx.load_from_string(buffer.getvalue())


def strip_weights(model, keep=frozenset()):
    kept = []
    for initializer in model.graph.initializer:
        elements = 1
        for dimension in initializer.dims:
            elements *= dimension
        if elements > KEPT_ELEMENTS and initializer.name not in keep:
            model.graph.input.append(
                onnx.helper.make_tensor_value_info(initializer.name, initializer.data_type, initializer.dims)
            )
        else:
            kept.append(initializer)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    entry = model.metadata_props.add()
    entry.key, entry.value = WEIGHTS_KEY, WEIGHTS_VALUE


def make_decoder(name):
    model = Decoder(*DECODERS[name]).model()
    model.graph.name = name
    strip_weights(model, Decoder.KEPT)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def make(name):
    if name in DECODERS:
        return make_decoder(name)
    build, size, outputs = NETWORKS[name]
    network = build().eval()
    fill(network)
    with plain_sizes() if name in PLAIN_SIZES else contextlib.nullcontext():
        model = export(network, size, outputs)
    model.graph.name = name
    strip_weights(model)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="where the .onnx files go")
    parser.add_argument("names", nargs="*", metavar="NAME", help="networks to make (default: all)")
    arguments = parser.parse_args()
    known = [*NETWORKS, *DECODERS]
    unknown = sorted(set(arguments.names) - set(known))
    if unknown:
        parser.error(f"unknown network {unknown[0]}; known: {', '.join(known)}")
    if torch is None and set(arguments.names or known) & set(NETWORKS):
        parser.error("the networks of torchvision need the package python3-torchvision")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or known:
        data = make(name)
        path = arguments.folder / f"{name}.onnx"
        path.write_bytes(data)
        print(f"{path}: {len(data)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
