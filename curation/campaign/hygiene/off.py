"""No hygiene: for pools that were cleaned already."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation.campaign import Tools
from curation.campaign.source import Source
from curation.filters import settings_schema

TITLE = "Off"
SUMMARY = "Takes nothing out; for pools that were cleaned already."
SETTINGS = settings_schema()


def screen(source: Source, settings: Mapping[str, Any], tools: Tools) -> np.ndarray:
    """Everything stays."""
    return np.full(source.rows, "", dtype=object)
