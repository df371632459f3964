"""Dataset versions: immutable folders named by what they hold, with lineage, splits, trace and card.

    <root>/<hash>/manifest.json
                  README.md
                  data/train-00000-of-00001.parquet     (pairs.SCHEMA; also validation, test)
                  trace/trace-00000-of-00001.parquet    (applying.TRACE, row by row in canonical order)

The hash of a version is SHA-256 of the canonical JSON of four things: ``schema``, the number `SCHEMA_VERSION`;
``pipeline``, with all defaults filled in; ``rows``, the Merkle root (`curation.hashes`) over the rows with all their
columns and their split; and ``trace``, the root over the lines of the trace. So the same rows and pipeline give the
same hash in whatever order the rows stood, and equal hashes mean equal data files, byte for byte with the same pyarrow.
Where a version came from and with what code it was made is told beside it and is not part of its hash.

One folder may serve several projects that curated the same data, so it holds only `manifests.PUBLIC` parts of the
lineage; what belongs to one project alone (its name, its guidelines) is in the manifest that `write` returns. A version
may be larger than the memory: `batches` reads it a few rows at a time, and `verify` does.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import cards, hashes, layout, manifests, pairs
from curation.applying import TRACE
from curation.manifests import Tally
from curation.pipeline import Pipeline, Result

SCHEMA_VERSION = 3
BATCH = 8192  # rows
Sizes = dict[str, tuple[int, int]]  # rows and bytes, not compressed, by split


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
    return name_of(hashes.root(hashes.row_hashes(table)), hashes.root(hashes.row_hashes(trace)), pipeline)


def name_of(rows: str, trace: str, pipeline: Mapping[str, Any]) -> str:
    """The hash of a version by the roots over its rows and over its trace."""
    return pairs.content_hash({"schema": SCHEMA_VERSION, "pipeline": pipeline, "rows": rows, "trace": trace})


def write(result: Result, pipeline: Pipeline, root: Path | str, lineage: Mapping[str, Any] | None = None) -> Version:
    """Write what a pipeline made as a version, or find it where it stands already.

    Parameters
    ----------
    root : folder of all versions.
    lineage : where it comes from: ``parents`` (hashes of versions), ``license`` and the like; see `manifests.PUBLIC`.

    Raises
    ------
    VersionError
        If no rows are left.
    """
    found = hashes.row_hashes(result.table)
    name = name_of(hashes.root(found), hashes.root(hashes.row_hashes(result.trace)), pipeline.to_dict())
    tally = Tally.of(result.table, result.trace)

    def fill(folder: Path) -> Sizes:
        table = result.table.take(hashes.order(result.table, found))
        sizes = {}
        for split, rows in tally.rows.items():
            own = table.filter(pc.equal(table["split"], split))
            size = layout.write_files(folder, layout.split_names(split), [own], pairs.SCHEMA, rows)
            sizes[split] = rows, size
        layout.write_files(folder, trace_file, [result.trace], TRACE, tally.trace)
        return sizes

    return publish(name, root, tally, pipeline, result.summary, result.source, lineage, fill)


def publish(
    name: str,
    root: Path | str,
    tally: Tally,
    pipeline: Pipeline,
    summary: list[dict[str, Any]],
    source: str,
    lineage: Mapping[str, Any] | None,
    fill: Callable[[Path], Sizes],
) -> Version:
    """Put a version into its place, at once and whole, unless it is there already.

    Parameters
    ----------
    summary, source : as in `pipeline.Result`.
    fill : writes the data and the trace below the folder that it is given.

    Raises
    ------
    VersionError
        If no rows are left.
    """
    if not tally.rows:
        raise VersionError("The pipeline left no rows, so there is no dataset to write.")
    lineage = dict(lineage or {})
    target = Path(root) / name
    if not (target / "manifest.json").is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            sizes = fill(folder)
            told: dict[str, Any] = {"stages": summary, "source": source, "lineage": lineage}
            manifest = manifests.manifest(name, SCHEMA_VERSION, tally, pipeline=pipeline.to_dict(), **told)
            manifest["files"] = _digests(folder)
            (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
            (folder / "README.md").write_text(cards.readme(manifest, pairs.SCHEMA, sizes), "utf-8")
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


def trace_file(number: int = 0, total: int = 1) -> str:
    """Where one of the files of the trace stands in a version's folder."""
    return f"trace/trace-{number:05}-of-{total:05}.parquet"


def trace_files(path: Path | str) -> list[Path]:
    """The files of a version's trace in their order."""
    return sorted((Path(path) / "trace").glob("trace-*-of-*.parquet"))


def batches(
    path: Path | str, split: str = "", columns: list[str] | None = None, size: int = BATCH
) -> Iterator[tuple[str, pa.Table]]:
    """The rows of a version, of one split or all, a few at a time, with the split that they belong to."""
    version = load(path)
    for name in version.manifest["rows"]:
        if split in ("", name):
            for table in tables(layout.split_files(version.path, name), columns, size):
                yield name, table


def tables(files: list[Path], columns: list[str] | None = None, size: int = BATCH) -> Iterator[pa.Table]:
    """The rows of Parquet files, a few at a time."""
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(size, columns=columns):
                yield pa.Table.from_batches([batch])


def read(path: Path | str, columns: list[str] | None = None) -> pa.Table:
    """The rows of a version, all splits in one table with a column ``split``."""
    return pa.concat_tables(_with_split(split, table) for split, table in batches(path, columns=columns))


def read_trace(path: Path | str) -> pa.Table:
    """What happened to each row on the way to a version (`applying.TRACE`)."""
    return pa.concat_tables([TRACE.empty_table(), *tables(trace_files(path))])


def verify(path: Path | str) -> bool:
    """Whether a version's files still hold what its hash says."""
    version = load(path)
    rows, trace = hashes.Root(), hashes.Root()
    for split, table in batches(path):
        rows.add(b"".join(hashes.row_hashes(_with_split(split, table))))
    for table in tables(trace_files(path)):
        trace.add(b"".join(hashes.row_hashes(table)))
    return name_of(rows.hex(), trace.hex(), version.manifest["pipeline"]) == version.hash


def _with_split(split: str, table: pa.Table) -> pa.Table:
    return table.append_column("split", pa.array([split] * table.num_rows, pa.string()))


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file."""
    found = {}
    for path in sorted(folder.rglob("*.parquet")):
        with path.open("rb") as file:
            found[path.relative_to(folder).as_posix()] = file_digest(file, "sha256").hexdigest()
    return found
