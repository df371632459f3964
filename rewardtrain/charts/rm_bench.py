"""RM-Bench: accuracy by the style of the chosen and the rejected response."""

from collections.abc import Mapping
from typing import Any

import curation.charts
from curation.charts import Chart
from rewardtrain import drawing

STYLES = ("concise", "detailed", "with markdown")


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    matrix = figures["matrix"]
    cells = [
        {"row": f"chosen {row}", "column": f"rejected {column}", "value": matrix[i][j], "n": figures["n"]}
        for i, row in enumerate(STYLES)
        for j, column in enumerate(STYLES)
    ]
    styles = [(name, row) for name, row in figures["styles"].items() if row and row.get("value") is not None]
    return [
        curation.charts.heat(
            [f"chosen {name}" for name in STYLES],
            [f"rejected {name}" for name in STYLES],
            cells,
            id=f"{id}-matrix",
            title="By style",
            note="Upper right: the rejected response is the more adorned one.",
            what="accuracy",
        ),
        drawing.accuracies(
            styles, id=f"{id}-styles", title="Easy, normal, hard", note="Hard: the rejected response is more adorned."
        ),
    ]
