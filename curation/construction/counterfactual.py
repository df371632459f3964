"""The same two responses under two prompts, each of which only one of them answers: the label follows the prompt.

    (x, y of x) > (x, y of x')    and    (x', y of x') > (x', y of x)

So a response that wins under its own prompt loses under the other, and neither its look nor its length says which.
Source: counterfactual relabelling as in RoboReward (what was done stays, the task that it is judged by changes, and a
success becomes a failure), here for pairs. `off_prompt` gives the first of the two alone, and ties.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from curation.construction import Constructed, Material, chance, decided
from curation.filters import Context, settings_schema

TITLE = "Counterfactual pairs"
SUMMARY = "Two winners of two prompts compared under both prompts, where each wins once."
SETTINGS = settings_schema(
    share={"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 1, "title": "Share of the pairs used"},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """Two pairs for each pair with a winner; none where there is one prompt only."""
    rows = list(decided(material.table))
    prompts = np.array([row["prompt"] for row, _, _ in rows], dtype=object)
    for row, winner, _ in rows:
        rng = chance(context.seed, "counterfactual", row["row_id"])
        if rng.random() >= settings["share"]:
            continue
        others = np.flatnonzero(prompts != row["prompt"])
        if not len(others):
            return
        other, foreign, _ = rows[int(others[rng.integers(len(others))])]
        for own, better, worse, elsewhere in ((row, winner, foreign, other), (other, foreign, winner, row)):
            yield Constructed(
                item=own["item"], prompt=own["prompt"], group=own["group"], items=(elsewhere["item"],),
                sources=(own["row_id"], elsewhere["row_id"]), better=better, worse=worse,
            )  # fmt: skip
