"""TextNorm: reliability of the confidence."""

from collections.abc import Mapping
from typing import Any

from curation.charts import Chart
from rewardtrain import drawing


def charts(figures: Mapping[str, Any], *, id: str) -> list[Chart]:
    return [drawing.reliability(figures["calibration"], id=f"{id}-reliability")] if figures.get("calibration") else []
