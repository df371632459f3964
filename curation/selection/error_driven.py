"""Asks for more of what the model gets wrong: neighbours of verified pairs that it misjudges.

Skywork-Reward-V2's retrieval (Liu et al. 2025, arXiv 2507.01352, stage 1): with p the probability that the model gives
to the response that people prefer, a verified pair calls for its k nearest open pairs, k = 8 if p <= ½, else
⌈8 (1 - p)⌉. The worst errors call first.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, highest, lots, settings_schema
from curation.selection._measures import sigmoid

TITLE = "Error-driven"
SUMMARY = "Neighbours of verified pairs that the ensemble gets wrong or is not sure of, the worst errors first."
SETTINGS = settings_schema(
    neighbours={"type": "integer", "minimum": 1, "maximum": 100, "default": 8, "title": "Most neighbours of an error"},
    near={
        "enum": ["prompt", "responses"], "default": "prompt", "title": "What makes pairs neighbours",
        "description": "How alike the prompts are, or the two responses together.",
    },
)  # fmt: skip
NEEDS = ("margin_MN", "verified_N", "prompt_ND")
REASONS = {
    "near_error": "It is like a verified pair that the ensemble gets wrong.",
    "close": "No error calls for it; the ensemble cannot tell which response is better.",
}


def wanted(p: float, most: int = 8) -> int:
    """How many neighbours a verified pair calls for, by the probability of the response that people prefer."""
    return most if p <= 0.5 else math.ceil(round(most * (1 - p), 9))


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are 2 - p of the error that calls, less than 1 where none does and the smallest margin fills the batch."""
    p_a_N = sigmoid(evidence.members_MN).mean(axis=0)
    verified_N = np.asarray(evidence.need("verified_N"), dtype=np.float64)
    vector_ND = _vectors(evidence, settings["near"])
    open_N = evidence.open_N & ~np.isfinite(verified_N)
    able_N, lot_N = open_N.copy(), lots(table, seed)
    score_N = np.where(open_N, 0.999 * (1 - 2 * np.abs(p_a_N - 0.5)), np.nan)  # less than any error's
    reason_N = np.full(table.num_rows, "close", dtype=object)
    p_N = np.where(verified_N > 0.5, p_a_N, 1 - p_a_N)
    errors = np.flatnonzero(np.isfinite(verified_N) & (verified_N != 0.5))
    for error in errors[np.lexsort((lot_N[errors], p_N[errors]))].tolist():
        near_N = np.round(vector_ND @ vector_ND[error], 10)
        order_N = np.lexsort((lot_N, np.where(able_N, -near_N, np.inf)))
        called = order_N[: min(wanted(float(p_N[error]), settings["neighbours"]), int(able_N.sum()))]
        able_N[called] = False
        score_N[called], reason_N[called] = 2 - p_N[error], "near_error"
        if (open_N & ~able_N).sum() >= size:
            break
    return highest(table, evidence, score_N, size, seed, reason_N)


def _vectors(evidence: Evidence, near: str) -> np.ndarray:
    """Unit vectors by which pairs are compared; which response is a makes no difference."""
    whole_ND = evidence.need("prompt_ND") if near == "prompt" else evidence.need("feature_N2D").sum(axis=1)
    whole_ND = np.asarray(whole_ND, dtype=np.float64)
    return np.asarray(whole_ND / np.maximum(np.linalg.norm(whole_ND, axis=1, keepdims=True), 1e-12))
