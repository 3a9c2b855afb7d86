#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What counts as a command of a page, and when its output is what the page shows."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import page as pages  # noqa: E402


def texts(text):
    return [command.text for command in pages.commands(text)]


class Found(unittest.TestCase):
    def test_a_prompt_begins_a_command_and_what_follows_is_its_output(self):
        found = pages.commands("```console\n$ lanewise a\none\n\ntwo\n$ lanewise b\n```\n")
        self.assertEqual([(c.text, c.shown, c.line) for c in found],
                         [("lanewise a", ["one", "", "two"], 2), ("lanewise b", [], 6)])

    def test_a_backslash_and_a_here_document_go_on_with_the_command(self):
        self.assertEqual(texts("    $ lanewise a \\\n        --b\n    out\n"), ["lanewise a \\\n    --b"])
        self.assertEqual(texts("```console\n$ cat > f << 'END'\nx\nEND\n$ lanewise a\n```"), ["cat > f << 'END'\nx\nEND", "lanewise a"])

    def test_without_a_prompt_lines_that_begin_with_a_program_are_commands(self):
        self.assertEqual(texts("Text\n\n    lanewise a    # why\n    other thing\n"), ["lanewise a    # why"])
        self.assertEqual(texts("```yaml\nname: lanewise\n```\n"), [])

    def test_blocks_inside_lists_are_found_and_text_inside_lists_is_not(self):
        self.assertEqual(texts("1. Item\n\n   ```console\n   $ lanewise a\n   b\n   ```\n"), ["lanewise a"])
        self.assertEqual(texts("- Item\n\n    lanewise is a program\n"), [])


class Compared(unittest.TestCase):
    def matches(self, shown, printed):
        return pages.matches(shown.split("\n"), printed.split("\n"))

    def test_lines_must_be_equal_but_for_blanks_at_their_ends(self):
        self.assertTrue(self.matches("a\nb", "a  \nb\n\n"))
        self.assertFalse(self.matches("a\nb", "a"))
        self.assertFalse(self.matches("a", "a\nb"))
        self.assertFalse(self.matches("5.376 ms", "5.377 ms"))

    def test_an_ellipsis_alone_stands_for_any_lines_and_within_a_line_for_any_text(self):
        self.assertTrue(self.matches("a\n…\nd", "a\nb\nc\nd"))
        self.assertTrue(self.matches("a\n…\nd", "a\nd"))
        self.assertTrue(self.matches("…\nd\n…", "a\nd\nb\nd\nc"))
        self.assertTrue(self.matches("a … c", "a b b c"))
        self.assertFalse(self.matches("a … c", "a b"))
        self.assertFalse(self.matches("a\n…\nd", "a\nb\nc"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
