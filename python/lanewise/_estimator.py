# SPDX-License-Identifier: Apache-2.0
"""Estimators, and the rows that they learn from and answer."""

import json
import os
import tempfile
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
import pandas as pd

from lanewise import _core, _tables
from lanewise._engine import Engine
from lanewise._network import Network, Path
from lanewise._progress import ProgressLike, Reporting


class Prediction(NamedTuple):
    """Arrays of float64: of rows one value each, [rows]; of networks on engines [networks, engines], and NaN where the
    engine cannot run the network."""

    latency_cycles: "np.ndarray[Any, np.dtype[np.float64]]"
    energy_pj: "np.ndarray[Any, np.dtype[np.float64]]"
    dram_bytes: "np.ndarray[Any, np.dtype[np.float64]]"
    peak_sram_bytes: "np.ndarray[Any, np.dtype[np.float64]]"


def feature_names() -> List[str]:
    """Names of the features of a row, in the order of their columns; docs/estimator.md explains each."""
    return _core.feature_names()


def _cores(given: Any) -> List[Any]:
    return [one._core for one in (given if isinstance(given, (list, tuple)) else [given])]


def _cores_here() -> int:
    return len(os.sched_getaffinity(0))


class Rows:
    """Subgraphs, each on an engine: what an estimator is asked about, a million at a time. Constant."""

    def __init__(self, networks: Union[Network, Sequence[Network]], engines: Union[Engine, Sequence[Engine]]) -> None:
        """The subgraphs that each engine runs of each network, network by network, engine by engine, in order.
        Raises Error where an engine cannot run a network."""
        self._core = _core.Rows.of_networks(_cores(networks), _cores(engines))

    @classmethod
    def _of(cls, core: "_core.Rows") -> "Rows":
        made = cls.__new__(cls)
        made._core = core
        return made

    @classmethod
    def from_keys(cls, subgraph_keys: Sequence[str], engines: Union[Engine, Sequence[Engine]]) -> "Rows":
        """Rows by their keys, such as those of a store's column `subgraph_key`.

        engines: one for all, or one for each key. Raises Error for a malformed key, and where the engine cannot run it.
        """
        keys = [str(key) for key in subgraph_keys]
        if isinstance(engines, Engine):
            return cls._of(_core.Rows.of_keys(keys, [engines._core], [0] * len(keys)))
        distinct: Dict[int, int] = {}
        cores: List[Any] = []
        numbers: List[int] = []
        for engine in engines:
            if id(engine) not in distinct:
                distinct[id(engine)] = len(cores)
                cores.append(engine._core)
            numbers.append(distinct[id(engine)])
        return cls._of(_core.Rows.of_keys(keys, cores, numbers))

    @classmethod
    def from_store(cls, store: Path, *, progress: ProgressLike = False) -> "Rows":
        """The measured rows of a store, in its order; rows that failed are left out."""
        with Reporting(progress) as report:
            return cls._of(_core.Rows.of_store(os.fspath(store), report))

    def __len__(self) -> int:
        return len(self._core)

    def table(self) -> pd.DataFrame:
        """One row each: subgraph_key, engine_hash, family, and of a store's rows what was measured (latency_cycles,
        energy_pj, dram_bytes, peak_sram_bytes), weight (occurrences in networks), outside_ranges, and the splits that
        Lanewise's own estimators are tested on (held_out_random, held_out_unseen_engine, held_out_unseen_shape)."""
        columns: Dict[str, Any] = {
            "subgraph_key": self._core.keys(), "engine_hash": self._core.engine_hashes(),
            "family": self._core.families(), "engine_number": self._core.engine_numbers()}
        networks = self._core.networks()
        if len(networks) > 0 and networks[0] >= 0:
            columns["network_number"] = networks
            columns["subgraph"] = self._core.names()
        for name, values in self._core.measured().items():
            columns[name] = values.astype(bool) if values.dtype == np.int8 else values
        return pd.DataFrame(columns)

    def features(self, *, threads: Optional[int] = None) -> Tuple["np.ndarray[Any, np.dtype[np.float32]]", List[str]]:
        """The features that estimators see, [rows, features] of float32, and their names. Known before anything is
        planned or measured. exp(log_reference_cycles) is the analytical model's latency in cycles, which estimators
        learn the ratio to."""
        return self._core.features(threads or _cores_here()), _core.feature_names()

    def __repr__(self) -> str:
        return f"<lanewise.Rows: {len(self):,} subgraphs on engines>"


class Estimator:
    """A trained estimator. Constant; may be pickled."""

    def __init__(self, core: "_core.Estimator") -> None:
        """Not for callers: use `load`, `default` or `train`."""
        self._core = core

    @classmethod
    def load(cls, path: Path) -> "Estimator":
        """Reads a model file (.lwm). Raises Error where it is none, is damaged, or was made by another version."""
        return cls(_core.Estimator.load(os.fspath(path)))

    @classmethod
    def default(cls, engine: Engine) -> "Estimator":
        """The one that answers for the engine's family; Error, with the command that makes one, where there is none."""
        return cls(_core.Estimator.default(engine._core))

    @classmethod
    def train(cls, store: Path, *, seed: int = 1, trees: int = 500, depth: int = 8, learning_rate: float = 0.08,
              folds: int = 5, threads: int = 2, quick: bool = False, progress: ProgressLike = None) -> "Estimator":
        """Trains on a store of measurements and finds the accuracy on held-out splits; what `lanewise train` does.

        trees, depth, learning_rate: of the boosted trees. folds: of engines, that intervals are calibrated on; 0: no
        intervals. threads: regressors trained at once; the model does not depend on it. quick: holds out engines only.
        """
        with Reporting(progress) as report:
            return cls(_core.Estimator.train(os.fspath(store), seed, trees, depth, learning_rate, folds, threads,
                                             quick, report))

    def save(self, path: Path) -> None:
        """Writes the model file, which `lanewise estimate --estimator` reads too."""
        self._core.save(os.fspath(path))

    @property
    def family(self) -> str:
        """Of the engines that it was trained on."""
        return self._core.family

    @property
    def rows(self) -> int:
        """That it was trained on."""
        return self._core.rows

    @property
    def engines(self) -> int:
        """That it was trained on."""
        return self._core.engines

    def accuracy(self) -> pd.DataFrame:
        """One row per held-out split and quantity; what `lanewise evaluate --csv` prints. within10: share of rows with
        an error of 10 % or less."""
        return _tables.read(self._core.accuracy_csv())

    @property
    def card(self) -> Dict[str, Any]:
        """What `lanewise estimator show --json` prints: data, schema, accuracy."""
        with tempfile.TemporaryDirectory(prefix="lanewise-") as folder:
            path = self._core.path
            if not os.path.exists(path):
                path = os.path.join(folder, "model.lwm")
                self._core.save(path)
            return json.loads(_core.Estimator.card_json(path))

    def predict(self, what: Union[Rows, Network, Sequence[Network]],
                engines: Union[None, Engine, Sequence[Engine]] = None, *, threads: Optional[int] = None) -> Prediction:
        """Rows, or networks on engines: the sums over their subgraphs (the largest of them for peak_sram_bytes), as
        `estimate` has them, without intervals. threads: that rows are shared out over, None: one per core; the values do not depend on it.
        """
        if isinstance(what, Rows):
            if engines is not None:
                raise TypeError("rows have their engines")
            values = what._core.predict(self._core, False, threads or _cores_here())
            return Prediction(*(np.ascontiguousarray(values[:, i]) for i in range(4)))
        if engines is None:
            raise TypeError("networks are predicted on engines: predict(networks, engines)")
        sums = self._core.predict_networks(_cores(what), _cores(engines))
        return Prediction(sums[..., 0], sums[..., 2] * 1e6, sums[..., 3], sums[..., 4])

    def predict_latency(self, rows: Rows, *, threads: Optional[int] = None) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """The latencies of `predict` alone, in cycles, [rows], at a fraction of the cost."""
        return rows._core.predict(self._core, True, threads or _cores_here())[:, 0]

    def __reduce__(self) -> Tuple[Any, ...]:
        with tempfile.TemporaryDirectory(prefix="lanewise-") as folder:
            path = os.path.join(folder, "model.lwm")
            self._core.save(path)
            with open(path, "rb") as file:
                return (_of_bytes, (file.read(),))

    def __repr__(self) -> str:
        return f"<lanewise.Estimator of family {self.family}: {self.rows:,} rows of {self.engines:,} engines>"


def _of_bytes(content: bytes) -> Estimator:
    with tempfile.TemporaryDirectory(prefix="lanewise-") as folder:
        path = os.path.join(folder, "model.lwm")
        with open(path, "wb") as file:
            file.write(content)
        return Estimator.load(path)
