"""Losses: one file each, found by discovery; rewards of compared responses in, a loss a pair out.

The contract that every module here fulfils (tests/rewardtrain/modeling/losses/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                                   JSON Schema, every property with a default
    pair_losses(batch, settings) -> loss_P            differentiable, not reduced, not weighted
    probabilities(delta_P, settings) -> prob_P3       what the model says of a wins, tie, b wins; rows sum to 1

``settings`` are complete (`rewardtrain.settings.complete`). The trainer takes the weighted mean of loss_P.
Modules import torch inside functions, so that pages can show titles and settings without it.
Shapes: P pairs; delta = reward_a - reward_b.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from annotate import discovery

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class PairBatch:
    """Pairs with their rewards and what is believed about them; every tensor is of shape (P,) but the target.

    Attributes
    ----------
    reward_a_P, reward_b_P : rewards of the two responses.
    target_P3 : believed probability of a wins, tie, b wins; rows sum to 1.
    margin_P : asked of reward_a - reward_b, negative where b is the better one; 0 where nothing is known.
    """

    reward_a_P: "torch.Tensor"
    reward_b_P: "torch.Tensor"
    target_P3: "torch.Tensor"
    margin_P: "torch.Tensor"


class Loss(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]

    def pair_losses(self, batch: PairBatch, settings: Mapping[str, Any]) -> "torch.Tensor": ...
    def probabilities(self, delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor": ...


def names() -> tuple[str, ...]:
    """Identifiers of all losses."""
    return discovery.names(__name__)


def get(name: str) -> Loss:
    """The loss called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Loss, discovery.load(__name__, name))
