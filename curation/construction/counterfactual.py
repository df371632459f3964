"""The same two responses under two prompts, each of which only one of them answers: the label follows the prompt.

    (x, y of x) > (x, y of x')    and    (x', y of x') > (x', y of x)

So a response that wins under its own prompt loses under the other, and neither its look nor its length says which.
Source: counterfactual relabelling as in RoboReward (what was done stays, the task that it is judged by changes, and a
success becomes a failure), here for pairs. `off_prompt` gives the first of the two alone, and ties.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from curation.construction import Constructed, Material, share_setting, with_foreign
from curation.filters import Context, settings_schema

TITLE = "Counterfactual pairs"
SUMMARY = "Two winners of two prompts compared under both prompts, where each wins once."
SETTINGS = settings_schema(
    share=share_setting(1),
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """Two pairs for each pair with a winner; none where there is one prompt only."""
    for own, foreign in with_foreign(material, "counterfactual", settings["share"], context.seed):
        for (row, winner, _), (other, loser, _) in ((own, foreign), (foreign, own)):
            yield Constructed(
                item=row["item"], prompt=row["prompt"], group=row["group"], items=(other["item"],),
                sources=(row["row_id"], other["row_id"]), better=winner, worse=loser,
            )  # fmt: skip
