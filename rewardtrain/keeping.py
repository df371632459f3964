"""What untouched backbones make of texts and pictures, each computed once and kept, named by content.

Every training and scoring on the same weights shares one store. Only for a backbone that does not change: nothing is
kept where a gradient is asked for. Shapes: S things, D width.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

_PORTION = 2000  # things computed before they are kept
_ASKED_AT_ONCE = 500  # keys in one statement
_SAMPLE = 1024  # numbers of each tensor that tell one backbone from another


class Store:
    """Vectors by key in one SQLite file, which several processes may use at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.database = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """Those vectors that are there."""
        found: dict[bytes, np.ndarray] = {}
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            some = keys[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self.database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)
            found |= {key: np.frombuffer(vector, np.float32) for key, vector in rows}
        return found

    def put(self, keys: Iterable[bytes], vectors: Iterable[np.ndarray]) -> None:
        rows = [(key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        self.database.execute("COMMIT")


def kept_or_computed(
    store: Store, keys: Sequence[bytes], compute: Callable[[np.ndarray], torch.Tensor]
) -> torch.Tensor:
    """vector_SD of ``keys``: from the store, or computed and kept a portion at a time.

    ``compute`` is given places in ``keys`` and answers in their order, in float32.
    """
    found = store.get(keys)
    missing = np.array([place for place, key in enumerate(keys) if key not in found], dtype=np.int64)
    for start in range(0, len(missing), _PORTION):
        some = missing[start : start + _PORTION]
        fresh = dict(zip((keys[place] for place in some), compute(some).float().cpu().numpy(), strict=True))
        store.put(fresh.keys(), fresh.values())
        found |= fresh
    return torch.from_numpy(np.stack([found[key] for key in keys]))


class Kept:
    """A store as one backbone uses it: a key is the hash of its weights, of how it is asked, and of the content.

    Parameters
    ----------
    preparation : what else a vector depends on, such as how pictures are prepared or vectors pooled.

    Attributes
    ----------
    computed : vectors that were not in the store.
    """

    def __init__(self, store: Store, model: torch.nn.Module, preparation: Mapping[str, Any]) -> None:
        digest = hashlib.sha256(json.dumps(preparation, sort_keys=True, default=str).encode())
        for name, tensor in sorted(model.state_dict().items()):
            sample = tensor.flatten()[:_SAMPLE].float().cpu().numpy()
            digest.update(f"{name}{tuple(tensor.shape)}".encode() + sample.tobytes())
        self.store, self.backbone, self.computed = store, digest.digest(), 0
        self.device = next(model.parameters()).device

    def vectors(self, contents: Sequence[bytes], compute: Callable[[np.ndarray], torch.Tensor]) -> torch.Tensor:
        """vector_SD; ``compute`` is given the places of what is missing."""

        def counted(some_S: np.ndarray) -> torch.Tensor:
            self.computed += len(some_S)
            return compute(some_S)

        keys = [hashlib.sha256(self.backbone + content).digest() for content in contents]
        return kept_or_computed(self.store, keys, counted).to(self.device)


def through(
    kept: Kept | None, contents: Sequence[bytes], compute: Callable[[np.ndarray], torch.Tensor]
) -> torch.Tensor:
    """vector_SD: from the store where there is one and no gradient is asked for, else computed."""
    if kept is None or torch.is_grad_enabled():
        return compute(np.arange(len(contents)))
    return kept.vectors(contents, compute)
