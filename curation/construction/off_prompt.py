"""Pairs with responses to other prompts, so that a model cannot tell good from bad by the look of the response alone.

    winner over foreign     (x, y_w of x) > (x, y_w of x')    a good answer, and a good answer to something else
    loser over foreign      (x, y_l of x) > (x, y_w of x')    even a bad answer is better than one to something else
    neutral                 (x, y_w of x') = (x, y_l of x')   of two answers to something else none is better

Source: RRM, "Robust Reward Model Training Mitigates Reward Hacking" (arXiv 2409.13156), whose triples of a causal
graph these are: contextual, non-contextual, neutral. It keeps those that a first model finds hard; a filter after
these (`reward_model_disagreement`, `ensemble_strength`) does so here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from curation.construction import Constructed, Material, share_setting, with_foreign
from curation.filters import Context, settings_schema

TITLE = "Off-prompt pairs"
SUMMARY = "An answer is better than an answer to another prompt; of two answers to another prompt none is."
SETTINGS = settings_schema(
    share=share_setting(1),
    winner={"type": "boolean", "default": True, "title": "The winner over a foreign response"},
    loser={"type": "boolean", "default": True, "title": "The loser over a foreign response"},
    neutral={"type": "boolean", "default": True, "title": "Ties of two foreign responses"},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """Up to three pairs for each pair with a winner; none, where there is one prompt only."""
    for own, foreign in with_foreign(material, "off_prompt", settings["share"], context.seed):
        (row, winner, loser), (other, foreign_winner, foreign_loser) = own, foreign
        source = {
            "item": row["item"], "prompt": row["prompt"], "group": row["group"], "items": (other["item"],),
            "sources": (row["row_id"], other["row_id"]),
        }  # fmt: skip
        if settings["winner"]:
            yield Constructed(**source, better=winner, worse=foreign_winner, note={"kind": "non_contextual"})
        if settings["loser"]:
            yield Constructed(**source, better=loser, worse=foreign_winner, note={"kind": "non_contextual"})
        if settings["neutral"]:
            yield Constructed(
                **source, better=foreign_winner, worse=foreign_loser, outcome="tie", note={"kind": "neutral"}
            )
