# SPDX-License-Identifier: Apache-2.0
"""Engines."""

import json
import os
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

import pandas as pd

from lanewise import _core

#: A value of an engine key: a text as the command line takes it ("6.4 GB/s"), or a number: of a key with a unit in the
#: unit of its column in `Engine.keys()` (6.4e9 for `dram.bandwidth`, which is in bytes per second).
KeyValue = Union[str, int, float, bool]


def _text(key: str, value: KeyValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if _core.key_unit(key) == "" and float(value).is_integer():
        return str(int(value))
    return _core.key_text(key, float(value))


def _key(name: str) -> str:
    return name.replace("__", ".")


class Engine:
    """A neural engine. Constant: `set` returns another one. May be pickled.

    name: an hwconfig, or the name of a shipped engine ("ne-256"). Raises Error naming file, line, key and rule.
    """

    def __init__(self, name: Union[str, "os.PathLike[str]"]) -> None:
        self._core = _core.Engine(os.fspath(name), [])

    @classmethod
    def _of(cls, core: "_core.Engine") -> "Engine":
        made = cls.__new__(cls)
        made._core = core
        return made

    def set(self, values: Optional[Mapping[str, KeyValue]] = None, /, **keys: KeyValue) -> "Engine":
        """The same engine with other values of some keys, as --set changes them.

            engine.set({"dram.bandwidth": "6.4 GB/s"})
            engine.set(engine__parallelism_factor=32)    # two underscores stand for the dot

        Keys: docs/hwconfig.md, or `keys()`. Raises Error for an unknown key and for a value that its rule refuses.
        """
        sets: List[Tuple[str, str]] = list(self._core.sets)
        for name, value in {**(values or {}), **{_key(name): value for name, value in keys.items()}}.items():
            sets.append((name, _text(name, value)))
        return Engine._of(_core.Engine(self._core.path, sets))

    @property
    def name(self) -> str:
        """As its file gives it, whatever was set."""
        return self._core.name

    @property
    def title(self) -> str:
        """The name, and what was set."""
        return self._core.title

    @property
    def path(self) -> str:
        """Of its file."""
        return self._core.path

    @property
    def family(self) -> str:
        """Of engines that an estimator may learn together."""
        return self._core.family

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits, equal where no measurement can differ."""
        return self._core.hash

    @property
    def area_mm2(self) -> float:
        """Of the whole engine, in square millimetres."""
        return self._core.area_mm2

    @property
    def macs_per_cycle(self) -> int:
        """The most multiply-accumulates of int8 in one cycle."""
        return self._core.macs_per_cycle

    @property
    def clock_hz(self) -> float:
        """Cycles per second."""
        return self._core.clock_hz

    @property
    def dram_bytes_per_cycle(self) -> float:
        """The most bytes that the DRAM gives in one cycle of the engine."""
        return self._core.dram_bytes_per_cycle

    def __getitem__(self, key: str) -> str:
        """The value of a key as --set takes it: engine["dram.bandwidth"] is "3.2 GB/s"."""
        return self._core.value(key)

    def number(self, key: str) -> float:
        """The value of a key as a number in the unit of its column in `keys()`; NaN for a word."""
        return self._core.number(key)

    def keys(self) -> pd.DataFrame:
        """One row per key: value as text, number and its unit ("bytes_per_second"), origin, limits, meaning."""
        return pd.DataFrame(self._core.keys()).set_index("key")

    def warnings(self) -> List[str]:
        """Which rules of scale the engine breaks: parts that are too small for others. One line each."""
        return self._core.warnings()

    @property
    def json(self) -> Dict[str, Any]:
        """What `lanewise engine show --json` prints."""
        return json.loads(self._core.json())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Engine) and self.hash == other.hash and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.hash)

    def __reduce__(self) -> Tuple[Any, ...]:
        return (_of_sets, (self._core.path, list(self._core.sets)))

    def __repr__(self) -> str:
        return f"<lanewise.Engine {self.title}>"


def _of_sets(path: str, sets: List[Tuple[str, str]]) -> Engine:
    return Engine._of(_core.Engine(path, sets))
