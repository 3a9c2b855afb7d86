# SPDX-License-Identifier: Apache-2.0
"""What networks cost: the same numbers as the program's, as tables with units."""

import pickle
import unittest

import numpy as np
import pandas as pd

import lanewise as lw
from support import ENGINE, SMALL, estimator, model, program, program_json, refused
from lanewise import _tables


class Networks(unittest.TestCase):
    def test_a_network_is_what_the_program_reads(self):
        network = lw.Network("mobilenet_v2")
        shown = program_json("network", "show", "mobilenet_v2")
        self.assertEqual(network.json, shown)
        self.assertEqual(network.macs, network.layers()["macs"].sum())
        self.assertEqual(network.name, "mobilenet_v2")

    def test_settings_are_the_programs_options(self):
        network = lw.Network("mobilenet_v2", batch=4, precision="weights=int4,activations=int8", prune="2:4", cluster=16)
        shown = program_json("network", "show", "mobilenet_v2", "--batch", "4", "--precision",
                             "weights=int4,activations=int8", "--prune", "2:4", "--cluster", "16")
        self.assertEqual(network.json, shown)
        self.assertEqual(network.macs, 4 * lw.Network("mobilenet_v2").macs)

    def test_subgraphs_hold_all_macs(self):
        network = lw.Network(SMALL)
        table = network.subgraphs(lw.Engine(ENGINE))
        self.assertEqual(table["macs"].sum(), network.macs)
        self.assertEqual(table["parameters"].sum(), network.parameters)

    def test_an_exported_network_reads_back_the_same(self):
        import os
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.onnx")
            counts = lw.Network("ds_cnn_kws").export(path)
            self.assertGreater(counts["kept"], 0)
            self.assertEqual(lw.Network(path).macs, lw.Network("ds_cnn_kws").macs)

    def test_networks_and_engines_are_pickled(self):
        network = pickle.loads(pickle.dumps(lw.Network(SMALL, batch=2)))
        self.assertEqual(network.hash, lw.Network(SMALL, batch=2).hash)
        engine = lw.Engine(ENGINE).set(engine__parallelism_factor=32)
        self.assertEqual(pickle.loads(pickle.dumps(engine)), engine)


class Engines(unittest.TestCase):
    def test_set_gives_another_engine(self):
        engine = lw.Engine(ENGINE)
        wide = engine.set({"dram.bandwidth": "6.4 GB/s"}, engine__parallelism_factor=32)
        self.assertEqual(wide["dram.bandwidth"], "6.4 GB/s")
        self.assertEqual(wide.number("engine.parallelism_factor"), 32)
        self.assertEqual(engine["dram.bandwidth"], "3.2 GB/s")
        self.assertNotEqual(wide, engine)
        self.assertEqual(wide.set({"dram.bandwidth": "3.2 GB/s", "engine.parallelism_factor": 16}), engine)

    def test_a_number_is_in_the_unit_of_its_column(self):
        engine = lw.Engine(ENGINE)
        self.assertEqual(engine.set({"dram.bandwidth": 6.4e9})["dram.bandwidth"], "6.4 GB/s")
        self.assertEqual(engine.set({"memory.bank_size": 16384})["memory.bank_size"], "16 KiB")
        self.assertEqual(engine.set({"mapping.cascade": True})["mapping.cascade"], "true")

    def test_every_number_of_the_keys_sets_the_same_value(self):
        engine = lw.Engine(ENGINE)
        keys = engine.keys()
        self.assertEqual(list(keys.index), [row for row in lw._core.key_names()])
        checked = 0
        for key, row in keys.iterrows():
            if row["unit"]:
                self.assertEqual(lw._core.key_number(key, lw._core.key_text(key, row["number"])), row["number"], key)
                self.assertEqual(lw._core.key_text(key, row["number"]), row["value"], key)
                checked += 1
        self.assertGreater(checked, 20)

    def test_keys_are_those_that_the_program_shows(self):
        self.assertEqual(lw.Engine(ENGINE).json, program_json("engine", "show", ENGINE))

    def test_mistakes_are_the_programs_lines(self):
        refused(self, lambda: lw.Engine("ne-257"), "simulate", SMALL, "--hw", "ne-257")
        refused(self, lambda: lw.Network("no_such_network"), "simulate", "no_such_network", "--hw", ENGINE)
        refused(self, lambda: lw.Engine(ENGINE).set({"engine.parallelism": 4}), "simulate", SMALL, "--hw", ENGINE,
                "--set", "engine.parallelism=4")
        refused(self, lambda: lw.Engine(ENGINE).set({"dram.bandwidth": "fast"}), "simulate", SMALL, "--hw", ENGINE,
                "--set", "dram.bandwidth=fast")
        refused(self, lambda: lw.Network(SMALL, dim={"nothing": 3}), "simulate", SMALL, "--hw", ENGINE, "--dim",
                "nothing=3")


class Answers(unittest.TestCase):
    def test_a_simulated_answer_is_the_programs(self):
        engine = lw.Engine(ENGINE).set({"dram.bandwidth": "6.4 GB/s"})
        answer = lw.simulate(lw.Network(SMALL, batch=2), engine)
        shown = program_json("simulate", SMALL, "--batch", "2", "--hw", ENGINE, "--set", "dram.bandwidth=6.4 GB/s")
        self.assertEqual(answer.json, shown)
        self.assertEqual(answer.latency_cycles, shown["total"]["latency_cycles"])
        self.assertEqual(answer.source, "simulated")
        self.assertIsNone(answer.interval_cycles)

    def test_a_profile_is_the_programs(self):
        answer = lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE), profile=True)
        self.assertEqual(answer.json, program_json("simulate", SMALL, "--hw", ENGINE, "--profile"))
        self.assertIn("percent_of_roofline", answer.table.columns)

    def test_every_total_is_an_attribute(self):
        answer = lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE))
        for name in ("latency_cycles", "latency_ms", "inferences_per_second", "macs", "parameters", "parameter_bytes",
                     "utilization", "energy_uj", "average_power_mw", "area_mm2", "dram_bytes", "peak_sram_bytes",
                     "peak_activation_bytes", "bound_by", "host_share_percent"):
            self.assertEqual(getattr(answer, name), answer.json["total"][name])

    def test_the_table_has_numbers_and_words(self):
        answer = lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE))
        table = answer.table
        self.assertEqual(table["macs"].sum(), answer.macs)
        self.assertTrue(pd.api.types.is_numeric_dtype(table["latency_cycles"]))
        self.assertEqual(table["block"].dtype, object)
        self.assertEqual(set(table["engine"]), {ENGINE})

    def test_an_estimate_is_the_programs(self):
        answer = lw.estimate(lw.Network(SMALL), lw.Engine(ENGINE), estimator(), level=0.8)
        shown = program_json("estimate", SMALL, "--hw", ENGINE, "--estimator", model(), "--level", "0.8")
        self.assertEqual(answer.json, shown)
        low, high = answer.interval_cycles
        self.assertLessEqual(low, answer.latency_cycles)
        self.assertLessEqual(answer.latency_cycles, high)

    def test_an_engine_that_cannot_run_the_network_is_the_programs_line(self):
        small = lw.Engine(ENGINE).set({"engine.precision_rate.int16": 0})
        refused(self, lambda: lw.simulate(lw.Network(SMALL, precision="int16"), small), "simulate", SMALL, "--precision",
                "int16", "--hw", ENGINE, "--set", "engine.precision_rate.int16=0")


class Sweeps(unittest.TestCase):
    def test_two_hundred_engines_are_the_programs_rows(self):
        vary = {"engine.parallelism_factor": [4, 8, 16, 32, 64], "engine.dot_product_lanes": [4, 8, 16, 32],
                "dram.bandwidth": [f"{gb} GB/s" for gb in (0.8, 1.6, 2.4, 3.2, 4.8, 6.4, 9.6, 12.8, 19.2, 25.6)]}
        frame = lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), vary, jobs=2)
        self.assertEqual(len(frame), 200)
        words = ["sweep", SMALL, "--hw", ENGINE, "--jobs", "2", "--csv"]
        for key, values in vary.items():
            words += ["--vary", f"{key}={','.join(str(value) for value in values)}"]
        shown = _tables.read(program(*words))
        self.assertEqual(list(frame.columns),
                         [name if name != "dram.bandwidth" else "dram.bandwidth_bytes_per_second" for name in shown.columns])
        for name in shown.columns:
            if name == "dram.bandwidth":
                expected = [float(text.split()[0]) * 1e9 for text in shown[name]]
                np.testing.assert_allclose(frame["dram.bandwidth_bytes_per_second"], expected, rtol=1e-12)
            else:
                self.assertTrue(frame[name].equals(shown[name]), name)
        self.assertTrue(frame["pareto"].dtype == bool and frame["pareto"].any() and not frame["pareto"].all())
        self.assertEqual(frame.attrs["source"], "simulated")

    def test_rows_do_not_depend_on_the_processes(self):
        vary = {"dram.bandwidth": [1.6e9, 3.2e9]}
        one = lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), vary, jobs=1)
        self.assertTrue(one.equals(lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), vary, jobs=2)))

    def test_sizes_and_engines_vary_together(self):
        frame = lw.sweep([lw.Network(SMALL), lw.Network("ds_cnn_kws")], lw.Engine(ENGINE),
                         {"batch": [1, 2], "engine.parallelism_factor": [8, 16]}, by="estimate", estimator=estimator())
        self.assertEqual(len(frame), 8)
        self.assertEqual(sorted(set(frame["batch"])), [1, 2])
        shown = program("sweep", SMALL, "ds_cnn_kws", "--hw", ENGINE, "--vary", "batch=1,2", "--vary",
                        "engine.parallelism_factor=8,16", "--by", "estimate", "--estimator", model(), "--csv")
        self.assertTrue(frame.equals(_tables.read(shown)))

    def test_limits_and_order_are_the_programs(self):
        frame = lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), {"engine.parallelism_factor": [8, 16, 32]}, jobs=1,
                         objectives=["latency_ms", "area_mm2"], limits="area_mm2<=1.1*baseline", sort="latency_ms", top=2)
        shown = program("sweep", SMALL, "--hw", ENGINE, "--vary", "engine.parallelism_factor=8,16,32", "--objectives",
                        "latency_ms,area_mm2", "--limit", "area_mm2<=1.1*baseline", "--sort", "latency_ms", "--top", "2",
                        "--csv")
        self.assertTrue(frame.equals(_tables.read(shown)))

    def test_a_value_that_no_engine_takes_is_the_programs_line(self):
        refused(self, lambda: lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), {"dram.bandwidth": ["a lot"]}, jobs=1),
                "sweep", SMALL, "--hw", ENGINE, "--vary", "dram.bandwidth=a lot", "--jobs", "1")


if __name__ == "__main__":
    unittest.main()
