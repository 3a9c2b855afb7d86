# SPDX-License-Identifier: Apache-2.0
"""How long work shows that it goes on: a line that is drawn over, on a terminal and in a notebook; nothing in a pipe."""

import sys
import time
from typing import Any, Callable, Optional, Union

#: What `progress=` takes: None, a line where somebody watches; True, a line in any case; False, nothing; or a function
#: of (phase: str, done: int, total: int), where `total` is 0 as long as it is unknown.
ProgressLike = Union[None, bool, Callable[[str, int, int], Any]]


def _notebook() -> bool:
    shell = sys.modules.get("IPython")
    if shell is None:
        return False
    running = shell.get_ipython()
    return running is not None and hasattr(running, "kernel")


class _Line:
    """One line of progress. Drawn at once when a phase begins or ends, else every quarter of a second."""

    _BETWEEN_S = 0.25

    def __init__(self, notebook: bool) -> None:
        self._display: Any = None
        self._notebook = notebook
        self._shown = False
        self._phase = ""
        self._began = self._drawn = time.monotonic()

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        work = phase.split(":")[0]
        begins = work != self._phase
        if begins:
            self._phase, self._began = work, now
        if not begins and done != total and now - self._drawn < self._BETWEEN_S:
            return
        self._drawn = now
        if total > 0:
            filled = 30 * min(done, total) // total
            text = f"{phase:<12} [{'#' * filled}{'.' * (30 - filled)}] {100 * done // total} % of {total}"
            if 0 < done < total:
                text += f", {(now - self._began) * (total - done) / done:.0f} s left"
        else:
            text = phase
        self._show(text)

    def _show(self, text: str) -> None:
        self._shown = True
        if not self._notebook:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            return
        from IPython import display

        shown = display.Pretty(text)
        if self._display is None:
            self._display = display.display(shown, display_id=True)
        else:
            self._display.update(shown)

    def close(self) -> None:
        if self._shown and not self._notebook:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Reporting:
    """The function that work is given while it runs, or None."""

    def __init__(self, progress: ProgressLike) -> None:
        self._line: Optional[_Line] = None
        self._callback: Optional[Callable[[str, int, int], Any]] = None
        if progress is None or progress is True:
            notebook = _notebook()
            if progress or notebook or sys.stderr.isatty():
                self._line = _Line(notebook)
        elif progress is not False:
            if not callable(progress):
                raise TypeError("progress must be None, True, False or a function of (phase, done, total)")
            self._callback = progress

    def __enter__(self) -> Optional[Callable[[str, int, int], Any]]:
        return self._line if self._line is not None else self._callback

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line.close()
