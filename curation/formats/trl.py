"""TRL's preference datasets: chosen and rejected, as text or as conversations, with the prompt apart or shared.

    {"prompt": "The sky is", "chosen": " blue.", "rejected": " green.", "margin": 0.5}
    {"prompt": [{"role": "user", "content": "Q"}], "chosen": [{"role": "assistant", "content": "A"}], "rejected": […]}
    {"chosen": [both messages], "rejected": [both messages]}            the shared messages are the prompt

Source: https://huggingface.co/docs/trl/dataset_formats (TRL 1.16). A test trains TRL's RewardTrainer on the export.
TRL joins prompt and chosen as they stand, so in the standard style the prompt ends in a blank line.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from curation import pairs
from curation.formats import OptionError, Parsed, ParsedResponse, RowError, clip
from curation.formats._fields import (
    choice,
    conversation,
    messages,
    number,
    optional_text,
    rest,
    shared_length,
    structure,
    text,
)
from curation.formats._winners import winners

TITLE = "TRL preference"
SUMMARY = "Chosen and rejected, standard or conversational, with margins or soft labels; read by TRL's RewardTrainer."
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "style": {
            "enum": ["conversational", "standard"],
            "default": "conversational",
            "title": "Style",
            "description": "Lists of messages (for models with a chat template) or plain text.",
        },
        "prompt": {
            "enum": ["explicit", "implicit"],
            "default": "explicit",
            "title": "Prompt",
            "description": "In a column of its own, or at the head of chosen and of rejected.",
        },
        "label": {
            "enum": ["preference", "margin", "soft"],
            "default": "preference",
            "title": "Label",
            "description": "Chosen over rejected only; with the column margin; with the columns p_chosen and weight.",
        },
        "ties": {
            "enum": ["drop", "keep"],
            "default": "drop",
            "title": "Ties",
            "description": "Kept ties need soft labels: a tie is then a pair with p_chosen near one half.",
        },
        "margin_scale": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1.0,
            "title": "Margin scale",
            "description": "Reward difference asked for at full strength, where the row has no margin of its own.",
        },
    },
}
EXAMPLE = {
    "prompt": [{"role": "user", "content": "What colour is the sky?"}],
    "chosen": [{"role": "assistant", "content": "Blue by day."}],
    "rejected": [{"role": "assistant", "content": "Green."}],
    "margin": 0.5,
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One preference; the label becomes a vote of the rater "import", ``margin`` is kept as metadata."""
    if "label" in row and "completion" in row:
        raise RowError("This is an unpaired row (completion and label); a preference needs chosen and rejected.")
    sides = _side(row, "chosen"), _side(row, "rejected")
    if isinstance(sides[0], str) != isinstance(sides[1], str):
        raise RowError("One of chosen and rejected is text, the other a conversation.")
    read = _standard if isinstance(sides[0], str) else _conversational
    prompt, chosen, rejected = read(row.get("prompt"), *sides)
    metadata = rest(row, ("prompt", "chosen", "rejected", "id", "margin", "group"))
    if (margin := number(row, "margin")) is not None:
        metadata["margin"] = margin
    return choice(
        prompt,
        [ParsedResponse(chosen)],
        [ParsedResponse(rejected)],
        external_id=optional_text(row, "id"),
        group=optional_text(row, "group"),
        metadata=metadata,
    )


def _side(row: Mapping[str, Any], name: str) -> Any:
    """Text, or a conversation; in a table that is the JSON text of one."""
    if isinstance(row.get(name), list):
        return row[name]
    said = text(row, name)
    return structure(said, name) if said.startswith('[{"role"') else said


def _standard(given: Any, chosen: str, rejected: str) -> tuple[list[dict[str, str]], str, str]:
    if isinstance(given, str):
        given = given.rstrip()  # the blank line that parts prompt and response belongs to neither
    if given is not None:
        return messages(given, "prompt") if given else [], chosen, rejected
    cut = shared_length(chosen, rejected)
    if cut == min(len(chosen), len(rejected)):  # one begins the other, and a response must remain of both
        cut = 0
    while cut and not chosen[cut - 1].isspace():  # neither response may begin inside a word
        cut -= 1
    said = chosen[:cut].rstrip()
    return [{"role": "user", "content": said}] if said else [], chosen[cut:], rejected[cut:]


def _conversational(given: Any, chosen: Any, rejected: Any) -> tuple[list[dict[str, str]], str, str]:
    said, unsaid = conversation(chosen, "chosen"), conversation(rejected, "rejected")
    if given is not None:
        prompt = messages(given, "prompt")
    else:
        shared = shared_length(said[:-1], unsaid[:-1])
        prompt, said, unsaid = said[:shared], said[shared:], unsaid[shared:]
    return prompt, _only(said, "chosen"), _only(unsaid, "rejected")


def _only(said: list[dict[str, str]], name: str) -> str:
    if len(said) != 1:
        raise RowError(f"{name} has {len(said)} messages after the prompt; one response is expected.")
    if said[0]["role"] != "assistant":
        raise RowError(f"{name} ends with the role {clip(said[0]['role'])}; assistant is expected.")
    return said[0]["content"]


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Chosen and rejected of every pair that has a winner, in the order of the table.

    With soft labels ``p_chosen`` is the probability that chosen is better, ties counted half. Raises `OptionError`
    where ties are to be kept without soft labels.
    """
    soft = options["label"] == "soft"
    if options["ties"] == "keep" and not soft:
        raise OptionError("Ties can only be kept with soft labels: set label to soft.")
    for row, chosen, rejected, lead in winners(table, left_out, keep_ties=options["ties"] == "keep"):
        shown = _shown(row, chosen, rejected, options)
        if options["label"] == "margin":
            shown["margin"] = _margin(row, chosen, options["margin_scale"])
        elif soft:
            shown |= {"p_chosen": (1 + lead) / 2, "weight": row["weight"]}
        yield shown


def _shown(row: Mapping[str, Any], chosen: str, rejected: str, options: Mapping[str, Any]) -> dict[str, Any]:
    sides: dict[str, Any] = {"chosen": row[f"response_{chosen}"], "rejected": row[f"response_{rejected}"]}
    prompt: Any = json.loads(row["prompt"])
    if options["style"] == "conversational":
        sides = {name: [{"role": "assistant", "content": said}] for name, said in sides.items()}
    else:
        prompt = f"{pairs.prompt_text(row['prompt'])}\n\n" if prompt else ""
    if options["prompt"] == "implicit":
        return {name: prompt + said for name, said in sides.items()}
    return {"prompt": prompt, **sides}


def _margin(row: Mapping[str, Any], chosen: str, scale: float) -> float:
    """The row's own margin, else its strength times ``scale``; never below 0, which would ask for the reverse."""
    sign = 1 if chosen == "a" else -1
    return max(0.0, sign * (row["margin"] or row["strength"] * scale))
