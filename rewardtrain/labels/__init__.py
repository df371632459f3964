"""Kinds of labels: one file each, found by discovery; a table in, token sequences with labels on them out.

The contract that every module here fulfils (tests/rewardtrain/labels/test_contract.py holds it):

    TITLE, COLUMNS : str                        what it is, and what columns a table of it has
    SUITE : str                                 the suite that measures a model on such tables
    normalised(table) -> pa.Table               the table in one schema; it has the columns prompt and group
    prepare(table, encoder, needs=(), facts=None) -> LabelSet
    example() -> pa.Table                       a few made-up rows, as people would give them

A loss says by its LABELS which kind it learns from. What a row loses on the way is counted in the report. A row that
cannot be read raises DataError with its number. ``facts`` of a training fix what dimensions and raters mean in the
other splits. Shapes: S sequences, U units (a sequence, or a segment of one), L labels, M units that a label is about.
"""

import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
import pyarrow as pa

from annotate import discovery
from curation.pairs import canonical_json
from rewardtrain.batching import Step, plan_groups
from rewardtrain.encoding import Encoder, TokenSequences
from rewardtrain.errors import DataError
from rewardtrain.modeling.losses import Facts

if TYPE_CHECKING:
    import torch

    from rewardtrain.modeling.reward_model import RewardModel

PORTION_TOKENS = 1 << 17
Tensors = Callable[[np.ndarray], "torch.Tensor"]


@dataclass(frozen=True)
class LabelSet(ABC):
    """Labels ready to train on; each kind adds what it believes of them, and how that makes a batch.

    Attributes
    ----------
    sequences : tokens of the distinct texts.
    place_LM : the units that each label is about; -1 where a label is about fewer.
    weight_L : weights in training.
    facts : what the labels hold.
    report : counts: rows, labels, sequences, tokens, truncated, and the rows left out by reason.
    group_L : labels of one group stand in one step where the budget allows it.
    starts_S1, position_U : where segments end: those of sequence s are starts_S1[s] to starts_S1[s + 1], each read at
        its token position; None where a unit is a whole sequence.
    """

    sequences: TokenSequences
    place_LM: np.ndarray
    weight_L: np.ndarray
    facts: Facts
    report: dict[str, int]
    group_L: np.ndarray
    starts_S1: np.ndarray | None = field(default=None, kw_only=True)
    position_U: np.ndarray | None = field(default=None, kw_only=True)
    WHOLE: ClassVar[bool] = False  # whether a group must never be cut

    def __len__(self) -> int:
        return len(self.place_LM)

    def plan(self, *, budget: int, seed: int, epoch: int) -> list[Step]:
        """The steps of one epoch (`rewardtrain.batching`)."""
        return plan_groups(
            self.sequences.lengths_S, self.sequence_of(self.place_LM), self.group_L,
            budget=budget, seed=seed, epoch=epoch, whole=self.WHOLE,
        )  # fmt: skip

    @cached_property
    def portions(self) -> list[np.ndarray]:
        """All labels in portions of whole groups, small enough to compare all responses of one with one another."""
        return [step.labels for step in self.plan(budget=PORTION_TOKENS, seed=0, epoch=0)]

    def units(self, members: np.ndarray) -> np.ndarray:
        """The units of some sequences, in their order."""
        if self.starts_S1 is None:
            return members
        spans = [np.arange(self.starts_S1[s], self.starts_S1[s + 1]) for s in members]
        return np.concatenate(spans) if spans else np.zeros(0, np.int64)

    def vectors(self, model: "RewardModel", members: np.ndarray, pad: int) -> "torch.Tensor":
        """vector_UD of the `units` of some sequences."""
        inputs = self.sequences.padded(members, pad, model.device)
        if self.starts_S1 is None or self.position_U is None:
            return model.pooled(*inputs)
        ids_BL, mask_BL = inputs
        counts = np.diff(self.starts_S1)[members]
        return model.at(
            ids_BL, mask_BL, np.repeat(np.arange(len(members)), counts), self.position_U[self.units(members)]
        )

    @abstractmethod
    def batch(
        self, some: np.ndarray, place_LM: np.ndarray, out_UK: "torch.Tensor", vector_UD: "torch.Tensor", to: Tensors
    ) -> Any:
        """The batch of some labels; ``place_LM`` says where their units stand in ``out_UK``; ``to`` makes tensors."""

    def agreement(self, batch: Any, reward: Callable[["torch.Tensor"], "torch.Tensor"]) -> tuple[float, int]:
        """How much of a batch a model gets right, and of how much it could; (0, 0) where there is no such figure."""
        return 0.0, 0

    def sequence_of(self, unit: np.ndarray) -> np.ndarray:
        """The sequence that each unit is, or is part of; -1 stays."""
        if self.starts_S1 is None:
            return unit
        return np.where(unit < 0, -1, np.searchsorted(self.starts_S1, unit, side="right") - 1)


class Kind(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    COLUMNS: str
    SUITE: str

    def normalised(self, table: pa.Table) -> pa.Table: ...
    def prepare(
        self, table: pa.Table, encoder: Encoder, needs: Sequence[str] = (), facts: Facts | None = None
    ) -> LabelSet: ...
    def example(self) -> pa.Table: ...


def names() -> tuple[str, ...]:
    """Identifiers of all kinds."""
    return discovery.names(__name__)


def get(name: str) -> Kind:
    """The kind called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Kind, discovery.load(__name__, name))


def common(row: dict[str, Any], number: int) -> dict[str, Any]:
    """What every row that people gave may hold: prompt (as JSON messages), group and weight.

    Raises
    ------
    DataError
        With the row's number, if it has no prompt, or a weight that is no number.
    """
    prompt, weight = row.get("prompt"), row.get("weight")
    if isinstance(prompt, str):
        prompt = prompt if prompt.startswith("[{") else canonical_json([{"role": "user", "content": prompt}])
    elif isinstance(prompt, list):
        prompt = canonical_json(prompt)
    else:
        raise DataError(f"Row {number} has no prompt.")
    if weight is not None and (isinstance(weight, bool) or not isinstance(weight, numbers.Real)):
        raise DataError(f"Row {number}: the weight {weight!r} is no number.")
    return {"prompt": prompt, "group": str(row.get("group") or ""), "weight": 1.0 if weight is None else float(weight)}
