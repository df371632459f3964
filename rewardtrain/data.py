"""Training data: a dataset version's folder or one file in, a table out; `rewardtrain.labels` makes labels of it.

Two shapes of pair table are read: `curation.pairs.SCHEMA` (what dataset versions hold), and TRL's preference columns
``chosen``, ``rejected`` and optionally ``prompt`` and ``margin``, as text or as conversations.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import pairs
from rewardtrain import parts
from rewardtrain.errors import DataError
from rewardtrain.pictures import Media

SPLITS = ("train", "validation", "test")


# The outcomes that make each of a wins, tie, b wins.
A_TIE_B = (("a",), ("tie", "both_bad"), ("b",))
SAME = "same"  # the question of rows whose two responses mean the same: an augmentation's, for a penalty


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


def read_split(
    source: str | Path, split: str, normalised: Callable[[pa.Table], pa.Table] | None = None
) -> pa.Table | None:
    """The rows of one split as `rewardtrain.labels` wants them, pairs by default; None where there is no such split.

    Raises
    ------
    DataError
        If a file cannot be read, or its columns are not those of the labels.
    """
    files = shards(source, split)
    if not files:
        return None
    table = pa.concat_tables([read_file(file) for file in files], promote_options="permissive")
    return (normalised or as_pairs)(table)


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
        keys = dict.fromkeys(key for row in rows for key in row)  # pyarrow would take the first row's alone
        return pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in rows])
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


def with_context(table: pa.Table, *, criterion: str = "", reference: str = "") -> pa.Table:
    """A pair table whose prompts begin with what it was judged by and against, as messages of those roles.

    Parameters
    ----------
    criterion : "dimension", or a key of the rows' metadata; "" for none.
    reference : a key of the rows' metadata; "" for none.

    Raises
    ------
    DataError
        With the number of the first row that has no such thing.
    """
    sought = {role: key for role, key in (("criterion", criterion), ("reference", reference)) if key}
    if not sought:
        return table
    prompts = []
    rows = table.select(["prompt", "dimension", "metadata"]).to_pylist()
    for number, row in enumerate(rows, 1):
        said = json.loads(row["metadata"] or "{}")
        told = []
        for role, key in sought.items():
            text = row["dimension"] if key == "dimension" else said.get(key)
            if not isinstance(text, str) or not text:
                raise DataError(f"Row {number} has no {key}, which the recipe takes as its {role}.")
            told.append({"role": role, "content": text})
        prompts.append(pairs.canonical_json([*told, *json.loads(row["prompt"])]))
    return table.set_column(
        table.column_names.index("prompt"), pairs.SCHEMA.field("prompt"), pa.array(prompts, pa.large_string())
    )


def with_media(table: pa.Table, media: Media, split: str = "") -> pa.Table:
    """A table whose responses hold their files as JSON content parts (`rewardtrain.parts`); again changes nothing.

    Raises
    ------
    DataError
        With the number of the first row whose picture is missing or cannot be read.
    """
    prompts = table["prompt"].to_pylist() if "prompt" in table.column_names else [None] * len(table)
    sides = [(f"response{end}", f"media{end}") for end in ("", "_a", "_b") if f"response{end}" in table.column_names]
    responses = {name: table[name].to_pylist() for name, _ in sides}
    files = {name: table[name].to_pylist() for _, name in sides if name in table.column_names}
    for row in range(len(table)):
        try:
            for name, own in sides:
                given = files[own][row] if own in files else None
                if given and responses[name][row] is not None:
                    responses[name][row] = parts.with_media(responses[name][row], given)
            said = [text for text in (column[row] for column in responses.values()) if text is not None]
            shown = parts.prompt_refs(prompts[row] or "")
            for ref in [*shown, *(ref for text in said for ref in parts.refs_of(parts.of_response(text)))]:
                media.size(ref)
        except DataError as error:
            where = f" of the {split} split" if split else ""
            raise DataError(f"Row {row + 1}{where}: {error}") from None
    for name, own in sides:
        if own in files:
            table = pairs.with_columns(table, {name: responses[name], own: [[]] * len(table)})
    return table


def hold_out(table: pa.Table, share: float, seed: int) -> tuple[pa.Table, pa.Table]:
    """Split off ``share`` of the groups (or prompts, where a row has no group); which ones is a matter of hash."""
    names = np.where(pc.equal(table["group"], "").to_numpy(), table["prompt"].to_pylist(), table["group"].to_pylist())
    distinct = sorted(set(names.tolist()), key=lambda name: _digest(str(seed), name))
    held = set(distinct[: round(share * len(distinct))])
    mask = np.array([name in held for name in names.tolist()], dtype=bool)
    return table.filter(pa.array(~mask)), table.filter(pa.array(mask))


def outcome_columns(prob_P4: np.ndarray, outcomes: Sequence[str]) -> np.ndarray:
    """Summed probability of some outcomes, shape (P,)."""
    return prob_P4[:, [pairs.OUTCOMES.index(name) for name in outcomes]].sum(axis=1)


def content_hash(*sources: str | Path) -> str:
    """SHA-256 over names and bytes of all splits' files: what a run was trained on."""
    digest = hashlib.sha256()
    for source, split in product(sources, SPLITS):
        for file in shards(source, split):
            digest.update(f"{split}\0{file.name}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()
