"""The votes that the pool's rows came with: models that judged them before, so that nothing is paid twice."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from curation.campaign import Tools
from curation.filters import settings_schema
from curation.judges import Case

TITLE = "Votes in the pool"
SUMMARY = "Takes the votes that models gave before and that came with the pool."
COSTS = False
SETTINGS = settings_schema(
    kinds={
        "type": "array",
        "items": {"enum": ["language_model", "reward_model", "rule", "import"]},
        "minItems": 1,
        "default": ["language_model", "reward_model"],
        "title": "Kinds of raters whose votes count",
    }
)


def label(
    cases: Sequence[Case], table: pa.Table, settings: Mapping[str, Any], tools: Tools, seed: int
) -> list[list[dict[str, Any]]]:
    """Those of the wanted kinds; people's never are among them."""
    kinds = settings["kinds"]
    return [[vote for vote in votes if vote["kind"] in kinds] for votes in table["votes"].to_pylist()]
