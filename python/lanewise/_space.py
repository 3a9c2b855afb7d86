# SPDX-License-Identifier: Apache-2.0
"""Search spaces, and searches in them."""

import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
import pandas as pd

from lanewise import _core
from lanewise._engine import Engine
from lanewise._estimator import Estimator
from lanewise._network import Network, Path
from lanewise._progress import ProgressLike, Reporting


class Space:
    """A search space. Designs are texts, `encodings`, as the command line and its files have them. Constant; may be
    pickled.

    path: a file, or the name of a shipped space ("fm28", "default"). network: what it moves, where it has no networks of
    its own. engine: what designs run on and what the space may change; None: the networks alone. engine_genes: whether
    the engine's keys are genes. Raises Error naming file, line, key and rule.
    """

    def __init__(self, path: Path, network: Optional[Network] = None, engine: Optional[Engine] = None, *,
                 engine_genes: bool = True) -> None:
        self._made_of = (os.fspath(path), network, engine, engine_genes)
        self._core = _core.Space(os.fspath(path), network._core if network is not None else None,
                                 engine._core if engine is not None else None, engine_genes)

    @property
    def name(self) -> str:
        """As the file gives it."""
        return self._core.name

    @property
    def size(self) -> float:
        """How many combinations of values there are, those that mean the same design included."""
        return self._core.size

    def genes(self) -> pd.DataFrame:
        """One row per gene, in order: part ("network", "engine"), values (texts, the default first)."""
        return pd.DataFrame(self._core.genes(), columns=["gene", "part", "values"]).set_index("gene")

    @property
    def left_out(self) -> List[str]:
        """Moves that do not apply and values that the engine refuses, each with its reason."""
        return self._core.left_out

    @property
    def default(self) -> str:
        """The encoding of the design that nothing was changed of."""
        return self._core.default()

    def encode(self, genotype: Sequence[int]) -> str:
        """The encoding of a genotype: for each gene the index of its value. Equal for genotypes of the same design."""
        return self._core.encode([int(value) for value in genotype])

    def decode(self, encoding: str) -> Tuple[int, ...]:
        """The genotype of an encoding, canonical: genes that do not matter have their default, 0."""
        return tuple(self._core.decode(encoding))

    def values(self, encoding: str) -> Dict[str, str]:
        """The values of a design's genes, by name."""
        return dict(zip((gene["gene"] for gene in self._core.genes()), self._core.values(encoding)))

    def sample(self, count: int, seed: int = 1) -> List[str]:
        """Encodings of distinct designs, every gene uniform; fewer where the space has no more."""
        return self._core.sample(count, seed)

    def network(self, encoding: str) -> Network:
        """The network of a design. Raises Error where the genes contradict each other."""
        return Network._of(self._core.network(encoding), (self, encoding))

    def engine(self, encoding: str) -> Engine:
        """The engine of a design. Raises Error where it refuses the values together."""
        return Engine._of(self._core.engine(encoding))

    def __reduce__(self) -> Tuple[Any, ...]:
        path, network, engine, engine_genes = self._made_of
        return (_space_of, (path, network, engine, engine_genes))

    def __repr__(self) -> str:
        return f"<lanewise.Space {self.name}: {len(self._core.genes())} genes, {self.size:.3g} combinations>"


def _space_of(path: str, network: Optional[Network], engine: Optional[Engine], engine_genes: bool) -> Space:
    return Space(path, network, engine, engine_genes=engine_genes)


class AccuracyQuery(NamedTuple):
    """What a function that stands for accuracy is asked about."""

    encoding: str  #: of the network alone
    network: Network
    genes: Dict[str, str]
    macs: int
    parameters: int


class Problem:
    """What designs of a space are worth: objectives under limits.

    objectives: names of `metrics()`: "latency_ms,energy_uj" or a list. Each is minimised unless ":max" stands behind it;
    accuracy is maximised. limits: "latency_ms<=5", "parameters>=0.9*baseline"; those of the space hold besides.
    by: "estimate" or "simulate"; estimator: for the former (None: the family's default); jobs: simulator processes for
    the latter, 0: one per core.
    accuracy: a function of an AccuracyQuery that gives a number, larger is better unless higher_is_better is False; None
    where there is no score, which makes the design infeasible. It stands in for the space's own section `accuracy`.
    """

    def __init__(self, space: Space, objectives: Union[str, Sequence[str]] = "latency_ms,energy_uj", *,
                 limits: Union[str, Sequence[str]] = (), by: str = "estimate",
                 estimator: Optional[Estimator] = None, jobs: int = 1,
                 accuracy: Optional[Callable[[AccuracyQuery], Optional[float]]] = None,
                 higher_is_better: bool = True) -> None:
        if by not in ("simulate", "estimate"):
            raise _core.Error(f"by: '{by}' must be simulate or estimate")
        core = None
        if by == "estimate":
            engine = space._made_of[2]
            if estimator is not None:
                core = estimator._core
            elif engine is not None:
                core = _core.Estimator.default(engine._core)
        elif estimator is not None:
            raise _core.Error("estimator: is for by=\"estimate\"")
        function = None
        if accuracy is not None:
            asked = accuracy

            def function(encoding: str, network: Any, genes: Any, macs: int, parameters: int) -> Optional[float]:
                return asked(AccuracyQuery(encoding, Network._of(network), dict(genes), macs, parameters))

        self.space = space
        self._core = _core.Problem(
            space._core, objectives if isinstance(objectives, str) else ",".join(objectives),
            [limits] if isinstance(limits, str) else list(limits), core, jobs, function, higher_is_better)

    @property
    def objectives(self) -> List[str]:
        """The metrics, in order."""
        return self._core.objectives

    @property
    def limits(self) -> List[str]:
        """All limits, the space's included but for what its section `capacity` says."""
        return self._core.limits

    def evaluate(self, encodings: Sequence[str]) -> Tuple[Any, Any]:
        """What designs are worth, as searches see it: objectives [designs, objectives], all to be minimised (what is
        maximised is negated), and violations [designs]: 0 where all limits hold, else by how much they are missed, in
        relative terms. A design that cannot be has a violation of a million and the largest objectives there are."""
        return self._core.evaluate(list(encodings))

    def metrics(self, encodings: Sequence[str]) -> pd.DataFrame:
        """Every metric but accuracy, one row per design; `failure` says why there is no such design."""
        return pd.DataFrame(self._core.price(list(encodings)))

    def _frame(self, rows: Sequence[Tuple[str, Sequence[float], float]]) -> pd.DataFrame:
        negated = set(self._core.maximised) | {"accuracy"}
        frame = pd.DataFrame({"encoding": [row[0] for row in rows]})
        for i, name in enumerate(self.objectives):
            values = np.array([row[1][i] for row in rows], dtype=float)
            impossible = np.array([row[2] >= _IMPOSSIBLE for row in rows], dtype=bool)
            frame[name] = np.where(impossible, np.nan, -values if name in negated else values)
        frame["violation"] = [row[2] for row in rows]
        return frame


_IMPOSSIBLE = 1e6  # nas::kImpossible: the violation of a design that cannot be


class Search:
    """A search algorithm that a loop of one's own drives: it asks for designs and is told what they are worth.

        search = lw.Search(problem, "nsga2", seed=1)
        while len(search) < 500:
            batch = search.ask()
            search.tell(batch, *problem.evaluate(batch))

    what: a Space, or a Problem, whose free objectives (MACs, parameters, area) the algorithm may then look at for
    nothing. algorithm: a name of `algorithms()`. population: of evolution, and the size of its batches. batch: designs
    asked for at once, 0: the algorithm's own rule. seeds: encodings that are tried first, behind the default.
    The same seed and the same answers give the same questions.
    """

    def __init__(self, what: Union[Space, Problem], algorithm: str = "nsga2", *, seed: int = 1, population: int = 48,
                 batch: int = 0, seeds: Sequence[str] = ()) -> None:
        self._problem = what if isinstance(what, Problem) else None
        self.space = what.space if isinstance(what, Problem) else what
        self._core = _core.Search(self.space._core, self._problem._core if self._problem is not None else None,
                                  algorithm, seed, population, batch, list(seeds))

    def ask(self) -> List[str]:
        """Encodings of the next batch, each once and none that was told before; empty: the space is exhausted."""
        return self._core.ask()

    def tell(self, encodings: Sequence[str], objectives: Any, violations: Any = None) -> None:
        """What designs are worth: a part of what was asked for, or others that were evaluated elsewhere.

        objectives: [designs, objectives] or [designs], all to be minimised. violations: [designs], 0 where a design is
        feasible; None: all are.
        """
        values = np.asarray(objectives, dtype=float)
        if values.ndim == 1:
            values = values.reshape(-1, 1)
        missed = np.zeros(len(encodings)) if violations is None else np.asarray(violations, dtype=float)
        self._core.tell(list(encodings), values.tolist(), missed.tolist())

    def __len__(self) -> int:
        """How many designs were told."""
        return len(self._core)

    def _frame(self, rows: Any) -> pd.DataFrame:
        if self._problem is not None:
            return self._problem._frame(rows)
        frame = pd.DataFrame({"encoding": [row[0] for row in rows]})
        for i in range(len(rows[0][1]) if rows else 0):
            frame[f"objective_{i}"] = [row[1][i] for row in rows]
        frame["violation"] = [row[2] for row in rows]
        return frame

    def told(self) -> pd.DataFrame:
        """Everything told so far, in order: encoding, objectives, violation."""
        return self._frame(self._core.told())

    def front(self) -> pd.DataFrame:
        """The feasible designs that no other dominates, by the first objective."""
        return self._frame(self._core.front())

    def save(self) -> str:
        """The whole state as text, after a tell."""
        return self._core.save()

    def load(self, state: str) -> None:
        """Goes on from what `save` gave; the search must be fresh and made as the other one was."""
        self._core.load(state)


class SearchResult(NamedTuple):
    """How a search ended."""

    front: pd.DataFrame  #: feasible designs that no other dominates: encoding, objectives, violation
    history: pd.DataFrame  #: every design in the order in which it was evaluated
    least_violating: pd.DataFrame  #: where nothing feasible was found, those that miss the limits by the least
    curve: pd.DataFrame  #: after each batch: evaluations, hypervolume, designs on the front
    evaluations: int
    end: str  #: "evaluations", "seconds", "no gain" or "exhausted"


def search(problem: Problem, algorithm: str = "nsga2", *, evaluations: int = 0, seconds: float = 0, patience: int = 0,
           seed: int = 1, population: int = 48, batch: int = 0, seeds: Sequence[str] = (),
           progress: ProgressLike = None) -> SearchResult:
    """A whole search, in C++. At least one end must be set: evaluations; seconds; patience, batches without a gain.

    The candidates are those of a `Search` of the same arguments that is told what `problem.evaluate` gives.
    """
    with Reporting(progress) as report:
        made = _core.search(problem._core, algorithm, seed, population, batch, list(seeds), evaluations, seconds,
                            patience, report)
    return SearchResult(
        problem._frame(made["front"]), problem._frame(made["history"]), problem._frame(made["least_violating"]),
        pd.DataFrame(made["curve"], columns=["evaluations", "hypervolume", "front"]), made["evaluations"],
        made["end"])


def algorithms() -> pd.DataFrame:
    """Every search algorithm, with a line about it."""
    return pd.DataFrame(_core.algorithms(), columns=["algorithm", "description"]).set_index("algorithm")


def metrics() -> pd.DataFrame:
    """Every metric that objectives and limits may name, with its meaning and unit."""
    return pd.DataFrame(_core.metrics(), columns=["metric", "meaning"]).set_index("metric")
