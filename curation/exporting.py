"""Exports a dataset version in one of the formats, split by split in constant memory."""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import formats, pairs, versions
from curation.splitting import SPLITS

BATCH = 1024  # rows held at once
# Options that every format takes, beside its own.
COMMON = {
    "raters": {
        "enum": ["pseudonyms", "names"],
        "default": "pseudonyms",
        "title": "Raters",
        "description": "Raters are people: they leave as rater-1, rater-2, … unless their names are asked for.",
    }
}

Progress = Callable[[int, int | None, str], None]


def options_schema(format: str) -> dict[str, Any]:
    """JSON Schema of all options of an export format; `annotate.discovery.UnknownPlugin` where there is none."""
    schema = formats.exporter(format).OPTIONS
    return {**schema, "properties": {**schema["properties"], **COMMON}}


def export(
    version: Path | str,
    format: str,
    options: Mapping[str, Any],
    out: Path | str,
    *,
    progress: Progress = lambda done, total, message: None,
) -> dict[str, Any]:
    """Write a version's splits as files of a format.

    Parameters
    ----------
    version : folder of the version.
    format : one of `formats.exporters`.
    options : those of `options_schema`; the others take their defaults.
    out : folder that is made, or that holds an earlier export, which is replaced.

    Returns
    -------
    Plain JSON: ``format``, ``files``, ``rows`` and ``written`` in all, and by split ``rows``, ``written`` and
    ``left_out`` (rows by reason).

    Raises
    ------
    annotate.discovery.UnknownPlugin, formats.OptionError, versions.VersionError
    FileExistsError
        If ``out`` holds anything else.
    """
    module = formats.exporter(format)
    chosen = formats.filled_options(options_schema(format), options)
    raters = chosen.pop("raters")
    found = versions.load(version)
    out = Path(out)
    _check_replaceable(out)
    total = sum(found.manifest["rows"].values())
    pseudonyms = Pseudonyms() if raters == "pseudonyms" else None
    done = Counter[str]()

    def batches(split: str) -> Iterator[pa.Table]:
        for _, table in versions.batches(found.path, split, size=BATCH):
            yield table if pseudonyms is None else _renamed(table, pseudonyms)
            done[split] += table.num_rows
            progress(done.total(), total, split)

    with replaced_folder(out) as folder:
        counts: dict[str, Counter[str]] = {split: Counter() for split in found.manifest["rows"]}
        if hasattr(module, "write"):
            told = module.write({split: batches(split) for split in counts}, folder, chosen, found.manifest)
            counts |= told or {}
        else:
            for split, left_out in counts.items():
                rows = (row for table in batches(split) for row in module.export(table, chosen, left_out))
                write_rows(folder / f"{split}.jsonl", rows)
    splits = {
        split: {
            "rows": done[split],
            "written": done[split] - left_out.total(),
            "left_out": dict(sorted(left_out.items())),
        }
        for split, left_out in counts.items()
    }
    return {
        "format": format,
        "files": sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()),
        "rows": done.total(),
        "written": sum(split["written"] for split in splits.values()),
        "splits": splits,
    }


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """A folder to write into, which becomes ``out``, in place of an earlier one, once all of it is there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".export-", dir=out.parent))
    try:
        yield folder
        folder.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        os.rename(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    """A row a line; as one array where the name ends in .json."""
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        if path.suffix == ".json":
            file.write("[\n")
            file.writelines(f",\n{line}" if place else line for place, line in enumerate(lines))
            file.write("\n]\n")
        else:
            file.writelines(f"{line}\n" for line in lines)


def _check_replaceable(out: Path) -> None:
    ours = {"README.md", "data", "dataset_info.json", *(f"{split}.jsonl" for split in SPLITS)}
    if out.exists() and not (out.is_dir() and {path.name for path in out.iterdir()} <= ours):
        raise FileExistsError(f"{out.name} exists and holds other files; choose another folder for the export.")


class Pseudonyms:
    """Gives raters numbers in the order in which they come, the same through all of one export."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        return self._names.setdefault(name, f"rater-{len(self._names) + 1}")


def _renamed(table: pa.Table, pseudonyms: Pseudonyms) -> pa.Table:
    votes = table["votes"].to_pylist()
    for vote in (vote for own in votes for vote in own):
        vote["rater"] = pseudonyms(vote["rater"])
    return pairs.with_columns(table, {"votes": votes})
