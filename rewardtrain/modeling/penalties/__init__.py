"""Penalties: one file each, found by discovery; what is asked of rewards beside the loss of the labels.

The contract that every module here fulfils (tests/rewardtrain/modeling/penalties/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                             JSON Schema, every property with a default; ``weight`` is one
    NEEDS : tuple of str                        columns of `rewardtrain.modeling.losses.PairBatch` that it reads
    penalty(batch, settings, reward_a_P, reward_b_P) -> scalar tensor, to which the trainer applies the weight
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from annotate import discovery
from rewardtrain.modeling.losses import PairBatch

if TYPE_CHECKING:
    import torch


class Penalty(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]
    NEEDS: tuple[str, ...]

    def penalty(
        self, batch: PairBatch, settings: Mapping[str, Any], reward_a_P: "torch.Tensor", reward_b_P: "torch.Tensor"
    ) -> "torch.Tensor": ...


def names() -> tuple[str, ...]:
    """Identifiers of all penalties."""
    return discovery.names(__name__)


def get(name: str) -> Penalty:
    """The penalty called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Penalty, discovery.load(__name__, name))
