"""The results of many scenarios while they are worked out, in a file: what an interrupted run has done is kept.

A directory of three files: `run.json` (what is run), `done` (a byte for each block), `values` (steps, two bytes each,
by country, target, scenario). A block's byte is set after its values were handed to the system; a crash of the
machine, unlike one of the program, may need the run to begin again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from parley.atlas.problems import AtlasProblem
from parley.outside.store.atlas_problems import AtlasFileProblem

Mode = Literal["r+", "w+"]


def open_run(
    folder: Path, settings: Mapping[str, Any], shape: tuple[int, int, int], blocks: int
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """Values and done blocks of a run, new or begun before with the same settings.

    Raises:
        AtlasProblem: ``other_run``. AtlasFileProblem: ``not_writable``.
    """
    wanted = {**settings, "shape": list(shape), "blocks": blocks}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "run.json"
        if kept.exists():
            _same(json.loads(kept.read_text("utf-8")), wanted)
            mode: Mode = "r+"
        else:
            mode = "w+"
        values = np.memmap(folder / "values", np.uint16, mode, shape=shape)
        done = np.memmap(folder / "done", np.uint8, mode, shape=(blocks,))
        if mode == "w+":
            kept.write_text(json.dumps(wanted, indent=1), "utf-8")
    except (OSError, ValueError) as error:
        raise AtlasFileProblem("not_writable", path=str(folder), why=str(error)) from None
    return values, done


def _same(found: Any, wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if not isinstance(found, dict) or found.get(name) != value:
            raise AtlasProblem("other_run", what=name)
