"""Bias: how much more the reward pays for each attribute than the labels do."""

from collections.abc import Mapping
from typing import Any

from curation.charts import Chart
from rewardtrain import drawing


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    listed = [*figures.get("attributes", []), *figures.get("families", [])]
    rows = [(row["name"], row["difference"]) for row in listed if row.get("difference")]
    title, note = (
        "What the reward pays for more than people do",
        "Right of 0: more often preferred by it than by people.",
    )
    return [drawing.differences(rows, id=f"{id}-attributes", title=title, note=note)] if rows else []
