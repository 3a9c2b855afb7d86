# SPDX-License-Identifier: Apache-2.0
"""Estimators: trained as the program trains them, asked by arrays."""

import pickle
import unittest

import numpy as np

import lanewise as lw
from support import ENGINE, SMALL, TRAINING, estimator, folder, model, program, program_json, refused, store
from lanewise import _tables


class Training(unittest.TestCase):
    def test_the_model_is_the_programs_byte_for_byte(self):
        path = folder() / "programs.lwm"
        program("train", store(), "--out", str(path), "--trees", "60", "--interval-folds", "2", "--quick")
        with open(model(), "rb") as ours:
            self.assertEqual(ours.read(), path.read_bytes())

    def test_accuracy_and_card_are_the_programs(self):
        self.assertTrue(estimator().accuracy().equals(_tables.read(program("evaluate", model(), "--csv"))))
        self.assertEqual(estimator().card, program_json("estimator", "show", model()))
        self.assertEqual(estimator().rows, estimator().card["training_rows"])

    def test_phases_are_told(self):
        phases = []
        lw.Estimator.train(store(), **{**TRAINING, "trees": 5}, progress=lambda phase, done, total: phases.append(phase))
        self.assertGreater(len(set(phases)), 1)

    def test_a_store_is_no_model(self):
        refused(self, lambda: lw.Estimator.load(store() + ".none"), "estimator", "show", store() + ".none")
        with self.assertRaisesRegex(lw.Error, "store"):
            lw.Estimator.load(store())


class Predicting(unittest.TestCase):
    def test_rows_are_predicted_as_estimates_are(self):
        network, engine = lw.Network(SMALL), lw.Engine(ENGINE)
        rows = lw.Rows(network, engine)
        prediction = estimator().predict(rows)
        self.assertEqual(prediction.latency_cycles.shape, (len(rows),))
        table = lw.estimate(network, engine, estimator()).table
        np.testing.assert_array_equal(prediction.latency_cycles, table["latency_cycles"])
        np.testing.assert_allclose(prediction.energy_pj / 1e6, table["energy_uj"], rtol=1e-12)
        np.testing.assert_array_equal(estimator().predict_latency(rows), prediction.latency_cycles)
        for threads in (2, 3):
            again = estimator().predict(rows, threads=threads)
            for one, other in zip(prediction, again):
                np.testing.assert_array_equal(one, other)

    def test_networks_are_predicted_as_estimates_are(self):
        networks = [lw.Network(SMALL), lw.Network("mobilenet_v2")]
        engines = [lw.Engine(ENGINE), lw.Engine("ne-512"), lw.Engine(ENGINE).set({"dram.bandwidth": 6.4e9})]
        prediction = estimator().predict(networks, engines)
        self.assertEqual(prediction.latency_cycles.shape, (2, 3))
        for n, network in enumerate(networks):
            for e, engine in enumerate(engines):
                answer = lw.estimate(network, engine, estimator())
                self.assertEqual(prediction.latency_cycles[n, e], answer.latency_cycles)
                self.assertAlmostEqual(prediction.energy_pj[n, e] / 1e6, answer.energy_uj, places=6)
                self.assertEqual(prediction.peak_sram_bytes[n, e], answer.peak_sram_bytes)

    def test_a_network_that_an_engine_cannot_run_is_not_a_number(self):
        without = lw.Engine(ENGINE).set({"engine.precision_rate.int16": 0})
        prediction = estimator().predict(lw.Network(SMALL, precision="int16"), [without, lw.Engine(ENGINE)])
        self.assertTrue(np.isnan(prediction.latency_cycles[0, 0]))
        self.assertTrue(np.isfinite(prediction.latency_cycles[0, 1]))

    def test_keys_give_the_same_rows(self):
        rows = lw.Rows([lw.Network(SMALL)], [lw.Engine(ENGINE), lw.Engine("ne-512")])
        table = rows.table()
        engines = [[lw.Engine(ENGINE), lw.Engine("ne-512")][number] for number in table["engine_number"]]
        again = lw.Rows.from_keys(table["subgraph_key"], engines)
        np.testing.assert_array_equal(again.features()[0], rows.features()[0])
        self.assertEqual(list(again.table()["engine_hash"]), list(table["engine_hash"]))
        with self.assertRaises(lw.Error):
            lw.Rows.from_keys(["no key"], lw.Engine(ENGINE))

    def test_a_pickled_estimator_answers_the_same(self):
        rows = lw.Rows(lw.Network(SMALL), lw.Engine(ENGINE))
        again = pickle.loads(pickle.dumps(estimator()))
        np.testing.assert_array_equal(again.predict_latency(rows), estimator().predict_latency(rows))


class StoreRows(unittest.TestCase):
    def test_rows_of_a_store_are_those_that_it_exports(self):
        rows = lw.Rows.from_store(store())
        table = rows.table()
        exported = lw.store_rows(store())
        exported = exported[exported["failure"] == ""].reset_index(drop=True)
        self.assertEqual(len(rows), len(exported))
        self.assertEqual(list(table["subgraph_key"]), list(exported["subgraph_key"]))
        for name in ("latency_cycles", "energy_pj", "peak_sram_bytes"):
            np.testing.assert_array_equal(table[name], exported[name])
        units = [name for name in exported.columns if name.endswith("dram.bandwidth_bytes_per_second")]
        self.assertEqual(len(units), 1)

    def test_splits_are_those_of_the_exported_data_set(self):
        data = folder() / "data"
        program("store", "export", store(), "--out", str(data))
        sides = _tables.read((data / "measurements.csv").read_text())
        if "failure" in sides:
            sides = sides[sides["failure"] == ""].reset_index(drop=True)
        table = lw.Rows.from_store(store()).table()
        for ours, theirs in (("held_out_random", "split_row"), ("held_out_unseen_engine", "split_engine"),
                             ("held_out_unseen_shape", "split_shape")):
            np.testing.assert_array_equal(table[ours], sides[theirs] == "test", ours)

    def test_features_say_the_analytical_latency(self):
        rows = lw.Rows.from_store(store())
        values, names = rows.features(threads=2)
        self.assertEqual(values.shape, (len(rows), len(lw.feature_names())))
        self.assertEqual(values.dtype, np.float32)
        self.assertEqual(names, lw.feature_names())
        self.assertEqual(len(set(names)), len(names))
        analytical = np.exp(values[:, names.index("log_reference_cycles")].astype(float))
        ratio = rows.table()["latency_cycles"] / analytical
        self.assertLess(abs(np.log(np.median(ratio))), np.log(2))


if __name__ == "__main__":
    unittest.main()
