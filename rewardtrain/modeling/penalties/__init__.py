"""Penalties: one file each, found by discovery; what is added to a pairwise loss whatever its labels say.

The contract that every module here fulfils (tests/rewardtrain/modeling/penalties/test_contract.py holds it):

    TITLE, SUMMARY : str
    NEEDS : tuple of str     columns of `PairBatch.columns` that it reads, or "vectors" for the pooled vectors
    SETTINGS : dict          JSON Schema, every property with a default; ``weight`` among them
    penalty(batch, settings, reward_a_P, reward_b_P) -> penalty_P       differentiable, at least 0, times ``weight``

and, where some pairs are there for it alone:

    alone(batch) -> mask_P   pairs that give no loss, only this penalty

``settings`` are complete (`rewardtrain.settings.complete`); the rewards are those that responses are ranked by. It is
one number a pair, so that the trainer adds it to loss_P and takes the weighted mean; a penalty on the batch as a whole
gives every pair the same number. A column need not be there: without it, a penalty says so with a KeyError. Modules
import torch inside functions. Shapes: P pairs, as in `rewardtrain.modeling.losses`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from annotate import discovery
from rewardtrain.modeling.losses import PairBatch

if TYPE_CHECKING:
    import torch


class Penalty(Protocol):
    """The contract's first part, for type checkers."""

    TITLE: str
    SUMMARY: str
    NEEDS: tuple[str, ...]
    SETTINGS: dict[str, Any]

    def penalty(
        self, batch: PairBatch, settings: Mapping[str, Any], reward_a_P: "torch.Tensor", reward_b_P: "torch.Tensor"
    ) -> "torch.Tensor": ...


def names() -> tuple[str, ...]:
    """Identifiers of all penalties."""
    return discovery.names(__name__)


def get(name: str) -> Penalty:
    """The penalty called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Penalty, discovery.load(__name__, name))
