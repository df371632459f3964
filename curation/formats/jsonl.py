"""Everything that a pair table knows of each row, as one JSON object a line (export only).

{"row_id": "9f…", "item": "q1", "prompt": [{"role": "user", "content": "…"}], "response_a": "…", "p_a": 0.91, …}
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

TITLE = "JSON lines"
SUMMARY = "Every column of the dataset, one JSON object a line."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """All rows with all columns; prompt and metadata as JSON instead of text that holds it."""
    for row in table.to_pylist():
        yield row | {"prompt": json.loads(row["prompt"]), "metadata": json.loads(row["metadata"])}
