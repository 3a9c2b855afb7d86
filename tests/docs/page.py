# SPDX-License-Identifier: Apache-2.0
"""The commands of a page of the docs, and what the page says that they print (CONTRIBUTING.md has the convention)."""
import re

ELLIPSIS = "…"
# What a command begins with where a block shows no prompt.
PROGRAMS = re.compile(r"(build/release/|\./)?(lanewise(-fit)?|scripts/\S+|benchmarks/\S+|mpirun|quickstart|check|cmake|ctest) ")


class Command:
    """text: as a shell takes it. shown: the lines below it on the page, or [] where it shows none. line: of the page, from 1."""

    def __init__(self, text, shown, line):
        self.text, self.shown, self.line = text, shown, line


def blocks(text):
    """Code blocks, fenced or indented by four or more, as (number of the first line, lines without the indent)."""
    found, lines, i = [], text.split("\n"), 0
    while i < len(lines):
        fence = re.match(r"( *)(```+|~~~+)", lines[i])
        if fence:
            first = i + 1
            i += 1
            while i < len(lines) and not lines[i].strip().startswith(fence.group(2)):
                i += 1
            found.append((first + 1, [line[len(fence.group(1)):] for line in lines[first:i]]))
            i += 1
        elif lines[i].startswith("    ") and (i == 0 or not lines[i - 1].strip()) and not in_a_list(lines, i):
            first = i
            while i < len(lines) and (lines[i].startswith("    ") or not lines[i].strip()):
                i += 1
            inside = lines[first:i]
            while inside and not inside[-1].strip():
                inside.pop()
            indent = min(len(line) - len(line.lstrip()) for line in inside if line.strip())
            found.append((first + 1, [line[indent:] for line in inside]))
        else:
            i += 1
    return found


def in_a_list(lines, at):
    """Whether four blanks go on with an item of a list instead of beginning code: code inside an item has three more."""
    indent = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        if not line.strip():
            continue
        here = len(line) - len(line.lstrip())
        if here < indent:
            return bool(re.match(r" *([-*]|\d+\.) ", line)) and indent < here + 6
    return False


def commands_of_block(first, lines):
    prompt = any(line.startswith("$ ") for line in lines)
    commands, i = [], 0
    while i < len(lines):
        line = lines[i]
        starts = line.startswith("$ ") if prompt else bool(PROGRAMS.match(line + " "))
        if not starts:
            if commands and prompt:
                commands[-1].shown.append(line)
            i += 1
            continue
        text, at = [line[2:] if prompt else line], i
        while text[-1].endswith("\\") and i + 1 < len(lines):
            i += 1
            text.append(lines[i])
        here = re.search(r"<< *'?(\w+)'?", " ".join(text))
        while here and i + 1 < len(lines) and text[-1] != here.group(1):
            i += 1
            text.append(lines[i])
        commands.append(Command("\n".join(text), [], first + at))
        i += 1
    for command in commands:
        while command.shown and not command.shown[-1].strip():
            command.shown.pop()
    return commands


def commands(text):
    return [command for first, lines in blocks(text) for command in commands_of_block(first, lines)]


def matches(shown, printed):
    """Whether the lines printed are those shown: a line of `…` alone stands for any lines, `…` within one for any text.
    Blanks at the end of a line do not count, nor do empty lines at the end."""
    while printed and not printed[-1].strip():
        printed = printed[:-1]
    patterns = []
    for line in shown:
        if line.strip() == ELLIPSIS:
            patterns.append(None)
        else:
            parts = [re.escape(part) for part in line.rstrip().split(ELLIPSIS)]
            patterns.append(re.compile(".*".join(parts) + r"\s*"))
    # reachable: how many of the printed lines may have been used up before this pattern.
    reachable = {0}
    for pattern in patterns:
        if pattern is None:
            reachable = set(range(min(reachable), len(printed) + 1)) if reachable else set()
        else:
            reachable = {at + 1 for at in reachable if at < len(printed) and pattern.fullmatch(printed[at])}
    return len(printed) in reachable
