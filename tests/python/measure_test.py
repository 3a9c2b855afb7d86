# SPDX-License-Identifier: Apache-2.0
"""Measuring: the program's rows, told as they come, gone on with after a stop."""

import contextlib
import io
import sys
import unittest

import lanewise as lw
from support import ENGINE, ROWS, SMALL, folder, program, refused, store


class Measuring(unittest.TestCase):
    def test_rows_are_the_programs(self):
        theirs = folder() / "theirs.sqlite"
        program("measure", SMALL, "mobilenet_v2", "--hw", ENGINE, "--rows", str(ROWS["rows"]), "--engines",
                str(ROWS["engines"]), "--seed", str(ROWS["seed"]), "--out", str(theirs))
        self.assertTrue(lw.store_rows(store()).equals(lw.store_rows(theirs)))

    def test_a_campaign_is_a_file(self):
        made = lw.measure(folder() / "campaign.sqlite", campaign="quick-ne", rows=60, engines=3, jobs=1)
        theirs = folder() / "campaign-theirs.sqlite"
        program("measure", "--campaign", "quick-ne", "--rows", "60", "--engines", "3", "--out", str(theirs))
        self.assertEqual(made["rows"], len(lw.store_rows(theirs)))
        self.assertTrue(lw.store_rows(folder() / "campaign.sqlite").equals(lw.store_rows(theirs)))

    def test_a_stopped_campaign_goes_on(self):
        path = folder() / "stopped.sqlite"
        whole = dict(networks=lw.Network(SMALL), engine=lw.Engine(ENGINE), rows=200, engines=4, jobs=2)

        class Enough(Exception):
            pass

        def stop(phase, done, total):
            if phase.startswith("simulating") and done > 0 or phase.startswith("measuring") and done > 0:
                raise Enough

        with self.assertRaises(Enough):
            lw.measure(path, **whole, progress=stop)
        before = len(lw.store_rows(path))
        again = lw.measure(path, **whole)
        self.assertEqual(again["stored"], before)
        self.assertEqual(again["stored"] + again["measured"], again["planned"])
        self.assertGreater(again["measured"], 0)

    def test_what_to_measure_must_be_said_once(self):
        with self.assertRaisesRegex(lw.Error, "needs networks and engine"):
            lw.measure(folder() / "none.sqlite")
        with self.assertRaisesRegex(lw.Error, "either"):
            lw.measure(folder() / "none.sqlite", campaign="quick-ne", engine=lw.Engine(ENGINE))
        self.assertFalse((folder() / "none.sqlite").exists())


class Showing(unittest.TestCase):
    def shown(self, progress) -> str:
        text = io.StringIO()
        with contextlib.redirect_stderr(text):
            lw.sweep(lw.Network(SMALL), lw.Engine(ENGINE), {"engine.parallelism_factor": [8, 16]}, jobs=1,
                     progress=progress)
        return text.getvalue()

    def test_a_pipe_gets_nothing(self):
        self.assertEqual(self.shown(None), "")
        self.assertEqual(self.shown(False), "")

    def test_a_line_is_drawn_over_and_taken_away(self):
        text = self.shown(True)
        self.assertIn("% of ", text)
        self.assertTrue(text.endswith("\r\033[K"))
        self.assertNotIn("\n", text)

    def test_progress_is_a_function_or_a_word(self):
        with self.assertRaises(TypeError):
            self.shown(3)


if __name__ == "__main__":
    unittest.main()
