"""Processes under the crash-testing shim of bench/shim, for tests: what they leave after a power cut."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def load_shim() -> ModuleType:
    """bench/shim/shim.py; bench is no package."""
    name = "parley_bench_shim"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "bench" / "shim" / "shim.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


shim = load_shim()


class Machine:
    """A folder on a machine whose power can be cut."""

    def __init__(self, library: Path, base: Path) -> None:
        self.library = library
        self.folder = base / "disk"
        self.folder.mkdir()
        self.undo = base / "undo"

    def start(self, program: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """A process whose working folder is the machine's."""
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=self.folder,
            env=shim.environment(self.library, self.folder, self.undo, **options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, *arguments: str, **options: Any) -> str:
        """Run until it kills itself or ends, and return what it printed."""
        process = self.start(program, *arguments, **options)
        out, err = process.communicate(timeout=60)
        assert process.returncode in (0, -9), err
        return out

    def cut_power(self, keep: float = 0.0) -> Any:
        """Nothing runs any more; what was not durable is gone."""
        return shim.restore(self.folder, self.undo, keep=keep)

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }
