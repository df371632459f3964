"""Two dataset versions compared, once: versions never change, so what was found stays true and is kept in files.

COMPARISONS_DIR/<old>-<new>/summary.json    counts by change and by reason, and the shift of every property
                            rows.parquet    `differences.SCHEMA`
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from annotate.jobs.registry import Progress, silent
from curation import differences, filters, shift, splitting, stages, versions
from curation.browsing import Lines
from curation.models import DatasetVersion


def folder(old: DatasetVersion, new: DatasetVersion) -> Path:
    """Where the comparison of two versions lies, whether it was made or not."""
    return Path(settings.COMPARISONS_DIR) / f"{old.hash}-{new.hash}"


def summary(old: DatasetVersion, new: DatasetVersion) -> dict[str, Any] | None:
    """What was found, None where the two were not compared yet."""
    path = folder(old, new) / "summary.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def compare(*, old: DatasetVersion, new: DatasetVersion, progress: Progress = silent) -> dict[str, Any]:
    """Compare two versions, or find what was found before."""
    if (known := summary(old, new)) is not None:
        return known
    progress(0, 3, f"rows of {old} and {new}")
    found = differences.diff(old.path, new.path)
    profiles = []
    for number, version in enumerate((old, new), 1):
        progress(number, 3, f"make-up of {version}")
        profiles.append(shift.profile(table for _, table in versions.batches(version.path, columns=shift.COLUMNS)))
    result = {
        "counts": dict(found.counts),
        "reasons": [{**row, "text": _sentence(row["filter"], row["reason"])} for row in found.reasons],
        "shift": shift.shift(*profiles),
        "rows": [sum(version.manifest["rows"].values()) for version in (old, new)],
    }
    target = folder(old, new)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        pq.write_table(found.rows, made / "rows.parquet")
        (made / "summary.json").write_text(json.dumps(result, ensure_ascii=False), "utf-8")
        os.rename(made, target)
    except OSError:
        if summary(old, new) is None:  # else another job found the same just now
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return result


class Changes(Lines):
    """The rows that differ, filtered by equal columns."""

    def __init__(self, old: DatasetVersion, new: DatasetVersion, **wanted: str) -> None:
        super().__init__([("rows", folder(old, new) / "rows.parquet")], differences.SCHEMA.names)
        self.wanted = {name: value for name, value in wanted.items() if value}

    def mask(self, batch: pa.RecordBatch) -> pa.Array | None:
        return self.equal(batch, self.wanted)

    def line(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "text": _sentence(values["filter"], values["reason"])}


def _sentence(filter: str, reason: str) -> str:
    """A reason code in words."""
    known = {**differences.INPUT_REASONS, **stages.REASONS, **splitting.REASONS}
    if filter in filters.names():
        known |= filters.get(filter).REASONS
    return known.get(reason, reason)
