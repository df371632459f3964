"""Finds pairs whose label a reward model contradicts, and drops them, turns them round, or asks people again.

Source: Skywork-Reward-V2 (arXiv 2507.01352), where such pairs are discarded or flipped; the threshold is a
difference of rewards, so it depends on the model: look at the histogram of a preview first.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Disagreement with a reward model"
SCOPE = "row"
SUMMARY = "Pairs whose loser the reward model prefers by more than the threshold."
SETTINGS = settings_schema(
    model={"type": "string", "minLength": 1, "title": "Reward model"},
    threshold={"type": "number", "minimum": 0, "default": 1, "title": "Reward by which the loser must lead"},
    action=action_setting("drop", "flip", "review", default="review"),
)
REASONS = {"model_disagrees": "The reward model prefers the other response."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the reward of the winner less that of the loser; pairs without a winner have none and are kept."""
    reward_N2 = _rewards(table, settings["model"], context)
    winner_N = pairs.winner(table)
    sign_N = np.select([winner_N == OUTCOMES[0], winner_N == OUTCOMES[1]], [1.0, -1.0], np.nan)
    score_N = sign_N * (reward_N2[:, 0] - reward_N2[:, 1])
    with np.errstate(invalid="ignore"):
        against_N = score_N < -settings["threshold"]
    return Decisions.drop_where(against_N, "model_disagrees", action=settings["action"], score_N=score_N)


def _rewards(table: pa.Table, model: str, context: Context) -> np.ndarray:
    """(rows, 2) rewards of both responses; each distinct prompt and response is scored once."""
    prompts = table["prompt"].to_pylist()
    index: dict[tuple[str, str], int] = {}
    places = [
        [index.setdefault((prompt, said), len(index)) for prompt, said in zip(prompts, column.to_pylist(), strict=True)]
        for column in (table["response_a"], table["response_b"])
    ]
    if not index:
        return np.empty((0, 2))
    asked, said = zip(*index, strict=True)
    rewards = np.asarray(context.models.score(model, asked, said), dtype=np.float64)
    return rewards[np.array(places).T]
