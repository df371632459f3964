"""Asks about the labels that are most likely wrong, no text over and over.

Where labels are many and doubtful, what an answer mends counts most: a wrong label that the model is sure of pulls
hardest the wrong way. The same few texts collect most suspicion, so each is asked about a few times only, before the
others have had their turn (`bench/asking.py` measures both).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.pairs import responses
from curation.selection import Choice, Evidence, lots, settings_schema

TITLE = "Most suspicious labels"
SUMMARY = "Pairs whose present label is most likely wrong, each response in a few of them only."
SETTINGS = settings_schema(
    most_a_text={
        "type": "integer", "minimum": 0, "default": 2, "title": "Most pairs of one response",
        "description": "Before others have had their turn; 0: no limit.",
    },
)  # fmt: skip
NEEDS = ("suspicion_N",)
REASONS = {"suspicious": "Its label is likely wrong."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the suspicions; where the limit leaves the batch short, it is lifted by as much again."""
    suspicion_N = np.asarray(evidence.need("suspicion_N"), dtype=np.float64)
    able_N = evidence.open_N & np.isfinite(suspicion_N)
    ordered = np.lexsort((lots(table, seed), np.where(able_N, -suspicion_N, np.inf)))[: int(able_N.sum())].tolist()
    chosen = _spread(ordered, _texts(table), settings["most_a_text"], size)
    place_K = np.array(chosen, dtype=np.int64)
    return Choice(place_K, suspicion_N[place_K], np.full(len(chosen), "suspicious", dtype=object))


def _spread(ordered: list[int], text_N2: np.ndarray, most: int, size: int) -> list[int]:
    """The first ``size`` rows such that no text is in more than ``most`` of them, then in twice as many, and so on."""
    chosen: list[int] = []
    times: dict[int, int] = {}
    limit = most or len(ordered)
    while ordered and len(chosen) < size:
        left = []
        for row in ordered:
            first, second = text_N2[row].tolist()
            if len(chosen) < size and max(times.get(first, 0), times.get(second, 0)) < limit:
                times[first] = times.get(first, 0) + 1
                times[second] = times.get(second, 0) + 1
                chosen.append(row)
            else:
                left.append(row)
        ordered, limit = left, limit + max(most, 1)
    return chosen


def _texts(table: pa.Table) -> np.ndarray:
    """A number for each distinct response to each prompt, shape (N, 2)."""
    prompts = table["prompt"].to_pylist()
    numbers: dict[tuple[Any, ...], int] = {}
    sides = [
        [
            numbers.setdefault((prompt, *said), len(numbers))
            for prompt, said in zip(prompts, responses(table, side), strict=True)
        ]
        for side in "ab"
    ]
    return np.array(sides, dtype=np.int64).reshape(2, -1).T
