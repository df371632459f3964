"""BALD with the prompts spread out: naive uncertainty picks near-duplicates (BAL-PM, Melo et al. 2024, 2406.10023).

The entropy of the prompts that were asked is estimated from nearest neighbours (Kozachenko and Leonenko 1987): a new
prompt adds the log of its distance to the nearest one that was asked before or stands in the batch already. Only this
part of the estimate depends on the candidate; the rest is left out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, best, lots, settings_schema
from curation.selection._measures import mutual_information

TITLE = "BALD with spread prompts"
SUMMARY = "Pairs on which the ensemble contradicts itself and whose prompts are far from those asked already."
SETTINGS = settings_schema(
    entropy_weight={
        "type": "number", "minimum": 0, "default": 0.05, "title": "Weight of the prompts' entropy",
        "description": "Bits of disagreement that a prompt e times as far from the nearest one asked is worth.",
    },
)  # fmt: skip
NEEDS = ("margin_MN", "prompt_ND")
REASONS = {"disagreement_spread": "The ensemble contradicts itself, on a prompt unlike those asked already."}

_NEAREST = 1e-3  # distances below count as this: the very same prompt again


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the gain at each turn: BALD in bits, plus the weighted log distance in nats.

    Takes O(K N D) time.
    """
    information_N = mutual_information(evidence.members_MN)
    prompt_ND = np.asarray(evidence.need("prompt_ND"), dtype=np.float64)
    able_N, lot_N = evidence.open_N.copy(), lots(table, seed)
    square_N = (prompt_ND**2).sum(axis=1)
    nearest_N = np.full(table.num_rows, np.inf)

    def asked(place: int) -> None:
        away_N = square_N + square_N[place] - 2 * prompt_ND @ prompt_ND[place]
        np.minimum(nearest_N, np.sqrt(np.maximum(away_N, 0)), out=nearest_N)

    for place in _one_a_prompt(prompt_ND, ~able_N):
        asked(place)
    spread = np.sqrt(max(prompt_ND.var(axis=0).sum(), _NEAREST**2)) if table.num_rows else 1.0
    places, scores = [], []
    for _ in range(min(size, int(able_N.sum()))):
        # Before anything was asked every prompt is as far as the prompts are spread.
        far_N = np.clip(np.where(np.isfinite(nearest_N), nearest_N, spread), _NEAREST, None)
        gain_N = np.where(able_N, information_N + settings["entropy_weight"] * np.log(far_N), -np.inf)
        place = best(gain_N, lot_N)
        places.append(place)
        scores.append(gain_N[place])
        able_N[place] = False
        asked(place)
    return Choice(
        np.array(places, dtype=np.int64), np.array(scores), np.full(len(places), "disagreement_spread", dtype=object)
    )


def _one_a_prompt(prompt_ND: np.ndarray, mask_N: np.ndarray) -> list[int]:
    """One row for each distinct prompt vector among the rows of the mask."""
    rows = np.flatnonzero(mask_N)
    return rows[np.unique(prompt_ND[rows], axis=0, return_index=True)[1]].tolist() if len(rows) else []
