# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python package share: the program beside it, and an estimator that is made in seconds."""

import functools
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import lanewise as lw

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANEWISE_BUILD", ROOT / "build" / "release"))
PROGRAM = BUILD / "lanewise"

ENGINE = "ne-256"
SMALL = "squeezenet1_1"


def program(*words: str, status: int = 0) -> str:
    """What the program prints on standard output; on standard error where it is to fail."""
    done = subprocess.run([str(PROGRAM), *words], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != status:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr}")
    return done.stdout if status == 0 else done.stderr


def program_json(*words: str):
    return json.loads(program(*words, "--json"))


def refused(test: unittest.TestCase, call, *words: str) -> None:
    """The call raises Error with the line that the program prints for these arguments."""
    line = program(*words, status=1)
    with test.assertRaises(lw.Error) as raised:
        call()
    test.assertEqual(f"lanewise: error: {raised.exception}\n", line)


@functools.lru_cache(maxsize=None)
def folder() -> Path:
    made = tempfile.TemporaryDirectory(prefix="lanewise-python-")
    folder.keep = made
    return Path(made.name)


ROWS = dict(rows=400, engines=8, seed=3)


@functools.lru_cache(maxsize=None)
def store() -> str:
    path = str(folder() / "rows.sqlite")
    lw.measure(path, networks=[lw.Network(SMALL), lw.Network("mobilenet_v2")], engine=lw.Engine(ENGINE), **ROWS)
    return path


TRAINING = dict(trees=60, folds=2, quick=True)


@functools.lru_cache(maxsize=None)
def model() -> str:
    path = str(folder() / "model.lwm")
    lw.Estimator.train(store(), **TRAINING).save(path)
    return path


@functools.lru_cache(maxsize=None)
def estimator() -> lw.Estimator:
    return lw.Estimator.load(model())


def python(code: str, **more) -> "subprocess.Popen[str]":
    """Another Python that sees the same package."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([p for p in sys.path if p])}
    return subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            cwd=ROOT, env=environment, **more)
