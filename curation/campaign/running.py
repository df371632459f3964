"""A whole campaign, from the pool to its dataset; called again after whatever interrupted it, it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.campaign import outcome, rounds, stage_two
from curation.campaign.desk import Desk
from curation.pipeline import Pipeline, Result


@dataclass(frozen=True)
class Ended:
    """The dataset, the pipeline that its manifest names, and figures of how it came about (`outcome.describe`)."""

    result: Result
    pipeline: Pipeline
    figures: Mapping[str, Any]


def _nobody(number: int, figures: dict[str, Any]) -> None:
    return None


def run(desk: Desk, on_round: rounds.OnRound = _nobody) -> Ended:
    """Both stages.

    Raises
    ------
    curation.campaign.rounds.Waiting
        If people are still to answer; call it again when they have.
    curation.campaign.CampaignError
        If it cannot go on.
    """
    first = rounds.run(desk, on_round)
    found, judged, fates = stage_two.run(desk, first)
    result = outcome.result(desk, first, found, judged, fates)
    return Ended(result, outcome.pipeline_of(desk), outcome.describe(first, found, fates))
