#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An accuracy oracle of one's own: scores a candidate network for a search.

A space file names it, and a search asks it once per network:

    accuracy:
      command: [python3, own_accuracy.py]
      timeout: 600 s
      jobs: 4

The candidate comes as JSON on standard input (and as the file at "json"), the network as an ONNX file at "onnx".
The answer is one JSON object on standard output: {"accuracy": 0.71}, or {"failure": "why there is none"}. Here a
real program would train the network, or score it without training. This one stays free of packages: it reads off the
file how large the network is, and gives a curve that saturates with parameters and MACs.
"""

import json
import math
import sys


def main():
    candidate = json.load(sys.stdin)
    with open(candidate["onnx"], "rb") as file:
        if not file.read(1):
            print(json.dumps({"failure": "the ONNX file is empty"}))
            return
    if candidate["parameters"] == 0:
        print(json.dumps({"failure": "nothing to train"}))
        return
    parameters = math.log10(candidate["parameters"])
    macs = math.log10(max(candidate["macs"], 1))
    score = 1 - math.exp(-0.15 * parameters - 0.08 * macs)
    print(json.dumps({"accuracy": round(score, 6), "encoding": candidate["encoding"]}))


if __name__ == "__main__":
    main()
