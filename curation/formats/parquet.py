"""Parquet in the Hugging Face hub's layout with a card, as `datasets.load_dataset` reads it (export only)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import cards, layout, pairs

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
    """The Parquet files of each split, and README.md."""
    schema = pairs.SCHEMA
    if not options["votes"]:
        schema = schema.remove(schema.get_field_index("votes"))
    sizes = {}
    for split, tables in splits.items():
        rows = manifest["rows"][split]
        sizes[split] = rows, layout.write_files(folder, layout.split_names(split), tables, schema, rows)
    (folder / "README.md").write_text(cards.readme(manifest, schema, sizes), "utf-8")
