"""Pairs of a response with a version of it that somebody rewrote to be better, or worse, along one dimension.

Who rewrites is given by the context (`Context.rewrite`): a language model, a program, a person. An answer that is
empty or the same gives no pair.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from curation.construction import Constructed, Material, Response, chance, decided, share_setting
from curation.filters import Context, settings_schema
from curation.pairs import prompt_text

TITLE = "Rewritten versions"
SUMMARY = "A response against itself rewritten to be better or worse along a named dimension."
SETTINGS = settings_schema(
    dimension={"type": "string", "minLength": 1, "maxLength": 80, "title": "Dimension"},
    direction={"enum": ["better", "worse"], "default": "better", "title": "The rewritten one is"},
    instruction={
        "type": "string",
        "maxLength": 2000,
        "default": "",
        "title": "Instruction",
        "description": "None: to change the dimension and nothing else.",
    },
    share=share_setting(0.2),
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """The winner against its rewritten self; raises `ports.PortNotRegistered` where nobody rewrites."""
    dimension, direction = settings["dimension"], settings["direction"]
    instruction = settings["instruction"] or (
        f"Rewrite the response so that its {dimension} is {direction}, and change nothing else."
    )
    for row, winner, _ in decided(material.table):
        if chance(context.seed, "rewritten", row["row_id"]).random() >= settings["share"]:
            continue
        text = context.rewrite(prompt_text(row["prompt"]), winner.text, instruction)
        if text.strip() in ("", winner.text.strip()):
            continue
        other = Response(text, winner.media)
        better, worse = (other, winner) if direction == "better" else (winner, other)
        yield Constructed(
            item=row["item"], prompt=row["prompt"], group=row["group"], better=better, worse=worse,
            sources=(row["row_id"],), note={"dimension": dimension, "direction": direction},
        )  # fmt: skip
