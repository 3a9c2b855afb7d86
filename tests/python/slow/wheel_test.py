# SPDX-License-Identifier: Apache-2.0
"""The package as pip and cmake --install put it somewhere, used from there by a Python that knows nothing of the checkout."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import BUILD, ENGINE, ROOT, SMALL, program_json

USE = f"""
import json, os, lanewise as lw
assert not [folder for folder in lw.data_folders() if folder.startswith({str(ROOT)!r})], lw.data_folders()
network, engine = lw.Network({SMALL!r}), lw.Engine({ENGINE!r})
rows = lw.sweep(network, engine, {{"engine.parallelism_factor": [8, 16]}}, jobs=2, progress=False)
space = lw.Space("codesign", network, engine)
print(json.dumps([os.path.dirname(lw.__file__), lw.simulate(network, engine).json, list(rows["latency_ms"]), len(space.sample(3))]))
"""


def clean_environment() -> dict:
    names = ("PYTHONPATH", "LANEWISE_BUILD", "LANEWISE_HOME", "LANEWISE_ESTIMATORS")
    return {name: value for name, value in os.environ.items() if name not in names}


class Installed(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="lanewise-wheel-")
        self.folder = Path(self.scratch.name)
        (self.folder / "empty").mkdir()

    def tearDown(self):
        self.scratch.cleanup()

    def run_in(self, words, environment, cwd=None):
        done = subprocess.run([str(word) for word in words], env=environment, cwd=cwd or self.folder / "empty",
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout

    def check(self, python, environment, where):
        place, answer, latencies, sampled = json.loads(self.run_in([python, "-c", USE], environment))
        self.assertTrue(Path(place).is_relative_to(where), place)
        self.assertEqual(answer, program_json("simulate", SMALL, "--hw", ENGINE))
        self.assertEqual(len(latencies), 2)
        self.assertEqual(sampled, 3)
        self.assertEqual(os.listdir(self.folder / "empty"), [])

    def test_pip_in_a_virtual_environment_with_system_site_packages(self):
        environment = clean_environment()
        self.run_in([sys.executable, "-m", "venv", "--system-site-packages", self.folder / "venv"], environment)
        python = self.folder / "venv" / "bin" / "python"
        # A copy without what was built: pip writes beside the sources.
        source = self.folder / "source"
        shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns("build", ".git", "out", "trained"))
        self.run_in([python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", source],
                    {**environment, "LANEWISE_BUILD": str(BUILD)})
        shutil.rmtree(source)
        self.check(python, environment, self.folder / "venv")

    def test_cmake_install(self):
        environment = clean_environment()
        prefix = self.folder / "prefix"
        self.run_in(["cmake", "--install", BUILD, "--prefix", prefix], environment)
        package = prefix / "lib" / "python3" / "dist-packages"
        self.check(sys.executable, {**environment, "PYTHONPATH": str(package)}, package)


if __name__ == "__main__":
    unittest.main()
