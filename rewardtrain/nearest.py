"""The labelled pairs of a version's train split that are nearest to pasted texts, by sentence vectors.

A prompt and a response are one text; a pair is as near as the nearer of its two. Vectors of a version are kept.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from curation import pairs
from rewardtrain.data import shards

MOST_PAIRS = 5000  # of a version, from its beginning
SHOWN = 8
Embed = Callable[[Sequence[str]], np.ndarray]


def nearest(
    version: Path, prompt: str, responses: Sequence[str], *, embed: Embed, kept: Path, shown: int = SHOWN
) -> list[dict[str, Any]]:
    """[{"row_id", "side", "response", "similarity"}], nearest first; ``response`` is the place of the text it is near.

    Parameters
    ----------
    kept : file of the version's vectors, (2 rows, D); written where it is missing.
    """
    rows = _rows(version)
    if not rows:
        return []
    query_QD = embed([_text(prompt, response) for response in responses])
    try:
        vector_SD = np.load(kept)
    except OSError:
        vector_SD = embed([_text(row["prompt"], row[f"response_{side}"]) for side in "ab" for row in rows])
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.with_suffix(".partial").open("wb") as file:
            np.save(file, vector_SD.astype(np.float16))
        kept.with_suffix(".partial").replace(kept)
    near_SQ = vector_SD.astype(np.float32) @ query_QD.T
    near_2NQ = near_SQ.reshape(2, len(rows), -1)
    near_N = near_2NQ.max(axis=(0, 2))
    found = []
    for place in np.argsort(-near_N, kind="stable")[:shown]:
        side, response = np.unravel_index(near_2NQ[:, place].argmax(), near_2NQ[:, place].shape)
        near = {"side": "ab"[side], "response": int(response), "similarity": float(near_N[place])}
        found.append({"row_id": rows[place]["row_id"], **near})
    return found


def _rows(version: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for shard in shards(version, "train"):
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(columns=["row_id", "prompt", "response_a", "response_b"]):
                found += batch.to_pylist()
                if len(found) >= MOST_PAIRS:
                    return found[:MOST_PAIRS]
    return found


def _text(prompt: str, response: str) -> str:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        prompt = pairs.prompt_text(prompt)
    return f"{prompt}\n\n{response}"
