#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for a slow truth, to try `lanewise measure --with` on before the real one is at hand.

    lanewise measure mobilenet_v2 --hw ne-64 --rows 20 --engines 1 --with "python3 examples/slow_truth.py {json} 0.5" --allow-commands --out slow.sqlite

Reads the subgraph, sleeps so many seconds (default 1) and prints a roofline's cycles. A program of your own starts the RTL simulation or the board in place of the sleep, and prints what that says.
"""
import json
import sys
import time

asked = json.load(open(sys.argv[1]))
time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 1)
shape, engine = asked["subgraph"], asked["engine"]["values"]
macs_a_cycle = int(engine["engine.parallelism_factor"]) * int(engine["engine.dot_product_lanes"])
written = shape["batch"] * shape["out_channels"] * shape["out_height"] * shape["out_width"]
print(json.dumps({"cycles": 500 + max(shape["macs"] // macs_a_cycle, written // 4)}))
