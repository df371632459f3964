"""Deals a batch into what a strategy chose and a random slice, and reads rates off the random slice alone.

A strategy asks where something is wrong, so a rate among its answers says nothing of the rows at large. The slice is
drawn first, from all open rows, whatever the strategy would take; its rate is unbiased for the rows that were open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curation import selection
from curation.intervals import wilson
from curation.selection import Evidence, lots

CHOSEN, RANDOM = "chosen", "random"
REASON = "for_estimates"  # of rows of the random slice
REASONS = {REASON: "It was drawn by lot, so that figures hold for all pairs."}


@dataclass(frozen=True)
class Batch:
    """What to ask, the first first: K rows.

    Attributes
    ----------
    place_K : row of each, none twice.
    slice_K : "chosen" or "random".
    score_K : the strategy's score; NaN in the random slice.
    reason_K : code of the strategy's ``REASONS``, or `REASON`.
    """

    place_K: np.ndarray
    slice_K: np.ndarray
    score_K: np.ndarray
    reason_K: np.ndarray


def deal(
    table: pa.Table,
    evidence: Evidence,
    strategy: str,
    settings: Mapping[str, Any],
    *,
    size: int,
    random_share: float,
    seed: int,
) -> Batch:
    """A batch of at most ``size`` rows of which ``random_share`` (rounded up) are drawn by lot.

    The random rows stand evenly among the chosen ones, so that a batch that is only half answered holds both.

    Raises
    ------
    selection.MissingEvidence
        If the strategy lacks what it decides on.
    """
    size = min(size, int(evidence.open_N.sum()))
    # Another lot than the strategy's own, else the random strategy's first rows would be its random slice.
    lot_N = lots(table, selection.hash_of(seed, 1))
    by_lot = np.lexsort((lot_N, ~evidence.open_N))
    drawn = by_lot[: int(np.ceil(round(size * random_share, 9)))]
    taken_N = ~evidence.open_N
    taken_N[drawn] = True
    without = Evidence(**{**vars(evidence), "asked_N": taken_N})
    choice = selection.get(strategy).choose(table, without, settings, size - len(drawn), seed)
    chosen = len(choice.place_K)
    turn = np.concatenate([np.arange(chosen) / max(chosen, 1), (np.arange(len(drawn)) + 0.5) / max(len(drawn), 1)])
    order = np.argsort(turn, kind="stable")
    return Batch(
        np.concatenate([choice.place_K, drawn]).astype(np.int64)[order],
        np.array([CHOSEN] * chosen + [RANDOM] * len(drawn), dtype=object)[order],
        np.concatenate([choice.score_K, np.full(len(drawn), np.nan)])[order],
        np.concatenate([choice.reason_K, np.full(len(drawn), REASON, dtype=object)])[order],
    )


def rate(hits: float, n: int) -> dict[str, float | int | None]:
    """A share with its 95 % Wilson interval; plain JSON, ``value`` None where ``n`` is 0."""
    low, high = wilson(hits, n)
    return {"n": n, "hits": hits, "value": hits / n if n else None, "low": low, "high": high}
