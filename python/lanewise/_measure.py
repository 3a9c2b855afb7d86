# SPDX-License-Identifier: Apache-2.0
"""Measuring campaigns, and the rows of stores."""

import json
import os
import tempfile
from typing import Any, Dict, Optional, Sequence, Union

import pandas as pd

from lanewise import _core, _tables
from lanewise._engine import Engine
from lanewise._network import Network, Path
from lanewise._progress import ProgressLike, Reporting


def measure(out: Path, *, campaign: Path = "", networks: Union[None, Network, Sequence[Network]] = None,
            engine: Optional[Engine] = None, rows: Optional[int] = None, engines: Optional[int] = None,
            seed: Optional[int] = None, sampling: str = "", shard: str = "", jobs: Optional[int] = None,
            progress: ProgressLike = None) -> Dict[str, Any]:
    """Simulates subgraphs of networks on engines of a family, for training; what `lanewise measure` does.

    out: the store; made, or gone on with: after Ctrl-C or a kill the same call measures what is missing.
    campaign: a file, or a name of campaigns/; or `networks` and `engine` say what to measure around.
    rows: distinct subgraphs on engines. engines: how many. seed: of every random choice. sampling: "latin_hypercube" or
    "sobol". None and "": as the campaign says. shard: "I/N", one of N disjoint shares. jobs: simulator processes, None:
    one per core.
    Returns what `lanewise measure --json` prints. progress: see ProgressLike; in a notebook a line that is drawn over.
    """
    listed = [networks] if isinstance(networks, Network) else list(networks or [])
    if os.fspath(campaign):
        if listed or engine is not None:
            raise _core.Error("campaign: says networks and engine: give either it or them")
    elif not listed or engine is None:
        raise _core.Error("measure: needs networks and engine, or campaign")
    with Reporting(progress) as report:
        text = _core.measure(os.fspath(out), os.fspath(campaign), [network._core for network in listed],
                             engine._core if engine is not None else None, rows, engines, seed, sampling, shard,
                             jobs or 0, report)
    return json.loads(text)


def store_rows(store: Path) -> pd.DataFrame:
    """Every row of a store with every column that docs/measurements.md explains; engine keys whose values carry a unit
    are numbers, with the unit at the end of the column's name."""
    with tempfile.TemporaryDirectory(prefix="lanewise-") as folder:
        path = os.path.join(folder, "rows.csv")
        _core.export_rows(os.fspath(store), path)
        with open(path, encoding="utf-8") as file:
            return _tables.with_key_units(_tables.read(file.read()))
