"""What a head sees of texts: the pooled vectors of a frozen backbone, each computed once and kept.

A vector depends on backbone, settings and text alone, so the store is keyed by their hash, and every filter, pool and
round of a project shares it. The pooling lets length show; an empty prompt gives the vector of the response alone.
Shapes: N texts asked for, S distinct ones that are not in the store, D width.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from curation.pairs import canonical_json
from rewardtrain.encoding import RESPONSE_FIRST, Encoder
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer, worthwhile_layers
from rewardtrain.modeling.reward_model import RewardModel, device_for
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import computed

FROZEN = Recipe(tuning="head", pooling="mean_sqrt_len", template=RESPONSE_FIRST)
_PORTION = 2000  # texts computed before they are kept
_ASKED_AT_ONCE = 500  # keys in one statement

Vectors = Callable[[Sequence[str], Sequence[str]], np.ndarray]


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


def vectors(prompts: Sequence[str], responses: Sequence[str], store: Store | None = None) -> np.ndarray:
    """Float32 of shape (N, D)."""
    asked = list(zip(prompts, responses, strict=True))
    distinct = list(dict.fromkeys(asked))
    if not asked:
        return np.zeros((0, _model()[0].backbone.config.hidden_size), np.float32)

    def compute(some_S: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(_computed([distinct[place] for place in some_S]).astype(np.float32))

    keys = [_key(*pair) for pair in distinct]
    found = kept_or_computed(store, keys, compute) if store else compute(np.arange(len(distinct)))
    place = {pair: at for at, pair in enumerate(distinct)}
    return np.asarray(found.numpy()[[place[pair] for pair in asked]])


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


def _key(prompt: str, response: str) -> bytes:
    what = [FROZEN.backbone, worthwhile_layers(FROZEN.backbone), FROZEN.pooling, FROZEN.template, FROZEN.max_length]
    return hashlib.sha256(canonical_json([what, prompt, response]).encode("utf-8", "surrogatepass")).digest()


def _computed(texts: list[tuple[str, str]]) -> np.ndarray:
    """(S, D)."""
    model, encoder = _model()
    sequences = encoder.encode(texts)
    return np.asarray(computed(model.pooled, sequences, encoder.pad, model.device).float().cpu().numpy())


@lru_cache(maxsize=1)
def _model() -> tuple[RewardModel, Encoder]:
    layers = worthwhile_layers(FROZEN.backbone)
    backbone = load_backbone(FROZEN.backbone, layers=layers, device=device_for(FROZEN.device))
    encoder = Encoder(load_tokenizer(FROZEN.backbone), FROZEN.template, FROZEN.max_length)
    return RewardModel(backbone.eval(), FROZEN.head, FROZEN.pooling), encoder
