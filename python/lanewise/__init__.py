# SPDX-License-Identifier: Apache-2.0
"""Lanewise: how fast, how power-hungry and how big a network is on a neural engine that does not exist yet.

    import lanewise as lw
    answer = lw.simulate(lw.Network("mobilenet_v2"), lw.Engine("ne-256"))
    print(answer.latency_ms, answer.bound_by)

Every table is a pandas DataFrame. Names of columns and attributes end in their unit where they have one (`latency_ms`,
`energy_uj`, `dram_bytes`, `dram.bandwidth_bytes_per_second`); without one they are counts, shares from 0 to 1, flags or words.
Mistakes raise `lanewise.Error` with the line that the command line prints. docs/python.md has every function.
"""

import os as _os

from lanewise import _core
from lanewise._core import Error, InternalError, data_folders
from lanewise._engine import Engine
from lanewise._estimator import Estimator, Prediction, Rows, feature_names
from lanewise._evaluation import Answer, estimate, simulate, sweep
from lanewise._measure import measure, store_rows
from lanewise._network import Network
from lanewise._progress import ProgressLike
from lanewise._space import (
    AccuracyQuery,
    Problem,
    Search,
    SearchResult,
    Space,
    algorithms,
    metrics,
    search,
)

__version__ = _core.version()

for _shown in (Error, InternalError):
    _shown.__module__ = __name__  # as people import them

# A child of a fork must not begin with a simulation that a thread it does not have is in the middle of.
_os.register_at_fork(
    before=_core._before_fork, after_in_parent=_core._after_fork, after_in_child=_core._after_fork
)

__all__ = [
    "AccuracyQuery",
    "Answer",
    "Engine",
    "Error",
    "Estimator",
    "InternalError",
    "Network",
    "Prediction",
    "Problem",
    "ProgressLike",
    "Rows",
    "Search",
    "SearchResult",
    "Space",
    "algorithms",
    "data_folders",
    "estimate",
    "feature_names",
    "measure",
    "metrics",
    "search",
    "simulate",
    "store_rows",
    "sweep",
]
