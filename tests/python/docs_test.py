# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/python.md give what stands below them, and the page names everything that is public."""

import doctest
import inspect
import re
import unittest

import lanewise as lw
from support import ROOT

PAGE = ROOT / "docs" / "python.md"


class Page(unittest.TestCase):
    def test_examples_give_what_stands_below_them(self):
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=options)
        self.assertEqual(failed, 0)
        self.assertGreater(tried, 30)

    def test_every_public_name_stands_in_the_reference(self):
        reference = PAGE.read_text().split("## Reference")[1]
        for name in lw.__all__:
            self.assertRegex(reference, rf"`{name}\b", name)
            thing = getattr(lw, name)
            if not inspect.isclass(thing) or issubclass(thing, (BaseException, tuple, lw.Answer)):
                continue
            for member in vars(thing):
                if not member.startswith("_"):
                    self.assertRegex(reference, rf"\b{re.escape(member)}\b", f"{name}.{member}")


if __name__ == "__main__":
    unittest.main()
