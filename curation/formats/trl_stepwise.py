"""Stepwise supervision: a prompt, the steps of a completion, and whether each is right.

    {"prompt": "What is 3 + 4 + 5?", "completions": ["3 + 4 is 7.", "7 + 5 is 13."], "labels": [true, false]}

Read by TRL up to 1.13 (PRMTrainer; gone from 1.16) and by axolotl's ``type: stepwise_supervised``, which needs as many
labels as completions and joins the steps by lines (src/axolotl/prompt_strategies/stepwise_supervised.py, read). A
step's label is the mean of its raters' labels, -1 wrong to 1 right; above 0 it is right. Leaves out: unsure steps and
what comes after a step without a label; progress in per cent; tool calls.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from curation import pairs
from curation.formats import Parsed
from curation.formats._majority import step_texts, steps

TITLE = "Stepwise supervision"
SUMMARY = "Prompt, steps, and a label for each, for TRL up to 1.13 and axolotl; needs a project that labels steps."
NEUTRAL: dict[str, Any] = {
    "enum": ["right", "wrong"],
    "default": "right",
    "title": "Neutral steps",
    "description": "What a step counts as that is neither right nor wrong; PRM800K's authors count it as right.",
}
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {"neutral": NEUTRAL}}


def export_item(
    parsed: Parsed, questions: list[dict[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> list[dict[str, Any]]:
    """A row for every response whose first step is labelled."""
    return [
        {"prompt": prompt, "completions": texts, "labels": [is_right(value, options["neutral"]) for value in values]}
        for prompt, texts, values in traces(parsed, questions, left_out)
    ]


def traces(
    parsed: Parsed, questions: list[dict[str, Any]], left_out: Counter[str]
) -> list[tuple[str, list[str], list[float]]]:
    """Prompt, labelled steps and their mean labels, for each response that most can be said of."""
    found = []
    prompt = pairs.prompt_text(pairs.canonical_json(parsed.prompt))
    for place, values in steps(parsed, left_out):
        texts = step_texts(parsed.responses[place], questions)
        if len(texts) < len(values):
            left_out["other_steps"] += 1  # the labels count steps that the response does not have
        else:
            found.append((prompt, texts[: len(values)], values))
    return found


def is_right(value: float, neutral: str) -> bool:
    """Whether a mean label, -1 .. 1, counts as right."""
    return value > 0 or (value == 0 and neutral == "right")
