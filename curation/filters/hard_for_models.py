"""Keeps pairs that models get wrong or are split on: the hard part of a benchmark.

Source: VLRewardBench (arXiv 2411.17451) and Multimodal RewardBench 2, which keep what an ensemble of judges fails on
and people then verify. Judges and reward models are those whose votes stand on the pair.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Hard for models"
SCOPE = "row"
SUMMARY = "Pairs on which more than a share of the judges and reward models side with the label go."
SETTINGS = settings_schema(
    most_right={
        "type": "number", "minimum": 0, "maximum": 1, "default": 0.5, "title": "Largest share of models that are right",
    },
    least_models={"type": "integer", "minimum": 1, "default": 2, "title": "Models needed"},
)  # fmt: skip
REASONS = {
    "too_few_models": "Fewer judges and reward models answered the pair than are needed.",
    "easy": "More of the judges and reward models side with the label than a hard pair may have.",
}
MODELS = ("language_model", "reward_model")


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the share of the models' votes that name the label, NaN where no model voted."""
    winner_N = pairs.winner(table)
    right_N, models_N = np.zeros(table.num_rows), np.zeros(table.num_rows)
    for row, votes in enumerate(table["votes"].to_pylist()):
        said = [vote["outcome"] for vote in votes if vote["kind"] in MODELS]
        right_N[row], models_N[row] = said.count(winner_N[row]), len(said)
    share_N = right_N / np.where(models_N > 0, models_N, np.nan)
    few_N = models_N < settings["least_models"]
    with np.errstate(invalid="ignore"):
        easy_N = share_N > settings["most_right"]
    reason_N = np.select([few_N, easy_N], ["too_few_models", "easy"], "")
    return Decisions(np.where(reason_N != "", "drop", "keep"), reason_N, score_N=share_N)
