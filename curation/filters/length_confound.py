"""Says how well length alone predicts the labels, and balances the pairs so that it no longer does (`_confound`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.filters import Context, Decisions, _confound, settings_schema

TITLE = "Length confound"
SUMMARY = "Weighs pairs so that length predicts nothing, or takes out those that length alone explains."
SETTINGS = settings_schema(**_confound.SETTINGS)
REASONS = {"explained_by_length": "The length of the responses alone predicts the label."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """As `_confound.decide`, from the log of how many times as long a is as b, in characters."""
    length_N2 = np.column_stack([pc.utf8_length(table[f"response_{side}"]).to_numpy() for side in "ab"])
    ratio_N1 = np.diff(np.log1p(length_N2[:, ::-1]), axis=1)
    return _confound.decide(table, ratio_N1, ("log_length",), "explained_by_length", settings, context)
