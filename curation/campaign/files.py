"""The steps of a campaign that are done, each a file: what is there is not done again, whoever asks.

A step's file appears whole or not at all, so a campaign that was killed at any moment goes on from its last step and
ends with the same result. Pure: knows no Django.
"""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Files:
    """A folder of steps."""

    folder: Path

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def table(self, name: str, make: Callable[[], pa.Table]) -> pa.Table:
        """The table of a step (``name`` without ending), made where it is not there."""
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            made = make()
            self._put(path, lambda target: pq.write_table(made, target, compression="zstd"))
        return pq.read_table(path)

    def json(self, name: str, make: Callable[[], Any]) -> Any:
        """Plain JSON of a step, made where it is not there."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            made = json.dumps(make(), ensure_ascii=False, allow_nan=False)
            self._put(path, lambda target: target.write_text(made, "utf-8"))
        return json.loads(path.read_text("utf-8"))

    def array(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """An array of a step, made where it is not there; text is kept as text."""
        return self.table(name, lambda: pa.table({"value": pa.array(make())}))["value"].to_numpy()

    def file(self, name: str, make: Callable[[Path], None]) -> Path:
        """Any file of a step: ``make`` writes it to the path that it is given."""
        path = self.folder / name
        if not path.exists():
            self._put(path, make)
        return path

    def _put(self, path: Path, write: Callable[[Path], Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=path.parent) as folder:
            target = Path(folder) / path.name
            write(target)
            os.replace(target, path)
