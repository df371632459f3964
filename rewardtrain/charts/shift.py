"""Distribution shift: what is lost where the model was not trained."""

from collections.abc import Mapping
from typing import Any

from curation.charts import Chart
from rewardtrain import drawing


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    rows = [(row["name"], row["gap"]) for row in figures.get("shifts", []) if row.get("gap")]
    title, note = (
        "Accuracy lost by shift",
        "Source less target: right of 0 the model is worse where it was not trained.",
    )
    return [drawing.differences(rows, id=f"{id}-gaps", title=title, note=note)] if rows else []
