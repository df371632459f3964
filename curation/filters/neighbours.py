"""Finds pairs whose label the most similar pairs contradict.

Two pairs are alike where their prompts are, and where what sets a apart from b is the same: a pair is the vector of
its prompt beside the unit difference of its responses' vectors, and with the sides swapped the difference changes its
sign and so must the label. So each neighbour is looked at both ways round, and sides mean nothing.

Source: nearest-neighbour editing (Wilson 1972, doi:10.1109/TSMC.1972.4309137) on embeddings. Up to `EXACT` rows are
compared with all others, more by an inverted file (faiss) that finds nearly all. Shapes: N rows, D wide, K neighbours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, _suspects, action_setting, settings_schema

TITLE = "Neighbours disagree"
SUMMARY = "Pairs whose winner the most similar pairs make unlikely, by text embeddings."
SETTINGS = settings_schema(
    neighbours={"type": "integer", "minimum": 1, "maximum": 500, "default": 50, "title": "Neighbours asked"},
    threshold={
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.35,
        "title": "Least share of the neighbours that must agree",
    },
    action=action_setting(*_suspects.REMEDIES, default="review"),
)
REASONS = {"neighbours_disagree": "The most similar pairs say that the other response is better."}

EXACT = 20_000  # rows
_PROMPT = np.float32(0.5)  # weight of the prompt's vector beside the unit difference
_QUERIES = 4096  # at a time


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the share of the neighbours that agree with the winner, undecided ones counting half."""
    order_N = np.lexsort((table["item"].to_pylist(), table["row_id"].to_pylist()))
    back_N = np.argsort(order_N)
    ordered = table.take(pa.array(order_N))
    agree_N = (1 + _suspects.decided(ordered) * _opinion(ordered, settings["neighbours"], context)) / 2
    return _suspects.doubted(table, agree_N[back_N], settings["threshold"], "neighbours_disagree", settings["action"])


def _opinion(table: pa.Table, neighbours: int, context: Context) -> np.ndarray:
    """Mean of the neighbours' leaning towards a, in [-1, 1]; NaN for a row without neighbours."""
    count = table.num_rows
    if count < 2:
        return np.full(count, np.nan)
    prompt_ND, apart_ND = _vectors(table, context)
    index = _index(np.hstack([prompt_ND, apart_ND]), context.seed)
    lean_N = _suspects.lean(table)
    asked = min(neighbours, count - 1)
    opinion_N = np.empty(count)
    for start in range(0, count, _QUERIES):
        own = slice(start, start + _QUERIES)
        found = [index.search(np.hstack([prompt_ND[own], sign * apart_ND[own]]), asked + 1) for sign in (1, -1)]
        score_QK = np.hstack([score for score, _ in found]).astype(np.float64)
        place_QK = np.hstack([place for _, place in found])
        lean_QK = np.hstack([lean_N[found[0][1]], -lean_N[found[1][1]]])
        score_QK[(place_QK == np.arange(start, start + len(place_QK))[:, None]) | (place_QK < 0)] = -np.inf
        best_QK = np.argsort(-np.round(score_QK, 5), axis=1, kind="stable")[:, :asked]
        known_QK = np.isfinite(np.take_along_axis(score_QK, best_QK, axis=1))
        said_QK = np.take_along_axis(lean_QK, best_QK, axis=1) * known_QK
        with np.errstate(invalid="ignore"):
            opinion_N[own] = said_QK.sum(axis=1) / known_QK.sum(axis=1)
    return opinion_N


def _vectors(table: pa.Table, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the prompts, weighted, and unit differences of those of the responses, both (N, D) float32."""
    prompts = [pairs.prompt_text(prompt) for prompt in table["prompt"].to_pylist()]
    columns: list[Sequence[str]] = [prompts, *(table[f"response_{side}"].to_pylist() for side in "ab")]
    place: dict[str, int] = {}
    places = [[place.setdefault(text, len(place)) for text in texts] for texts in columns]
    vector_TD = np.asarray(context.models.embed(list(place)), dtype=np.float32)
    prompt_ND, a_ND, b_ND = (vector_TD[own] for own in places)
    apart_ND = a_ND - b_ND
    apart_ND /= np.maximum(np.linalg.norm(apart_ND, axis=1, keepdims=True), 1e-9)
    return _PROMPT * prompt_ND, apart_ND


def _index(vector_ND: np.ndarray, seed: int) -> Any:
    import faiss

    count, width = vector_ND.shape
    index: Any = faiss.IndexFlatIP(width)
    if count > EXACT:
        index = faiss.IndexIVFFlat(index, width, int(4 * count**0.5), faiss.METRIC_INNER_PRODUCT)
        index.nprobe, index.cp.seed = 32, seed % 2**31
        index.train(vector_ND)
    index.add(vector_ND)
    return index
