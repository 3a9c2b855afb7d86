#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The index of the docs, their links, the list of commands that do not run, and the pages that the program writes."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import page as pages  # noqa: E402
import run_page  # noqa: E402

ROOT = run_page.ROOT
BUILD = ROOT / "build/release"


# The head of a page that is written into another folder, where its links lead on.
HEADS = {"benchmarks/measured/results_head.md"}


def written():
    """Every Markdown file that git knows or would take, without those of other projects."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, text=True,
                            capture_output=True)
    if listed.returncode:  # a copy without git
        skipped = ("build", "node_modules", "out")
        return sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.md") if not set(path.parts) & set(skipped))
    return sorted(pathlib.Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists() and line not in HEADS)


def without_code(text):
    """The text with blank lines in place of code blocks, and no code within lines, in which nothing is a link."""
    lines, inside = [], None
    for line in text.split("\n"):
        fence = re.match(r" *(```+|~~~+)", line)
        if fence and inside is None:
            inside = fence.group(1)
        elif fence and line.strip().startswith(inside):
            inside = None
        lines.append("" if fence or inside else line)
    return re.sub(r"`[^`\n]+`", "``", "\n".join(lines))


def anchors(text):
    """As GitHub makes them of headings: in lower case, without punctuation, blanks to hyphens, numbered where they recur."""
    found, counts, inside = set(), {}, False
    for line in text.split("\n"):
        if re.match(r" *(```|~~~)", line):
            inside = not inside
        heading = None if inside else re.match(r"#{1,6} +(.*)", line)
        if heading:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1)).strip().lower()
            slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            counts[slug] = counts.get(slug, -1) + 1
            found.add(slug if counts[slug] == 0 else f"{slug}-{counts[slug]}")
    return found


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", without_code(text))


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere_anchors_included(self):
        dead, count = [], 0
        for name in written():
            for link in links((ROOT / name).read_text()):
                if re.match(r"[a-z]+:", link):
                    continue
                count += 1
                path, _, anchor = urllib.parse.unquote(link).partition("#")
                target = (ROOT / name).parent / path if path else ROOT / name
                if not target.exists():
                    dead.append(f"{name}: {link}")
                elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                    dead.append(f"{name}: {link}: no such heading")
        self.assertGreater(count, 300)  # links were found
        self.assertEqual(dead, [])

    def test_headings_become_anchors_as_on_github(self):
        text = "# Words, and `code`\n## The same\n## The same\n```\n# no heading\n```\n### [a link](x.md): 1×1\n"
        self.assertEqual(anchors(text), {"words-and-code", "the-same", "the-same-1", "a-link-11"})

    def test_code_holds_no_links(self):
        self.assertEqual(links("`[a](b)` [c](d)\n```\n[e](f)\n```\n[g](h)"), ["d", "h"])


class Index(unittest.TestCase):
    def test_every_page_stands_in_exactly_one_place(self):
        index = ROOT / "docs/README.md"
        counts = {}
        for link in links(index.read_text()):
            target = (index.parent / link.partition("#")[0]).resolve()
            if "#" not in link and not re.match(r"[a-z]+:", link):
                counts[target] = counts.get(target, 0) + 1
        pages_of_docs = [ROOT / name for name in written() if name.parts[0] == "docs" and ROOT / name != index]
        self.assertGreater(len(pages_of_docs), 60)
        self.assertEqual([f"{page.relative_to(ROOT)}: {counts.get(page, 0)} times" for page in pages_of_docs
                          if counts.get(page, 0) != 1], [])

    def test_the_readme_is_short_and_names_the_index(self):
        text = (ROOT / "README.md").read_text()
        self.assertLessEqual(len(text.split()), 700)
        for page in ("docs/README.md", "docs/comparison.md", "docs/tutorials/architect.md"):
            self.assertIn(f"]({page})", text)


class Commands(unittest.TestCase):
    def test_the_list_of_what_does_not_run_is_right(self):
        self.assertEqual(run_page.Listed().unused(), [])

    def test_every_page_of_tutorials_and_how_tos_runs_commands_and_compares_outputs(self):
        listed = run_page.Listed()
        for folder in run_page.ALONE:
            for path in sorted((ROOT / folder).glob("*.md")):
                name = str(path.relative_to(ROOT))
                run = run_page.runs(listed, name, True, False)
                self.assertGreater(len(run), 3, name)
                self.assertGreater(len([command for command in run if command.shown]), 1, name)


class Reference(unittest.TestCase):
    def test_the_pages_are_what_the_program_says(self):
        done = subprocess.run([str(ROOT / "scripts/make-reference"), "--check"], cwd=ROOT, text=True, capture_output=True,
                              env=dict(os.environ, LANEWISE=str(BUILD / "lanewise")))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=BUILD)
    known, rest = parser.parse_known_args()
    BUILD = known.build.resolve()
    unittest.main(argv=[sys.argv[0]] + rest)
