# SPDX-License-Identifier: Apache-2.0
"""Builds the Python package with CMake: `pip install . --no-build-isolation` in a virtual environment with system site
packages (docs/python.md). LANEWISE_BUILD names a build tree that holds the module already, which is taken as it is."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
DATA = {"hwconfigs": {".yaml"}, "models": {".onnx", ".tflite", ".md"}, "spaces": {".yaml"}, "campaigns": {".yaml"},
        "workloads": {".yaml"}}


class CMakeBuild(build_ext):
    """The module, the process that it starts for each core, and the data that both find beside it."""

    def build_extension(self, extension: Extension) -> None:
        given = os.environ.get("LANEWISE_BUILD")
        tree = Path(given) if given else self.build_tree()
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        module = tree / "python" / "lanewise" / f"_core{suffix}"
        if not module.exists():
            raise SystemExit(f"lanewise: error: {module}: no such file: build the target lanewise_python for {sys.executable}")
        package = Path(self.get_ext_fullpath(extension.name)).resolve().parent
        package.mkdir(parents=True, exist_ok=True)
        shutil.copy2(module, package / module.name)
        programs = package / "libexec" / "lanewise"
        programs.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / "lanewise-worker", programs / "lanewise-worker")
        for folder, suffixes in DATA.items():
            for file in sorted((ROOT / folder).rglob("*")):
                if file.suffix not in suffixes:
                    continue
                target = package / "share" / "lanewise" / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)

    def build_tree(self) -> Path:
        tree = Path(self.build_temp).resolve()
        subprocess.run(["cmake", "-S", str(ROOT), "-B", str(tree), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                        "-DLANEWISE_WITH_PYTHON=ON", f"-DPython3_EXECUTABLE={sys.executable}"], check=True)
        subprocess.run(["cmake", "--build", str(tree), "--target", "lanewise_python", "lanewise-worker"], check=True)
        return tree


VERSION = re.search(r"^project\(lanewise VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)

setup(version=VERSION, ext_modules=[Extension("lanewise._core", [])], cmdclass={"build_ext": CMakeBuild})
