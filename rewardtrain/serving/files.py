"""Files of prompts and responses, scored with progress and parted in two, so that no row is lost.

Parquet (.parquet) or JSON lines (.jsonl); each part is written beside its place and moved there when it is whole.
Shapes: N rows.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rewardtrain.data import read_file
from rewardtrain.errors import DataError
from rewardtrain.serving.shaping import conservative

_CHUNK = 512
_EVERY_SECONDS = 2.0


def scored(options: argparse.Namespace) -> tuple[pa.Table, np.ndarray]:
    """The rows of ``options.input`` with their rewards, and the score that they are chosen by."""
    from rewardtrain.scoring import Scorer

    table = read_file(options.input)
    if not {"prompt", "response"} <= set(table.column_names):
        raise DataError(f"{options.input} has no columns prompt and response, only {', '.join(table.column_names)}.")
    prompts, responses = (_texts(table, name, options.input) for name in ("prompt", "response"))
    scorer = Scorer(options.model, device=options.device, precision=options.precision)
    rewards: list[np.ndarray] = []
    deviations: list[Any] = []
    start = shown = time.monotonic()
    for at in range(0, len(prompts), _CHUNK):
        found = scorer.scores(prompts[at : at + _CHUNK], responses[at : at + _CHUNK])
        rewards.append(found.reward_N)
        deviations.append(found.deviation_N)
        done, now = min(at + _CHUNK, len(prompts)), time.monotonic()
        if now - shown > _EVERY_SECONDS or done == len(prompts):
            shown = now
            print(json.dumps({"scored": done, "of": len(prompts), "seconds": round(now - start, 1)}), flush=True)
    reward_N = np.concatenate(rewards) if rewards else np.zeros(0)
    bad = np.flatnonzero(~np.isfinite(reward_N))
    if len(bad):
        raise DataError(f"The model gives no finite number for {len(bad)} rows, row {bad[0] + 1} first.")
    table = _with(table, "reward", reward_N)
    score_N = reward_N
    if deviations and deviations[0] is not None:
        deviation_N = np.concatenate(deviations)
        table = _with(table, "deviation", deviation_N)
        if options.by == "conservative":
            score_N = conservative(reward_N, deviation_N, options.k)
            table = _with(table, "conservative", score_N)
    elif options.by == "conservative" and len(reward_N):
        raise DataError("The model gives no deviation, so no bound: it is not an ensemble. Choose --by mean.")
    return table, score_N


def parted(
    table: pa.Table, score_N: np.ndarray, chosen_N: np.ndarray, first: Path, second: Path | None
) -> dict[str, Any]:
    """Write the chosen rows and the others; returns how many, and the mean scores."""
    if second is not None and first.resolve() == second.resolve():
        raise DataError("The two parts need two files.")
    for path, mask_N in ((first, chosen_N), (second, ~chosen_N)):
        if path is not None:
            write(table.filter(pa.array(mask_N)), path)

    def mean(mask_N: np.ndarray) -> float | None:
        return float(score_N[mask_N].mean()) if mask_N.any() else None

    return {
        "rows": len(chosen_N), "chosen": int(chosen_N.sum()), "others": int((~chosen_N).sum()),
        "mean_chosen": mean(chosen_N), "mean_others": mean(~chosen_N),
    }  # fmt: skip


def write(table: pa.Table, path: Path) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jsonl":
            with beside.open("w", encoding="utf-8") as file:
                for row in table.to_pylist():
                    file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            pq.write_table(table, beside)
        beside.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _texts(table: pa.Table, name: str, path: Path) -> list[str]:
    """A column as texts; a prompt may be a list of messages."""
    found = table[name].to_pylist()
    if name == "prompt":
        found = [json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value for value in found]
    for row, value in enumerate(found, 1):
        if not isinstance(value, str):
            raise DataError(f"{path}: row {row} has no text as {name}.")
    return found


def _with(table: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    if name in table.column_names:
        table = table.drop_columns(name)
    return table.append_column(name, pa.array(values))
