"""No labelling by models: only people label, and the models learn from the pool's own labels besides."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from curation.campaign import Tools
from curation.filters import settings_schema
from curation.judges import Case

TITLE = "Off"
SUMMARY = "Models label nothing; combine with training from the pool's own labels."
COSTS = False
SETTINGS = settings_schema()


def label(
    cases: Sequence[Case], table: pa.Table, settings: Mapping[str, Any], tools: Tools, seed: int
) -> list[list[dict[str, Any]]]:
    """Nobody votes."""
    return [[] for _ in cases]
