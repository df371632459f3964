"""A whole reward model, trained by the lab with a recipe and kept there; it scores a shard at a time."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.campaign import Tools
from curation.campaign.training import Predicted
from curation.filters import settings_schema
from curation.pairs import SCHEMA

TITLE = "Reward model"
SUMMARY = (
    "Trains a reward model of the lab with a recipe; the lab takes its checkpoint by the loss on gold, and keeps it."
)
SETTINGS = settings_schema(recipe={"type": "object", "default": {}, "title": "Recipe, as the lab takes it"})


def predict(
    train: pa.Table,
    gold: pa.Table | None,
    others: Iterable[pa.Table],
    settings: Mapping[str, Any],
    tools: Tools,
    name: str,
    model: str = "",
) -> Predicted:
    """Gold is the validation split of the training."""
    model = model or tools.train(train, gold, settings["recipe"], name)

    def margins(table: pa.Table) -> np.ndarray:
        if not table.num_rows:
            return np.zeros(0)
        prompts = table["prompt"].to_pylist()
        texts = table["response_a"].to_pylist() + table["response_b"].to_pylist()
        reward_2N = np.asarray(tools.models.score(model, prompts + prompts, texts))
        return reward_2N[: len(prompts)] - reward_2N[len(prompts) :]

    gold_G = margins(SCHEMA.empty_table() if gold is None else gold)
    return Predicted(gold_G, np.concatenate([np.zeros(0), *(margins(table) for table in others)]), model=model)
