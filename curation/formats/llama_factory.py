"""LLaMA-Factory's pairwise data in its ShareGPT form, with pictures, and the entry of dataset_info.json for it.

    {"conversations": [{"from": "human", "value": "<image>Q"}], "chosen": {"from": "gpt", "value": "A"},
     "rejected": {"from": "gpt", "value": "B"}, "images": ["media/9f….png"]}

Source: src/llamafactory/data/converter.py of https://github.com/hiyouga/LLaMA-Factory (SharegptDatasetConverter, read):
after an optional system message, turns of human and gpt alternate and end with human; anything else is skipped there
with a warning, so it is left out here and counted. There are as many ``<image>`` as images, all before the first
question. A version's pairs are text; pictures come with a project. Answers that are pictures cannot be said: both
answers share one list of images.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.formats import Parsed
from curation.formats._chats import first_user, pictures, text_only
from curation.formats._majority import choices
from curation.formats._winners import winners

TITLE = "LLaMA-Factory"
SUMMARY = "ShareGPT conversations with chosen and rejected, and pictures, with dataset_info.json beside them."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
ITEMS_FILE = "items.jsonl"
IMAGE = "<image>"
TAGS = {"user": "human", "assistant": "gpt", "system": "system"}
LEFT_OUT = {
    "turns": "Turns of user and assistant do not alternate, or do not end with the user.",
    "placeholder": f"A text holds {IMAGE} itself, which would count as a picture.",
}


def write(
    splits: Mapping[str, Iterable[pa.Table]], folder: Path, options: Mapping[str, Any], manifest: Mapping[str, Any]
) -> dict[str, Counter[str]]:
    """``<split>.jsonl`` and dataset_info.json, which names each split as a dataset of its own."""
    counts = {}
    for split, tables in splits.items():
        counts[split] = left_out = Counter[str]()
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for row, chosen, rejected, _ in (found for table in tables for found in winners(table, left_out)):
                said = row[f"response_{chosen}"], row[f"response_{rejected}"]
                for made in _rows(json.loads(row["prompt"]), *said, [], left_out):
                    file.write(json.dumps(made, ensure_ascii=False) + "\n")
    info = {f"touchstone_{split}": _info(f"{split}.jsonl") for split in splits}
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=2) + "\n", "utf-8")
    return counts


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """A row for every pair of text answers that most raters prefer the same side of."""
    images = pictures(parsed, left_out)
    if images is None:
        return []
    rows: list[dict[str, Any]] = []
    for chosen, rejected in choices(parsed, left_out):
        if text_only(parsed, chosen) and text_only(parsed, rejected):
            said = parsed.responses[chosen].text, parsed.responses[rejected].text
            rows += _rows(parsed.prompt, *said, images, left_out)
        else:
            left_out["media"] += 1
    return rows


def files(questions: list[dict[str, Any]], options: Mapping[str, Any]) -> dict[str, str]:
    """dataset_info.json, which LLaMA-Factory reads in ``dataset_dir``."""
    return {"dataset_info.json": json.dumps({"touchstone": _info(ITEMS_FILE)}, indent=2) + "\n"}


def _info(file: str) -> dict[str, Any]:
    columns = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected", "images": "images"}
    return {"file_name": file, "formatting": "sharegpt", "ranking": True, "columns": columns}


def _rows(
    prompt: list[dict[str, str]], chosen: str, rejected: str, images: list[str], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """One row, or none."""
    turns = [message["role"] for message in prompt if message["role"] != "system"]
    system = [message["role"] for message in prompt[:1] if message["role"] == "system"]
    alternating = ["user", "assistant"] * (len(turns) // 2) + ["user"]
    if len(turns) + len(system) != len(prompt) or turns != alternating:
        left_out["turns"] += 1
        return []
    if any(IMAGE in text for text in (chosen, rejected, *(message["content"] for message in prompt))):
        left_out["placeholder"] += 1
        return []
    user = first_user(prompt)
    said = [
        {"from": TAGS[message["role"]], "value": IMAGE * len(images) * (place == user) + message["content"]}
        for place, message in enumerate(prompt)
    ]
    sides = {name: {"from": "gpt", "value": text} for name, text in (("chosen", chosen), ("rejected", rejected))}
    return [{"conversations": said, **sides, "images": images}]
