"""What a dataset version tells people: README.md, which is also the card of the Hugging Face hub."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation import layout, pairs


def readme(manifest: Mapping[str, Any], schema: pa.Schema, sizes: Mapping[str, tuple[int, int]]) -> str:
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
        "in training, `prompt` is a JSON list of messages. The files in `trace`, where they are there, tell for every "
        "row that came in what happened to it and why.",
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
