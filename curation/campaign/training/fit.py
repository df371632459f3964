"""Heads on a frozen encoder, fitted anew in seconds through the port ``fit``: for pools that fit into memory."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from curation.campaign import Tools
from curation.campaign.tiers import sides
from curation.campaign.training import Predicted, best_checkpoint
from curation.filters import settings_schema
from curation.pairs import SCHEMA, outcome_probs

TITLE = "Heads on a frozen encoder"
SUMMARY = "Fits an ensemble of heads to the encoder's vectors in seconds, and takes their mean; keeps no model."
SETTINGS = settings_schema(settings={"type": "object", "default": {}, "title": "Settings of the trainer"})


def predict(
    train: pa.Table,
    gold: pa.Table | None,
    others: Iterable[pa.Table],
    settings: Mapping[str, Any],
    tools: Tools,
    name: str,
    model: str = "",
) -> Predicted:
    """The mean of the ensemble at the checkpoint that gold prefers."""
    checked = SCHEMA.empty_table() if gold is None else gold
    asked = pa.concat_tables([checked, *others])
    margin_EN = tools.models.fit(train, asked, settings["settings"]).mean(axis=1)
    count = checked.num_rows
    checkpoint = best_checkpoint(margin_EN[:, :count], sides(outcome_probs(checked)))
    margin_N = margin_EN[checkpoint]
    return Predicted(margin_N[:count], margin_N[count:], checkpoint)
