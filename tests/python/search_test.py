# SPDX-License-Identifier: Apache-2.0
"""Searches: a loop of one's own by ask and tell meets the candidates of the search in C++."""

import pickle
import unittest

import numpy as np

import lanewise as lw
from support import ENGINE, SMALL, estimator, program_json, refused


def moves() -> lw.Space:
    return lw.Space("codesign", lw.Network(SMALL), lw.Engine(ENGINE))


def own_loop(problem: lw.Problem, evaluations: int, **options) -> lw.Search:
    search = lw.Search(problem, **options)
    while len(search) < evaluations:
        batch = search.ask()[:evaluations - len(search)]
        if not batch:
            break
        search.tell(batch, *problem.evaluate(batch))
    return search


class Spaces(unittest.TestCase):
    def test_genes_are_those_that_the_program_shows(self):
        space = moves()
        shown = program_json("space", "show", "codesign", SMALL, "--hw", ENGINE)
        self.assertEqual(list(space.genes().index), [gene["name"] for gene in shown["genes"]])
        self.assertEqual(list(space.genes()["part"]), [gene["part"] for gene in shown["genes"]])
        self.assertEqual(list(space.genes()["values"]), [gene["values"] for gene in shown["genes"]])
        self.assertEqual(space.default, shown["encoding"])
        self.assertEqual(space.left_out, shown["left_out"])
        self.assertEqual(space.size, np.prod([float(len(values)) for values in space.genes()["values"]]))

    def test_encodings_and_genotypes_are_the_same_designs(self):
        space = moves()
        drawn = space.sample(40, seed=5)
        self.assertEqual(len(set(drawn)), 40)
        self.assertEqual(drawn, space.sample(40, seed=5))
        self.assertNotEqual(drawn, space.sample(40, seed=6))
        for encoding in drawn:
            self.assertEqual(space.encode(space.decode(encoding)), encoding)
            values = space.values(encoding)
            self.assertEqual(list(values), list(space.genes().index))

    def test_a_design_is_its_network_and_its_engine(self):
        space = moves()
        for encoding in space.sample(60, seed=2):
            try:
                engine = space.engine(encoding)
            except lw.Error:
                continue  # values that the engine refuses together
            for key, value in space.values(encoding).items():
                if key in lw._core.key_names():
                    self.assertEqual(engine[key], value)
            break
        self.assertEqual(space.network(space.default).macs, lw.Network(SMALL).macs)

    def test_a_space_of_networks_needs_no_engine(self):
        space = lw.Space("fm28")
        network = space.network(space.sample(1)[0])
        self.assertGreater(network.macs, 0)
        self.assertEqual(pickle.loads(pickle.dumps(network)).hash, network.hash)
        with self.assertRaisesRegex(lw.Error, "engine="):
            lw.Problem(space, "latency_ms", by="simulate")

    def test_a_wrong_encoding_is_the_programs_line(self):
        refused(self, lambda: lw.Space("fm28").network("nonsense"), "network", "show", "--space", "fm28", "--encoding",
                "nonsense")
        with self.assertRaisesRegex(lw.Error, "has the values"):
            space = lw.Space("fm28")
            space.encode([10 ** 6] + list(space.decode(space.default))[1:])


class AskAndTell(unittest.TestCase):
    def test_every_algorithm_meets_the_candidates_of_the_search(self):
        for algorithm in lw.algorithms().index:
            with self.subTest(algorithm):
                problem = lw.Problem(moves(), "latency_ms,macs:max", estimator=estimator(), limits="energy_uj<=1.2*baseline")
                options = dict(algorithm=algorithm, seed=7, population=8)
                evaluations = 40
                whole = lw.search(problem, evaluations=evaluations, progress=False, **options)
                own = own_loop(problem, evaluations, **options)
                self.assertEqual(len(own), evaluations)
                self.assertEqual(list(own.told()["encoding"]), list(whole.history["encoding"]))
                self.assertTrue(own.told().equals(whole.history))
                self.assertTrue(own.front().equals(whole.front))
                self.assertEqual(whole.end, "evaluations")

    def test_another_seed_asks_other_questions(self):
        problem = lw.Problem(moves(), "latency_ms,energy_uj", estimator=estimator())
        first, second = (own_loop(problem, 40, seed=seed, population=8) for seed in (1, 2))
        self.assertNotEqual(list(first.told()["encoding"]), list(second.told()["encoding"]))

    def test_any_function_may_be_searched(self):
        space = lw.Space("fm28")
        search = lw.Search(space, "nsga2", seed=3, population=10)
        while len(search) < 120:
            batch = search.ask()
            search.tell(batch, [[sum(space.decode(encoding))] for encoding in batch])
        best = search.front()["objective_0"].min()
        self.assertEqual(best, 0)  # the default, which comes first
        state = search.save()
        expected = search.ask()
        other = lw.Search(space, "nsga2", seed=3, population=10)
        other.load(state)
        self.assertEqual(other.ask(), expected)
        self.assertEqual(len(other), 120)

    def test_what_is_told_must_fit(self):
        search = lw.Search(lw.Space("fm28"), seed=1, population=4)
        batch = search.ask()
        for objectives, violations in (([[1.0]], None), ([[1.0, 2.0]] * (len(batch) - 1) + [[float("nan")] * 2], None),
                                       ([1.0] * len(batch), [-1.0] * len(batch))):
            with self.assertRaisesRegex(lw.Error, "tell: "):
                search.tell(batch, objectives, violations)
        with self.assertRaises(lw.Error):
            search.tell(["nonsense"], [1.0])
        with self.assertRaisesRegex(lw.Error, "unknown"):
            lw.Search(lw.Space("fm28"), "magic")


class Problems(unittest.TestCase):
    def test_a_simulated_design_costs_what_a_simulation_says(self):
        space = moves()
        problem = lw.Problem(space, "latency_ms,energy_uj", by="simulate")
        objectives, violations = problem.evaluate([space.default])
        answer = lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE))
        self.assertAlmostEqual(objectives[0, 0], answer.latency_ms, places=9)
        self.assertAlmostEqual(objectives[0, 1], answer.energy_uj, places=6)
        self.assertEqual(violations[0], 0)
        metrics = problem.metrics([space.default])
        self.assertEqual(metrics["macs"][0], answer.macs)
        self.assertAlmostEqual(metrics["area_mm2"][0], answer.area_mm2, places=12)

    def test_a_function_stands_for_accuracy(self):
        space = lw.Space("fm28", engine=lw.Engine(ENGINE), engine_genes=False)
        asked = []

        def accuracy(query):
            self.assertIsInstance(query.network, lw.Network)
            self.assertEqual(query.network.macs, query.macs)
            self.assertEqual(space.network(query.encoding).hash, query.network.hash)
            asked.append(query.encoding)
            return None if len(asked) == 5 else query.parameters / 1e6

        problem = lw.Problem(space, "latency_ms,accuracy", estimator=estimator(), accuracy=accuracy)
        made = lw.search(problem, "nsga2", evaluations=24, seed=2, population=8, progress=False)
        self.assertEqual(len(made.history), 24)
        self.assertEqual(len(asked), 24)
        without = made.history[made.history["violation"] >= 1e6]
        self.assertEqual(list(without["encoding"]), [asked[4]])
        self.assertTrue(np.isnan(without["accuracy"].iloc[0]))
        known = made.history[made.history["violation"] == 0]
        parameters = [space.network(encoding).parameters / 1e6 for encoding in known["encoding"]]
        np.testing.assert_allclose(known["accuracy"], parameters)
        front = made.front
        self.assertTrue((np.diff(front["latency_ms"]) >= 0).all() and (np.diff(front["accuracy"]) >= 0).all())

    def test_an_exception_of_the_function_ends_the_search(self):
        space = lw.Space("fm28", engine=lw.Engine(ENGINE), engine_genes=False)

        def accuracy(query):
            raise ZeroDivisionError("mine")

        problem = lw.Problem(space, "latency_ms,accuracy", estimator=estimator(), accuracy=accuracy)
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            lw.search(problem, evaluations=8, population=4, progress=False)
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):  # and leaves the problem usable
            problem.evaluate([space.default])

    def test_accuracy_needs_somebody_who_measures(self):
        with self.assertRaisesRegex(lw.Error, "nobody measures"):
            lw.Problem(moves(), "latency_ms,accuracy", estimator=estimator())

    def test_limits_of_the_baseline_are_of_the_default_design(self):
        space = moves()
        problem = lw.Problem(space, "latency_ms", limits=["latency_ms<=0.5*baseline"], estimator=estimator())
        objectives, violations = problem.evaluate([space.default])
        self.assertAlmostEqual(violations[0], 1.0, places=9)
        self.assertIn("latency_ms<=0.5*baseline", problem.limits)

    def test_progress_is_told(self):
        calls = []
        problem = lw.Problem(moves(), "latency_ms", estimator=estimator())
        lw.search(problem, evaluations=16, population=8, progress=lambda *call: calls.append(call))
        self.assertEqual(calls[-1][1:], (16, 16))


if __name__ == "__main__":
    unittest.main()
