# SPDX-License-Identifier: Apache-2.0
"""What networks cost on engines."""

import itertools
import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

import pandas as pd

from lanewise import _core, _tables
from lanewise._engine import Engine, KeyValue, _key, _text
from lanewise._network import Network
from lanewise._progress import ProgressLike, Reporting


def _total(name: str, doc: str) -> Any:
    return property(lambda self: self.json["total"][name], doc=doc)


class _Texts:
    """An answer that came from another process: what its core said."""

    def __init__(self, json: str, csv: str, text: str, interval_cycles: List[int]) -> None:
        self._said = (json, csv, text)
        self.interval_cycles = interval_cycles

    def json(self) -> str:
        return self._said[0]

    def csv(self) -> str:
        return self._said[1]

    def text(self) -> str:
        return self._said[2]


def _answer_of(*said: Any) -> "Answer":
    return Answer(_Texts(*said))


class Answer:
    """What a network costs on an engine: totals as attributes, one row per subgraph in `table`, everything in `json`.
    May be pickled."""

    latency_cycles: int = _total("latency_cycles", "Cycles of the engine's clock from start to end.")
    latency_ms: float = _total("latency_ms", "The same in milliseconds.")
    inferences_per_second: float = _total("inferences_per_second", "Images of the batch per second.")
    macs: int = _total("macs", "Multiply-accumulates.")
    parameters: int = _total("parameters", "Trained numbers of the network.")
    parameter_bytes: int = _total("parameter_bytes", "Bytes of the weights, plain.")
    utilization: float = _total("utilization", "MACs over what the array could do in that time, 0 to 1.")
    energy_uj: float = _total("energy_uj", "Microjoules of one run.")
    average_power_mw: float = _total("average_power_mw", "Milliwatts on average while it runs.")
    area_mm2: float = _total("area_mm2", "Of the engine, in square millimetres.")
    dram_bytes: int = _total("dram_bytes", "Bytes to and from DRAM, partly used bursts counted whole.")
    peak_sram_bytes: int = _total("peak_sram_bytes", "On-chip bytes of the subgraph that needs the most.")
    peak_activation_bytes: int = _total("peak_activation_bytes", "Bytes of the tensors live at once, untiled.")
    bound_by: str = _total("bound_by", "The resource that would save most time if it were doubled.")
    host_share_percent: float = _total("host_share_percent", "Of the latency, in operators that the host runs.")

    def __init__(self, core: Union["_core.Answer", _Texts]) -> None:
        self._core = core
        self._json: Optional[Dict[str, Any]] = None

    @property
    def json(self) -> Dict[str, Any]:
        """What the command line prints with --json; docs/cli.md explains every field."""
        if self._json is None:
            self._json = json.loads(self._core.json())
        return self._json

    @property
    def source(self) -> str:
        """"simulated" or "estimated"."""
        return self.json["source"]

    @property
    def network(self) -> str:
        """The network's name."""
        return self.json["network"]

    @property
    def engine(self) -> str:
        """The engine's name; `json["engine_overrides"]` says what was set."""
        return self.json["engine"]

    @property
    def warnings(self) -> List[str]:
        """Rules of scale that the engine breaks, one line each."""
        return self.json["warnings"]

    @property
    def interval_cycles(self) -> Optional[Tuple[int, int]]:
        """Estimated answers: lowest and highest latency in cycles with the probability that was asked for."""
        bounds = self._core.interval_cycles
        return (bounds[0], bounds[1]) if bounds else None

    @property
    def table(self) -> pd.DataFrame:
        """One row per subgraph: macs, latency_cycles, utilization, energy_uj, dram_bytes, peak_sram_bytes, bound_by."""
        return _tables.read(self._core.csv())

    def __reduce__(self) -> Tuple[Any, ...]:
        return (_answer_of, (self._core.json(), self._core.csv(), self._core.text(), list(self._core.interval_cycles)))

    def __str__(self) -> str:
        return self._core.text()

    def __repr__(self) -> str:
        return (f"<lanewise.Answer {self.network} on {self.engine}, {self.source}: {self.latency_ms:.3f} ms, "
                f"{self.energy_uj:,.1f} uJ>")


def simulate(network: Network, engine: Engine, *, profile: bool = False, progress: ProgressLike = False) -> Answer:
    """Runs a network on the SystemC engine, in this process; what `lanewise simulate` answers.

    profile: also places each subgraph under the roofline: `answer.json["profile"]` and columns of `answer.table`.
    Raises Error where the engine cannot run the network. Threads may call it; one of them simulates at a time.
    """
    with Reporting(progress) as report:
        return Answer(_core.simulate(network._core, engine._core, profile, report))


def estimate(network: Network, engine: Engine, estimator: Any = None, *, level: float = 0.9) -> Answer:
    """Predicts what `simulate` would say; what `lanewise estimate` answers.

    estimator: an Estimator; None: the default of the engine's family (docs/installing.md).
    level: probability with which `interval_cycles` holds the simulated latency, above 0 and below 1.
    """
    core = _core.Estimator.default(engine._core) if estimator is None else estimator._core
    return Answer(_core.estimate(network._core, engine._core, core, level))


def _vary(given: Mapping[str, Iterable[KeyValue]]) -> Tuple[List[Tuple[str, List[str]]], List[Tuple[str, List[int]]]]:
    axes: List[Tuple[str, List[str]]] = []
    sizes: List[Tuple[str, List[int]]] = []
    for name, values in given.items():
        if isinstance(values, str):
            raise _core.Error(f"vary: {name}: must be a list of values, not the text {values!r}")
        key = _key(name)
        if key == "batch" or key.startswith("dim."):
            sizes.append((key, [int(value) for value in values]))
        else:
            axes.append((key, [_text(key, value) for value in values]))
    return axes, sizes


def _sized(network: Network, names: Sequence[str], values: Sequence[int]) -> Network:
    batch: Optional[int] = None
    dims: Dict[str, int] = {}
    for name, value in zip(names, values):
        if name == "batch":
            batch = value
        else:
            dims[name[len("dim."):]] = value
    return network.with_sizes(batch, dims) if names else network


def sweep(networks: Union[Network, Sequence[Network]], engine: Engine,
          vary: Optional[Mapping[str, Iterable[KeyValue]]] = None, *, by: str = "simulate", estimator: Any = None,
          objectives: Union[str, Sequence[str]] = "", limits: Union[str, Sequence[str]] = (), sort: str = "",
          top: Optional[int] = None, scale_with: Union[None, bool, Sequence[str]] = None, level: float = 0.9,
          jobs: Optional[int] = None, progress: ProgressLike = None) -> pd.DataFrame:
    """Networks on every combination of values, one row each; what `lanewise sweep` answers.

    vary: engine keys, "batch" or "dim.NAME", each with its values: {"dram.bandwidth": ["3.2 GB/s", 6.4e9]}.
    by: "simulate" or "estimate"; estimator: an Estimator, for the latter (None: the family's default).
    objectives: metrics that the column `pareto` is by. limits: "latency_ms<=5", "area_mm2<=1.2*baseline".
    sort: "latency_ms" or "latency_ms:desc". top: so many rows of each network.
    scale_with: keys that change with those varied; True: all that the family's file names.
    jobs: simulator processes; None: one per core. The rows do not depend on it.

    Columns: the varied keys, as numbers with their units in the names; latency_cycles, latency_ms, energy_uj,
    average_power_mw, area_mm2, utilization, dram_bytes, peak_sram_bytes, bound_by, pareto, failure, … An engine that
    cannot be, or that cannot run the network, is a row with its reason in `failure`.
    """
    listed = [networks] if isinstance(networks, Network) else list(networks)
    axes, sizes = _vary(vary or {})
    if by not in ("simulate", "estimate"):
        raise _core.Error(f"by: '{by}' must be simulate or estimate")
    if by == "simulate" and estimator is not None:
        raise _core.Error("estimator: is for by=\"estimate\"")
    core = None
    if by == "estimate":
        core = _core.Estimator.default(engine._core) if estimator is None else estimator._core
    names = [name for name, _ in sizes]
    sized = [_sized(network, names, values) for network in listed
             for values in itertools.product(*(values for _, values in sizes))]
    scaling: Optional[List[str]] = None
    if scale_with is not None and scale_with is not False:
        scaling = [] if scale_with is True else list(scale_with)
    with Reporting(progress) as report:
        table = _core.sweep(
            [network._core for network in sized], engine._core, axes,
            [(name, [str(value) for value in values]) for name, values in sizes], core,
            objectives if isinstance(objectives, str) else ",".join(objectives),
            [limits] if isinstance(limits, str) else list(limits), sort, top or 0, scaling, jobs or 0, level, report)
    frame = _tables.with_key_units(_tables.read(table.csv()))
    whole = json.loads(table.json())
    frame.attrs.update({name: whole[name] for name in ("engine", "engine_hash", "source", "tool_version")})
    return frame
