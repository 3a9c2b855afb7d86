#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the shipped networks from Debian's torchvision: topologies only, as ONNX with the weights stripped.

    /usr/bin/python3 scripts/make_models.py FOLDER

Needs the packages python3-torchvision and python3-onnx; nothing is downloaded. Each network is exported with made-up
weights in inference mode, so that batch normalizations fold into the convolutions before them. Initializers of more than
64 elements then become typed graph inputs, and the metadata key `weights` = `stripped:inputs` says so. The same
packages give the same bytes.
"""

import argparse
import contextlib
import io
import pathlib
import sys

import onnx
import torch
import torchvision

OPSET = 17
KEPT_ELEMENTS = 64  # initializers up to this size stay: scalars, resize factors, short biases
WEIGHTS_KEY, WEIGHTS_VALUE = "weights", "stripped:inputs"


class SegmentationOutput(torch.nn.Module):
    """A segmentation network's one output, without the dictionary around it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image)["out"]


class DetectionHeads(torch.nn.Module):
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
    build = getattr(torchvision.models.segmentation, name)
    return lambda: SegmentationOutput(build(weights=None, weights_backbone=None, **arguments))


def detector(name):
    build = getattr(torchvision.models.detection, name)
    return lambda: DetectionHeads(build(weights=None, weights_backbone=None))


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


def strip_weights(model):
    kept = []
    for initializer in model.graph.initializer:
        elements = 1
        for dimension in initializer.dims:
            elements *= dimension
        if elements > KEPT_ELEMENTS:
            model.graph.input.append(
                onnx.helper.make_tensor_value_info(initializer.name, initializer.data_type, initializer.dims)
            )
        else:
            kept.append(initializer)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    entry = model.metadata_props.add()
    entry.key, entry.value = WEIGHTS_KEY, WEIGHTS_VALUE


def make(name):
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
    unknown = sorted(set(arguments.names) - set(NETWORKS))
    if unknown:
        parser.error(f"unknown network {unknown[0]}; known: {', '.join(NETWORKS)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or NETWORKS:
        data = make(name)
        path = arguments.folder / f"{name}.onnx"
        path.write_bytes(data)
        print(f"{path}: {len(data)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
