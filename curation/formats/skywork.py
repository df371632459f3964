"""Skywork-Reward-Preference: two whole conversations, the better and the worse one, and where they come from.

    {"chosen": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}], "rejected": [same question],
     "source": "magpie_ultra"}

The messages that both share are the prompt. Source: the features on the card of the cleaned copy
https://huggingface.co/datasets/natolambert/skywork-preferences-80k-v0.1-cleaned; arXiv 2410.18451. These are TRL's
implicit conversational rows, so TRL's reader reads them.
"""

from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, RowError
from curation.formats._fields import structure
from curation.formats.trl import parse as parse_preference

TITLE = "Skywork preference"
SUMMARY = "Chosen and rejected conversations with their source."
EXAMPLE = {
    "chosen": [{"role": "user", "content": "Name a river."}, {"role": "assistant", "content": "The Elbe."}],
    "rejected": [{"role": "user", "content": "Name a river."}, {"role": "assistant", "content": "Rome."}],
    "source": "made_up",
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One preference of the rater "import"; ``source`` is kept as metadata."""
    sides = {name: structure(row.get(name), name) for name in ("chosen", "rejected")}
    for name, said in sides.items():
        if not isinstance(said, list):
            raise RowError(f"{name} is no list of messages.")
    return parse_preference({**row, **sides})
