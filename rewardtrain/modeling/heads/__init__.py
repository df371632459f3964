"""Heads: one file each, found by discovery; a pooled vector in, the outputs that a loss reads out.

The contract that every module here fulfils (tests/rewardtrain/modeling/heads/test_contract.py holds it):

    TITLE, SUMMARY : str
    NATIVE : bool      one bias-free linear map, which AutoModelForSequenceClassification can hold as `score`
    build(width, outputs=1) -> torch.nn.Module     maps pooled_BD (float32, D = width) to out_BK, K = outputs

and, where a head must learn more than the labels teach it, that module has

    own_loss(pooled_BD) -> loss_B                  what the trainer adds to the loss, for each pooled vector
    attribution(vector_D) -> part_KF               what each of F features adds to each output

Only the pooled vector goes through a head, in float32. Modules import torch inside functions, so that
pages can show titles without it. Initial weights are drawn from torch's global generator.
"""

from typing import TYPE_CHECKING, Protocol, cast

from annotate import discovery

if TYPE_CHECKING:
    import torch


class Head(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    NATIVE: bool

    def build(self, width: int, outputs: int = 1) -> "torch.nn.Module": ...


def names() -> tuple[str, ...]:
    """Identifiers of all heads."""
    return discovery.names(__name__)


def get(name: str) -> Head:
    """The head called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Head, discovery.load(__name__, name))
