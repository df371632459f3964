"""The same pairs with their sides in the other order, so that a model that sees both learns nothing from the side.

A reward model that scores each response by itself does not need them; one that reads both at once does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import OUTCOMES
from curation import pairs
from curation.construction import Constructed, Material, chance, mark_of, side
from curation.filters import Context, settings_schema

TITLE = "Mirrored pairs"
SUMMARY = "The same pairs with their sides exchanged, so that the side predicts nothing."
SETTINGS = settings_schema(
    share={"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 1, "title": "Share of the pairs mirrored"},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """Ties are mirrored too; pairs that nobody is to learn an outcome from (both bad) are not."""
    outcomes = pairs.winner(material.table).tolist()
    for row, outcome in zip(material.table.to_pylist(), outcomes, strict=True):
        if outcome == OUTCOMES[3] or mark_of(row["metadata"]) is not None:
            continue
        if chance(context.seed, "mirrored", row["row_id"]).random() < settings["share"]:
            yield Constructed(
                item=row["item"], prompt=row["prompt"], group=row["group"], better=side(row, "b"),
                worse=side(row, "a"), outcome=pairs.seen_from(outcome, True), strength=abs(row["strength"]),
                sources=(row["row_id"],), as_it_is=True,
            )  # fmt: skip
