"""Finds preferences that run in a circle: under one prompt A beats B, B beats C, and C beats A.

Responses that beat each other in circles are a knot: a strongly connected component of the graph of wins. Which pairs
to doubt follows ranked pairs (Tideman 1987, doi:10.1007/BF00433944): the pairs of a knot are accepted from the surest
down, and one that would close a circle with those accepted is doubted; so no circle is left without them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from curation import pairs
from curation.filters import Context, Decisions, _suspects, action_setting, settings_schema

TITLE = "Cycles"
SUMMARY = "Pairs of one prompt that contradict each other in a circle: the weakest of them, or all."
SETTINGS = settings_schema(
    which={
        "enum": ["weakest", "all"],
        "default": "weakest",
        "title": "Pairs of a circle",
        "description": "The weakest, without which no circle is left, or all that stand in one.",
    },
    action=action_setting("drop", "review", default="review"),
)
REASONS = {
    "closes_a_cycle": "Surer pairs of the same prompt say together that the other response is better.",
    "in_a_cycle": "The pair stands in a circle of preferences.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are how many responses beat each other in circles with those of the pair, 1 where there is no circle."""
    sign_N = _suspects.decided(table)
    edge_E = np.flatnonzero(np.isfinite(sign_N))
    side_N2 = _contestants(table)
    a_wins_E = sign_N[edge_E] > 0
    winner_E = np.where(a_wins_E, side_N2[edge_E, 0], side_N2[edge_E, 1])
    loser_E = np.where(a_wins_E, side_N2[edge_E, 1], side_N2[edge_E, 0])
    count = int(side_N2.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(edge_E)), (winner_E, loser_E)), shape=(count, count))
    knots, knot_K = connected_components(graph, connection="strong") if count else (0, np.zeros(0, dtype=int))
    size_K = np.bincount(knot_K, minlength=knots)
    inside_E = (knot_K[winner_E] == knot_K[loser_E]) & (winner_E != loser_E)
    score_N = np.full(table.num_rows, np.nan)
    score_N[edge_E] = np.where(inside_E, size_K[knot_K[winner_E]], 1)
    reason_N = np.full(table.num_rows, "", dtype="U16")
    if settings["which"] == "all":
        reason_N[edge_E[inside_E]] = "in_a_cycle"
    else:
        order_E = _surest_first(table, edge_E, winner_E, loser_E)
        knots_of: dict[int, list[int]] = {}
        for edge in order_E[inside_E[order_E]].tolist():
            knots_of.setdefault(int(knot_K[winner_E[edge]]), []).append(edge)
        for own in knots_of.values():
            closing = _closing(winner_E[own].tolist(), loser_E[own].tolist())
            reason_N[edge_E[own][closing]] = "closes_a_cycle"
    rate = float(inside_E.mean()) if len(edge_E) else 0.0
    notes = {"decided_pairs": len(edge_E), "in_a_cycle": int(inside_E.sum()), "rate": round(rate, 4)}
    action_N = np.where(reason_N == "", "keep", settings["action"])
    return Decisions(action_N, reason_N, score_N=score_N, notes=notes)


def _contestants(table: pa.Table) -> np.ndarray:
    """(N, 2) number of the response on each side: the same text under the same prompt and question is one."""
    asked = list(zip(*(table[name].to_pylist() for name in ("question", "dimension", "prompt")), strict=True))
    number: dict[tuple[Any, ...], int] = {}
    sides = [
        [
            number.setdefault((*key, *said), len(number))
            for key, said in zip(asked, pairs.responses(table, s), strict=True)
        ]
        for s in "ab"
    ]
    return np.array(sides, dtype=np.int64).reshape(2, -1).T


def _surest_first(table: pa.Table, edge_E: np.ndarray, winner_E: np.ndarray, loser_E: np.ndarray) -> np.ndarray:
    """Edges from the surest to the weakest: by how far the label leans, by votes, then by how often both sides win."""
    count = max(winner_E.max(initial=-1), loser_E.max(initial=-1)) + 1
    net_K = np.bincount(winner_E, minlength=count) - np.bincount(loser_E, minlength=count)
    lean_E = np.round(np.abs(_suspects.lean(table)), 6)[edge_E]
    votes_E = table["n_votes"].to_numpy()[edge_E].astype(np.int64)
    names = [np.array(table[name].to_pylist(), dtype=object)[edge_E] for name in ("item", "row_id")]
    return np.lexsort((*names, net_K[loser_E] - net_K[winner_E], -votes_E, -lean_E))


def _closing(winners: list[int], losers: list[int]) -> list[bool]:
    """Which of a knot's edges close a circle with those accepted before it; sets are the bits of a number."""
    bit: dict[int, int] = {}
    for response in (*winners, *losers):
        bit.setdefault(response, 1 << len(bit))
    beaten = dict.fromkeys(bit, 0)  # by all of a response's wins, direct or not
    closing = []
    for winner, loser in zip(winners, losers, strict=True):
        closing.append(bool(beaten[loser] & bit[winner]))
        if not closing[-1]:
            gained = beaten[loser] | bit[loser]
            for response, own in beaten.items():
                if response == winner or own & bit[winner]:
                    beaten[response] = own | gained
    return closing
