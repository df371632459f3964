"""Which response of a pair is better, for formats that know only chosen and rejected."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs

LEFT_OUT = {
    "tie": "The pair is a tie, so nothing is chosen.",
    "both_bad": "Both responses are bad, so nothing is chosen.",
    "identical": "Both responses are the same text.",
    "media": "The responses are not text alone.",
}


class Winner(NamedTuple):
    """A row of the pair table, which side is "chosen" and "rejected" ("a" or "b"), and p_chosen - p_rejected."""

    row: dict[str, Any]
    chosen: str
    rejected: str
    lead: float


def winners(table: pa.Table, left_out: Counter[str], *, keep_ties: bool = False) -> Iterator[Winner]:
    """Rows that can be said with chosen and rejected; the others are counted in ``left_out`` by reason."""
    probs_N4 = pairs.outcome_probs(table)
    lead_N = probs_N4[:, OUTCOMES.index("a")] - probs_N4[:, OUTCOMES.index("b")]
    for row, lead, outcome in zip(table.to_pylist(), lead_N.tolist(), pairs.winner(table).tolist(), strict=True):
        if row["media_a"] or row["media_b"]:
            left_out["media"] += 1
        elif row["response_a"] == row["response_b"]:
            left_out["identical"] += 1
        elif outcome in ("tie", "both_bad") and not keep_ties:
            left_out[outcome] += 1
        else:
            chosen, rejected = ("a", "b") if lead >= 0 else ("b", "a")
            yield Winner(row, chosen, rejected, abs(lead))
