"""Held-out pairs: reliability and margins."""

from collections.abc import Mapping
from typing import Any

from curation.charts import Chart
from rewardtrain import drawing
from rewardtrain.charts import block


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    found = []
    if block(figures).get("calibration"):
        found.append(drawing.reliability(block(figures)["calibration"], id=f"{id}-reliability"))
    if figures.get("margins"):
        found.append(drawing.margins(figures["margins"], id=f"{id}-margins"))
    return found


def notes(figures: Mapping[str, Any]) -> list[str]:
    found = []
    left_out = block(figures).get("left_out")
    if left_out:
        found.append(f"{left_out:,} rows without a winner (a tie, both bad, unknown) are left out.")
    ties = figures.get("ties") or {}
    if ties.get("n"):
        found.append(
            f"Where people call a tie ({ties['n']:,} rows), the two rewards differ by "
            f"{ties['mean_abs_difference']:.3f} on average."
        )
    return found
