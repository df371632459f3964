"""RewardBench 2: the official scores."""

from collections.abc import Mapping
from typing import Any

import curation.charts
from curation.charts import Chart


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    scores = [(name, value) for name, value in figures["scores"].items() if value is not None]
    if not scores:
        return []
    total = figures.get("total")
    note = f"Total {total:.3f}, the mean of the six." if total is not None else "No total: subsets are missing."
    return [curation.charts.bars(scores, id=f"{id}-scores", title="Official scores", note=note, share=True)]
