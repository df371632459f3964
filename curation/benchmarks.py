"""The operator's benchmark files: the texts that no training data may hold, by file.

    BENCHMARKS_DIR/rewardbench.jsonl     {"prompt": "…", "chosen": "…", "rejected": "…"}
                   mt_bench.parquet      a column prompt, question, instruction, …

JSON lines, JSON, CSV and Parquet, as `curation.reading` opens them. Of a row the first turn of the prompt is taken: the
first of `FIELDS` that it has, a text or a list of messages or turns. Pure: knows no Django.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from curation.ports import PortNotRegistered
from curation.reading import UnsupportedSource, open_source

FIELDS = ("prompt", "instruction", "question", "input", "query", "messages", "conversation", "turns", "text")
ENDINGS = (
    *(end + zipped for end in (".jsonl", ".ndjson", ".json", ".csv", ".tsv") for zipped in ("", ".gz")),
    ".parquet",
)
MAX_ROWS = 1_000_000  # of one file


def read(folder: Path | str) -> Mapping[str, Sequence[str]]:
    """The distinct first turns of each file, by its path inside the folder; read again when a file changes.

    Raises
    ------
    curation.ports.PortNotRegistered
        If there are no such files, one cannot be read, or has no row with a prompt.
    """
    folder = Path(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(ENDINGS))
    if not files:
        raise PortNotRegistered(
            "There are no benchmark files to compare with: the operator puts JSONL or Parquet files with prompts "
            "into the folder that BENCHMARKS_DIR names."
        )
    return {path.relative_to(folder).as_posix(): _read(path, path.stat().st_mtime_ns) for path in files}


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> tuple[str, ...]:
    texts: dict[str, None] = {}
    try:
        with open_source(path) as reader:
            for number, data, _ in reader:
                if data is not None and (text := first_turn(data)):
                    texts[text] = None
                if number >= MAX_ROWS:
                    break
    except UnsupportedSource as error:
        raise PortNotRegistered(f"The benchmark file {path.name} cannot be read: {error}") from error
    if not texts:
        raise PortNotRegistered(f"No row of the benchmark file {path.name} has one of: {', '.join(FIELDS)}.")
    return tuple(texts)


def first_turn(row: Mapping[str, Any]) -> str:
    """What a person asks first in a row, "" where it holds no such thing."""
    value = next((row[name] for name in FIELDS if row.get(name)), "")
    while isinstance(value, list):
        asked = (part for part in value if isinstance(part, str) or (isinstance(part, dict) and _role(part) == "user"))
        value = next(asked, "")
    if isinstance(value, dict):
        value = value.get("content") or value.get("value") or ""
    return value.strip() if isinstance(value, str) else ""


def _role(message: Mapping[str, Any]) -> str:
    role = message.get("role", message.get("from", "user"))
    return "user" if role in ("human", "user") else str(role)
