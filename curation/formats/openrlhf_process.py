"""OpenRLHF's process rewards: steps with a placeholder after each, and a label for every placeholder.

    {"input": "What is 3 + 4 + 5?\\n3 + 4 is 7. ки\\n7 + 5 is 13. ки", "value": ["+", "-"]}

Source: openrlhf/datasets/process_reward_dataset.py of https://github.com/OpenRLHF/OpenRLHF (read): labels are texts
that are tokens of their own, or numbers (soft labels), as many as there are placeholders; the placeholder must be one
token of the tokenizer. A text that holds the placeholder already is left out.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed
from curation.formats.trl_stepwise import NEUTRAL, is_right, traces

TITLE = "OpenRLHF process reward"
SUMMARY = (
    "Steps with a placeholder token after each, labelled + and - or by numbers; needs a project that labels steps."
)
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "labels": {
            "enum": ["signs", "numbers"],
            "default": "signs",
            "title": "Labels",
            "description": "+ and -, or the mean of the raters' labels from 0 (wrong) to 1 (right).",
        },
        "placeholder": {
            "type": "string",
            "minLength": 1,
            "default": "ки",
            "title": "Placeholder",
            "description": "The token that a reward is learnt at; --placeholder_token of the trainer.",
        },
        "neutral": NEUTRAL,
    },
}


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """A row for every response whose first step is labelled."""
    mark = options["placeholder"]
    rows = []
    for prompt, texts, values in traces(parsed, questions, left_out):
        if mark in prompt or any(mark in text for text in texts):
            left_out["placeholder"] += 1
            continue
        said = "\n".join(f"{text} {mark}" for text in texts)
        rows.append({"input": f"{prompt}\n{said}", "value": [_label(value, options) for value in values]})
    return rows


def _label(value: float, options: Mapping[str, Any]) -> str | float:
    if options["labels"] == "numbers":
        return (value + 1) / 2
    return "+" if is_right(value, options["neutral"]) else "-"
