# SPDX-License-Identifier: Apache-2.0
"""Every notebook of examples/notebooks runs from its first cell to its last, and shows pictures."""

import base64
import tempfile
import unittest

import nbformat
from nbclient import NotebookClient

from support import ROOT

PNG = b"\x89PNG\r\n\x1a\n"


def pictures(notebook) -> list:
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture is not None:
                found.append(base64.b64decode(picture))
    return found


class Notebooks(unittest.TestCase):
    def check(self, name: str, least: int):
        kept = nbformat.read(ROOT / "examples" / "notebooks" / f"{name}.ipynb", as_version=4)
        self.assertGreaterEqual(len(pictures(kept)), least)  # for those who only read it
        with tempfile.TemporaryDirectory(prefix="lanewise-notebook-") as folder:
            # Raises where a cell does.
            NotebookClient(kept, timeout=900, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
        made = pictures(kept)
        self.assertGreaterEqual(len(made), least)
        for picture in made:
            self.assertTrue(picture.startswith(PNG) and len(picture) > 5000)

    def test_architect(self):
        self.check("architect", 3)

    def test_codesign(self):
        self.check("codesign", 2)

    def test_data(self):
        self.check("data", 3)


if __name__ == "__main__":
    unittest.main()
