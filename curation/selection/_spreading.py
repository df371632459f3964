"""Takes the highest scores, no text over and over: a few texts would fill the batch, and teach little about others."""

from typing import Any

import numpy as np
import pyarrow as pa

from curation.pairs import responses
from curation.selection import Choice, Evidence, lots

MOST_A_TEXT = {
    "type": "integer", "minimum": 0, "maximum": 1000, "default": 2, "title": "Most pairs of one response",
    "description": "Before others have had their turn; 0: no limit.",
}  # fmt: skip


def spread(
    table: pa.Table, evidence: Evidence, score_N: np.ndarray, most: int, size: int, seed: int, reason: str
) -> Choice:
    """The open rows with the highest finite scores, each text in ``most`` of them; then in twice as many, and so on."""
    able_N = evidence.open_N & np.isfinite(score_N)
    ordered = np.lexsort((lots(table, seed), np.where(able_N, -score_N, np.inf)))[: int(able_N.sum())].tolist()
    text_N2 = _texts(table)
    times = np.zeros(int(text_N2.max(initial=-1)) + 1, dtype=np.int64)
    chosen: list[int] = []
    limit = most or len(ordered)
    while ordered and len(chosen) < size:
        left = []
        for row in ordered:
            if len(chosen) < size and times[text_N2[row]].max() < limit:
                times[text_N2[row]] += 1
                chosen.append(row)
            else:
                left.append(row)
        ordered, limit = left, limit + max(most, 1)
    place_K = np.array(chosen, dtype=np.int64)
    return Choice(place_K, np.asarray(score_N)[place_K], np.full(len(chosen), reason, dtype=object))


def _texts(table: pa.Table) -> np.ndarray:
    """A number for each distinct response to each prompt, shape (N, 2)."""
    prompts = table["prompt"].to_pylist()
    numbers: dict[tuple[Any, ...], int] = {}
    sides = []
    for side in "ab":
        each = zip(prompts, responses(table, side), strict=True)
        sides.append([numbers.setdefault((prompt, *said), len(numbers)) for prompt, said in each])
    return np.array(sides, dtype=np.int64).reshape(2, -1).T
