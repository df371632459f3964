"""Dataset versions: immutable folders named by what they hold, with lineage, splits, trace and card.

    <root>/<hash>/manifest.json
                  README.md
                  data/train-00000-of-00001.parquet     (pairs.SCHEMA; also validation, test)
                  trace.parquet                         (applying.TRACE)

The hash of a version is SHA-256 of the canonical JSON of four things: ``schema``, the number `SCHEMA_VERSION`;
``pipeline``, with all defaults filled in; ``rows``, the Merkle root (`curation.hashes`) over the rows with all their
columns and their split; and ``trace``, the root over the lines of the trace. So the same rows and pipeline give the
same hash in whatever order the rows stood, and equal hashes mean equal data files, byte for byte with the same pyarrow.
Where a version came from and with what code it was made is told beside it and is not part of its hash.

One folder may serve several projects that curated the same data, so it holds only `PUBLIC` parts of the lineage; what
belongs to one project alone (its name, its guidelines) is in the manifest that `write` returns.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation import hashes, layout, pairs
from curation.applying import TRACE
from curation.labels import votes_of
from curation.pipeline import Pipeline, Result
from curation.splitting import SPLITS

SCHEMA_VERSION = 2
PUBLIC = ("parents", "source", "notice", "license", "language", "annotations_creators")
_SPLIT_SCHEMA = pairs.SCHEMA.append(pa.field("split", pa.string()))


class VersionError(ValueError):
    """A version that cannot be written or read; the message says why."""


@dataclass(frozen=True)
class Version:
    """One dataset version: its hash (hex), its folder, and its manifest (plain JSON)."""

    hash: str
    path: Path
    manifest: Mapping[str, Any]


def version_hash(table: pa.Table, trace: pa.Table, pipeline: Mapping[str, Any]) -> str:
    """The hash of a version; ``table`` has a column ``split``, ``pipeline`` is `Pipeline.to_dict`."""
    return pairs.content_hash(
        {
            "schema": SCHEMA_VERSION,
            "pipeline": pipeline,
            "rows": hashes.root(hashes.row_hashes(table)),
            "trace": hashes.root(hashes.row_hashes(trace)),
        }
    )


def write(result: Result, pipeline: Pipeline, root: Path | str, lineage: Mapping[str, Any] | None = None) -> Version:
    """Write what a pipeline made as a version, or find it where it stands already.

    Parameters
    ----------
    root : folder of all versions.
    lineage : where it comes from: ``parents`` (hashes of versions), ``license`` and the like; see `PUBLIC`.

    Raises
    ------
    VersionError
        If no rows are left.
    """
    if not result.table.num_rows:
        raise VersionError("The pipeline left no rows, so there is no dataset to write.")
    lineage = dict(lineage or {})
    name = version_hash(result.table, result.trace, pipeline.to_dict())
    target = Path(root) / name
    if not (target / "manifest.json").is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            _write_files(folder, name, result, pipeline, lineage)
            folder.chmod(0o755)
            os.rename(folder, target)
        except OSError:
            if not (target / "manifest.json").is_file():  # else another process wrote the same just now
                raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    found = load(target)
    return Version(name, target, {**found.manifest, "lineage": {**found.manifest["lineage"], **lineage}})


def load(path: Path | str) -> Version:
    """A version from its folder; `VersionError` where there is none."""
    path = Path(path)
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        return Version(manifest["hash"], path, manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VersionError(f"There is no dataset version in {path.name}: {error}") from error


def read(path: Path | str, columns: list[str] | None = None) -> pa.Table:
    """The rows of a version, all splits in one table with a column ``split``."""
    version = load(path)
    tables = []
    for split in version.manifest["rows"]:
        table = pq.read_table(version.path / layout.split_file(split), columns=columns)
        tables.append(table.append_column("split", pa.array([split] * table.num_rows, pa.string())))
    return pa.concat_tables(tables)


def read_trace(path: Path | str) -> pa.Table:
    """What happened to each row on the way to a version (`applying.TRACE`)."""
    return pq.read_table(Path(path) / "trace.parquet")


def verify(path: Path | str) -> bool:
    """Whether a version's files still hold what its hash says."""
    version = load(path)
    return version_hash(read(path), read_trace(path), version.manifest["pipeline"]) == version.hash


def _write_files(folder: Path, name: str, result: Result, pipeline: Pipeline, lineage: Mapping[str, Any]) -> None:
    table = result.table.take(pa.array(hashes.order(result.table, hashes.row_hashes(result.table)), pa.int64()))
    split_N = np.array(table["split"].to_pylist(), dtype=object)
    sizes: dict[str, tuple[int, int]] = {}
    for split in SPLITS:
        own = table.filter(pa.array(split_N == split)).select(pairs.SCHEMA.names).cast(pairs.SCHEMA)
        if own.num_rows:
            size = layout.write_parquet(folder / layout.split_file(split), [own.combine_chunks()], pairs.SCHEMA)
            sizes[split] = own.num_rows, size
    layout.write_parquet(folder / "trace.parquet", [result.trace.combine_chunks()], TRACE)
    manifest = _manifest(name, table, result, pipeline, lineage)
    manifest["files"] = _digests(folder)
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", "utf-8")
    (folder / "README.md").write_text(card(manifest, pairs.SCHEMA, sizes), "utf-8")


def _manifest(
    name: str, table: pa.Table, result: Result, pipeline: Pipeline, lineage: Mapping[str, Any]
) -> dict[str, Any]:
    split_N = np.array(table["split"].to_pylist(), dtype=object)
    winner_N = pairs.winner(table)
    found = [split for split in SPLITS if (split_N == split).any()]
    raters = votes_of(table)[1]
    return {
        "hash": name,
        "schema": SCHEMA_VERSION,
        "rows": {split: int((split_N == split).sum()) for split in found},
        "labels": {split: dict(sorted(Counter(winner_N[split_N == split].tolist()).items())) for split in found},
        "votes": len(raters),
        "raters": len(set(raters.tolist())),
        "gold": table.num_rows - table["gold"].null_count,
        "review": result.review.num_rows,
        "pipeline": pipeline.to_dict(),
        "stages": result.summary,
        "source": result.source,
        "lineage": {key: lineage[key] for key in PUBLIC if lineage.get(key)},
        "code": {"commit": _commit(), **{library: installed(library) for library in ("pyarrow", "numpy")}},
    }


def card(manifest: Mapping[str, Any], schema: pa.Schema, sizes: Mapping[str, tuple[int, int]]) -> str:
    """README.md of a version, also of one that was exported with fewer columns; ``sizes`` as in `layout.card`."""
    lineage = manifest["lineage"]
    counts = [
        [split, f"{rows:,}", *(manifest["labels"][split].get(outcome, 0) for outcome in pairs.OUTCOMES)]
        for split, rows in manifest["rows"].items()
    ]
    stages = [
        [stage["stage"], stage["title"], f"{stage['rows_in']:,}", f"{stage['rows_out']:,}", _happened(stage)]
        for stage in manifest["stages"]
    ]
    parts = [
        layout.line(lineage.get("notice", "")),
        f"Pairs of responses with what {manifest['raters']:,} raters believed of them in {manifest['votes']:,} votes. "
        f"{manifest['gold']:,} pairs have a released or verified label (`gold`). Made by Touchstone; this is version "
        f"`{manifest['hash']}`.",
        layout.table_of(["split", "rows", *(outcome.replace("_", " ") for outcome in pairs.OUTCOMES)], counts),
        "`p_a`, `p_tie`, `p_b` and `p_both_bad` are the consensus on which response is better, `weight` is the weight "
        "in training, `prompt` is a JSON list of messages. `trace.parquet`, where it is there, tells for every row "
        "that came in what happened to it and why.",
        "## Pipeline",
        layout.table_of(["stage", "name", "rows in", "rows out", "what happened"], stages),
    ]
    text = "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"
    more = {
        **{key: lineage.get(key) for key in ("license", "language", "annotations_creators")},
        "tags": ["preference", "reward-model"],
    }
    return layout.card(title=manifest["pipeline"]["name"], text=text, schema=schema, splits=sizes, more=more)


def _happened(stage: Mapping[str, Any]) -> str:
    parts = [f"{reason['action']} {reason['rows']:,} ({reason['reason']})" for reason in stage["reasons"]]
    return ", ".join(parts) or "nothing"


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file."""
    found = {}
    for path in sorted(folder.rglob("*.parquet")):
        with path.open("rb") as file:
            found[path.relative_to(folder).as_posix()] = file_digest(file, "sha256").hexdigest()
    return found


def _commit() -> str:
    """The commit that this code was checked out at, "" where it is no checkout."""
    git = Path(__file__).parent.parent / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        return (git / head.removeprefix("ref: ")).read_text().strip() if head.startswith("ref: ") else head
    except OSError:
        return ""
