# SPDX-License-Identifier: Apache-2.0
"""Threads, processes, signals: right, or refused with a line that says what to do."""

import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading
import time
import unittest

import lanewise as lw
from support import ENGINE, SMALL, estimator, python, store


def cycles(factor: int) -> int:
    return lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE).set(engine__parallelism_factor=factor)).latency_cycles


def predicted(given) -> int:
    model, network, engine = given
    return lw.estimate(network, engine, model).latency_cycles


def answered(factor: int) -> lw.Answer:
    return lw.simulate(lw.Network(SMALL), lw.Engine(ENGINE).set(engine__parallelism_factor=factor))


def trained(path: str) -> str:
    try:
        return f"{lw.Estimator.train(path, trees=3, folds=0, quick=True).rows} rows"
    except lw.Error as error:
        return str(error)


FACTORS = [4, 8, 16, 32]


class Threads(unittest.TestCase):
    def test_simulations_from_several_threads_are_those_of_one(self):
        expected = [cycles(factor) for factor in FACTORS]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(cycles, FACTORS * 3)), expected * 3)

    def test_sweeps_and_simulations_side_by_side(self):
        network, engine = lw.Network(SMALL), lw.Engine(ENGINE)
        vary = {"engine.parallelism_factor": FACTORS}
        expected = list(lw.sweep(network, engine, vary, jobs=1)["latency_cycles"])
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tables = [pool.submit(lw.sweep, network, engine, vary, jobs=jobs) for jobs in (1, 2, 1)]
            alone = pool.submit(cycles, FACTORS[0])
            for table in tables:
                self.assertEqual(list(table.result()["latency_cycles"]), expected)
            self.assertEqual(alone.result(), expected[0])

    def test_python_goes_on_while_the_simulator_works(self):
        ticks = 0
        done = threading.Event()

        def tick():
            nonlocal ticks
            while not done.is_set():
                ticks += 1
                time.sleep(0.001)

        ticking = threading.Thread(target=tick)
        network, engine = lw.Network("resnet50"), lw.Engine(ENGINE)
        ticking.start()
        before = ticks
        lw.simulate(network, engine)
        during = ticks - before
        done.set()
        ticking.join()
        self.assertGreater(during, 3)  # with Python's lock held throughout there would be one at most

    def test_a_callback_may_simulate_itself(self):
        inner = []

        def report(phase, done, total):
            if not inner:
                inner.append(cycles(8))

        lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), {"engine.parallelism_factor": [4, 16]}, jobs=1, progress=report)
        self.assertEqual(inner, [cycles(8)])

    def test_a_search_is_for_one_thread_at_a_time(self):
        space = lw.Space("fm28", engine=lw.Engine(ENGINE), engine_genes=False)
        inside, leave = threading.Event(), threading.Event()

        def accuracy(query):
            inside.set()
            leave.wait()
            return 1.0

        problem = lw.Problem(space, "latency_ms,accuracy", estimator=estimator(), accuracy=accuracy)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(lw.search, problem, evaluations=4, population=4, progress=False)
            inside.wait()
            try:
                with self.assertRaisesRegex(lw.Error, "this Problem is at work in another thread"):
                    problem.evaluate([space.default])
            finally:
                leave.set()
            self.assertEqual(running.result().evaluations, 4)


class Processes(unittest.TestCase):
    def check(self, method: str):
        expected = [cycles(factor) for factor in FACTORS]
        with multiprocessing.get_context(method).Pool(2) as pool:
            self.assertEqual(pool.map(cycles, FACTORS), expected)
            answer, here = pool.apply(answered, (8,)), answered(8)
            self.assertEqual((answer.json, str(answer)), (here.json, str(here)))
            self.assertTrue(answer.table.equals(here.table))
            network = lw.Network(SMALL, batch=2)
            engines = [lw.Engine(ENGINE).set(engine__parallelism_factor=factor) for factor in FACTORS]
            self.assertEqual(pool.map(predicted, [(estimator(), network, engine) for engine in engines]),
                             [lw.estimate(network, engine, estimator()).latency_cycles for engine in engines])

    def test_spawned_processes_answer_the_same(self):
        self.check("spawn")

    def test_forked_processes_answer_the_same(self):
        self.check("fork")

    def test_a_fork_waits_for_a_simulation_under_way(self):
        expected = cycles(8)
        stop = threading.Event()
        simulated = []

        def simulate():
            while not stop.is_set():
                simulated.append(cycles(8))

        working = threading.Thread(target=simulate)
        working.start()
        try:
            for _ in range(4):
                with multiprocessing.get_context("fork").Pool(1) as pool:
                    self.assertEqual(pool.apply_async(cycles, (8,)).get(timeout=120), expected)
        finally:
            stop.set()
            working.join()
        self.assertEqual(set(simulated), {expected})

    def test_training_in_a_fork_of_a_process_that_trained_is_refused(self):
        rows = trained(store())
        self.assertRegex(rows, "rows$")
        with multiprocessing.get_context("fork").Pool(1) as pool:
            self.assertRegex(pool.apply_async(trained, (store(),)).get(timeout=120), "spawn")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            self.assertEqual(pool.apply_async(trained, (store(),)).get(timeout=120), rows)


class Interrupts(unittest.TestCase):
    def check(self, work: str):
        """Ctrl-C raises KeyboardInterrupt in the work, and the process works afterwards."""
        process = python(f"""
import lanewise as lw, sys
network, engine = lw.Network("{SMALL}"), lw.Engine("{ENGINE}")
told = False
def report(phase, done, total):
    global told
    if not told and done > 0:
        told = True
        print("working", flush=True)
try:
    {work}
    print("finished")
except KeyboardInterrupt:
    print("interrupted", lw.simulate(network, engine).latency_cycles > 0)
""")
        try:
            self.assertEqual(process.stdout.readline(), "working\n")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
        self.assertEqual(out, "interrupted True\n", err)

    VARY = "{'dram.latency': [f'{ns} ns' for ns in range(40, 4040)]}"

    def test_a_sweep_in_this_process(self):
        self.check(f"lw.sweep(network, engine, {self.VARY}, jobs=1, progress=report)")

    def test_a_sweep_in_workers(self):
        self.check(f"lw.sweep(network, engine, {self.VARY}, jobs=2, progress=report)")

    def test_a_search(self):
        self.check("lw.search(lw.Problem(lw.Space('codesign', network, engine), by='simulate'), evaluations=100000, "
                   "population=4, progress=report)")


if __name__ == "__main__":
    unittest.main()
