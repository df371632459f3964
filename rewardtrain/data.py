"""Training data: a dataset version's folder or one file in, token sequences and pairs out.

Two shapes of table are read: `curation.pairs.SCHEMA` (what dataset versions hold), and TRL's preference columns
``chosen``, ``rejected`` and optionally ``prompt`` and ``margin``, as text or as conversations. Each distinct
(prompt, response) is encoded once; what a row loses on the way is counted and reported, never silent.

Shapes: P pairs, S distinct sequences.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import pairs
from rewardtrain.encoding import Encoder, TokenSequences
from rewardtrain.errors import DataError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class PairSet:
    """Pairs ready to train on or to be compared.

    Attributes
    ----------
    sequences : tokens of the distinct texts.
    first_P, second_P : the sequences of responses a and b.
    target_P3 : believed probability of a wins, tie, b wins; "both bad" says nothing of which is better: a tie.
    margin_P, weight_P : from the table.
    report : counts: rows, pairs, sequences, tokens, truncated, and the rows left out by reason.
    """

    sequences: TokenSequences
    first_P: np.ndarray
    second_P: np.ndarray
    target_P3: np.ndarray
    margin_P: np.ndarray
    weight_P: np.ndarray
    report: dict[str, int]

    def __len__(self) -> int:
        return len(self.first_P)


def shards(source: str | Path, split: str) -> list[Path]:
    """The files of a split: those of a dataset version's folder; one file alone is a train split."""
    path = Path(source)
    if path.is_file():
        return [path] if split == "train" else []
    if not path.is_dir():
        raise DataError(f"{source} does not exist. Give a dataset version's folder, or a Parquet or JSON lines file.")
    for folder in (path / "data", path):
        found = sorted([*folder.glob(f"{split}-*.parquet"), *folder.glob(f"{split}.parquet")])
        if found:
            return found
    return []


def read_split(source: str | Path, split: str) -> pa.Table | None:
    """The rows of one split in `curation.pairs.SCHEMA`; None where the data have no such split.

    Raises
    ------
    DataError
        If a file cannot be read, or its columns are neither those of a dataset version nor TRL's.
    """
    files = shards(source, split)
    if not files:
        return None
    return as_pairs(pa.concat_tables([read_file(file) for file in files], promote_options="permissive"))


def read_file(path: Path) -> pa.Table:
    """The rows of a Parquet or JSON file (a list, or one object a line; gzipped or not), told apart by content.

    Raises
    ------
    DataError
        If the file is neither, or broken.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == b"PAR1":
            return pq.read_table(path)
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if start[:2] == b"\x1f\x8b" else raw).decode("utf-8")
        listed = text.lstrip().startswith("[")
        rows = json.loads(text) if listed else [json.loads(line) for line in text.split("\n") if line.strip()]
        return pa.Table.from_pylist(rows)
    except (OSError, EOFError, zlib.error, ValueError, AttributeError, TypeError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read as Parquet or JSON lines: {error}") from None


def as_pairs(table: pa.Table) -> pa.Table:
    """Any readable table in `curation.pairs.SCHEMA`; columns that it lacks take neutral values.

    A table of chosen and rejected responses gets its sides by the hash of the texts, so that neither side is
    always the better one; its margin is signed to fit.
    """
    names = set(table.column_names)
    if {"chosen", "rejected"} <= names:
        table = pa.Table.from_pylist([_from_preference(row) for row in table.to_pylist()], schema=pairs.SCHEMA)
    elif not {"prompt", "response_a", "response_b", "p_a", "p_b"} <= names:
        raise DataError(
            "The table is no pair table: it has neither prompt, response_a, response_b, p_a and p_b, "
            f"nor chosen and rejected. Its columns: {', '.join(table.column_names)}."
        )
    neutral = {"p_tie": 0.0, "p_both_bad": 0.0, "margin": 0.0, "weight": 1.0, "group": "", "strength": 0.0}
    columns = []
    for field in pairs.SCHEMA:
        if field.name in table.column_names:
            column = table[field.name]
            if field.name in neutral:
                column = pc.fill_null(column, neutral[field.name])
        else:
            column = pa.array([neutral.get(field.name)] * len(table), field.type)
        try:
            columns.append(column.cast(field.type))
        except pa.ArrowException as error:
            raise DataError(f"The column {field.name} is not of type {field.type}: {error}") from None
    return pa.Table.from_arrays(columns, schema=pairs.SCHEMA)


def _from_preference(row: dict[str, Any]) -> dict[str, Any]:
    """One TRL preference row as a pair."""
    prompt, chosen, rejected = row.get("prompt"), row["chosen"], row["rejected"]
    if isinstance(chosen, list) and isinstance(rejected, list):
        shared = 0
        if not prompt:
            while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
                shared += 1
            prompt = chosen[:shared]
        chosen, rejected = (_conversation_text(messages[shared:]) for messages in (chosen, rejected))
    if not isinstance(prompt, list):
        prompt = [{"role": "user", "content": prompt}] if prompt else []
    text = pairs.canonical_json(prompt)
    first_is_chosen = _digest(text, chosen, rejected) < _digest(text, rejected, chosen)
    a, b = (chosen, rejected) if first_is_chosen else (rejected, chosen)
    sign = 1.0 if first_is_chosen else -1.0
    return {
        "row_id": pairs.row_id(text, a or "", b or ""), "prompt": text, "response_a": a, "response_b": b,
        "p_a": float(first_is_chosen), "p_tie": 0.0, "p_b": float(not first_is_chosen), "p_both_bad": 0.0,
        "strength": sign, "margin": sign * (row.get("margin") or 0.0), "weight": 1.0, "group": "", "n_votes": 1,
        "metadata": json.dumps({"subset": row["subset"]} if row.get("subset") else {}),
    }  # fmt: skip


def _conversation_text(messages: Sequence[dict[str, Any]]) -> str:
    return "\n\n".join(str(message["content"]) for message in messages)


def _digest(*texts: str | None) -> bytes:
    return hashlib.sha256(json.dumps(texts).encode()).digest()


def hold_out(table: pa.Table, share: float, seed: int) -> tuple[pa.Table, pa.Table]:
    """Split off ``share`` of the groups (or prompts, where a row has no group); which ones is a matter of hash."""
    names = np.where(pc.equal(table["group"], "").to_numpy(), table["prompt"].to_pylist(), table["group"].to_pylist())
    distinct = sorted(set(names.tolist()), key=lambda name: _digest(str(seed), name))
    held = set(distinct[: round(share * len(distinct))])
    mask = np.array([name in held for name in names.tolist()], dtype=bool)
    return table.filter(pa.array(~mask)), table.filter(pa.array(mask))


def prepare(table: pa.Table, encoder: Encoder) -> PairSet:
    """Encode the distinct texts of a pair table and collect its pairs.

    Left out, and counted in the report: rows without a response, rows whose two responses are the same,
    rows of no weight, and rows whose probabilities are no distribution.
    """
    index: dict[tuple[str, str], int] = {}
    columns = [table[name].to_pylist() for name in ("prompt", "response_a", "response_b")]
    weight_N = table["weight"].to_numpy()
    prob_N4 = pairs.outcome_probs(table)
    margin_N = table["margin"].to_numpy()
    sound_N = np.isfinite(prob_N4).all(axis=1) & (prob_N4 >= 0).all(axis=1) & (prob_N4.sum(axis=1) > 0)
    sound_N &= np.isfinite(margin_N) & np.isfinite(weight_N)
    left_out = dict.fromkeys(("without_response", "same_response", "without_weight", "bad_label"), 0)
    kept, first, second = [], [], []
    for row, (prompt, a, b) in enumerate(zip(*columns, strict=True)):
        if prompt is None or a is None or b is None:
            left_out["without_response"] += 1
        elif a == b:
            left_out["same_response"] += 1
        elif not sound_N[row]:
            left_out["bad_label"] += 1
        elif weight_N[row] <= 0:
            left_out["without_weight"] += 1
        else:
            kept.append(row)
            first.append(index.setdefault((prompt, a), len(index)))
            second.append(index.setdefault((prompt, b), len(index)))
    sequences = encoder.encode(list(index))
    prob_P4 = prob_N4[kept] / prob_N4[kept].sum(axis=1, keepdims=True)
    a_tie_b = [outcome_columns(prob_P4, names) for names in (("a",), ("tie", "both_bad"), ("b",))]
    report = {
        "rows": len(table), "pairs": len(kept), "sequences": len(sequences), "tokens": len(sequences.tokens),
        "truncated": int(sequences.truncated_S.sum()), **left_out,
    }  # fmt: skip
    return PairSet(
        sequences, np.array(first, dtype=np.int64), np.array(second, dtype=np.int64),
        np.column_stack(a_tie_b), margin_N[kept], weight_N[kept], report,
    )  # fmt: skip


def outcome_columns(prob_P4: np.ndarray, outcomes: Sequence[str]) -> np.ndarray:
    """Summed probability of some outcomes, shape (P,)."""
    return prob_P4[:, [pairs.OUTCOMES.index(name) for name in outcomes]].sum(axis=1)


def content_hash(source: str | Path) -> str:
    """SHA-256 over names and bytes of all splits' files: what a run was trained on."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for file in shards(source, split):
            digest.update(f"{split}\0{file.name}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()
