"""Rankings: the responses to one prompt in order, with ties.

Shapes as in `rewardtrain.labels`; M places of the longest list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import LabelSet, Tensors, common
from rewardtrain.modeling.losses import Facts, RankingBatch

if TYPE_CHECKING:
    import torch

TITLE = "Rankings"
COLUMNS = "prompt, responses (a list of texts) and ranks (a list of whole numbers, the lowest best, equal ones tied)"
SUITE = "rankings"
SCHEMA = pa.schema(
    [
        ("prompt", pa.large_string()),
        ("group", pa.string()),
        ("responses", pa.list_(pa.large_string())),
        ("ranks", pa.list_(pa.int32())),  # null: not rankable
        ("weight", pa.float64()),
    ]
)


@dataclass(frozen=True)
class RankingSet(LabelSet):
    """Rankings ready to train on.

    Attributes
    ----------
    rank_LM : 0 is best, equal ranks are ties, -1 where there is no response.
    """

    rank_LM: np.ndarray
    WHOLE: ClassVar[bool] = True

    def batch(
        self, some: np.ndarray, place_LM: np.ndarray, out_UK: "torch.Tensor", vector_UD: "torch.Tensor", to: Tensors
    ) -> RankingBatch:
        return RankingBatch(out_UK[to(np.maximum(place_LM, 0))], to(self.rank_LM[some]))

    def agreement(self, batch: RankingBatch, reward: Callable[["torch.Tensor"], "torch.Tensor"]) -> tuple[float, int]:
        """Pairs of a list ordered as it ranks them, of those that it does not tie."""
        lists, places, outputs = batch.out_LMK.shape
        reward_LM = reward(batch.out_LMK.reshape(-1, outputs)).reshape(lists, places)
        rank_LM = batch.rank_LM
        there_LMM = (rank_LM[:, :, None] >= 0) & (rank_LM[:, None, :] >= 0)
        use_LMM = there_LMM & (rank_LM[:, :, None] < rank_LM[:, None, :])
        right_LMM = (1 + (reward_LM[:, :, None] - reward_LM[:, None, :]).sign()) / 2
        return float(right_LMM[use_LMM].sum()), int(use_LMM.sum())


def normalised(table: pa.Table) -> pa.Table:
    """In `SCHEMA`."""
    return pa.Table.from_pylist([_row(row, number) for number, row in enumerate(table.to_pylist(), 1)], schema=SCHEMA)


def _row(row: dict[str, Any], number: int) -> dict[str, Any]:
    responses, ranks = row.get("responses"), row.get("ranks")
    if not isinstance(responses, list) or not all(isinstance(text, str) for text in responses):
        raise DataError(f"Row {number} has no list of responses. A table of rankings has the columns {COLUMNS}.")
    if not isinstance(ranks, list) or len(ranks) != len(responses):
        raise DataError(f"Row {number} must have as many ranks as responses.")
    if not all(rank is None or (isinstance(rank, int | float) and rank == int(rank)) for rank in ranks):
        raise DataError(f"Row {number}: ranks are whole numbers, or null where a response cannot be ranked.")
    return {**common(row, number), "responses": responses, "ranks": ranks}


def prepare(table: pa.Table, encoder: Encoder, needs: Sequence[str] = (), facts: Facts | None = None) -> RankingSet:
    """Encode the distinct responses and collect the rankings.

    Left out, and counted: lists with fewer than two different ranks, and lists of no weight. A response that stands
    twice in one list counts where it stands first.
    """
    index: dict[tuple[str, str], int] = {}
    places, ranks, weights, prompts = [], [], [], []
    left_out = dict.fromkeys(("without_order", "without_weight"), 0)
    for row in table.to_pylist():
        ranked: dict[str, int] = {}
        for text, rank in zip(row["responses"], row["ranks"], strict=True):
            if rank is not None:
                ranked.setdefault(text, rank)
        if len(set(ranked.values())) < 2:
            left_out["without_order"] += 1
        elif not (np.isfinite(row["weight"]) and row["weight"] > 0):
            left_out["without_weight"] += 1
        else:
            places.append([index.setdefault((row["prompt"], text), len(index)) for text in ranked])
            dense = {rank: at for at, rank in enumerate(sorted(set(ranked.values())))}
            ranks.append([dense[rank] for rank in ranked.values()])
            weights.append(row["weight"])
            prompts.append(row["prompt"])
    most = max(map(len, places), default=2)
    items = {prompt: at for at, prompt in enumerate(dict.fromkeys(prompts))}
    sequences = encoder.encode(list(index))
    report = {
        "rows": len(table), "rankings": len(places), "sequences": len(sequences),
        "tokens": int(sequences.lengths_S.sum()), "truncated": int(sequences.truncated_S.sum()), **left_out,
    }  # fmt: skip
    return RankingSet(
        sequences, _filled(places, most), np.array(weights, dtype=float), Facts(), report,
        np.array([items[prompt] for prompt in prompts], dtype=np.int64), _filled(ranks, most),
    )  # fmt: skip


def _filled(lists: list[list[int]], most: int) -> np.ndarray:
    """(L, most), with -1 behind each list's end."""
    return np.array([[*row, *[-1] * (most - len(row))] for row in lists], dtype=np.int64).reshape(len(lists), most)


def example() -> pa.Table:
    """Two made-up rankings, one with a tie."""
    return pa.Table.from_pylist(
        [
            {"prompt": "Name a colour.", "responses": ["Blue.", "Red.", "A table."], "ranks": [1, 1, 2]},
            {"prompt": "Add 2 and 2.", "responses": ["5", "4"], "ranks": [2, 1]},
        ]
    )
