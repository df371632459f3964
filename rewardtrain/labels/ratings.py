"""Ratings of single responses, dimension by dimension: Likert values, scores, or verdicts good and bad.

Shapes as in `rewardtrain.labels`; N ratings (a response with all that is said of it), A dimensions.
"""

import json
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import LabelSet, Tensors, common
from rewardtrain.modeling.losses import Facts, RatingBatch

if TYPE_CHECKING:
    import torch

TITLE = "Ratings"
COLUMNS = "prompt, response (or completion) and a column of numbers for each dimension, or label (TRL unpaired)"
SUITE = "ratings"
SCHEMA = pa.schema(
    [
        ("prompt", pa.large_string()),
        ("group", pa.string()),
        ("response", pa.large_string()),
        ("ratings", pa.large_string()),  # JSON: {dimension: number}
        ("weight", pa.float64()),
    ]
)
_OTHER = ("prompt", "group", "response", "completion", "ratings", "weight", "id", "item", "rater")


@dataclass(frozen=True)
class RatingSet(LabelSet):
    """Ratings ready to train on; several of one response are their mean.

    Attributes
    ----------
    value_NA : one column for each of ``facts.dimensions``; NaN where there is no rating.
    """

    value_NA: np.ndarray

    def batch(
        self, some: np.ndarray, place_LM: np.ndarray, out_UK: "torch.Tensor", vector_UD: "torch.Tensor", to: Tensors
    ) -> RatingBatch:
        unit_N = to(place_LM[:, 0])
        return RatingBatch(out_UK[unit_N], to(self.value_NA[some]), to(self.group_L[some]), vector_UD[unit_N])

    def agreement(self, batch: RatingBatch, reward: Callable[["torch.Tensor"], "torch.Tensor"]) -> tuple[float, int]:
        """Pairs of responses to one prompt ordered as their mean ratings are, of those whose ratings differ."""
        value_N, reward_N = batch.value_NA.nanmean(dim=1), reward(batch.out_NK)
        right, decided = 0.0, 0
        order = batch.item_N.argsort()
        for members in order.split(batch.item_N.unique(return_counts=True)[1].tolist()):
            better = value_N[members][:, None] > value_N[members][None, :]
            lead = (reward_N[members][:, None] - reward_N[members][None, :])[better]
            right, decided = right + ((1 + lead.sign()) / 2).sum().item(), decided + lead.numel()
        return right, decided


def normalised(table: pa.Table) -> pa.Table:
    """In `SCHEMA`. Every column of numbers that is nothing else is a dimension; a label becomes one called good."""
    rows = []
    for number, row in enumerate(table.to_pylist(), 1):
        response = row.get("response", row.get("completion"))
        if isinstance(response, list):
            response = "\n\n".join(str(message.get("content")) for message in response)
        if not isinstance(response, str):
            raise DataError(f"Row {number} has no response. A table of ratings has the columns {COLUMNS}.")
        rows.append(
            {
                **common(row, number), "response": response,
                "ratings": json.dumps(_ratings(row, number)),
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _ratings(row: dict[str, Any], number: int) -> dict[str, float]:
    given = row.get("ratings")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise DataError(f"Row {number}: ratings is not JSON.") from None
    if given is None:
        given = {"good" if key == "label" else key: value for key, value in row.items() if key not in _OTHER}
        given = {key: value for key, value in given.items() if isinstance(value, numbers.Real)}
    elif not isinstance(given, dict):
        raise DataError(f"Row {number}: ratings must be an object of dimensions and numbers.")
    elif bad := [key for key, value in given.items() if value is not None and not isinstance(value, numbers.Real)]:
        raise DataError(f"Row {number}: the rating of {bad[0]!r} is no number.")
    return {key: float(value) for key, value in given.items() if value is not None}


def prepare(table: pa.Table, encoder: Encoder, needs: Sequence[str] = (), facts: Facts | None = None) -> RatingSet:
    """Encode the distinct responses and collect what is said of them.

    Left out, and counted: rows without a rating of a known dimension, rows of no weight.
    """
    rows = table.to_pylist()
    said = [json.loads(row["ratings"]) for row in rows]
    dimensions = facts.dimensions if facts else tuple(sorted({key for ratings in said for key in ratings}))
    value_NA = np.array([[ratings.get(key, np.nan) for key in dimensions] for ratings in said], dtype=float)
    value_NA = value_NA.reshape(len(rows), len(dimensions))
    value_NA[~np.isfinite(value_NA)] = np.nan
    weight_N = table["weight"].to_numpy()
    rated_N = ~np.isnan(value_NA).all(axis=1) if len(dimensions) else np.zeros(len(rows), dtype=bool)
    heavy_N = np.isfinite(weight_N) & (weight_N > 0)
    of: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(rated_N & heavy_N).tolist():
        of.setdefault((rows[row]["prompt"], rows[row]["response"]), []).append(row)
    mean_LA = np.array([_mean(value_NA[members], weight_N[members]) for members in of.values()])
    sequences = encoder.encode(list(of))
    items = {prompt: at for at, prompt in enumerate(dict.fromkeys(prompt for prompt, _ in of))}
    report = {
        "rows": len(rows), "ratings": len(of), "sequences": len(sequences), "tokens": int(sequences.lengths_S.sum()),
        "truncated": int(sequences.truncated_S.sum()), "without_rating": int((~rated_N).sum()),
        "without_weight": int((rated_N & ~heavy_N).sum()),
    }  # fmt: skip
    return RatingSet(
        sequences, np.arange(len(of))[:, None], np.array([weight_N[members].sum() for members in of.values()]),
        Facts(dimensions, levels=facts.levels if facts else _levels(mean_LA)), report,
        np.array([items[prompt] for prompt, _ in of], dtype=np.int64), mean_LA.reshape(len(of), len(dimensions)),
    )  # fmt: skip


def _mean(value_MA: np.ndarray, weight_M: np.ndarray) -> np.ndarray:
    """Weighted mean of what several rows say, dimension by dimension; NaN where none says anything."""
    there_MA = ~np.isnan(value_MA)
    total_A = (there_MA * weight_M[:, None]).sum(axis=0)
    sum_A = np.where(there_MA, value_MA, 0.0).T @ weight_M
    return np.divide(sum_A, total_A, out=np.full(value_MA.shape[1], np.nan), where=total_A > 0)


def _levels(value_NA: np.ndarray) -> int:
    """How many levels the scale has, where every rating is a whole number from 0; else 0."""
    found = value_NA[~np.isnan(value_NA)] if value_NA.size else value_NA
    whole = found.size and (found >= 0).all() and (found == np.round(found)).all()
    return int(found.max()) + 1 if whole else 0


def example() -> pa.Table:
    """Three made-up ratings of two dimensions, one of them missing."""
    return pa.Table.from_pylist(
        [
            {"prompt": "Name a colour.", "response": "Blue.", "helpfulness": 4, "verbosity": 1},
            {"prompt": "Name a colour.", "response": "A table.", "helpfulness": 0, "verbosity": None},
            {"prompt": "Add 2 and 2.", "response": "4", "helpfulness": 4, "verbosity": 0},
        ]
    )
