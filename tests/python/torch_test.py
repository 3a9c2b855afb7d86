# SPDX-License-Identifier: Apache-2.0
"""Networks of PyTorch modules, where torch is installed."""

import importlib.util
import os
import tempfile
import unittest

import lanewise as lw
from support import ENGINE


@unittest.skipUnless(importlib.util.find_spec("torch"), "torch is not installed (scripts/install-packages --torch)")
class FromTorch(unittest.TestCase):
    def module(self):
        import torch

        return torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3, stride=2, padding=1), torch.nn.BatchNorm2d(16), torch.nn.ReLU(),
                                   torch.nn.Conv2d(16, 16, 3, padding=1, groups=16), torch.nn.AdaptiveAvgPool2d(1),
                                   torch.nn.Flatten(), torch.nn.Linear(16, 10))

    def test_a_module_is_a_network(self):
        import torch

        module = self.module().train()
        network = lw.Network.from_torch(module, torch.zeros(2, 3, 32, 32), name="mine")
        self.assertEqual(network.name, "mine")
        # Multiply-accumulates by hand: 16x16 pixels of 3x3x3x16 and of 3x3x16, and the last layer, of two images.
        self.assertEqual(network.macs, 2 * (256 * 27 * 16 + 256 * 9 * 16 + 160))
        self.assertTrue(module.training)
        self.assertGreater(lw.simulate(network, lw.Engine(ENGINE)).latency_cycles, 0)
        self.assertEqual(network.with_sizes(batch=4).macs, 2 * network.macs)

    def test_its_weights_are_exported(self):
        import torch

        network = lw.Network.from_torch(self.module(), torch.zeros(1, 3, 32, 32))
        with tempfile.TemporaryDirectory() as folder:
            counts = network.export(os.path.join(folder, "out.onnx"))
        self.assertGreater(counts["kept"], 0)
        self.assertEqual(counts["stripped"], 0)


if __name__ == "__main__":
    unittest.main()
