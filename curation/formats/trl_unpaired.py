"""TRL's unpaired preferences, as KTO learns from: a completion, and whether it is good.

    {"prompt": "The sky is", "completion": " blue.", "label": true}
    {"prompt": [{"role": "user", "content": "Q"}], "completion": [{"role": "assistant", "content": "A"}],
     "label": false}

Source: https://huggingface.co/docs/trl/dataset_formats (TRL 1.16, "Unpaired preference"). Of a project each response
is a row that most raters called good or bad; of a dataset version each pair with a winner becomes two rows, as TRL's
own `unpair_preference_dataset` makes them, so a good response that loses to a better one counts as bad there.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from curation import pairs
from curation.formats import Parsed, trl
from curation.formats._majority import verdicts
from curation.formats._winners import winners

TITLE = "TRL unpaired"
SUMMARY = "A completion and whether it is good, for KTO: verdicts of a project, or both sides of each pair."
LINES_A_PAIR = 2
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "style": trl.OPTIONS["properties"]["style"],  # type: ignore[index]
    },
}


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Two rows for every pair that has a winner, the better response first."""
    for row, chosen, rejected, _ in winners(table, left_out):
        for side, label in ((chosen, True), (rejected, False)):
            yield _row(json.loads(row["prompt"]), row[f"response_{side}"], label, options)


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """A row for every response with a verdict."""
    rows = []
    for place, good in verdicts(parsed, left_out):
        response = parsed.responses[place]
        if response.media:
            left_out["media"] += 1
        else:
            rows.append(_row(parsed.prompt, response.text, good, options))
    return rows


def _row(prompt: list[dict[str, str]], said: str, label: bool, options: Mapping[str, Any]) -> dict[str, Any]:
    if options["style"] == "standard":
        text = pairs.prompt_text(json.dumps(prompt))
        return {"prompt": f"{text}\n\n" if text else "", "completion": said, "label": label}
    return {"prompt": prompt, "completion": [{"role": "assistant", "content": said}], "label": label}
