#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of a page of the docs as a reader does, and compares what they print with what the page shows.

  tests/docs/run_page.py --build build/release PAGE...          quick commands
  tests/docs/run_page.py --build build/release --slow PAGE...   all but those that are never run
  tests/docs/run_page.py --list                                 which commands are slow or never run, why, and how many
  tests/docs/run_page.py --pages [--slow]                       the pages of which something runs

A page begins in an empty folder with `lanewise` on PATH, its commands run in order, each by a shell. Pages under
docs/tutorials and docs/howto have nothing else. The other pages speak of the checkout (models/, build/release/...), which
is linked into the folder. tests/docs/commands.toml says which commands do not run, and why, and what a page takes as
the reader's own.
"""
import argparse
import difflib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import page as pages  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LISTED = ROOT / "tests/docs/commands.toml"
# What data comes with the program; trained/ is the reader's own work.
DATA = ("models", "hwconfigs", "spaces", "campaigns", "workloads")
CHECKOUT = DATA + ("benchmarks", "examples", "scripts", "accuracy", "tests")
ALONE = ("docs/tutorials/", "docs/howto/")
SECONDS = {"quick": 300, "slow": 7200}
MOST_LINES = 60  # of a failure that are shown


class Listed:
    """tests/docs/commands.toml. Every entry must speak of at least one command, so that the list cannot outlive them."""

    def __init__(self):
        with open(LISTED, "rb") as file:
            entries = tomllib.load(file)
        self.given = entries.get("given", [])
        self.entries = [dict(entry, kind=kind) for kind in ("slow", "torch", "never") for entry in entries.get(kind, [])]
        self.most = entries["most"]
        for entry in self.entries:
            if not entry.get("why"):
                raise SystemExit(f"{LISTED}: the entry of {entry['page']}, '{entry['command']}', does not say why")

    def kind_of(self, name, command):
        """quick, slow, torch or never."""
        kinds = {e["kind"] for e in self.entries if e["page"] == name and command.text.startswith(e["command"])}
        for kind in ("never", "torch", "slow"):
            if kind in kinds:
                return kind
        return "quick"

    def without_estimator(self, name, command):
        """Whether the page speaks of a checkout that has no default estimator yet, which the entry says."""
        return any(e.get("without_estimator") for e in self.entries
                   if e["page"] == name and command.text.startswith(e["command"]))

    def unused(self):
        """Entries of which no command is left, and pages with more commands that never run than the list allows."""
        problems = []
        for entry in self.entries:
            commands = pages.commands((ROOT / entry["page"]).read_text()) if (ROOT / entry["page"]).exists() else []
            if not any(command.text.startswith(entry["command"]) for command in commands):
                problems.append(f"{entry['page']} has no command '{entry['command']}' any more: take it off the list")
        never = sum(len([c for c in commands_of(name) if self.kind_of(name, c) == "never"]) for name in all_pages())
        if never != self.most:
            problems.append(f"{never} commands never run where the list says most = {self.most}")
        return problems


def all_pages():
    found = [ROOT / "README.md"] + sorted((ROOT / "docs").rglob("*.md"))
    return [str(path.relative_to(ROOT)) for path in found]


def commands_of(name):
    return pages.commands((ROOT / name).read_text())


def runs(listed, name, slow, torch):
    kinds = {"quick"} if not slow else {"quick", "slow"} | ({"torch"} if torch else set())
    return [command for command in commands_of(name) if listed.kind_of(name, command) in kinds]


def environment(build, folder):
    """As a reader's: the programs on PATH, their data where they look for them. The programs are copies, since one in the
    build folder would also find what lies in the checkout: a default estimator of whoever runs this, above all."""
    programs = folder / "bin"
    programs.mkdir()
    for program in ("lanewise", "lanewise-worker", "lanewise-fit"):
        if (build / program).exists():
            shutil.copy(build / program, programs / program)
    home = folder / "home"
    home.mkdir()
    for data in DATA + ("examples", "benchmarks", "scripts"):
        (home / data).symlink_to(ROOT / data)
    settings = {key: value for key, value in os.environ.items() if not key.startswith("LANEWISE_")}
    # scripts/ of a checkout look for its own build unless they are told.
    settings.update(LANEWISE=str(programs / "lanewise"), PATH=f"{programs}:{settings['PATH']}", LANEWISE_HOME=str(home),
                    LC_ALL="C.UTF-8", TERM="dumb", COLUMNS="500")
    return settings


def reader_folder(listed, name, folder, settings):
    work = folder / "work"
    work.mkdir()
    if not name.startswith(ALONE):
        for data in CHECKOUT:
            (work / data).symlink_to(ROOT / data)
        (work / "build").mkdir()
        (work / "build/release").symlink_to(folder / "bin")
    for given in listed.given:
        if name in given["pages"]:
            if "from" in given:
                (work / given["file"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / given["from"], work / given["file"])
            else:
                made = subprocess.run(["bash", "-euc", given["by"]], cwd=work, env=dict(settings, ROOT=str(ROOT)),
                                      capture_output=True, text=True)
                if made.returncode:
                    raise SystemExit(f"{name}: making {given['file']} failed:\n{made.stdout}{made.stderr}")
    return work


def show_estimators(folders, shown):
    """Default estimators lie in these folders, or nowhere."""
    for folder in folders:
        link = folder / "trained"
        if shown and not link.is_symlink():
            link.symlink_to(ROOT / "trained")
        elif not shown and link.is_symlink():
            link.unlink()


def call(text, work, settings, seconds):
    """The exit status and the lines that it printed, on both outputs in the order in which they came."""
    process = subprocess.Popen(["bash", "-c", text], cwd=work, env=settings, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True)
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
        return None, printed.split("\n")
    return process.returncode, printed.split("\n")


def run_page(listed, name, build, slow, show):
    chosen = runs(listed, name, slow, (build / "lanewise-fit").exists())
    failures = []
    with tempfile.TemporaryDirectory(prefix="lanewise-docs-") as scratch:
        folder = pathlib.Path(scratch)
        settings = environment(build, folder)
        work = reader_folder(listed, name, folder, settings)
        places = [folder / "home"] + ([] if name.startswith(ALONE) else [work])
        for command in chosen:
            show_estimators(places, slow and not listed.without_estimator(name, command))
            status, printed = call(command.text, work, settings, SECONDS["slow" if slow else "quick"])
            if show:
                print(f"{name}:{command.line}: $ {command.text}\n" + "\n".join(printed), flush=True)
            where = f"{name}:{command.line}: `{command.text}`"
            if status is None:
                failures.append(f"{where} did not end in time")
            elif status:
                failures.append(f"{where} ended with {status}:\n" + "\n".join(printed[-MOST_LINES:]))
            elif command.shown and not pages.matches(command.shown, printed):
                change = difflib.unified_diff(command.shown, printed, "shown", "printed", lineterm="", n=1)
                failures.append(f"{where} printed something else:\n" + "\n".join(list(change)[:MOST_LINES]))
    print(f"{name}: {len(chosen)} commands ran, {len(failures)} failed")
    for failure in failures:
        print(failure)
    return not failures


def print_list(listed):
    counts = {}
    for name in all_pages():
        for command in commands_of(name):
            kind = listed.kind_of(name, command)
            counts[kind] = counts.get(kind, 0) + 1
            if kind != "quick":
                why = next(e["why"] for e in listed.entries
                           if e["page"] == name and e["kind"] == kind and command.text.startswith(e["command"]))
                print(f"{kind:6} {name}:{command.line}: {command.text.splitlines()[0]}   # {why}")
    print(", ".join(f"{counts.get(kind, 0)} {kind}" for kind in ("quick", "slow", "torch", "never")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--slow", action="store_true", help="run slow commands, too")
    parser.add_argument("--show", action="store_true", help="print what the commands print")
    parser.add_argument("--list", action="store_true", help="print the commands that plain runs leave out")
    parser.add_argument("--pages", dest="which", action="store_true", help="print the pages of which something runs")
    arguments = parser.parse_args()
    listed = Listed()
    if arguments.list:
        print_list(listed)
        return 0
    if arguments.which:
        for name in all_pages():
            quick = len(runs(listed, name, False, False))
            more = len(runs(listed, name, True, True))
            if (more > quick) if arguments.slow else quick:
                print(name)
        return 0
    names = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in arguments.pages]
    return 0 if all([run_page(listed, name, arguments.build.resolve(), arguments.slow, arguments.show)
                     for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
