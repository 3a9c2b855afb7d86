# SPDX-License-Identifier: Apache-2.0
"""Times a training step of ours and of PyTorch, turn by turn. benchmarks/training_step says how it is called.

With `--turn LAYOUT ENCODING STEPS` this is one of PyTorch's turns: a list of CPU seconds, one per step.
"""
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time

BATCH = 512
STRIDES = {"A": (1, 2, 2, 2, 1), "B": (2, 1, 2, 2, 1), "C": (2, 2, 2, 1, 1), "D": (1, 1, 2, 2, 1)}
# Each pattern of strides, both activations, every type of block.
ENCODINGS = [
    "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128",
    "C-r-1-s12/i5e4c28r2/i3e1c12r1/i3e2c28r1/i3e4c32r1/h0",
    "B-h-1-s8/f3e1c28r2/c5e1c40r1/i3e4c16r2/x/h64",
    "B-r-1.5-s8/d3e1c32r1/d3e1c12r1/d5e1c24r2/d3e1c52r2/h64",
    "A-h-1-s12/i3e1c16r2/f5e2c32r2/f5e1c28r1/d3e1c64r2/h128",
]


def build(encoding):
    """The network of an encoding, as one writes it with torch.nn."""
    from torch import nn

    class Block(nn.Module):
        def __init__(self, body, adds):
            super().__init__()
            self.body = body
            self.adds = adds

        def forward(self, x):
            return x + self.body(x) if self.adds else self.body(x)

    pattern, act, repeat, rest = encoding.split("-", 3)
    parts = rest.split("/")

    def unit(inputs, outputs, kernel, stride=1, groups=1, activated=True):
        layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
        if activated:
            layers.append(nn.ReLU(inplace=True) if act == "r" else nn.Hardswish(inplace=True))
        return layers

    channels = int(parts[0][1:])
    layers = unit(1, channels, 3, STRIDES[pattern][0])
    for stage, text in enumerate(parts[1:5]):
        if text == "x":
            continue
        kind, numbers = text[0], re.match(r"(\d)e(\d)c(\d+)r(\d)", text[1:]).groups()
        kernel, expansion, outputs, repeats = map(int, numbers)
        for block in range(math.ceil(repeats * float(repeat))):
            stride = STRIDES[pattern][stage + 1] if block == 0 else 1
            wide = expansion * channels
            if kind == "i":
                body = unit(channels, wide, 1) if expansion > 1 else []
                body += unit(wide, wide, kernel, stride, wide) + unit(wide, outputs, 1, activated=False)
            elif kind == "f":
                body = unit(channels, wide, kernel, stride) + unit(wide, outputs, 1, activated=False)
            elif kind == "c":
                body = unit(channels, outputs, kernel, stride)
            else:
                body = unit(channels, channels, kernel, stride, channels) + unit(channels, outputs, 1)
            layers.append(Block(nn.Sequential(*body), kind in "if" and stride == 1 and channels == outputs))
            channels = outputs
    head = int(parts[5][1:])
    if head:
        layers += unit(channels, head, 1)
        channels = head
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def turn(layout, encoding, steps):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = build(encoding)
    images, labels = torch.randn(BATCH, 1, 28, 28), torch.randint(0, 10, (BATCH,))
    if layout == "channels_last":
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9, nesterov=True)
    loss_of = torch.nn.CrossEntropyLoss()
    seconds = []
    for _ in range(steps):
        begin = time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        seconds.append(time.process_time() - begin)
    print(json.dumps(seconds))


def run(words):
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)[1:]


def main(arguments):
    program, rounds, steps, as_json, encodings = arguments[0], 5, 6, False, []
    words = iter(arguments[1:])
    for word in words:
        if word == "--rounds":
            rounds = int(next(words))
        elif word == "--steps":
            steps = int(next(words))
        elif word == "--json":
            as_json = True
        else:
            encodings.append(word)
    rows = []
    for encoding in encodings or ENCODINGS:
        taken = {"ours": [], "usual": [], "channels_last": []}
        for _ in range(rounds):
            taken["ours"] += run([program, "spaces/fm28.yaml", encoding, str(steps)])
            for layout in ("usual", "channels_last"):
                taken[layout] += run([sys.executable, __file__, "--turn", layout, encoding, str(steps)])
        median = {name: statistics.median(values) for name, values in taken.items()}
        rows.append({
            "encoding": encoding,
            "cpu_seconds": round(median["ours"], 4),
            "pytorch_cpu_seconds": round(median["usual"], 4),
            "pytorch_channels_last_cpu_seconds": round(median["channels_last"], 4),
            "ratio": round(median["ours"] / median["usual"], 3),
            "ratio_to_channels_last": round(median["ours"] / median["channels_last"], 3),
        })
        print(json.dumps(rows[-1]), file=sys.stderr)
    result = {
        "batch": BATCH,
        "steps_each": rounds * (steps - 1),
        "median_ratio": statistics.median(row["ratio"] for row in rows),
        "largest_ratio": max(row["ratio"] for row in rows),
        "median_ratio_to_channels_last": statistics.median(row["ratio_to_channels_last"] for row in rows),
        "networks": rows,
    }
    text = json.dumps(result, indent=2) + "\n"
    if not as_json:
        os.makedirs("benchmarks/results", exist_ok=True)
        with open("benchmarks/results/training_step.json", "w") as file:
            file.write(text)
    sys.stdout.write(text)
    return 0 if result["largest_ratio"] <= 1 else 1


if __name__ == "__main__":
    if sys.argv[1] == "--turn":
        turn(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(main(sys.argv[1:]))
