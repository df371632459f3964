"""Parquet in the Hugging Face hub's layout with a card, as `datasets.load_dataset` reads it (export only)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import layout, pairs, versions

TITLE = "Parquet"
SUMMARY = "The whole dataset as Parquet in the Hugging Face hub's layout, with its card."
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "votes": {
            "type": "boolean",
            "default": True,
            "title": "Votes",
            "description": "Whether every rater's vote is there, or only what they say together.",
        }
    },
}


def write(
    splits: Mapping[str, Iterable[pa.Table]], folder: Path, options: Mapping[str, Any], manifest: Mapping[str, Any]
) -> None:
    """One Parquet file a split, and README.md."""
    schema = pairs.SCHEMA
    if not options["votes"]:
        schema = schema.remove(schema.get_field_index("votes"))
    sizes = {}
    for split, tables in splits.items():
        selected = (table.select(schema.names).cast(schema) for table in tables)
        size = layout.write_parquet(folder / layout.split_file(split), selected, schema)
        sizes[split] = manifest["rows"][split], size
    (folder / "README.md").write_text(versions.card(manifest, schema, sizes), "utf-8")
