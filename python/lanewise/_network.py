# SPDX-License-Identifier: Apache-2.0
"""Networks."""

import json
import os
import shutil
import tempfile
import weakref
from typing import Any, Dict, Mapping, Optional, Tuple, Union

import pandas as pd

from lanewise import _core, _tables
from lanewise._engine import Engine

Path = Union[str, "os.PathLike[str]"]


def _input_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(_input_text(one) for one in value)
    return str(value)


class _Folder:
    """A folder that goes with the last network whose file is in it."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="lanewise-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Network:
    """A network, read from an ONNX or TensorFlow Lite file or a SCALE-Sim topology. Constant; may be pickled.

    path: a file, or the name of a shipped network ("mobilenet_v2").
    batch: first dimension of the inputs; None: 1, or what the file fixes.
    dim: sizes of inputs by their name in the file, or by input and axis: {"image.2": 320}.
    input: values of inputs that the network's course depends on: {"trip_count": 4}.
    precision: of a float network: "int8" (the default), "fp16", "weights=int4,activations=int8", …
    layer_precision: path of a file with the precisions of single layers.
    compression: path of a file with the forms of pruned and clustered weights, or "counted" from the file's numbers.
    prune, cluster: as if layers were pruned ("2:4", "0.5"), or their weights had so many different values (16).
    custom: path of a file that says how unknown operators are timed.

    Each is the option of the command line of that name (docs/cli.md). Raises Error as that does.
    """

    def __init__(self, path: Path, *, batch: Optional[int] = None, dim: Optional[Mapping[str, int]] = None,
                 input: Optional[Mapping[str, Any]] = None, precision: str = "", layer_precision: Path = "",
                 compression: Path = "", prune: str = "", cluster: Optional[int] = None, custom: Path = "") -> None:
        self._settings: Dict[str, Any] = dict(
            batch=batch, dim=dict(dim or {}), input=dict(input or {}), precision=precision,
            layer_precision=os.fspath(layer_precision), compression=os.fspath(compression), prune=str(prune),
            cluster=cluster, custom=os.fspath(custom))
        self._given = os.fspath(path)
        self._folder: Optional[_Folder] = None
        self._design: Optional[Tuple[Any, str]] = None  # the space and the encoding that it is of
        s = self._settings
        self._core = _core.Network(
            self._given, s["batch"], list(s["dim"].items()),
            [(name, _input_text(value)) for name, value in s["input"].items()], s["precision"], s["layer_precision"],
            s["compression"], s["prune"], s["cluster"], s["custom"])

    @classmethod
    def _of(cls, core: "_core.Network", design: Optional[Tuple[Any, str]] = None) -> "Network":
        made = cls.__new__(cls)
        made._settings = {}
        made._given = ""
        made._folder = None
        made._design = design
        made._core = core
        return made

    @classmethod
    def from_torch(cls, module: Any, example: Any, *, name: str = "network", opset_version: int = 13,
                   **settings: Any) -> "Network":
        """The network of a PyTorch module, by way of torch.onnx.export. Needs torch.

        module: a torch.nn.Module. example: its input, or a tuple of its inputs: tensors of the shapes to be timed.
        name: of the network. settings: as Network takes them.
        """
        import torch

        folder = _Folder()
        path = os.path.join(folder.path, f"{name}.onnx")
        inputs = example if isinstance(example, tuple) else (example,)
        training = module.training
        module.eval()
        try:
            with torch.no_grad():
                torch.onnx.export(module, inputs, path, opset_version=opset_version)
        finally:
            module.train(training)
        made = cls(path, **settings)
        made._folder = folder  # weights of an export come from the file
        return made

    def with_sizes(self, batch: Optional[int] = None, dim: Optional[Mapping[str, int]] = None) -> "Network":
        """The same file read again with other sizes; those not given stay. Raises Error for a network of a space."""
        if not self._settings:
            raise Error("network " + self.name + ": is of a space, whose file says its sizes")
        settings = dict(self._settings)
        if batch is not None:
            settings["batch"] = batch
        settings["dim"] = {**settings["dim"], **(dim or {})}
        made = Network(self._given, **settings)
        made._folder = self._folder
        return made

    @property
    def name(self) -> str:
        """Of the file, without folder and suffix."""
        return self._core.name

    @property
    def path(self) -> str:
        """Of the file; "" for a network of a space."""
        return self._core.path

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one run, with its whole batch."""
        return self._core.macs

    @property
    def parameters(self) -> int:
        """Trained numbers."""
        return self._core.parameters

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the weights as an engine stores them, plain."""
        return self._core.parameter_bytes

    @property
    def peak_activation_bytes(self) -> int:
        """The most bytes of activations that live at one time, untiled."""
        return self._core.peak_activation_bytes

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits, equal for equal graphs."""
        return self._core.hash

    @property
    def json(self) -> Dict[str, Any]:
        """What `lanewise network show --json` prints."""
        return json.loads(self._core.json())

    def layers(self) -> pd.DataFrame:
        """One row per operator: kind, shapes, macs, parameters, blocks, form of the weight."""
        return _tables.read(self._core.csv())

    def subgraphs(self, engine: Engine) -> pd.DataFrame:
        """One row per subgraph that the engine runs as one command, in order: sizes, bytes, and what is on chip."""
        return pd.DataFrame(self._core.subgraphs(engine._core))

    def export(self, path: Path) -> Dict[str, int]:
        """Writes ONNX that other tools read. Returns how many weights kept their numbers ("kept") and how many became
        inputs, as no numbers are known ("stripped")."""
        return self._core.export(os.fspath(path))

    def __reduce__(self) -> Tuple[Any, ...]:
        if self._design is not None:
            return (_of_design, self._design)
        return (_of_settings, (self._given, self._settings))

    def __repr__(self) -> str:
        return f"<lanewise.Network {self.name}: {self.macs:,} MACs, {self.parameters:,} parameters>"


Error = _core.Error


def _of_settings(path: str, settings: Dict[str, Any]) -> Network:
    return Network(path, **settings)


def _of_design(space: Any, encoding: str) -> Network:
    return space.network(encoding)
