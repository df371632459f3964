"""RewardBench pairs: prompt, chosen and rejected with their models, and the subset they belong to.

    {"id": 30, "prompt": "…", "chosen": "…", "chosen_model": "m1", "rejected": "…", "rejected_model": "m2",
     "subset": "alpacaeval-easy"}

RewardBench 2 and RM-Bench have lists in ``chosen`` and ``rejected``: every chosen response is better than every
rejected one, and ``models`` names the models of the chosen and then of the rejected ones. Source:
https://huggingface.co/datasets/allenai/reward-bench (and reward-bench-2). The labels of a benchmark are verified, so
they are gold as well as votes of the rater "import".
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from curation import pairs
from curation.formats import Parsed, ParsedResponse, RowError, clip
from curation.formats._fields import choice, messages, optional_text, rest, text
from curation.formats._winners import winners

TITLE = "RewardBench"
SUMMARY = "Benchmark pairs: chosen and rejected with their models and a subset; also RewardBench 2 and RM-Bench."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
EXAMPLE = {
    "id": 30,
    "prompt": "What is 2 + 2?",
    "chosen": "4",
    "chosen_model": "m1",
    "rejected": "5",
    "rejected_model": "m2",
    "subset": "maths",
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One prompt with its better and worse responses."""
    if row.get("prompt") is None:
        text(row, "prompt")
    subset = optional_text(row, "subset") or optional_text(row, "domain")
    identifier = optional_text(row, "id")
    used = ("id", "prompt", "chosen", "rejected", "chosen_model", "rejected_model", "models")
    chosen, rejected = _responses(row, "chosen"), _responses(row, "rejected")
    models = row.get("models")
    if isinstance(models, list) and len(models) == len(chosen) + len(rejected) and all(map(_is_text, models)):
        named = [replace(one, model=model) for one, model in zip((*chosen, *rejected), models, strict=True)]
        chosen, rejected = named[: len(chosen)], named[len(chosen) :]
    return choice(
        messages(row["prompt"], "prompt"),
        chosen,
        rejected,
        verified=True,
        external_id=f"{subset}:{identifier}" if subset and identifier else identifier,
        metadata=rest(row, used),
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _responses(row: Mapping[str, Any], name: str) -> list[ParsedResponse]:
    model = optional_text(row, f"{name}_model")
    # Only a list is one: a benchmark's response may itself be the text of a JSON list.
    listed = row.get(name) if isinstance(row.get(name), list) else [text(row, name)]
    if not listed or not all(isinstance(entry, str) for entry in listed):
        raise RowError(f"{name} is {clip(listed)}; text or a list of texts is expected.")
    return [ParsedResponse(entry, model) for entry in listed]


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Pairs with a winner; the subset is the one that the row was imported with, else its group."""
    for row, chosen, rejected, _ in winners(table, left_out):
        yield {
            "id": row["row_id"],
            "prompt": pairs.prompt_text(row["prompt"]),
            "chosen": row[f"response_{chosen}"],
            "chosen_model": row[f"model_{chosen}"],
            "rejected": row[f"response_{rejected}"],
            "rejected_model": row[f"model_{rejected}"],
            "subset": str(json.loads(row["metadata"]).get("subset") or row["group"]),
        }
