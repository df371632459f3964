"""Pairs: which of two responses to one prompt is better, with what is believed about it.

Each distinct (prompt, response) is encoded once, in however many pairs it stands. Where a loss asks for raters, each
vote is a label of its own; else the row's consensus is. Shapes as in `rewardtrain.labels`; P pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain import batching, data
from rewardtrain.encoding import Encoder
from rewardtrain.labels import LabelSet, Tensors
from rewardtrain.modeling.losses import Facts, PairBatch

if TYPE_CHECKING:
    import torch

TITLE = "Pairs"
COLUMNS = "prompt, response_a, response_b, p_a, p_b (a dataset version), or chosen and rejected (TRL)"
SUITE = "pairs"
VOTES = {"a": (1.0, 0.0, 0.0), "tie": (0.0, 1.0, 0.0), "both_bad": (0.0, 1.0, 0.0), "b": (0.0, 0.0, 1.0)}

normalised = data.as_pairs


@dataclass(frozen=True)
class PairSet(LabelSet):
    """Pairs ready to train on.

    Attributes
    ----------
    target_P3 : believed probability of a wins, tie, b wins; "both bad" says nothing of which is better: a tie.
    margin_P : from the table.
    columns : those that were asked for, by name, each (P,).
    """

    target_P3: np.ndarray
    margin_P: np.ndarray
    columns: dict[str, np.ndarray]

    def plan(self, *, budget: int, seed: int, epoch: int) -> list[batching.Step]:
        first_P, second_P = self.place_LM.T
        return batching.plan(self.sequences.lengths_S, first_P, second_P, budget=budget, seed=seed, epoch=epoch)

    @cached_property
    def portions(self) -> list[np.ndarray]:
        return super().portions if self.columns else [np.arange(len(self))]  # columns are for what compares pairs

    def batch(
        self, some: np.ndarray, place_LM: np.ndarray, out_UK: "torch.Tensor", vector_UD: "torch.Tensor", to: Tensors
    ) -> PairBatch:
        first_P, second_P = to(place_LM[:, 0]), to(place_LM[:, 1])
        return PairBatch(
            out_UK[first_P], out_UK[second_P], to(self.target_P3[some]), to(self.margin_P[some]),
            vector_UD[first_P], vector_UD[second_P], {name: to(column[some]) for name, column in self.columns.items()},
        )  # fmt: skip

    def agreement(self, batch: PairBatch, reward: Callable[["torch.Tensor"], "torch.Tensor"]) -> tuple[float, int]:
        """How many pairs are ordered as believed (equal rewards count half), of how many with a believed winner."""
        delta_P = reward(batch.out_a_PK) - reward(batch.out_b_PK)
        lean_P = (batch.target_P3[:, 0] - batch.target_P3[:, 2]).sign()
        right = ((1 + delta_P.sign() * lean_P) / 2)[lean_P != 0].sum().item()
        return right, int((lean_P != 0).sum().item())


def prepare(table: pa.Table, encoder: Encoder, needs: Sequence[str] = (), facts: Facts | None = None) -> PairSet:
    """Encode the distinct texts of a pair table and collect its pairs.

    Left out, and counted in the report: rows without a response, rows whose two responses are the same,
    rows of no weight, rows whose probabilities are no distribution, and where raters are asked for, rows without votes.
    """
    index: dict[tuple[str, str], int] = {}
    columns = [table[name].to_pylist() for name in ("prompt", "response_a", "response_b")]
    weight_N = table["weight"].to_numpy()
    prob_N4 = pairs.outcome_probs(table)
    margin_N = table["margin"].to_numpy()
    sound_N = np.isfinite(prob_N4).all(axis=1) & (prob_N4 >= 0).all(axis=1) & (prob_N4.sum(axis=1) > 0)
    sound_N &= np.isfinite(margin_N) & np.isfinite(weight_N)
    left_out = dict.fromkeys(("without_response", "same_response", "without_weight", "bad_label"), 0)
    kept, places, length = [], [], []
    for row, (prompt, a, b) in enumerate(zip(*columns, strict=True)):
        if prompt is None or a is None or b is None:
            left_out["without_response"] += 1
        elif a == b:
            left_out["same_response"] += 1
        elif not sound_N[row]:
            left_out["bad_label"] += 1
        elif weight_N[row] <= 0:
            left_out["without_weight"] += 1
        else:
            kept.append(row)
            places.append([index.setdefault((prompt, a), len(index)), index.setdefault((prompt, b), len(index))])
            length.append([len(a), len(b)])
    sequences = encoder.encode(list(index))
    prob_P4 = prob_N4[kept] / prob_N4[kept].sum(axis=1, keepdims=True)
    target_P3 = np.column_stack([data.outcome_columns(prob_P4, names) for names in data.A_TIE_B])
    place_P2 = np.array(places, dtype=np.int64).reshape(-1, 2)
    length_P2 = np.array(length, dtype=float).reshape(-1, 2)
    found: dict[str, np.ndarray] = {"length_a": length_P2[:, 0], "length_b": length_P2[:, 1]}
    dimensions, found["dimension"] = _places(
        [table["dimension"][row].as_py() or "" for row in kept], facts.dimensions if facts else None
    )
    found["same"] = np.array([table["question"][row].as_py() == data.SAME for row in kept], dtype=float)
    raters: tuple[str, ...] = ()
    row_P = np.arange(len(kept))
    if "rater" in needs:
        votes = [
            (at, vote["rater"] or "", VOTES[vote["outcome"]])
            for at, row in enumerate(kept)
            for vote in table["votes"][row].as_py() or ()
            if vote["outcome"] in VOTES
        ]
        left_out["without_votes"] = len(kept) - len({at for at, _, _ in votes})
        row_P = np.array([at for at, _, _ in votes], dtype=np.int64)
        raters, rater_P = _places([rater for _, rater, _ in votes], facts.raters if facts else None)
        target_P3 = np.array([target for _, _, target in votes], dtype=float).reshape(-1, 3)
    else:
        rater_P = np.zeros(len(kept), dtype=np.int64)
    chosen = {name: found[name][row_P] for name in needs if name in found}
    chosen |= {"rater": rater_P} if "rater" in needs else {}
    report = {
        "rows": len(table), "pairs": len(row_P), "sequences": len(sequences), "tokens": int(sequences.lengths_S.sum()),
        "truncated": int(sequences.truncated_S.sum()), **left_out,
    }  # fmt: skip
    known = Facts(dimensions if "dimension" in needs else (), raters)
    return PairSet(
        sequences, place_P2[row_P], weight_N[kept][row_P], known, report, np.zeros(len(row_P), np.int64),
        target_P3, margin_N[kept][row_P], chosen,
    )  # fmt: skip


def _places(names: list[str], known: tuple[str, ...] | None) -> tuple[tuple[str, ...], np.ndarray]:
    """Each name's place among the known ones (all that there are, in order, where none are given); -1: unknown."""
    known = tuple(sorted(set(names))) if known is None else known
    place = {name: at for at, name in enumerate(known)}
    return known, np.array([place.get(name, -1) for name in names], dtype=np.int64)


def example() -> pa.Table:
    """Two made-up comparisons in TRL's columns."""
    rows = [("Name a colour.", "Blue.", "A table."), ("Add 2 and 2.", "4", "5, I think.")]
    return pa.Table.from_pylist([dict(zip(("prompt", "chosen", "rejected"), row, strict=True)) for row in rows])
