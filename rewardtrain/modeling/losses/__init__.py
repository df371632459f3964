"""Losses: one file each, found by discovery; what the head says of labelled responses in, a loss a label out.

The contract that every module here fulfils (tests/rewardtrain/modeling/losses/test_contract.py holds it):

    TITLE, SUMMARY : str
    LABELS : str                                           what it learns from, a name of `rewardtrain.labels`
    SETTINGS : dict                                        JSON Schema, every property with a default
    label_losses(batch, settings, learned) -> loss_L       differentiable, not reduced, not weighted
    probabilities(delta_P, settings) -> prob_P3            of a wins, tie, b wins, given differences of rewards

and, where it is not a plain scalar reward:

    NEEDS : tuple of str                                   columns of `PairBatch.columns` that it reads
    outputs(settings, facts) -> int                        K, how many numbers the head gives; 1
    learned(settings, facts, width) -> torch.nn.Module     weights of its own, trained and saved beside the head
    reward(out_UK, settings, learned) -> reward_U          the scalar to rank by; the first output
    deviation(out_UK, settings, learned) -> std_U          standard deviation of the reward
    aspects(out_UK, settings, learned) -> aspect_UA        a reward for each of ``facts.dimensions``
    place(batch, settings, learned) -> vector              where a new rater stands, from a few of their pairs
    reward_for(out_UK, vector, settings, learned) -> reward_U

``settings`` are complete (`rewardtrain.settings.complete`); ``facts`` is what the labels hold (`Facts`). The trainer
takes the weighted mean of loss_L. A loss that draws random numbers does so only while ``learned.training`` is set.
Modules import torch inside functions, so that pages can show titles and settings without it.

Shapes: U units (responses, or segments of them), K outputs, D width of the backbone, L labels of any kind, P pairs,
N ratings, M places of a list; delta = reward_a - reward_b.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from annotate import discovery

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Facts:
    """What the labels of a training hold; kept in the model's card.

    Attributes
    ----------
    dimensions : names of what is rated or compared, such as helpfulness; empty where there is only one.
    raters : names of those who gave the labels, where a loss asks for them.
    levels : of an ordinal scale; 0 where values are not whole numbers from 0.
    """

    dimensions: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    levels: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Facts":
        """From what `to_dict` gave."""
        return cls(tuple(values["dimensions"]), tuple(values["raters"]), values["levels"])

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PairBatch:
    """Pairs, what the head says of their responses, and what is believed about them.

    Attributes
    ----------
    out_a_PK, out_b_PK : the head's outputs.
    target_P3 : believed probability of a wins, tie, b wins; rows sum to 1.
    margin_P : asked of reward_a - reward_b, negative where b is the better one; 0 where nothing is known.
    vector_a_PD, vector_b_PD : the pooled vectors that the head saw.
    columns : those that the loss or a penalty NEEDS, each of shape (P,): dimension and rater (places in `Facts`),
        length_a and length_b (characters), same (1 where both responses mean the same, for penalties).
    """

    out_a_PK: "torch.Tensor"
    out_b_PK: "torch.Tensor"
    target_P3: "torch.Tensor"
    margin_P: "torch.Tensor"
    vector_a_PD: "torch.Tensor | None" = None
    vector_b_PD: "torch.Tensor | None" = None
    columns: Mapping[str, "torch.Tensor"] = field(default_factory=dict)

    @property
    def reward_a_P(self) -> "torch.Tensor":
        """The first output, which is the reward of a loss that says nothing else."""
        return self.out_a_PK[:, 0]

    @property
    def reward_b_P(self) -> "torch.Tensor":
        return self.out_b_PK[:, 0]

    @property
    def win_P(self) -> "torch.Tensor":
        """Believed probability that a is better; a tie counts half."""
        return self.target_P3[:, 0] + self.target_P3[:, 1] / 2


@dataclass(frozen=True)
class RatingBatch:
    """Ratings of single units (responses, or segments of them), dimension by dimension.

    Attributes
    ----------
    out_NK, vector_ND : the head's outputs and the pooled vectors.
    value_NA : ratings, one column for each of ``Facts.dimensions`` (one without any); NaN where there is none.
    item_N : which prompt a unit answers, as a number; units of one item may be compared.
    """

    out_NK: "torch.Tensor"
    value_NA: "torch.Tensor"
    item_N: "torch.Tensor"
    vector_ND: "torch.Tensor | None" = None


@dataclass(frozen=True)
class RankingBatch:
    """Rankings of the responses to one prompt each.

    Attributes
    ----------
    out_LMK : the head's outputs; what stands in places without a response means nothing.
    rank_LM : 0 is best, equal ranks are ties; -1 where there is no response, or where it was not rankable.
    """

    out_LMK: "torch.Tensor"
    rank_LM: "torch.Tensor"


class Loss(Protocol):
    """The contract's first part, for type checkers."""

    TITLE: str
    SUMMARY: str
    LABELS: str
    SETTINGS: dict[str, Any]

    def label_losses(self, batch: Any, settings: Mapping[str, Any], learned: "torch.nn.Module") -> "torch.Tensor": ...
    def probabilities(self, delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor": ...


def names() -> tuple[str, ...]:
    """Identifiers of all losses."""
    return discovery.names(__name__)


def get(name: str) -> Loss:
    """The loss called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Loss, discovery.load(__name__, name))


def logistic(delta_P: "torch.Tensor") -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b of Bradley and Terry's model, which knows no tie."""
    prob_P3 = delta_P.new_zeros((len(delta_P), 3))  # by its own methods: this module must not import torch
    prob_P3[:, 0], prob_P3[:, 2] = delta_P.sigmoid(), (-delta_P).sigmoid()
    return prob_P3


def setting(kind: str, default: Any, title: str, description: str, **rules: Any) -> dict[str, Any]:
    """One property of SETTINGS."""
    return {"type": kind, "default": default, "title": title, "description": description, **rules}


def settings_of(**properties: dict[str, Any]) -> dict[str, Any]:
    """SETTINGS of these properties."""
    return {"type": "object", "additionalProperties": False, "properties": properties}
